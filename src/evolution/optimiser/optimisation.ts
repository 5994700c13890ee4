// An optimiser by its name, begun anew when it has no prospects any more: with more candidates each
// time (IPOP: Auger & Hansen 2005), or with more and with few in turn (BIPOP: Hansen 2009,
// "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed").
//
//   let state = startOptimisation(x0, { optimiser: 'cma_es', sigma0: 0.5, restarts: 'ipop' }, 42)
//   while (Object.keys(state.stop).length === 0) {
//     const candidates = askOptimisation(state)
//     state = tellOptimisation(state, candidates, candidates.map(fitnessOf))   // higher is better
//   }
//   console.log(state.best)
//
// Pure functions over plain data, as the optimisers themselves: a copy continues bit for bit.
import { OPTIMISER_POPSIZE_MAX } from '../../limits.ts'
import { seededRandom } from '../../runtime/random.ts'
import { EvolutionSettingsError } from '../evolution-settings.ts'
import { exp, log } from '../network/elementary.ts'
import { type CmaSettings, cmaEs, sepCmaEs } from './cma-es.ts'
import { type CosyneSettings, cosyne } from './cosyne.ts'
import {
  type EsSettings,
  evolutionStrategy,
  type OneFifthSettings,
  oneFifth,
} from './evolution-strategy.ts'
import { type NesSettings, snes, xnes } from './nes.ts'
import {
  type BudgetSettings,
  budgetStop,
  type Candidate,
  checkBudget,
  checkSetting,
  hasStopped,
  type Optimiser,
  type OptimiserState,
} from './optimiser.ts'

export const restartModes = ['none', 'same', 'ipop', 'bipop'] as const
/** What a restart changes: nothing but chance (`same`), or the number of candidates. */
export type RestartMode = (typeof restartModes)[number]

export interface OptimisationRestarts {
  /** Default `none`. */
  readonly restarts?: RestartMode
  /** Default 9; runs with few candidates of BIPOP do not count. */
  readonly maxrestarts?: number
  /** How many times more candidates each restart has; default 2. */
  readonly incpopsize?: number
  /** Standard deviation of each run's first point around x0; default 0. */
  readonly spread?: number
}

/** An optimiser's name, its own settings, budgets for all runs together, and restarts. */
export type OptimisationSettings = OptimisationRestarts &
  (
    | ({ readonly optimiser: 'cma_es' | 'sep_cma_es' } & CmaSettings)
    | ({ readonly optimiser: 'xnes' | 'snes' } & NesSettings)
    | ({ readonly optimiser: 'cosyne' } & CosyneSettings)
    | ({ readonly optimiser: 'es' } & EsSettings)
    | ({ readonly optimiser: 'one_fifth' } & OneFifthSettings)
  )

export type OptimiserName = OptimisationSettings['optimiser']

/** What every optimiser understands. */
type CommonSettings = BudgetSettings & { readonly sigma0: number; readonly popsize?: number }
type AnyOptimiser = Optimiser<OptimiserState, CommonSettings>

// States and settings come back only to the optimiser whose name is in them.
const optimisers: ReadonlyMap<string, AnyOptimiser> = new Map(
  [cmaEs, sepCmaEs, xnes, snes, cosyne, evolutionStrategy, oneFifth].map((optimiser) => [
    optimiser.name,
    optimiser as AnyOptimiser,
  ]),
)

/** The names of all optimisers. */
export const optimiserNames: readonly string[] = [...optimisers.keys()].sort()

/** Plain data. */
export interface Optimisation {
  readonly settings: OptimisationSettings
  readonly seed: number | string
  readonly x0: Float64Array
  /** The run that is on. */
  readonly run: OptimiserState
  /** Runs that are over. */
  readonly restarts: number
  /** Whether the run that is on has few candidates (BIPOP). */
  readonly isSmall: boolean
  /** Runs with few candidates, the first of all not among them. */
  readonly smallRuns: number
  /** Evaluations of runs with few and with many candidates that are over. */
  readonly spentSmall: number
  readonly spentLarge: number
  /** Candidates of the first run. */
  readonly firstPopsize: number
  /** Of all runs. */
  readonly evaluations: number
  readonly best?: Candidate
  /** Why it should end; empty while the run has prospects, or a restart is left. */
  readonly stop: Readonly<Record<string, number>>
}

function optimiserOf(name: string): AnyOptimiser {
  const found = optimisers.get(name)
  if (found !== undefined) return found
  const known = optimiserNames.join(', ')
  throw new EvolutionSettingsError(`optimiser is ${name}: use one of ${known}`)
}

