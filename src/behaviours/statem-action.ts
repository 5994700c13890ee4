// What a state machine asks for beside its next state (Erlang/OTP, gen_statem, "actions"): retry
// this event later, handle that one next, wake me, answer them. They are data: a handler returns
// them, and those that never change can be made once.
//
//   return { state: 'open', actions: [stateTimeout(10_000), replyTo(from, 'opened')] }
//   return { actions: 'postpone' }              // again after the next change of state
//   return { actions: nextEvent('internal', 'check') }   // before anything that waits
import type { From } from '../runtime/call.ts'

/**
 * Milliseconds from now; `infinity` (or `cancel`) takes the timeout back; `update` changes what it
 * will say, and is due at once when none runs.
 */
export type TimeoutTime = number | 'infinity' | 'cancel' | 'update'

export interface TimeoutOptions {
  /** The time is one of the clock's (`now()`), not a distance from now. */
  readonly abs?: boolean
}

export interface TimeoutAction {
  readonly type: 'stateTimeout' | 'eventTimeout' | 'timeout'
  /** Of a generic timeout. */
  readonly name: string
  readonly time: TimeoutTime
  readonly content: unknown
  readonly isAbsolute: boolean
}

/** Answers a call, whenever it came. */
export interface ReplyAction {
  readonly type: 'reply'
  readonly from: From<never>
  readonly reply: unknown
}

/** Which kinds of events a machine may make for itself. */
export type OwnEventType = 'internal' | 'cast' | 'info' | 'stateTimeout' | 'eventTimeout'

export interface NextEventAction {
  readonly type: 'nextEvent'
  readonly event: OwnEventType | 'call' | 'timeout'
  readonly content: unknown
  readonly from: From<never> | null
  readonly name: string
}

/** Lets other callbacks go on with this machine: of the same states, data and protocol. */
export interface ModuleAction {
  readonly type: 'changeCallbackModule' | 'pushCallbackModule'
  readonly module: object
}

/**
 * `postpone`: handle this event again after a change of state, before what has come since.
 * `hibernate`: give memory back while waiting. A number is an event timeout.
 */
export type Action =
  | 'postpone'
  | 'hibernate'
  | 'popCallbackModule'
  | 'infinity'
  | number
  | ReplyAction
  | NextEventAction
  | TimeoutAction
  | ModuleAction

/** One action or several, done in their order. */
export type Actions = Action | readonly Action[]

/**
 * Wakes the machine when it has been in this state for so long; a change of state takes it back.
 * There is one: setting it again starts it anew.
 */
export function stateTimeout(
  time: TimeoutTime,
  content?: unknown,
  options?: TimeoutOptions,
): TimeoutAction {
  return timeoutAction('stateTimeout', '', time, content, options)
}

/** Wakes the machine when no event of any kind has come for so long. */
export function eventTimeout(
  time: TimeoutTime,
  content?: unknown,
  options?: TimeoutOptions,
): TimeoutAction {
  return timeoutAction('eventTimeout', '', time, content, options)
}

/** A timeout by name, which neither events nor changes of state take back. */
export function timeout(
  name: string,
  time: TimeoutTime,
  content?: unknown,
  options?: TimeoutOptions,
): TimeoutAction {
  return timeoutAction('timeout', name, time, content, options)
}

function timeoutAction(
  type: TimeoutAction['type'],
  name: string,
  time: TimeoutTime,
  content: unknown,
  options: TimeoutOptions | undefined,
): TimeoutAction {
  return { type, name, time, content, isAbsolute: options?.abs === true }
}

/** Answers a call: of `from`, which any earlier event may have brought. */
export function replyTo<Reply>(from: From<Reply>, reply: Reply): ReplyAction {
  return { type: 'reply', from, reply }
}

/** Inserts an event before all that wait; several keep their order. */
export function nextEvent(event: OwnEventType, content: unknown): NextEventAction
/** The same for a call, which has a caller. */
export function nextEvent(event: 'call', content: unknown, from: From<never>): NextEventAction
/** The same for a generic timeout, which has a name. */
export function nextEvent(event: 'timeout', content: unknown, name: string): NextEventAction
export function nextEvent(
  event: NextEventAction['event'],
  content: unknown,
  of?: From<never> | string,
): NextEventAction {
  if (typeof of === 'string') return { type: 'nextEvent', event, content, from: null, name: of }
  return { type: 'nextEvent', event, content, from: of ?? null, name: '' }
}

/** Exchanges the callbacks in charge for those of another instance. */
export function changeCallbackModule(module: object): ModuleAction {
  return { type: 'changeCallbackModule', module }
}

/** Puts another instance in charge until `popCallbackModule`. */
export function pushCallbackModule(module: object): ModuleAction {
  return { type: 'pushCallbackModule', module }
}
