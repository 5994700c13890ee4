// Speciation (Stanley & Miikkulainen 2002, section 3.3): genotypes compete with their like, so that
// a new structure has time to become good.
//
// Each generation every species is represented by a random member of the generation before; a
// genotype joins the first species whose representative is nearer than the threshold, or founds
// one.
import { SPECIES_MAX } from '../limits.ts'
import type { Random } from '../runtime/random.ts'
import { type DistanceCoefficients, GenomeRow, InnovationIndex } from './distance.ts'
import type { GenomePool } from './genome-pool.ts'

export interface SpeciationSettings {
  readonly coefficients: DistanceCoefficients
  /** Distance below which a genotype belongs to a species; with a target, the first threshold. */
  readonly threshold: number
  /** How many species are wanted: the threshold follows; 0 = it is fixed. */
  readonly targetSpecies: number
  /** Part of itself by which the threshold moves a generation. */
  readonly thresholdStep: number
}

/** What is remembered of a species from generation to generation. */
export interface Species {
  readonly id: number
  /** Generation in which it was founded. */
  readonly foundedAt: number
  /** Best fitness any member ever had; -Infinity before the first evaluation. */
  readonly bestFitness: number
  /** Generation in which that was reached. */
  readonly improvedAt: number
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
  coefficients: DistanceCoefficients,
): Speciation {
  const index = new InnovationIndex()
  const places = index.placesOf(pool)
  const rowOf = (of: GenomePool, at: number): GenomeRow => {
    const own = index.placesOf(of, of.linkStart[at], of.linkStart[at + 1])
    return new GenomeRow(of, at, own, index.size)
  }
  const rows = representatives.map((one) => rowOf(one.pool, one.index))
  const species = representatives.map((representative) => representative.species)
  const members = species.map(() => 0)
  const speciesOf = new Int32Array(pool.size)
  let nextSpeciesId = firstNewId
  for (let genome = 0; genome < pool.size; genome++) {
    let place = placeOf(rows, pool, genome, places, threshold, coefficients)
    if (place === -1) {
      place = rows.push(rowOf(pool, genome)) - 1
      members.push(0)
      species.push({
        id: nextSpeciesId++,
        foundedAt: generation,
        bestFitness: Number.NEGATIVE_INFINITY,
        improvedAt: generation,
      })
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

/**
 * The first near species, or -1 to found one; the nearest, once there are as many as there may be.
 */
function placeOf(
  rows: readonly GenomeRow[],
  pool: GenomePool,
  genome: number,
  places: Int32Array,
  threshold: number,
  coefficients: DistanceCoefficients,
): number {
  let nearest = -1
  let least = Number.POSITIVE_INFINITY
  for (let place = 0; place < rows.length; place++) {
    const distance = rows[place]!.distanceTo(pool, genome, places, coefficients)
    if (distance < threshold) return place
    if (distance < least) {
      least = distance
      nearest = place
    }
  }
  return rows.length < SPECIES_MAX ? -1 : nearest
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
  { targetSpecies, thresholdStep }: SpeciationSettings,
): number {
  if (targetSpecies === 0 || speciesCount === targetSpecies) return threshold
  return speciesCount > targetSpecies
    ? threshold * (1 + thresholdStep)
    : threshold / (1 + thresholdStep)
}
