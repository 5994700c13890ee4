// A process whose only work is to keep others alive (Erlang/OTP, supervisor). It starts its
// children in order, restarts those that end according to its strategy, and stops them in reverse
// order. When restarts do not help, it gives up and lets its own supervisor decide.
//
//   const tree = await start(
//     new Supervisor({
//       strategy: 'one_for_one',
//       children: [
//         { id: 'counter', start: () => startLink(new Counter(), { name: 'counter' }) },
//         { id: 'clients', type: 'supervisor', start: () => startLink(new Supervisor(clients)) },
//       ],
//     }),
//   )
//
// For children that come and go at run time, use DynamicSupervisor.

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
  type ServerPid,
} from '../behaviours/gen-server.ts'
import { RESTART_INTENSITY, RESTART_PERIOD_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import type { Name, Pid } from '../runtime/pid.ts'
import { send } from '../runtime/process.ts'
import { Exit, trapExit } from '../runtime/signal.ts'
import { now } from '../runtime/timer-wheel.ts'
import {
  failedStart,
  isIgnored,
  NO_TIMEOUT,
  orThrow,
  PROCEED,
  RestartAgain,
  run,
  type Steps,
  startChild,
  startFailure,
  stopChild,
} from './child.ts'
import {
  type Child,
  type ChildCounts,
  type ChildInfo,
  type ChildSpec,
  checkSpec,
  countsOf,
  infoOf,
  isRestarted,
  restartOf,
} from './child-spec.ts'
import { RestartIntensity } from './restart-intensity.ts'

/**
 * Who is restarted with a child: only it; all its siblings; or those started after it, which may
 * depend on it.
 */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one'

/** Ends of significant children that end the supervisor, too: none, the first, or the last. */
export type AutoShutdown = 'never' | 'any_significant' | 'all_significant'

export interface SupervisorOptions {
  /** Default `one_for_one`. */
  readonly strategy?: Strategy
  /** Restarts allowed within `periodMs`; default 3. One more, and the supervisor gives up. */
  readonly intensity?: number
  /** Default 5000. */
  readonly periodMs?: number
  /** Default `never`. Then it stops its children, and itself with `shutdown`. */
  readonly autoShutdown?: AutoShutdown
  /** Started left to right, stopped right to left. */
  readonly children?: readonly ChildSpec[]
}

/** What a supervisor answers; failures are answered, not thrown in its process. */
export type SupervisorCall =
  | Call<'whichChildren', unknown, ChildInfo[]>
  | Call<'countChildren', unknown, ChildCounts>
  | Call<'startChild', { spec: ChildSpec }, Pid | ArborError>
  | Call<'restartChild', { id: string }, Pid | ArborError>
  | Call<'terminateChild', { id: string }, undefined | ArborError>
  | Call<'deleteChild', { id: string }, undefined | ArborError>

export type SupervisorPid = ServerPid<SupervisorCall>
export type SupervisorRef = SupervisorPid | Name<SupervisorPid>

export class Supervisor extends GenServer<undefined, SupervisorCall> {
  readonly #strategy: Strategy
  readonly #autoShutdown: AutoShutdown
  readonly #intensity: RestartIntensity
  readonly #specs: readonly ChildSpec[]
  /** In start order. */
  #children: Child[] = []
  readonly #byPid: Map<Pid, Child> = new Map()

  constructor(options: SupervisorOptions) {
    super()
    const { intensity = RESTART_INTENSITY, periodMs = RESTART_PERIOD_MS } = options
    this.#strategy = checkOption('strategy', strategies, options.strategy)
    this.#autoShutdown = checkOption('autoShutdown', autoShutdowns, options.autoShutdown)
    this.#intensity = new RestartIntensity(intensity, periodMs)
    this.#specs = options.children ?? []
    const ids = new Set<string>()
    for (const spec of this.#specs) {
      this.#check(spec)
      if (ids.has(spec.id)) throw alreadyPresent(spec.id)
      ids.add(spec.id)
    }
  }

  // --- Client functions ---

  /** The children in start order. */
  static whichChildren(supervisor: SupervisorRef): Promise<ChildInfo[]> {
    return call(supervisor, { type: 'whichChildren' })
  }

  static countChildren(supervisor: SupervisorRef): Promise<ChildCounts> {
    return call(supervisor, { type: 'countChildren' })
  }

  /**
   * Adds a child after the others and starts it; rejects when its start fails, and forgets it. Code
   * `already_started` when one of that id runs, `already_present` when it does not; `ignored` when
   * its `init` chose not to start, then it is kept for `restartChild`, unless it is temporary.
   */
  static async startChild<P extends Pid>(
    supervisor: SupervisorRef,
    spec: ChildSpec<P>,
  ): Promise<P> {
    return orThrow(await call(supervisor, { type: 'startChild', spec }, NO_TIMEOUT)) as P
  }

  /** Starts a child that is not running. */
  static async restartChild(supervisor: SupervisorRef, id: string): Promise<Pid> {
    return orThrow(await call(supervisor, { type: 'restartChild', id }, NO_TIMEOUT))
  }

  /** Stops a child; its spec stays, unless it is temporary. */
  static async terminateChild(supervisor: SupervisorRef, id: string): Promise<void> {
    orThrow(await call(supervisor, { type: 'terminateChild', id }, NO_TIMEOUT))
  }

  /** Forgets a child that is not running. */
  static async deleteChild(supervisor: SupervisorRef, id: string): Promise<void> {
    orThrow(await call(supervisor, { type: 'deleteChild', id }))
  }

  // --- Callbacks ---

  init(): MaybePromise<InitResult<undefined>> {
    trapExit()
    return run(this.#startAll())
  }

  override handleCall(
    request: SupervisorCall,
    _from: From<unknown>,
  ): MaybePromise<CallResult<undefined, ReplyOf<SupervisorCall>>> {
    const replied = run(this.#answer(request))
    if (replied instanceof Promise) return replied.then((reply) => ({ reply, state: undefined }))
    return { reply: replied, state: undefined }
  }

  override handleInfo(message: unknown): MaybePromise<Result<undefined>> {
    if (message instanceof Exit) {
      const child = message.from === null ? undefined : this.#byPid.get(message.from)
      return child === undefined ? PROCEED : run(this.#childEnded(child, message.reason))
    }
    if (message instanceof RestartAgain && message.child.isRestarting) {
      return run(this.#restart(message.child))
    }
    return PROCEED
  }

  override terminate(): void | Promise<void> {
    return run(this.#stop(this.#children))
  }

  /** Pids of the children that run, in start order. */
  systemChildren(): Pid[] {
    return this.#children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  }

  // --- Steps ---

  *#startAll(): Steps<InitResult<undefined>> {
    for (const spec of this.#specs) {
      const child: Child = { spec, pid: undefined, isRestarting: false }
      this.#children.push(child)
      try {
        yield* this.#start(child)
      } catch (error) {
        if (isIgnored(error)) {
          if (restartOf(spec) === 'temporary') this.#forget(child)
          continue
        }
        yield* this.#stop(this.#children)
        const reason = startFailure(error)
        return { stop: { shutdown: { failedToStartChild: spec.id, reason } } }
      }
    }
    return PROCEED
  }

  *#start(child: Child): Steps<Pid> {
    const pid = yield* startChild(child.spec, this.self)
    child.pid = pid
    child.isRestarting = false
    this.#byPid.set(pid, child)
    return pid
  }

  /** Stops children in reverse order. */
  *#stop(children: readonly Child[]): Steps<void> {
    for (const child of children.toReversed()) {
      if (child.pid !== undefined) this.#byPid.delete(child.pid)
      child.isRestarting = false
      yield* stopChild(child, this.self)
    }
  }

  *#childEnded(child: Child, reason: ExitReason): Steps<Result<undefined>> {
    const { pid, spec } = child
    if (pid !== undefined) this.#byPid.delete(pid)
    child.pid = undefined
    const restarts = isRestarted(spec, reason)
    log(() => ({
      level: restarts ? 'error' : 'info',
      event: restarts ? 'child_restarts' : 'child_ended',
      supervisor: this.self,
      id: spec.id,
      pid,
      reason,
      strategy: this.#strategy,
    }))
    if (restarts) return yield* this.#restart(child)
    if (restartOf(spec) === 'temporary') this.#forget(child)
    if (spec.significant === true && this.#shutsDown())
      return { stop: 'shutdown', state: undefined }
    return PROCEED
  }

  /** Whether the end of a significant child, just now, is the supervisor's. */
  #shutsDown(): boolean {
    if (this.#autoShutdown !== 'all_significant') return this.#autoShutdown === 'any_significant'
    return !this.#children.some(
      ({ spec, pid, isRestarting }) => spec.significant && (pid !== undefined || isRestarting),
    )
  }

  *#restart(child: Child): Steps<Result<undefined>> {
    child.isRestarting = false
    if (!this.#intensity.allows(now())) {
      const { intensity, periodMs } = this.#intensity
      const facts = { supervisor: this.self, id: child.spec.id, intensity, periodMs }
      log(() => ({ level: 'error', event: 'restart_intensity_reached', ...facts }))
      return { stop: 'shutdown', state: undefined }
    }
    const affected = this.#affectedBy(child)
    if (affected.length > 1) yield* this.#stop(affected)
    for (const other of affected) {
      if (other !== child && restartOf(other.spec) === 'temporary') {
        this.#forget(other)
        continue
      }
      try {
        yield* this.#start(other)
      } catch (error) {
        if (isIgnored(error)) continue
        this.#startFailed(other, startFailure(error))
        break
      }
    }
    return PROCEED
  }

  /** A failed restart is tried again, by way of the mailbox, until the intensity is spent. */
  #startFailed(child: Child, reason: ExitReason): void {
    const { id } = child.spec
    log(() => ({ level: 'error', event: 'start_failed', supervisor: this.self, id, reason }))
    child.isRestarting = true
    send(this.self, new RestartAgain(child))
  }

  #affectedBy(child: Child): readonly Child[] {
    if (this.#strategy === 'one_for_one') return [child]
    if (this.#strategy === 'one_for_all') return this.#children
    return this.#children.slice(this.#children.indexOf(child))
  }

  #forget(child: Child): void {
    this.#children = this.#children.filter((other) => other !== child)
  }

  // --- Answers ---

  *#answer(request: SupervisorCall): Steps<ReplyOf<SupervisorCall>> {
    if (request.type === 'whichChildren') return this.#children.map(infoOf)
    if (request.type === 'countChildren') return countsOf(this.#children)
    if (request.type === 'startChild') return yield* this.#addChild(request.spec)
    const child = this.#children.find(({ spec }) => spec.id === request.id)
    if (child === undefined) return unknownChild(request.type, request.id)
    if (request.type === 'terminateChild') {
      yield* this.#stop([child])
      if (restartOf(child.spec) === 'temporary') this.#forget(child)
      return undefined
    }
    if (child.pid !== undefined || child.isRestarting) return stillRunning(request.type, request.id)
    if (request.type === 'deleteChild') {
      this.#forget(child)
      return undefined
    }
    return yield* this.#tryStart(child)
  }

  *#addChild(spec: ChildSpec): Steps<Pid | ArborError> {
    try {
      this.#check(spec)
    } catch (error) {
      if (error instanceof ArborError) return error
      throw error
    }
    const present = this.#children.find((child) => child.spec.id === spec.id)
    if (present !== undefined) return alreadyPresent(spec.id, present)
    const child: Child = { spec, pid: undefined, isRestarting: false }
    const started = yield* this.#tryStart(child)
    const isKept = isIgnored(started) && restartOf(spec) !== 'temporary'
    if (isKept || !(started instanceof ArborError)) this.#children.push(child)
    return started
  }

  #check(spec: ChildSpec): void {
    checkSpec(spec)
    if (spec.significant !== true || this.#autoShutdown !== 'never') return
    const attempt = { operation: 'child spec', target: spec.id }
    const advice = 'set autoShutdown of its supervisor'
    throw new ArborError('bad_child_spec', `significant child "${spec.id}"`, advice, attempt)
  }

  *#tryStart(child: Child): Steps<Pid | ArborError> {
    try {
      return yield* this.#start(child)
    } catch (error) {
      return failedStart(child.spec.id, error)
    }
  }
}

