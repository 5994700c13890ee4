// A run of evolution as plain data and pure functions: no process, no clock, no generator kept.
//
//   let population = createPopulation(xor, settings, 42)
//   const fitnesses = ...evaluate genotypeAt(population, i) for every i...
//   population = nextGeneration(population, fitnesses)
//
// Every random draw comes from a stream named by (seed, generation, place), so one seed decides a
// whole run whatever the number of workers, and a `structuredClone` of a population continues bit
// for bit.
import { type Random, seededRandom } from '../runtime/random.ts'
import { checkSettings, type EvolutionSettings } from './evolution-settings.ts'
import {
  firstGenotypes,
  type NetworkShape,
  shapeOf,
  withHiddenActivation,
} from './first-generation.ts'
import { bestIndex, rankable } from './fitness.ts'
import { type GenomePool, unpackGenotype, unpackGenotypes } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'
import { type InjectionFault, injectionFault } from './injection.ts'
import {
  adjustedThreshold,
  chooseRepresentatives,
  membersOf,
  type Species,
  speciate,
} from './speciation.ts'
import { generational } from './strategy/generational.ts'
import type { Champion, EvolutionState, Strategy } from './strategy/strategy.ts'

export type { EvolutionSettings } from './evolution-settings.ts'
export type { NetworkShape } from './first-generation.ts'
export type { InjectionFault } from './injection.ts'
export type { Champion } from './strategy/strategy.ts'

/** A generation that waits for its fitness, and what is remembered of those before. Plain data. */
export interface Population extends EvolutionState {
  readonly genomes: GenomePool
  /** Species id of every genotype. */
  readonly speciesOf: Int32Array
  readonly species: readonly Species[]
  readonly nextSpeciesId: number
  readonly threshold: number
  /** The last progress since the last restart. */
  readonly progress: Progress
  /** How often the population began anew. */
  readonly restarts: number
}

export interface Progress {
  readonly fitness: number
  readonly generation: number
}

/**
 * The first generation: no hidden neurons, random weights. Throws EvolutionSettingsError for
 * settings out of range.
 */
export function createPopulation(
  task: NetworkShape,
  given: EvolutionSettings,
  seed: number | string,
): Population {
  checkSettings(given)
  const shape = shapeOf(task)
  const settings = withHiddenActivation(given, shape.hiddenActivation)
  const genomes = firstGenotypes(shape, settings, [], streamOf(seed, 0))
  const { threshold, coefficients } = settings.speciation
  return {
    shape,
    settings,
    seed,
    generation: 0,
    evaluations: 0,
    genomes,
    ...speciate(genomes, 0, [], 0, threshold, coefficients),
    threshold,
    progress: { fitness: Number.NEGATIVE_INFINITY, generation: 0 },
    restarts: 0,
    immigrants: [],
  }
}

/** The genotype at a place of the generation, as plain data. */
export function genotypeAt(population: Population, index: number): Genotype {
  return unpackGenotype(population.genomes, index)
}

/**
 * Replaces an evaluated generation by its children, or by a fresh start when there is no progress.
 * `fitnesses` holds one number a genotype, in order; throws a RangeError otherwise.
 */
export function nextGeneration(population: Population, fitnesses: ArrayLike<number>): Population {
  const { settings, seed, genomes, generation } = population
  if (fitnesses.length !== genomes.size) {
    throw new RangeError(`${fitnesses.length} fitness values for ${genomes.size} genotypes`)
  }
  const progress = progressOf(population, rankable(fitnesses[bestIndex(fitnesses)]!))
  const evaluated: Population = {
    ...population,
    generation: generation + 1,
    evaluations: population.evaluations + genomes.size,
    champion: championOf(population, fitnesses),
    progress,
    immigrants: [],
  }
  const immigrants = population.immigrants.slice(0, genomes.size - 1)
  const random = streamOf(seed, generation + 1)
  const { patience } = settings.restart
  return patience > 0 && generation - progress.generation > patience
    ? restarted(evaluated, immigrants, random)
    : reproduced(evaluated, population, fitnesses, immigrants, random)
}

