// The generational strategy of NEAT (Stanley & Miikkulainen 2002, sections 3.3 and 4.1): a whole
// generation is evaluated, then replaced by its children.
//
// A function over plain data. Every child draws from a stream of its own, named by its place, so
// the order and the place of the work cannot change the outcome.
import type { Random } from '../../runtime/random.ts'
import { simplifying } from '../complexity-regulation.ts'
import { bestIndex, sharedFitness } from '../fitness.ts'
import { type GenomePool, GenomeWriter } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { type Birth, idsOf } from '../lineage.ts'
import type { MutationSettings } from '../mutation/mutation.ts'
import { parentPicker } from '../parent-selection.ts'
import { allotOffspring, ranked, spawnAmounts, survivors } from '../selection.ts'
import type { Species } from '../speciation.ts'
import { speciesFitness, stagnant } from '../stagnation.ts'
import { inheritedScale, scaledMutation } from './adaptation.ts'
import {
  breed,
  type Choice,
  type Parentage,
  ParentageWriter,
  type ReproductionSettings,
} from './breeding.ts'

export type { ReproductionSettings } from './breeding.ts'

/** An evaluated generation, as a strategy sees it. */
export interface Generation {
  readonly generation: number
  readonly genomes: GenomePool
  readonly fitnesses: ArrayLike<number>
  /** Already told of this generation's fitness. */
  readonly species: readonly Species[]
  /** Indices of the genotypes of each species. */
  readonly members: readonly (readonly number[])[]
  /** Taken into the next generation as they are. */
  readonly immigrants: readonly Genotype[]
  /** With `adaptation`: how strongly each genotype's children mutate. */
  readonly scales?: Float64Array
  /** Structure shall shrink (complexity-regulation.ts). */
  readonly isSimplifying?: boolean
  /** Births are wanted. */
  readonly isRecorded?: boolean
}

export interface Offspring {
  readonly genomes: GenomePool
  readonly parentage: Parentage
  /** Where births are wanted. */
  readonly births?: readonly Birth[]
  /** With `adaptation`: of each genotype. */
  readonly scales?: Float64Array
}

/**
 * The next generation of as many genotypes: immigrants, champions, then the children species by
 * species.
 */
export function generational(
  generation: Generation,
  given: ReproductionSettings,
  random: Random,
): Offspring {
  // While structure shrinks, children have one parent.
  const settings = generation.isSimplifying === true ? { ...given, mutateOnly: 1 } : given
  const { genomes, fitnesses, members, immigrants } = generation
  const writer = new GenomeWriter(
    genomes.inputs,
    genomes.outputs,
    genomes.neuronId.length + genomes.size,
    genomes.innovation.length + 2 * genomes.size,
  )
  const { isRecorded = false } = generation
  const parentage = new ParentageWriter(genomes.size, isRecorded ? idsOf(genomes) : undefined)
  const scales = new Scales(generation, settings)
  for (const immigrant of immigrants) {
    writer.append(immigrant)
    parentage.immigrant()
  }
  const rankings = members.map((indices) => ranked(indices, fitnesses))
  const parents = rankings.map((ranking) => survivors(ranking, settings.survivalThreshold))
  const best = bestIndex(fitnesses)
  const bestPlace = members.findIndex((indices) => indices.includes(best))
  const offspring = offspringOf(generation, settings, bestPlace, genomes.size - writer.size)
  offspring.forEach((count, place) => {
    const ranking = rankings[place]!
    const elites = Math.min(count, elitesOf(ranking, place === bestPlace, settings))
    for (const elite of ranking.slice(0, elites)) {
      scales.inherit(writer.size, elite)
      writer.copy(genomes, elite)
      parentage.copy(elite)
    }
    const own = parents[place]!
    const pick = pickerOf(generation, settings, rankings[place]!, own)
    const pickMate = (from: Random): number => {
      if (from.next() >= settings.interspecies) return pick(from)
      const candidates = parents[from.integer(parents.length)]!
      return candidates[from.integer(candidates.length)]!
    }
    for (let left = count - elites; left > 0; left--) {
      const child = random.fork(writer.size)
      const choice = { pick, pickMate, ...scales.mutating(writer.size) }
      breed({ writer, parentage }, { genomes, fitnesses }, choice, settings, child)
    }
  })
  const told = { parentage: parentage.finish(), ...parentage.births, ...scales.finish() }
  return { genomes: writer.finish(), ...told }
}

