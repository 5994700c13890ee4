// Speciation (Stanley & Miikkulainen 2002, section 3.3): genotypes compete with their like, so that
// a new structure has time to become good.
//
// Each generation every species is represented by a random member of the generation before; a
// genotype joins the first species whose representative is nearer than the threshold, or founds
// one.
import { SPECIES_MAX } from '../limits.ts'
import type { Random } from '../runtime/random.ts'
import { type DistanceSettings, distance, GenomeRow, InnovationIndex } from './distance.ts'
import { type GenomePool, unpackGenotype, unpackGenotypes } from './genome-pool.ts'
import type { Genotype } from './genotype.ts'

export interface SpeciationSettings extends DistanceSettings {
  /** Who joins whom; default `first`. */
  readonly method?: SpeciationMethod
  /** Distance below which a genotype belongs to a species; with a target, the first threshold. */
  readonly compatibilityThreshold: number
  /** How many species are wanted: the threshold follows; 0 = it is fixed. */
  readonly targetNumSpecies: number
  /** Part of itself by which the threshold moves a generation. */
  readonly thresholdAdjustRate: number
  /** The moving threshold stays within these; default 0 and no bound. */
  readonly thresholdMin?: number
  readonly thresholdMax?: number
}

/**
 * `first`: the paper's, above. `nearest`: neat-python's (speciation-nearest.ts). `behaviour`: as
 * `first`, but by what networks do (`Evaluation.behaviour`, Euclidean) instead of how they are
 * built.
 */
export const speciationMethods = ['first', 'nearest', 'behaviour'] as const
export type SpeciationMethod = (typeof speciationMethods)[number]

/** What is remembered of a species from generation to generation. */
export interface Species {
  readonly id: number
  /** Generation in which it was founded. */
  readonly foundedAt: number
  /**
   * Best fitness it ever had (`speciesFitnessFunc`: by default, any member's); -Infinity before the
   * first evaluation.
   */
  readonly bestFitness: number
  /** Generation in which that was reached. */
  readonly improvedAt: number
  /** `nearest`: place of the representative among the genotypes. */
  readonly representative?: number
  /** `behaviour`: that of the representative. */
  readonly behaviour?: readonly number[]
}

/** A species without members, founded in a generation. */
export function newSpecies(id: number, generation: number): Species {
  return {
    id,
    foundedAt: generation,
    bestFitness: Number.NEGATIVE_INFINITY,
    improvedAt: generation,
  }
}

export interface Speciation {
  /** Species id of every genotype. */
  readonly speciesOf: Int32Array
  /** The species that have members, ascending by id. */
  readonly species: readonly Species[]
  /** The id the next new species gets. */
  readonly nextSpeciesId: number
}

/** A species' representative: a genotype of a pool. */
export interface Representative {
  readonly species: Species
  readonly pool: GenomePool
  readonly index: number
}

/** Sorts the genotypes of a pool into species. Representatives are tried in their order. */
export function speciate(
  pool: GenomePool,
  generation: number,
  representatives: readonly Representative[],
  firstNewId: number,
  threshold: number,
  settings: DistanceSettings,
): Speciation {
  const rows = new Rows(pool, settings, representatives)
  const species = representatives.map((representative) => representative.species)
  const members = species.map(() => 0)
  const speciesOf = new Int32Array(pool.size)
  let nextSpeciesId = firstNewId
  for (let genome = 0; genome < pool.size; genome++) {
    let place = rows.placeOf(genome, threshold)
    if (place === -1) {
      place = rows.found(genome)
      members.push(0)
      species.push(newSpecies(nextSpeciesId++, generation))
    }
    members[place]!++
    speciesOf[genome] = species[place]!.id
  }
  return {
    speciesOf,
    species: species.filter((_, place) => members[place]! > 0),
    nextSpeciesId,
  }
}

/** The representatives, laid out for comparison with a pool. */
class Rows {
  readonly #pool: GenomePool
  readonly #settings: DistanceSettings
  readonly #index = new InnovationIndex()
  readonly #places: Int32Array
  readonly #rows: GenomeRow[]
  /** `neat_python` compares plain genotypes: theirs, and those of the pool. */
  readonly #plain: readonly Genotype[]
  readonly #plainRows: Genotype[]

