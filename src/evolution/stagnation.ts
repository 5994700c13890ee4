// When a species has had its time: no improvement for so many generations (Stanley & Miikkulainen
// 2002, section 4.1: 15). How a species' fitness is reckoned, and how many of the best are spared,
// is neat-python's `species_fitness_func`, `max_stagnation` and `species_elitism`.
import { rankable } from './fitness.ts'

export const speciesFitnessNames = ['max', 'min', 'mean', 'median'] as const
export type SpeciesFitnessName = (typeof speciesFitnessNames)[number]

/** The fitness of a species, from that of its members; -Infinity for none. */
export function speciesFitness(
  members: readonly number[],
  fitnesses: ArrayLike<number>,
  name: SpeciesFitnessName,
): number {
  const values = members.map((index) => rankable(fitnesses[index]!)).sort((a, b) => a - b)
  const { length } = values
  if (length === 0) return Number.NEGATIVE_INFINITY
  if (name === 'max') return values[length - 1]!
  if (name === 'min') return values[0]!
  if (name === 'mean') return values.reduce((sum, value) => sum + value, 0) / length
  const middle = length >> 1
  return length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2
}

/**
 * Whether each species is stagnant: looked at in ascending order of fitness, one is when it did not
 * improve for `maxStagnation` generations, more than `speciesElitism` are left, and it is not among
 * the best `speciesElitism`.
 */
export function stagnant(
  species: readonly { readonly fitness: number; readonly unimproved: number }[],
  { maxStagnation, speciesElitism }: { maxStagnation: number; speciesElitism: number },
): boolean[] {
  const ascending = species
    .map((_, place) => place)
    .sort((a, b) => {
      const [fitnessA, fitnessB] = [species[a]!.fitness, species[b]!.fitness]
      return fitnessA === fitnessB ? a - b : fitnessA < fitnessB ? -1 : 1
    })
  const answer = species.map(() => false)
  let left = species.length
  for (const [rank, place] of ascending.entries()) {
    const isElite = species.length - rank <= speciesElitism
    if (left <= speciesElitism || isElite) continue
    if (species[place]!.unimproved < maxStagnation) continue
    answer[place] = true
    left--
  }
  return answer
}
