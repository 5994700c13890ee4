// The only place where the time is read. A clock is an argument: production passes `systemClock`, a
// test passes a `VirtualClock` and moves it by hand, so that an hour of timeouts takes no time and
// always happens in the same order.
//
//   const clock = new VirtualClock()
//   clock.timer(1000, () => wakes.push('second'))
//   clock.advance(1000)

/** Undoes what returned it; a second call does nothing. */
export interface Cancel {
  cancel(): void
}

export interface Clock {
  /** Monotonic milliseconds, fractional; the origin means nothing. */
  now(): number
  /** Milliseconds since 1970, for timestamps that leave the process. It may jump. */
  wallNow(): number
  /**
   * Calls `wake` once, `delayMs` or a little more from now. With `unref` the timer does not keep
   * the Node process alive.
   */
  timer(delayMs: number, wake: () => void, options?: { unref?: boolean }): Cancel
}

/** Node cannot wait longer at once (2^31 - 1 ms); longer waits are chained. */
const NODE_TIMER_MS_MAX = 2_147_483_647

class SystemTimer implements Cancel {
  readonly #wake: () => void
  readonly #unref: boolean
  #remainingMs: number
  #timeout: NodeJS.Timeout

  constructor(delayMs: number, wake: () => void, unref: boolean) {
    this.#wake = wake
    this.#unref = unref
    this.#remainingMs = Math.max(0, delayMs)
    this.#timeout = this.#wait()
  }

  #wait(): NodeJS.Timeout {
    const delayMs = Math.min(this.#remainingMs, NODE_TIMER_MS_MAX)
    this.#remainingMs -= delayMs
    const timeout = setTimeout(() => {
      if (this.#remainingMs > 0) this.#timeout = this.#wait()
      else this.#wake()
    }, delayMs)
    if (this.#unref) timeout.unref()
    return timeout
  }

  cancel(): void {
    clearTimeout(this.#timeout)
  }
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  timer: (delayMs, wake, options) => new SystemTimer(delayMs, wake, options?.unref === true),
}

interface VirtualTimer extends Cancel {
  readonly dueMs: number
  /** Decides between timers that are due at the same time: first made, first woken. */
  readonly order: number
  readonly wake: () => void
}

/** A clock that stands still until it is told to move. */
export class VirtualClock implements Clock {
  /**
   * Called after each timer that fired, before the next: the scheduler runs its processes here,
   * so that what they arm in turn fires in the same `advance`.
   */
  afterWake: (() => void) | null = null
  #nowMs: number
  #order = 0
  #timers: VirtualTimer[] = []
  readonly #wallOriginMs: number

  constructor(options: { nowMs?: number; wallOriginMs?: number } = {}) {
    this.#nowMs = options.nowMs ?? 0
    this.#wallOriginMs = options.wallOriginMs ?? 1_700_000_000_000
  }

  now(): number {
    return this.#nowMs
  }

  wallNow(): number {
    return this.#wallOriginMs + Math.floor(this.#nowMs)
  }

  timer(delayMs: number, wake: () => void): Cancel {
    const timer: VirtualTimer = {
      dueMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      wake,
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      },
    }
    this.#timers.push(timer)
    return timer
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length
  }

  /** Moves the time and runs what becomes due, in order of time, each at its own time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    this.afterWake?.()
    while (this.#wakeNext(endMs)) this.afterWake?.()
    this.#nowMs = endMs
  }

  /**
   * The same for code that awaits: after each timer all promises that can settle do so (one turn
   * of Node's event loop), so that what they arm fires too.
   */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await this.#settle()
    while (this.#wakeNext(endMs)) await this.#settle()
    this.#nowMs = endMs
  }

  async #settle(): Promise<void> {
    this.afterWake?.()
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.afterWake?.()
  }

  #wakeNext(endMs: number): boolean {
    let next: VirtualTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue
      const isEarlier = next === undefined || timer.dueMs < next.dueMs
      if (isEarlier || (timer.dueMs === next?.dueMs && timer.order < next.order)) next = timer
    }
    if (next === undefined) return false
    next.cancel()
    this.#nowMs = Math.max(this.#nowMs, next.dueMs)
    next.wake()
    return true
  }
}
