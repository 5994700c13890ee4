// What a run of evolution may be tuned by, as plain data. Start from settings that work
// (strategy/settings.ts) and change what you must.
import {
  GENERATIONS_MAX,
  GENOTYPE_WEIGHT_MAX,
  POPULATION_MAX,
  REGULATION_WINDOW_MAX,
  SPECIES_MAX,
  TUNING_ATTEMPTS_MAX,
} from '../limits.ts'
import { heredityTypes, mutationCounts, tuningDurations, tuningSelections } from './agent.ts'
import type { ComplexitySettings } from './complexity-regulation.ts'
import { equalFitnessNames } from './crossover.ts'
import { distanceNames } from './distance.ts'
import { checkMetaControl } from './meta-control/check-meta-control.ts'
import { operatorNames, type RouletteSettings } from './mutation/operator.ts'
import { selectionNames } from './parent-selection.ts'
import { type ObjectiveName, objectiveNames } from './pareto.ts'
import type { PostprocessorSettings } from './parsimony.ts'
import { EvolutionSettingsError, oneOf, whole, within } from './settings-check.ts'
import { type SpeciationSettings, speciationMethods } from './speciation.ts'
import { speciesFitnessNames } from './stagnation.ts'
import { adaptationKinds } from './strategy/adaptation.ts'
import type { ReproductionSettings } from './strategy/breeding.ts'
import type { StrategySettings } from './strategy/strategy.ts'
import type { SubstrateSettings } from './substrate/settings.ts'
import type { TuningSettings } from './tuning-settings.ts'

export { EvolutionSettingsError, oneOf, whole, within } from './settings-check.ts'

export interface EvolutionSettings {
  /** Who decides what is evaluated and what survives; default: `generational`, which is NEAT. */
  readonly strategy?: StrategySettings
  /** Genotypes of a generation. */
  readonly populationSize: number
  /**
   * Chance of each link from an input to an output in the first generation; 1 = fully connected.
   */
  readonly connectivity: number
  /**
   * Several fitnesses weighed against each other: selection sees the order of the Pareto fronts
   * (pareto.ts). Default: the fitness alone.
   */
  readonly objectives?: readonly ObjectiveName[]
  /** What is made of the fitness before selection sees it (parsimony.ts); default: nothing. */
  readonly postprocessor?: PostprocessorSettings
  /** Phases of growth and of pruning (complexity-regulation.ts); default: growth only. */
  readonly complexity?: ComplexitySettings
  /** Whether it is told how every genotype came about (lineage.ts); default: no. */
  readonly lineage?: boolean
  /**
   * HyperNEAT: the genotypes are CPPNs, and what is evaluated is the network that each paints on
   * this substrate (substrate/settings.ts). Default: genotypes are the networks themselves.
   */
  readonly substrate?: SubstrateSettings
  /** Tunes the weights of every genotype whenever it is evaluated; default: none is tuned. */
  readonly tuning?: TuningSettings
  readonly restart: RestartSettings
  readonly speciation: SpeciationSettings
  readonly reproduction: ReproductionSettings
}

/**
 * When to give a population up and begin anew. A run that has not succeeded early has often settled
 * on structures that never will, and takes longer to leave them than a fresh one takes to succeed.
 */
export interface RestartSettings {
  /** Generations without progress before a restart; 0 = never. */
  readonly patience: number
  /** Progress is a best fitness higher by this part of itself, e.g. 0.05. */
  readonly gain: number
}

/** Throws EvolutionSettingsError for a value outside its range. */
export function checkSettings(settings: EvolutionSettings): void {
  const { restart, speciation, reproduction } = settings
  const { mutation } = reproduction
  const chance = { connectivity: settings.connectivity, ...chancesOf(reproduction) }
  for (const [name, value] of Object.entries(chance)) within(name, value, 0, 1)
  const positive = {
    'restart.patience': restart.patience,
    'restart.gain': restart.gain,
    championAbove: reproduction.championAbove,
    maxStagnation: reproduction.maxStagnation,
    'weights.step': mutation.weights.step,
    'weights.initial': mutation.weights.initial,
    'weights.limit': mutation.weights.limit,
  }
  for (const [name, value] of Object.entries(positive)) within(name, value, 0, Number.MAX_VALUE)
  whole('populationSize', settings.populationSize, 1, POPULATION_MAX)
  // A step halved more often than this would change no weight.
  whole('weights.halvings', mutation.weights.halvings, 0, 30)
  checkSpeciation(speciation)
  checkParsimony(settings)
  checkElites(reproduction)
  if (settings.tuning !== undefined) checkTuning(settings.tuning)
  if (mutation.roulette !== undefined) checkRoulette(mutation.roulette)
}

function checkParsimony({ objectives = [], postprocessor, complexity }: EvolutionSettings): void {
  for (const objective of objectives) oneOf('objectives', objective, objectiveNames)
  if (postprocessor !== undefined) {
    oneOf('postprocessor.kind', postprocessor.kind, ['none', 'size_proportional', 'size_penalty'])
  }
  if (complexity === undefined) return
  oneOf('complexity.ceiling', complexity.ceiling, ['absolute', 'relative'])
  within('complexityCeiling', complexity.complexityCeiling, 1, Number.MAX_VALUE)
  const { minSimplificationGenerations, window = 100 } = complexity
  whole('minSimplificationGenerations', minSimplificationGenerations, 1, GENERATIONS_MAX)
  whole('complexity.window', window, 1, REGULATION_WINDOW_MAX)
}

const tuningFields = [
  ...['tuningSelectionFs', 'tuningDurationF', 'annealingParameters', 'perturbationRanges'],
  ...['heredityTypes', 'totTopologicalMutationsFs'],
]

