// What happens to a state machine, as its handlers are told.
import type { From, PendingCall } from '../runtime/call.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { Pid } from '../runtime/pid.ts'
import type { ServerStatus } from './callbacks.ts'
import type { AnyCall, ReplyOf } from './gen-server.ts'

/**
 * An event: a message (`call`, `cast`, `info`), one the machine inserted for itself (`internal`), a
 * timeout, or with `stateEnter` the entering of a state (`enter`, whose content is the old one).
 */
export type StatemEvent<State = unknown, C extends AnyCall = AnyCall, K = unknown> =
  | { readonly type: 'call'; readonly content: C; readonly from: From<ReplyOf<C>> }
  | { readonly type: 'cast'; readonly content: K }
  | {
      readonly type: 'info' | 'internal' | 'stateTimeout' | 'eventTimeout'
      readonly content: unknown
    }
  | { readonly type: 'timeout'; readonly name: string; readonly content: unknown }
  | { readonly type: 'enter'; readonly content: State }

export type EventType = StatemEvent['type']

/** An event that waits in a machine, or is handed to `handleEvent`. */
export class QueuedEvent {
  declare readonly type: EventType
  declare readonly content: unknown
  /** Who called; null for what is no call. */
  declare readonly from: PendingCall | null
  /** Of a generic timeout. */
  declare readonly name: string

  constructor(type: EventType, content: unknown, from: PendingCall | null, name: string) {
    this.type = type
    this.content = content
    this.from = from
    this.name = name
  }
}

/** The handlers of a state as the loop calls them. */
export interface AnyHandlers {
  enter?(old: unknown, data: unknown): unknown
  call?(request: unknown, from: unknown, data: unknown): unknown
  cast?(request: unknown, data: unknown): unknown
  info?(message: unknown, data: unknown): unknown
  internal?(content: unknown, data: unknown): unknown
  stateTimeout?(content: unknown, data: unknown): unknown
  eventTimeout?(content: unknown, data: unknown): unknown
  timeout?(name: string, content: unknown, data: unknown): unknown
}

/** What `formatStatus` of a machine is given. */
export interface StatemStatus<State = unknown, Data = unknown>
  extends ServerStatus<readonly [State, Data]> {
  /** Events that wait for a change of state, oldest first. */
  readonly postponed: readonly unknown[]
  readonly timeouts: readonly unknown[]
}

/** A GenStatem as the loop sees it, whatever its states, data and protocol. */
export interface AnyStatem {
  readonly self: Pid
  readonly states?: Readonly<Record<string, AnyHandlers | undefined>>
  readonly stateEnter?: boolean
  init(): unknown
  handleEvent(event: unknown, state: unknown, data: unknown): unknown
  terminate(reason: ExitReason, state: unknown, data: unknown): unknown
  codeChange(oldVersion: unknown, state: unknown, data: unknown, extra: unknown): unknown
  formatStatus(status: StatemStatus): ServerStatus
}

/** What a handler returned; the types of handlers allow less. */
export interface AnyTransition {
  readonly state?: unknown
  readonly data?: unknown
  readonly repeat?: boolean
  readonly reply?: unknown
  readonly actions?: unknown
  readonly stop?: ExitReason
  readonly replies?: unknown
}

/** What `init` returned. */
export interface AnyInit extends AnyTransition {
  readonly ignore?: boolean
}

/** Whether an object says anything a transition can say; an empty one keeps all. */
export function isTransition(returned: object): boolean {
  for (const key in returned) if (parts.has(key)) return true
  return Object.keys(returned).length === 0 && !Array.isArray(returned)
}

const parts = new Set(['state', 'data', 'repeat', 'reply', 'actions', 'stop', 'replies'])
