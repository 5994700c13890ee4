// Scores genotypes for a population: whole generations, single ones from elsewhere in between, and
// champions by the problem's full criterion. It answers when the work is done and takes further
// requests meanwhile. How the genotypes are run is its runner's business (runner.ts); the scores
// are the same whatever the runner.
//
//   const evaluator = start(new Evaluator({ problem: xor, runner: { kind: 'pool', workers: 2 } }))
//   const evaluations = await evaluate(evaluator, genotypes)
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type ReplyOf,
  type Result,
  type ServerRef,
} from '../../behaviours/gen-server.ts'
import type { Evaluation, Problem, Verification } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { phenotypeShape } from '../../evolution/substrate.ts'
import { MEASUREMENTS_MAX } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { reply } from '../../runtime/call.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { ExitReason } from '../../runtime/exit-reason.ts'
import { log } from '../../runtime/logger.ts'
import { isAlive, send } from '../../runtime/process.ts'
import { Exit, onExit, trapExit } from '../../runtime/signal.ts'
import { sendAfter } from '../../runtime/timer.ts'
import { currentClock } from '../../runtime/timer-wheel.ts'
import type { DynamicSupervisorRef } from '../../supervisors/dynamic-supervisor.ts'
import { InlineRunner } from './inline-runner.ts'
import { type Job, JobQueue } from './job-queue.ts'
import { PoolRunner } from './pool-runner.ts'
import { ProcessRunner } from './process-runner.ts'
import { ResourceGuard, type ResourceOptions, type ResourceStatus } from './resource-guard.ts'
import type { HowToScore, Runner } from './runner.ts'

/** How genotypes are run. */
export type RunnerOptions =
  /** Compiled, in so many worker threads. */
  | { readonly kind: 'pool'; readonly workers: number; readonly worker?: URL }
  /** Compiled, in this thread, in slices. */
  | { readonly kind: 'inline' }
  /** As neuron processes under this supervisor. */
  | {
      readonly kind: 'process'
      readonly supervisor: DynamicSupervisorRef
      /** Milliseconds without a cycle after which a network has failed. */
      readonly stallTimeoutMs?: number
    }

interface Options {
  readonly problem: Problem
  readonly runner: RunnerOptions
  /** Measures how long evaluations take; default: the clock in use. */
  readonly clock?: Clock
  /** Does less at a time while memory or processor run short; default: it does not look. */
  readonly resources?: ResourceOptions
}

/** What an evaluator answers; failures are answered, not thrown in its process. */
export type EvaluatorCall =
  | Call<
      'evaluate',
      { genotypes: readonly Genotype[]; how: HowToScore },
      readonly Evaluation[] | ArborError
    >
  | Call<'measure', { genotypes: readonly Genotype[] }, readonly Evaluation[] | ArborError>
  | Call<'verify', { genotype: Genotype }, Verification | ArborError>
  | Call<'resources', unknown, ResourceStatus | undefined>

export type EvaluatorRef = ServerRef<EvaluatorCall>

/** A job has come to its end. */
class Settled {
  readonly job: Job
  readonly error: unknown

  constructor(job: Job, error?: unknown) {
    this.job = job
    this.error = error
  }
}

/** The end of a pause for memory. */
const PAUSE_OVER = 'pause_over'

export class Evaluator extends GenServer<Runner, EvaluatorCall> {
  readonly #options: Options
  readonly #queue: JobQueue = new JobQueue()
  #jobsUnderWay = 0
  #measuring = 0
  #guard: ResourceGuard | undefined
  #isPausing = false

  constructor(options: Options) {
    super()
    this.#options = options
  }

  init(): InitResult<Runner> {
    trapExit()
    const runner = this.#makeRunner()
    const { resources, clock = currentClock() } = this.#options
    this.#guard = resources && new ResourceGuard(resources, runner.width, clock)
    // Threads must not outlive us, however we end.
    onExit(this.self, () => {
      runner.close().catch((error) => {
        log(() => ({ level: 'error', event: 'close_failed', pid: this.self, error }))
      })
    })
    return { state: runner }
  }