function reproduced(
  evaluated: Population,
  { settings, genomes, generation, species: before, speciesOf, nextSpeciesId }: Population,
  fitnesses: ArrayLike<number>,
  immigrants: readonly Genotype[],
  random: Random,
): Population {
  const { reproduction, speciation } = settings
  const members = membersOf(before, speciesOf)
  const species = before.map((one, place) =>
    improvedSpecies(one, members[place]!, fitnesses, generation),
  )
  const parents = { generation, genomes, fitnesses, species, members, immigrants }
  const children = generational(parents, reproduction, random)
  const threshold = adjustedThreshold(evaluated.threshold, species.length, speciation)
  const representatives = chooseRepresentatives(
    genomes,
    species,
    members,
    random.fork('representatives'),
  )
  const { coefficients } = speciation
  return {
    ...evaluated,
    genomes: children,
    ...speciate(children, generation + 1, representatives, nextSpeciesId, threshold, coefficients),
    threshold,
  }
}

function restarted(
  evaluated: Population,
  immigrants: readonly Genotype[],
  random: Random,
): Population {
  const { shape, settings, generation, nextSpeciesId } = evaluated
  const { threshold, coefficients } = settings.speciation
  const genomes = firstGenotypes(shape, settings, immigrants, random)
  return {
    ...evaluated,
    genomes,
    ...speciate(genomes, generation, [], nextSpeciesId, threshold, coefficients),
    threshold,
    progress: { fitness: Number.NEGATIVE_INFINITY, generation },
    restarts: evaluated.restarts + 1,
  }
}

function progressOf({ progress, generation, settings }: Population, best: number): Progress {
  const isFirst = progress.fitness === Number.NEGATIVE_INFINITY
  const needed = progress.fitness + settings.restart.gain * Math.abs(progress.fitness)
  return isFirst || best > needed ? { fitness: best, generation } : progress
}

export type Injection =
  | { readonly ok: true; readonly population: Population }
  | { readonly ok: false; readonly reason: InjectionFault }

/**
 * Takes in a checked genotype from elsewhere: it enters the next generation as it is, in the place
 * of a child, is evaluated like every other and can be crossed with all.
 */
export function injectGenotype(population: Population, genotype: Genotype): Injection {
  const { shape, genomes, immigrants, champion } = population
  const known = champion === undefined ? [] : [champion.genotype]
  const door = { shape, genomes, immigrants, known, places: genomes.size - 1 }
  const reason = injectionFault(door, genotype)
  if (reason !== undefined) return { ok: false, reason }
  return { ok: true, population: { ...population, immigrants: [...immigrants, genotype] } }
}

/** What a generation looks like, for reports. */
export interface GenerationSummary {
  readonly generation: number
  readonly best: number
  readonly mean: number
  readonly species: number
  /** Mean numbers per genotype. */
  readonly neurons: number
  readonly links: number
}

/** Figures of an evaluated generation; `mean` is over the finite fitness values. */
export function summarize(population: Population, fitnesses: ArrayLike<number>): GenerationSummary {
  const { genomes } = population
  const finite = Array.from(fitnesses).filter(Number.isFinite)
  return {
    generation: population.generation,
    best: rankable(fitnesses[bestIndex(fitnesses)] ?? Number.NaN),
    mean: finite.reduce((a, b) => a + b, 0) / Math.max(1, finite.length),
    species: population.species.length,
    neurons: genomes.neuronId.length / genomes.size,
    links: genomes.innovation.length / genomes.size,
  }
}

function streamOf(seed: number | string, generation: number): Random {
  return seededRandom(seed).fork('generation').fork(generation)
}

function improvedSpecies(
  species: Species,
  members: readonly number[],
  fitnesses: ArrayLike<number>,
  generation: number,
): Species {
  const best = members.reduce(
    (top, index) => Math.max(top, rankable(fitnesses[index]!)),
    Number.NEGATIVE_INFINITY,
  )
  if (best <= species.bestFitness) return species
  return { ...species, bestFitness: best, improvedAt: generation }
}

function championOf(population: Population, fitnesses: ArrayLike<number>): Champion {
  const best = bestIndex(fitnesses)
  const fitness = rankable(fitnesses[best]!)
  if (population.champion !== undefined && fitness <= population.champion.fitness) {
    return population.champion
  }
  return { genotype: genotypeAt(population, best), fitness, generation: population.generation }
}

/** NEAT as a strategy (strategy/strategy.ts): generations, species, `nextGeneration`. */
export const populationStrategy: Strategy<Population> = {
  name: 'generational',
  init: createPopulation,
  ask: ({ genomes }) => unpackGenotypes(genomes),
  tell: (population, evaluations) =>
    nextGeneration(
      population,
      evaluations.map(({ fitness }) => fitness),
    ),
  living: ({ genomes }) => genomes,
  measures: ({ species, threshold, restarts }) => ({
    species: species.length,
    threshold,
    restarts,
  }),
}
