// CMA-ES, the evolution strategy with covariance matrix adaptation (Hansen & Ostermeier 2001;
// Hansen 2016, "The CMA Evolution Strategy: A Tutorial", arXiv 1604.00772), and sep-CMA-ES, the
// same with a diagonal matrix (Ros & Hansen 2008), which takes n and not n² numbers.
//
//   let state = cmaEs.init(x0, { sigma0: 0.5 }, 42)
//   const candidates = cmaEs.ask(state)
//   state = cmaEs.tell(state, candidates, fitnesses)   // higher is better
//
// The default for up to some hundred numbers; sep-CMA-ES from there on. Restarts: restarts.ts.
import {
  OPTIMISER_DIMENSIONS_MAX,
  OPTIMISER_MATRIX_MAX,
  OPTIMISER_POPSIZE_MAX,
} from '../../limits.ts'
import { seededRandom } from '../../runtime/random.ts'
import { EvolutionSettingsError } from '../evolution-settings.ts'
import { rankable } from '../fitness.ts'
import { exp } from '../network/elementary.ts'
import {
  type CmaParameters,
  type CmaVariant,
  cmaParameters,
  cmaVariants,
  defaultPopsize,
} from './cma-parameters.ts'
import {
  type CmaHistory,
  type CmaTolerances,
  checkTolerances,
  emptyHistory,
  remember,
  stopOf,
} from './cma-termination.ts'
import {
  type Covariance,
  decomposed,
  stretched,
  unitCovariance,
  updated,
  varianceOf,
  whitened,
} from './covariance.ts'
import { squaredLength } from './linear-algebra.ts'
import {
  type BudgetSettings,
  bestOf,
  checkBudget,
  checkSetting,
  checkTold,
  fromBestToWorst,
  type Optimiser,
  type OptimiserState,
  startPoint,
} from './optimiser.ts'

/** Named as in pycma, without its prefix `CMA_`. Plain data. */
export interface CmaSettings extends BudgetSettings, CmaTolerances {
  /** First step size: about a third of the region where the solution is expected. */
  readonly sigma0: number
  /** Candidates of an iteration; default 4 + floor(3 ln n). */
  readonly popsize?: number
  /** Where the parameters come from (cma-parameters.ts); default `pycma`. */
  readonly variant?: CmaVariant
  /** Whether bad candidates shrink the matrix; default true, but for `purecma` false. */
  readonly active?: boolean
  /** Parameters that replace those of the variant. */
  readonly parameters?: Partial<CmaParameters>
  /** Lowest step size; default 0. Igel (2003) needed one for poles without velocities. */
  readonly sigmaMin?: number
  /** Lowest standard deviation of any component; default 0. */
  readonly minstd?: number
  /** Lowest standard deviation in any direction; default 0. */
  readonly mindx?: number
  /** Highest standard deviation of any component; default none. */
  readonly maxstd?: number
  /**
   * Evaluations between two decompositions of the matrix; 0 = one an iteration. Default: as many as
   * keep it from costing more than the rest, as the variant has it.
   */
  readonly lazyGapEvals?: number
  /** First standard deviations of the components, in units of sigma0; default 1 each. */
  readonly stds?: readonly number[]
}

/** Plain data. */
export interface CmaState extends OptimiserState {
  readonly settings: CmaSettings
  readonly parameters: CmaParameters
  readonly sigma: number
  /** As decomposed last: what is drawn from. */
  readonly covariance: Covariance
  /** The matrix since; the same, unless its decomposition waits (`lazyGapEvals`). */
  readonly matrix: Float64Array
  /** Evaluations at the last decomposition. */
  readonly decomposedAt: number
  /** Path of the step size, in the units of the distribution. */
  readonly ps: Float64Array
  /** Path of the covariance. */
  readonly pc: Float64Array
  readonly history: CmaHistory
}

