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
  isIgnore,
  isRestarted,
  restartOf,
  type StartResult,
  specOf,
} from './child-spec.ts'
import { DynamicChildren, Plan } from './dynamic-child.ts'
import { reportEnd, reportFailedStart, reportIntensity } from './report.ts'
import {
  checkObject,
  type DynamicSettings,
  type DynamicSource,
  dynamicSettings,
} from './supervisor-options.ts'

/** What a dynamic supervisor answers; failures are answered, not thrown in its process. */
export type DynamicSupervisorCall<Args extends unknown[] = never, R extends StartResult = never> =
  | Call<'whichChildren', unknown, ChildInfo[]>
  | Call<'countChildren', unknown, ChildCounts>
  | Call<'getChildSpec', { pid: Pid | undefined }, (AnySpec & Required<ChildPolicy>) | ArborError>
  | Call<'startChild', { spec: AnySpec }, StartResult | ArborError>
  | StartWith<Args, R>
  | Call<'terminateChild', { pid: Pid }, undefined | ArborError>

type StartWith<Args extends unknown[], R extends StartResult> = Call<
  'startWith',
  { args: Args },
  R | ArborError
>

/**
 * `Args` are what `startWith` takes, `R` is what it resolves with: the pid of the template's child.
 * Left out, they stand for any supervisor.
 */
export type DynamicSupervisorPid<
  Args extends unknown[] = never,
  R extends StartResult = never,
> = ServerPid<DynamicSupervisorCall<Args, R>>
export type DynamicSupervisorRef<Args extends unknown[] = never, R extends StartResult = never> =
  | DynamicSupervisorPid<Args, R>
  | Name<DynamicSupervisorPid<Args, R>>

export class DynamicSupervisor<
  Args extends unknown[] = never,
  R extends StartResult = StartResult,
