// Runs one population: has a generation evaluated, reports it, verifies its best when that claims
// to have solved the problem, and goes on to the next (evolution/population.ts decides what that
// is). While a generation is under way the server answers, measures and takes in genotypes from
// elsewhere.
//
//   const { population, supervisor } = await startPopulation({
//     problem: xor,
//     seed: 42,
//     settings: settingsFor('xor'),
//     evaluator: { kind: 'pool', workers: 2 },
//   })
//   await subscribeReports(population, reporter)   // generation, champion, done
//
// One seed decides a whole run, whatever the evaluator and the number of workers; only immigrants
// change it.
import {
  type Call,
  type CallResult,
  call,
  cast,
  type From,
  GenServer,
  type MaybePromise,
  type ReplyOf,
  type Result,
  type ServerPid,
  type ServerRef,
} from '../../behaviours/gen-server.ts'
import type { Evaluation, Problem, Verification } from '../../evolution/environment/environment.ts'
import {
  ask,
  type EvolutionState,
  inject as injectInto,
  measuresOf,
  startEvolution,
  tell,
} from '../../evolution/evolution.ts'
import type { EvolutionSettings } from '../../evolution/evolution-settings.ts'
import { bestIndex } from '../../evolution/fitness.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { TURN_REDUCTIONS_MAX } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { reply } from '../../runtime/call.ts'
import type { Clock } from '../../runtime/clock.ts'
import { log } from '../../runtime/logger.ts'
import type { Pid } from '../../runtime/pid.ts'
import { isAlive, send } from '../../runtime/process.ts'
import { bumpReductions } from '../../runtime/scheduler.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import { currentClock } from '../../runtime/timer-wheel.ts'
import * as evaluator from './evaluator.ts'
import {
  arrive,
  entered,
  type Immigrants,
  type Individual,
  individualOf,
  keyOf,
  noImmigrants,
} from './immigrants.ts'
import {
  type DoneReport,
  generationReport,
  type PopulationReport,
  type Progress,
} from './population-report.ts'

export type { Individual } from './immigrants.ts'
export type {
  ChampionReport,
  DoneReport,
  GenerationReport,
  PopulationReport,
} from './population-report.ts'

export interface PopulationOptions<Origin = unknown> {
  readonly problem: Problem
  readonly seed: number
  readonly settings: EvolutionSettings
  /** Scores the genotypes; the population ends when it fails twice. */
  readonly evaluator: evaluator.EvaluatorRef
  /** Generations to evaluate; default: no end. */
  readonly generationsMax?: number
  /** Evaluations not to exceed, whole generations counted; the first generation is always run. */
  readonly evaluationsMax?: number
  /** Whether a champion that passes the full criterion ends the run; default true. */
  readonly stopWhenSolved?: boolean
  readonly reporters?: readonly Pid<PopulationReport<Origin>>[]
  /** Times the generations, for reports; default: the clock in use. */
  readonly clock?: Clock
}

/** The best that was ever evaluated, and when. */
export interface Best<Origin = unknown> extends Individual<Origin> {
  readonly generation: number
  readonly evaluations: number
}

type MeasureCall = Call<
  'measure',
  { genotypes: readonly Genotype[] },
  readonly Evaluation[] | ArborError
>

export type PopulationCall<Origin> =
  | MeasureCall
  | Call<'best', unknown, Best<Origin> | undefined>
  | Call<'subscribe', { reporter: Pid<PopulationReport<Origin>> }, undefined>

export interface PopulationCast<Origin> {
  readonly type: 'inject'
  readonly individual: Individual<Origin>
}

export type PopulationPid<Origin = unknown> = ServerPid<
  PopulationCall<Origin>,
  PopulationCast<Origin>
>
export type PopulationRef<Origin = unknown> = ServerRef<
  PopulationCall<Origin>,
  PopulationCast<Origin>
>

interface State<Origin> {
  readonly population: EvolutionState
  /** The genotypes of this generation: those that are to be evaluated. */
  readonly asked: readonly Genotype[]
  readonly immigrants: Immigrants<Origin>
  readonly reporters: ReadonlySet<Pid<PopulationReport<Origin>>>
  readonly best: Best<Origin> | undefined
  /** When the evaluation of this generation began. */
  readonly startedMs: number
  /** Scores of this generation, while its best is verified. */
  readonly evaluations: readonly Evaluation[]
  /** The genotype that was verified last: it need not be again. */
  readonly verified: string | undefined
  /** What ended the run, for reporters that come later; empty until then. */
  readonly ending: readonly PopulationReport<Origin>[]
}

