// The two things a supervisor does to a child: start it and stop it. Both may take time, or not:
// written as generators that yield a promise only when there is one, so that a restart of a child
// whose `init` is synchronous stays synchronous.
import { StartError } from '../behaviours/gen-server.ts'
import type { Steps } from '../behaviours/steps.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { DEAD, type Pid, processOf } from '../runtime/pid.ts'
import { enter } from '../runtime/scheduler.ts'
import { link, reasonOf, signalExit, unlink, waitForExit } from '../runtime/signal.ts'
import { type Child, type ChildSpec, shutdownOf } from './child-spec.ts'

export { run, type Steps } from '../behaviours/steps.ts'

/** Starts a child, linked to its supervisor. Throws what its `start` throws. */
export function* startChild(spec: ChildSpec, supervisor: Pid): Steps<Pid> {
  // After an await the supervisor is not the current process any more, yet the children it starts
  // are its own.
  const interrupted = enter(processOf(supervisor))
  let started: Pid | Promise<Pid>
  try {
    started = spec.start(supervisor)
  } finally {
    enter(interrupted)
  }
  if (started instanceof Promise) {
    let pid: Pid | undefined
    yield started.then((value) => {
      pid = value
    })
    if (pid === undefined) throw new TypeError(`start of child "${spec.id}" brought no pid`)
    started = pid
  }
  link(started, supervisor)
  return started
}

/** Why a start failed, as a reason to report. */
export function startFailure(error: unknown): ExitReason {
  if (error instanceof Error && 'reason' in error) return error.reason as ExitReason
  return reasonOf(error, { callback: 'start' })
}

/** Whether a child did not start because its `init` returned `{ ignore: true }`: no failure. */
export function isIgnored(error: unknown): boolean {
  return error instanceof StartError && error.code === 'ignored'
}

/** Stops a child as its spec says, and waits until it has ended. */
export function* stopChild(child: Child, supervisor: Pid): Steps<void> {
  const { pid, spec } = child
  child.pid = undefined
  if (pid === undefined) return
  yield* stopProcess(pid, spec, supervisor)
}

export function* stopProcess(pid: Pid, spec: ChildSpec, supervisor: Pid): Steps<void> {
  const process = processOf(pid)
  const shutdown = shutdownOf(spec)
  unlink(pid, supervisor)
  if (shutdown === 'brutal_kill') {
    signalExit(process, processOf(supervisor), 'kill')
    return
  }
  signalExit(process, processOf(supervisor), 'shutdown')
  // A child that does not trap exits has ended by now.
  if (process.status === DEAD) return
  if (shutdown === 'infinity') yield waitForExit(pid)
  else {
    yield waitForExit(pid, shutdown)
    signalExit(process, processOf(supervisor), 'kill')
  }
}

/**
 * Tells its supervisor to try a failed restart again: between two attempts others get their turn.
 */
export class RestartAgain {
  readonly child: Child

  constructor(child: Child) {
    this.child = child
  }
}

/**
 * What a supervisor's callback returns when nothing is left to do: its state lies in its instance.
 */
export const PROCEED: { readonly state: undefined } = { state: undefined }

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
