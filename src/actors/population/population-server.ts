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
  type From,
  GenServer,
  type MaybePromise,
  type ReplyOf,
  type Result,
} from '../../behaviours/gen-server.ts'
import type { Evaluation } from '../../evolution/environment/environment.ts'
import { evaluationsSpent } from '../../evolution/evaluate-tuned.ts'
import { ask, inject as injectInto, livesOf, matchesOf, tell } from '../../evolution/evolution.ts'
import { advanceEvents, evaluationEvents, firstEvents } from '../../evolution/evolution-events.ts'
import { bestIndex } from '../../evolution/fitness.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { standings } from '../../evolution/match.ts'
import { performerOf } from '../../evolution/tuning.ts'
import { TURN_REDUCTIONS_MAX } from '../../limits.ts'
import type { ArborError } from '../../runtime/arbor-error.ts'
import { reply } from '../../runtime/call.ts'
import type { Clock } from '../../runtime/clock.ts'
import { log } from '../../runtime/logger.ts'
import type { Pid } from '../../runtime/pid.ts'
import { isAlive, send } from '../../runtime/process.ts'
import { bumpReductions } from '../../runtime/scheduler.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import { currentClock } from '../../runtime/timer-wheel.ts'
import { Audience } from './audience.ts'
import { bestAfter, bestOfGame } from './best.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { SavedCheckpoint } from './checkpoint-file.ts'
import { Checkpointer } from './checkpointer.ts'
import * as evaluator from './evaluator.ts'
import { arrive, entered, individualOf } from './immigrants.ts'
import { Evaluated, Failed, Saved, Verified } from './population-answer.ts'
import type { PopulationCall, PopulationCast, PopulationOptions } from './population-protocol.ts'
import {
  type DoneReport,
  failureReports,
  type GenerationReport,
  generationReport,
  lineageIn,
  type PopulationReport,
  type Progress,
} from './population-report.ts'
import { firstStanding, noCheckpoints, resumedStanding, type Standing } from './standing.ts'

export type { Individual } from './immigrants.ts'
export {
  type Best,
  best,
  inject,
  measure,
  type PopulationCall,
  type PopulationCast,
  type PopulationOptions,
  type PopulationPid,
  type PopulationRef,
  saveCheckpoint,
  subscribeEvents,
  subscribeReports,
} from './population-protocol.ts'
export type {
  ChampionReport,
  DoneReport,
  FailureReport,
  GenerationReport,
  PopulationReport,
} from './population-report.ts'

interface State<Origin> extends Standing<Origin> {
  /** The genotypes of this generation: those that are to be evaluated. */
  readonly asked: readonly Genotype[]
  readonly reporters: ReadonlySet<Pid<PopulationReport<Origin>>>
  /** When the evaluation of this generation began. */
  readonly startedMs: number
  /** Scores of this generation, while its best is verified. */
  readonly evaluations: readonly Evaluation[]
  /** Of the last generation that was evaluated here. */
  readonly report?: GenerationReport<Origin>
  /** What ended the run, for reporters that come later; empty until then. */
  readonly ending: readonly PopulationReport<Origin>[]
  readonly isOver: boolean
  readonly isPaused: boolean
  /** Whether the evaluation of this generation waits for the end of a pause. */
  readonly isHeld: boolean
  /** Who waits for the end of a generation, or of the run. */
  readonly waiting: readonly Waiting<Origin>[]
}

/** Tells somebody who waits; of the generation that was evaluated, unless evolution is over. */
type Waiting<Origin> = (report: GenerationReport<Origin> | undefined) => void

export class PopulationServer<Origin = unknown> extends GenServer<
  State<Origin>,
  PopulationCall<Origin>,
  PopulationCast<Origin>
