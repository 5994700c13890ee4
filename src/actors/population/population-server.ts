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
// One seed decides a run, whatever the evaluator and its workers; only immigrants change it.
import {
  type CallResult,
  call,
  cast,
  type From,
  GenServer,
  type MaybePromise,
  type ReplyOf,
  type Result,
  type ServerRef,
} from '../../behaviours/gen-server.ts'
import type { Evaluation } from '../../evolution/environment/environment.ts'
import {
  ask,
  inject as injectInto,
  matchesOf,
  measuresOf,
  startEvolution,
  tell,
} from '../../evolution/evolution.ts'
import { bestIndex } from '../../evolution/fitness.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { standings } from '../../evolution/match.ts'
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
import type { Checkpoint } from './checkpoint.ts'
import { Checkpointer } from './checkpointer.ts'
import * as evaluator from './evaluator.ts'
import {
  arrive,
  entered,
  type Individual,
  individualOf,
  keyOf,
  noImmigrants,
} from './immigrants.ts'
import { Evaluated, Failed, Saved, Verified } from './population-answer.ts'
import type {
  Best,
  MeasureCall,
  PopulationCall,
  PopulationCast,
  PopulationOptions,
  PopulationRef,
} from './population-protocol.ts'
import {
  type DoneReport,
  failureReports,
  generationReport,
  type PopulationReport,
  type Progress,
} from './population-report.ts'

export type { Individual } from './immigrants.ts'
export type {
  Best,
  PopulationCall,
  PopulationCast,
  PopulationOptions,
  PopulationPid,
  PopulationRef,
} from './population-protocol.ts'
export type {
  ChampionReport,
  DoneReport,
  FailureReport,
  GenerationReport,
  PopulationReport,
} from './population-report.ts'

/** What of the state a checkpoint holds. */
type Standing<Origin> = Omit<Checkpoint<Origin>, 'problem'>

interface State<Origin> extends Standing<Origin> {
  /** The genotypes of this generation: those that are to be evaluated. */
  readonly asked: readonly Genotype[]
  readonly reporters: ReadonlySet<Pid<PopulationReport<Origin>>>
  /** When the evaluation of this generation began. */
  readonly startedMs: number
  /** Scores of this generation, while its best is verified. */
  readonly evaluations: readonly Evaluation[]
  /** What ended the run, for reporters that come later; empty until then. */
  readonly ending: readonly PopulationReport<Origin>[]
}

export class PopulationServer<Origin = unknown> extends GenServer<
  State<Origin>,
  PopulationCall<Origin>,
  PopulationCast<Origin>
> {
  readonly #options: PopulationOptions<Origin>
  readonly #clock: Clock
  readonly #checkpointer: Checkpointer | undefined

  constructor(options: PopulationOptions<Origin>) {
    super()
    const { clock = currentClock(), checkpoint } = options
    this.#options = options
    this.#clock = clock
    this.#checkpointer = checkpoint && new Checkpointer(checkpoint, clock)
  }

  async init(): Promise<{ state: State<Origin> }> {
    const { reporters = [], checkpoint } = this.#options
    for (const reporter of reporters) monitor(reporter)
    const saved = checkpoint?.resume === true ? await checkpoint.store.load() : undefined
    const begun = saved === undefined ? this.#begin() : this.#resume(saved)
    const state: State<Origin> = {
      ...begun,
      asked: ask(begun.population),
      reporters: new Set(reporters),
      startedMs: 0,
      evaluations: [],
      ending: [],
    }
    return { state: this.#evaluate(state) }
  }

  #begin(): Standing<Origin> {
    const { problem, settings, seed } = this.#options
    const population = startEvolution(problem, settings, seed)
    return { population, immigrants: noImmigrants(), best: undefined, verified: undefined }
  }

  /** Settings and seed are those of the run that is continued. */
  #resume({ problem, ...standing }: Checkpoint): Standing<Origin> {
    const { name } = this.#options.problem
    // The store is ours, and so are the origins in it.
    if (problem === name) return standing as Standing<Origin>
    const attempt = { operation: 'resume population', target: name }
    const advice = `resume it with the problem ${problem}`
    throw new ArborError('other_problem', `the checkpoint is of ${problem}`, advice, attempt)
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
    if (message instanceof Saved) return { state: this.#saved(state) }
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
      evaluator.evaluate(this.#options.evaluator, state.asked, matchesOf(state.population)),
      (evaluations) => new Evaluated(evaluations),
    )
    this.#checkpointer?.offer(this.#checkpoint(state))
    return { ...state, startedMs: this.#clock.now() }
  }

  #checkpoint({ population, immigrants, best, verified }: State<Origin>): Checkpoint<Origin> {
    return { problem: this.#options.problem.name, population, immigrants, best, verified }
  }

  #evaluated({ evaluations }: Evaluated, state: State<Origin>): State<Origin> {
    const { population, asked, immigrants } = state
    const standing = standings(asked, matchesOf(population), evaluations)
    this.#tellFailures(standing, state)
    const index = bestIndex(standing.map(({ fitness }) => fitness))
    const { fitness = Number.NaN, solved = false } = standing[index] ?? {}
    const best = individualOf(immigrants, asked[index]!, fitness)
    const progress = this.#progress(state)
    const seconds = (this.#clock.now() - state.startedMs) / 1000
    const { species = 1 } = measuresOf(population)
    this.#tell(state, generationReport(progress, best, standing, species, seconds))
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
    if (evaluations + (matchesOf(next) ?? asked).length > evaluationsMax)
      return this.#end('evaluations', state)
    bumpReductions(TURN_REDUCTIONS_MAX)
    return this.#evaluate({
      ...state,
      population: next,
      asked,
      immigrants: entered(immigrants),
      evaluations: [],
    })
  }

  /** Evolution is over: reporters are told once what a later run would go on from is saved. */
  #end(
    reason: DoneReport['reason'],
    state: State<Origin>,
    before: readonly PopulationReport<Origin>[] = [],
  ): State<Origin> {
    if (state.best === undefined) return state
    const { genotype, fitness } = state.best
    const best = individualOf(state.immigrants, genotype, fitness)
    const done = { type: 'done' as const, ...this.#progress(state), reason, best }
    const ended: State<Origin> = { ...state, ending: [...before, done] }
    if (this.#checkpointer === undefined) return this.#saved(ended)
    this.#ask(this.#checkpointer.save(this.#checkpoint(state)), () => new Saved())
    return ended
  }

  #saved(state: State<Origin>): State<Origin> {
    for (const report of state.ending.slice(-1)) this.#tell(state, report)
    return state
  }

  // --- Reports ---

  #tellFailures(evaluations: readonly Evaluation[], state: State<Origin>): void {
    const { asked, population } = state
    for (const report of failureReports(this.#progress(state), asked, evaluations, population)) {
      const { genotype, seed, failure } = report
      log(() => ({ level: 'warning', event: 'evaluation_failed', genotype, seed, failure }))
      this.#tell(state, report)
    }
  }

  #progress({ population, asked }: State<Origin>): Progress {
    const { generation, evaluations } = population
    const { length } = matchesOf(population) ?? asked
    return { population: this.self, generation, evaluations: evaluations + length }
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
  return evaluator.orThrow(await call(population, { type: 'measure', genotypes }, options))
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
