// A call: a request whose sender waits for the reply. One record is everything at once: the request's envelope,
// the place for the reply, the monitor on the callee and the timeout's node in the timer wheel. So a call
// allocates it and a promise, and nothing else. The reply does not pass through a mailbox; one that comes too
// late finds the record closed and is dropped, which is what OTP does with aliases.
import { CALL_TIMEOUT_MS, COARSE_TIMEOUT_MS } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { deadLetter } from './dead-letter.ts'
import { type ExitReason, formatReason } from './exit-reason.ts'
import { addWatch, DEAD, type Pid, type Process, removeWatch, type Watch } from './pid.ts'
import { resolve } from './registry.ts'
import { coarseNow, currentProcess, post } from './scheduler.ts'
import { arm, disarm, now, WheelTimer } from './timer-wheel.ts'

const WAITING = 0
const REPLIED = 1
/** Timed out, given up, or the callee ended. */
const FAILED = 2

export interface CallOptions {
  /** Milliseconds to wait for the reply, default `CALL_TIMEOUT_MS`; `infinity` is seldom wise. */
  readonly timeoutMs?: number | 'infinity'
  /** Gives up when aborted. The request itself is not undone. */
  readonly signal?: AbortSignal
}

/** Why a call failed; `code` of a `CallError`. */
export type CallFailure = 'timeout' | 'noproc' | 'exit' | 'calling_self' | 'aborted'

/** A call without a reply. */
export class CallError extends ArborError {
  override readonly name = 'CallError'
  declare readonly code: CallFailure
  /** With what the callee ended: `noproc` when it was not there, `timeout` when it lives but was late. */
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
  exit: 'handle the failure or let it crash; a supervisor restarts both',
  calling_self: 'a server waiting for itself waits for ever: call the function directly',
  aborted: 'the signal given with the call was aborted',
}

function whatHappened(code: CallFailure, reason: ExitReason): string {
  if (code === 'exit') return `it ended: ${formatReason(reason)}`
  if (code === 'noproc') return 'no such process'
  return code.replace('_', ' ')
}

declare const answered: unique symbol

/** Who waits for a reply; given to `handleCall`, taken by `reply`. */
export interface From<in Reply = unknown> {
  readonly [answered]: (reply: Reply) => void
}

/** The record of a call; behaviours only. */
export class PendingCall extends WheelTimer implements Watch, From<unknown> {
  declare readonly [answered]: (reply: unknown) => void
  readonly request: unknown
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  status: number = WAITING
  readonly callee: Pid | string
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: CallError) => void
  /** Stops listening to the caller's AbortSignal. */
  unlisten: (() => void) | null = null

  constructor(
    callee: Pid | string,
    request: unknown,
    resolve: (reply: unknown) => void,
    reject: (error: CallError) => void,
  ) {
    super()
    this.callee = callee
    this.request = request
    this.resolve = resolve
    this.reject = reject
  }

  expire(): void {
    this.fail('timeout', 'timeout')
  }

  onExit(_: Process, reason: ExitReason): void {
    this.fail('exit', reason)
  }

  fail(code: CallFailure, reason: ExitReason): void {
    if (this.status !== WAITING) return
    this.close(FAILED)
    this.reject(new CallError(code, reason, this.callee, this.request))
  }

  close(status: number): void {
    this.status = status
    disarm(this)
    removeWatch(this)
    if (this.unlisten !== null) this.unlisten()
  }
}

// A promise's executor that makes no closure: it runs within the constructor, so two variables carry its result.
let resolveLatest: (reply: unknown) => void
let rejectLatest: (error: CallError) => void
const capture = (resolve: (reply: unknown) => void, reject: (error: CallError) => void): void => {
  resolveLatest = resolve
  rejectLatest = reject
}

/**
 * Sends a request and waits for its reply. Rejects with a `CallError` when the callee is not there, ends before
 * it replies (at once), or is late.
 */
export function request(
  destination: Pid | string,
  message: unknown,
  options?: CallOptions,
): Promise<unknown> {
  const promise = new Promise<unknown>(capture)
  const call = new PendingCall(destination, message, resolveLatest, rejectLatest)
  const process = resolve(destination)
  if (process === undefined || process.status === DEAD) call.fail('noproc', 'noproc')
  else if (process === currentProcess()) call.fail('calling_self', 'calling_self')
  else {
    addWatch(process, call)
    if (options === undefined) arm(call, CALL_TIMEOUT_MS, coarseNow())
    else applyOptions(call, options)
    if (call.status === WAITING) post(process, call)
  }
  return promise
}

function applyOptions(call: PendingCall, options: CallOptions): void {
  const { timeoutMs = CALL_TIMEOUT_MS, signal } = options
  if (signal?.aborted === true) {
    call.fail('aborted', 'aborted')
    return
  }
  if (timeoutMs !== 'infinity') {
    arm(call, timeoutMs, timeoutMs < COARSE_TIMEOUT_MS ? now() : coarseNow())
  }
  if (signal === undefined) return
  const abort = (): void => call.fail('aborted', 'aborted')
  signal.addEventListener('abort', abort, { once: true })
  call.unlisten = () => signal.removeEventListener('abort', abort)
}

/** Answers a call, from whatever process and whenever; a reply that comes too late is counted and dropped. */
export function reply<Reply>(from: From<Reply>, value: Reply): void {
  if (!(from instanceof PendingCall)) throw new TypeError('reply takes the `from` of handleCall')
  if (from.status === WAITING) {
    from.close(REPLIED)
    from.resolve(value)
    return
  }
  if (from.status === FAILED) {
    deadLetter('late_reply', String(from.callee), from.request)
    return
  }
  const attempt = { operation: 'reply', target: from.callee, request: from.request }
  const help = 'return { state } without a reply when reply() is called elsewhere'
  throw new ArborError('already_replied', 'this call has had its reply', help, attempt)
}
