// CPU-bound work of a process, in a thread that runs no processes: a call whose callee is a job. It
// has a timeout, can be cancelled, fails when its thread dies, and ends with the process that asked
// for it.
//
//   const module = new URL('./square-worker.ts', import.meta.url)
//   const squares = await dirty.run<Float64Array, Float64Array>(module, numbers)
//
// All modules share one pool a thread of ours, made with the first job. Who wants its own threads,
// or jobs that no process asks for, makes a `DirtyPool`.
import { availableParallelism } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { CALL_TIMEOUT_MS, DIRTY_POOL_THREADS_MAX } from '../limits.ts'
import { DirtyPool, type JobOptions } from './dirty-pool.ts'
import type { Pid } from './pid.ts'
import { currentProcess } from './scheduler.ts'
import { onExit } from './signal.ts'

export interface DirtyOptions {
  /** What moves to the worker instead of being copied; it is gone here afterwards. */
  readonly transfer?: JobOptions['transfer']
  /** Milliseconds, waiting for a thread included; default CALL_TIMEOUT_MS, as of a call. */
  readonly timeoutMs?: number | 'infinity'
  /** Cancels the job when aborted. */
  readonly signal?: AbortSignal
  /** Whose end cancels the job; default the calling process, null for nobody. */
  readonly owner?: Pid | null
}

let pool: DirtyPool | null = null

/**
 * Runs the default export of a module with a job. Rejects with a `JobError`, as `DirtyPool.run`
 * does; the thread of a job that is late or cancelled is ended and replaced.
 */
export async function run<Job, Output>(
  module: URL,
  job: Job,
  options: DirtyOptions = {},
): Promise<Output> {
  const { owner = currentProcess(), timeoutMs = CALL_TIMEOUT_MS, transfer } = options
  const abort = new AbortController()
  const signals = options.signal === undefined ? [] : [options.signal]
  const unhook = owner === null ? undefined : onExit(owner, (reason) => abort.abort(reason))
  pool ??= new DirtyPool({ filename: module, threads: threads() })
  try {
    return await pool.run<Job, Output>(job, {
      filename: module,
      signal: AbortSignal.any([abort.signal, ...signals]),
      ...(transfer === undefined ? {} : { transfer }),
      ...(timeoutMs === 'infinity' ? {} : { timeoutMs }),
    })
  } finally {
    unhook?.()
  }
}

/** Ends the threads, after the jobs that run; the next job makes new ones. */
export async function close(): Promise<void> {
  const closing = pool
  pool = null
  await closing?.close()
}

/** A core stays for processes; a scheduler thread leaves the others to the other threads. */
function threads(): number {
  if (!isMainThread) return 1
  return Math.min(DIRTY_POOL_THREADS_MAX, Math.max(1, availableParallelism() - 1))
}
