// The queue of a process. Its first message lies in the process record itself (`Process.first`),
// because most mailboxes never hold two; only a second one makes a ring. No message is ever copied.

// V8 compiles a constant into the code that uses it unless it is exported: comparing with an
// exported symbol is a call.
const none: unique symbol = Symbol('no message')

/** Stands where no message is: a message may be any value, `undefined` and `null` too. */
export const NONE: typeof none = none

/**
 * Stands in `first` when the oldest message lies in the ring. A message is not moved from there to
 * the record before it is taken: storing it in one more old object costs the collector's write
 * barrier, a tenth of the price of a message.
 */
const IN_RING: unique symbol = Symbol('in the ring')

const RING_SLOTS_MIN = 8
/**
 * A ring that has grown beyond this is dropped when it empties, so that one burst is not kept for
 * ever.
 */
const RING_SLOTS_KEPT = 1024

/** A growing ring of messages; its capacity is a power of two. */
export class Ring {
  /** Where the oldest message lies. */
  head = 0
  /** Where the next message goes; equal to `head` when the ring is empty. */
  tail = 0
  #slots: unknown[] = new Array<unknown>(RING_SLOTS_MIN).fill(none)

  get length(): number {
    return (this.tail - this.head) & (this.#slots.length - 1)
  }

  get isEmpty(): boolean {
    return this.head === this.tail
  }

  /** Messages it has room for. */
  get capacity(): number {
    return this.#slots.length
  }

  /** Adds a message at the end; returns how many there are now. */
  push(message: unknown): number {
    const slots = this.#slots
    const { tail } = this
    const mask = slots.length - 1
    slots[tail] = message
    const next = (tail + 1) & mask
    this.tail = next
    const length = (next - this.head) & mask
    if (length !== 0) return length
    this.#grow()
    return mask + 1
  }

  /** Puts a message before all others. */
  unshift(message: unknown): void {
    this.head = (this.head - 1) & (this.#slots.length - 1)
    this.#slots[this.head] = message
    if (this.tail === this.head) this.#grow()
  }

  /** Takes the oldest message; the ring must not be empty. */
  shift(): unknown {
    const slots = this.#slots
    const { head } = this
    const message = slots[head]
    slots[head] = none
    const next = (head + 1) & (slots.length - 1)
    this.head = next
    if (next === this.tail && slots.length > RING_SLOTS_KEPT) {
      this.#slots = new Array<unknown>(RING_SLOTS_MIN).fill(none)
      this.head = 0
      this.tail = 0
    }
    return message
  }

  #grow(): void {
    const slots = this.#slots
    const count = slots.length
    const grown = new Array<unknown>(count * 2)
    for (let i = 0; i < count; i++) grown[i] = slots[(this.head + i) & (count - 1)]
    for (let i = count; i < count * 2; i++) grown[i] = none
    this.#slots = grown
    this.head = 0
    this.tail = count
  }
}

/** What holds messages: a process, seen from its mailbox. */
export interface Mailbox {
  first: unknown
  queue: Ring | null
}

/** Adds a message at the end; returns how many wait behind the first. */
export function put(mailbox: Mailbox, message: unknown): number {
  if (mailbox.first === none) {
    mailbox.first = message
    return 0
  }
  let queue = mailbox.queue
  if (queue === null) {
    queue = new Ring()
    mailbox.queue = queue
  }
  return queue.push(message)
}

/** Adds a message before all others. */
export function putFront(mailbox: Mailbox, message: unknown): void {
  if (mailbox.first === none) {
    mailbox.first = message
    return
  }
  mailbox.queue ??= new Ring()
  if (mailbox.first !== IN_RING) mailbox.queue.unshift(mailbox.first)
  mailbox.first = message
}

/** Takes the first message, or `NONE`. */
export function take(mailbox: Mailbox): unknown {
  const { first, queue } = mailbox
  if (first === none) return none
  if (first === IN_RING) return takeFromRing(mailbox)
  mailbox.first = queue !== null && !queue.isEmpty ? IN_RING : none
  return first
}

function takeFromRing(mailbox: Mailbox): unknown {
  const queue = mailbox.queue as Ring
  const message = queue.shift()
  if (queue.isEmpty) mailbox.first = none
  return message
}

/** Takes out the oldest message that matches, or returns `NONE`; cheap when it lies in front. */
export function takeFirst(mailbox: Mailbox, matches: (message: unknown) => boolean): unknown {
  const before: unknown[] = []
  let message = take(mailbox)
  while (message !== none && !matches(message)) {
    before.push(message)
    message = take(mailbox)
  }
  for (const other of before.reverse()) putFront(mailbox, other)
  return message
}

/** Takes out all messages that match, wherever they lie; for `flush`, not for hot paths. */
export function remove(mailbox: Mailbox, matches: (message: unknown) => boolean): void {
  const kept: unknown[] = []
  for (let message = take(mailbox); message !== none; message = take(mailbox)) {
    if (!matches(message)) kept.push(message)
  }
  for (const message of kept) put(mailbox, message)
}

/** How many messages wait. */
export function mailboxLength(mailbox: Mailbox): number {
  if (mailbox.first === none) return 0
  const queued = mailbox.queue?.length ?? 0
  return mailbox.first === IN_RING ? queued : 1 + queued
}
