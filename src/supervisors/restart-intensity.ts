// How often a supervisor may restart before it gives up: at most `intensity` restarts within
// `periodMs` (Erlang/OTP design principles, "Maximum Restart Intensity"). The times of the last
// `intensity` restarts lie in a ring: a further one is allowed when the oldest of them is out of
// the period, which is one comparison.
import { RESTART_INTENSITY_MAX } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { countRestart } from '../runtime/statistics.ts'

export class RestartIntensity {
  readonly intensity: number
  readonly periodMs: number
  /** Times of the last restarts; grows up to `intensity`, then turns. */
  readonly #times: number[] = []
  #oldest = 0

  constructor(intensity: number, periodMs: number) {
    if (!Number.isInteger(intensity) || intensity < 0 || intensity > RESTART_INTENSITY_MAX) {
      const advice = `give an integer from 0 to ${RESTART_INTENSITY_MAX}`
      throw badIntensity(`intensity ${intensity}`, advice, { intensity })
    }
    if (!(periodMs > 0)) {
      throw badIntensity(`period of ${periodMs} ms`, 'give milliseconds above 0', { periodMs })
    }
    this.intensity = intensity
    this.periodMs = periodMs
  }

  /** Records a restart at `nowMs`, which must not run backwards; whether it is still allowed. */
  allows(nowMs: number): boolean {
    const times = this.#times
    if (times.length < this.intensity) {
      times.push(nowMs)
      countRestart()
      return true
    }
    const oldest = times[this.#oldest]
    if (oldest === undefined || nowMs - oldest <= this.periodMs) return false
    times[this.#oldest] = nowMs
    this.#oldest = (this.#oldest + 1) % this.intensity
    countRestart()
    return true
  }

  /** Restarts that would still be allowed at `nowMs`. */
  left(nowMs: number): number {
    // Only for reports, which are rare: it looks at all.
    const recent = this.#times.filter((timeMs) => nowMs - timeMs <= this.periodMs)
    return this.intensity - recent.length
  }
}

function badIntensity(message: string, advice: string, request: object): ArborError {
  const attempt = { operation: 'restart intensity', request }
  return new ArborError('bad_intensity', message, advice, attempt)
}
