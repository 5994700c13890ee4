// A process: a pid, a mailbox, and a function that is given one message after the other. It shares
// nothing with others but what it is sent, and when its function throws, it ends and nobody else is
// harmed.
//
//   const counter = spawn((by: number, total: number) => total + by, 0)
//   send(counter, 2)
//
// Most programs write a GenServer (behaviours/gen-server.ts) instead: it answers calls and can be
// supervised. A process costs 112 bytes and a third of a microsecond, but it is for things with a
// life of their own; what merely needs a name is a function.
import { ArborError } from './arbor-error.ts'
import { deadLetter } from './dead-letter.ts'
import { mailboxLength } from './mailbox.ts'
import {
  DEAD,
  type Destination,
  IDLE,
  type Name,
  type Pid,
  Process,
  processOf,
  REMOTE,
  type Receive,
  RUNNABLE,
  RUNNING,
} from './pid.ts'
import { nameOf, register, resolve } from './registry.ts'
import { type PidOf, type SpawnSpec, spawnElsewhere } from './remote-spec.ts'
import { currentProcess, post } from './scheduler.ts'
import { countProcess, link, linksOf, self } from './signal.ts'
import { tracer } from './tracer.ts'

let nextId = 1

export interface SpawnOptions<M> {
  /** Registers the process under this name. */
  readonly name?: Name<Pid<M>>
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
  const process = makeProcess(receive as Receive, state)
  if (options?.name !== undefined) register(options.name, process)
  return process
}

/** Makes a living process; behaviours only. */
export function makeProcess(receive: Receive, state: unknown): Process {
  countProcess()
  const process = new Process(nextId++, receive, state)
  if (tracer !== null) tracer.onSpawn(process, currentProcess())
  return process
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

/** Sends a message; it never blocks and never fails, unless a name is unknown. */
export function send<M>(destination: Destination<Pid<M>>, message: M): void {
  const process = resolve(destination)
  if (process !== undefined) {
    post(process, message)
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

export type ProcessStatus = 'idle' | 'runnable' | 'running' | 'suspended' | 'dead' | 'remote'

export interface ProcessInfo {
  readonly id: number
  readonly name: string | undefined
  readonly status: ProcessStatus
  /** Messages that wait. */
  readonly mailboxLength: number
  readonly trapExit: boolean
  readonly links: readonly Pid[]
}

/** What is known of a process, for a person who looks. */
export function processInfo(pid: Pid): ProcessInfo {
  const process = processOf(pid)
  return {
    id: process.id,
    name: nameOf(process),
    status: statusOf(process),
    mailboxLength: mailboxLength(process),
    trapExit: process.trapExit,
    links: linksOf(process),
  }
}

function statusOf(process: Process): ProcessStatus {
  if (process === currentProcess()) return 'running'
  if (process.status === IDLE) return 'idle'
  if (process.status === RUNNABLE) return 'runnable'
  if (process.status === RUNNING) return 'running'
  if (process.status === REMOTE) return 'remote'
  return process.status === DEAD ? 'dead' : 'suspended'
}
