// The generational strategy of NEAT (Stanley & Miikkulainen 2002, sections 3.3 and 4.1): a whole
// generation is evaluated, then replaced by its children.
//
// A function over plain data. Every child draws from a stream of its own, named by its place, so
// the order and the place of the work cannot change the outcome.
import type { Random } from '../../runtime/random.ts'
import { betterParent, type CrossoverSettings, crossover } from '../crossover.ts'
import { bestIndex, sharedFitness } from '../fitness.ts'
import { type GenomePool, GenomeWriter } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import { type MutationSettings, mutate } from '../mutation/mutation.ts'
import { allotOffspring, ranked, survivors } from '../selection.ts'
import type { Species } from '../speciation.ts'

export interface ReproductionSettings {
  /** Part of a species, its best, that may be parents. */
  readonly survivalRate: number
  /** Chance that a child has one parent and is mutated. */
  readonly mutateOnly: number
  /** Chance that a crossed child is not mutated. */
  readonly mateOnly: number
  /** Chance that the second parent comes from any species. */
  readonly interspecies: number
  /** Species with more members than this keep their champion unchanged. */
  readonly championAbove: number
  /**
   * Generations without improvement after which a species may not reproduce; the best one always
   * may.
   */
  readonly stagnation: number
  readonly crossover: CrossoverSettings
  readonly mutation: MutationSettings
}

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
}

/**
 * The next generation of as many genotypes: immigrants, champions, then the children species by
 * species.
 */
export function generational(
  generation: Generation,
  settings: ReproductionSettings,
  random: Random,
): GenomePool {
  const { genomes, fitnesses, members, immigrants } = generation
  const writer = new GenomeWriter(
    genomes.inputs,
    genomes.outputs,
    genomes.neuronId.length + genomes.size,
    genomes.innovation.length + 2 * genomes.size,
  )
  for (const immigrant of immigrants) writer.append(immigrant)
  const rankings = members.map((indices) => ranked(indices, fitnesses))
  const parents = rankings.map((ranking) => survivors(ranking, settings.survivalRate))
  const best = bestIndex(fitnesses)
  const bestPlace = members.findIndex((indices) => indices.includes(best))
  const offspring = offspringOf(generation, settings, bestPlace, genomes.size - writer.size)
  offspring.forEach((count, place) => {
    const ranking = rankings[place]!
    let left = count
    if (left > 0 && (ranking.length > settings.championAbove || place === bestPlace)) {
      writer.copy(genomes, ranking[0]!)
      left--
    }
    for (; left > 0; left--) {
      const child = random.fork(writer.size)
      writeChild(writer, generation, parents, place, settings, child)
    }
  })
  return writer.finish()
}

/** How many children each species has: by shared fitness, without the stagnant ones. */
function offspringOf(
  { generation, species, fitnesses, members }: Generation,
  settings: ReproductionSettings,
  bestPlace: number,
  total: number,
): number[] {
  const isAllowed = (place: number): boolean =>
    place === bestPlace || generation - species[place]!.improvedAt <= settings.stagnation
  const shares = sharedFitness(fitnesses, members).map((share, place) =>
    isAllowed(place) ? share : 0,
  )
  const allotted = allotOffspring(shares, total)
  // The best genotype survives whatever its species' share.
  if (total > 0 && allotted[bestPlace] === 0) {
    const richest = allotted.indexOf(Math.max(...allotted))
    allotted[richest]!--
    allotted[bestPlace] = 1
  }
  return allotted
}

function writeChild(
  writer: GenomeWriter,
  { genomes, fitnesses }: Generation,
  parents: readonly (readonly number[])[],
  place: number,
  settings: ReproductionSettings,
  random: Random,
): void {
  const own = parents[place]!
  const first = own[random.integer(own.length)]!
  if (random.next() >= settings.mutateOnly) {
    const isForeign = random.next() < settings.interspecies
    const candidates = isForeign ? parents[random.integer(parents.length)]! : own
    const second = candidates[random.integer(candidates.length)]!
    if (second !== first) {
      const better = betterParent(genomes, fitnesses, first, second)
      const other = better === first ? second : first
      crossover(writer, genomes, better, other, settings.crossover, random)
      if (random.next() >= settings.mateOnly) mutate(writer, settings.mutation, random)
      return
    }
  }
  writer.copy(genomes, first)
  mutate(writer, settings.mutation, random)
}
