// A supervisor of children that come and go at run time: connections, jobs, one process a client.
// It starts empty, knows no order between its children, and stops them all at once (Elixir's
// DynamicSupervisor, OTP's simple_one_for_one).
//
//   const connections = await start(new DynamicSupervisor({ maxChildren: 1000 }))
//   const pid = await DynamicSupervisor.startChild(connections, {
//     id: 'connection',
//     restart: 'temporary',
//     start: () => startLink(new Connection(socket)),
//   })
//
// Where all children are alike, give a template, and each child only its arguments:
//
//   const template = {
//     id: 'connection',
//     start: (_: Pid, socket: Socket) => startLink(new Connection(socket)),
//   }
//   const connections = await start(new DynamicSupervisor({ template }))
//   await DynamicSupervisor.startWith(connections, socket)
//
// The id of a child is only for logs here; children are told apart by pid.
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
import { isPid, type Name, type Pid } from '../runtime/pid.ts'
import { isAlive } from '../runtime/process.ts'
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
  type AnySpec,
  type ChildCounts,
  type ChildInfo,
  type ChildPolicy,
  type ChildSpec,
  checkSpec,
  isRestarted,
  type StartResult,
  specOf,
} from './child-spec.ts'
import {
  type DynamicState,
  dynamicCounts,
  infosOf,
  Plan,
  type Restartable,
  specIn,
  underTemplate,
} from './dynamic-child.ts'
import { reportEnd, reportFailedStart, reportIntensity } from './report.ts'
import {
  checkObject,
  type DynamicSettings,
  type DynamicSource,
  dynamicSettings,
  isIgnore,
} from './supervisor-options.ts'

/** What a dynamic supervisor answers; failures are answered, not thrown in its process. */
export type DynamicSupervisorCall<Args extends unknown[] = never> =
  | Call<'whichChildren', unknown, ChildInfo[]>
  | Call<'countChildren', unknown, ChildCounts>
  | Call<'getChildSpec', { pid: Pid | undefined }, (AnySpec & Required<ChildPolicy>) | ArborError>
  | Call<'startChild', { spec: AnySpec }, StartResult | ArborError>
  | StartWith<Args>
  | Call<'terminateChild', { pid: Pid }, undefined | ArborError>

type StartWith<Args extends unknown[]> = Call<'startWith', { args: Args }, StartResult | ArborError>

export type DynamicSupervisorPid<Args extends unknown[] = never> = ServerPid<
  DynamicSupervisorCall<Args>
>
export type DynamicSupervisorRef<Args extends unknown[] = never> =
  | DynamicSupervisorPid<Args>
  | Name<DynamicSupervisorPid<Args>>

export class DynamicSupervisor<Args extends unknown[] = never> extends GenServer<
  DynamicState,
  DynamicSupervisorCall<Args>
