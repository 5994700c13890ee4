// Names of processes, one process a name, one name a process. A name vanishes with its process,
// before links and monitors hear of the end: whoever is told can register it again at once.
import { ArborError } from './arbor-error.ts'
import { DEAD, extensionOf, type Name, type Pid, Process, processOf } from './pid.ts'
import { tracer } from './tracer.ts'

const processes = new Map<string, Process>()

/** Registers a living process under a free name. */
export function register<P extends Pid>(name: Name<P>, pid: P): void {
  const process = processOf(pid)
  const attempt = { operation: 'register', target: name }
  if (process.status === DEAD) {
    throw new ArborError('noproc', `${process} has ended`, 'register a living process', attempt)
  }
  const holder = processes.get(name)
  if (holder !== undefined) {
    const advice = 'unregister it, or choose another name'
    throw new ArborError('already_registered', `${holder} is named "${name}"`, advice, attempt)
  }
  const extension = extensionOf(process)
  if (extension.name !== null) {
    const advice = 'a process has one name: unregister that first'
    throw new ArborError('already_named', `${process} is "${extension.name}"`, advice, attempt)
  }
  extension.name = name
  processes.set(name, process)
  if (tracer !== null) tracer.onRegister('register', process, name)
}

/** Frees a name; whether somebody had it. */
export function unregister(name: string): boolean {
  const process = processes.get(name)
  if (process === undefined) return false
  if (process.extension !== null) process.extension.name = null
  if (tracer !== null) tracer.onRegister('unregister', process, name)
  return processes.delete(name)
}

/** The process registered under a name, or undefined. */
export function whereis<P extends Pid>(name: Name<P>): P | undefined
export function whereis(name: string): Pid | undefined {
  return processes.get(name)
}

/** The name of a process, or undefined. */
export function nameOf(pid: Pid): string | undefined {
  return processOf(pid).extension?.name ?? undefined
}

/** All names in use. */
export function registered(): string[] {
  return [...processes.keys()]
}

/** The process behind a pid or a name, or undefined for a name nobody has. */
export function resolve(destination: Pid | string): Process | undefined {
  if (destination instanceof Process) return destination
  return typeof destination === 'string' ? processes.get(destination) : processOf(destination)
}
