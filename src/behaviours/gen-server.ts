// A server: a process with a state that answers calls and takes casts (OTP's gen_server). Write a
// class with callbacks; the state is a value handed to each of them, and each says what the next
// state is. Callbacks of one server never overlap, so there is nothing to lock.
//
//   type CounterCall = Call<'add', { by: number }, number> | Call<'get', object, number>
//
//   class Counter extends GenServer<number, CounterCall> {
//     init() {
//       return { state: 0 }
//     }
//     override handleCall(request: CounterCall, _from: From<number>, count: number) {
//       const next = request.type === 'add' ? count + request.by : count
//       return { reply: next, state: next }
//     }
//   }
//
//   const counter = start(new Counter())
//   await call(counter, { type: 'add', by: 2 })          // 2
//
// A callback may be async: then the server takes no further message until the promise settles,
// while exit signals act at once. When not to use it: for a function. A server is a lifetime, not a
// module.
import { SHUTDOWN_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { CallError, type CallOptions, type From, replyOf, request } from '../runtime/call.ts'
import { deadLetter } from '../runtime/dead-letter.ts'
import { deliver } from '../runtime/delivery.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import {
  DEAD,
  type Destination,
  type ElseRefused,
  type Name,
  type Pid,
  processOf,
  REMOTE,
} from '../runtime/pid.ts'
import type { Wait } from '../runtime/receive.ts'
import { resolve } from '../runtime/registry.ts'
import { post } from '../runtime/scheduler.ts'
import { type MonitorRef, monitor, notLocal, onExit, self, waitForExit } from '../runtime/signal.ts'
import { callbacksOf, type ServerStatus } from './callbacks.ts'
import { Cast, CodeChange } from './server-loop.ts'
import { startServer } from './server-start.ts'
import { StopRequest } from './stop-request.ts'
import { codeElsewhere } from './system-request.ts'

export { type From, reply } from '../runtime/call.ts'
export { StartError } from './server-start.ts'

declare const replies: unique symbol
declare const server: unique symbol

/**
 * A request `{ type, ...fields }` and the type of its reply: `Call<'add', { by: number }, number>`.
 */
export type Call<Type extends string, Fields, Reply> = {
  readonly type: Type
} & Readonly<Fields> & { readonly [replies]?: Reply }

/** Any request. */
export interface AnyCall {
  readonly type: string
}

/** What the reply to a request is. */
export type ReplyOf<C> = C extends { readonly [replies]?: infer Reply } ? Reply : never

/** The pid of a server: which requests it answers and which casts it takes. */
export interface ServerPid<in C = never, in K = never> extends Pid<unknown> {
  readonly [server]: (call: C, cast: K) => void
}

/** A server, by pid or by registered name. */
export type ServerRef<C = never, K = never> = ServerPid<C, K> | Name<ServerPid<C, K>>

/** What any callback may add to the next state it returns; see `Result`. */
export interface NextOptions {
  /** Calls `handleContinue` with this term before the next message. */
  readonly continue?: unknown
  /**
   * Calls `handleInfo('timeout')` when no message arrives for so many milliseconds; 0: when none
   * waits.
   */
  readonly timeoutMs?: number | 'infinity'
  /** Gives back what an idle process does not need: for one that will not be asked for long. */
  readonly hibernate?: boolean
}

/** Ends the server: `terminate` is called, then the process exits with the reason. */
export interface Stop<State> {
  readonly stop: ExitReason
  readonly state: State
}

/** `ignore`: there is nothing to serve; `start` throws a `StartError` with code `ignored`. */
export type InitResult<State> =
  | ({ readonly state: State } & NextOptions)
  | { readonly stop: ExitReason }
  | { readonly ignore: true }
/** Without `reply` the caller waits on: answer later with `reply(from, value)`. */
export type CallResult<State, Reply> =
  | ({ readonly reply?: Reply; readonly state: State } & NextOptions)
  | (Stop<State> & { readonly reply?: Reply })
export type Result<State> = ({ readonly state: State } & NextOptions) | Stop<State>

/** What a callback returns: at once, or when its promise settles. */
export type MaybePromise<T> = T | Promise<T>

/** Of the few servers that ask for `signal`: a field would weigh 8 bytes in every one. */
const aborts = new WeakMap<object, AbortController>()

/**
 * The contract of a server. `State` is its state, `C` the union of its calls, `K` of its casts. An
 * instance serves one process: make a new one for each start.
 */
export abstract class GenServer<State, C extends AnyCall = never, K = never> {
  /** The server's own pid; set before `init`. */
  declare readonly self: ServerPid<C, K>

  /** Makes the first state. Until it has returned, whoever starts the server waits. */
  abstract init(): MaybePromise<InitResult<State>>

  /** Answers a call: `{ reply, state }`; `{ state }` to answer later; `{ stop, reply?, state }`. */
  handleCall(
    request: C,
    _from: From<ReplyOf<C>>,
    _state: State,
  ): MaybePromise<CallResult<State, ReplyOf<C>>> {
    throw this.#missing('handleCall', request)
  }

