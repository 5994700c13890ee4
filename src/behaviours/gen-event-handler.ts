// A handler: what an event manager (gen-event.ts) runs for each event. It has a state of its own
// and its failures are its own: one that crashes is removed, and neither the manager nor the other
// handlers notice.
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import type { Pid } from '../runtime/pid.ts'
import type { AnyCall, MaybePromise, ReplyOf } from './gen-server.ts'

/** A class of handlers: OTP's module. */
export type HandlerClass<H extends object = object> = abstract new (...parameters: never[]) => H

declare const handled: unique symbol

/** A handler's name, with its type: `const audit: HandlerName<Audit> = 'audit'`. */
export type HandlerName<H extends object = object> = string & { readonly [handled]?: H }

/**
 * Which handler of a manager is meant: a name, its class when there is one of it, or its class and
 * an id when there are several.
 */
export type HandlerId<H extends object = object> =
  | HandlerName<H>
  | HandlerClass<H>
  | { readonly module: HandlerClass<H>; readonly id: unknown }

/** Why a handler failed. */
export type HandlerFailure =
  /** It threw an error, or called `exit`. */
  | { readonly type: 'crash'; readonly reason: ExitReason }
  /** It returned (or threw, which counts as that) what no callback may return. */
  | { readonly type: 'bad_return'; readonly value: unknown }
  /** Its `init` returned `{ error }`. */
  | { readonly type: 'refused'; readonly error: unknown }

/** Why `terminate` is called. */
export type HandlerEnd =
  /** `deleteHandler` or a swap; the argument is the caller's. */
  | { readonly type: 'argument'; readonly argument: unknown }
  /** A callback returned `{ remove: true }`. */
  | { readonly type: 'remove' }
  /** The manager ends. */
  | { readonly type: 'stop' }
  /** The owner of a supervised handler has ended. */
  | { readonly type: 'owner_ended'; readonly reason: ExitReason }
  | { readonly type: 'failed'; readonly failure: HandlerFailure }

/** What the handler that is replaced left behind, for the `init` of its successor. */
export type Swapped =
  /** What its `terminate` returned. */
  | { readonly type: 'terminated'; readonly value: unknown }
  | { readonly type: 'failed'; readonly failure: HandlerFailure }
  /** There was none: the successor is simply added. */
  | { readonly type: 'unknown_handler' }

/** Replaces a handler by another, in its place. */
export interface Swap {
  /** For the `terminate` of the old one. */
  readonly argument?: unknown
  readonly id: HandlerId
  readonly handler: AnyHandler
}

/** With `hibernate`, the manager gives memory back until its next message. */
export type HandlerInit<State> =
  | { readonly state: State; readonly hibernate?: boolean }
  | { readonly error: unknown }
export type HandlerResult<State> =
  | { readonly state: State; readonly hibernate?: boolean }
  | { readonly state: State; readonly swap: Swap }
  | { readonly remove: true }
export type HandlerCallResult<State, Reply> = HandlerResult<State> & { readonly reply: Reply }

/** What may be shown of a handler. */
export interface HandlerStatus<State = unknown> {
  readonly state: State
  /** The event, message or request it failed at. */
  readonly message?: unknown
  readonly reason?: HandlerFailure
}

/** A handler as its manager sees it, whatever its state and calls. */
export interface AnyHandler<in Event = never> {
  readonly '~events': (event: Event) => void
  init(swapped?: Swapped): unknown
  handleEvent(event: unknown, state: unknown): unknown
  handleCall(request: unknown, state: unknown): unknown
  handleInfo(message: unknown, state: unknown): unknown
  terminate(end: HandlerEnd, state: unknown): unknown
  codeChange(oldVersion: unknown, state: unknown, extra: unknown): unknown
  formatStatus(status: HandlerStatus): HandlerStatus
}

/**
 * The contract of a handler: `Event` is what its manager is notified of, `State` its state (kept by
 * the manager), `C` the union of the calls it answers.
 */
