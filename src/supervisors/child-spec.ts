// How a supervisor starts a child, when it restarts it and how it stops it: plain data but for the
// function that makes a fresh child at each start (Erlang/OTP, supervisor, child_spec()).
//
//   { id: 'counter', start: () => startLink(new Counter()) }
import { SHUTDOWN_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { type ExitReason, isOrderly } from '../runtime/exit-reason.ts'
import type { Pid } from '../runtime/pid.ts'

/**
 * When a child that ended is started again: `permanent` always, `transient` after a crash,
 * `temporary` never.
 */
export type Restart = 'permanent' | 'transient' | 'temporary'

/**
 * How a child is stopped: with exit `shutdown` and so many milliseconds to obey, then `kill`;
 * `infinity` for supervisors, which have children of their own to stop; `brutal_kill` at once.
 */
export type Shutdown = number | 'brutal_kill' | 'infinity'

export interface ChildSpec<P extends Pid = Pid> {
  /** Unique among its siblings. */
  readonly id: string
  /**
   * Starts the child, linked to the supervisor: `() => startLink(new Counter())`. An async function
   * that awaits something first names the parent: `startLink(server, { parent: supervisor })`.
   */
  readonly start: (supervisor: Pid) => P | Promise<P>
  /** Default `permanent`. */
  readonly restart?: Restart
  /** Default 5 s for a worker, `infinity` for a supervisor. */
  readonly shutdown?: Shutdown
  /** Default `worker`. */
  readonly type?: 'worker' | 'supervisor'
  /** Whether its end may end its supervisor; see `autoShutdown` there. Never of a permanent one. */
  readonly significant?: boolean
}

/** A child as its supervisor shows it. */
export interface ChildInfo {
  readonly id: string
  /** Undefined while it is not running. */
  readonly pid: Pid | undefined
  readonly type: 'worker' | 'supervisor'
  readonly restart: Restart
}

export interface ChildCounts {
  /** Children known, running or not. */
  readonly specs: number
  /** Children running. */
  readonly active: number
  readonly supervisors: number
  readonly workers: number
}

/** A child as its supervisor keeps it. */
export interface Child {
  readonly spec: ChildSpec
  pid: Pid | undefined
  /** Its restart failed and will be tried again. */
  isRestarting: boolean
}

export function restartOf({ restart = 'permanent' }: ChildSpec): Restart {
  return restart
}

export function shutdownOf({ shutdown, type }: ChildSpec): Shutdown {
  return shutdown ?? (type === 'supervisor' ? 'infinity' : SHUTDOWN_MS)
}

/** Whether a child that ended with `reason` is to be started again. */
export function isRestarted(spec: ChildSpec, reason: ExitReason): boolean {
  const restart = restartOf(spec)
  return restart === 'permanent' || (restart === 'transient' && !isOrderly(reason))
}

export function infoOf({ spec, pid }: Child): ChildInfo {
  return { id: spec.id, pid, type: spec.type ?? 'worker', restart: restartOf(spec) }
}

export function countsOf(children: Iterable<Child>): ChildCounts {
  const counts = { specs: 0, active: 0, supervisors: 0, workers: 0 }
  for (const { spec, pid } of children) {
    counts.specs++
    if (pid !== undefined) counts.active++
    if (spec.type === 'supervisor') counts.supervisors++
    else counts.workers++
  }
  return counts
}

const restarts: readonly Restart[] = ['permanent', 'transient', 'temporary']

/** Throws when a spec cannot be meant. */
export function checkSpec(spec: ChildSpec): void {
  const { id, restart = 'permanent', shutdown, type = 'worker', significant = false } = spec
  const attempt = { operation: 'child spec', target: id }
  if (typeof id !== 'string' || id === '') {
    throw new ArborError('bad_child_spec', 'a child without id', 'give it a name', attempt)
  }
  const isKnown = restarts.includes(restart) && (type === 'worker' || type === 'supervisor')
  if (!isKnown) {
    const advice = `restart is one of ${restarts.join(', ')}; type worker or supervisor`
    const words = { ...attempt, request: { restart, type } }
    throw new ArborError('bad_child_spec', `${restart} ${type} "${id}"`, advice, words)
  }
  if (significant && restart === 'permanent') {
    const advice = 'a permanent child never ends for good: make it transient or temporary'
    throw new ArborError('bad_child_spec', `significant, permanent "${id}"`, advice, attempt)
  }
  if (typeof shutdown === 'number' && !(shutdown >= 0 && shutdown < Number.POSITIVE_INFINITY)) {
    const advice = "give milliseconds, 'brutal_kill' or 'infinity'"
    throw new ArborError('bad_child_spec', `shutdown ${shutdown} of "${id}"`, advice, attempt)
  }
}