  /** Takes a cast, which has no reply. */
  handleCast(request: K, _state: State): MaybePromise<Result<State>> {
    throw this.#missing('handleCast', request)
  }

  /**
   * Takes any other message: `Down`, `Exit` when exits are trapped, timers, `'timeout'`, what
   * others `send`. Unless overridden it drops the message and reports it.
   */
  handleInfo(message: unknown, state: State): MaybePromise<Result<State>> {
    deadLetter('unhandled', processOf(this.self), message)
    log(() => ({ level: 'warning', event: 'unhandled_info', pid: this.self, message }))
    return { state }
  }

  /** Goes on with what a callback left for later by returning `{ continue: term }`. */
  handleContinue(term: unknown, _state: State): MaybePromise<Result<State>> {
    throw this.#missing('handleContinue', term)
  }

  /**
   * Cleans up: called when a callback stopped or crashed the server, and on exit of its parent when
   * it traps exits. Not called on other exit signals: what must never be left behind is owned by
   * `onExit` hooks.
   */
  terminate(_reason: ExitReason, _state: State): void | Promise<void> {}

  /**
   * Turns the state of an older version of this class into one of this version; see `changeCode`.
   */
  codeChange(_oldVersion: unknown, state: State, _extra: unknown): State {
    return state
  }

  /**
   * Strikes out what must not be seen (keys, passwords) from what `sys.getStatus` and reports of a
   * crash show: return a copy of `status` with another `state`, `message` or `reason`.
   */
  formatStatus(status: ServerStatus<State>): ServerStatus {
    return status
  }

  /** Aborted when the process ends, however it ends: pass it to what a callback awaits. */
  get signal(): AbortSignal {
    const known = aborts.get(this)
    if (known !== undefined) return known.signal
    const abort = new AbortController()
    aborts.set(this, abort)
    onExit(this.self, (reason) => abort.abort(reason))
    return abort.signal
  }

  #missing(callback: string, message: unknown): ArborError {
    const name = this.constructor.name
    const attempt = { operation: callback, target: name, request: message }
    const advice = `override ${callback} in ${name}`
    return new ArborError('missing_callback', `${name} has no ${callback}`, advice, attempt)
  }
}

export interface StartOptions<C, K> {
  /** Registers the server before `init` runs. */
  readonly name?: Name<ServerPid<C, K>>
  /** Linked to the server; default for `startLink`: the calling process. */
  readonly parent?: Pid
  /**
   * Milliseconds that an async `init` may take; then the server is killed, and the start rejects
   * with code `timeout`. Default: for ever.
   */
  readonly timeoutMs?: number
  /** Hibernates the server when it has had nothing to do for so many milliseconds. */
  readonly hibernateAfterMs?: number
}

/** What `init` is, `start` is: the pid at once, or a promise of it when `init` is async. */
export type Started<R, P> = R extends Promise<unknown> ? Promise<P> : P

/** What can be started, a GenServer or a GenStatem, whose `init` returns `R`. */
export interface Startable<C extends AnyCall, K, R> {
  readonly self: ServerPid<C, K>
  init(): R
}

/**
 * Starts a server. Throws (or rejects, when `init` is async) a `StartError` when `init` failed or
 * the name is taken; then nothing has been started.
 */
export function start<C extends AnyCall, K, R>(
  callbacks: Startable<C, K, R>,
  options?: StartOptions<C, K>,
): Started<R, ServerPid<C, K>>
export function start(
  callbacks: object,
  options: StartOptions<never, never> = {},
): MaybePromise<Pid> {
  return startServer(callbacksOf(callbacks), options)
}

/**
 * Starts a server linked to the calling process (or `parent`): each gets the other's exit signal.
 * This is how a supervisor's children start. A failed `init` throws, and sends no exit signal.
 */
export function startLink<C extends AnyCall, K, R>(
  callbacks: Startable<C, K, R>,
  options?: StartOptions<C, K>,
): Started<R, ServerPid<C, K>>
export function startLink(
  callbacks: object,
  options: StartOptions<never, never> = {},
): MaybePromise<Pid> {
  return startServer(callbacksOf(callbacks), { ...options, parent: options.parent ?? self() })
}

export interface StartMonitorOptions<C, K> extends StartOptions<C, K> {
  /** Who gets the `Down`; default: the calling process. */
  readonly watcher?: Pid
}

/** A server and the monitor on it. */
export interface Monitored<P extends Pid> {
  readonly pid: P
  readonly ref: MonitorRef
}

/**
 * Starts a server that the calling process monitors from its first moment. When the start fails
 * there is no `Down`: it throws.
 */
