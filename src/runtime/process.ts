// A process: a pid, a mailbox, and a function that is given one message after the other. It shares
// nothing with others but what it is sent, and when its function throws, it ends and nobody else is
// harmed.
//
//   const counter = spawn((by: number, total: number) => total + by, 0)
//   send(counter, 2)
//
// Most programs write a GenServer (behaviours/gen-server.ts) instead: it answers calls and can be
// supervised. Code that waits in the middle is a generator process
// (generator-process.ts), code full of `await` an async one (async-process.ts). A process costs 120
// bytes and a third of a microsecond, but it is for things with a life of their own; what merely
// needs a name is a function.
import { type Alias, AliasRecord } from './alias.ts'
import { ArborError } from './arbor-error.ts'
import { deadLetter } from './dead-letter.ts'
import { boundMailbox, deliver, type MailboxOptions } from './delivery.ts'
import {
  BOUNDED,
  DEAD,
  type Destination,
  extensionOf,
  type Name,
  type Pid,
  type Priority,
  Process,
  processOf,
  type Receive,
  type Sendable,
} from './pid.ts'
import { setPriority } from './process-flag.ts'
import { register, resolve } from './registry.ts'
import { type PidOf, type SpawnSpec, spawnElsewhere } from './remote-spec.ts'
import { checkCaller, currentProcess, post } from './scheduler.ts'
import { countProcess, exitProcess, link, type MonitorRef, monitor, self } from './signal.ts'
import { tracer } from './tracer.ts'

export { type ProcessInfo, type ProcessStatus, processInfo } from './process-info.ts'

let nextId = 1

export interface SpawnOptions<M> {
  /** Registers the process under this name. */
  readonly name?: Name<Pid<M>>
  /** Links it with the calling process. */
  readonly link?: boolean
  /** Whose turn comes first, default `normal`. */
  readonly priority?: Priority
  /** Exit signals come as messages from the beginning. */
  readonly trapExit?: boolean
  /** How many messages may wait; without it as many as memory holds. */
  readonly mailbox?: MailboxOptions
}

/** Starts a process in another thread; see remote-spec.ts. Needs `startSchedulers`. */
export function spawn<Exported = unknown>(spec: SpawnSpec<Exported>): Promise<PidOf<Exported>>
/**
 * Starts a process. `receive` gets each message, the state and the process's own pid, and returns
 * the next state; it may call `exit(reason)` to end. A promise it returns is a state like any
 * other: what awaits is a GenServer.
 */
export function spawn<M, State>(
  receive: (message: M, state: State, self: Pid<M>) => State,
  state: State,
  options?: SpawnOptions<M>,
): Pid<M>
export function spawn<M>(receive: (message: M, state: undefined, self: Pid<M>) => void): Pid<M>
export function spawn(
  receive: ((message: never, state: never, self: never) => unknown) | SpawnSpec,
  state?: unknown,
  options?: SpawnOptions<never>,
): Pid | Promise<Pid> {
  if (typeof receive !== 'function') return spawnElsewhere(receive)
  return launch(makeProcess(receive as Receive, state), options)
}

/** Gives a new process what its options say; it has not had its first turn. */
export function launch(process: Process, options: SpawnOptions<never> | undefined): Process {
  if (options === undefined) return process
  const { name, priority, trapExit, mailbox } = options
  try {
    if (priority !== undefined) setPriority(process, priority)
    if (trapExit !== undefined) process.trapExit = trapExit
    if (mailbox !== undefined) boundMailbox(mailbox, process)
    if (options.link === true) link(process)
    if (name !== undefined) register(name, process)
  } catch (error) {
    exitProcess(process, 'normal')
    throw error
  }
  return process
}

/** Makes a living process; behaviours only. */
export function makeProcess(receive: Receive, state: unknown): Process {
  countProcess()
  const process = new Process(nextId++, receive, state)
  const parent = currentProcess()
  const leader = parent === null ? null : (parent.extension?.groupLeader ?? null)
  if (leader !== null) extensionOf(process).groupLeader = leader
  if (tracer !== null) tracer.onSpawn(process, parent)
  return process
}

/** Starts a process and monitors it: the `Down` is the calling process's. */
export function spawnMonitor<M, State>(
  receive: (message: M, state: State, self: Pid<M>) => State,
  state: State,
  options?: SpawnOptions<M>,
): [Pid<M>, MonitorRef] {
  const watcher = self()
  const pid = spawn(receive, state, options)
  return [pid, monitor(pid, watcher)]
}

/** Starts a process linked to the calling one. */
export function spawnLink<M, State>(
  receive: (message: M, state: State, self: Pid<M>) => State,
  state: State,
  options?: SpawnOptions<M>,
): Pid<M> {
  const owner = self()
  const pid = spawn(receive, state, options)
  link(pid, owner)
  return pid
}

/**
 * Sends a message; it never blocks and never fails, unless a name is unknown. To an alias taken
 * back it is dropped.
 */
export function send<M>(destination: Destination<Pid<M>> | Alias<M>, message: Sendable<M>): void {
  checkCaller()
  if (destination instanceof Process && (destination.flags & BOUNDED) === 0) {
    post(destination, message)
  } else sendElsewhere(destination, message)
}

/** Sends one message, shared, to several processes, in this order: `send` to each, for less. */
export function sendEach<M>(pids: readonly Pid<M>[], message: Sendable<M>): void {
  checkCaller()
  for (let i = 0; i < pids.length; i++) {
    const process = processOf(pids[i]!)
    if ((process.flags & BOUNDED) === 0) post(process, message)
    else deliver(process, message)
  }
}

function sendElsewhere(destination: Pid | string | object, message: unknown): void {
  if (destination instanceof AliasRecord) {
    destination.deliver(message)
    return
  }
  const process = resolve(destination as Pid | string)
  if (process !== undefined) {
    deliver(process, message)
    return
  }
  const name = String(destination)
  deadLetter('unknown_name', name, message)
  const attempt = { operation: 'send', target: name, request: message }
  const advice = 'start and register it first, or send to its pid'
  throw new ArborError('unknown_name', `nobody is named "${name}"`, advice, attempt)
}

/** Whether a process has not ended; one of another thread, as far as is known here. */
export function isAlive(pid: Pid): boolean {
  return processOf(pid).status !== DEAD
}
