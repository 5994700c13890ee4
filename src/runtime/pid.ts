// A pid is the process record itself, seen through an opaque type: no table, no lookup, one hidden
// class. A dead record is emptied, so a pid that is kept for ever costs its own bytes and nothing
// else.
import { inspect } from 'node:util'
import { NONE, type Ring } from './mailbox.ts'
import type { MailboxBound } from './mailbox-bound.ts'
import type { Remote } from './remote.ts'

/**
 * A process. `M` is what may be sent to it: a `Pid<string | number>` is also a `Pid<string>`, and
 * every pid is a `Pid` (of `never`), which can be linked, monitored and stopped, but not sent to.
 */
export interface Pid<in M = never> {
  /** Unique in this thread, for logs; it means nothing to another thread or node. */
  readonly id: number
  /** Only a type: it carries `M`. */
  readonly '~protocol': (message: M) => void
}

/** A pid or the name under which one is registered. */
export type Destination<P extends Pid = Pid> = P | Name<P>

declare const named: unique symbol

/**
 * A registered name, with the type of the pid behind it: `const store: Name<StorePid> = 'store'`.
 */
export type Name<P extends Pid = Pid> = string & { readonly [named]?: P }

declare const refusal: unique symbol

/** What nothing is assignable to, so that the compiler's message shows why. */
export interface Refused<Why extends string> {
  readonly [refusal]: Why
}

/**
 * Beside a parameter of type `T`: where `T` is `never`, nothing can be given, and the compiler says
 * `Why` in place of `never`. Elsewhere it adds nothing, also to a `T` not known yet.
 */
export type ElseRefused<T, Why extends string> = [T] extends [never] ? Refused<Why> : never

/** Why nothing can be sent to a plain `Pid`, or by a plain name. */
export type Untyped =
  'nothing says what it takes: give its pid, name or group a type, as Name<Pid<Message>>'

/** What a parameter takes of which `M` may be sent. */
export type Sendable<M> = M | ElseRefused<M, Untyped>

/** What a process may be doing. Plain numbers: the scheduler compares them for every message. */
export const IDLE = 0
/** In the run queue. */
export const RUNNABLE = 1
/** In its turn. */
export const RUNNING = 2
/** Waiting for something that is no message; messages queue up, exit signals act. */
export const SUSPENDED = 3
export const DEAD = 4
/** A proxy: the process lives in another thread or node, and its record's state is a `Remote`. */
export const REMOTE = 5

/** Bits of `Process.flags`. */
export const TRAPS_EXIT = 1
/** Two bits: which run queue, an index of `priorities`. */
export const PRIORITY_BITS = 6
export const PRIORITY_SHIFT = 1

/** The mailbox has a bound: `Extension.bound`. */
export const BOUNDED = 8

/** Levels in the order of their bits: normal is none. */
export const priorities = ['normal', 'max', 'high', 'low'] as const

/**
 * Who gets his turn first: `max` and `high` before all others, as long as there are any; of
 * `normal` and `low` ones waiting, every eighth turn is a low one's.
 */
export type Priority = (typeof priorities)[number]

/** Handles one message; returns the next state. */
export type Receive = (message: unknown, state: unknown, process: Process) => unknown

/** Told when the process it watches ends; a link in the intrusive list `Extension.watches`. */
export interface Watch {
  watchPrevious: Watch | null
  watchNext: Watch | null
  /** The process watched; null once the edge is gone. */
  target: Process | null
  /** The process has ended. Must not throw. */
  onExit(process: Process, reason: unknown): void
}

/** Something a process keeps on others, and that ends with it. */
export interface OwnEdge {
  ownPrevious: OwnEdge | null
  ownNext: OwnEdge | null
  /** Its owner has ended. */
  abandon(): void
}

/** What few processes have, made on demand. */
export class Extension {
  /** Registered name. */
  name: string | null = null
  /** Monitors, pending calls, hooks: everything that wants to hear of the end. */
  watches: Watch | null = null
  /** Monitors of its own, on others: a list by `ownNext`, in monitor.ts. */
  monitors: OwnEdge | null = null
  dictionary: Map<unknown, unknown> | null = null
  groupLeader: Process | null = null
  /** Reductions that no longer fit into the record's counter. */
  earlierReductions = 0
  /** Messages the process was not made for. */
  unhandled = 0
  bound: MailboxBound | null = null

