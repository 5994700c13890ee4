// Two classical evolution strategies. (mu, lambda) with a step size that every individual inherits
// and mutates log-normally (Schwefel 1977; Beyer & Schwefel 2002, "Evolution strategies"), and
// (1 + lambda) whose step size follows the one-fifth rule (Rechenberg 1973, in the smooth form of
// Igel, Hansen & Roth 2007, section 2).
//
//   let state = evolutionStrategy.init(x0, { sigma0: 1, mu: 10, popsize: 70 }, 42)
//   state = evolutionStrategy.tell(state, candidates, fitnesses)
//
// Simple and robust, and slower than CMA-ES wherever components depend on each other.
import { OPTIMISER_DIMENSIONS_MAX, OPTIMISER_POPSIZE_MAX } from '../../limits.ts'
import { seededRandom } from '../../runtime/random.ts'
import { EvolutionSettingsError } from '../evolution-settings.ts'
import { rankable } from '../fitness.ts'
import { exp } from '../network/elementary.ts'
import {
  checkFitnessTolerances,
  type FitnessHistory,
  type FitnessTolerances,
  fitnessStop,
  noFitness,
  rememberFitness,
} from './fitness-history.ts'
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
export interface EsSettings extends BudgetSettings, FitnessTolerances {
  /** First step size; default 1. */
  readonly sigma0?: number
  /** Parents; default 10. */
  readonly mu?: number
  /** Children, lambda; default 70. */
  readonly popsize?: number
  /** Learning rate of the step sizes; default 1 / sqrt(n). */
  readonly tau?: number
  /** Whether parents die (`comma`) or compete with their children (`plus`); default `comma`. */
  readonly selection?: 'comma' | 'plus'
  /** Lowest step size; default 0. */
  readonly sigmaMin?: number
  /** No step size is above; default 1e-11. */
  readonly tolx?: number
}

/** Plain data. */
export interface Individual {
  readonly x: Float64Array
  readonly sigma: number
  /** -Infinity before it has been evaluated. */
  readonly fitness: number
}

/** Plain data. */
export interface EsState extends OptimiserState {
  readonly settings: Required<
    Pick<EsSettings, 'mu' | 'popsize' | 'tau' | 'selection' | 'sigmaMin' | 'tolx'>
  > &
    EsSettings
  /** The best first. */
  readonly parents: readonly Individual[]
  readonly history: FitnessHistory
}

function initStrategy(x0: ArrayLike<number>, settings: EsSettings, seed: number | string): EsState {
  const mean = startPoint(x0, OPTIMISER_DIMENSIONS_MAX)
  const defaults = {
    mu: 10,
    popsize: 70,
    tau: 1 / Math.sqrt(mean.length),
    sigmaMin: 0,
    tolx: 1e-11,
  }
  const full = { ...defaults, selection: 'comma' as const, ...settings }
  const { mu, popsize, tau, sigma0 = 1, selection } = full
  checkCommon(full)
  checkSetting('mu', mu, 1, popsize, true)
  checkSetting('tau', tau, 0, Number.MAX_VALUE)
  if (selection !== 'comma' && selection !== 'plus') {
    throw new EvolutionSettingsError(`selection is ${selection}: use comma or plus`)
  }
  return {
    name: 'es',
    ...beginning(mean, seed),
    settings: full,
    parents: [{ x: mean, sigma: sigma0, fitness: Number.NEGATIVE_INFINITY }],
  }
}

function checkCommon(settings: EsSettings | OneFifthSettings): void {
  const { popsize, sigma0, sigmaMin, tolx } = settings
  checkBudget(settings)
  checkFitnessTolerances(settings)
  if (popsize !== undefined) checkSetting('popsize', popsize, 1, OPTIMISER_POPSIZE_MAX, true)
  if (sigma0 !== undefined) checkSetting('sigma0', sigma0, Number.MIN_VALUE, Number.MAX_VALUE)
  if (sigmaMin !== undefined) checkSetting('sigmaMin', sigmaMin, 0, Number.MAX_VALUE)
  if (tolx !== undefined) checkSetting('tolx', tolx, 0, Number.MAX_VALUE)
}

type Beginning = Omit<OptimiserState, 'name'> & { readonly history: FitnessHistory }

function beginning(mean: Float64Array, seed: number | string): Beginning {
  return { seed, iteration: 0, evaluations: 0, mean, stop: {}, history: noFitness }
}

/** A child of a parent drawn by chance, with a step size of its own; the same whenever asked. */
function childAt({ seed, iteration, parents, settings }: EsState, place: number): Individual {
  const random = seededRandom(seed).fork(iteration).fork(place)
  const parent = parents[random.integer(parents.length)]!
  const inherited = parent.sigma * exp(settings.tau * random.gaussian())
  const sigma = Math.max(settings.sigmaMin, inherited)
  const x = parent.x.map((value) => value + sigma * random.gaussian())
  return { x, sigma, fitness: Number.NEGATIVE_INFINITY }
}

function tellStrategy(
  state: EsState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): EsState {
  const { settings, parents, mean } = state
  checkTold(candidates, fitnesses, settings.popsize, mean.length)
  const children = candidates.map((x, place) => {
    const { sigma } = childAt(state, place)
    return { x: x.slice(), sigma, fitness: rankable(fitnesses[place]!) }
  })
  const pool = settings.selection === 'plus' ? [...children, ...parents] : children
  const order = fromBestToWorst(pool.map(({ fitness }) => fitness))
  const survivors = order.slice(0, settings.mu).map((index) => pool[index]!)
  const next = {
    ...state,
    ...told(state, candidates, fitnesses),
    mean: meanOf(survivors),
    parents: survivors,
  }
  const widest = survivors.reduce((most, { sigma }) => Math.max(most, sigma), 0)
  return { ...next, stop: stopOf(next, settings, widest) }
}

