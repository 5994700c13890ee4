// How busy each scheduler is, in shared memory: whoever places a process looks here, without a
// message. Each thread writes its own row when the event loop had its turn.
import { SCHEDULERS_MAX } from '../limits.ts'

// A row: fields of 32 bits.
const STATE = 0
const NODE = 1
const RUN_QUEUE = 2
const PROCESSES = 3
/** One cache line, so that threads do not slow each other down. */
const FIELDS = 16

/** Not there, or restarting. */
export const DOWN = 0
/** Takes new processes. */
export const UP = 1
/** Runs on, but takes no new ones. */
export const DRAINING = 2

export class LoadTable {
  readonly #fields: Int32Array

  /** A row for the first thread and for each scheduler. */
  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer((SCHEDULERS_MAX + 1) * FIELDS * 4)
  }

  constructor(memory: SharedArrayBuffer) {
    this.#fields = new Int32Array(memory)
  }

  stateOf(scheduler: number): number {
    return this.#get(scheduler, STATE)
  }

  setState(scheduler: number, state: number): void {
    this.#set(scheduler, STATE, state)
  }

  /** The node that a scheduler is now; each restart makes it another. */
  nodeOf(scheduler: number): number {
    return this.#get(scheduler, NODE)
  }

  setNode(scheduler: number, node: number): void {
    this.#set(scheduler, NODE, node)
  }

  /** The scheduler that a node is, or undefined when it is gone. */
  schedulerOf(node: number): number | undefined {
    for (let scheduler = 0; scheduler <= SCHEDULERS_MAX; scheduler++) {
      if (this.stateOf(scheduler) !== DOWN && this.nodeOf(scheduler) === node) return scheduler
    }
    return undefined
  }

  /** A node is gone: its scheduler takes nothing until it is another. */
  retire(node: number): void {
    const scheduler = this.schedulerOf(node)
    if (scheduler !== undefined) this.setState(scheduler, DOWN)
  }

  publish(scheduler: number, runQueue: number, processes: number): void {
    this.#set(scheduler, RUN_QUEUE, runQueue)
    this.#set(scheduler, PROCESSES, processes)
  }

  runQueueOf(scheduler: number): number {
    return this.#get(scheduler, RUN_QUEUE)
  }

  processesOf(scheduler: number): number {
    return this.#get(scheduler, PROCESSES)
  }

  /** Schedulers that take new processes; the first thread is none of them. */
  up(): number[] {
    const up: number[] = []
    for (let scheduler = 1; scheduler <= SCHEDULERS_MAX; scheduler++) {
      if (this.stateOf(scheduler) === UP) up.push(scheduler)
    }
    return up
  }

  #get(scheduler: number, field: number): number {
    return Atomics.load(this.#fields, scheduler * FIELDS + field)
  }

  #set(scheduler: number, field: number, value: number): void {
    Atomics.store(this.#fields, scheduler * FIELDS + field, value)
  }
}