/** The evaluator has answered. */
class Evaluated {
  readonly evaluations: readonly Evaluation[]

  constructor(evaluations: readonly Evaluation[]) {
    this.evaluations = evaluations
  }
}

class Verified {
  readonly champion: Individual
  readonly verification: Verification

  constructor(champion: Individual, verification: Verification) {
    this.champion = champion
    this.verification = verification
  }
}

class Failed {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

export class PopulationServer<Origin = unknown> extends GenServer<
  State<Origin>,
  PopulationCall<Origin>,
  PopulationCast<Origin>
> {
  readonly #options: PopulationOptions<Origin>
  readonly #clock: Clock

  constructor(options: PopulationOptions<Origin>) {
    super()
    this.#options = options
    this.#clock = options.clock ?? currentClock()
  }

  init(): { state: State<Origin> } {
    const { problem, settings, seed, reporters = [] } = this.#options
    for (const reporter of reporters) monitor(reporter)
    const population = startEvolution(problem, settings, seed)
    const state: State<Origin> = {
      population,
      asked: ask(population),
      immigrants: noImmigrants(),
      reporters: new Set(reporters),
      best: undefined,
      startedMs: 0,
      evaluations: [],
      verified: undefined,
      ending: [],
    }
    return { state: this.#evaluate(state) }
  }

  override handleCall(
    request: PopulationCall<Origin>,
    from: From<ReplyOf<PopulationCall<Origin>>>,
    state: State<Origin>,
  ): CallResult<State<Origin>, ReplyOf<PopulationCall<Origin>>> {
    if (request.type === 'best') return { reply: state.best, state }
    if (request.type === 'subscribe') {
      monitor(request.reporter)
      for (const report of state.ending) send(request.reporter, report)
      const reporters = new Set([...state.reporters, request.reporter])
      return { reply: undefined, state: { ...state, reporters } }
    }
    const answer = (evaluations: readonly Evaluation[] | ArborError): void =>
      reply(from, evaluations)
    evaluator.measure(this.#options.evaluator, request.genotypes).then(answer, answer)
    return { state }
  }

  override handleCast(
    { individual }: PopulationCast<Origin>,
    state: State<Origin>,
  ): Result<State<Origin>> {
    if (state.ending.length > 0) return { state }
    return { state: { ...state, immigrants: arrive(state.immigrants, individual) } }
  }

  override handleInfo(message: unknown, state: State<Origin>): MaybePromise<Result<State<Origin>>> {
    if (message instanceof Evaluated) return { state: this.#evaluated(message, state) }
    if (message instanceof Verified) return { state: this.#verified(message, state) }
    if (message instanceof Failed) {
      const { generation } = state.population
      return { stop: { evaluation_failed: message.error, generation }, state }
    }
    if (message instanceof Down) {
      const left = [...state.reporters].filter((reporter) => reporter !== message.pid)
      return { state: { ...state, reporters: new Set(left) } }
    }
    return super.handleInfo(message, state)
  }

  // --- The course of evolution ---

  /** Asks for the scores of the generation; they come as a message. */
  #evaluate(state: State<Origin>): State<Origin> {
    this.#ask(
      evaluator.evaluate(this.#options.evaluator, state.asked),
      (evaluations) => new Evaluated(evaluations),
    )
    return { ...state, startedMs: this.#clock.now() }
  }

  #evaluated({ evaluations }: Evaluated, state: State<Origin>): State<Origin> {
    const { population, asked, immigrants } = state
    const index = bestIndex(evaluations.map(({ fitness }) => fitness))
    const { fitness = Number.NaN, solved = false } = evaluations[index] ?? {}
    const best = individualOf(immigrants, asked[index]!, fitness)
    const progress = this.#progress(state)
    const seconds = (this.#clock.now() - state.startedMs) / 1000
    const { species = 1 } = measuresOf(population)
    this.#tell(state, generationReport(progress, best, evaluations, species, seconds))
    const { generation, evaluations: spent } = progress
    const isBestEver = state.best === undefined || fitness > state.best.fitness
    const next: State<Origin> = {
      ...state,
      evaluations,
      best: isBestEver ? { ...best, generation, evaluations: spent } : state.best,
    }
    const key = solved ? keyOf(best.genotype) : undefined
    if (key === undefined || key === state.verified) return this.#advance(next)
    this.#ask(
      evaluator.verify(this.#options.evaluator, best.genotype),
      (verification) => new Verified(best, verification),
    )
    return { ...next, verified: key }
  }

  #verified({ champion, verification }: Verified, state: State<Origin>): State<Origin> {
    const { genotype, fitness } = champion
    const individual = individualOf(state.immigrants, genotype, fitness)
    const progress = this.#progress(state)
    const report = { type: 'champion' as const, ...progress, ...individual, verification }
    this.#tell(state, report)
    const { stopWhenSolved = true } = this.#options
    const isOver = verification.solved && stopWhenSolved
    return isOver ? this.#end('solved', state, [report]) : this.#advance(state)
  }

  /** Goes on with the next generation, unless that would be one too many. */
  #advance(state: State<Origin>): State<Origin> {
    const { generationsMax = Infinity, evaluationsMax = Infinity } = this.#options
    const { generation, evaluations } = this.#progress(state)
    const { population, immigrants } = state
    if (generation + 1 >= generationsMax) return this.#end('generations', state)
    const joined = immigrants.waiting.reduce((before, { genotype }) => {
      const injection = injectInto(before, genotype)
      if (injection.ok) return injection.state
      const { reason } = injection
      log(() => ({ level: 'info', event: 'immigrant_refused', population: this.self, reason }))
      return before
    }, population)
    const next = tell(joined, state.evaluations)
    const asked = ask(next)
    if (evaluations + asked.length > evaluationsMax) return this.#end('evaluations', state)
    bumpReductions(TURN_REDUCTIONS_MAX)
    return this.#evaluate({
      ...state,
      population: next,
      asked,
      immigrants: entered(immigrants),
      evaluations: [],
    })
  }

  #end(
    reason: DoneReport['reason'],
    state: State<Origin>,
    before: readonly PopulationReport<Origin>[] = [],
  ): State<Origin> {
    if (state.best === undefined) return state
    const { genotype, fitness } = state.best
    const best = individualOf(state.immigrants, genotype, fitness)
    const done = { type: 'done' as const, ...this.#progress(state), reason, best }
    this.#tell(state, done)
    return { ...state, ending: [...before, done] }
  }

  // --- Reports ---

  #progress({ population, asked }: State<Origin>): Progress {
    const { generation, evaluations } = population
    return { population: this.self, generation, evaluations: evaluations + asked.length }
  }

