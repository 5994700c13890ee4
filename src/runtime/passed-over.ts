// The messages a process has passed over: those that were there when it waited for others. They
// stand before its mailbox, and whoever receives selectively (receive.ts) looks at them first.
import { NONE } from './mailbox.ts'
import { bumpReductions } from './scheduler.ts'

/** What a process waits for. */
export interface Wanted {
  /** Whether it matches the same messages whenever it is asked. */
  readonly isFixed: boolean
  /** Where the oldest message that fits lies, from a place on, or -1; `NONE` never fits. */
  indexIn(messages: readonly unknown[], from: number): number
}

/** Messages looked at for one reduction: a look costs an eighth of a message. */
const SCAN_SHIFT = 3
/** Holes a list may have before it is worth moving what is left. */
const HOLES_KEPT = 32

/**
 * Messages that nobody wanted yet, in the order of their arrival: one linear segment, in which what
 * is taken from the middle leaves a hole. Holes are squeezed out when they are the majority, so
 * that taking all messages in any order moves each a few times at most.
 */
export class PassedOver {
  #slots: unknown[] = []
  #head = 0
  #count = 0
  /** The spec that has looked at everything before `#seenTo` in vain. */
  #seenBy: Wanted | null = null
  #seenTo = 0

  get count(): number {
    return this.#count
  }

  push(message: unknown): void {
    this.#slots.push(message)
    this.#count++
  }

  /** Takes the oldest message that fits, or returns `NONE`. */
  takeMatch(wait: Wanted): unknown {
    const slots = this.#slots
    const from = this.#seenBy === wait && this.#seenTo > this.#head ? this.#seenTo : this.#head
    const found = wait.indexIn(slots, from)
    const seenTo = found === -1 ? slots.length : found
    bumpReductions((seenTo - from) >> SCAN_SHIFT)
    this.#remember(wait, seenTo)
    if (found === -1) return NONE
    const message = slots[found]
    this.#takeAt(found)
    return message
  }

  /** Takes out all that match. */
  remove(matches: (message: unknown) => boolean): void {
    const kept = this.#slots.filter((message) => message !== NONE && !matches(message))
    this.#replace(kept)
  }

  #remember(wait: Wanted, position: number): void {
    this.#seenBy = wait.isFixed ? wait : null
    this.#seenTo = position
  }

  #takeAt(index: number): void {
    const slots = this.#slots
    slots[index] = NONE
    this.#count--
    if (this.#count === 0) {
      this.#replace([])
      return
    }
    while (slots[this.#head] === NONE) this.#head++
    while (slots[slots.length - 1] === NONE) slots.pop()
    const holes = slots.length - this.#count
    if (holes <= HOLES_KEPT || holes <= this.#count) return
    // Taken in order, all holes lie in front: then the rest is one block.
    const isBlock = holes === this.#head
    this.#replace(isBlock ? slots.slice(holes) : slots.filter((message) => message !== NONE))
  }

  #replace(slots: unknown[]): void {
    this.#slots = slots
    this.#head = 0
    this.#count = slots.length
    this.#seenBy = null
  }
}
