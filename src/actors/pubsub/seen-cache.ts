// Which events have been seen: a window of time and a bound on memory, both kept by two generations
// of sets. When the younger one is old or full it becomes the elder, and the elder is forgotten. So
// an event is known again for at least `windowMs` (sooner only under a flood, when the bound wins)
// and for at most twice that.
//
//   if (!seen.add(publisher, seq, clock.now())) return       // a duplicate

export interface SeenCacheOptions {
  /** Milliseconds for which an event is known again. */
  readonly windowMs: number
  /** Events remembered at most. */
  readonly entriesMax: number
}

type Generation = Map<string, Set<number>>

export class SeenCache {
  readonly #options: SeenCacheOptions
  #younger: Generation = new Map()
  #elder: Generation = new Map()
  #youngerSize = 0
  #elderSize = 0
  #turnedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SeenCacheOptions) {
    this.#options = options
  }

  /** Events remembered. */
  get size(): number {
    return this.#youngerSize + this.#elderSize
  }

  /** Whether an event has been seen. */
  has(source: string, seq: number, nowMs: number): boolean {
    this.#turn(nowMs)
    return (
      this.#younger.get(source)?.has(seq) === true || this.#elder.get(source)?.has(seq) === true
    )
  }

  /**
   * Remembers an event; false when it was seen before.
   * @param source whose `seq` it is: the publisher, with its realm where the same numbers may recur
   */
  add(source: string, seq: number, nowMs: number): boolean {
    if (this.has(source, seq, nowMs)) return false
    const ofSource = this.#younger.get(source)
    if (ofSource === undefined) this.#younger.set(source, new Set([seq]))
    else ofSource.add(seq)
    this.#youngerSize++
    return true
  }

  #turn(nowMs: number): void {
    const { windowMs, entriesMax } = this.#options
    const elapsedMs = nowMs - this.#turnedAtMs
    if (elapsedMs < windowMs && this.#youngerSize * 2 < entriesMax) return
    const isAllOld = elapsedMs >= 2 * windowMs
    this.#elder = isAllOld ? new Map() : this.#younger
    this.#elderSize = isAllOld ? 0 : this.#youngerSize
    this.#younger = new Map()
    this.#youngerSize = 0
    // By the time that should have passed, not by when we happened to look: else windows would
    // grow.
    this.#turnedAtMs = elapsedMs >= windowMs && !isAllOld ? this.#turnedAtMs + windowMs : nowMs
  }
}
