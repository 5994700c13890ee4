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
import { firstRegulation, type Regulation, regulated } from './complexity-regulation.ts'
import type { Evaluation } from './environment/environment.ts'
import { checkSettings, type EvolutionSettings } from './evolution-settings.ts'
import {
  firstGenotypes,
  type NetworkShape,
  shapeFor,
  withHiddenActivation,
} from './first-generation.ts'
import { bestIndex, rankable } from './fitness.ts'
import { type GenomePool, repacked, unpackGenotype, unpackGenotypes } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'
import { admitted, type InjectionFault } from './injection.ts'
import { firstBirths, type Kin } from './lineage.ts'
import {
  type Controlled,
  firstMeta,
  metaAfter,
  metaRestarted,
} from './meta-control/controlled-state.ts'
import { controlled, metaMeasures } from './meta-control/meta-controller.ts'
import {
  adjustedThreshold,
  chooseRepresentatives,
  membersOf,
  type Representative,
  type Speciation,
  type Species,
  speciate,
  speciesSizes,
} from './speciation.ts'
import { speciateByBehaviour } from './speciation-behaviour.ts'
import { speciateByNearest } from './speciation-nearest.ts'
import { speciesFitness } from './stagnation.ts'
import { firstScales, oneFifthScale } from './strategy/adaptation.ts'
import type { Parentage, ReproductionSettings } from './strategy/breeding.ts'
import { generational } from './strategy/generational.ts'
import type { Champion, EvolutionState, Strategy } from './strategy/strategy.ts'
import { selectionFitness } from './told.ts'

export type { EvolutionSettings } from './evolution-settings.ts'
export type { NetworkShape } from './first-generation.ts'
export type { InjectionFault } from './injection.ts'
export type { Champion } from './strategy/strategy.ts'

/** A generation that waits for its fitness, and what is remembered of those before. Plain data. */
export interface Population extends EvolutionState, Controlled {
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
  /** Where each genotype came from; absent for a generation made at random. */
  readonly parentage?: Parentage
  /** Where mutation adapts itself: its strength, per genotype, and its parents' fitness. */
  readonly scales?: Float64Array
  readonly parentFitnesses?: Float64Array
  /** Where complexity is regulated: whether structure grows or shrinks. */
  readonly regulation?: Regulation
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
  const shape = shapeFor(task, given)
  const settings = withHiddenActivation(given, shape)
  const genomes = firstGenotypes(shape, settings, [], streamOf(seed, 0))
  const threshold = settings.speciation.compatibilityThreshold
  return {
    shape,
    settings,
    seed,
    generation: 0,
    evaluations: 0,
    genomes,
    ...sorted(settings, genomes, 0, [], 0, threshold),
    threshold,
    progress: { fitness: Number.NEGATIVE_INFINITY, generation: 0 },
    restarts: 0,
    immigrants: [],
    ...firstScales(settings),
    ...firstBirths(settings, genomes.size),
    ...firstMeta(settings, seed),
  }
}

/** Genotypes in species, before they are evaluated: by behaviour nothing is known yet. */
function sorted(
  { speciation }: EvolutionSettings,
  genomes: GenomePool,
  generation: number,
  representatives: readonly Representative[],
  nextSpeciesId: number,
  threshold: number,
): Speciation {
  const { method } = speciation
  if (method === 'behaviour') {
    const species = representatives.map((one) => one.species)
    return { speciesOf: new Int32Array(genomes.size).fill(-1), species, nextSpeciesId }
  }
  const sort = method === 'nearest' ? speciateByNearest : speciate
  return sort(genomes, generation, representatives, nextSpeciesId, threshold, speciation)
}

/** The genotype at a place of the generation, as plain data. */
export function genotypeAt(population: Population, index: number): Genotype {
  return unpackGenotype(population.genomes, index)
}

