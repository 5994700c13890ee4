// When CMA-ES has no prospects any more: the criteria of pycma under their names there, each with
// its default (Hansen 2009, "Benchmarking a BI-population CMA-ES", table 1; pycma's CMAOptions).
// Fitness is higher-is-better here, which changes no criterion but the direction of `ftarget`.

import type { CmaState } from './cma-es.ts'
import { varianceOf } from './covariance.ts'
import {
  checkFitnessTolerances,
  type FitnessHistory,
  type FitnessTolerances,
  fitnessStop,
  middle,
  noFitness,
  rememberFitness,
} from './fitness-history.ts'
import { budgetStop, checkSetting } from './optimiser.ts'

/** Tolerances; 0 (or Infinity where it bounds from above) switches a criterion off. */
export interface CmaTolerances extends FitnessTolerances {
  /** No component's standard deviation, and no component of the path, is above; default 1e-11. */
  readonly tolx?: number
  /**
   * Iterations over which neither best nor median have improved; default 100 + 100 n^1.5 /
   * popsize.
   */
  readonly tolstagnation?: number
  /** A standard deviation is so many times the first; default 1e3. */
  readonly tolfacupx?: number
  /** The step size, in units of the longest axis, is so many times the first; default 1e20. */
  readonly tolupsigma?: number
  /** The condition number of the matrix is above; default 1e14. */
  readonly tolconditioncov?: number
  /**
   * The mean has moved by less than the first in each of the last (second + third * iterations)
   * iterations; default [1e-9, 20, 0.1].
   */
  readonly tolxstagnation?: readonly [shift: number, iterations: number, share: number] | false
}

/** What the criteria look back at. Plain data. */
export interface CmaHistory extends FitnessHistory {
  /** Bests and medians of every fifth iteration, the latest first. */
  readonly histbest: readonly number[]
  readonly histmedian: readonly number[]
  /** Where the mean was when it last moved by more than `tolxstagnation` allows, and when. */
  readonly anchor: Float64Array
  readonly anchoredAt: number
}

export const emptyHistory: CmaHistory = {
  ...noFitness,
  histbest: [],
  histmedian: [],
  anchor: new Float64Array(0),
  anchoredAt: 0,
}

/** Entries kept of every fifth iteration, as in pycma. */
const HISTORY_MAX = 20_000
const DEFAULT_TOLXSTAGNATION = [1e-9, 20, 0.1] as const

/** Throws EvolutionSettingsError for a tolerance below 0. */
export function checkTolerances(tolerances: CmaTolerances): void {
  checkFitnessTolerances(tolerances)
  const names = ['tolx', 'tolstagnation', 'tolfacupx', 'tolupsigma', 'tolconditioncov'] as const
  for (const name of names) {
    const value = tolerances[name]
    if (value !== undefined) checkSetting(name, value, 0, Number.POSITIVE_INFINITY)
  }
}

/**
 * The history after an iteration with these fitnesses, the best first, that led to this mean;
 * `state` is that before.
 */
export function remember(
  state: CmaState,
  ranked: readonly number[],
  mean: Float64Array,
): CmaHistory {
  const { history } = state
  const iteration = state.iteration + 1
  const keep = (values: readonly number[], value: number): readonly number[] =>
    iteration % 5 === 0 ? [value, ...values.slice(0, HISTORY_MAX - 1)] : values
  return {
    ...rememberFitness(history, ranked, mean.length),
    histbest: keep(history.histbest, ranked[0]!),
    histmedian: keep(history.histmedian, middle(ranked)),
    ...anchorOf(state, mean),
  }
}

/** Where the mean was when it last moved further than `tolxstagnation` allows. */
function anchorOf(
  { settings, history, iteration }: CmaState,
  mean: Float64Array,
): Pick<CmaHistory, 'anchor' | 'anchoredAt'> {
  const { anchor, anchoredAt } = history
  const [shift] = settings.tolxstagnation || DEFAULT_TOLXSTAGNATION
  const isNear = mean.every((x, i) => Math.abs(x - anchor[i]!) <= shift)
  return isNear ? { anchor, anchoredAt } : { anchor: mean, anchoredAt: iteration + 1 }
}

