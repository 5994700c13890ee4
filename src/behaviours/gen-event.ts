// An event manager (OTP's gen_event): a process that hands each event to all its handlers, newest
// first. Handlers come and go while it runs, each with a state of its own; one that crashes is
// removed and reported, and the manager lives. For logs, alarms, audit trails: things many may want
// to know and nobody has to answer.
//
//   type Alarm = { id: string; level: number }
//
//   class Loud extends EventHandler<Alarm, string[], Call<'list', object, string[]>> {
//     init() {
//       return { state: [] }
//     }
//     handleEvent({ id, level }: Alarm, seen: string[]) {
//       return { state: level > 3 ? [...seen, id] : seen }
//     }
//     override handleCall(_: { type: 'list' }, seen: string[]) {
//       return { reply: seen, state: seen }
//     }
//   }
//
//   const alarms = start(new GenEvent<Alarm>())
//   await GenEvent.addHandler(alarms, Loud, new Loud())
//   GenEvent.notify(alarms, { id: 'disk', level: 5 })
//   await GenEvent.callHandler(alarms, Loud, { type: 'list' })      // ['disk']
//
// All handlers run in the manager's process, one after the other: a slow one delays everybody. Who
// wants a process of its own for each listener takes a process group (runtime/process-group.ts).
import type { CallOptions, From } from '../runtime/call.ts'
import { CallError } from '../runtime/call.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { DEAD, type Name, type Pid, processOf, REMOTE } from '../runtime/pid.ts'
import { send } from '../runtime/process.ts'
import { resolve } from '../runtime/registry.ts'
import { post } from '../runtime/scheduler.ts'
import { Exit, notLocal, onExit, self, trapExit } from '../runtime/signal.ts'
import type { ServerStatus } from './callbacks.ts'
import {
  type AnyHandler,
  type HandlerClass,
  HandlerError,
  type HandlerId,
} from './gen-event-handler.ts'
import { type Answer, type Exchange, formatted, Handlers } from './gen-event-handlers.ts'
import {
  type AnyCall,
  type Call,
  type CallResult,
  call,
  GenServer,
  type InitResult,
  type MaybePromise,
  type ReplyOf,
  type RequestOf,
  type Result,
  type ServerPid,
  type ServerRef,
} from './gen-server.ts'
import { Cast, Server, SystemMessage } from './server-loop.ts'
import { run, type Steps } from './steps.ts'
import { codeElsewhere } from './system-request.ts'

export {
  EventHandler,
  GenEventExit,
  type HandlerCallResult,
  type HandlerClass,
  type HandlerEnd,
  HandlerError,
  type HandlerExit,
  type HandlerFailure,
  type HandlerId,
  type HandlerInit,
  type HandlerName,
  type HandlerResult,
  type HandlerStatus,
  type Swap,
  type Swapped,
} from './gen-event-handler.ts'

/** What a manager is asked; failures are answered, not thrown in its process. */
export type GenEventCall<Event> =
  | AnyGenEventCall
  | Call<'syncNotify', { event: Event }, undefined>
  | Call<'addHandler', { id: HandlerId; handler: AnyHandler<Event>; owner: Pid | null }, Answer>
  | Call<'swapHandler', Exchange & { handler: AnyHandler<Event> }, Answer>

/** What is asked of a manager whatever its events. */
export type AnyGenEventCall =
  | Call<'callHandler', { id: HandlerId; request: AnyCall }, Answer>
  | Call<'whichHandlers', object, HandlerId[]>
  | Call<'deleteHandler', { id: HandlerId; argument: unknown }, Answer>

export type GenEventPid<Event = never> = ServerPid<GenEventCall<Event>, Event>
/** A manager, by pid or by registered name. */
export type GenEventRef<Event = never> = GenEventPid<Event> | Name<GenEventPid<Event>>
/** A manager of any events. */
export type AnyGenEventRef = ServerRef<AnyGenEventCall>

/** A handler that answers these calls. */
export interface Answering<in C> {
  readonly '~calls': (call: C) => void
}

/** A handler that is to take another's place. */
export interface Successor<Event, H extends AnyHandler<Event>> {
  readonly id: HandlerId<H>
  readonly handler: H
}

/** Requests that take what a handler takes: its own limits apply, as in OTP. */
const NO_TIMEOUT: CallOptions = { timeoutMs: 'infinity' }

export class GenEvent<Event> extends GenServer<Handlers, GenEventCall<Event>, Event> {
  // --- Client functions ---

  /** Tells all handlers of an event, some time soon. Throws `unknown_name` for an unused name. */
  static notify<Event>(manager: GenEventRef<Event>, event: NoInfer<Event>): void {
    send<unknown>(manager as Pid<unknown> | string, new Cast(event))
  }

  /** The same, and waits until all handlers have run. */
  static async syncNotify<Event>(
    manager: GenEventRef<Event>,
    event: NoInfer<Event>,
  ): Promise<void> {
    await call(manager, { type: 'syncNotify', event }, NO_TIMEOUT)
  }

