// Things that will happen, in order of their time; those of the same time in the order they were
// added. A binary heap (Williams, "Algorithm 232: Heapsort", 1964), because the simulator holds
// many thousands.

interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

export class EventQueue {
  readonly #heap: Event[] = []
  #order = 0

  /** When the first event is due; undefined when there is none. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs
  }

  get size(): number {
    return this.#heap.length
  }

  add(atMs: number, run: () => void): void {
    const heap = this.#heap
    const event = { atMs, order: this.#order++, run }
    let index = heap.length
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex]
      if (parent === undefined || isBefore(parent, event)) break
      heap[index] = parent
      index = parentIndex
    }
    heap[index] = event
  }

  /** Takes the first event out if it is due; undefined when none is. */
  takeDue(nowMs: number): (() => void) | undefined {
    const heap = this.#heap
    const first = heap[0]
    if (first === undefined || first.atMs > nowMs) return undefined
    const last = heap.pop()
    if (last !== undefined && last !== first) this.#sink(last)
    return first.run
  }

  /** Puts an event at the root and lets it sink to its place. */
  #sink(event: Event): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || isBefore(event, child)) break
      heap[index] = child
      index = 2 * index + (isRight ? 2 : 1)
    }
    heap[index] = event
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
