// Whether one way is better than another, over seeds: location, ranks, and tests that ask for no
// distribution. Pure functions.
//
//   const { winsOfA, p } = comparePaired(evaluationsWithout, evaluationsWith)   // seed by seed
//
// Paired when both ways ran on the same seeds: then Wilcoxon's signed ranks, whose p value is exact
// for as many as 60 pairs. Otherwise Mann and Whitney's U. Small p values are as good as
// the number of questions asked is small: of twenty, one is below 0.05 by chance.
import type { Random } from '../runtime/random.ts'
import { exp } from './network/elementary.ts'

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/**
 * The value below which a share of the values lies, between neighbours in proportion (type 7 of
 * Hyndman & Fan 1996, the default of R and numpy); NaN of nothing. Throws a RangeError for a share
 * outside 0 to 1.
 */
export function quantile(values: readonly number[], share: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is 0 to 1, not ${share}`)
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[below + 1] ?? low
  return low === high ? low : low + (place - below) * (high - low)
}

/** Ranks from 1, in the order of the values; equals share the mean of theirs. */
export function ranksOf(values: readonly number[]): number[] {
  // Two infinities have no difference.
  const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)
  const order = values.map((_, index) => index).sort((a, b) => compare(values[a]!, values[b]!))
  const ranks = new Array<number>(values.length).fill(0)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let place = from; place < to; place++) ranks[order[place]!] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}

export interface TestResult {
  /** The statistic: the sum of ranks of positive differences, U of the first, or positive signs. */
  readonly statistic: number
  /** Two-sided: how often chance alone gives a statistic at least as far from the middle. */
  readonly p: number
}

/** Pairs, or values in both samples together, up to which p values are exact. */
const EXACT_MAX = 60

/**
 * Wilcoxon's signed-rank test of paired values: whether a - b lies around 0 (Wilcoxon 1945). Pairs
 * without difference are left out, as Wilcoxon does. Exact, ties included, up to 60 pairs; beyond
 * by the normal approximation with corrections for ties and continuity. p is 1 without any pair.
 * Throws a RangeError for samples of different length or with a value that is not a number.
 */
export function wilcoxonSignedRank(a: readonly number[], b: readonly number[]): TestResult {
  const differences = differencesOf(a, b).filter((difference) => difference !== 0)
  const ranks = ranksOf(differences.map(Math.abs))
  const statistic = ranks.reduce((sum, rank, i) => sum + (differences[i]! > 0 ? rank : 0), 0)
  const n = ranks.length
  if (n === 0) return { statistic, p: 1 }
  const middle = (n * (n + 1)) / 4
  if (n <= EXACT_MAX) return { statistic, p: exactSignedRank(ranks, statistic) }
  const variance = ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4
  return { statistic, p: normalTail(statistic - middle, variance) }
}

function differencesOf(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new RangeError(`pairs of ${a.length} and ${b.length} values`)
  const differences = a.map((value, i) => (value === b[i] ? 0 : value - b[i]!))
  if (differences.some(Number.isNaN)) throw new RangeError('a value is not a number')
  return differences
}

/**
 * The share of all 2^n choices of signs whose rank sum is as far from the middle. Ranks are halves
 * at least, so that doubled they count ways by sum.
 */
function exactSignedRank(ranks: readonly number[], statistic: number): number {
  const doubled = ranks.map((rank) => Math.floor(2 * rank + 0.5))
  const total = doubled.reduce((sum, rank) => sum + rank, 0)
  let shares = new Float64Array(total + 1)
  shares[0] = 1
  for (const rank of doubled) {
    const next = new Float64Array(total + 1)
    for (let sum = 0; sum <= total; sum++) {
      next[sum] = (shares[sum]! + (sum >= rank ? shares[sum - rank]! : 0)) / 2
    }
    shares = next
  }
  const distance = Math.abs(2 * statistic - total / 2)
  return Math.min(1, shareBeyond(shares, total / 2, distance))
}

/** Of a distribution over sums, the share that is at least so far from the middle. */
function shareBeyond(shares: Float64Array, middle: number, distance: number): number {
  let share = 0
  for (let sum = 0; sum < shares.length; sum++) {
    if (Math.abs(sum - middle) >= distance - 1e-9) share += shares[sum]!
  }
  return share
}

/**
 * The sign test of paired values: only who is greater counts (Dixon & Mood 1946). Pairs without
 * difference are left out. Exact, whatever the number of pairs.
 */
export function signTest(a: readonly number[], b: readonly number[]): TestResult {
  const differences = differencesOf(a, b).filter((difference) => difference !== 0)
  const n = differences.length
  const statistic = differences.filter((difference) => difference > 0).length
  let shares = Float64Array.of(1)
  for (let i = 0; i < n; i++) {
    const next = new Float64Array(i + 2)
    shares.forEach((share, successes) => {
      next[successes]! += share / 2
      next[successes + 1]! += share / 2
    })
    shares = next
  }
  return { statistic, p: Math.min(1, shareBeyond(shares, n / 2, Math.abs(statistic - n / 2))) }
}

/**
 * Mann and Whitney's U test of independent samples: whether values of `a` tend to be greater than
 * those of `b` or less (Mann & Whitney 1947). Exact, ties included, up to 60 values in all; beyond
 * by the normal approximation with corrections for ties and continuity. p is 1 for an empty sample.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): TestResult {
  const all = [...a, ...b]
  if (all.some(Number.isNaN)) throw new RangeError('a value is not a number')
  const ranks = ranksOf(all)
  const sum = ranks.slice(0, a.length).reduce((total, rank) => total + rank, 0)
  const least = (a.length * (a.length + 1)) / 2
  const statistic = sum - least
  if (a.length === 0 || b.length === 0) return { statistic, p: 1 }
  const middle = (a.length * b.length) / 2
  if (all.length <= EXACT_MAX) {
    return {
      statistic,
      p: exactRankSum(ranks, a.length, Math.abs(statistic - middle), least + middle),
    }
  }
  const n = all.length
  const centre = (n + 1) / 2
  const spread = ranks.reduce((total, rank) => total + (rank - centre) * (rank - centre), 0)
  const variance = (a.length * b.length * spread) / (n * (n - 1))
  return { statistic, p: normalTail(statistic - middle, variance) }
}

/** Of all choices of `count` ranks the share whose sum is so far from `middle`. */
function exactRankSum(
  ranks: readonly number[],
  count: number,
  distance: number,
  middle: number,
): number {
  const doubled = ranks.map((rank) => Math.floor(2 * rank + 0.5))
  const total = doubled.reduce((sum, rank) => sum + rank, 0)
  // ways[k][sum]: choices of k of the ranks so far with that sum.
  const ways = Array.from({ length: count + 1 }, () => new Float64Array(total + 1))
  ways[0]![0] = 1
  for (const rank of doubled) {
    for (let k = count; k >= 1; k--) {
      const [fewer, own] = [ways[k - 1]!, ways[k]!]
      for (let sum = total; sum >= rank; sum--) own[sum]! += fewer[sum - rank]!
    }
  }
  const choices = ways[count]!.reduce((sum, value) => sum + value, 0)
  return Math.min(1, shareBeyond(ways[count]!, 2 * middle, 2 * distance) / choices)
}

/** Two-sided tail of a normal distribution around 0, continuity corrected by a half. */
function normalTail(difference: number, variance: number): number {
  if (variance === 0) return 1
  const z = Math.max(0, Math.abs(difference) - 0.5) / Math.sqrt(variance)
  return Math.min(1, complementaryError(z / Math.SQRT2))
}

/** erfc(x) for x >= 0: a series near 0, a continued fraction beyond; error below 1e-10. */
function complementaryError(x: number): number {
  const square = x * x
  const scale = exp(-square) / Math.sqrt(Math.PI)
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; n < 60; n++) {
      term *= (2 * square) / (2 * n + 1)
      sum += term
    }
    return 1 - 2 * scale * sum
  }
  let fraction = 0
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (x + fraction)
  return scale / (x + fraction)
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Where a statistic of a sample lies with a confidence such as 0.95: the percentile bootstrap
 * (Efron 1979), with as many resamples from the given stream. NaN of an empty sample.
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  random: Random,
  confidence: number = 0.95,
  resamples: number = 2_000,
): Interval {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`a confidence lies between 0 and 1, not at ${confidence}`)
  }
  if (values.length === 0) return { low: Number.NaN, high: Number.NaN }
  const statistics = Array.from({ length: resamples }, () =>
    statistic(values.map(() => values[random.integer(values.length)]!)),
  )
  const tail = (1 - confidence) / 2
  return { low: quantile(statistics, tail), high: quantile(statistics, 1 - tail) }
}

/** Two ways of doing something, over the same seeds. */
export interface PairedComparison {
  readonly pairs: number
  /** Pairs in which the first has the lower value, the second has, or none has. */
  readonly winsOfA: number
  readonly winsOfB: number
  readonly ties: number
  readonly medianA: number
  readonly medianB: number
  /** Median of a / b over the pairs; below 1 the first takes less. */
  readonly ratio: number
  /** Of Wilcoxon's signed ranks, two-sided. */
  readonly p: number
  /** Of the sign test, two-sided. */
  readonly signP: number
  /** Who is better at that level of significance, by Wilcoxon; undefined: it cannot be told. */
  readonly better?: 'a' | 'b'
}

/**
 * Compares costs, such as evaluations to solution, of two ways seed by seed; lower is better. Count
 * runs that failed with what they spent, or as Infinity. Throws a RangeError for samples of
 * different length.
 */
export function comparePaired(
  a: readonly number[],
  b: readonly number[],
  significance: number = 0.05,
): PairedComparison {
  const differences = differencesOf(a, b)
  const { statistic, p } = wilcoxonSignedRank(a, b)
  const pairs = differences.length
  const winsOfA = differences.filter((difference) => difference < 0).length
  const winsOfB = differences.filter((difference) => difference > 0).length
  const compared = winsOfA + winsOfB
  const better = statistic < (compared * (compared + 1)) / 4 ? 'a' : 'b'
  return {
    pairs,
    winsOfA,
    winsOfB,
    ties: pairs - compared,
    medianA: median(a),
    medianB: median(b),
    ratio: median(a.map((value, i) => (value === b[i] ? 1 : value / b[i]!))),
    p,
    signP: signTest(a, b).p,
    ...(p < significance ? { better } : {}),
  }
}