  /**
   * Calls one handler. Rejects with a `HandlerError` when there is no such handler or when it fails
   * (then it is gone), and with a `CallError` as every call does.
   */
  static async callHandler<C extends AnyCall, Type extends C['type']>(
    manager: AnyGenEventRef,
    handler: HandlerId<Answering<C>>,
    request: { readonly type: Type } & NoInfer<RequestOf<C, Type>>,
    options?: CallOptions,
  ): Promise<ReplyOf<Extract<C, { readonly type: Type }>>> {
    const answer = await call(manager, { type: 'callHandler', id: handler, request }, options)
    return valueIn('callHandler', handler, answer) as ReplyOf<Extract<C, { type: Type }>>
  }

  /** Ids of the installed handlers, newest first. */
  static whichHandlers(manager: AnyGenEventRef): Promise<HandlerId[]> {
    return call(manager, { type: 'whichHandlers' }, NO_TIMEOUT)
  }

  /** Installs a handler before all others. Rejects with a `HandlerError` when its `init` fails. */
  static async addHandler<Event, H extends AnyHandler<Event>>(
    manager: GenEventRef<Event>,
    id: HandlerId<H>,
    handler: H,
  ): Promise<void> {
    const answer = await call(manager, { type: 'addHandler', id, handler, owner: null }, NO_TIMEOUT)
    valueIn('addHandler', id, answer)
  }

  /**
   * Installs a handler that belongs to the calling process (or `owner`): it is removed when that
   * ends, and that gets a `GenEventExit` when it is removed for any other reason. The owner and the
   * manager are linked.
   */
  static async addSupHandler<Event, H extends AnyHandler<Event>>(
    manager: GenEventRef<Event>,
    id: HandlerId<H>,
    handler: H,
    owner: Pid = self(),
  ): Promise<void> {
    const answer = await call(manager, { type: 'addHandler', id, handler, owner }, NO_TIMEOUT)
    valueIn('addSupHandler', id, answer)
  }

  /**
   * Removes a handler; resolves with what its `terminate` returns for the argument. Rejects with a
   * `HandlerError` when there is none, or when `terminate` crashes (it is gone just the same).
   */
  static async deleteHandler(
    manager: AnyGenEventRef,
    id: HandlerId,
    argument?: unknown,
  ): Promise<unknown> {
    const answer = await call(manager, { type: 'deleteHandler', id, argument }, NO_TIMEOUT)
    return valueIn('deleteHandler', id, answer)
  }

  /**
   * Replaces a handler: the old one's `terminate` gets the argument, and what it returns goes to
   * `init` of the new one, which inherits the owner. Without an old one the new one is added. When
   * the new one's `init` fails both are gone, and it rejects.
   */
  static async swapHandler<Event, H extends AnyHandler<Event>>(
    manager: GenEventRef<Event>,
    from: HandlerId,
    argument: unknown,
    { id, handler }: Successor<Event, H>,
  ): Promise<void> {
    const exchange = { from, argument, to: id, handler, owner: 'inherited' as const }
    valueIn(
      'swapHandler',
      id,
      await call(manager, { type: 'swapHandler', ...exchange }, NO_TIMEOUT),
    )
  }

  /** The same, and the new handler belongs to the calling process (or `owner`). */
  static async swapSupHandler<Event, H extends AnyHandler<Event>>(
    manager: GenEventRef<Event>,
    from: HandlerId,
    argument: unknown,
    { id, handler }: Successor<Event, H>,
    owner: Pid = self(),
  ): Promise<void> {
    const exchange = { from, argument, to: id, handler, owner }
    valueIn(
      'swapSupHandler',
      id,
      await call(manager, { type: 'swapHandler', ...exchange }, NO_TIMEOUT),
    )
  }

  /**
   * Lets all handlers of a class go on with instances of its newer version, whose `codeChange`
   * turns their states over; ids stay. Works while the manager is suspended, too. Rejects, and
   * changes nothing, when one of them throws.
   */
  static changeHandlers<Event>(
    manager: GenEventRef<Event>,
    old: HandlerClass,
    make: () => AnyHandler<Event>,
    options: { readonly oldVersion?: unknown; readonly extra?: unknown } = {},
  ): Promise<void> {
    const process = resolve(manager)
    const { oldVersion, extra } = options
    return new Promise((done, fail) => {
      const request = { type: 'changeHandlers' }
      if (process === undefined || process.status === DEAD) {
        fail(new CallError('noproc', 'noproc', manager, request))
        return
      }
      if (process.status === REMOTE) {
        fail(notLocal('changeHandlers', process, codeElsewhere))
        return
      }
      const unhook = onExit(process, (reason) =>
        fail(new CallError('exit', reason, manager, request)),
      )
      const change = ({ state }: Server): void => {
        unhook()
        try {
          changeHandlers(state as Handlers, old, make, oldVersion, extra)
          done()
        } catch (error) {
          fail(error)
        }
      }
      post(process, new SystemMessage(change))
    })
  }