/** Draws a parent from a species, whose survivors are given. */
function pickerOf(
  { genomes, fitnesses }: Generation,
  { selection }: ReproductionSettings,
  ranking: readonly number[],
  survivors: readonly number[],
): (random: Random) => number {
  if (selection === undefined) return (random) => survivors[random.integer(survivors.length)]!
  const { neuronStart } = genomes
  const pick = parentPicker(
    {
      fitnesses: ranking.map((index) => fitnesses[index]!),
      sizes: ranking.map((index) => neuronStart[index + 1]! - neuronStart[index]!),
    },
    selection,
  )
  return (random) => ranking[pick(random)]!
}

/** How children mutate, where that changes in the course of a run. */
class Scales {
  readonly #parents: Float64Array | undefined
  readonly #children: Float64Array
  readonly #settings: ReproductionSettings
  readonly #isSimplifying: boolean

  constructor(
    { scales, genomes, isSimplifying = false }: Generation,
    settings: ReproductionSettings,
  ) {
    this.#parents = scales
    this.#children = new Float64Array(scales === undefined ? 0 : genomes.size).fill(1)
    this.#settings = settings
    this.#isSimplifying = isSimplifying
  }

  inherit(child: number, parent: number): void {
    if (this.#parents !== undefined) this.#children[child] = this.#parents[parent]!
  }

  /** How the child at that place mutates; nothing where all mutate as the settings say. */
  mutating(child: number): Pick<Choice, 'mutationOf'> {
    const { adaptation, mutation: plain } = this.#settings
    const parents = this.#parents
    const isSimplifying = this.#isSimplifying
    if (parents === undefined && !isSimplifying) return {}
    const mutationOf = (parent: number, random: Random): MutationSettings => {
      const mutation = isSimplifying ? simplifying(plain, random) : plain
      if (adaptation === undefined || parents === undefined) return mutation
      if (adaptation.kind === 'meta_control') return mutation
      const scale = inheritedScale(parents[parent]!, adaptation, random)
      this.#children[child] = scale
      return scaledMutation(mutation, scale, adaptation)
    }
    return { mutationOf }
  }

  finish(): Pick<Offspring, 'scales'> {
    return this.#parents === undefined ? {} : { scales: this.#children }
  }
}

/** How many of a species are copied unchanged. */
function elitesOf(
  { length }: readonly number[],
  isBest: boolean,
  { elitism = 1, championAbove }: ReproductionSettings,
): number {
  const elites = length > championAbove ? Math.min(length, elitism) : 0
  return isBest ? Math.max(1, elites) : elites
}

/** How many children each species has: by shared fitness, without the stagnant ones. */
function offspringOf(
  generation: Generation,
  settings: ReproductionSettings,
  bestPlace: number,
  total: number,
): number[] {
  const { fitnesses, members } = generation
  const isBarren = barren(generation, settings, bestPlace)
  const shares = sharedFitness(fitnesses, members).map((share, place) =>
    isBarren[place] ? 0 : share,
  )
  const allotted =
    settings.spawnMethod === undefined || settings.spawnMethod === 'shared'
      ? allotOffspring(shares, total)
      : spawned(shares, isBarren, generation, settings, total)
  // The best genotype survives whatever its species' share.
  if (total > 0 && allotted[bestPlace] === 0) {
    const richest = allotted.indexOf(Math.max(...allotted))
    allotted[richest]!--
    allotted[bestPlace] = 1
  }
  return allotted
}

/** Which species are stagnant; the one with the best genotype never is. */
function barren(
  { generation, species, fitnesses, members }: Generation,
  settings: ReproductionSettings,
  bestPlace: number,
): boolean[] {
  const { maxStagnation, speciesElitism = 0, speciesFitnessFunc = 'max' } = settings
  const told = species.map(({ improvedAt }, place) => ({
    fitness: speciesFitness(members[place]!, fitnesses, speciesFitnessFunc),
    // A species may be without improvement for as many generations as the setting says.
    unimproved: generation - improvedAt - 1,
  }))
  return stagnant(told, { maxStagnation, speciesElitism }).map(
    (isStagnant, place) => isStagnant && place !== bestPlace,
  )
}

/** Children by neat-python's rules, for the species that may have some. */
function spawned(
  shares: readonly number[],
  isBarren: readonly boolean[],
  { members }: Generation,
  { spawnMethod, minSpeciesSize = 1 }: ReproductionSettings,
  total: number,
): number[] {
  const places = shares.map((_, place) => place).filter((place) => !isBarren[place])
  const amounts = spawnAmounts(
    places.map((place) => shares[place]!),
    places.map((place) => members[place]!.length),
    total,
    Math.min(minSpeciesSize, Math.floor(total / places.length)),
    spawnMethod === 'smoothed' ? 'smoothed' : 'proportional',
  )
  const allotted = shares.map(() => 0)
  for (const [i, place] of places.entries()) allotted[place] = amounts[i]!
  return allotted
}
