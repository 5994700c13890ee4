// Multipoint crossover (Stanley & Miikkulainen 2002, section 3.2): links aligned by innovation
// number.
//
// The child has the structure of the better parent: of the links both have, each weight comes from
// either parent with equal chance; the better parent's further links come as they are. A link that
// is disabled in either parent is disabled in the child with `disabledInherited`. Equal fitness:
// the caller passes the smaller genotype as the better one, as the authors' own program does. So a
// child is valid whenever its better parent is, even if the other came from elsewhere and means
// something else by the same numbers.
import type { Random } from '../runtime/random.ts'
import { type GenomePool, type GenomeWriter, linkCount } from './genome-pool.ts'
import { crossTraits } from './trait-crossover.ts'

export interface CrossoverSettings {
  /** Chance that a link disabled in either parent is disabled in the child. */
  readonly disabledInherited: number
}

/** Writes the child of two genotypes of a pool and leaves it open in the writer. */
export function crossover(
  writer: GenomeWriter,
  pool: GenomePool,
  better: number,
  other: number,
  settings: CrossoverSettings,
  random: Random,
): void {
  writer.copy(pool, better)
  crossLinks(writer, pool, other, settings, random)
  crossBiases(writer, pool, other, random)
  crossTraits(writer, pool, other, random)
}

/** Which of two parents counts as better: by fitness, then by fewer links, then the first. */
export function betterParent(
  pool: GenomePool,
  fitnesses: ArrayLike<number>,
  first: number,
  second: number,
): number {
  const difference = fitnesses[first]! - fitnesses[second]!
  if (difference !== 0) return difference > 0 ? first : second
  return linkCount(pool, second) < linkCount(pool, first) ? second : first
}

function crossLinks(
  writer: GenomeWriter,
  pool: GenomePool,
  other: number,
  settings: CrossoverSettings,
  random: Random,
): void {
  const { innovation, weight, enabled, linkEnd } = writer
  const otherEnd = pool.linkStart[other + 1]!
  let link = writer.linkBegin
  let otherLink = pool.linkStart[other]!
  let coins = 0
  let coinsLeft = 0
  while (link < linkEnd && otherLink < otherEnd) {
    const key = innovation[link]!
    const otherKey = pool.innovation[otherLink]!
    if (key !== otherKey) {
      if (key < otherKey) link++
      else otherLink++
      continue
    }
    if (coinsLeft === 0) {
      coins = random.uint32()
      coinsLeft = 32
    }
    if ((coins & 1) === 1) weight[link] = pool.weight[otherLink]!
    coins >>>= 1
    coinsLeft--
    if ((enabled[link]! & pool.enabled[otherLink]!) === 0) {
      enabled[link] = random.next() < settings.disabledInherited ? 0 : 1
    }
    link++
    otherLink++
  }
}

function crossBiases(writer: GenomeWriter, pool: GenomePool, other: number, random: Random): void {
  const otherEnd = pool.neuronStart[other + 1]!
  let neuron = writer.neuronBegin
  let otherNeuron = pool.neuronStart[other]!
  while (neuron < writer.neuronEnd && otherNeuron < otherEnd) {
    const id = writer.neuronId[neuron]!
    const otherId = pool.neuronId[otherNeuron]!
    const order = writer.layer[neuron]! - pool.layer[otherNeuron]! || id - otherId
    if (order === 0 && writer.bias[neuron] !== pool.bias[otherNeuron]) {
      if ((random.uint32() & 1) === 1) writer.bias[neuron] = pool.bias[otherNeuron]!
    }
    if (order <= 0) neuron++
    if (order >= 0) otherNeuron++
  }
}
