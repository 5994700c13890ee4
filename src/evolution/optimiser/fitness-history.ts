// What an optimiser remembers of the fitness it was told, and the criteria for its end that look at
// nothing else. Names and defaults are pycma's.
import { checkSetting } from './optimiser.ts'

/** Tolerances; 0 (or Infinity for `tolflatfitness`) switches a criterion off. */
export interface FitnessTolerances {
  /** The fitness of an iteration and of the last bests varies by less; default 1e-11. */
  readonly tolfun?: number
  /** The bests of the last 10 + 30 n / popsize iterations vary by less; default 1e-12. */
  readonly tolfunhist?: number
  /**
   * The fitness of an iteration varies by less than this part of what the median has gained;
   * default 0.
   */
  readonly tolfunrel?: number
  /** Iterations with three quarters of the candidates equally good; default 1. */
  readonly tolflatfitness?: number
}

/** Plain data. */
export interface FitnessHistory {
  /** Fitness of the last iteration, the best first. */
  readonly fitnesses: readonly number[]
  /** Bests of the last 10 + 30 n / popsize iterations, the latest first. */
  readonly hist: readonly number[]
  readonly firstMedian: number
  readonly bestMedian: number
  /** Iterations without difference among the better three quarters, up to now. */
  readonly flatIterations: number
}

export const noFitness: FitnessHistory = {
  fitnesses: [],
  hist: [],
  firstMedian: Number.NaN,
  bestMedian: Number.NaN,
  flatIterations: 0,
}

/** Throws EvolutionSettingsError for a tolerance below 0. */
export function checkFitnessTolerances(tolerances: FitnessTolerances): void {
  for (const name of ['tolfun', 'tolfunhist', 'tolfunrel', 'tolflatfitness'] as const) {
    const value = tolerances[name]
    if (value !== undefined) checkSetting(name, value, 0, Number.POSITIVE_INFINITY)
  }
}

/** The history after an iteration with these fitnesses, the best first, in `n` dimensions. */
export function rememberFitness(
  history: FitnessHistory,
  ranked: readonly number[],
  n: number,
): FitnessHistory {
  const { hist, firstMedian, bestMedian, flatIterations } = history
  const best = ranked[0]!
  const median = middle(ranked)
  const length = 10 + Math.floor((30 * n) / ranked.length)
  const isFirst = hist.length === 0
  const isFlat = !(best > ranked[Math.floor(0.75 * ranked.length)]!)
  return {
    fitnesses: ranked,
    hist: [best, ...hist.slice(0, length - 1)],
    firstMedian: isFirst ? median : firstMedian,
    bestMedian: isFirst ? median : Math.max(median, bestMedian),
    flatIterations: isFlat ? flatIterations + 1 : 0,
  }
}

/** The criteria that a history meets. */
export function fitnessStop(
  { fitnesses, hist, firstMedian, bestMedian, flatIterations }: FitnessHistory,
  tolerances: FitnessTolerances,
): Record<string, number> {
  const { tolfun = 1e-11, tolfunhist = 1e-12, tolfunrel = 0, tolflatfitness = 1 } = tolerances
  const now = rangeOf(fitnesses)
  const lately = rangeOf(hist)
  const stop: Record<string, number> = {}
  if (now < tolfun && lately < tolfun) stop.tolfun = tolfun
  if (hist.length > 9 && lately < tolfunhist) stop.tolfunhist = tolfunhist
  if (now < tolfunrel * (bestMedian - firstMedian)) stop.tolfunrel = tolfunrel
  if (flatIterations > tolflatfitness) stop.tolflatfitness = tolflatfitness
  return stop
}

/** Largest minus smallest; 0 for what is all infinite on one side. */
function rangeOf(values: readonly number[]): number {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return low === high ? 0 : high - low
}

/** The median of values in order. */
export function middle(values: readonly number[]): number {
  const half = values.length >> 1
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2
}
