// neat-python's way to sort genotypes into species. Each species keeps its representative over the
// generations: the first thing it does is to choose, among the new genotypes, the one nearest to
// its old representative as the new one; then every other joins the nearest species below the
// threshold, or founds one and represents it.
//
// Beside the paper's rule (speciation.ts) species drift less, and the order of species does not
// matter.
import { SPECIES_MAX } from '../limits.ts'
import { type DistanceSettings, distance } from './distance.ts'
import { type GenomePool, unpackGenotype, unpackGenotypes } from './genome-pool.ts'
import { newSpecies, type Representative, type Speciation } from './speciation.ts'

/** Items in groups: who represents each, and who belongs to it. Old groups first. */
export interface Groups {
  /** Per group a place among the items; -1 for an old group that found none. */
  readonly representatives: readonly number[]
  /** Group of every item. */
  readonly groupOf: Int32Array
}

/** The rule itself, for whatever has a distance. At most `groupsMax` groups. */
export function groupByNearest<Item>(
  items: readonly Item[],
  old: readonly Item[],
  threshold: number,
  distanceOf: (a: Item, b: Item) => number,
  groupsMax: number = SPECIES_MAX,
): Groups {
  const groupOf = new Int32Array(items.length).fill(-1)
  const representatives: number[] = []
  for (const [group, before] of old.entries()) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY]
    for (const [place, item] of items.entries()) {
      if (groupOf[place] !== -1) continue
      const apart = distanceOf(before, item)
      if (apart < least) [nearest, least] = [place, apart]
    }
    representatives.push(nearest)
    if (nearest !== -1) groupOf[nearest] = group
  }
  for (const [place, item] of items.entries()) {
    if (groupOf[place] !== -1) continue
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY]
    for (const [group, representative] of representatives.entries()) {
      if (representative === -1) continue
      const apart = distanceOf(items[representative]!, item)
      if (apart < least) [nearest, least] = [group, apart]
    }
    const isFounder = nearest === -1 || (!(least < threshold) && representatives.length < groupsMax)
    groupOf[place] = isFounder ? representatives.push(place) - 1 : nearest
  }
  return { representatives, groupOf }
}

/** Sorts the genotypes of a pool into species, each with its `representative`. */
export function speciateByNearest(
  pool: GenomePool,
  generation: number,
  old: readonly Representative[],
  firstNewId: number,
  threshold: number,
  settings: DistanceSettings,
): Speciation {
  const { representatives, groupOf } = groupByNearest(
    unpackGenotypes(pool),
    old.map(({ pool: before, index }) => unpackGenotype(before, index)),
    threshold,
    (a, b) => distance(a, b, settings),
  )
  const species = representatives.map((representative, group) => ({
    ...(old[group]?.species ?? newSpecies(firstNewId + group - old.length, generation)),
    representative,
  }))
  return {
    speciesOf: groupOf.map((group) => species[group]!.id),
    species: species.filter(({ representative }) => representative !== -1),
    nextSpeciesId: firstNewId + Math.max(0, representatives.length - old.length),
  }
}