/** The first state. Throws EvolutionSettingsError for settings out of range. */
export function startOptimisation(
  x0: ArrayLike<number>,
  settings: OptimisationSettings,
  seed: number | string,
): Optimisation {
  const { restarts = 'none', maxrestarts = 9, incpopsize = 2, spread = 0 } = settings
  if (!restartModes.includes(restarts)) {
    const known = restartModes.join(', ')
    throw new EvolutionSettingsError(`restarts is ${restarts}: use one of ${known}`)
  }
  checkBudget(settings)
  checkSetting('maxrestarts', maxrestarts, 0, Number.POSITIVE_INFINITY)
  checkSetting('incpopsize', incpopsize, 1, 100)
  checkSetting('spread', spread, 0, Number.MAX_VALUE)
  const point = Float64Array.from(x0)
  const run = beginRun(point, settings, seed, 0, {})
  return {
    settings,
    seed,
    x0: point,
    run,
    restarts: 0,
    isSmall: true,
    smallRuns: 0,
    spentSmall: 0,
    spentLarge: 0,
    firstPopsize: optimiserOf(settings.optimiser).ask(run).length,
    evaluations: 0,
    stop: {},
  }
}

/** A run with settings that replace the given ones. */
function beginRun(
  x0: Float64Array,
  settings: OptimisationSettings,
  seed: number | string,
  index: number,
  change: Partial<CommonSettings>,
): OptimiserState {
  const { optimiser, restarts, maxrestarts, incpopsize, spread = 0, maxfevals, ...own } = settings
  const random = seededRandom(seed).fork('first point').fork(index)
  const start = spread === 0 ? x0 : x0.map((value) => value + spread * random.gaussian())
  const { sigma0 = 1 } = own
  return optimiserOf(optimiser).init(start, { ...own, sigma0, ...change }, runSeed(seed, index))
}

/** The first run draws as the optimiser alone would. */
function runSeed(seed: number | string, index: number): number | string {
  return index === 0 ? seed : `${seed}, restart ${index}`
}

/** The candidates to evaluate now; the same whenever it is asked. */
export function askOptimisation({ settings, run }: Optimisation): Float64Array[] {
  return optimiserOf(settings.optimiser).ask(run)
}

/** What follows from the fitness of each candidate, a restart if it is time for one. */
export function tellOptimisation(
  state: Optimisation,
  candidates: readonly Float64Array[],
  fitnesses: ArrayLike<number>,
): Optimisation {
  const { settings, restarts, smallRuns } = state
  const run = optimiserOf(settings.optimiser).tell(state.run, candidates, fitnesses)
  const evaluations = state.evaluations + candidates.length
  const told = { ...state, ...bestAfter(state, run), run, evaluations }
  const iteration = run.iteration
  const { maxiter, ...budget } = settings
  const stop = budgetStop(budget, { ...told, iteration })
  if (Object.keys(stop).length > 0) return { ...told, stop }
  const { maxrestarts = 9 } = settings
  const mayRestart = (settings.restarts ?? 'none') !== 'none' && restarts - smallRuns < maxrestarts
  if (!hasStopped(run)) return told
  return mayRestart ? restarted(told) : { ...told, stop: run.stop }
}

function bestAfter(state: Optimisation, run: OptimiserState): { readonly best?: Candidate } {
  const { best, evaluations } = state
  if (run.best === undefined || (best !== undefined && best.fitness >= run.best.fitness)) {
    return best === undefined ? {} : { best }
  }
  const earlier = evaluations - state.run.evaluations
  return { best: { ...run.best, evaluations: earlier + run.best.evaluations } }
}

function restarted(state: Optimisation): Optimisation {
  const { settings, seed, x0, run, isSmall } = state
  const ended = {
    ...state,
    restarts: state.restarts + 1,
    spentSmall: state.spentSmall + (isSmall ? run.evaluations : 0),
    spentLarge: state.spentLarge + (isSmall ? 0 : run.evaluations),
  }
  const isNextSmall = settings.restarts === 'bipop' && ended.spentSmall < ended.spentLarge
  const next = {
    ...ended,
    isSmall: isNextSmall,
    smallRuns: state.smallRuns + (isNextSmall ? 1 : 0),
  }
  const change = isNextSmall ? smallRun(next) : { popsize: largePopsize(next) }
  return { ...next, run: beginRun(x0, settings, seed, next.restarts, change) }
}

/** The candidates of a run with many: times `incpopsize` a restart. */
function largePopsize({ settings, restarts, smallRuns, firstPopsize }: Optimisation): number {
  if (settings.restarts === 'same') return firstPopsize
  let popsize = firstPopsize
  for (let i = 0; i < restarts - smallRuns; i++) popsize *= settings.incpopsize ?? 2
  return Math.min(OPTIMISER_POPSIZE_MAX, Math.floor(popsize))
}

/** A run with few candidates and a smaller step size, for half of what those with many spent. */
function smallRun(state: Optimisation): Partial<CommonSettings> {
  const { settings, seed, restarts, firstPopsize, spentLarge } = state
  const random = seededRandom(seed).fork('small run').fork(restarts)
  const sigma0 = (settings.sigma0 ?? 1) * exp(-log(100) * random.next())
  const exponent = random.next()
  const factor = largePopsize(state) / firstPopsize
  const popsize = Math.floor(firstPopsize * exp(log(factor) * exponent * exponent))
  const maxiter = Math.max(1, Math.floor((0.5 * spentLarge) / popsize))
  return { sigma0, popsize, maxiter: Math.min(maxiter, settings.maxiter ?? maxiter) }
}
