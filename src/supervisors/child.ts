// The two things a supervisor does to a child: start it and stop it. Both may take time, or not:
// written as generators that yield a promise only when there is one, so that a restart of a child
// whose `init` is synchronous stays synchronous.
import { StartError } from '../behaviours/gen-server.ts'
import type { Steps } from '../behaviours/steps.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { debugs } from '../runtime/logger.ts'
import { DEAD, isPid, type Pid, processOf } from '../runtime/pid.ts'
import { send } from '../runtime/process.ts'
import { enter } from '../runtime/scheduler.ts'
import {
  exitReasonOf,
  link,
  reasonOf,
  severLink,
  signalExit,
  waitForExit,
} from '../runtime/signal.ts'
import { cancelTimer, sendAfter, type TimerRef } from '../runtime/timer.ts'
import {
  type AnyChildSpec,
  type AnySpec,
  isExpectedEnd,
  isIgnore,
  type StartResult,
  shutdownOf,
} from './child-spec.ts'
import { reportShutdownError, reportStart } from './report.ts'

export { run, type Steps } from '../behaviours/steps.ts'

/** Starts a child, linked to its supervisor. Throws what its `start` throws. */
export function* startChild(
  spec: AnySpec,
  supervisor: Pid,
  args: readonly unknown[],
): Steps<StartResult> {
  // After an await the supervisor is not the current process any more, yet the children it starts
  // are its own.
  const interrupted = enter(processOf(supervisor))
  let started: unknown
  try {
    started = args.length === 0 ? spec.start(supervisor) : spec.start(supervisor, ...args)
  } finally {
    enter(interrupted)
  }
  if (started instanceof Promise) started = yield started
  if (isStartResult(started)) {
    const pid = pidOf(started)
    link(pid, supervisor)
    if (debugs()) reportStart(supervisor, spec.id, pid)
    return started
  }
  if (isIgnore(started)) throw new StartError('ignored', spec.id, 'normal')
  const advice = 'return a pid, such as that of startLink(...), or { pid, info }'
  const message = `start of child "${spec.id}" returned ${String(started)}`
  const attempt = { operation: 'start', target: spec.id }
  throw new ArborError('bad_start_return', message, advice, attempt, started)
}

function isStartResult(started: unknown): started is StartResult {
  if (isPid(started)) return true
  return typeof started === 'object' && started !== null && 'pid' in started && isPid(started.pid)
}

export function pidOf(started: StartResult): Pid {
  return isPid(started) ? started : started.pid
}

/** Why a start failed, as a reason to report. */
export function startFailure(error: unknown): ExitReason {
  if (error instanceof StartError && error.code === 'already_started') {
    return { alreadyStarted: error.pid }
  }
  if (error instanceof Error && 'reason' in error) return error.reason as ExitReason
  return reasonOf(error, { callback: 'start' })
}

/** Whether a child did not start because its `init` returned `{ ignore: true }`: no failure. */
export function isIgnored(error: unknown): boolean {
  return error instanceof StartError && error.code === 'ignored'
}

/**
 * Stops a child as its spec says, and waits until it has ended; then it is linked to its supervisor
 * no more. What comes of it afterwards is for the supervisor to ignore: an `Exit` of a pid it does
 * not know. An end that was not asked for is reported.
 */
export function* stopProcess(pid: Pid, spec: Stoppable, supervisor: Pid): Steps<void> {
  const process = processOf(pid)
  const from = processOf(supervisor)
  const shutdown = shutdownOf(spec)
  const isLocal = process.status < DEAD
  // Most children end in the moment they are told, without an `Exit` that nobody needs.
  if (isLocal) severLink(pid, supervisor)
  signalExit(process, from, shutdown === 'brutal_kill' ? 'kill' : 'shutdown')
  if (process.status !== DEAD) {
    // Until it has ended, it ends with its supervisor.
    if (isLocal) link(pid, supervisor)
    yield typeof shutdown === 'number' ? waitForExit(pid, shutdown) : waitForExit(pid)
    signalExit(process, from, 'kill')
    // Only in another thread is that not enough.
    if (process.status !== DEAD) yield waitForExit(pid)
  }
  const reason = exitReasonOf(process)
  if (isExpectedEnd(spec, reason)) return
  reportShutdownError(supervisor, spec.id, pid, reason)
}

/** What stopping a child takes. */
type Stoppable = Pick<AnyChildSpec, 'id' | 'restart' | 'shutdown' | 'type'>

/**
 * Tells its supervisor to try a failed restart again, at once or after a back-off: between two
 * attempts others get their turn.
 */
export class RestartAgain {
  /** Whom it restarts: an id, or the pid that a dynamic child had. */
  readonly child: string | Pid
  #timer: TimerRef | null = null

  constructor(child: string | Pid) {
    this.child = child
  }

  /** Sends itself to the supervisor; after 0 ms behind what waits there already. */
  post(supervisor: Pid<unknown>, delayMs: number): this {
    if (delayMs > 0) this.#timer = sendAfter(supervisor, this, delayMs)
    else send(supervisor, this)
    return this
  }

  /** The child does not wait any more. One that has been sent is void: nobody waits for it. */
  cancel(): void {
    if (this.#timer !== null) cancelTimer(this.#timer)
  }
}

/**
 * For calls to supervisors: starting and stopping take what the child takes, and its own limits
 * apply.
 */
export const NO_TIMEOUT: { readonly timeoutMs: 'infinity' } = { timeoutMs: 'infinity' }

/** Supervisors answer failures as data, so that they do not end by them; the client throws. */
export function orThrow<T>(reply: T | ArborError): T {
  if (reply instanceof ArborError) throw reply
  return reply
}

/** Why a child asked for did not start, as an answer. */
export function failedStart(id: string, error: unknown): ArborError {
  if (error instanceof ArborError) return error
  const attempt = { operation: 'startChild', target: id }
  const advice = 'see cause, and start of its spec'
  return new ArborError('start_failed', `child "${id}" did not start`, advice, attempt, error)
}
