// How a supervisor starts a child, when it restarts it and how it stops it: plain data but for the
// function that makes a fresh child at each start (Erlang/OTP, supervisor, child_spec()).
//
//   { id: 'counter', start: () => startLink(new Counter()) }
import { SHUTDOWN_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { type ExitReason, isOrderly } from '../runtime/exit-reason.ts'
import type { Pid } from '../runtime/pid.ts'
import { isAlive } from '../runtime/process.ts'
import type { Child } from './children.ts'

/**
 * When a child that ended is started again: `permanent` always, `transient` after a crash,
 * `temporary` never.
 */
export type Restart = 'permanent' | 'transient' | 'temporary'

/** Ends of significant children that end the supervisor, too: none, the first, or the last. */
export type AutoShutdown = 'never' | 'any_significant' | 'all_significant'

/**
 * How a child is stopped: with exit `shutdown` and so many milliseconds to obey, then `kill`;
 * `infinity` for supervisors, which have children of their own to stop; `brutal_kill` at once.
 */
export type Shutdown = number | 'brutal_kill' | 'infinity'

/** There is nothing to run or to supervise: no failure, yet no process. */
export interface Ignore {
  readonly ignore: true
}

export function isIgnore(value: unknown): value is Ignore {
  return typeof value === 'object' && value !== null && 'ignore' in value && value.ignore === true
}

/** What starting a child brings: its pid, and what its `start` wants to tell whoever asked for it. */
export type StartResult = Pid | { readonly pid: Pid; readonly info: unknown }

export interface ChildSpec<R extends StartResult = Pid, Args extends unknown[] = []> {
  /** Unique among its siblings. */
  readonly id: string
  /**
   * Starts the child, linked to the supervisor: `() => startLink(new Counter())`. An async function
   * that awaits something first names the parent: `startLink(server, { parent: supervisor })`.
   * It may return `{ pid, info }`: then `startChild` resolves with that; or `{ ignore: true }`, if
   * there is nothing to run: that is what a server whose `init` ignores comes to, too. `args` are the arguments a
   * DynamicSupervisor adds; there are none elsewhere.
   */
  readonly start: (supervisor: Pid, ...args: Args) => R | Ignore | Promise<R | Ignore>
  /** Default `permanent`. */
  readonly restart?: Restart
  /** Default 5 s for a worker, `infinity` for a supervisor. */
  readonly shutdown?: Shutdown
  /** Default `worker`. */
  readonly type?: 'worker' | 'supervisor'
  /** Whether its end may end its supervisor; see `autoShutdown` there. Never of a permanent one. */
  readonly significant?: boolean
}

/** A spec, whatever its start brings. */
export type AnyChildSpec = ChildSpec<StartResult>

/**
 * A spec, whatever its start takes, too. A method is compared both ways: here the supervisor is
 * trusted to give the arguments the start asks for.
 */
export interface AnySpec extends Omit<AnyChildSpec, 'start'> {
  start(supervisor: Pid, ...args: unknown[]): StartResult | Ignore | Promise<StartResult | Ignore>
}

/** What a supervisor knows of a child beside how to start it. */
export type ChildPolicy = Required<Omit<ChildSpec, 'start'>>

/** `restarting`: its restart failed, or waits for its back-off, and will be tried (again). */
export type ChildStatus = 'running' | 'restarting' | 'stopped'

/** A child as its supervisor shows it. */
export interface ChildInfo {
  readonly id: string
  /** Undefined while it is not running. */
  readonly pid: Pid | undefined
  readonly status: ChildStatus
  readonly type: 'worker' | 'supervisor'
  readonly restart: Restart
}

export interface ChildCounts {
  /** Children known, running or not; of a DynamicSupervisor with a template 1: the template. */
  readonly specs: number
  /** Children running. */
  readonly active: number
  /** Children between two attempts to restart them. */
  readonly restarting: number
  readonly supervisors: number
  readonly workers: number
}

/** The part of a spec that does not start the child. */
type Policy = Partial<ChildPolicy>

export function restartOf({ restart = 'permanent' }: Policy): Restart {
  return restart
}

export function shutdownOf({ shutdown, type }: Policy): Shutdown {
  return shutdown ?? (type === 'supervisor' ? 'infinity' : SHUTDOWN_MS)
}

/** A spec as `getChildSpec` shows it. */
export function specOf<Spec extends AnySpec>(spec: Spec): Spec & Required<Policy> {
  const { type = 'worker', significant = false } = spec
  return { ...spec, restart: restartOf(spec), shutdown: shutdownOf(spec), type, significant }
}

/** Whether a child that ended with `reason` is to be started again. */
export function isRestarted(spec: Policy, reason: ExitReason): boolean {
  const restart = restartOf(spec)
  return restart === 'permanent' || (restart === 'transient' && !isOrderly(reason))
}

/** Whether a child that was told to stop ended as it should have; anything else is reported. */
export function isExpectedEnd(spec: Policy, reason: ExitReason): boolean {
  if (reason === (shutdownOf(spec) === 'brutal_kill' ? 'killed' : 'shutdown')) return true
  return restartOf(spec) !== 'permanent' && isOrderly(reason)
}

export function infoOf({ spec, pid, retry }: Child): ChildInfo {
  const { id, type = 'worker' } = spec
  return { id, pid, status: statusOf(pid, retry !== null), type, restart: restartOf(spec) }
}

export function statusOf(pid: Pid | undefined, isRestarting: boolean): ChildStatus {
  if (isRestarting) return 'restarting'
  return pid === undefined ? 'stopped' : 'running'
}

export function countsOf(children: Iterable<Child>): ChildCounts {
  const counts = { specs: 0, active: 0, restarting: 0, supervisors: 0, workers: 0 }
  for (const { spec, pid, retry } of children) {
    counts.specs++
    if (retry !== null) counts.restarting++
    else if (pid !== undefined && isAlive(pid)) counts.active++
    if (spec.type === 'supervisor') counts.supervisors++
    else counts.workers++
  }
  return counts
}

const restarts: readonly Restart[] = ['permanent', 'transient', 'temporary']

/**
 * Throws when a spec cannot be meant, under a supervisor of this `autoShutdown`; `attempt.request`
 * of the error holds what is wrong with it.
 */
export function checkSpec(
  spec: Policy & { readonly id: string; readonly start: unknown },
  autoShutdown?: AutoShutdown,
): void {
  const { id, start, restart = 'permanent', shutdown, type = 'worker', significant = false } = spec
  if (typeof id !== 'string' || id === '') {
    throw badSpec(id, 'a child without id', 'give it a name', { id })
  }
  if (typeof start !== 'function') {
    throw badSpec(id, `nothing starts "${id}"`, 'give start: () => startLink(...)', { start })
  }
  if (!restarts.includes(restart)) {
    throw badSpec(id, `restart ${restart} of "${id}"`, `use one of ${restarts}`, { restart })
  }
  if (typeof significant !== 'boolean') {
    throw badSpec(id, `significant ${significant} of "${id}"`, 'use a boolean', { significant })
  }
  if (significant) checkSignificant(id, restart, autoShutdown)
  if (type !== 'worker' && type !== 'supervisor') {
    throw badSpec(id, `type ${type} of "${id}"`, 'use worker or supervisor', { type })
  }
  if (!isShutdown(shutdown ?? 'infinity')) {
    const advice = "give milliseconds, 'brutal_kill' or 'infinity'"
    throw badSpec(id, `shutdown ${shutdown} of "${id}"`, advice, { shutdown })
  }
}

function checkSignificant(id: string, restart: Restart, autoShutdown?: AutoShutdown): void {
  if (autoShutdown === 'never') {
    const advice = 'set autoShutdown of its supervisor'
    const request = { autoShutdown, significant: true }
    throw badSpec(id, `significant child "${id}"`, advice, request)
  }
  if (restart === 'permanent') {
    const advice = 'a permanent child never ends for good: make it transient or temporary'
    throw badSpec(id, `significant, permanent "${id}"`, advice, { restart, significant: true })
  }
}

function isShutdown(shutdown: Shutdown): boolean {
  if (typeof shutdown !== 'number') return shutdown === 'infinity' || shutdown === 'brutal_kill'
  return shutdown >= 0 && shutdown < Number.POSITIVE_INFINITY
}

function badSpec(id: unknown, message: string, advice: string, request: object): ArborError {
  const attempt = { operation: 'child spec', target: id, request }
  return new ArborError('bad_child_spec', message, advice, attempt)
}

/**
 * Checks specs before they are given to a supervisor (Erlang's check_childspecs): each by itself,
 * under a supervisor of this `autoShutdown` if given, and that no id comes twice. Throws an
 * `ArborError` with code `bad_child_spec` or `already_present`.
 */
export function checkChildSpecs(specs: readonly AnyChildSpec[], autoShutdown?: AutoShutdown): void {
  const ids = new Set<string>()
  for (const spec of specs) {
    checkSpec(spec, autoShutdown)
    if (ids.has(spec.id)) throw alreadyPresent(spec.id)
    ids.add(spec.id)
  }
}

/** Refuses a second child of an id. */
export function alreadyPresent(id: string, pid?: Pid): ArborError {
  const attempt = { operation: 'startChild', target: id }
  if (pid !== undefined) {
    const advice = 'use that one, or give the other another id'
    const message = `child "${id}" is running as ${pid}`
    return new ArborError('already_started', message, advice, { ...attempt, request: pid })
  }
  const advice = 'give it another id, or delete that child first'
  return new ArborError('already_present', `there is a child "${id}"`, advice, attempt)
}