function checkTuning(tuning: TuningSettings): void {
  for (const [name, values] of Object.entries(tuning)) {
    oneOf('a field of tuning', name, tuningFields)
    if (!Array.isArray(values) || values.length > 0) continue
    throw new EvolutionSettingsError(`tuning.${name} is empty: name at least one, or leave it out`)
  }
  const { tuningSelectionFs = [], heredityTypes: heredities = [], tuningDurationF } = tuning
  for (const one of tuningSelectionFs) oneOf('tuning.tuningSelectionFs', one, tuningSelections)
  for (const one of heredities) oneOf('tuning.heredityTypes', one, heredityTypes)
  for (const one of tuning.annealingParameters ?? [])
    within('tuning.annealingParameters', one, 0, 1)
  for (const one of tuning.perturbationRanges ?? [])
    within('tuning.perturbationRanges', one, 0, 100)
  for (const { name, parameter } of tuning.totTopologicalMutationsFs ?? []) {
    oneOf('tuning.totTopologicalMutationsFs', name, mutationCounts)
    within('tuning.totTopologicalMutationsFs', parameter, 0, 1e3)
  }
  if (tuningDurationF === undefined) return
  const { name, parameter } = tuningDurationF
  oneOf('tuning.tuningDurationF', name, tuningDurations)
  if (name === 'const') whole('tuning.tuningDurationF', parameter, 1, TUNING_ATTEMPTS_MAX)
  else within('tuning.tuningDurationF', parameter, 0, 1)
}

function checkSpeciation(speciation: SpeciationSettings): void {
  oneOf('speciation.method', speciation.method ?? 'first', speciationMethods)
  oneOf('speciation.distance', speciation.distance ?? 'paper', distanceNames)
  whole('targetNumSpecies', speciation.targetNumSpecies, 0, SPECIES_MAX)
  const positive = {
    compatibilityExcessCoefficient: speciation.compatibilityExcessCoefficient,
    compatibilityDisjointCoefficient: speciation.compatibilityDisjointCoefficient,
    compatibilityWeightCoefficient: speciation.compatibilityWeightCoefficient,
    compatibilityEnablePenalty: speciation.compatibilityEnablePenalty ?? 1,
    compatibilityThreshold: speciation.compatibilityThreshold,
    thresholdAdjustRate: speciation.thresholdAdjustRate,
    thresholdMin: speciation.thresholdMin ?? 0,
  }
  for (const [name, value] of Object.entries(positive)) within(name, value, 0, Number.MAX_VALUE)
  const { thresholdMin = 0, thresholdMax = Number.MAX_VALUE } = speciation
  within('thresholdMax', thresholdMax, thresholdMin, Number.MAX_VALUE)
}

function checkElites(reproduction: ReproductionSettings): void {
  const { adaptation, selection } = reproduction
  const { speciesFitnessFunc = 'max', spawnMethod = 'shared' } = reproduction
  whole('elitism', reproduction.elitism ?? 1, 0, POPULATION_MAX)
  whole('speciesElitism', reproduction.speciesElitism ?? 0, 0, SPECIES_MAX)
  whole('minSpeciesSize', reproduction.minSpeciesSize ?? 1, 1, POPULATION_MAX)
  oneOf('speciesFitnessFunc', speciesFitnessFunc, speciesFitnessNames)
  oneOf('equalFitness', reproduction.crossover.equalFitness ?? 'smaller', equalFitnessNames)
  oneOf('spawnMethod', spawnMethod, ['shared', 'smoothed', 'proportional'])
  if (selection !== undefined) {
    oneOf('selection', selection.name, selectionNames)
    whole('tournamentSize', selection.tournamentSize ?? 3, 1, POPULATION_MAX)
    within('selection.survivalThreshold', selection.survivalThreshold ?? 0.5, 0, 1)
  }
  if (adaptation === undefined) return
  oneOf('adaptation.kind', adaptation.kind, adaptationKinds)
  if (adaptation.kind === 'meta_control') {
    checkMetaControl(adaptation, reproduction)
    return
  }
  const { factor = 0.85, rate = 0.2, min = 0.01, max = 10 } = adaptation
  within('adaptation.factor', factor, Number.EPSILON, 1)
  within('adaptation.rate', rate, 0, Number.MAX_VALUE)
  within('adaptation.min', min, 0, Number.MAX_VALUE)
  within('adaptation.max', max, min, Number.MAX_VALUE)
}

function checkRoulette(roulette: RouletteSettings): void {
  const { weights, mutationCount, perturbationRange, weightLimit, neuralAfs } = roulette
  for (const [name, weight] of Object.entries(weights)) {
    if (!operatorNames.some((known) => known === name)) {
      const known = operatorNames.join(', ')
      throw new EvolutionSettingsError(`there is no operator ${name}: use some of ${known}`)
    }
    within(`roulette.weights.${name}`, weight, 0, 1e6)
  }
  within('roulette.mutationCount', mutationCount.parameter, 0, 1e3)
  within('roulette.perturbationRange', perturbationRange, 0, 100)
  within('roulette.weightLimit', weightLimit, 0, GENOTYPE_WEIGHT_MAX)
  if (neuralAfs.length > 0) return
  throw new EvolutionSettingsError('roulette.neuralAfs is empty: name at least one activation')
}

function chancesOf({ crossover, mutation, ...chances }: ReproductionSettings): object {
  const { survivalThreshold, mutateOnly, mateOnly, interspecies } = chances
  const { disabledInherited } = crossover
  const { addNeuron, addLink, toggleLink, recurrent, weights } = mutation
  const { probability, each, replace } = weights
  return {
    ...{ survivalThreshold, mutateOnly, mateOnly, interspecies, disabledInherited },
    ...{ addNeuron, addLink, toggleLink, recurrent, probability, each, replace },
  }
}