function meanOf(individuals: readonly Individual[]): Float64Array {
  return individuals[0]!.x.map((_, i) => {
    return individuals.reduce((sum, { x }) => sum + x[i]!, 0) / individuals.length
  })
}

type Told = Pick<Beginning, 'iteration' | 'evaluations' | 'history' | 'best'>

function told(
  state: OptimiserState & { readonly history: FitnessHistory },
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): Told {
  const order = fromBestToWorst(fitnesses)
  const ranked = order.map((index) => rankable(fitnesses[index]!))
  return {
    ...bestOf(state, candidates, fitnesses, order[0]!),
    iteration: state.iteration + 1,
    evaluations: state.evaluations + candidates.length,
    history: rememberFitness(state.history, ranked, state.mean.length),
  }
}

function stopOf(
  state: OptimiserState & { readonly history: FitnessHistory },
  settings: BudgetSettings & FitnessTolerances & { readonly tolx: number },
  widest: number,
): Record<string, number> {
  return {
    ...budgetStop(settings, state),
    ...fitnessStop(state.history, settings),
    ...(widest < settings.tolx ? { tolx: settings.tolx } : {}),
  }
}

/** (mu, lambda) or (mu + lambda) with self-adapted step sizes. */
export const evolutionStrategy: Optimiser<EsState, EsSettings> = {
  name: 'es',
  init: initStrategy,
  ask(state) {
    return Array.from({ length: state.settings.popsize }, (_, place) => childAt(state, place).x)
  },
  tell: tellStrategy,
}

/** Plain data. */
export interface OneFifthSettings extends BudgetSettings, FitnessTolerances {
  /** First step size; default 1. */
  readonly sigma0?: number
  /** Children; default 1. */
  readonly popsize?: number
  /** Part of the children that should be better than their parent; default 1/5. */
  readonly target?: number
  /** How slowly the step size follows; default 1 + n / (2 popsize). */
  readonly damping?: number
  /** Lowest step size; default 0. */
  readonly sigmaMin?: number
  /** The step size is above; default 1e-11. */
  readonly tolx?: number
}

/** Plain data. */
export interface OneFifthState extends OptimiserState {
  readonly settings: Required<
    Omit<OneFifthSettings, keyof BudgetSettings | keyof FitnessTolerances>
  > &
    OneFifthSettings
  readonly sigma: number
  /** Of the parent, which is `mean`; undefined before it has been evaluated. */
  readonly fitness?: number
  /** Share of successes, smoothed. */
  readonly success: number
  readonly history: FitnessHistory
}

/** How fast the share of successes follows (Igel, Hansen & Roth 2007, table 1). */
const SUCCESS_RATE = 1 / 12

function initOneFifth(
  x0: ArrayLike<number>,
  settings: OneFifthSettings,
  seed: number | string,
): OneFifthState {
  const mean = startPoint(x0, OPTIMISER_DIMENSIONS_MAX)
  const { popsize = 1, target = 0.2 } = settings
  const damping = 1 + mean.length / (2 * popsize)
  // Of a single child the fitness is always flat.
  const flat = { tolfun: 0, tolflatfitness: Number.POSITIVE_INFINITY }
  const sizes = { popsize, target, damping, sigma0: 1, sigmaMin: 0, tolx: 1e-11 }
  const full = { ...(popsize < 4 ? flat : {}), ...sizes, ...settings }
  checkCommon(full)
  checkSetting('target', target, 0, 0.5)
  checkSetting('damping', full.damping, Number.MIN_VALUE, Number.MAX_VALUE)
  return {
    name: 'one_fifth',
    ...beginning(mean, seed),
    settings: full,
    sigma: full.sigma0,
    success: target,
  }
}

function askOneFifth({
  seed,
  iteration,
  settings,
  mean,
  sigma,
  fitness,
}: OneFifthState): Float64Array[] {
  const stream = seededRandom(seed).fork(iteration)
  return Array.from({ length: settings.popsize }, (_, place) => {
    // The first of all is the parent itself, to be compared with.
    if (fitness === undefined && place === 0) return mean.slice()
    const random = stream.fork(place)
    return mean.map((value) => value + sigma * random.gaussian())
  })
}

function tellOneFifth(
  state: OneFifthState,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): OneFifthState {
  const { settings, mean, sigma, fitness } = state
  checkTold(candidates, fitnesses, settings.popsize, mean.length)
  const before = fitness ?? rankable(fitnesses[0]!)
  const children = fitness === undefined ? settings.popsize - 1 : settings.popsize
  const first = fromBestToWorst(fitnesses)[0]!
  const reached = rankable(fitnesses[first]!)
  const successes = Array.from(fitnesses).filter((value) => rankable(value) > before).length
  const share = children === 0 ? state.success : successes / children
  const success = (1 - SUCCESS_RATE) * state.success + SUCCESS_RATE * share
  const change = (success - settings.target) / (settings.damping * (1 - settings.target))
  const next = {
    ...state,
    ...told(state, candidates, fitnesses),
    // An equal child takes over, so that the search drifts across plateaus.
    mean: reached >= before ? candidates[first]!.slice() : mean,
    fitness: Math.max(reached, before),
    sigma: Math.max(settings.sigmaMin, sigma * exp(change)),
    success,
  }
  return { ...next, stop: stopOf(next, settings, next.sigma) }
}

/** (1 + lambda) by the one-fifth rule: fewest evaluations where a network is small and smooth. */
export const oneFifth: Optimiser<OneFifthState, OneFifthSettings> = {
  name: 'one_fifth',
  init: initOneFifth,
  ask: askOneFifth,
  tell: tellOneFifth,
}