> extends GenServer<DynamicChildren, DynamicSupervisorCall<Args, R>> {
  readonly #source: DynamicSource<Args, R>
  #settings: DynamicSettings
  #children: DynamicChildren = new DynamicChildren()
  /** What a callback returns when nothing is left to do. */
  #proceed: { readonly state: DynamicChildren } = { state: this.#children }

  /** Throws an `ArborError` when options cannot be meant; a function is asked in `init` only. */
  constructor(options: DynamicSource<Args, R> = {}) {
    super()
    this.#source = options
    this.#settings = dynamicSettings(typeof options === 'function' ? {} : options)
  }

  // --- Client functions ---

  /** Starts a child; rejects when its start fails or there are `maxChildren` already. */
  static async startChild<R extends StartResult>(
    supervisor: DynamicSupervisorRef,
    spec: ChildSpec<R, never[]>,
  ): Promise<R> {
    return orThrow(await call(supervisor, { type: 'startChild', spec }, NO_TIMEOUT)) as R
  }

  /**
   * Starts a child of the template with arguments of its own, and resolves with what the template's
   * `start` returns; rejects as `startChild` does.
   */
  static async startWith<Args extends unknown[], R extends StartResult = never>(
    supervisor: DynamicSupervisorRef<Args, R>,
    ...args: Args
  ): Promise<[R] extends [never] ? StartResult : R> {
    const request = { type: 'startWith', args } as const
    const started = await call<StartWith<Args, R>, 'startWith'>(supervisor, request, NO_TIMEOUT)
    return orThrow(started)
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

  init(): InitResult<DynamicChildren> {
    trapExit()
    const source = this.#source
    if (typeof source !== 'function') return this.#proceed
    const options = source()
    checkObject(options)
    if (isIgnore(options)) return options
    this.#settings = dynamicSettings(options)
    return this.#proceed
  }

  override handleCall(
    request: DynamicSupervisorCall<Args, R>,
    _from: From<unknown>,
  ): MaybePromise<CallResult<DynamicChildren, ReplyOf<DynamicSupervisorCall<Args, R>>>> {
    const replied = run(this.#answer(request))
    if (replied instanceof Promise)
      return replied.then((reply) => ({ reply, state: this.#children }))
    return { reply: replied, state: this.#children }
  }

  override handleInfo(message: unknown): MaybePromise<Result<DynamicChildren>> {
    const children = this.#children
    if (message instanceof Exit && message.from !== null) {
      const plan = children.planOf(message.from, this.self)
      if (plan === undefined) return this.#proceed
      return this.#childEnded(plan, message.from, message.reason)
    }
    if (message instanceof RestartAgain && isPid(message.child)) {
      const waiting = children.waiting(message.child)
      if (waiting?.retry !== message) return this.#proceed
      children.stopWaiting(message.child)
      return run(this.#restart(waiting.plan, message.child))
    }
    return super.handleInfo(message, children) as Result<DynamicChildren>
  }

  override terminate(): void | Promise<void> {
    this.#children.stopAllWaiting()
    // All are told at once, then all are waited for.
    const stopping = [...this.#children.running(this.self)]
      .map(([pid, plan]) => run(this.#stop(pid, plan)))
      .filter((stopped) => stopped instanceof Promise)
    if (stopping.length > 0) return Promise.all(stopping).then(() => {})
  }

  /**
   * Takes over the options of this instance. Children of the old template are started again by the
   * new one; others keep their spec. `{ ignore: true }` leaves everything as it was.
   */
  override codeChange(_oldVersion: unknown, old: DynamicChildren): DynamicChildren {
    const source = this.#source
    const options = typeof source === 'function' ? source() : source
    checkObject(options)
    if (!isIgnore(options)) this.#settings = dynamicSettings(options)
    this.#children = old
    this.#proceed = { state: old }
    return old
  }

  /** Pids of the children that run, oldest first. */
  systemChildren(): Iterable<Pid> {
    return Array.from(this.#children.running(this.self), ([pid]) => pid)
  }

  // --- Steps ---

  *#start(plan: Plan, args: readonly unknown[]): Steps<StartResult> {
    const { extraArguments } = this.#settings
    const all = extraArguments.length === 0 ? args : [...extraArguments, ...args]
    const started = yield* startChild(this.#specOf(plan), this.self, all)
    this.#children.started(pidOf(started), plan)
    return started
  }

  *#stop(pid: Pid, plan: Plan): Steps<void> {
    this.#children.forget(pid)
    yield* stopProcess(pid, this.#specOf(plan), this.self)
  }

  #specOf(plan: Plan): AnySpec {
    return plan.under(this.#settings.template)
  }

  #childEnded(plan: Plan, pid: Pid, reason: ExitReason): MaybePromise<Result<DynamicChildren>> {
    this.#children.forget(pid)
    const { intensity, backOff, autoShutdown } = this.#settings
    const spec = this.#specOf(plan)
    reportEnd(this.self, spec, pid, reason, 'one_for_one', intensity)
    if (isRestarted(spec, reason)) {
      if (backOff === null) return run(this.#restart(plan, pid))
      this.#restartLater(plan, pid)
      return this.#proceed
    }
    if (spec.significant !== true || autoShutdown === 'never') return this.#proceed
    if (autoShutdown === 'all_significant' && this.#children.size > 0) return this.#proceed
    return { stop: 'shutdown', state: this.#children }
  }

  *#restart(plan: Plan, pid: Pid): Steps<Result<DynamicChildren>> {
    const { intensity } = this.#settings
    const { id } = this.#specOf(plan)
    if (!intensity.allows(now())) {
      reportIntensity(this.self, id, intensity)
      return { stop: 'shutdown', state: this.#children }
    }
    try {
      yield* this.#start(plan, plan.args)
    } catch (error) {
      if (isIgnored(error)) return this.#proceed
      reportFailedStart(this.self, id, startFailure(error))
      this.#restartLater(plan, pid)
    }
    return this.#proceed
  }

  /** By way of the mailbox, so that others get their turn. */
  #restartLater(plan: Plan, pid: Pid): void {
    const { backOff } = this.#settings
    const delayMs = backOff === null ? 0 : backOff.delayMs(plan, now())
    this.#children.wait(pid, plan, new RestartAgain(pid).post(this.self, delayMs))
  }

  // --- Answers ---

  *#answer(
    request: DynamicSupervisorCall<Args, R>,
  ): Steps<ReplyOf<DynamicSupervisorCall<Args, StartResult>>> {
    const { template } = this.#settings
    switch (request.type) {
      case 'whichChildren':
        return this.#children.infos(this.self, template)
      case 'countChildren':
        return this.#children.counts(this.self, template)
      case 'startChild':
        return yield* this.#addChild(request.spec, [], false)
      case 'startWith':
        return template === undefined
          ? noTemplate(request.args)
          : yield* this.#addChild(template, request.args, true)
      case 'getChildSpec':
        return this.#describe(request)
      case 'terminateChild':
        return isPid(request.pid) ? yield* this.#remove(request.pid) : noId(request)
      default:
        return noId(request)
    }
  }

  #describe(request: { readonly type: string; readonly pid: Pid | undefined }) {
    const { pid } = request
    if (pid === undefined) {
      const { template } = this.#settings
      return template === undefined ? unknownChild(request) : specOf(template)
    }
    if (!isPid(pid)) return noId(request)
    const plan = this.#children.planOf(pid, this.self) ?? this.#children.waiting(pid)?.plan
    return plan === undefined ? unknownChild(request) : specOf(this.#specOf(plan))
  }

  *#addChild(
    spec: AnySpec,
    args: readonly unknown[],
    isOfTemplate: boolean,
  ): Steps<StartResult | ArborError> {
    const { maxChildren, backOff, autoShutdown } = this.#settings
    if (this.#children.size >= maxChildren) {
      const attempt = { operation: 'startChild', target: spec.id }
      const message = `there are ${maxChildren} children already`
      return new ArborError('max_children', message, 'wait, or raise maxChildren', attempt)
    }
    try {
      checkSpec(spec, autoShutdown)
      // Who is never restarted needs no arguments later; who waits for it has a row of his own.
      const isShared = restartOf(spec) === 'temporary' || (args.length === 0 && backOff === null)
      const plan = isShared
        ? this.#children.sharedPlan(this.self, spec, isOfTemplate)
        : new Plan(this.self, spec, args, isOfTemplate)
      return yield* this.#start(plan, args)
    } catch (error) {
      return failedStart(spec.id, error)
    }
  }

  *#remove(pid: Pid): Steps<undefined | ArborError> {
    const plan = this.#children.planOf(pid, this.self)
    if (plan !== undefined) yield* this.#stop(pid, plan)
    else if (this.#children.waiting(pid) !== undefined) this.#children.stopWaiting(pid)
    else if (isAlive(pid)) return unknownChild({ type: 'terminateChild', pid })
    return undefined
  }
}

function noTemplate(args: readonly unknown[]): ArborError {
  const advice = 'give the supervisor a template, or use startChild'
  const attempt = { operation: 'startWith', request: args }
  return new ArborError('no_template', 'there is no template', advice, attempt)
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
