// How one child comes about (Stanley & Miikkulainen 2002, section 4.1): of one parent, mutated; or
// of two, crossed and mostly mutated. What all strategies share; they differ in who is a parent.
import type { Random } from '../../runtime/random.ts'
import { type CrossoverSettings, mate } from '../crossover.ts'
import type { GenomePool, GenomeWriter } from '../genome-pool.ts'
import { type Birth, immigrantBirth } from '../lineage.ts'
import { type AppliedOperators, type MutationSettings, mutate } from '../mutation/mutation.ts'
import type { SelectionSettings } from '../parent-selection.ts'
import type { SpawnMethod } from '../selection.ts'
import type { SpeciesFitnessName } from '../stagnation.ts'
import type { AdaptationSettings } from './adaptation.ts'

export interface ReproductionSettings {
  /** Part of a species, its best, that may be parents. */
  readonly survivalThreshold: number
  /** Chance that a child has one parent and is mutated. */
  readonly mutateOnly: number
  /** Chance that a crossed child is not mutated. */
  readonly mateOnly: number
  /** Chance that the second parent comes from any species. */
  readonly interspecies: number
  /** How many of a species' best are copied unchanged; default 1. The best of all always is. */
  readonly elitism?: number
  /** Only species with more members than this have elites. */
  readonly championAbove: number
  /**
   * Generations without improvement after which a species may not reproduce; the one with the best
   * genotype always may.
   */
  readonly maxStagnation: number
  /** How many species, the best, may reproduce however stagnant; default 0. */
  readonly speciesElitism?: number
  /** What a species' fitness is when stagnation is judged; default `max`. */
  readonly speciesFitnessFunc?: SpeciesFitnessName
  /**
   * How children are divided among species: by shared fitness, exactly (`shared`, the default), or
   * by neat-python's rules.
   */
  readonly spawnMethod?: 'shared' | SpawnMethod
  /** Children a species has at least, by neat-python's rules; default 1. */
  readonly minSpeciesSize?: number
  readonly crossover: CrossoverSettings
  readonly mutation: MutationSettings
  /** How parents are drawn from their species; default: all survivors alike. */
  readonly selection?: SelectionSettings
  /** Mutation that adapts its own strength; default none does. */
  readonly adaptation?: AdaptationSettings
}

/** How each genotype of a generation came about: places in the generation before. Plain data. */
export interface Parentage {
  readonly kind: Uint8Array
  /** -1 for none. */
  readonly first: Int32Array
  /** -1 for none. */
  readonly second: Int32Array
}

/** Values of `Parentage.kind`. */
export const IMMIGRANT = 0
export const COPY = 1
export const MUTANT = 2
export const CROSSED = 3

const birthKinds = ['immigrant', 'copy', 'mutant', 'crossed'] as const

/** Notes how children come about, in their order; with `idOf` as births of a lineage, too. */
export class ParentageWriter {
  readonly #kind: Uint8Array
  readonly #first: Int32Array
  readonly #second: Int32Array
  readonly #idOf: ((parent: number) => string) | undefined
  readonly #births: Birth[] = []
  #size = 0

  constructor(size: number, idOf?: (parent: number) => string) {
    this.#idOf = idOf
    this.#kind = new Uint8Array(size)
    this.#first = new Int32Array(size).fill(-1)
    this.#second = new Int32Array(size).fill(-1)
  }

  /** Not born here: from elsewhere, or made at random. */
  immigrant(): void {
    this.#put(IMMIGRANT, -1, -1, [])
  }

  copy(parent: number): void {
    this.#put(COPY, parent, -1, [])
  }

  mutant(parent: number, operators: AppliedOperators): void {
    this.#put(MUTANT, parent, -1, operators)
  }

  crossed(first: number, second: number, operators: AppliedOperators): void {
    this.#put(CROSSED, first, second, operators)
  }

  finish(): Parentage {
    return { kind: this.#kind, first: this.#first, second: this.#second }
  }

  /** Nothing when lineage is not wanted. */
  get births(): { births?: readonly Birth[] } {
    return this.#idOf === undefined ? {} : { births: this.#births }
  }

  #put(kind: number, first: number, second: number, operators: AppliedOperators): void {
    if (this.#idOf !== undefined)
      this.#births.push(birthOf(kind, first, second, operators, this.#idOf))
    this.#kind[this.#size] = kind
    this.#first[this.#size] = first
    this.#second[this.#size] = second
    this.#size++
  }
}

function birthOf(
  kind: number,
  first: number,
  second: number,
  operators: AppliedOperators,
  idOf: (parent: number) => string,
): Birth {
  if (kind === IMMIGRANT) return immigrantBirth
  const parents = second < 0 ? [idOf(first)] : [idOf(first), idOf(second)]
  return { kind: birthKinds[kind]!, parents, operators }
}

/** Those among whom parents are found, with their fitness. */
export interface Parents {
  readonly genomes: GenomePool
  readonly fitnesses: ArrayLike<number>
}

/** How parents are chosen: the first, and the second when there shall be one. */
export interface Choice {
  readonly pick: (random: Random) => number
  readonly pickMate: (random: Random) => number
  /** How a child of that first parent mutates; default: as the settings say. */
  readonly mutationOf?: (parent: number, random: Random) => MutationSettings
}

/** Writes one child. */
export function breed(
  { writer, parentage }: { readonly writer: GenomeWriter; readonly parentage: ParentageWriter },
  { genomes, fitnesses }: Parents,
  { pick, pickMate, mutationOf }: Choice,
  settings: Pick<ReproductionSettings, 'mutateOnly' | 'mateOnly' | 'crossover' | 'mutation'>,
  random: Random,
): void {
  const first = pick(random)
  if (random.next() >= settings.mutateOnly) {
    const second = pickMate(random)
    if (second !== first) {
      const parents = { genomes, fitnesses }
      const { better, other } = mate(writer, parents, first, second, settings.crossover, random)
      const mutation = mutationOf?.(better, random) ?? settings.mutation
      const isMutated = random.next() >= settings.mateOnly
      parentage.crossed(better, other, isMutated ? mutate(writer, mutation, random) : [])
      return
    }
  }
  writer.copy(genomes, first)
  const mutation = mutationOf?.(first, random) ?? settings.mutation
  parentage.mutant(first, mutate(writer, mutation, random))
}
