// Processes of this thread that others know: by a number in a table, and who wants to hear of their
// end. A process enters when its pid first leaves the thread and is gone with its end, so a process
// that nobody outside knows costs nothing.
import type { ExitReason } from './exit-reason.ts'
import { addWatch, DEAD, Process, type Watch } from './pid.ts'
import { WeakValues } from './weak-values.ts'

/** A node of which no other has heard: the thread that starts the others. */
export const FIRST_NODE = 0

let node = FIRST_NODE

/** The number of this thread among all that have ever been; never used again. */
export function ownNode(): number {
  return node
}

export function setOwnNode(number: number): void {
  node = number
}

/** Whoever is told of the end of exported processes: another node. */
export interface EndListener {
  ended(id: number, reason: ExitReason): void
}

class Exported implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly process: Process
  listeners: readonly EndListener[] = []

  constructor(process: Process) {
    this.process = process
  }

  onExit(process: Process, reason: ExitReason): void {
    exported.delete(process.id)
    dead.set(process.id, process)
    for (const listener of this.listeners) listener.ended(process.id, reason)
  }
}

const exported = new Map<number, Exported>()
/** Dead ones whose pid somebody here still holds: it comes back as the same. */
const dead = new WeakValues<number, Process>()

/** Makes a process known to others; returns its number. */
export function exportProcess(process: Process): number {
  if (exported.has(process.id)) return process.id
  if (process.status === DEAD) dead.set(process.id, process)
  else {
    const entry = new Exported(process)
    exported.set(process.id, entry)
    addWatch(process, entry)
  }
  return process.id
}

/** A living process that others know. */
export function exportedProcess(id: number): Process | undefined {
  return exported.get(id)?.process
}

/** The pid of a process of this thread that came back from another one. */
export function returnedProcess(id: number): Process {
  const known = exported.get(id)?.process ?? dead.get(id)
  if (known !== undefined) return known
  const process = new Process(id, () => undefined, 'noproc')
  process.status = DEAD
  dead.set(id, process)
  return process
}

/** Tells a node once when a process ends, or at once when it has. */
export function tellEnd(id: number, listener: EndListener): void {
  const entry = exported.get(id)
  if (entry === undefined) listener.ended(id, 'noproc')
  else if (!entry.listeners.includes(listener)) entry.listeners = [...entry.listeners, listener]
}

/** A node is gone: it is told nothing any more. */
export function forgetListener(listener: EndListener): void {
  for (const entry of exported.values()) {
    if (!entry.listeners.includes(listener)) continue
    entry.listeners = entry.listeners.filter((other) => other !== listener)
  }
}