  override handleCall(
    request: EvaluatorCall,
    from: From<ReplyOf<EvaluatorCall>>,
    runner: Runner,
  ): CallResult<Runner, ReplyOf<EvaluatorCall>> {
    if (request.type === 'resources') return { reply: this.#guard?.status, state: runner }
    try {
      const genotypes = request.type === 'verify' ? [request.genotype] : request.genotypes
      for (const genotype of genotypes) checkShape(genotype, this.#options.problem)
      if (request.type === 'verify') this.#verify(request.genotype, from, runner)
      else if (request.type === 'evaluate') this.#evaluate(request, from, runner)
      else this.#measure(request.genotypes, from, runner)
    } catch (error) {
      return { reply: failure(request.type, error), state: runner }
    }
    this.#startJobs(runner)
    return { state: runner }
  }

  override handleInfo(message: unknown, runner: Runner): MaybePromise<Result<Runner>> {
    if (message instanceof Exit) return { stop: message.reason, state: runner }
    if (message === PAUSE_OVER) {
      this.#isPausing = false
      // However long memory stays critical, one job goes on after each pause.
      this.#startJobs(runner, Math.max(1, this.#widthOf(runner)))
      return { state: runner }
    }
    if (!(message instanceof Settled)) return super.handleInfo(message, runner)
    const { job, error } = message
    this.#jobsUnderWay--
    if (error === undefined) this.#queue.done(job)
    else this.#queue.failed(job, error)
    this.#startJobs(runner)
    return { state: runner }
  }

  override terminate(_reason: ExitReason, runner: Runner): Promise<void> {
    return runner.close()
  }

  #makeRunner(): Runner {
    const { problem, runner, clock = currentClock() } = this.#options
    if (runner.kind === 'pool') return new PoolRunner({ ...runner, problem, clock })
    if (runner.kind === 'inline') return new InlineRunner(problem)
    return new ProcessRunner({ ...runner, problem, owner: this.self })
  }

  #evaluate(
    { genotypes, how }: Extract<EvaluatorCall, { type: 'evaluate' }>,
    from: Answer,
    runner: Runner,
  ): void {
    const batch = runner.batch(genotypes, how)
    this.#queue.add({
      jobs: batch.jobs,
      isUrgent: false,
      succeed: () => reply(from, batch.evaluations()),
      fail: (error) => reply(from, failure('evaluate', error)),
    })
  }

  #measure(genotypes: readonly Genotype[], from: Answer, runner: Runner): void {
    const { length } = genotypes
    if (this.#measuring + length > MEASUREMENTS_MAX) {
      const attempt = { operation: 'measure', request: length }
      const message = `${this.#measuring} genotypes are being measured already`
      const advice = `measure ${MEASUREMENTS_MAX} at most at a time`
      throw new ArborError('measurements_full', message, advice, attempt)
    }
    const batch = runner.batch(genotypes)
    const end = (answer: readonly Evaluation[] | ArborError): void => {
      this.#measuring -= length
      reply(from, answer)
    }
    this.#measuring += length
    this.#queue.add({
      jobs: batch.jobs,
      isUrgent: true,
      succeed: () => end(batch.evaluations()),
      fail: (error) => end(failure('measure', error)),
    })
  }

  #verify(genotype: Genotype, from: Answer, runner: Runner): void {
    const found: Verification[] = []
    const verify = async (): Promise<void> => {
      found[0] = await runner.verify(genotype)
    }
    this.#queue.add({
      jobs: [verify],
      isUrgent: false,
      succeed: () => {
        for (const verification of found) reply(from, verification)
      },
      fail: (error) => reply(from, failure('verify', error)),
    })
  }

  /** Jobs that may be under way; 0 where memory is critical. */
  #widthOf(runner: Runner): number {
    if (this.#guard === undefined) return runner.width
    const { action, concurrency } = this.#guard.look()
    return action === 'pause' ? 0 : concurrency
  }

  /** Keeps as many jobs under way as the runner can use, and as resources allow. */
  #startJobs(runner: Runner, width?: number): void {
    if (this.#isPausing || this.#queue.isEmpty) return
    const allowed = width ?? this.#widthOf(runner)
    if (allowed === 0 && this.#guard !== undefined) {
      this.#isPausing = true
      sendAfter(this.self, PAUSE_OVER, this.#guard.pauseMs)
      return
    }
    while (this.#jobsUnderWay < allowed) {
      const job = this.#queue.next()
      if (job === undefined) return
      this.#jobsUnderWay++
      const settled = (error?: unknown): void => {
        if (isAlive(this.self)) send(this.self, new Settled(job, error))
      }
      job.run().then(() => settled(), settled)
    }
  }
}

type Answer = From<ReplyOf<EvaluatorCall>>

function checkShape(genotype: Genotype, problem: Problem): void {
  const { inputs, outputs } = phenotypeShape(genotype)
  if (inputs === problem.inputs && outputs === problem.outputs) return
  const message = `a genotype has ${inputs} inputs and ${outputs} outputs`
  const advice = `${problem.name} needs ${problem.inputs} and ${problem.outputs}`
  const attempt = { operation: 'evaluate', target: problem.name }
  throw new ArborError('wrong_shape', message, advice, attempt)
}

/** What went wrong, as an error of ours. */
function failure(operation: string, error: unknown): ArborError {
  if (error instanceof ArborError) return error
  const message = error instanceof Error ? error.message : String(error)
  const advice = 'see cause: the genotype cannot be run'
  return new ArborError('evaluation_failed', message, advice, { operation }, error)
}

// --- Client functions ---

/**
 * The scores of a generation, or of the matches of its genotypes, in their order. Rejects with an
 * `ArborError`.
 */
export async function evaluate(
  evaluator: EvaluatorRef,
  genotypes: readonly Genotype[],
  how: HowToScore = {},
): Promise<readonly Evaluation[]> {
  return orThrow(await call(evaluator, { type: 'evaluate', genotypes, how }, NO_TIMEOUT))
}

/**
 * The same for single genotypes, before all else that waits. Rejects beyond MEASUREMENTS_MAX at a
 * time.
 */
export async function measure(
  evaluator: EvaluatorRef,
  genotypes: readonly Genotype[],
): Promise<readonly Evaluation[]> {
  return orThrow(await call(evaluator, { type: 'measure', genotypes }, NO_TIMEOUT))
}

/** Holds a genotype to the problem's full criterion. */
export async function verify(evaluator: EvaluatorRef, genotype: Genotype): Promise<Verification> {
  return orThrow(await call(evaluator, { type: 'verify', genotype }, NO_TIMEOUT))
}

/** What the guard of its resources decided last; undefined for an evaluator without one. */
export function resources(evaluator: EvaluatorRef): Promise<ResourceStatus | undefined> {
  return call(evaluator, { type: 'resources' })
}

/** A generation may take minutes; when the evaluator ends, the call does. */
const NO_TIMEOUT = { timeoutMs: 'infinity' } as const

/** An answer that is an error, thrown. */
export function orThrow<T>(answer: T | ArborError): T {
  if (answer instanceof ArborError) throw answer
  return answer
}