  constructor(
    pool: GenomePool,
    settings: DistanceSettings,
    representatives: readonly Representative[],
  ) {
    const isPlain = settings.distance === 'neat_python'
    this.#pool = pool
    this.#settings = settings
    this.#places = this.#index.placesOf(pool)
    this.#plain = isPlain ? unpackGenotypes(pool) : []
    this.#plainRows = isPlain
      ? representatives.map((one) => unpackGenotype(one.pool, one.index))
      : []
    this.#rows = isPlain ? [] : representatives.map((one) => this.#rowOf(one.pool, one.index))
  }

  /**
   * The first near species, or -1 to found one; the nearest, once there are as many as there may
   * be.
   */
  placeOf(genome: number, threshold: number): number {
    const count = Math.max(this.#rows.length, this.#plainRows.length)
    let nearest = -1
    let least = Number.POSITIVE_INFINITY
    for (let place = 0; place < count; place++) {
      const distance = this.#distance(place, genome)
      if (distance < threshold) return place
      if (distance < least) {
        least = distance
        nearest = place
      }
    }
    return count < SPECIES_MAX ? -1 : nearest
  }

  /** Makes a genotype of the pool a representative; its place. */
  found(genome: number): number {
    if (this.#settings.distance === 'neat_python') {
      return this.#plainRows.push(this.#plain[genome]!) - 1
    }
    return this.#rows.push(this.#rowOf(this.#pool, genome)) - 1
  }

  #distance(place: number, genome: number): number {
    if (this.#settings.distance === 'neat_python') {
      return distance(this.#plainRows[place]!, this.#plain[genome]!, this.#settings)
    }
    return this.#rows[place]!.distanceTo(this.#pool, genome, this.#places, this.#settings)
  }

  #rowOf(of: GenomePool, at: number): GenomeRow {
    const own = this.#index.placesOf(of, of.linkStart[at], of.linkStart[at + 1])
    return new GenomeRow(of, at, own, this.#index.size)
  }
}

/** A species by its id, and how many belong to it. */
export type SpeciesSize = readonly [id: number, size: number]

/** How many genotypes belong to each species, by ascending id. */
export function speciesSizes(speciesOf: Int32Array): SpeciesSize[] {
  const sizes = new Map<number, number>()
  for (const id of speciesOf) if (id >= 0) sizes.set(id, (sizes.get(id) ?? 0) + 1)
  return [...sizes].sort(([a], [b]) => a - b)
}

/** The species of several populations as those of one: their ids side by side, none twice. */
export function joinedSpecies(populations: readonly (readonly SpeciesSize[])[]): SpeciesSize[] {
  const { length } = populations
  return populations
    .flatMap((sizes, place) => sizes.map(([id, size]) => [id * length + place, size] as const))
    .sort(([a], [b]) => a - b)
}

/** The members of each species, in the order of `species`. */
export function membersOf(species: readonly Species[], speciesOf: Int32Array): number[][] {
  const places = new Map(species.map(({ id }, place) => [id, place]))
  const members: number[][] = species.map(() => [])
  speciesOf.forEach((id, index) => {
    const place = places.get(id)
    if (place !== undefined) members[place]!.push(index)
  })
  return members
}

/** One random member of each species, to represent it before the next generation. */
export function chooseRepresentatives(
  pool: GenomePool,
  species: readonly Species[],
  members: readonly (readonly number[])[],
  random: Random,
): Representative[] {
  return species.map((one, place) => {
    const candidates = members[place]!
    const index = candidates[random.fork(one.id).integer(candidates.length)]!
    return { species: one, pool, index }
  })
}

/** The threshold of the next generation: larger after too many species, smaller after too few. */
export function adjustedThreshold(
  threshold: number,
  speciesCount: number,
  settings: Pick<
    SpeciationSettings,
    'targetNumSpecies' | 'thresholdAdjustRate' | 'thresholdMin' | 'thresholdMax'
  >,
): number {
  const { targetNumSpecies, thresholdAdjustRate } = settings
  if (targetNumSpecies === 0 || speciesCount === targetNumSpecies) return threshold
  const moved =
    speciesCount > targetNumSpecies
      ? threshold * (1 + thresholdAdjustRate)
      : threshold / (1 + thresholdAdjustRate)
  const { thresholdMin = 0, thresholdMax = Number.MAX_VALUE } = settings
  return Math.max(thresholdMin, Math.min(thresholdMax, moved))
}
