// What a behaviour has to be to run on the loop of server-loop.ts, whatever its state and protocol:
// GenServer is that, and so is every other behaviour. Names, calls, crashes, supervision, sys and
// code change then work for it without a word of its own.
import type { PendingCall } from '../runtime/call.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { Pid } from '../runtime/pid.ts'

export interface Callbacks {
  readonly self: Pid
  init(): unknown
  handleCall(request: unknown, from: PendingCall, state: unknown): unknown
  handleCast(request: unknown, state: unknown): unknown
  handleInfo(message: unknown, state: unknown): unknown
  handleContinue(term: unknown, state: unknown): unknown
  terminate(reason: ExitReason, state: unknown): unknown
  codeChange(oldVersion: unknown, state: unknown, extra: unknown): unknown
  /** The state as a person is to see it; without it, the loop's own. */
  systemState?(state: unknown): unknown
  /** The loop's next state, whose `systemState` is what `replace` returned. */
  systemReplaceState?(replace: (state: unknown) => unknown, state: unknown): unknown
  /** A supervisor's children, in start order: who stands above whom, for upgrades and trees. */
  systemChildren?(): Iterable<Pid>
  /** What may be shown of a server, in reports of its crash and by `sys.getStatus`. */
  formatStatus?(status: ServerStatus): ServerStatus
  /** Whose callbacks these are, for reports; without it, the class they belong to. */
  readonly className?: string
}

/** A behaviour with callbacks of its own kind, such as a GenStatem: it makes those of the loop. */
export interface Driven {
  '~callbacks'(): Callbacks
}

/** What the loop runs for an instance: its own methods, or what drives it. */
export function callbacksOf(instance: object): Callbacks {
  return '~callbacks' in instance ? (instance as Driven)['~callbacks']() : (instance as Callbacks)
}

/** Whose callbacks a server has, for reports and errors. */
export function classNameOf(callbacks: Callbacks): string {
  return callbacks.className ?? callbacks.constructor.name
}

/** What `formatStatus` is given, and returns with secrets struck out. */
export interface ServerStatus<State = unknown> {
  readonly state: State
  /** What it was busy with when it crashed. */
  readonly message?: unknown
  /** Why it ends. */
  readonly reason?: ExitReason | undefined
  /** Its last events, when `sys.log` keeps them. */
  readonly log?: readonly unknown[] | undefined
}

/** What a callback returned; each callback's own type allows less. */
export interface Outcome {
  readonly state?: unknown
  readonly reply?: unknown
  readonly stop?: ExitReason
  readonly continue?: unknown
  readonly timeoutMs?: number | 'infinity'
  readonly hibernate?: boolean
  readonly ignore?: boolean
}