> {
  readonly #source: DynamicSource<Args>
  #settings: DynamicSettings
  #state: DynamicState = { running: new Map(), waiting: new Map() }
  /** What a callback returns when nothing is left to do. */
  #proceed: { readonly state: DynamicState } = { state: this.#state }

  /** Throws an `ArborError` when options cannot be meant; a function is asked in `init` only. */
  constructor(options: DynamicSource<Args> = {}) {
    super()
    this.#source = options
    this.#settings = dynamicSettings(typeof options === 'function' ? {} : options)
    this.#follow(this.#settings, this.#state)
  }

  // --- Client functions ---

  /** Starts a child; rejects when its start fails or there are `maxChildren` already. */
  static async startChild<R extends StartResult>(
    supervisor: DynamicSupervisorRef,
    spec: ChildSpec<R, never[]>,
  ): Promise<R> {
    return orThrow(await call(supervisor, { type: 'startChild', spec }, NO_TIMEOUT)) as R
  }

  /** Starts a child of the template with arguments of its own; rejects as `startChild` does. */
  static async startWith<Args extends unknown[]>(
    supervisor: DynamicSupervisorRef<Args>,
    ...args: Args
  ): Promise<StartResult> {
    return orThrow(
      await call<StartWith<Args>, 'startWith'>(supervisor, { type: 'startWith', args }, NO_TIMEOUT),
    )
  }

  /**
   * Stops a child, also one that waits for its restart (by the pid it had), and forgets it. One
   * that has ended already is no error; code `unknown_child` for a process that is somebody else's.
   */
  static async terminateChild(supervisor: DynamicSupervisorRef, pid: Pid): Promise<void> {
    orThrow(await call(supervisor, { type: 'terminateChild', pid }, NO_TIMEOUT))
  }

  static whichChildren(supervisor: DynamicSupervisorRef): Promise<ChildInfo[]> {
    return call(supervisor, { type: 'whichChildren' }, NO_TIMEOUT)
  }

  static countChildren(supervisor: DynamicSupervisorRef): Promise<ChildCounts> {
    return call(supervisor, { type: 'countChildren' }, NO_TIMEOUT)
  }

  /**
   * The spec of a child, or of the template when no pid is given, defaults filled in; rejects with
   * code `unknown_child`.
   */
  static async getChildSpec(
    supervisor: DynamicSupervisorRef,
    pid?: Pid,
  ): Promise<AnySpec & Required<ChildPolicy>> {
    return orThrow(await call(supervisor, { type: 'getChildSpec', pid }, NO_TIMEOUT))
  }

  // --- Callbacks ---

  init(): InitResult<DynamicState> {
    trapExit()
    const source = this.#source
    if (typeof source !== 'function') return this.#proceed
    const options = source()
    checkObject(options)
    if (isIgnore(options)) return options
    this.#follow(dynamicSettings(options), this.#state)
    return this.#proceed
  }

  override handleCall(
    request: DynamicSupervisorCall<Args>,
    _from: From<unknown>,
  ): MaybePromise<CallResult<DynamicState, ReplyOf<DynamicSupervisorCall<Args>>>> {
    const replied = run(this.#answer(request))
    if (replied instanceof Promise) return replied.then((reply) => ({ reply, state: this.#state }))
    return { reply: replied, state: this.#state }
  }

  override handleInfo(message: unknown): MaybePromise<Result<DynamicState>> {
    if (message instanceof Exit && message.from !== null) {
      const child = this.#state.running.get(message.from)
      return child === undefined
        ? this.#proceed
        : this.#childEnded(child, message.from, message.reason)
    }
    if (message instanceof RestartAgain && isPid(message.child)) {
      const waiting = this.#state.waiting.get(message.child)
      if (waiting?.retry !== message) return this.#proceed
      this.#state.waiting.delete(message.child)
      return run(this.#restart(waiting.child, message.child))
    }
    return super.handleInfo(message, this.#state) as Result<DynamicState>
  }

  override terminate(): void | Promise<void> {
    const children = [...this.#state.running]
    this.#state.running.clear()
    for (const { retry } of this.#state.waiting.values()) retry.cancel()
    this.#state.waiting.clear()
    // All are told at once, then all are waited for.
    const stopping = children
      .map(([pid, child]) => run(stopProcess(pid, specIn(child), this.self)))
      .filter((stopped) => stopped instanceof Promise)
    if (stopping.length > 0) return Promise.all(stopping).then(() => {})
  }

  /** Pids of the children that run, oldest first. */
  /**
   * Takes over the options of this instance. Children of the old template are started again by the
   * new one; others keep their spec. `{ ignore: true }` leaves everything as it was.
   */
  override codeChange(_oldVersion: unknown, old: DynamicState): DynamicState {
    const source = this.#source
    const options = typeof source === 'function' ? source() : source
    checkObject(options)
    this.#follow(isIgnore(options) ? this.#settings : dynamicSettings(options), old)
    return this.#state
  }

  #follow(settings: DynamicSettings, old: DynamicState): void {
    this.#settings = settings
    this.#state = underTemplate(old, settings.template)
    this.#proceed = { state: this.#state }
  }

  systemChildren(): Iterable<Pid> {
    return this.#state.running.keys()
  }

  // --- Steps ---

  *#start(child: Restartable): Steps<StartResult> {
    const { extraArguments } = this.#settings
    const args = child instanceof Plan ? [...extraArguments, ...child.args] : extraArguments
    const started = yield* startChild(specIn(child), this.self, args)
    this.#state.running.set(pidOf(started), child)
    return started
  }

  #childEnded(
    child: Restartable,
    pid: Pid,
    reason: ExitReason,
  ): MaybePromise<Result<DynamicState>> {
    this.#state.running.delete(pid)
    const { intensity, backOff, autoShutdown } = this.#settings
    const spec = specIn(child)
    reportEnd(this.self, spec, pid, reason, 'one_for_one', intensity)
    if (isRestarted(spec, reason)) {
      if (backOff === null) return run(this.#restart(child, pid))
      this.#restartLater(child, pid)
      return this.#proceed
    }
    if (spec.significant !== true || autoShutdown === 'never') return this.#proceed
    if (autoShutdown === 'all_significant' && this.#size > 0) return this.#proceed
    return { stop: 'shutdown', state: this.#state }
  }

  *#restart(child: Restartable, pid: Pid): Steps<Result<DynamicState>> {
    const { intensity } = this.#settings
    const { id } = specIn(child)
    if (!intensity.allows(now())) {
      reportIntensity(this.self, id, intensity)
      return { stop: 'shutdown', state: this.#state }
    }
    try {
      yield* this.#start(child)
    } catch (error) {
      if (isIgnored(error)) return this.#proceed
      reportFailedStart(this.self, id, startFailure(error))
      this.#restartLater(child, pid)
    }
    return this.#proceed
  }

  /** By way of the mailbox, so that others get their turn. */
  #restartLater(child: Restartable, pid: Pid): void {
    const { backOff } = this.#settings
    const delayMs = backOff === null ? 0 : backOff.delayMs(child, now())
    const retry = new RestartAgain(pid).post(this.self, delayMs)
    this.#state.waiting.set(pid, { child, retry })
  }

  get #size(): number {
    return this.#state.running.size + this.#state.waiting.size
  }

  // --- Answers ---

  *#answer(request: DynamicSupervisorCall<Args>): Steps<ReplyOf<DynamicSupervisorCall<Args>>> {
    switch (request.type) {
      case 'whichChildren':
        return infosOf(this.#state)
      case 'countChildren':
        return dynamicCounts(infosOf(this.#state), this.#settings.template !== undefined)
      case 'startChild':
        return yield* this.#addChild(request.spec, [])
      case 'startWith':
        return yield* this.#addFromTemplate(request.args)
      case 'getChildSpec':
        return this.#specOf(request)
      case 'terminateChild':
        return isPid(request.pid) ? yield* this.#remove(request.pid) : noId(request)
      default:
        return noId(request)
    }
  }

  #specOf(request: { readonly type: string; readonly pid: Pid | undefined }) {
    const { pid } = request
    if (pid !== undefined && !isPid(pid)) return noId(request)
    const child =
      pid === undefined
        ? this.#settings.template
        : (this.#state.running.get(pid) ?? this.#state.waiting.get(pid)?.child)
    return child === undefined ? unknownChild(request) : specOf(specIn(child))
  }

  *#addFromTemplate(args: readonly unknown[]): Steps<StartResult | ArborError> {
    const { template } = this.#settings
    if (template !== undefined) return yield* this.#addChild(template, args)
    const advice = 'give the supervisor a template, or use startChild'
    const attempt = { operation: 'startWith', request: args }
    return new ArborError('no_template', 'there is no template', advice, attempt)
  }

  *#addChild(spec: AnySpec, args: readonly unknown[]): Steps<StartResult | ArborError> {
    const { maxChildren, backOff, autoShutdown } = this.#settings
    if (this.#size >= maxChildren) {
      const attempt = { operation: 'startChild', target: spec.id }
      const message = `there are ${maxChildren} children already`
      return new ArborError('max_children', message, 'wait, or raise maxChildren', attempt)
    }
    try {
      checkSpec(spec, autoShutdown)
      const isShared = args.length === 0 && backOff === null
      return yield* this.#start(isShared ? spec : new Plan(spec, args))
    } catch (error) {
      return failedStart(spec.id, error)
    }
  }

  *#remove(pid: Pid): Steps<undefined | ArborError> {
    const waiting = this.#state.waiting.get(pid)
    const child = this.#state.running.get(pid)
    if (waiting !== undefined) {
      this.#state.waiting.delete(pid)
      waiting.retry.cancel()
    } else if (child !== undefined) {
      this.#state.running.delete(pid)
      yield* stopProcess(pid, specIn(child), this.self)
    } else if (isAlive(pid)) return unknownChild({ type: 'terminateChild', pid })
    return undefined
  }
}

function unknownChild({
  type,
  pid,
}: {
  readonly type: string
  readonly pid: Pid | undefined
}): ArborError {
  const attempt = { operation: type, target: pid }
  return new ArborError('unknown_child', `${pid} is no child`, 'see whichChildren', attempt)
}

/** Who asks for a child by its id; the types forbid it, a message may do it all the same. */
function noId({ type, ...request }: { readonly type: string }): ArborError {
  const attempt = { operation: type, request }
  const advice = 'name it by its pid, see whichChildren'
  return new ArborError('dynamic_child', 'a dynamic child has no id', advice, attempt)
}
