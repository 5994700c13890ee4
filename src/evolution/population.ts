// A run of evolution as plain data and pure functions: no process, no clock, no generator kept.
//
//   let population = createPopulation(xor, settings, 42)
//   const fitnesses = ...evaluate genotypeAt(population, i) for every i...
//   population = nextGeneration(population, fitnesses)
//
// Every random draw comes from a stream named by (seed, generation, place), so one seed decides a
// whole run whatever the number of workers, and a `structuredClone` of a population continues bit
// for bit.
import { IMMIGRANT_GENES_SPARE, IMMIGRANTS_MAX } from '../limits.ts'
import { type Random, seededRandom } from '../runtime/random.ts'
import { checkSettings, type EvolutionSettings } from './evolution-settings.ts'
import { bestIndex, rankable } from './fitness.ts'
import { type GenomePool, GenomeWriter, unpackGenotype } from './genome-pool.ts'
import { type Genotype, genotypeFrom, type LinkSketch, OUTPUT_LAYER } from './genotype.ts'
import { newWeight } from './mutation/parametric.ts'
import type { ActivationName } from './network/activation.ts'
import {
  adjustedThreshold,
  chooseRepresentatives,
  membersOf,
  type Species,
  speciate,
} from './speciation.ts'
import { generational } from './strategy/generational.ts'

export type { EvolutionSettings } from './evolution-settings.ts'

/** A generation that waits for its fitness, and what is remembered of those before. Plain data. */
export interface Population {
  readonly shape: NetworkShape
  readonly settings: EvolutionSettings
  readonly seed: number | string
  /** 0 for the first. */
  readonly generation: number
  /** Genotypes evaluated so far: whole generations, those taken over unchanged included. */
  readonly evaluations: number
  readonly genomes: GenomePool
  /** Species id of every genotype. */
  readonly speciesOf: Int32Array
  readonly species: readonly Species[]
  readonly nextSpeciesId: number
  readonly threshold: number
  /** The best genotype that was ever evaluated. */
  readonly champion?: Champion
  /** The last progress since the last restart. */
  readonly progress: Progress
  /** How often the population began anew. */
  readonly restarts: number
  /** Genotypes from elsewhere that enter the next generation. */
  readonly immigrants: readonly Genotype[]
}

export interface Champion {
  readonly genotype: Genotype
  readonly fitness: number
  /** In which it was evaluated first. */
  readonly generation: number
}

export interface Progress {
  readonly fitness: number
  readonly generation: number
}

/** What a network needs to look like for a task; every `Problem` is one. */
export interface NetworkShape {
  readonly inputs: number
  readonly outputs: number
  readonly outputActivation: ActivationName
  /** Of new neurons, unless the settings name others. */
  readonly hiddenActivation: ActivationName
}

/**
 * The first generation: no hidden neurons, random weights. Throws EvolutionSettingsError for
 * settings out of range.
 */