  #tell({ reporters }: State<Origin>, report: PopulationReport<Origin>): void {
    for (const reporter of reporters) send(reporter, report)
  }

  /** The answer to a question, or its failure, as a message to ourselves: nobody waits for it. */
  #ask<T>(question: Promise<T>, answered: (answer: T) => object): void {
    const tell = (message: object): void => {
      if (isAlive(this.self)) send(this.self, message)
    }
    question.then(
      (answer) => tell(answered(answer)),
      (error) => tell(new Failed(error)),
    )
  }
}

// --- Client functions ---

/** The best that was ever evaluated here; undefined before the first generation has been. */
export function best<Origin>(population: PopulationRef<Origin>): Promise<Best<Origin> | undefined> {
  return call(population, { type: 'best' })
}

/**
 * Runs genotypes without letting them in, beside the generation that is under way; not counted as
 * evaluations. Rejects with an `ArborError`: `measurements_full` beyond MEASUREMENTS_MAX at a time,
 * `evaluation_failed`.
 */
export async function measure(
  population: ServerRef<MeasureCall>,
  genotypes: readonly Genotype[],
): Promise<readonly Evaluation[]> {
  const options = { timeoutMs: 'infinity' } as const
  return orThrow(await call(population, { type: 'measure', genotypes }, options))
}

/**
 * Lets a genotype join the next generation as an individual of its own. Its origin stays with it
 * and with every copy that nothing has changed. `fitness` decides who may wait when more than
 * IMMIGRANTS_MAX do.
 */
export function inject<Origin>(
  population: PopulationRef<Origin>,
  individual: Individual<Origin>,
): void {
  cast(population, { type: 'inject', individual })
}

/**
 * Sends the reports of all further generations to a process, until that ends. When evolution has
 * ended already, it is told how.
 */
export async function subscribeReports<Origin>(
  population: PopulationRef<Origin>,
  reporter: Pid<PopulationReport<Origin>>,
): Promise<void> {
  await call(population, { type: 'subscribe', reporter })
}

function orThrow<T>(answer: T | ArborError): T {
  if (answer instanceof ArborError) throw answer
  return answer
}