function init(
  name: string,
  x0: ArrayLike<number>,
  settings: CmaSettings,
  seed: number | string,
): CmaState {
  const isDiagonal = name === 'sep_cma_es'
  const mean = startPoint(x0, isDiagonal ? OPTIMISER_DIMENSIONS_MAX : OPTIMISER_MATRIX_MAX)
  const n = mean.length
  checkSettings(settings, n)
  const { variant = 'pycma', popsize = defaultPopsize(n) } = settings
  const isActive = settings.active ?? variant !== 'purecma'
  const parameters = {
    ...cmaParameters(n, popsize, { variant, isActive, isDiagonal }),
    ...settings.parameters,
  }
  const covariance = firstCovariance(n, isDiagonal, settings.stds)
  return {
    name,
    seed,
    iteration: 0,
    evaluations: 0,
    mean,
    stop: {},
    settings,
    parameters,
    sigma: Math.max(settings.sigma0, settings.sigmaMin ?? 0),
    covariance,
    matrix: covariance.matrix,
    decomposedAt: 0,
    ps: new Float64Array(n),
    pc: new Float64Array(n),
    history: emptyHistory,
  }
}

function checkSettings(settings: CmaSettings, n: number): void {
  const { sigma0, popsize, variant, stds, ...others } = settings
  const unbounded = Number.POSITIVE_INFINITY
  checkBudget(settings)
  checkTolerances(settings)
  checkSetting('sigma0', sigma0, Number.MIN_VALUE, Number.MAX_VALUE)
  if (popsize !== undefined) checkSetting('popsize', popsize, 2, OPTIMISER_POPSIZE_MAX, true)
  for (const name of ['sigmaMin', 'minstd', 'mindx', 'maxstd', 'lazyGapEvals'] as const) {
    const value = others[name]
    if (value !== undefined) checkSetting(name, value, 0, unbounded)
  }
  if (variant !== undefined && !cmaVariants.includes(variant)) {
    const known = cmaVariants.join(', ')
    throw new EvolutionSettingsError(`variant is ${variant}: use one of ${known}`)
  }
  if (stds === undefined) return
  checkSetting('number of stds', stds.length, n, n)
  for (const std of stds) checkSetting('stds', std, Number.MIN_VALUE, Number.MAX_VALUE)
}

function firstCovariance(
  n: number,
  isDiagonal: boolean,
  stds: readonly number[] | undefined,
): Covariance {
  const unit = unitCovariance(n, isDiagonal)
  if (stds === undefined) return unit
  const matrix = unit.matrix.slice()
  stds.forEach((std, i) => {
    matrix[isDiagonal ? i : i * n + i] = std * std
  })
  return decomposed(matrix, isDiagonal)
}

function ask({ seed, iteration, parameters, mean, sigma, covariance }: CmaState): Float64Array[] {
  const stream = seededRandom(seed).fork(iteration)
  return Array.from({ length: parameters.popsize }, (_, place) => {
    const random = stream.fork(place)
    const step = stretched(
      covariance,
      Float64Array.from(mean, () => random.gaussian()),
    )
    return step.map((value, i) => mean[i]! + sigma * value)
  })
}

function tell(
  state: CmaState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): CmaState {
  const { parameters, settings } = state
  checkTold(candidates, fitnesses, parameters.popsize, state.mean.length)
  const order = fromBestToWorst(fitnesses)
  const moved = updateDistribution(
    state,
    order.map((index) => candidates[index]!),
  )
  const told = {
    ...state,
    ...moved,
    ...bestOf(state, candidates, fitnesses, order[0]!),
    sigma: boundedSigma(moved.sigma, settings, moved),
    iteration: state.iteration + 1,
    evaluations: state.evaluations + candidates.length,
    history: remember(
      state,
      order.map((index) => rankable(fitnesses[index]!)),
      moved.mean,
    ),
  }
  const next = isDecompositionDue(told) ? decompose(told) : told
  return { ...next, stop: stopOf(next) }
}

type Distribution = Pick<CmaState, 'mean' | 'sigma' | 'matrix' | 'ps' | 'pc' | 'covariance'>