export abstract class EventHandler<Event, State, C extends AnyCall = never> {
  /** Only types: they carry `Event` and `C`. */
  declare readonly '~events': (event: Event) => void
  declare readonly '~calls': (call: C) => void

  /** Makes the first state; a handler that replaces another is told what that left behind. */
  abstract init(swapped?: Swapped): MaybePromise<HandlerInit<State>>

  /** Takes an event: `{ state }`, `{ remove: true }` or `{ state, swap }`. */
  abstract handleEvent(event: Event, state: State): MaybePromise<HandlerResult<State>>

  /** Answers a call to this handler; it cannot be answered later. */
  handleCall(request: C, _state: State): MaybePromise<HandlerCallResult<State, ReplyOf<C>>> {
    const name = this.constructor.name
    const attempt = { operation: 'handleCall', target: name, request }
    const advice = `override handleCall in ${name}`
    throw new ArborError('missing_callback', `${name} has no handleCall`, advice, attempt)
  }

  /** Takes any other message sent to the manager, exits of its owners and of linked processes. */
  handleInfo(message: unknown, state: State): MaybePromise<HandlerResult<State>> {
    const handler = this.constructor.name
    log(() => ({ level: 'warning', event: 'unhandled_info', handler, message }))
    return { state }
  }

  /** Cleans up; what it returns goes to who deleted it, or to its successor. */
  terminate(_end: HandlerEnd, _state: State): unknown {
    return undefined
  }

  /** Turns the state of an older version of this class into one of this; see `changeHandlers`. */
  codeChange(_oldVersion: unknown, state: State, _extra: unknown): State {
    return state
  }

  /** Strikes secrets out of what reports and `sys.getStatus` show. */
  formatStatus(status: HandlerStatus<State>): HandlerStatus {
    return status
  }
}

/** Why an owner is told of the end of its handler. */
export type HandlerExit =
  /** Removed by itself or by `deleteHandler`. */
  | 'normal'
  /** The manager stopped, or the owner's exit signal reached it. */
  | 'shutdown'
  /** The handler it wanted to be swapped for failed in `init`. */
  | 'crash'
  | { readonly type: 'swapped'; readonly by: HandlerId; readonly owner: Pid | null }
  | HandlerFailure

/** Sent to the owner of a supervised handler that is there no more (OTP's `gen_event_EXIT`). */
export class GenEventExit {
  readonly type = 'gen_event_EXIT'
  readonly manager: Pid
  readonly handler: HandlerId
  readonly reason: HandlerExit

  constructor(manager: Pid, handler: HandlerId, reason: HandlerExit) {
    this.manager = manager
    this.handler = handler
    this.reason = reason
  }
}

/** A handler could not be added, called, swapped or deleted. */
export class HandlerError extends ArborError {
  override readonly name = 'HandlerError'
  declare readonly code: 'unknown_handler' | 'handler_failed'
  /** Set unless the handler was unknown. */
  readonly failure: HandlerFailure | undefined

  constructor(operation: string, handler: HandlerId, failure?: HandlerFailure) {
    const attempt = { operation, target: handler }
    const who = nameOfHandler(handler)
    if (failure === undefined) {
      super('unknown_handler', `there is no handler ${who}`, 'see whichHandlers', attempt)
    } else {
      const advice = 'see failure; the handler is not installed, or no longer'
      super('handler_failed', `handler ${who} failed`, advice, attempt, causeOf(failure))
    }
    this.failure = failure
  }
}

function causeOf(failure: HandlerFailure): unknown {
  if (failure.type === 'bad_return') return failure.value
  if (failure.type === 'refused') return failure.error
  const { reason } = failure
  return typeof reason === 'object' && 'error' in reason ? reason.error : reason
}

/** A handler's id for a person. */
export function nameOfHandler(id: HandlerId): string {
  if (typeof id === 'string') return `"${id}"`
  return typeof id === 'function' ? id.name : `${id.module.name} ${String(id.id)}`
}

/** Whether two ids mean the same handler. */
export function isSameHandler(a: HandlerId, b: HandlerId): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.module === b.module && a.id === b.id
}