export function createPopulation(
  { inputs, outputs, outputActivation, hiddenActivation }: NetworkShape,
  given: EvolutionSettings,
  seed: number | string,
): Population {
  checkSettings(given)
  // Of a problem, only its shape: a population is plain data.
  const shape = { inputs, outputs, outputActivation, hiddenActivation }
  const settings = withHiddenActivation(given, hiddenActivation)
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

/** Settings that leave the activation of new neurons open get the problem's. */
function withHiddenActivation(
  settings: EvolutionSettings,
  hiddenActivation: ActivationName,
): EvolutionSettings {
  const { mutation } = settings.reproduction
  if (mutation.hiddenActivations.length > 0) return settings
  const filled = { ...mutation, hiddenActivations: [hiddenActivation] }
  return { ...settings, reproduction: { ...settings.reproduction, mutation: filled } }
}

function progressOf({ progress, generation, settings }: Population, best: number): Progress {
  const isFirst = progress.fitness === Number.NEGATIVE_INFINITY
  const needed = progress.fitness + settings.restart.gain * Math.abs(progress.fitness)
  return isFirst || best > needed ? { fitness: best, generation } : progress
}

/**
 * Why a genotype was not taken in; stable names, for counting. `shape`: other inputs, outputs or
 * output activation. `size`: so much larger than what lives here that its children would slow every
 * generation.
 */
export type InjectionFault = 'shape' | 'size' | 'duplicate' | 'queue-full'

export type Injection =
  | { readonly ok: true; readonly population: Population }
  | { readonly ok: false; readonly reason: InjectionFault }

/**
 * Takes in a checked genotype from elsewhere: it enters the next generation as it is, in the place
 * of a child, is evaluated like every other and can be crossed with all. Innovation numbers need no
 * translation: they are functions of the structure (innovation.ts).
 */
export function injectGenotype(population: Population, genotype: Genotype): Injection {
  const { genomes, immigrants, champion } = population
  if (!hasShape(genotype, population.shape)) return { ok: false, reason: 'shape' }
  const genes = genotype.neurons.length + genotype.links.length
  if (genes > largestImmigrant(genomes)) return { ok: false, reason: 'size' }
  const known = champion === undefined ? immigrants : [...immigrants, champion.genotype]
  if (known.some((other) => isEqualGenotype(other, genotype))) {
    return { ok: false, reason: 'duplicate' }
  }
  if (immigrants.length >= Math.min(IMMIGRANTS_MAX, genomes.size - 1)) {
    return { ok: false, reason: 'queue-full' }
  }
  return { ok: true, population: { ...population, immigrants: [...immigrants, genotype] } }
}

function hasShape(genotype: Genotype, shape: NetworkShape): boolean {
  return (
    genotype.inputs === shape.inputs &&
    genotype.outputs === shape.outputs &&
    genotype.neurons.every(
      ({ layer, activation }) => layer < OUTPUT_LAYER || activation === shape.outputActivation,
    )
  )
}

/** How many genes an immigrant may have. */
function largestImmigrant({ size, neuronStart, linkStart }: GenomePool): number {
  let largest = 0
  for (let i = 0; i < size; i++) {
    const neurons = neuronStart[i + 1]! - neuronStart[i]!
    largest = Math.max(largest, neurons + linkStart[i + 1]! - linkStart[i]!)
  }
  return IMMIGRANT_GENES_SPARE + 4 * largest
}

function isEqualGenotype(a: Genotype, b: Genotype): boolean {
  return (
    a.neurons.length === b.neurons.length &&
    a.links.length === b.links.length &&
    a.links.every((link, i) => hasEqualFields(link, b.links[i]!)) &&
    a.neurons.every((neuron, i) => hasEqualFields(neuron, b.neurons[i]!))
  )
}

function hasEqualFields<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((field) => a[field] === b[field])
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

/** A first generation, of immigrants and then random minimal genotypes. */
function firstGenotypes(
  shape: NetworkShape,
  settings: EvolutionSettings,
  immigrants: readonly Genotype[],
  random: Random,
): GenomePool {
  const writer = new GenomeWriter(shape.inputs, shape.outputs)
  for (const immigrant of immigrants) writer.append(immigrant)
  while (writer.size < settings.populationSize) {
    writer.append(firstGenotype(shape, settings, random.fork(writer.size)))
  }
  return writer.finish()
}

function firstGenotype(
  { inputs, outputs, outputActivation }: NetworkShape,
  settings: EvolutionSettings,
  random: Random,
): Genotype {
  const { mutation } = settings.reproduction
  const links: LinkSketch[] = []
  for (let to = inputs; to < inputs + outputs; to++) {
    const certain = random.integer(inputs)
    for (let from = 0; from < inputs; from++) {
      const isLinked = random.next() < settings.connectivity || from === certain
      if (isLinked) links.push({ from, to, weight: newWeight(mutation.weights, random) })
    }
  }
  const neurons = Array.from({ length: outputs }, (_, output) => ({
    id: inputs + output,
    layer: OUTPUT_LAYER,
    activation: outputActivation,
    bias: mutation.biases === 'evolved' ? newWeight(mutation.weights, random) : 0,
  }))
  return genotypeFrom({ inputs, outputs, activation: outputActivation, neurons, links })
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
