// Natural evolution strategies: xNES learns a full shape, SNES one of axes only, both by the
// natural gradient of the expected utility (Wierstra, Schaul, Glasmachers, Sun, Peters &
// Schmidhuber 2014, "Natural Evolution Strategies", JMLR 15, algorithms 5 and 6).
//
//   let state = snes.init(x0, { sigma0: 0.5 }, 42)
//   const candidates = snes.ask(state)
//   state = snes.tell(state, candidates, fitnesses)   // higher is better
//
// SNES suits hundreds and thousands of weights; for few that depend on each other CMA-ES is faster
// than xNES.
import {
  OPTIMISER_DIMENSIONS_MAX,
  OPTIMISER_MATRIX_MAX,
  OPTIMISER_POPSIZE_MAX,
} from '../../limits.ts'
import { seededRandom } from '../../runtime/random.ts'
import { rankable } from '../fitness.ts'
import { exp, log } from '../network/elementary.ts'
import { defaultPopsize } from './cma-parameters.ts'
import {
  checkFitnessTolerances,
  type FitnessHistory,
  type FitnessTolerances,
  fitnessStop,
  noFitness,
  rememberFitness,
} from './fitness-history.ts'
import {
  identityMatrix,
  inverted,
  matrixProduct,
  recompose,
  squaredLength,
  symmetricEigen,
  times,
} from './linear-algebra.ts'
import {
  type BudgetSettings,
  bestOf,
  budgetStop,
  checkBudget,
  checkSetting,
  checkTold,
  fromBestToWorst,
  type Optimiser,
  type OptimiserState,
  startPoint,
} from './optimiser.ts'

/** Plain data. */
export interface NesSettings extends BudgetSettings, FitnessTolerances {
  /** First standard deviation of every component. */
  readonly sigma0: number
  /** Candidates of an iteration; default 4 + floor(3 ln n). */
  readonly popsize?: number
  /** Learning rate of the mean; default 1. */
  readonly etaMean?: number
  /** Of the step size; default (9 + 3 ln n) / (5 n sqrt n), for SNES (3 + ln n) / (5 sqrt n). */
  readonly etaSigma?: number
  /** Of the shape of xNES; default as etaSigma. */
  readonly etaB?: number
  /** Lowest step size; default 0. */
  readonly sigmaMin?: number
  /** No component's standard deviation is above; default 1e-11. */
  readonly tolx?: number
}

/** Plain data. */
interface NesState extends OptimiserState {
  readonly settings: Required<Pick<NesSettings, 'popsize' | 'etaMean' | 'etaSigma' | 'etaB'>> &
    NesSettings
  readonly history: FitnessHistory
}

/** Candidates are mean + sigma * B s, s normally distributed. */
export interface XnesState extends NesState {
  readonly sigma: number
  /** Of determinant 1, row by row. */
  readonly shape: Float64Array
}

/** Candidates are mean + sigmas * s, s normally distributed. */
export interface SnesState extends NesState {
  readonly sigmas: Float64Array
}

/**
 * Utilities in the order of the candidates: max(0, ln(lambda / 2 + 1) - ln(rank)), normalised, less
 * their mean.
 */
export function utilities(fitnesses: ArrayLike<number>): Float64Array {
  const count = fitnesses.length
  const raw = Array.from({ length: count }, (_, rank) =>
    Math.max(0, log(count / 2 + 1) - log(rank + 1)),
  )
  const sum = raw.reduce((total, value) => total + value, 0)
  const result = new Float64Array(count)
  fromBestToWorst(fitnesses).forEach((index, rank) => {
    result[index] = raw[rank]! / sum - 1 / count
  })
  return result
}

function begin(
  name: string,
  x0: ArrayLike<number>,
  settings: NesSettings,
  seed: number | string,
): NesState {
  const isSeparable = name === 'snes'
  const mean = startPoint(x0, isSeparable ? OPTIMISER_DIMENSIONS_MAX : OPTIMISER_MATRIX_MAX)
  const n = mean.length
  const { popsize, sigma0 } = settings
  checkBudget(settings)
  checkFitnessTolerances(settings)
  checkSetting('sigma0', sigma0, Number.MIN_VALUE, Number.MAX_VALUE)
  if (popsize !== undefined) checkSetting('popsize', popsize, 2, OPTIMISER_POPSIZE_MAX, true)
  for (const key of ['etaMean', 'etaSigma', 'etaB', 'sigmaMin', 'tolx'] as const) {
    const value = settings[key]
    if (value !== undefined) checkSetting(key, value, 0, Number.MAX_VALUE)
  }
  const root = Math.sqrt(n)
  const eta = isSeparable ? (3 + log(n)) / (5 * root) : (9 + 3 * log(n)) / (5 * n * root)
  const rates = { popsize: defaultPopsize(n), etaMean: 1, etaSigma: eta, etaB: eta }
  return {
    name,
    seed,
    iteration: 0,
    evaluations: 0,
    mean,
    stop: {},
    settings: { ...rates, ...settings },
    history: noFitness,
  }
}