const strategies = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
const autoShutdowns = ['never', 'any_significant', 'all_significant'] as const

/** A word out of a few; the first is the default. */
function checkOption<T extends string>(
  option: string,
  words: readonly [T, ...T[]],
  word: T = words[0],
): T {
  if (words.includes(word)) return word
  const attempt = { operation: 'supervisor', request: { [option]: word } }
  const advice = `give one of ${words.join(', ')}`
  throw new ArborError('bad_option', `${option} ${word}`, advice, attempt)
}

/** Refuses a second child of an id. */
function alreadyPresent(id: string, child?: Child): ArborError {
  const attempt = { operation: 'startChild', target: id }
  if (child?.pid !== undefined) {
    const { pid } = child
    const advice = 'use that one, or give the other another id'
    const message = `child "${id}" is running as ${pid}`
    return new ArborError('already_started', message, advice, { ...attempt, request: pid })
  }
  const advice = 'give it another id, or delete that child first'
  return new ArborError('already_present', `there is a child "${id}"`, advice, attempt)
}

function unknownChild(operation: string, id: string): ArborError {
  const advice = 'see whichChildren'
  return new ArborError('unknown_child', `no child "${id}"`, advice, { operation, target: id })
}

function stillRunning(operation: string, id: string): ArborError {
  const advice = 'terminate it first'
  const message = `child "${id}" is running`
  return new ArborError('child_running', message, advice, { operation, target: id })
}
