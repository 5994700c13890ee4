// A call: a request whose sender waits for the reply. The record that travels as the request's
// envelope is also the place of the reply: that does not pass through a mailbox, and one that comes
// too late finds the record closed and is dropped, which is what OTP does with aliases.
//
// Nearly every reply comes within the slice of its request. So a call costs one small record and
// one promise, and only one that is still open afterwards gets a monitor on the callee and a
// timeout (`CallWatch`).
import { CALL_TIMEOUT_MS, COARSE_TIMEOUT_MS } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { deadLetter } from './dead-letter.ts'
import { type Losable, offer } from './delivery.ts'
import { type ExitReason, formatReason } from './exit-reason.ts'
import { Ring } from './mailbox.ts'
import {
  addWatch,
  DEAD,
  type Pid,
  type Process,
  processOf,
  REMOTE,
  removeWatch,
  type Watch,
} from './pid.ts'
import { awaken, checkDelay, Pause } from './receive.ts'
import { resolve } from './registry.ts'
import { afterDrain, coarseNow, currentProcess, drainNow } from './scheduler.ts'
import { exitReasonOf } from './signal.ts'
import { armAt, disarm, now, WheelTimer } from './timer-wheel.ts'
import { tracer } from './tracer.ts'

/** Status of a call without outcome. */
export const WAITING = 0
const REPLIED = 1
/** Timed out, given up, or the callee ended. */
const FAILED = 2

/**
 * Deadline of a call that waits for ever. Deadlines are whole milliseconds: a fraction costs an
 * allocation.
 */
const NEVER = -1

export interface CallOptions {
  /** Milliseconds to wait for the reply, default `CALL_TIMEOUT_MS`; `infinity` is seldom wise. */
  readonly timeoutMs?: number | 'infinity'
  /** Gives up when aborted. The request itself is not undone. */
  readonly signal?: AbortSignal
}

/** Why a call failed; `code` of a `CallError`. */
export type CallFailure =
  | 'timeout'
  | 'noproc'
  | 'exit'
  | 'noconnection'
  | 'calling_self'
  | 'aborted'
  | 'refused'
  | 'mailbox_full'

/** A call without a reply. */
export class CallError extends ArborError {
  override readonly name = 'CallError'
  declare readonly code: CallFailure
  /**
   * With what the callee ended: `noproc` when it was not there, `timeout` when it lives but was
   * late.
   */
  readonly reason: ExitReason

  constructor(code: CallFailure, reason: ExitReason, target: Pid | string, request: unknown) {
    const attempt = { operation: 'call', target, request }
    super(code, `call to ${target} failed, ${whatHappened(code, reason)}`, advice[code], attempt)
    this.reason = reason
  }
}

const advice: Readonly<Record<CallFailure, string>> = {
  timeout: 'raise timeoutMs, or let the server answer later with reply()',
  noproc: 'start it first, and let a supervisor keep it alive',
  noconnection: 'it may have been carried out or not: repeat only what may happen twice',
  exit: 'handle the failure or let it crash; a supervisor restarts both',
  calling_self: 'a server waiting for itself waits for ever: call the function directly',
  aborted: 'the signal given with the call was aborted',
  mailbox_full: 'it has more to do than it can: call it less often, or let it hold more',
  refused: 'it is about to stop and takes no new work: call another, or again later',
}

function whatHappened(code: CallFailure, reason: ExitReason): string {
  if (code === 'exit') return `it ended: ${formatReason(reason)}`
  if (code === 'noproc') return 'no such process'
  if (code === 'noconnection') return 'its thread or node was lost'
  return code.replace('_', ' ')
}

/** Who waits for a reply; given to `handleCall`, taken by `reply`. */
export interface From<in Reply = unknown> {
  /** Only a type: it carries `Reply`. */
  readonly '~reply': (reply: Reply) => void
}

/**
 * The record of a call; behaviours only. Fields are declared and set in the constructor: class
 * fields would be defined first and set again, at 13 ns a call.
 */
export class PendingCall implements From<unknown>, Losable {
  declare readonly '~reply': (reply: unknown) => void
  declare readonly callee: Pid | string
  declare readonly target: Process | undefined
  declare readonly request: unknown
  declare status: number
  /** The reply, or the error. */
  declare outcome: unknown
  /** Millisecond of the wheel's clock until which the caller waits. */
  declare readonly deadline: number
  declare watch: CallWatch | null

