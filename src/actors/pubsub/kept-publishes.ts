// Publishes that wait for a station: the latest of each topic, the topics in the order of their
// latest, all within a bound. When it is reached the topic that was published to longest ago goes.
import type { Realm } from '../../identity/realm.ts'
import { PUBLISH_BYTES_KEPT_MAX, PUBLISHES_KEPT_MAX } from '../../limits.ts'

export interface KeptBounds {
  /** Topics. */
  readonly topicsMax?: number
  readonly bytesMax?: number
}

export class KeptPublishes {
  readonly #topicsMax: number
  readonly #bytesMax: number
  readonly #wires = new Map<string, Uint8Array>()
  #bytes = 0

  constructor({
    topicsMax = PUBLISHES_KEPT_MAX,
    bytesMax = PUBLISH_BYTES_KEPT_MAX,
  }: KeptBounds = {}) {
    this.#topicsMax = topicsMax
    this.#bytesMax = bytesMax
  }

  /** Publishes that wait. */
  get size(): number {
    return this.#wires.size
  }

  keep(realm: Realm, topic: string, wire: Uint8Array): void {
    const key = realm + topic
    this.#drop(key)
    this.#wires.set(key, wire)
    this.#bytes += wire.length
    for (const oldest of this.#wires.keys()) {
      if (this.#wires.size <= this.#topicsMax && this.#bytes <= this.#bytesMax) return
      this.#drop(oldest)
    }
  }

  /** Takes all out, oldest first. */
  take(): Uint8Array[] {
    const wires = [...this.#wires.values()]
    this.#wires.clear()
    this.#bytes = 0
    return wires
  }

  #drop(key: string): void {
    this.#bytes -= this.#wires.get(key)?.length ?? 0
    this.#wires.delete(key)
  }
}
