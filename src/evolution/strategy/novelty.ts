// Novelty search (Lehman & Stanley 2011, "Abandoning objectives", section 3): NEAT that selects for
// having done what nobody did before. A genotype's novelty is the mean distance of its behaviour to
// the k nearest, in the population and in an archive of behaviours that were novel once.
//
//   const settings = { ...settingsFor('xor'), strategy: noveltySearch({ fitnessWeight: 0.5 }) }
//
// For tasks that deceive: where following fitness leads into a dead end. The problem has to say
// what networks do (`Evaluation.behaviour`).

import { BEHAVIOURS_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { type Behaviour, noveltiesOf } from '../behaviour.ts'
import { oneOf, whole, within } from '../evolution-settings.ts'
import { repacked, unpackGenotype, unpackGenotypes } from '../genome-pool.ts'
import { metaMeasures } from '../meta-control/meta-controller.ts'
import {
  createPopulation,
  kinOfPopulation,
  nextGeneration,
  type Population,
} from '../population.ts'
import { speciesSizes } from '../speciation.ts'
import { behavioursOf } from '../told.ts'
import {
  archiveEvents,
  begun,
  championAfter,
  fitnessesOf,
  parametersOf,
  streamOf,
} from './round.ts'
import type { EvolutionState, Strategy, StrategySettings } from './strategy.ts'

export interface NoveltySettings extends StrategySettings {
  readonly name: 'novelty'
  /** Neighbours that count. */
  readonly k: number
  /** Who enters the archive: what is novel enough, or anyone by chance. */
  readonly archive: 'threshold' | 'probability'
  /** `probability`: chance of each genotype. */
  readonly addProbability: number
  /**
   * `threshold`: novelty that is enough, at first. It rises by `thresholdRaise` when more than
   * `additionsMax` enter in a generation, and falls by `thresholdLower` after `archivePatience`
   * generations in which none did, not below `noveltyThresholdMin`.
   */
  readonly noveltyThreshold: number
  readonly noveltyThresholdMin: number
  readonly additionsMax: number
  readonly thresholdRaise: number
  readonly archivePatience: number
  readonly thresholdLower: number
  /** Behaviours in the archive; beyond it the oldest are forgotten. */
  readonly archiveMax: number
  /**
   * 0: novelty alone. Above: (1 - weight) novelty + weight fitness, both scaled to [0, 1] over the
   * generation.
   */
  readonly fitnessWeight: number
}

const defaults: NoveltySettings = {
  name: 'novelty',
  k: 15,
  archive: 'threshold',
  addProbability: 0.1,
  noveltyThreshold: 0.5,
  noveltyThresholdMin: 0.01,
  additionsMax: 4,
  thresholdRaise: 1.2,
  archivePatience: 10,
  thresholdLower: 0.95,
  archiveMax: 1_000,
  fitnessWeight: 0,
}

/** Settings of the strategy: those given, and the default of every other. */
export function noveltySearch(given: Partial<NoveltySettings> = {}): NoveltySettings {
  return { ...defaults, ...given }
}

export interface NoveltyState extends EvolutionState {
  /** Evolves by novelty: what it calls fitness is that. */
  readonly population: Population
  /** Oldest first. */
  readonly archive: readonly Behaviour[]
  readonly noveltyThreshold: number
  /** Generations since something entered the archive. */
  readonly idle: number
  /** Mean novelty of the last generation. */
  readonly meanNovelty: number
}

/** Whether a state is of novelty search. */
export function isNovelty(state: EvolutionState): state is NoveltyState {
  return state.settings.strategy?.name === 'novelty'
}

export const noveltyStrategy: Strategy<NoveltyState> = {
  name: 'novelty',
  init(task, given, seed) {
    const base = begun(task, given, seed)
    const parameters = parametersOf(base.settings, defaults)
    check(parameters)
    // A search that does not look for progress cannot miss it.
    const { strategy: _, ...settings } = base.settings
    const restart = { ...settings.restart, patience: 0 }
    return {
      ...base,
      population: createPopulation(task, { ...settings, restart }, seed),
      archive: [],
      noveltyThreshold: parameters.noveltyThreshold,
      idle: 0,
      meanNovelty: 0,
    }
  },
  ask: ({ population }) => unpackGenotypes(population.genomes),
  tell(state, evaluations) {
    const { population, settings, generation } = state
    const { genomes } = population
    const fitnesses = fitnessesOf(evaluations, genomes.size)
    const parameters = parametersOf(settings, defaults)
    const behaviours = behavioursOf(evaluations)
    const novelties = noveltiesOf(behaviours, state.archive, parameters.k)
    const scores = blended(novelties, fitnesses, parameters.fitnessWeight)
    const champion = championAfter(state, fitnesses, (index) => unpackGenotype(genomes, index))
    const finite = novelties.filter(Number.isFinite)
    const random = streamOf(state, generation + 1).fork('archive')
    return {
      ...state,
      ...archived(state, behaviours, novelties, parameters, random),
      generation: generation + 1,
      evaluations: state.evaluations + genomes.size,
      immigrants: [],
      ...(champion === undefined ? {} : { champion }),
      population: nextGeneration({ ...population, immigrants: state.immigrants }, scores, {
        behaviours,
      }),
      meanNovelty: finite.reduce((a, b) => a + b, 0) / Math.max(1, finite.length),
    }
  },
  inherit: ({ population, ...state }, heirs) => {
    const genomes = repacked(state.shape, heirs)
    return { ...state, population: { ...population, genomes } }
  },
  living: ({ population }) => population.genomes,
  kin: ({ population }, evaluations) => kinOfPopulation(population, evaluations),
  events(before, _evaluations, { archive, generation }) {
    const names = (behaviours: readonly Behaviour[]): string[] =>
      behaviours.map((behaviour) => JSON.stringify(behaviour))
    return archiveEvents('novelty', generation, names(before.archive), names(archive))
  },
  measures: ({ population, archive, noveltyThreshold, meanNovelty }) => ({
    species: population.species.length,
    archive: archive.length,
    noveltyThreshold,
    meanNovelty,
    ...metaMeasures(population.meta),
  }),
  speciesSizes: ({ population }) => speciesSizes(population.speciesOf),
}

function check(parameters: NoveltySettings): void {
  whole('k', parameters.k, 1, BEHAVIOURS_MAX)
  oneOf('archive', parameters.archive, ['threshold', 'probability'])
  within('addProbability', parameters.addProbability, 0, 1)
  within('noveltyThreshold', parameters.noveltyThreshold, 0, Number.MAX_VALUE)
  within('noveltyThresholdMin', parameters.noveltyThresholdMin, 0, Number.MAX_VALUE)
  whole('additionsMax', parameters.additionsMax, 0, BEHAVIOURS_MAX)
  within('thresholdRaise', parameters.thresholdRaise, 1, Number.MAX_VALUE)
  within('thresholdLower', parameters.thresholdLower, 0, 1)
  whole('archivePatience', parameters.archivePatience, 1, Number.MAX_SAFE_INTEGER)
  whole('archiveMax', parameters.archiveMax, 0, BEHAVIOURS_MAX)
  within('fitnessWeight', parameters.fitnessWeight, 0, 1)
}

/** What selection sees. */
function blended(novelties: readonly number[], fitnesses: Float64Array, weight: number): number[] {
  if (weight === 0) return [...novelties]
  const [scaledNovelty, scaledFitness] = [scaled(novelties), scaled([...fitnesses])]
  return novelties.map((_, i) => (1 - weight) * scaledNovelty[i]! + weight * scaledFitness[i]!)
}

/** From 0 to 1 over the finite values; -Infinity for the others. */
function scaled(values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite)
  const min = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const range = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) - min
  return values.map((value) => {
    if (!Number.isFinite(value)) return Number.NEGATIVE_INFINITY
    return range === 0 ? 0.5 : (value - min) / range
  })
}