/** What a generation is told beside its fitness. */
export interface Told {
  /** What each network did; for species by behaviour. */
  readonly behaviours?: readonly (readonly number[] | undefined)[]
  /** What selection sees instead of the fitness; champion and progress are by fitness still. */
  readonly selected?: ArrayLike<number>
}

/** `nextGeneration` with all that evaluations say, objectives and size by the settings. */
export function advance(population: Population, evaluations: readonly Evaluation[]): Population {
  return nextGeneration(
    population,
    evaluations.map(({ fitness }) => fitness),
    {
      behaviours: evaluations.map(({ behaviour }) => behaviour),
      selected: selectionFitness(population.settings, population.genomes, evaluations),
    },
  )
}

/**
 * Replaces an evaluated generation by its children, or by a fresh start when there is no progress.
 * `fitnesses` holds one number a genotype, in order; throws a RangeError otherwise.
 */
export function nextGeneration(
  given: Population,
  fitnesses: ArrayLike<number>,
  { behaviours = [], selected = fitnesses }: Told = {},
): Population {
  const { settings, seed, genomes, generation } = given
  if (fitnesses.length !== genomes.size) {
    throw new RangeError(`${fitnesses.length} fitness values for ${genomes.size} genotypes`)
  }
  const isByBehaviour = settings.speciation.method === 'behaviour'
  const population = isByBehaviour ? sortedByBehaviour(given, behaviours) : given
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
    : reproduced(evaluated, population, selected, immigrants, random)
}

/** An evaluated generation in species by what its networks did. */
function sortedByBehaviour(
  population: Population,
  behaviours: readonly (readonly number[] | undefined)[],
): Population {
  const { seed, generation, species, nextSpeciesId, threshold } = population
  const random = streamOf(seed, generation + 1).fork('representatives')
  return {
    ...population,
    ...speciateByBehaviour(behaviours, generation, species, nextSpeciesId, threshold, random),
  }
}

function reproduced(
  evaluated: Population,
  population: Population,
  fitnesses: ArrayLike<number>,
  immigrants: readonly Genotype[],
  random: Random,
): Population {
  const { settings, genomes, generation, species: before, speciesOf, nextSpeciesId } = population
  const { reproduction, speciation } = settings
  const members = membersOf(before, speciesOf)
  const species = before.map((one, place) =>
    improvedSpecies(one, members[place]!, fitnesses, generation, reproduction),
  )
  const adapted = adaptedScales(population, fitnesses)
  const regulation = regulatedIn(population)
  const isSimplifying = regulation?.mode === 'simplifying'
  const isRecorded = settings.lineage === true
  const parents = { generation, genomes, fitnesses, species, members, immigrants, isSimplifying }
  const count = { evaluations: evaluated.evaluations, species: before.length }
  const control = metaAfter(population, genomes, fitnesses, count, random)
  const rates = controlled(reproduction, control.meta)
  const children = generational({ ...parents, ...adapted, isRecorded }, rates, random)
  const threshold = adjustedThreshold(evaluated.threshold, species.length, speciation)
  const representatives =
    speciation.method === 'nearest'
      ? species.map((one) => ({ species: one, pool: genomes, index: one.representative ?? 0 }))
      : chooseRepresentatives(genomes, species, members, random.fork('representatives'))
  return {
    ...evaluated,
    ...children,
    ...sorted(
      settings,
      children.genomes,
      generation + 1,
      representatives,
      nextSpeciesId,
      threshold,
    ),
    threshold,
    ...(adapted.scales === undefined ? {} : { parentFitnesses: Float64Array.from(fitnesses) }),
    ...(regulation === undefined ? {} : { regulation }),
    ...control,
  }
}

/** Whether structure may grow, after this generation. */
function regulatedIn({
  settings,
  regulation,
  genomes,
  generation,
}: Population): Regulation | undefined {
  const { complexity } = settings
  if (complexity === undefined) return undefined
  const links = genomes.innovation.length / genomes.size
  return regulated(regulation ?? firstRegulation(complexity), links, generation, complexity)
}

