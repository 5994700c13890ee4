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
// Options may also be a function: it runs in the new process at each start, may return
// `{ ignore: true }`, and what is wrong with its result fails the start instead of the caller.
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
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { Name, Pid } from '../runtime/pid.ts'
import { Exit, trapExit } from '../runtime/signal.ts'
import { now } from '../runtime/timer-wheel.ts'
import {
  failedStart,
  isIgnored,
  NO_TIMEOUT,
  orThrow,
  pidOf,
  RestartAgain,
  run,
  type Steps,
  startChild,
  startFailure,
  stopProcess,
} from './child.ts'
import {
  type AnyChildSpec,
  alreadyPresent,
  type ChildCounts,
  type ChildInfo,
  type ChildSpec,
  checkSpec,
  countsOf,
  infoOf,
  isIgnore,
  isRestarted,
  restartOf,
  type StartResult,
  specOf,
} from './child-spec.ts'
import { Child, Children } from './children.ts'
import { reportEnd, reportFailedStart, reportIntensity } from './report.ts'
import {
  checkObject,
  type OptionsSource,
  optionsNow,
  type SupervisorOptions,
  type SupervisorSettings,
  supervisorSettings,
} from './supervisor-options.ts'

/** What a supervisor answers; failures are answered, not thrown in its process. */
export type SupervisorCall =
  | Call<'whichChildren', unknown, ChildInfo[]>
  | Call<'countChildren', unknown, ChildCounts>
  | Call<'getChildSpec', { id: string }, Required<AnyChildSpec> | ArborError>
  | Call<'startChild', { spec: AnyChildSpec }, StartResult | ArborError>
  | Call<'restartChild', { id: string }, StartResult | ArborError>
  | Call<'terminateChild', { id: string }, undefined | ArborError>
  | Call<'deleteChild', { id: string }, undefined | ArborError>

export type SupervisorPid = ServerPid<SupervisorCall>
export type SupervisorRef = SupervisorPid | Name<SupervisorPid>

export class Supervisor extends GenServer<Children, SupervisorCall> {
  readonly #source: OptionsSource<SupervisorOptions>
  #settings: SupervisorSettings
  #children: Children = new Children()
  /** What a callback returns when nothing is left to do. */
  #proceed: { readonly state: Children } = { state: this.#children }

  /** Throws an `ArborError` when options cannot be meant; a function is asked in `init` only. */
  constructor(options: OptionsSource<SupervisorOptions>) {
    super()
    this.#source = options
    this.#settings = supervisorSettings(typeof options === 'function' ? {} : options)
  }

  // --- Client functions ---

  /** The children in start order. */
  static whichChildren(supervisor: SupervisorRef): Promise<ChildInfo[]> {
    return call(supervisor, { type: 'whichChildren' }, NO_TIMEOUT)
  }

  static countChildren(supervisor: SupervisorRef): Promise<ChildCounts> {
    return call(supervisor, { type: 'countChildren' }, NO_TIMEOUT)
  }

  /** The spec of a child, defaults filled in; rejects with code `unknown_child`. */
  static async getChildSpec(
    supervisor: SupervisorRef,
    id: string,
  ): Promise<Required<AnyChildSpec>> {
    return orThrow(await call(supervisor, { type: 'getChildSpec', id }, NO_TIMEOUT))
  }

  /**
   * Adds a child after the others and starts it; rejects when its start fails, and forgets it. Code
   * `already_started` when one of that id runs, `already_present` when it does not; `ignored` when
   * its `init` chose not to start, then it is kept for `restartChild`, unless it is temporary.
   */
  static async startChild<R extends StartResult>(
    supervisor: SupervisorRef,
    spec: ChildSpec<R>,
  ): Promise<R> {
    return orThrow(await call(supervisor, { type: 'startChild', spec }, NO_TIMEOUT)) as R
  }

  /**
   * Starts a child that is not running. Code `child_running` when it is, `child_restarting` when
   * its restart is to be tried again, `unknown_child`, or what its start throws.
   */
  static async restartChild(supervisor: SupervisorRef, id: string): Promise<StartResult> {
    return orThrow(await call(supervisor, { type: 'restartChild', id }, NO_TIMEOUT))
  }

  /** Stops a child, also one that waits for its restart; its spec stays, unless it is temporary. */
  static async terminateChild(supervisor: SupervisorRef, id: string): Promise<void> {
    orThrow(await call(supervisor, { type: 'terminateChild', id }, NO_TIMEOUT))
  }

