// Hearing of the end of a process without being one: hooks and promises beside the monitors of
// signal.ts, from where both are imported.
import type { ExitReason } from './exit-reason.ts'
import { log } from './logger.ts'
import {
  addWatch,
  DEAD,
  type Pid,
  type Process,
  processOf,
  removeWatch,
  type Watch,
} from './pid.ts'
import { checkCaller } from './scheduler.ts'
import { arm, disarm, WheelTimer } from './timer-wheel.ts'

class ExitHook implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly #run: (reason: ExitReason) => void

  constructor(run: (reason: ExitReason) => void) {
    this.#run = run
  }

  onExit(process: Process, reason: ExitReason): void {
    try {
      this.#run(reason)
    } catch (error) {
      log(() => ({ level: 'error', event: 'exit_hook_failed', pid: process, error }))
    }
  }
}

/**
 * Runs `hook` in the moment a process ends (at once when it has): how something that is no process,
 * such as an operating-system process or an AbortSignal, follows its owner. Returns what takes the
 * hook away. What a hook throws is reported and goes no further.
 */
export function onExit(pid: Pid, hook: (reason: ExitReason) => void): () => void {
  checkCaller()
  const process = processOf(pid)
  const watch = new ExitHook(hook)
  if (process.status === DEAD) watch.onExit(process, 'noproc')
  else addWatch(process, watch)
  return () => removeWatch(watch)
}

class ExitWait extends WheelTimer implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly #done: (reason: ExitReason | undefined) => void

  constructor(done: (reason: ExitReason | undefined) => void) {
    super()
    this.#done = done
  }

  onExit(_: Process, reason: ExitReason): void {
    disarm(this)
    this.#done(reason)
  }

  expire(): void {
    removeWatch(this)
    this.#done(undefined)
  }
}

/**
 * Resolves with the reason when a process ends (`noproc` when it has), or undefined after
 * `timeoutMs`.
 */
export function waitForExit(pid: Pid): Promise<ExitReason>
export function waitForExit(pid: Pid, timeoutMs: number): Promise<ExitReason | undefined>
export function waitForExit(pid: Pid, timeoutMs?: number): Promise<ExitReason | undefined> {
  const process = processOf(pid)
  return new Promise((done) => {
    const wait = new ExitWait(done)
    if (process.status === DEAD) wait.onExit(process, 'noproc')
    else {
      addWatch(process, wait)
      if (timeoutMs !== undefined) arm(wait, timeoutMs)
    }
  })
}
