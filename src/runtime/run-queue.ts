// Who waits for a turn, and who is next. Processes of `normal` priority stand in one queue, first
// in, first out. Those of `max` and `high` have queues of their own, which are emptied first; of
// `normal` and `low` ones waiting, every eighth turn is a low one's (erts, process_flag(priority)).
import { LOW_PRIORITY_TURNS } from '../limits.ts'
import { PRIORITY_BITS, PRIORITY_SHIFT, type Process } from './pid.ts'

const NORMAL_SLOTS_MIN = 1024
const PRIORITY_SLOTS_MIN = 8

/** A growing ring of processes; its capacity is a power of two. */
class RunQueue {
  #slots: (Process | null)[]
  #mask: number
  #head = 0
  #tail = 0

  constructor(slots: number) {
    this.#slots = new Array<Process | null>(slots).fill(null)
    this.#mask = slots - 1
  }

  get length(): number {
    return (this.#tail - this.#head) & this.#mask
  }

  push(process: Process): void {
    this.#slots[this.#tail] = process
    this.#tail = (this.#tail + 1) & this.#mask
    if (this.#tail === this.#head) this.#grow()
  }

  /** Puts a process before all others. */
  unshift(process: Process): void {
    this.#head = (this.#head - 1) & this.#mask
    this.#slots[this.#head] = process
    if (this.#tail === this.#head) this.#grow()
  }

  /** Takes the first process; null when there is none. */
  shift(): Process | null {
    const head = this.#head
    if (head === this.#tail) return null
    const slots = this.#slots
    const process = slots[head] ?? null
    slots[head] = null
    this.#head = (head + 1) & this.#mask
    return process
  }

  /** Exchanges the first process with one further behind. */
  bringForward(distance: number): void {
    const slots = this.#slots
    const other = (this.#head + distance) & this.#mask
    const first = slots[this.#head] ?? null
    slots[this.#head] = slots[other] ?? null
    slots[other] = first
  }

  #grow(): void {
    const slots = this.#slots
    const count = slots.length
    const grown = new Array<Process | null>(count * 2).fill(null)
    for (let i = 0; i < count; i++) grown[i] = slots[(this.#head + i) & (count - 1)] ?? null
    this.#slots = grown
    this.#mask = count * 2 - 1
    this.#head = 0
    this.#tail = count
  }
}

const normal = new RunQueue(NORMAL_SLOTS_MIN)
const max = new RunQueue(PRIORITY_SLOTS_MIN)
const high = new RunQueue(PRIORITY_SLOTS_MIN)
const low = new RunQueue(PRIORITY_SLOTS_MIN)
/** By the priority bits of a process. */
const queues: readonly RunQueue[] = [normal, max, high, low]

/** Processes in the queues other than `normal`: mostly there are none. */
let elsewhere = 0
/** Turns of `normal` since the last of `low`. */
let turnsSinceLow = 0
/** Chooses who of those that wait is next, for tests; null for the first. */
let choose: ((waiting: number) => number) | null = null

/** Processes that wait for their turn. */
export function runQueueLength(): number {
  return normal.length + elsewhere
}

export function enqueue(process: Process): void {
  const priority = process.flags & PRIORITY_BITS
  if (priority === 0) normal.push(process)
  else {
    elsewhere++
    queueOf(priority).push(process)
  }
}

/** Puts a process before all others of its priority. */
export function enqueueFirst(process: Process): void {
  const priority = process.flags & PRIORITY_BITS
  if (priority !== 0) elsewhere++
  queueOf(priority).unshift(process)
}

function queueOf(priority: number): RunQueue {
  return queues[priority >> PRIORITY_SHIFT] ?? normal
}

/** Takes the process whose turn it is; null when none waits. */
export function dequeue(): Process | null {
  return elsewhere === 0 && choose === null ? normal.shift() : dequeueOfAll()
}

function dequeueOfAll(): Process | null {
  const queue = queueInTurn()
  if (choose !== null && queue.length > 1) queue.bringForward(choose(queue.length))
  if (queue !== normal) elsewhere--
  return queue.shift()
}

function queueInTurn(): RunQueue {
  if (max.length > 0) return max
  if (high.length > 0) return high
  if (low.length === 0) return normal
  turnsSinceLow++
  if (normal.length > 0 && turnsSinceLow < LOW_PRIORITY_TURNS) return normal
  turnsSinceLow = 0
  return low
}

/**
 * Lets `next` pick whose turn it is by the place among those that wait, `0` to `waiting - 1`; null
 * for first in, first out. For tests that look for what depends on the order of turns: messages
 * between two processes keep theirs.
 */
export function setTurnOrder(next: ((waiting: number) => number) | null): void {
  choose = next
}