  /** Forgets a child that is not running; codes as of `restartChild`. */
  static async deleteChild(supervisor: SupervisorRef, id: string): Promise<void> {
    orThrow(await call(supervisor, { type: 'deleteChild', id }, NO_TIMEOUT))
  }

  // --- Callbacks ---

  init(): MaybePromise<InitResult<Children>> {
    trapExit()
    return run(this.#begin())
  }

  override handleCall(
    request: SupervisorCall,
    _from: From<unknown>,
  ): MaybePromise<CallResult<Children, ReplyOf<SupervisorCall>>> {
    const state = this.#children
    const replied = run(this.#answer(request))
    if (replied instanceof Promise) return replied.then((reply) => ({ reply, state }))
    return { reply: replied, state }
  }

  override handleInfo(message: unknown): MaybePromise<Result<Children>> {
    if (message instanceof Exit) {
      const child = message.from === null ? undefined : this.#children.byPid(message.from)
      return child === undefined ? this.#proceed : run(this.#childEnded(child, message.reason))
    }
    if (message instanceof RestartAgain) {
      const child = this.#children.byId(String(message.child))
      return child?.retry === message ? run(this.#restart(child)) : this.#proceed
    }
    return super.handleInfo(message, this.#children) as Result<Children>
  }

  override terminate(): void | Promise<void> {
    return run(this.#stop(this.#children.first, this.#children.last))
  }

  /**
   * Takes over the options of this instance: children that it has too go on under its specs, others
   * are kept, new ones are there but not started, as in OTP. A function is asked anew; it must not
   * wait, and `{ ignore: true }` leaves everything as it was.
   */
  override codeChange(_oldVersion: unknown, old: Children): Children {
    const options = optionsNow(this.#source)
    this.#keep(old)
    if (isIgnore(options)) return old
    this.#settings = supervisorSettings(options)
    this.#keep(old.respecified(this.#settings.children))
    return this.#children
  }

  #keep(children: Children): void {
    this.#children = children
    this.#proceed = { state: children }
  }

  /** Pids of the children that run, in start order. */
  systemChildren(): Pid[] {
    return Array.from(this.#children).flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  }

  /** The pid of a child that runs, without a message. */
  protected pidOf(id: string): Pid | undefined {
    return this.#children.byId(id)?.pid
  }

  // --- Steps ---

  *#begin(): Steps<InitResult<Children>> {
    const source = this.#source
    if (typeof source === 'function') {
      let options: unknown = source()
      if (options instanceof Promise) options = yield options
      checkObject(options)
      if (isIgnore(options)) return options
      this.#settings = supervisorSettings(options as SupervisorOptions)
    }
    for (const spec of this.#settings.children) {
      const child = new Child(spec)
      this.#children.add(child)
      try {
        yield* this.#start(child)
      } catch (error) {
        if (isIgnored(error)) {
          if (restartOf(spec) === 'temporary') this.#children.remove(child)
          continue
        }
        const reason = startFailure(error)
        reportFailedStart(this.self, spec.id, reason)
        yield* this.#stop(this.#children.first, this.#children.last)
        return { stop: { shutdown: { failedToStartChild: spec.id, reason } } }
      }
    }
    return this.#proceed
  }

  *#start(child: Child): Steps<StartResult> {
    const started = yield* startChild(child.spec, this.self, NO_ARGUMENTS)
    this.#children.started(child, pidOf(started))
    return started
  }

  /** Stops children from the last to the first, and forgets the temporary among them. */
  *#stop(first: Child | null, last: Child | null): Steps<void> {
    for (let child = last; child !== null; ) {
      const previous: Child | null = child === first ? null : child.previous
      const pid = this.#children.ended(child)
      if (pid !== undefined) yield* stopProcess(pid, child.spec, this.self)
      if (restartOf(child.spec) === 'temporary') this.#children.remove(child)
      child = previous
    }
  }

  *#childEnded(child: Child, reason: ExitReason): Steps<Result<Children>> {
    const pid = this.#children.ended(child)
    const { spec } = child
    const { strategy, intensity, backOff, autoShutdown } = this.#settings
    reportEnd(this.self, spec, pid, reason, strategy, intensity)
    if (isRestarted(spec, reason)) {
      if (backOff === null) return yield* this.#restart(child)
      yield* this.#stopAffected(child)
      this.#restartLater(child)
      return this.#proceed
    }
    if (restartOf(spec) === 'temporary') this.#children.remove(child)
    if (spec.significant !== true || autoShutdown === 'never') return this.#proceed
    if (autoShutdown === 'all_significant' && this.#children.hasSignificant) return this.#proceed
    return { stop: 'shutdown', state: this.#children }
  }

  /** Restarts a child, and with it whom the strategy names, if the intensity allows. */
  *#restart(child: Child): Steps<Result<Children>> {
    this.#children.ended(child)
    const { intensity, strategy } = this.#settings
    if (!intensity.allows(now())) {
      reportIntensity(this.self, child.spec.id, intensity)
      return { stop: 'shutdown', state: this.#children }
    }
    yield* this.#stopAffected(child)
    let next: Child | null = strategy === 'one_for_all' ? this.#children.first : child
    while (next !== null && (yield* this.#startAgain(next))) {
      next = strategy === 'one_for_one' ? null : next.next
    }
    return this.#proceed
  }

  /** Stops those who are restarted together with a child that has ended. */
  *#stopAffected(child: Child): Steps<void> {
    const { strategy } = this.#settings
    if (strategy === 'one_for_one') return
    const first = strategy === 'one_for_all' ? this.#children.first : child
    yield* this.#stop(first, this.#children.last)
  }

  /** Whether the next one may start, too. A start that failed is tried again. */
  *#startAgain(child: Child): Steps<boolean> {
    try {
      yield* this.#start(child)
    } catch (error) {
      if (isIgnored(error)) return true
      reportFailedStart(this.self, child.spec.id, startFailure(error))
      this.#restartLater(child)
      return false
    }
    return true
  }

  /**
   * By way of the mailbox, so that others get their turn: until the intensity is spent, or after
   * the back-off.
   */
  #restartLater(child: Child): void {
    const { backOff } = this.#settings
    const { id } = child.spec
    const delayMs = backOff === null ? 0 : backOff.delayMs(child, now())
    this.#children.waits(child, new RestartAgain(id).post(this.self, delayMs))
  }

  // --- Answers ---

  *#answer(request: SupervisorCall): Steps<ReplyOf<SupervisorCall>> {
    if (request.type === 'whichChildren') return Array.from(this.#children, infoOf)
    if (request.type === 'countChildren') return countsOf(this.#children)
    if (request.type === 'startChild') return yield* this.#addChild(request.spec)
    const child = this.#children.byId(request.id)
    if (child === undefined) return unknownChild(request.type, request.id)
    if (request.type === 'getChildSpec') return specOf(child.spec)
    if (request.type === 'terminateChild') {
      yield* this.#stop(child, child)
      return undefined
    }
    if (child.retry !== null) return stillThere(request.type, request.id, 'restarting')
    if (child.pid !== undefined) return stillThere(request.type, request.id, 'running')
    if (request.type === 'deleteChild') {
      this.#children.remove(child)
      return undefined
    }
    return yield* this.#tryStart(child)
  }

  *#addChild(spec: AnyChildSpec): Steps<StartResult | ArborError> {
    try {
      checkSpec(spec, this.#settings.autoShutdown)
    } catch (error) {
      if (error instanceof ArborError) return error
      throw error
    }
    const present = this.#children.byId(spec.id)
    if (present !== undefined) return alreadyPresent(spec.id, present.pid)
    const child = new Child(spec)
    this.#children.add(child)
    const started = yield* this.#tryStart(child)
    const isKept = isIgnored(started) && restartOf(spec) !== 'temporary'
    if (started instanceof ArborError && !isKept) this.#children.remove(child)
    return started
  }

  *#tryStart(child: Child): Steps<StartResult | ArborError> {
    try {
      return yield* this.#start(child)
    } catch (error) {
      return failedStart(child.spec.id, error)
    }
  }
}

const NO_ARGUMENTS: [] = []

function unknownChild(operation: string, id: string): ArborError {
  const advice = 'see whichChildren'
  return new ArborError('unknown_child', `no child "${id}"`, advice, { operation, target: id })
}

function stillThere(operation: string, id: string, status: 'running' | 'restarting'): ArborError {
  const message = `child "${id}" is ${status}`
  const attempt = { operation, target: id }
  return new ArborError(`child_${status}`, message, 'terminate it first', attempt)
}
