// Speciation (Stanley & Miikkulainen 2002, section 3.3): genotypes compete with their like, so that a new
// structure has time to become good.
//
// Each generation every species is represented by a random member of the generation before; a genotype
// joins the first species whose representative is nearer than the threshold, or founds one.
import type { Random } from '../runtime/random.ts'
import { type DistanceCoefficients, GenomeRow } from './distance.ts'
import type { GenomePool } from './genome-pool.ts'

export interface SpeciationSettings {
  readonly coefficients: DistanceCoefficients
  /** Distance below which a genotype belongs to a species; with a target, the first threshold. */
  readonly threshold: number
  /** How many species are wanted: the threshold moves by `thresholdStep` a generation; 0 = fixed. */
  readonly targetSpecies: number
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
  const rows = representatives.map(({ pool, index }) => new GenomeRow().load(pool, index))
  const species = representatives.map((representative) => representative.species)
  const members = species.map(() => 0)
  const speciesOf = new Int32Array(pool.size)
  let nextSpeciesId = firstNewId
  for (let index = 0; index < pool.size; index++) {
    let place = 0
    while (place < rows.length && rows[place]!.distanceTo(pool, index, coefficients) >= threshold) {
      place++
    }
    if (place === rows.length) {
      rows.push(new GenomeRow().load(pool, index))
      members.push(0)
      species.push({
        id: nextSpeciesId++,
        foundedAt: generation,
        bestFitness: Number.NEGATIVE_INFINITY,
        improvedAt: generation,
      })
    }
    members[place]!++
    speciesOf[index] = species[place]!.id
  }
  return {
    speciesOf,
    species: species.filter((_, place) => members[place]! > 0),
    nextSpeciesId,
  }
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
  settings: SpeciationSettings,
): number {
  const { targetSpecies, thresholdStep } = settings
  if (targetSpecies === 0 || speciesCount === targetSpecies) return threshold
  const moved = threshold + (speciesCount > targetSpecies ? thresholdStep : -thresholdStep)
  return Math.max(thresholdStep, moved)
}