  /** Whether it says nothing that a process without one does not. */
  isEmpty(): boolean {
    const { name, watches, monitors, groupLeader } = this
    if (name !== null || watches !== null || monitors !== null || groupLeader !== null) return false
    const isClean = this.earlierReductions === 0 && this.unhandled === 0 && this.bound === null
    return isClean && (this.dictionary === null || this.dictionary.size === 0)
  }
}

/**
 * The record of a process. All fields are set in the constructor, in this order: one hidden class
 * for all. (They are declared, not defined, because a class field would be written twice.)
 */
export class Process implements Pid<never> {
  declare readonly '~protocol': (message: unknown) => void
  declare readonly id: number
  declare status: number
  /** Bits: see `TRAPS_EXIT` and those after it. */
  declare flags: number
  declare receive: Receive
  /** The behaviour's; once dead, the exit reason. */
  declare state: unknown
  /** Linked processes: nobody, one, or many. A supervised child has one and pays nothing for it. */
  declare links: null | Process | Set<Process>
  /**
   * How its supervisor starts it again, for that one to find when it ended, by the record alone: a
   * table of all children would weigh several times this field.
   */
  declare supervised: object | null
  declare extension: Extension | null
  /** Reductions used beyond the budget of past turns, still to be sat out. */
  declare debt: number
  /** Reductions used; a small integer always, or the records would lose their one class. */
  declare reductions: number
  declare first: unknown
  declare queue: Ring | null

  constructor(id: number, receive: Receive, state: unknown) {
    this.id = id
    this.status = IDLE
    this.flags = 0
    this.receive = receive
    this.state = state
    this.links = null
    this.supervised = null
    this.extension = null
    this.debt = 0
    this.reductions = 0
    this.first = NONE
    this.queue = null
  }

  /** Whether exit signals become messages. */
  get trapExit(): boolean {
    return (this.flags & TRAPS_EXIT) !== 0
  }

  set trapExit(on: boolean) {
    this.flags = on ? this.flags | TRAPS_EXIT : this.flags & ~TRAPS_EXIT
  }

  toString(): string {
    // A proxy has the negative id of its process, and the number of its node in place of a debt.
    return this.id < 0 ? `Pid<${this.debt}.${-this.id}>` : `Pid<${this.id}>`
  }

  toJSON(): string {
    return this.toString()
  }
}

// A pid in a log is a pid, not its mailbox.
Object.defineProperty(Process.prototype, inspect.custom, { value: Process.prototype.toString })

/** Whether a value is a pid. */
export function isPid(value: unknown): value is Pid {
  return value instanceof Process
}

/** The record behind a pid; the runtime's own rooms only. */
export function processOf(pid: Pid): Process {
  if (pid instanceof Process) return pid
  throw new TypeError('a pid is made by spawn or start, never by hand')
}

/** What carries signals to the process behind a proxy. */
export function remoteOf(proxy: Process): Remote {
  return proxy.state as Remote
}

export function extensionOf(process: Process): Extension {
  process.extension ??= new Extension()
  return process.extension
}

/** Adds a watch to a living process, or to a proxy. */
export function addWatch(process: Process, watch: Watch): void {
  if (process.status === REMOTE) remoteOf(process).watch(process)
  const extension = extensionOf(process)
  const head = extension.watches
  watch.target = process
  watch.watchNext = head
  if (head !== null) head.watchPrevious = watch
  extension.watches = watch
}

/** Takes a watch away; does nothing when it is gone already. */
export function removeWatch(watch: Watch): void {
  const target = watch.target
  if (target === null) return
  const { watchPrevious: previous, watchNext: next } = watch
  if (next !== null) next.watchPrevious = previous
  if (previous !== null) previous.watchNext = next
  else if (target.extension !== null) target.extension.watches = next
  watch.target = null
  watch.watchPrevious = null
  watch.watchNext = null
}