  // --- Callbacks ---

  init(): InitResult<Handlers> {
    trapExit()
    return { state: new Handlers(this.self) }
  }

  override handleCast(event: Event, handlers: Handlers): MaybePromise<Result<Handlers>> {
    return next(handlers, handlers.notify('handleEvent', event))
  }

  override handleInfo(message: unknown, handlers: Handlers): MaybePromise<Result<Handlers>> {
    if (!(message instanceof Exit)) return next(handlers, handlers.notify('handleInfo', message))
    const { from, reason } = message
    return next(handlers, this.#run(handlers.exited(from, message, reason)))
  }

  override handleCall(
    request: GenEventCall<Event>,
    _from: From<unknown>,
    handlers: Handlers,
  ): MaybePromise<CallResult<Handlers, ReplyOf<GenEventCall<Event>>>> {
    switch (request.type) {
      case 'whichHandlers':
        return { reply: handlers.installed.map(({ id }) => id), state: handlers }
      case 'syncNotify': {
        const notified = next(handlers, handlers.notify('handleEvent', request.event))
        if (notified instanceof Promise) {
          return notified.then((result) => ({ ...result, reply: undefined }))
        }
        return { ...notified, reply: undefined }
      }
      default: {
        const answered = this.#run(answerOf(handlers, request))
        return answered instanceof Promise
          ? answered.then((answer) => answering(handlers, answer))
          : answering(handlers, answered)
      }
    }
  }

  override terminate(_reason: ExitReason, handlers: Handlers): void | Promise<void> {
    const { state } = processOf(this.self)
    return this.#run(handlers.stop(state instanceof Server ? state.parent : null))
  }

  /** Id and state of each handler, newest first; for `sys.getState`. */
  systemState(handlers: Handlers): HandlerState[] {
    return handlers.installed.map(({ id, state }) => ({ id, state }))
  }

  /** Applies `replace` to each `{ id, state }`; one for which it throws keeps its state. */
  systemReplaceState(replace: (state: unknown) => unknown, handlers: Handlers): Handlers {
    for (const one of handlers.installed) {
      const { id, state } = one
      try {
        const replaced = replace({ id, state }) as HandlerState
        if (replaced.id === id) one.state = replaced.state
      } catch {
        // As in OTP: the others are not concerned.
      }
    }
    return handlers
  }

  /** Each handler's state as that lets it be seen. */
  override formatStatus(status: ServerStatus<Handlers>): ServerStatus {
    const { state: server } = processOf(this.self)
    if (!(server instanceof Server) || !(server.state instanceof Handlers)) return status
    const state = server.state.installed.map(({ id, handler, state: own }) => {
      return { id, state: formatted(handler, { state: own }).state }
    })
    return { ...status, state }
  }

  #run<T>(steps: Steps<T>): T | Promise<T> {
    return run(steps, processOf(this.self))
  }
}

/** A handler as `sys.getState` shows it. */
export interface HandlerState {
  readonly id: HandlerId
  readonly state: unknown
}

type Asked<Event> = Exclude<GenEventCall<Event>, { readonly type: 'syncNotify' | 'whichHandlers' }>

function answerOf<Event>(handlers: Handlers, request: Asked<Event>): Steps<Answer> {
  switch (request.type) {
    case 'callHandler':
      return handlers.call(request.id, request.request)
    case 'addHandler':
      return handlers.add(request.id, request.handler, request.owner)
    case 'deleteHandler':
      return handlers.delete(request.id, request.argument)
    case 'swapHandler':
      return handlers.swap(request)
  }
}

function answering(state: Handlers, reply: Answer): CallResult<Handlers, Answer> {
  return reply.hibernate === true ? { reply, state, ...HIBERNATE } : { reply, state }
}

const HIBERNATE = { hibernate: true }

/** The manager's own state never changes, only what is in it. */
function next(state: Handlers, hibernates: MaybePromise<boolean>): MaybePromise<Result<Handlers>> {
  if (hibernates instanceof Promise) return hibernates.then((does) => next(state, does))
  return hibernates ? { state, ...HIBERNATE } : { state }
}

function changeHandlers(
  { installed }: Handlers,
  old: HandlerClass,
  make: () => AnyHandler,
  oldVersion: unknown,
  extra: unknown,
): void {
  const concerned = installed.filter(({ handler }) => handler instanceof old)
  const changed = concerned.map(({ state }) => {
    const handler = make()
    return { handler, state: handler.codeChange(oldVersion, state, extra) }
  })
  concerned.forEach((one, index) => {
    Object.assign(one, changed[index])
  })
}

/** What an answer brings, or the error it is. */
function valueIn(operation: string, id: HandlerId, { value, failure }: Answer): unknown {
  if (failure === undefined) return value
  throw new HandlerError(operation, id, failure === 'unknown_handler' ? undefined : failure)
}
