// A pid is the process record itself, seen through an opaque type: no table, no lookup, one hidden
// class. A dead record is emptied, so a pid that is kept for ever costs its own bytes and nothing
// else.
import { inspect } from 'node:util'
import { NONE, type Ring } from './mailbox.ts'
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

/** What a process may be doing. Plain numbers: the scheduler compares them for every message. */
export const IDLE = 0
/** In the run queue. */
export const RUNNABLE = 1
/** In its turn. */
export const RUNNING = 2
/** Waiting for the promise of a callback; messages queue up, exit signals act. */
export const SUSPENDED = 3
export const DEAD = 4
/** A proxy: the process lives in another thread or node, and its record's state is a `Remote`. */
export const REMOTE = 5

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

/** What few processes have, made on demand. */
export class Extension {
  /** Registered name. */
  name: string | null = null
  /** Monitors, pending calls, hooks: everything that wants to hear of the end. */
  watches: Watch | null = null
}

/**
 * The record of a process. All fields are set in the constructor, in this order: one hidden class
 * for all. (They are declared, not defined, because a class field would be written twice.)
 */
export class Process implements Pid<never> {
  declare readonly '~protocol': (message: unknown) => void
  declare readonly id: number
  declare status: number
  declare trapExit: boolean
  declare receive: Receive
  /** The behaviour's; once dead, the exit reason. */
  declare state: unknown
  /** Linked processes: nobody, one, or many. A supervised child has one and pays nothing for it. */
  declare links: null | Process | Set<Process>
  declare extension: Extension | null
  /** Reductions used beyond the budget of past turns, still to be sat out. */
  declare debt: number
  declare first: unknown
  declare queue: Ring | null

  constructor(id: number, receive: Receive, state: unknown) {
    this.id = id
    this.status = IDLE
    this.trapExit = false
    this.receive = receive
    this.state = state
    this.links = null
    this.extension = null
    this.debt = 0
    this.first = NONE
    this.queue = null
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