  constructor(
    callee: Pid | string,
    target: Process | undefined,
    request: unknown,
    deadline: number,
  ) {
    this.callee = callee
    this.target = target
    this.request = request
    this.status = WAITING
    this.outcome = undefined
    this.deadline = deadline
    this.watch = null
  }

  get hasReply(): boolean {
    return this.status === REPLIED
  }

  succeed(value: unknown): void {
    if (this.status !== WAITING) {
      this.#refuse()
      return
    }
    this.status = REPLIED
    this.outcome = value
    if (tracer !== null) tracer.onCallEnd(this, 'reply')
    if (this.watch !== null) this.watch.end()
  }

  /** A second reply is a mistake of the server; one that comes too late is not. */
  #refuse(): void {
    const { callee, request } = this
    if (this.status === FAILED) {
      deadLetter('late_reply', String(callee), request)
      return
    }
    const attempt = { operation: 'reply', target: callee, request }
    const help = 'return { state } without a reply when reply() is called elsewhere'
    throw new ArborError('already_replied', 'this call has had its reply', help, attempt)
  }

  fail(code: CallFailure, reason: ExitReason): void {
    if (this.status !== WAITING) return
    this.status = FAILED
    this.outcome = new CallError(code, reason, this.callee, this.request)
    if (tracer !== null) tracer.onCallEnd(this, code)
    if (this.watch !== null) this.watch.end()
  }

  /** There is no room for the request where it was sent to. */
  onLost(): void {
    this.fail('mailbox_full', 'mailbox_full')
  }

  /** The request never left: its caller made a mistake. */
  reject(error: ArborError): void {
    if (this.status !== WAITING) return
    this.status = FAILED
    this.outcome = error
    if (tracer !== null) tracer.onCallEnd(this, error.code)
    if (this.watch !== null) this.watch.end()
  }
}

/**
 * What an open call waits for beside its reply: the end of the callee, the timeout, the caller's
 * signal.
 */
class CallWatch extends WheelTimer implements Watch {
  declare target: Process | null
  declare watchPrevious: Watch | null
  declare watchNext: Watch | null
  declare readonly call: PendingCall
  declare resolve: ((reply: unknown) => void) | null
  declare reject: ((error: unknown) => void) | null
  /** The generator process that waits, in place of a promise. */
  declare pause: ReplyPause | null
  /** Stops listening to the caller's AbortSignal. */
  declare unlisten: (() => void) | null

  constructor(call: PendingCall) {
    super()
    this.target = null
    this.watchPrevious = null
    this.watchNext = null
    this.call = call
    this.resolve = null
    this.reject = null
    this.pause = null
    this.unlisten = null
  }

  listen(signal: AbortSignal): void {
    const abort = (): void => this.call.fail('aborted', 'aborted')
    signal.addEventListener('abort', abort)
    this.unlisten = () => signal.removeEventListener('abort', abort)
  }

  expire(): void {
    this.call.fail('timeout', 'timeout')
  }

  onExit(_: Process, reason: ExitReason): void {
    this.call.fail('exit', reason)
  }

  /** The call has its outcome. */
  end(): void {
    const { call } = this
    disarm(this)
    removeWatch(this)
    if (this.unlisten !== null) this.unlisten()
    if (this.pause !== null) this.pause.settle(call)
    else if (call.status === REPLIED) this.resolve?.(call.outcome)
    else this.reject?.(call.outcome)
  }
}

/**
 * Sends a request and waits for its reply. Rejects with a `CallError` when the callee is not there,
 * ends before it replies (at once), or is late.
 */
export function request(
  destination: Pid | string,
  message: unknown,
  options?: CallOptions,
): Promise<unknown> {
  const deadline = options === undefined ? coarseNow() + CALL_TIMEOUT_MS : deadlineOf(options)
  const target = resolve(destination)
  const call = new PendingCall(destination, target, message, deadline)
  if (oldest === null) oldest = call
  else younger.push(call)
  const promise = afterDrain(settleNext)
  begin(call, target, options)
  return promise
}

/** Sends the request, or fails the call at once. */
function begin(call: PendingCall, target: Process | undefined, options?: CallOptions): void {
  if (tracer !== null) tracer.onCallStart(call, currentProcess())
  if (target === undefined || target.status === DEAD) call.fail('noproc', 'noproc')
  else if (target === currentProcess()) call.fail('calling_self', 'calling_self')
  else if (options?.signal?.aborted === true) call.fail('aborted', 'aborted')
  else {
    if (options?.signal !== undefined) {
      call.watch = new CallWatch(call)
      call.watch.listen(options.signal)
    }
    if (!offer(target, call)) call.onLost()
  }
}

