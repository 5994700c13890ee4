// CPU-bound jobs in worker threads (Erlang's dirty schedulers): what would hold up every process of
// this thread for more than a millisecond belongs here. A job costs some 10 to 20 µs beside its
// work, so batch small ones, and hand packed bytes over as transferables rather than graphs of
// objects. It is no message path.
//
//   // square-worker.ts
//   export default (job: Float64Array) => transferred(job.map((x) => x * x), [job.buffer])
//
//   const filename = new URL('./square-worker.ts', import.meta.url)
//   const pool = new DirtyPool({ filename, threads: 2 })
//   const squares = await pool.run<Float64Array, Float64Array>(numbers, {
//     transfer: [numbers.buffer],
//   })
//
// The only door of piscina, which is loaded with the first pool.
import { fileURLToPath } from 'node:url'
import type { Transferable } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { DIRTY_POOL_QUEUE_MAX, DIRTY_POOL_THREADS_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { lateImport } from './late-import.ts'
import { arm, disarm, WheelTimer } from './timer-wheel.ts'

export interface DirtyPoolOptions {
  /** Module whose default export is the job: a function of one argument, which may be async. */
  readonly filename: URL
  /** Threads, 1 to DIRTY_POOL_THREADS_MAX; they start with the pool and stay. */
  readonly threads: number
  /** Jobs that may wait for a thread; one more is refused. Default DIRTY_POOL_QUEUE_MAX. */
  readonly queueMax?: number
}

export interface JobOptions {
  /** Another module than the pool's, whose default export is the job. */
  readonly filename?: URL
  /** What moves to the worker instead of being copied; it is gone here afterwards. */
  readonly transfer?: readonly Transferable[]
  /**
   * Milliseconds from now, waiting for a thread included; the thread of a late job is ended and
   * replaced.
   */
  readonly timeoutMs?: number
  /** The same at a moment of the caller's choice. */
  readonly signal?: AbortSignal
}

/**
 * Why a job has no result; `code` of a `JobError`: it threw (`job_failed`, with the cause), its
 * thread ended (`thread_ended`), too many wait (`queue_full`), `timeout`, `aborted`, or the pool is
 * `closed`.
 */
export type JobFailure =
  | 'job_failed'
  | 'thread_ended'
  | 'queue_full'
  | 'timeout'
  | 'aborted'
  | 'closed'

export class JobError extends ArborError {
  override readonly name = 'JobError'
  declare readonly code: JobFailure

  constructor(code: JobFailure, filename: string, cause?: unknown) {
    const attempt = { operation: 'run', target: filename }
    super(
      code,
      `a job of ${filename} has no result, ${what(code, cause)}`,
      advice[code],
      attempt,
      cause,
    )
  }
}

const advice: Readonly<Record<JobFailure, string>> = {
  job_failed: 'see cause',
  thread_ended: 'see cause: a job must not call process.exit, and must fit into memory',
  queue_full: 'wait for jobs to end before giving more, or raise queueMax',
  timeout: 'raise timeoutMs, or make the jobs smaller',
  aborted: 'the signal given with the job was aborted',
  closed: 'close the pool after its last job',
}

function what(code: JobFailure, cause: unknown): string {
  return cause instanceof Error ? `${code}: ${cause.message}` : code.replace('_', ' ')
}

export class DirtyPool {
  readonly #piscina: Piscina
  readonly #filename: string
  #isClosed = false

  constructor({ filename, threads, queueMax = DIRTY_POOL_QUEUE_MAX }: DirtyPoolOptions) {
    this.#filename = fileURLToPath(filename)
    checkCount('threads', threads, 1, DIRTY_POOL_THREADS_MAX)
    checkCount('queueMax', queueMax, 0, DIRTY_POOL_QUEUE_MAX)
    this.#piscina = new (piscina().Piscina)({
      filename: filename.href,
      minThreads: threads,
      maxThreads: threads,
      maxQueue: queueMax,
    })
  }

  /** Jobs that wait for a thread. */
  get queueLength(): number {
    return this.#piscina.queueSize
  }

  /** Runs a job; rejects with a `JobError`. */
  async run<Job, Output>(job: Job, options: JobOptions = {}): Promise<Output> {
    const { transfer = [], timeoutMs, signal, filename } = options
    const module = filename === undefined ? this.#filename : fileURLToPath(filename)
    if (this.#isClosed) throw new JobError('closed', module)
    if (signal?.aborted === true) throw new JobError('aborted', module, signal.reason)
    const isBounded = timeoutMs !== undefined || signal !== undefined
    const deadline = isBounded ? new Deadline(timeoutMs, signal) : null
    try {
      return await this.#piscina.run(job, {
        transferList: [...transfer],
        signal: deadline === null ? null : deadline.abort.signal,
        filename: filename === undefined ? null : filename.href,
      })
    } catch (error) {
      throw new JobError(this.#failure(error, deadline), module, error)
    } finally {
      deadline?.end()
    }
  }

  /** Waits for the jobs that run, refuses those that wait, ends the threads. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#piscina.close({ force: true })
  }

  #failure(error: unknown, deadline: Deadline | null): JobFailure {
    if (deadline !== null && deadline.failure !== null) return deadline.failure
    if (!(error instanceof Error)) return 'job_failed'
    if (/^(Task queue is at limit|No task queue available)/.test(error.message)) return 'queue_full'
    if (this.#isClosed && /aborted|Terminating/.test(error.message)) return 'closed'
    const hasThreadEnded = /^(Terminating worker thread|worker exited with code)/.test(
      error.message,
    )
    const code = 'code' in error ? error.code : undefined
    return hasThreadEnded || code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'thread_ended' : 'job_failed'
  }
}

/** Aborts a job when its time is over or its caller gives up. */
class Deadline extends WheelTimer {
  readonly abort: AbortController = new AbortController()
  failure: 'timeout' | 'aborted' | null = null
  readonly #signal: AbortSignal | undefined

  constructor(timeoutMs: number | undefined, signal: AbortSignal | undefined) {
    super()
    this.#signal = signal
    signal?.addEventListener('abort', this.#giveUp)
    if (timeoutMs !== undefined) arm(this, timeoutMs)
  }

  expire(): void {
    this.failure ??= 'timeout'
    this.abort.abort()
  }

  end(): void {
    disarm(this)
    this.#signal?.removeEventListener('abort', this.#giveUp)
  }

  readonly #giveUp = (): void => {
    this.failure ??= 'aborted'
    this.abort.abort()
  }
}

/**
 * For the worker's side: a result whose buffers move to the caller instead of being copied. Return
 * what it returns.
 */
export function transferred<Output>(value: Output, transfer: readonly Transferable[]): Output {
  const { move, transferableSymbol, valueSymbol } = piscina()
  const movable = { [transferableSymbol]: transfer, [valueSymbol]: value }
  return move(movable as never) as Output
}

function piscina(): typeof import('piscina') {
  return lateImport('piscina') as typeof import('piscina')
}

function checkCount(name: string, count: number, min: number, max: number): void {
  if (Number.isInteger(count) && count >= min && count <= max) return
  const attempt = { operation: 'new DirtyPool', request: { [name]: count } }
  const help = `give an integer from ${min} to ${max}`
  throw new ArborError('bad_pool', `${name} cannot be ${count}`, help, attempt)
}
