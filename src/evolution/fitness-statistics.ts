// Figures of fitness values: for reports, for controllers, and for fitness that has to be on one
// scale. Sums run in the order of the values.
import { exp, log } from './network/elementary.ts'

export interface FitnessStatistics {
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Of the population: divided by the number of values. */
  readonly variance: number
  readonly std: number
  readonly sum: number
}

/** Of at least one value; of none, all are NaN but the sum. */
export function fitnessStatistics(values: readonly number[]): FitnessStatistics {
  const { length } = values
  const sum = values.reduce((a, b) => a + b, 0)
  const mean = sum / length
  const variance = values.reduce((a, b) => a + (b - mean) * (b - mean), 0) / length
  if (length === 0) return { min: mean, max: mean, mean, variance, std: variance, sum }
  const min = values.reduce((a, b) => Math.min(a, b))
  const max = values.reduce((a, b) => Math.max(a, b))
  return { min, max, mean, variance, std: Math.sqrt(variance), sum }
}

/** Each objective on a scale from 0 to 1 over all genotypes; 0.5 where all are equal. */
export function normalized(fitness: readonly (readonly number[])[]): number[][] {
  const dimensions = fitness[0]?.length ?? 0
  const ranges = Array.from({ length: dimensions }, (_, dimension) => {
    const { min, max } = fitnessStatistics(fitness.map((values) => values[dimension]!))
    return { min, range: max - min }
  })
  return fitness.map((values) =>
    values.map((value, dimension) => {
      const { min, range } = ranges[dimension]!
      return range === 0 ? 0.5 : (value - min) / range
    }),
  )
}

/** The mean with weights 1, decay, decay², … from the first value on; 0 of none. */
export function weightedMovingAverage(values: readonly number[], decay: number): number {
  let [sum, weights, weight] = [0, 0, 1]
  for (const value of values) {
    sum += weight * value
    weights += weight
    weight *= decay
  }
  return weights === 0 ? 0 : sum / weights
}

/** In nats, of the positive values as parts of their sum; 0 of none. */
export function shannonEntropy(values: readonly number[]): number {
  const positive = values.filter((value) => value > 0)
  const sum = positive.reduce((a, b) => a + b, 0)
  return positive.reduce((entropy, value) => entropy - (value / sum) * log(value / sum), 0)
}

/** How many values lie in each of `bins` equal parts of [min, max]; others are not counted. */
export function histogram(
  values: readonly number[],
  bins: number,
  min: number,
  max: number,
): number[] {
  const counts = new Array<number>(bins).fill(0)
  const width = (max - min) / bins
  for (const value of values) {
    if (!(value >= min && value <= max)) continue
    const bin = Math.min(bins - 1, Math.floor((value - min) / width))
    counts[bin] = counts[bin]! + 1
  }
  return counts
}

/** A value beside what came before it. */
export interface RewardComponent {
  readonly current: number
  /** The deviation squashed into (0, 1). */
  readonly score: number
  /** In standard deviations of the history; 0 when that did not vary. */
  readonly deviation: number
}

/** How unusual a value is, given its history. */
export function rewardComponent(history: readonly number[], current: number): RewardComponent {
  const { mean, std } = fitnessStatistics(history)
  const deviation = std >= 1e-10 ? (current - mean) / std : 0
  const clipped = Math.max(-10, Math.min(10, deviation))
  return { current, score: 1 / (1 + exp(-clipped)), deviation }
}

/** Running sums, and the last of them; a smallest value below 0 is first raised to 1. */
export function cumulativeFitness(values: readonly number[]): { sums: number[]; total: number } {
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const raise = lowest < 0 ? 1 - lowest : 0
  let total = 0
  const sums = values.map((value) => {
    total += value + raise
    return total
  })
  return { sums, total }
}
