// Frames that wait for a peer to take them. A peer that is too slow must cost neither memory nor
// the others' time: events and publishes beyond the bound push out the oldest of their kind. Those
// are stale first, and the oldest of all belongs to the topic that has waited longest. Other frames
// are never dropped and go first, so that a PONG does not wait behind a backlog of events.
//
//   queue.pushEvent(wire)                     // frames that were dropped for it
//   for (let wire = queue.shift(); wire !== undefined && stream.write(wire); wire = queue.shift());
import {
  OUTBOUND_CONTROL_FRAMES_MAX,
  OUTBOUND_EVENT_BYTES_MAX,
  OUTBOUND_EVENTS_MAX,
} from '../limits.ts'

export interface OutboundBounds {
  /** Events and publishes that may wait. */
  readonly eventsMax?: number
  /** Bytes of them; a single larger one may wait alone. */
  readonly eventBytesMax?: number
  /** Other frames that may wait. */
  readonly controlFramesMax?: number
}

export class OutboundQueue {
  readonly #control = new Fifo()
  readonly #events = new Fifo()
  readonly #bounds: Required<OutboundBounds>
  #eventBytes = 0

  constructor(bounds: OutboundBounds = {}) {
    this.#bounds = {
      eventsMax: bounds.eventsMax ?? OUTBOUND_EVENTS_MAX,
      eventBytesMax: bounds.eventBytesMax ?? OUTBOUND_EVENT_BYTES_MAX,
      controlFramesMax: bounds.controlFramesMax ?? OUTBOUND_CONTROL_FRAMES_MAX,
    }
  }

  /** Frames that wait. */
  get length(): number {
    return this.#control.length + this.#events.length
  }

  /** Bytes of events and publishes that wait. */
  get eventBytes(): number {
    return this.#eventBytes
  }

  /** Adds an EVENT or PUBLISH; returns how many older ones had to go. */
  pushEvent(wire: Uint8Array): number {
    const { eventsMax, eventBytesMax } = this.#bounds
    let droppedCount = 0
    while (
      this.#events.length > 0 &&
      (this.#events.length >= eventsMax || this.#eventBytes + wire.length > eventBytesMax)
    ) {
      this.#eventBytes -= this.#events.shift()?.length ?? 0
      droppedCount++
    }
    this.#events.push(wire)
    this.#eventBytes += wire.length
    return droppedCount
  }

  /** Adds any other frame; false when too many wait: the peer takes nothing at all. */
  pushControl(wire: Uint8Array): boolean {
    if (this.#control.length >= this.#bounds.controlFramesMax) return false
    this.#control.push(wire)
    return true
  }

  /** Takes the next frame to write; undefined when none waits. */
  shift(): Uint8Array | undefined {
    const control = this.#control.shift()
    if (control !== undefined) return control
    const event = this.#events.shift()
    this.#eventBytes -= event?.length ?? 0
    return event
  }
}

/** First in, first out; an array whose spent front is cut off now and then. */
class Fifo {
  #items: Uint8Array[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Uint8Array): void {
    this.#items.push(item)
  }

  shift(): Uint8Array | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head] = SPENT
    this.#head++
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}

const SPENT: Uint8Array = new Uint8Array(0)