/** How strongly the children of an evaluated generation shall mutate. */
function adaptedScales(
  { settings, scales, parentage, parentFitnesses }: Population,
  fitnesses: ArrayLike<number>,
): Pick<Population, 'scales'> {
  const { adaptation } = settings.reproduction
  if (adaptation === undefined || scales === undefined) return {}
  if (adaptation.kind === 'meta_control') return {}
  if (adaptation.kind === 'self_adaptive') return { scales }
  if (parentage === undefined || parentFitnesses === undefined) return { scales }
  const scale = oneFifthScale(scales[0]!, parentage, parentFitnesses, fitnesses, adaptation)
  return { scales: new Float64Array(scales.length).fill(scale) }
}

function restarted(
  before: Population,
  immigrants: readonly Genotype[],
  random: Random,
): Population {
  const { parentage: _, parentFitnesses: __, ...evaluated } = before
  const { shape, settings, generation, nextSpeciesId } = evaluated
  const threshold = settings.speciation.compatibilityThreshold
  const genomes = firstGenotypes(shape, settings, immigrants, random)
  return {
    ...evaluated,
    genomes,
    ...sorted(settings, genomes, generation, [], nextSpeciesId, threshold),
    threshold,
    progress: { fitness: Number.NEGATIVE_INFINITY, generation },
    restarts: evaluated.restarts + 1,
    ...firstScales(settings),
    ...firstBirths(settings, genomes.size, immigrants.length),
    ...metaRestarted(evaluated),
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
  const entering = admitted(door, genotype)
  if (typeof entering === 'string') return { ok: false, reason: entering }
  return { ok: true, population: { ...population, immigrants: [...immigrants, entering] } }
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
  { speciesFitnessFunc = 'max' }: ReproductionSettings,
): Species {
  const fitness = speciesFitness(members, fitnesses, speciesFitnessFunc)
  if (fitness <= species.bestFitness) return species
  return { ...species, bestFitness: fitness, improvedAt: generation }
}

function championOf(population: Population, fitnesses: ArrayLike<number>): Champion {
  const best = bestIndex(fitnesses)
  const fitness = rankable(fitnesses[best]!)
  if (population.champion !== undefined && fitness <= population.champion.fitness) {
    return population.champion
  }
  return { genotype: genotypeAt(population, best), fitness, generation: population.generation }
}

/** How each genotype of a generation came about, and its species; for lineage and events. */
export function kinOfPopulation(population: Population, evaluations: readonly Evaluation[]): Kin {
  const { settings, births } = population
  const isByBehaviour = settings.speciation.method === 'behaviour'
  const behaviours = evaluations.map(({ behaviour }) => behaviour)
  const { speciesOf } = isByBehaviour ? sortedByBehaviour(population, behaviours) : population
  return { species: speciesOf, ...(births === undefined ? {} : { births }) }
}

/** NEAT as a strategy (strategy/strategy.ts): generations, species, `nextGeneration`. */
export const populationStrategy: Strategy<Population> = {
  name: 'generational',
  init: createPopulation,
  ask: ({ genomes }) => unpackGenotypes(genomes),
  tell: advance,
  inherit: (population, heirs) => ({ ...population, genomes: repacked(population.shape, heirs) }),
  living: ({ genomes }) => genomes,
  kin: kinOfPopulation,
  measures: ({ species, threshold, restarts, regulation, scales, meta }) => ({
    species: species.length,
    threshold,
    restarts,
    ...(regulation === undefined ? {} : { simplifying: regulation.mode === 'simplifying' ? 1 : 0 }),
    ...(scales === undefined ? {} : { scale: scales.reduce((a, b) => a + b, 0) / scales.length }),
    ...metaMeasures(meta),
  }),
  speciesSizes: ({ speciesOf }) => speciesSizes(speciesOf),
}
