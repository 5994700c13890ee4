// Calls between threads. The caller keeps its `PendingCall` here under a number; the callee is
// given a `RemoteCall` with that number, which it answers like any other and from anywhere: where
// the call was forwarded to, the reply still finds its way.
//
// The callee's node watches the callee on behalf of the caller, so that a call costs one signal each
// way; the caller itself only has to notice that the node is lost.
import { OPEN_CALLS_SWEEP_MIN } from '../limits.ts'
import type { ArborError } from './arbor-error.ts'
import { CallError, type CallFailure, PendingCall, WAITING } from './call.ts'
import { registerCodec, registerError } from './codec.ts'
import type { ExitReason } from './exit-reason.ts'
import { addWatch, type Process, removeWatch, type Watch } from './pid.ts'
import { ownNode } from './remote-export.ts'

// --- Caller ---

let nextNumber = 1
const open = new Map<number, PendingCall>()
let sweepAt: number = OPEN_CALLS_SWEEP_MIN

/** Told of calls whose caller has given up. */
export type Cancel = (call: PendingCall, number: number) => void

/** Keeps a call that leaves the thread; returns its number. */
export function keepCall(call: PendingCall, cancel: Cancel): number {
  if (open.size >= sweepAt) sweep(cancel)
  const number = nextNumber++
  open.set(number, call)
  return number
}

/** Takes a call back, to give it its outcome. */
export function takeCall(number: number): PendingCall | undefined {
  const call = open.get(number)
  open.delete(number)
  return call
}

/** Forgets calls that have their outcome: those that timed out are in nobody's way until then. */
function sweep(cancel: Cancel): void {
  for (const [number, call] of open) {
    if (call.status === WAITING) continue
    open.delete(number)
    cancel(call, number)
  }
  sweepAt = Math.max(OPEN_CALLS_SWEEP_MIN, open.size * 2)
}

/** Fails the calls to a node that is lost. */
export function failCallsTo(node: number): void {
  for (const [number, call] of open) {
    if (nodeOfTarget(call) !== node) continue
    open.delete(number)
    call.fail('noconnection', 'noconnection')
  }
}

function nodeOfTarget({ target }: PendingCall): number | undefined {
  return target === undefined || target.id >= 0 ? undefined : target.debt
}

// --- Callee ---

/** Where outcomes of calls go. */
export interface CallEnds {
  replied(call: RemoteCall, value: unknown): void
  failed(call: RemoteCall, reason: ExitReason): void
}

/** A call from another thread, as its callee sees it. */
export class RemoteCall extends PendingCall {
  readonly node: number
  readonly number: number
  readonly #ends: CallEnds
  #calleeWatch: CalleeWatch | null = null

  constructor(
    node: number,
    number: number,
    callee: Process | undefined,
    request: unknown,
    ends: CallEnds,
  ) {
    super(callee ?? 'a call of another thread', callee, request, -1)
    this.node = node
    this.number = number
    this.#ends = ends
  }

  /** Fails the call when the callee ends. */
  watchCallee(callee: Process): void {
    const watch = new CalleeWatch(this)
    this.#calleeWatch = watch
    addWatch(callee, watch)
  }

  override succeed(value: unknown): void {
    if (this.status === WAITING) {
      this.#ends.replied(this, value)
      this.unwatch()
    }
    super.succeed(value)
  }

  override fail(code: CallFailure, reason: ExitReason): void {
    if (this.status !== WAITING) return
    this.unwatch()
    this.#ends.failed(this, reason)
    super.fail(code, reason)
  }

  /** Its caller is gone, or has given up. */
  drop(): void {
    this.unwatch()
    super.fail('aborted', 'aborted')
  }

  override reject(error: ArborError): void {
    this.fail('exit', { error, call: { callback: 'handleCall', message: this.request } })
  }

  unwatch(): void {
    if (this.#calleeWatch !== null) removeWatch(this.#calleeWatch)
    this.#calleeWatch = null
  }
}

class CalleeWatch implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly #call: RemoteCall

  constructor(call: RemoteCall) {
    this.#call = call
  }

  onExit(_: Process, reason: ExitReason): void {
    this.#call.fail('exit', reason)
  }
}

// --- A call inside a message ---

// Whoever is sent the `from` of a call may answer it. It crosses as the place where its caller is.

/** Numbers of calls within this thread whose `from` has left it. */
const forwarded = new WeakMap<PendingCall, number>()

type CallData = readonly [node: number, number: number]

let endsOf: (node: number) => CallEnds = () => {
  throw new TypeError('no other thread is connected')
}

/** How a node is told of outcomes; set by remote-node.ts. */
export function useCallEnds(ends: typeof endsOf): void {
  endsOf = ends
}

function placeOf(call: PendingCall): CallData {
  if (call instanceof RemoteCall) return [call.node, call.number]
  let number = forwarded.get(call)
  if (number === undefined) {
    number = keepCall(call, () => {})
    forwarded.set(call, number)
  }
  return [ownNode(), number]
}

function callAt([node, number]: CallData): PendingCall {
  if (node !== ownNode()) return new RemoteCall(node, number, undefined, undefined, endsOf(node))
  return open.get(number) ?? closedCall()
}

/** A call that came back after its outcome: whoever answers it is late. */
function closedCall(): PendingCall {
  const call = new PendingCall('a call that is over', undefined, undefined, -1)
  call.fail('aborted', 'aborted')
  return call
}

registerCodec({ name: 'From', class: PendingCall, encode: placeOf, decode: callAt })
registerCodec({ name: 'RemoteFrom', class: RemoteCall, encode: placeOf, decode: callAt })
registerError(CallError)