/** The archive after a generation, and who may enter it next. */
function archived(
  { archive, noveltyThreshold, idle }: NoveltyState,
  behaviours: readonly (Behaviour | undefined)[],
  novelties: readonly number[],
  parameters: NoveltySettings,
  random: Random,
): Pick<NoveltyState, 'archive' | 'noveltyThreshold' | 'idle'> {
  const { archive: rule, addProbability, archiveMax } = parameters
  const isLetIn = (place: number): boolean =>
    rule === 'probability'
      ? random.fork(place).next() < addProbability
      : novelties[place]! > noveltyThreshold
  const added = behaviours.filter(
    (behaviour, place): behaviour is Behaviour => behaviour !== undefined && isLetIn(place),
  )
  const kept = archiveMax === 0 ? [] : [...archive, ...added].slice(-archiveMax)
  if (rule === 'probability') return { archive: kept, noveltyThreshold, idle: 0 }
  const waited = added.length === 0 ? idle + 1 : 0
  const { additionsMax, thresholdRaise, thresholdLower, archivePatience } = parameters
  if (added.length > additionsMax) {
    return { archive: kept, noveltyThreshold: noveltyThreshold * thresholdRaise, idle: 0 }
  }
  if (waited < archivePatience) return { archive: kept, noveltyThreshold, idle: waited }
  const lowered = Math.max(parameters.noveltyThresholdMin, noveltyThreshold * thresholdLower)
  return { archive: kept, noveltyThreshold: lowered, idle: 0 }
}
