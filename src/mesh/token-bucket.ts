// How much of something a peer may do: a token bucket (Turner, "New directions in communications",
// 1986). It fills at a rate up to a burst, and whatever is done takes tokens out.
//
//   const bucket = new TokenBucket({ perSecond: 100, burst: 500 }, clock.now())
//   if (!bucket.take(1, clock.now())) drop(frame)

/** A long-term rate and what may come at once after quiet times. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #filledAtMs: number

  /** A full bucket. */
  constructor(rate: Rate, nowMs: number) {
    if (!(rate.perSecond > 0 && rate.burst > 0)) {
      throw new RangeError(`a rate and a burst are above 0, not ${rate.perSecond}, ${rate.burst}`)
    }
    this.#rate = rate
    this.#tokens = rate.burst
    this.#filledAtMs = nowMs
  }

  /**
   * Takes tokens if so many are there; otherwise none, and false. What is larger than the burst
   * passes when the bucket is full, and leaves a debt: it must pass at some time.
   */
  take(count: number, nowMs: number): boolean {
    this.#fill(nowMs)
    if (this.#tokens < Math.min(count, this.#rate.burst)) return false
    this.#tokens -= count
    return true
  }

  /** Takes tokens for what has happened already; milliseconds to wait until the debt is paid. */
  spend(count: number, nowMs: number): number {
    this.#fill(nowMs)
    this.#tokens -= count
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#rate.perSecond
  }

  #fill(nowMs: number): void {
    const { perSecond, burst } = this.#rate
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs)
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perSecond) / 1000)
    this.#filledAtMs = nowMs
  }
}