/** What of the next state does not depend on the shape. */
function progress(
  state: NesState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): Pick<NesState, 'iteration' | 'evaluations' | 'history' | 'best'> {
  const order = fromBestToWorst(fitnesses)
  const ranked = order.map((index) => rankable(fitnesses[index]!))
  return {
    ...bestOf(state, candidates, fitnesses, order[0]!),
    iteration: state.iteration + 1,
    evaluations: state.evaluations + candidates.length,
    history: rememberFitness(state.history, ranked, state.mean.length),
  }
}

/** The criteria that a state meets whose components deviate by at most `widest`. */
function stopOf(state: NesState, widest: number): Record<string, number> {
  const { settings, history } = state
  const { tolx = 1e-11 } = settings
  return {
    ...budgetStop(settings, state),
    ...fitnessStop(history, settings),
    ...(widest < tolx || Number.isNaN(widest) ? { tolx } : {}),
  }
}

/** Normal vectors, one a candidate. */
function draw({ seed, iteration, settings, mean }: NesState): Float64Array[] {
  const stream = seededRandom(seed).fork(iteration)
  return Array.from({ length: settings.popsize }, (_, place) => {
    const random = stream.fork(place)
    return Float64Array.from(mean, () => random.gaussian())
  })
}

/** The sum of vectors, each times its utility. */
function weighted(vectors: readonly Float64Array[], utility: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0]!.length)
  vectors.forEach((vector, k) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += utility[k]! * vector[i]!
  })
  return sum
}

function tellXnes(
  state: XnesState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): XnesState {
  const { mean, sigma, shape, settings } = state
  const n = mean.length
  checkTold(candidates, fitnesses, settings.popsize, n)
  const utility = utilities(fitnesses)
  const inverse = inverted(shape, n)
  const samples = candidates.map((x) =>
    times(
      inverse,
      x.map((value, i) => (value - mean[i]!) / sigma),
      n,
    ),
  )
  const shift = times(shape, weighted(samples, utility), n)
  const gradient = new Float64Array(n * n)
  samples.forEach((s, k) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) gradient[i * n + j]! += utility[k]! * s[i]! * s[j]!
      gradient[i * n + i]! -= utility[k]!
    }
  })
  let trace = 0
  for (let i = 0; i < n; i++) trace += gradient[i * n + i]!
  for (let i = 0; i < n; i++) gradient[i * n + i]! -= trace / n
  const half = gradient.map((value) => (settings.etaB / 2) * value)
  const { values, vectors } = symmetricEigen(half, n)
  const nextShape = matrixProduct(shape, recompose(vectors, values.map(exp), n), n)
  const grown = sigma * exp((settings.etaSigma * trace) / (2 * n))
  const next = {
    ...state,
    ...progress(state, candidates, fitnesses),
    mean: mean.map((value, i) => value + settings.etaMean * sigma * shift[i]!),
    sigma: Math.max(grown, settings.sigmaMin ?? 0),
    shape: nextShape,
  }
  let widest = 0
  for (let i = 0; i < n; i++) {
    const row = squaredLength(nextShape.subarray(i * n, (i + 1) * n))
    widest = Math.max(widest, next.sigma * Math.sqrt(row))
  }
  return { ...next, stop: stopOf(next, widest) }
}

function tellSnes(
  state: SnesState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): SnesState {
  const { mean, sigmas, settings } = state
  checkTold(candidates, fitnesses, settings.popsize, mean.length)
  const utility = utilities(fitnesses)
  const samples = candidates.map((x) => x.map((value, i) => (value - mean[i]!) / sigmas[i]!))
  const squares = samples.map((s) => s.map((value) => value * value - 1))
  const shift = weighted(samples, utility)
  const spread = weighted(squares, utility)
  const { etaMean, etaSigma, sigmaMin = 0 } = settings
  const next = {
    ...state,
    ...progress(state, candidates, fitnesses),
    mean: mean.map((value, i) => value + etaMean * sigmas[i]! * shift[i]!),
    sigmas: sigmas.map((sigma, i) => {
      return Math.max(sigmaMin, sigma * exp((etaSigma * spread[i]!) / 2))
    }),
  }
  const widest = next.sigmas.reduce((a, b) => Math.max(a, b))
  return { ...next, stop: stopOf(next, widest) }
}

/** Exponential natural evolution strategy: learns how components depend on each other. */
export const xnes: Optimiser<XnesState, NesSettings> = {
  name: 'xnes',
  init(x0, settings, seed) {
    const state = begin('xnes', x0, settings, seed)
    const sigma = Math.max(settings.sigma0, settings.sigmaMin ?? 0)
    return { ...state, sigma, shape: identityMatrix(state.mean.length) }
  },
  ask(state) {
    const { mean, sigma, shape } = state
    return draw(state).map((s) => {
      return times(shape, s, mean.length).map((step, i) => mean[i]! + sigma * step)
    })
  },
  tell: tellXnes,
}

/** Separable natural evolution strategy: a step size a component. */
export const snes: Optimiser<SnesState, NesSettings> = {
  name: 'snes',
  init(x0, settings, seed) {
    const state = begin('snes', x0, settings, seed)
    const sigma = Math.max(settings.sigma0, settings.sigmaMin ?? 0)
    return { ...state, sigmas: state.mean.map(() => sigma) }
  },
  ask(state) {
    return draw(state).map((s) => s.map((value, i) => state.mean[i]! + state.sigmas[i]! * value))
  },
  tell: tellSnes,
}