/** A generator process waits for a reply, which comes through the record of the call. */
class ReplyPause extends Pause<unknown> {
  readonly #call: PendingCall
  #process: Process | null = null

  constructor(call: PendingCall) {
    super()
    this.#call = call
  }

  override begin(process: Process): boolean {
    const call = this.#call
    const { target, deadline } = call
    if (target?.status === DEAD) call.fail('exit', exitReasonOf(target))
    if (call.status !== WAITING || target === undefined) {
      this.#take(call)
      return false
    }
    this.#process = process
    const watch = call.watch ?? new CallWatch(call)
    call.watch = watch
    watch.pause = this
    if (target.status !== REMOTE) addWatch(target, watch)
    if (deadline !== NEVER) armAt(watch, deadline)
    return true
  }

  settle(call: PendingCall): void {
    this.#take(call)
    if (this.#process !== null) awaken(this.#process, this)
  }

  #take(call: PendingCall): void {
    this.value = call.outcome
    this.isFailure = call.status === FAILED
  }

  /** The caller has ended: nobody wants the reply any more. */
  override abandon(): void {
    this.#process = null
    this.#call.fail('aborted', 'noproc')
  }
}

/**
 * Sends a request and gives a generator process the wait for its reply; behaviours make typed
 * functions of it.
 */
export function replyOf(
  destination: Pid | string,
  message: unknown,
  options: CallOptions = {},
): Pause<unknown> {
  const target = resolve(destination)
  const call = new PendingCall(destination, target, message, deadlineOf(options))
  begin(call, target, options)
  return new ReplyPause(call)
}

function deadlineOf({ timeoutMs = CALL_TIMEOUT_MS }: CallOptions): number {
  if (timeoutMs === 'infinity' || timeoutMs === Number.POSITIVE_INFINITY) return NEVER
  checkDelay('call', timeoutMs)
  return timeoutMs + (timeoutMs < COARSE_TIMEOUT_MS ? Math.ceil(now()) : coarseNow())
}

// Calls whose microtask has not run yet, in its order: that saves a closure for each. Mostly there
// is one, which needs no ring.
let oldest: PendingCall | null = null
const younger = new Ring()

/**
 * Runs the processes, and usually finds the reply there: then the caller's promise is that of this
 * microtask, and neither a second one nor its two resolving functions are ever made.
 */
function settleNext(): unknown {
  drainNow()
  const call = oldest
  if (call === null) return undefined
  oldest = younger.head === younger.tail ? null : (younger.shift() as PendingCall)
  return call.status === REPLIED ? call.outcome : settleLater(call)
}

/** The slice is spent, or the callee takes its time: from now on the call is watched. */
function settleLater(call: PendingCall): Promise<unknown> {
  const { target, deadline } = call
  if (target?.status === DEAD) call.fail('exit', exitReasonOf(target))
  else if (deadline !== NEVER && deadline <= coarseNow()) call.fail('timeout', 'timeout')
  if (target === undefined || call.status === FAILED) return Promise.reject(call.outcome)
  const watch = call.watch ?? new CallWatch(call)
  call.watch = watch
  const promise = new Promise(capture)
  watch.resolve = resolveLatest
  watch.reject = rejectLatest
  // The end of a callee elsewhere fails the call by itself (remote-peer.ts).
  if (target.status !== REMOTE) addWatch(target, watch)
  if (deadline !== NEVER) armAt(watch, deadline)
  return promise
}

// A promise's executor that makes no closure: it runs within the constructor, so two variables
// carry its result.
let resolveLatest: (reply: unknown) => void
let rejectLatest: (error: unknown) => void
const capture = (resolve: typeof resolveLatest, reject: typeof rejectLatest): void => {
  resolveLatest = resolve
  rejectLatest = reject
}

/**
 * Answers a call, from whatever process and whenever; a reply that comes too late is counted and
 * dropped.
 */
export function reply<Reply>(from: From<Reply>, value: Reply): void {
  if (!(from instanceof PendingCall)) throw new TypeError('reply takes the `from` of handleCall')
  from.succeed(value)
}

/**
 * Calls to a process that have been open for longer than a slice: they wait in its mailbox, or for
 * a `reply` of later.
 */
export function openCalls(pid: Pid): number {
  let count = 0
  let watch = processOf(pid).extension?.watches ?? null
  for (; watch !== null; watch = watch.watchNext) if (watch instanceof CallWatch) count++
  return count
}
