// A promise and the patience for it, on the clock of the wheel: for what must end in order, but not
// at any price.
import { arm, disarm, WheelTimer } from '../../runtime/timer-wheel.ts'

class Alarm extends WheelTimer {
  readonly #ring: () => void

  constructor(ring: () => void) {
    super()
    this.#ring = ring
  }

  expire(): void {
    this.#ring()
  }
}

/** What a promise that never rejects brings, or `timeout` when it takes too long. */
export function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | 'timeout'> {
  return new Promise((resolve) => {
    const alarm = new Alarm(() => resolve('timeout'))
    arm(alarm, timeoutMs)
    void promise.then((value) => {
      disarm(alarm)
      resolve(value)
    })
  })
}
