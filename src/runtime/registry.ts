// Names of processes, one process a name, one name a process. A name vanishes with its process,
// before links and monitors hear of the end: whoever is told can register it again at once.
import { ArborError } from './arbor-error.ts'
import { DEAD, extensionOf, type Name, type Pid, Process, processOf, REMOTE } from './pid.ts'
import { checkCaller } from './scheduler.ts'
import { tracer } from './tracer.ts'

const processes = new Map<string, Process>()

/** Names that all threads of this program see; set by remote-node.ts while there are several. */
export interface SharedNames {
  /** Takes a name for a process of this thread, or returns who has it in another one. */
  claim(name: string, process: Process): Process | undefined
  /** Frees a name that this thread has. */
  release(name: string): void
  /** Who has a name in another thread. */
  find(name: string): Process | undefined
  /** Names of other threads. */
  names(): string[]
  /** How many claims there have been, in whatever thread. */
  claims(): number
  /** Calls `told` when there are more than `seen`. */
  whenClaimed(seen: number, told: () => void): void
}

/** Names that stand for something else than one registered here; see keyed-registry.ts. */
export interface ViaNames {
  find(name: string): Process | undefined
  register(name: string, process: Process): void
  unregister(name: string): boolean
}

let via: ViaNames | null = null
/** What such names begin with. */
let viaCode = Number.NaN

export function serveVia(mark: string, names: ViaNames): void {
  viaCode = mark.charCodeAt(0)
  via = names
}

function viaOf(name: string): ViaNames | null {
  return via !== null && name.charCodeAt(0) === viaCode ? via : null
}

let shared: SharedNames | null = null

/** The names of all threads, while there are several. */
export function sharedNames(): SharedNames | null {
  return shared
}

let nameTaken: ((name: string | null) => void) | null = null

/** Who is told of each name taken, or (null) that there may be others; when-registered.ts only. */
export function onNameTaken(handler: ((name: string | null) => void) | null): void {
  nameTaken = handler
}

/** A key of a Registry has been taken, which may be the one behind a name. */
export function keyTaken(): void {
  if (nameTaken !== null) nameTaken(null)
}

/** From now on names are unique among all threads, and those of others are found. */
export function shareNames(names: SharedNames | null): void {
  shared = names
  if (names !== null) for (const [name, process] of processes) names.claim(name, process)
  if (nameTaken !== null) nameTaken(null)
}

/** Registers a living process under a free name. */
export function register<P extends Pid>(name: Name<P>, pid: P): void {
  checkCaller()
  const process = processOf(pid)
  const attempt = { operation: 'register', target: name }
  if (process.status === DEAD) {
    throw new ArborError('noproc', `${process} has ended`, 'register a living process', attempt)
  }
  if (process.status === REMOTE) {
    const advice = 'let a process of its own thread register it'
    throw new ArborError('not_local', `${process} lives in another thread`, advice, attempt)
  }
  const others = viaOf(name)
  if (others !== null) {
    others.register(name, process)
    return
  }
  const holder = whereis(name)
  if (holder !== undefined) {
    const advice = 'unregister it, or choose another name'
    throw new ArborError('already_registered', `${holder} is named "${name}"`, advice, attempt)
  }
  const extension = extensionOf(process)
  if (extension.name !== null) {
    const advice = 'a process has one name: unregister that first'
    throw new ArborError('already_named', `${process} is "${extension.name}"`, advice, attempt)
  }
  const faster = shared === null ? undefined : shared.claim(name, process)
  if (faster !== undefined) {
    const advice = 'another thread was faster: choose another name'
    throw new ArborError('already_registered', `${faster} is named "${name}"`, advice, attempt)
  }
  extension.name = name
  processes.set(name, process)
  if (tracer !== null) tracer.onRegister('register', process, name)
  if (nameTaken !== null) nameTaken(name)
}

/** Frees a name; whether a process of this thread had it. */
export function unregister(name: string): boolean {
  checkCaller()
  return release(name)
}

/** Frees a name whoever asks: its process ends. */
export function release(name: string): boolean {
  const process = processes.get(name)
  if (process === undefined) return viaOf(name)?.unregister(name) ?? false
  if (process.extension !== null) process.extension.name = null
  if (tracer !== null) tracer.onRegister('unregister', process, name)
  processes.delete(name)
  if (shared !== null) shared.release(name)
  return true
}

/** The process registered under a name, or undefined. */
export function whereis<P extends Pid>(name: Name<P>): P | undefined
export function whereis(name: string): Pid | undefined {
  return resolveName(name)
}

/** The name of a process, or undefined. */
export function nameOf(pid: Pid): string | undefined {
  return processOf(pid).extension?.name ?? undefined
}

/** All names in use. */
export function registered(): string[] {
  const own = [...processes.keys()]
  return shared === null ? own : own.concat(shared.names())
}

/**
 * The process behind a pid or a name, or undefined for a name nobody has: how whatever is sent by
 * behaviours begins.
 */
export function resolve(destination: Pid | string): Process | undefined {
  checkCaller()
  if (destination instanceof Process) return destination
  return typeof destination === 'string' ? resolveName(destination) : processOf(destination)
}

/** The process behind a name, whoever asks. */
export function resolveName(name: string): Process | undefined {
  const process = processes.get(name)
  if (process !== undefined) return process
  const others = viaOf(name)
  if (others !== null) return others.find(name)
  return shared === null ? undefined : shared.find(name)
}
