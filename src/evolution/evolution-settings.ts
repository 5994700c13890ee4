// What a run of evolution may be tuned by, as plain data. Start from settings that work
// (strategy/settings.ts) and change what you must.
import { POPULATION_MAX, SPECIES_MAX } from '../limits.ts'
import type { SpeciationSettings } from './speciation.ts'
import type { ReproductionSettings } from './strategy/generational.ts'
import type { StrategySettings } from './strategy/strategy.ts'

export interface EvolutionSettings {
  /** Who decides what is evaluated and what survives; default: `generational`, which is NEAT. */
  readonly strategy?: StrategySettings
  /** Genotypes of a generation. */
  readonly populationSize: number
  /**
   * Chance of each link from an input to an output in the first generation; 1 = fully connected.
   */
  readonly connectivity: number
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

/** Settings that cannot be worked with; the message names the setting and its range. */
export class EvolutionSettingsError extends Error {
  readonly code = 'bad_settings'
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
    'coefficients.excess': speciation.coefficients.excess,
    'coefficients.disjoint': speciation.coefficients.disjoint,
    'coefficients.weight': speciation.coefficients.weight,
    threshold: speciation.threshold,
    thresholdStep: speciation.thresholdStep,
    championAbove: reproduction.championAbove,
    stagnation: reproduction.stagnation,
    'weights.step': mutation.weights.step,
    'weights.initial': mutation.weights.initial,
    'weights.limit': mutation.weights.limit,
  }
  for (const [name, value] of Object.entries(positive)) within(name, value, 0, Number.MAX_VALUE)
  whole('populationSize', settings.populationSize, 1, POPULATION_MAX)
  whole('targetSpecies', speciation.targetSpecies, 0, SPECIES_MAX)
  // A step halved more often than this would change no weight.
  whole('weights.halvings', mutation.weights.halvings, 0, 30)
}

function chancesOf({ crossover, mutation, ...chances }: ReproductionSettings): object {
  const { survivalRate, mutateOnly, mateOnly, interspecies } = chances
  const { addNeuron, addLink, toggleLink, recurrent, weights } = mutation
  const { probability, each, replace } = weights
  return {
    ...{ survivalRate, mutateOnly, mateOnly, interspecies, ...crossover },
    ...{ addNeuron, addLink, toggleLink, recurrent, probability, each, replace },
  }
}

function whole(name: string, value: number, min: number, max: number): void {
  within(name, value, min, max)
  if (!Number.isInteger(value)) {
    throw new EvolutionSettingsError(`${name} is ${value}: use a whole number`)
  }
}

function within(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return
  const range = max === Number.MAX_VALUE ? `${min} or more` : `${min} to ${max}`
  throw new EvolutionSettingsError(`${name} is ${value}: use a number of ${range}`)
}