export function startMonitor<C extends AnyCall, K, R>(
  callbacks: Startable<C, K, R>,
  options?: StartMonitorOptions<C, K>,
): Started<R, Monitored<ServerPid<C, K>>>
export function startMonitor(
  callbacks: object,
  options: StartMonitorOptions<never, never> = {},
): MaybePromise<Monitored<Pid>> {
  const watcher = options.watcher ?? self()
  let ref: MonitorRef | undefined
  const onStarted = (process: Pid): void => {
    ref = monitor(process, watcher)
  }
  const monitored = (pid: Pid): Monitored<Pid> => ({ pid, ref: ref ?? monitor(pid, watcher) })
  const started = startServer(callbacksOf(callbacks), { ...options, onStarted })
  return started instanceof Promise ? started.then(monitored) : monitored(started)
}

/**
 * Sends a request and waits for its reply, whose type follows from the request's. By name, that
 * takes a typed one: `const counter: Name<CounterPid> = 'counter'`. Rejects with a `CallError`
 * whose `code` is `timeout`, `noproc`, `exit` (the server ended before it replied; `reason` says
 * how), `calling_self` or `aborted`.
 */
export function call<C extends AnyCall, Type extends C['type']>(
  destination: ServerRef<C>,
  message: Request<C, Type>,
  options?: CallOptions,
): Promise<ReplyOf<Extract<C, { readonly type: Type }>>>
export function call(
  destination: Pid | string,
  message: unknown,
  options?: CallOptions,
): Promise<unknown> {
  return request(destination, message, options)
}

/**
 * As `call`, for a generator process, whose code goes on with the reply before any message:
 * `const total = yield* waitForReply(counter, { type: 'get' })`. Throws a `CallError` there.
 */
export function waitForReply<C extends AnyCall, Type extends C['type']>(
  destination: ServerRef<C>,
  message: Request<C, Type>,
  options?: CallOptions,
): Wait<ReplyOf<Extract<C, { readonly type: Type }>>>
export function waitForReply(
  destination: Pid | string,
  message: unknown,
  options?: CallOptions,
): Wait<unknown> {
  return replyOf(destination, message, options)
}

/** The fields of the request of one type, without the mark of its reply. */
export type RequestOf<C extends AnyCall, Type> = Extract<C, { readonly type: Type }>

/** Why a call does not compile where no request is known. */
type NoCalls =
  'no calls are known: the server has none, or its name needs a type, as Name<ServerPid<Calls>>'
/** Why a cast does not. */
export type NoCasts =
  'no casts are known: the server has none, or its name needs a type, as Name<ServerPid<Calls, Casts>>'

/** What `call` and its kin take as the request of one type; it tells who has none. */
export type Request<C extends AnyCall, Type> =
  | ({ readonly type: Type } & NoInfer<RequestOf<C, Type>>)
  | ElseRefused<RequestOf<C, Type>, NoCalls>

/** Tells a server something; nobody learns whether it arrived. */
export function cast<K>(
  destination: ServerRef<never, K>,
  message: K | ElseRefused<K, NoCasts>,
): void
export function cast(destination: Pid | string, message: unknown): void {
  const process = resolve(destination)
  if (process === undefined) deadLetter('unknown_name', String(destination), message)
  else deliver(process, new Cast(message))
}

/** Stops a server by way of its `terminate`, and waits until it has ended. */
export async function stop(
  destination: Destination,
  reason: ExitReason = 'normal',
  options: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const message = new StopRequest(reason)
  const process = resolve(destination)
  if (process === undefined || process.status === DEAD) {
    throw new CallError('noproc', 'noproc', destination, message)
  }
  post(process, message)
  const ended = await waitForExit(process, options.timeoutMs ?? SHUTDOWN_MS)
  if (ended === undefined) throw new CallError('timeout', 'timeout', destination, message)
  if (ended !== reason) throw new CallError('exit', ended, destination, message)
}

/**
 * Lets a living server go on with the callbacks of another instance, of a newer version of its
 * class; that instance's `codeChange` turns the state over. Pid, mailbox, name and links stay.
 * Rejects, and leaves the server as it was, when `codeChange` throws. Within a thread: an instance
 * cannot cross (`not_local`).
 */
export function changeCode<C extends AnyCall, K>(
  destination: ServerRef<C, K>,
  callbacks: Startable<C, K, unknown>,
  options: { readonly oldVersion?: unknown; readonly extra?: unknown } = {},
): Promise<void> {
  const process = resolve(destination)
  return new Promise((resolve, reject) => {
    if (process === undefined || process.status === DEAD) {
      reject(new CallError('noproc', 'noproc', destination, { type: 'changeCode' }))
      return
    }
    if (process.status === REMOTE) {
      reject(notLocal('changeCode', process, codeElsewhere))
      return
    }
    const fail = (reason: ExitReason): void =>
      reject(new CallError('exit', reason, destination, { type: 'changeCode' }))
    const unhook = onExit(process, fail)
    const done = (failure?: unknown): void => {
      unhook()
      if (failure === undefined) resolve()
      else reject(failure)
    }
    post(process, new CodeChange(callbacksOf(callbacks), options.oldVersion, options.extra, done))
  })
}