> {
  readonly #options: PopulationOptions<Origin>
  readonly #clock: Clock
  readonly #checkpointer: Checkpointer | undefined
  readonly #audience: Audience

  constructor(options: PopulationOptions<Origin>) {
    super()
    const { clock = currentClock(), checkpoint, listeners = [] } = options
    this.#audience = new Audience(listeners)
    this.#options = options
    this.#clock = clock
    const saved = (about: SavedCheckpoint): void =>
      this.#audience.tell(this.self, () => [{ type: 'checkpoint_saved', ...about }])
    this.#checkpointer = checkpoint && new Checkpointer(checkpoint, clock, saved)
  }

  async init(): Promise<{ state: State<Origin> }> {
    const { reporters = [], checkpoint, paused = false } = this.#options
    for (const one of [...reporters, ...this.#audience.listeners]) monitor(one)
    const saved = checkpoint?.resume === true ? await checkpoint.store.load() : undefined
    const begun =
      saved === undefined ? firstStanding(this.#options) : resumedStanding(this.#options, saved)
    const { population } = begun
    if (saved === undefined) this.#audience.tell(this.self, () => firstEvents(population))
    const state: State<Origin> = {
      ...begun,
      asked: ask(begun.population),
      reporters: new Set(reporters),
      startedMs: 0,
      evaluations: [],
      ending: [],
      isOver: false,
      isPaused: paused,
      isHeld: false,
      waiting: [],
    }
    return { state: this.#begin(state) }
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
    if (request.type === 'subscribe_events') {
      monitor(request.listener)
      this.#audience.add(request.listener)
      return { reply: undefined, state }
    }
    if (request.type === 'checkpoint') {
      if (this.#checkpointer === undefined) return { reply: noCheckpoints(), state }
      if (state.isOver) return { reply: undefined, state }
      const saving = this.#checkpointer.save(this.#checkpoint(state), 'manual')
      void saving.then(() => reply(from, undefined))
      return { state }
    }
    if (request.type !== 'measure') return this.#control(request.type, from, state)
    const answer = (evaluations: readonly Evaluation[] | ArborError): void =>
      reply(from, evaluations)
    evaluator.measure(this.#options.evaluator, request.genotypes).then(answer, answer)
    return { state }
  }

  #control(
    request: 'pause' | 'resume' | 'step' | 'finish',
    from: From<ReplyOf<PopulationCall<Origin>>>,
    state: State<Origin>,
  ): CallResult<State<Origin>, ReplyOf<PopulationCall<Origin>>> {
    if (state.isOver && (request !== 'finish' || state.waiting.length === 0)) {
      return { reply: undefined, state }
    }
    if (request !== 'finish') this.#options.onPause?.(request !== 'resume')
    if (request === 'pause') return { reply: undefined, state: { ...state, isPaused: true } }
    const next = { ...state, isPaused: request === 'step' }
    if (request === 'resume') return { reply: undefined, state: this.#unheld(next) }
    const tell: Waiting<Origin> = (report) => reply(from, report)
    const waited = { ...next, waiting: [...state.waiting, tell] }
    if (request === 'step') return { state: this.#unheld(waited) }
    return { state: state.isOver ? waited : this.#finish(waited) }
  }

  override handleCast(
    { individual }: PopulationCast<Origin>,
    state: State<Origin>,
  ): Result<State<Origin>> {
    if (state.isOver) return { state }
    return { state: { ...state, immigrants: arrive(state.immigrants, individual) } }
  }

  override handleInfo(message: unknown, state: State<Origin>): MaybePromise<Result<State<Origin>>> {
    const isLate = state.isOver && (message instanceof Evaluated || message instanceof Verified)
    if (isLate) return { state }
    if (message instanceof Evaluated) return { state: this.#evaluated(message, state) }
    if (message instanceof Verified) return { state: this.#verified(message, state) }
    if (message instanceof Saved) return { state: this.#saved(state) }
    if (message instanceof Failed) {
      const { generation } = state.population
      return { stop: { evaluation_failed: message.error, generation }, state }
    }
    if (message instanceof Down) {
      this.#audience.remove(message.pid)
      const left = [...state.reporters].filter((reporter) => reporter !== message.pid)
      return { state: { ...state, reporters: new Set(left) } }
    }
    return super.handleInfo(message, state)
  }

  // --- The course of evolution ---

  /** A generation is there to be evaluated: at once, or after the pause. */
  #begin(state: State<Origin>): State<Origin> {
    this.#checkpointer?.offer(this.#checkpoint(state))
    return state.isPaused ? { ...state, isHeld: true } : this.#evaluate(state)
  }

  #unheld(state: State<Origin>): State<Origin> {
    return state.isHeld ? this.#evaluate({ ...state, isHeld: false }) : state
  }

  /** Asks for the scores of the generation; they come as a message. */
  #evaluate(state: State<Origin>): State<Origin> {
    this.#ask(
      evaluator.evaluate(this.#options.evaluator, state.asked, {
        matches: matchesOf(state.population),
        lives: livesOf(state.population),
      }),
      (evaluations) => new Evaluated(evaluations),
    )
    return { ...state, startedMs: this.#clock.now() }
  }

  #checkpoint({ population, immigrants, best, verified }: State<Origin>): Checkpoint<Origin> {
    return { problem: this.#options.problem.name, population, immigrants, best, verified }
  }

  #evaluated({ evaluations }: Evaluated, state: State<Origin>): State<Origin> {
    const { population, asked, immigrants } = state
    const standing = standings(asked, matchesOf(population), evaluations)
    const told = { ...state, evaluations }
    this.#tellFailures(standing, told)
    this.#audience.tell(this.self, () => evaluationEvents(population, evaluations))
    const index = bestIndex(standing.map(({ fitness }) => fitness))
    const standingOfBest = standing[index]!
    const { fitness, solved } = standingOfBest
    const best = individualOf(immigrants, performerOf(asked[index]!, standingOfBest), fitness)
    const progress = this.#progress(told)
    const seconds = (this.#clock.now() - state.startedMs) / 1000
    const report = {
      ...generationReport(progress, best, standing, population, seconds),
      ...lineageIn(population, asked, standing),
    }
    this.#tell(state, report)
    const next = { ...told, best: bestAfter(state.best, best, progress, population), report }
    const key = solved ? genotypeId(best.genotype) : undefined
    if (key === undefined || key === state.verified) return this.#advance(next)
    this.#ask(
      evaluator.verify(this.#options.evaluator, best.genotype),
      (verification) => new Verified(best, verification),
    )
    return next
  }

  #verified({ champion, verification }: Verified, state: State<Origin>): State<Origin> {
    const { genotype, fitness } = champion
    const individual = individualOf(state.immigrants, genotype, fitness)
    const progress = this.#progress(state)
    const report = { type: 'champion' as const, ...progress, ...individual, verification }
    this.#tell(state, report)
    const { stopWhenSolved = true } = this.#options
    const isOver = verification.solved && stopWhenSolved
    // Only now: a checkpoint of before must have it verified again.
    const told = { ...state, verified: genotypeId(genotype) }
    return isOver ? this.#end('solved', told, [report]) : this.#advance(told)
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
    this.#audience.tell(this.self, () => advanceEvents(joined, state.evaluations, next))
    bumpReductions(TURN_REDUCTIONS_MAX)
    for (const tell of state.waiting) tell(state.report)
    return this.#begin({
      ...state,
      population: next,
      best: matchesOf(next) === undefined ? state.best : bestOfGame(state.best, next, immigrants),
      asked,
      immigrants: entered(immigrants),
      evaluations: [],
      waiting: [],
    })
  }

  /** Evolution is over: reporters are told once what a later run would go on from is saved. */
  #end(
    reason: DoneReport['reason'],
    state: State<Origin>,
    before: readonly PopulationReport<Origin>[] = [],
    progress: Progress = this.#progress(state),
  ): State<Origin> {
    const over = { ...state, isOver: true, isHeld: false }
    let ended: State<Origin> = over
    if (state.best !== undefined) {
      const { genotype, fitness, generation, evaluations } = state.best
      const individual = individualOf(state.immigrants, genotype, fitness)
      const best = { ...individual, generation, evaluations }
      ended = { ...over, ending: [...before, { type: 'done', ...progress, reason, best }] }
    }
    if (this.#checkpointer === undefined) return this.#saved(ended)
    // Whoever continues a run that has solved its problem is told so again.
    const { verified, ...standing } = this.#checkpoint(state)
    const checkpoint = { ...standing, verified: reason === 'solved' ? undefined : verified }
    const why = reason === 'stopped' ? 'manual' : 'complete'
    this.#ask(this.#checkpointer.save(checkpoint, why), () => new Saved())
    return ended
  }

  /** Ends a run that could go on; the generation that is under way does not count. */
  #finish(state: State<Origin>): State<Origin> {
    const { generation, evaluations } = state.population
    const progress = { population: this.self, generation: Math.max(0, generation - 1), evaluations }
    return this.#end('stopped', state, [], progress)
  }

  #saved(state: State<Origin>): State<Origin> {
    for (const report of state.ending.slice(-1)) this.#tell(state, report)
    for (const tell of state.waiting) tell(undefined)
    return { ...state, waiting: [] }
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

  /** With the evaluations of this generation, once it has been evaluated. */
  #progress({ population, evaluations: told }: State<Origin>): Progress {
    const { generation, evaluations } = population
    const spent = evaluationsSpent(told)
    return { population: this.self, generation, evaluations: evaluations + spent }
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