/** The criteria that a state meets. */
export function stopOf(state: CmaState): Record<string, number> {
  return {
    ...budgetStop({ maxiter: defaultMaxiter(state), ...state.settings }, state),
    ...fitnessStop(state.history, state.settings),
    ...stagnationStop(state),
    ...distributionStop(state),
  }
}

/** pycma's 100 + 150 (n + 3)² / sqrt(popsize). */
export function defaultMaxiter({ mean, parameters }: CmaState): number {
  const n = mean.length + 3
  return 100 + Math.floor((150 * n * n) / Math.sqrt(parameters.popsize))
}

function stagnationStop(state: CmaState): Record<string, number> {
  const { history, settings, parameters, mean, iteration } = state
  const { histbest, histmedian } = history
  const n = mean.length
  const usual = Math.floor(100 + (100 * n * Math.sqrt(n)) / parameters.popsize)
  const tolstagnation = settings.tolstagnation ?? usual
  // A tenth, because the history has every fifth iteration and is compared in two halves.
  const half = Math.floor(Math.max(tolstagnation / 10, histbest.length / 10))
  const isLong = histbest.length > 100 && 2 * half < histbest.length
  if (tolstagnation === 0 || !isLong || iteration <= n * (5 + 100 / parameters.popsize)) return {}
  const isWorse = (values: readonly number[]): boolean =>
    middle(sorted(values.slice(0, half))) <= middle(sorted(values.slice(half, 2 * half)))
  return isWorse(histmedian) && isWorse(histbest) ? { tolstagnation } : {}
}

function distributionStop(state: CmaState): Record<string, number> {
  const { settings, sigma, mean, pc, matrix, covariance } = state
  const { tolx = 1e-11, tolfacupx = 1e3, tolupsigma = 1e20, tolconditioncov = 1e14 } = settings
  const stds = mean.map((_, i) => sigma * Math.sqrt(varianceOf({ ...covariance, matrix }, i)))
  const stop: Record<string, number> = {}
  const first = (i: number): number => settings.sigma0 * (settings.stds?.[i] ?? 1)
  if (stds.every((std) => std < tolx) && pc.every((p) => sigma * p < tolx)) stop.tolx = tolx
  if (stds.some((std, i) => std > first(i) * tolfacupx)) stop.tolfacupx = tolfacupx
  const [narrow, wide] = extremes(covariance.scales)
  if (tolupsigma > 0 && sigma / wide > settings.sigma0 * tolupsigma) stop.tolupsigma = tolupsigma
  // Written so that a matrix that is not positive definite, or not a number, meets it.
  const isWell = narrow > 0 && wide <= Math.sqrt(tolconditioncov) * narrow
  if (tolconditioncov > 0 && !isWell) stop.tolconditioncov = tolconditioncov
  const still = stds.findIndex((std, i) => mean[i]! === mean[i]! + 0.2 * std)
  if (still >= 0) stop.noeffectcoord = still
  const { tolxstagnation = DEFAULT_TOLXSTAGNATION } = settings
  if (tolxstagnation !== false) {
    const [shift, iterations, share] = tolxstagnation
    const since = state.iteration - state.history.anchoredAt
    if (since >= iterations + share * state.iteration) stop.tolxstagnation = shift
  }
  const axis = ineffectiveAxis(state)
  if (axis >= 0) stop.noeffectaxis = axis
  return stop
}

/** The principal axis of this iteration, if a tenth of its standard deviation is lost in rounding. */
function ineffectiveAxis({ mean, sigma, covariance, iteration }: CmaState): number {
  const { scales, basis, isDiagonal } = covariance
  const n = mean.length
  const axis = iteration % n
  if (isDiagonal) return -1
  const length = 0.1 * sigma * scales[axis]!
  return mean.every((x, i) => x === x + length * basis[i * n + axis]!) ? axis : -1
}

function extremes(values: Float64Array): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => b - a)
}