/** The tutorial's equations 38 to 47, all from the old mean, step size and matrix. */
function updateDistribution(state: CmaState, ranked: readonly Float64Array[]): Distribution {
  const { mean: old, sigma, ps, pc, parameters, covariance, iteration } = state
  const { weights, mu, mueff, cs, cc, c1, cmu } = parameters
  const n = old.length
  const steps = ranked.map((x) => x.map((value, i) => (value - old[i]!) / sigma))
  const mean = new Float64Array(n)
  for (let k = 0; k < mu; k++) {
    for (let i = 0; i < n; i++) mean[i]! += weights[k]! * ranked[k]![i]!
  }
  const shift = mean.map((value, i) => (value - old[i]!) / sigma)
  const white = whitened(covariance, shift)
  const intoSigma = Math.sqrt(cs * (2 - cs) * mueff)
  const nextPs = ps.map((value, i) => (1 - cs) * value + intoSigma * white[i]!)
  const length = squaredLength(nextPs)
  // Stalls the rank-one update while the step size grows fast.
  const expected = 1 - power(1 - cs, 2 * (iteration + 1))
  const hsig = length / n / expected < 2 + 4 / (n + 1) ? 1 : 0
  const intoC = hsig * Math.sqrt(cc * (2 - cc) * mueff)
  const nextPc = pc.map((value, i) => (1 - cc) * value + intoC * shift[i]!)
  const c1a = c1 * (1 - (1 - hsig) * cc * (2 - cc))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const terms: [number, Float64Array][] = [[c1, nextPc]]
  steps.forEach((step, k) => {
    const weight = weights[k]!
    if (weight !== 0) terms.push([cmu * asDefinite(weight, step, covariance), step])
  })
  return {
    mean,
    sigma: sigma * exp(Math.min(1, sigmaChange(length, n, parameters))),
    matrix: updated({ ...covariance, matrix: state.matrix }, 1 - c1a - cmu * sum, terms),
    ps: nextPs,
    pc: nextPc,
    covariance,
  }
}

/** A negative weight, for a step of any length, as if its length were the expected one. */
function asDefinite(weight: number, step: Float64Array, covariance: Covariance): number {
  if (weight > 0) return weight
  const length = squaredLength(whitened(covariance, step))
  return length > 0 ? (weight * step.length) / length : 0
}

function sigmaChange(length: number, n: number, parameters: CmaParameters): number {
  const { cs, damps, chiN, sigmaRule } = parameters
  const surplus = sigmaRule === 'squared' ? (length / n - 1) / 2 : Math.sqrt(length) / chiN - 1
  return (cs / damps) * surplus
}

/** x^n by repeated squaring. */
function power(x: number, n: number): number {
  let result = 1
  for (let rest = n, square = x; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square
  }
  return result
}

function boundedSigma(sigma: number, settings: CmaSettings, now: Distribution): number {
  const { sigmaMin = 0, minstd = 0, mindx = 0, maxstd = Number.POSITIVE_INFINITY } = settings
  let smallest = Number.POSITIVE_INFINITY
  let largest = 0
  for (let i = 0; i < now.mean.length; i++) {
    const std = Math.sqrt(varianceOf({ ...now.covariance, matrix: now.matrix }, i))
    smallest = Math.min(smallest, std)
    largest = Math.max(largest, std)
  }
  const narrowest = now.covariance.scales.reduce((a, b) => Math.min(a, b))
  const raised = Math.max(sigma, sigmaMin, minstd / smallest, mindx / narrowest)
  return Math.min(raised, maxstd / largest)
}

function isDecompositionDue({ settings, parameters, ...state }: CmaState): boolean {
  if (state.covariance.isDiagonal) return true
  const { popsize, c1, cmu } = parameters
  const n = state.mean.length
  const gap =
    (settings.variant ?? 'pycma') === 'pycma'
      ? popsize / (c1 + cmu + 1e-23) / n / 10
      : (0.5 * popsize) / (c1 + cmu) / n
  return state.evaluations - state.decomposedAt >= (settings.lazyGapEvals ?? gap)
}

function decompose<State extends CmaState>(state: State): State {
  const covariance = decomposed(state.matrix, state.covariance.isDiagonal)
  return { ...state, covariance, decomposedAt: state.evaluations }
}

/** The state with another matrix (row by row, or a diagonal), decomposed. */
export function withMatrix(state: CmaState, matrix: Float64Array): CmaState {
  return decompose({ ...state, matrix })
}

/** CMA-ES with a full matrix. */
export const cmaEs: Optimiser<CmaState, CmaSettings> = {
  name: 'cma_es',
  init: (x0, settings, seed) => init('cma_es', x0, settings, seed),
  ask,
  tell,
}

/** CMA-ES with a diagonal matrix: for many numbers, and where they hardly depend on each other. */
export const sepCmaEs: Optimiser<CmaState, CmaSettings> = {
  name: 'sep_cma_es',
  init: (x0, settings, seed) => init('sep_cma_es', x0, settings, seed),
  ask,
  tell,
}
