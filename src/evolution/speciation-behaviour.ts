// Species by what networks do: the rule of the paper (speciation.ts) with the Euclidean distance of
// behaviours in place of the compatibility distance. Only an evaluated generation can be sorted.
// What has no behaviour belongs to no species and has no children.
import { SPECIES_MAX } from '../limits.ts'
import type { Random } from '../runtime/random.ts'
import { type Behaviour, euclidean, isBehaviour } from './behaviour.ts'
import { newSpecies, type Speciation, type Species } from './speciation.ts'

/**
 * Sorts genotypes by their behaviours. Old species are tried first, in their order; each of those
 * that have members gets a random one's behaviour to know it by in the next generation.
 */
export function speciateByBehaviour(
  behaviours: readonly (Behaviour | undefined)[],
  generation: number,
  old: readonly Species[],
  firstNewId: number,
  threshold: number,
  random: Random,
): Speciation {
  const species: Species[] = old.filter(({ behaviour }) => behaviour !== undefined)
  const points: Behaviour[] = species.map(({ behaviour = [] }) => behaviour)
  const members: number[][] = species.map(() => [])
  let nextSpeciesId = firstNewId
  for (const [index, behaviour] of behaviours.entries()) {
    if (!isBehaviour(behaviour)) continue
    let place = placeOf(behaviour, points, threshold)
    if (place === -1) {
      place = points.push(behaviour) - 1
      species.push(newSpecies(nextSpeciesId++, generation))
      members.push([])
    }
    members[place]!.push(index)
  }
  const speciesOf = new Int32Array(behaviours.length).fill(-1)
  const living = species.flatMap((one, place) => {
    const own = members[place]!
    if (own.length === 0) return []
    for (const index of own) speciesOf[index] = one.id
    const chosen = behaviours[own[random.fork(one.id).integer(own.length)]!]
    return chosen === undefined ? [] : [{ ...one, behaviour: chosen }]
  })
  return { speciesOf, species: living, nextSpeciesId }
}

/** The first near point, or -1; the nearest, once there are as many as there may be. */
function placeOf(behaviour: Behaviour, points: readonly Behaviour[], threshold: number): number {
  let [nearest, least] = [-1, Number.POSITIVE_INFINITY]
  for (const [place, point] of points.entries()) {
    const apart = euclidean(point, behaviour)
    if (apart < threshold) return place
    if (apart < least) [nearest, least] = [place, apart]
  }
  return points.length < SPECIES_MAX ? -1 : nearest
}
