// How long to wait before a station is dialled again: longer after each failure, up to a limit, and
// never the same for all, or the clients of a restarted station would come back as one.
//
//   const delayMs = backOffMs(BACK_OFF_LAN, failures, random)
import {
  BACK_OFF_LAN_FIRST_MS,
  BACK_OFF_LAN_MOST_MS,
  BACK_OFF_WIDE_FIRST_MS,
  BACK_OFF_WIDE_MOST_MS,
} from '../limits.ts'
import type { Random } from '../runtime/random.ts'

export interface BackOff {
  /** Milliseconds before the first new attempt. */
  readonly firstMs: number
  /** Each wait is so many times the one before. */
  readonly factor: number
  /** Milliseconds that no wait exceeds. */
  readonly mostMs: number
  /** The part of a wait, 0 to 1, that chance may take away. */
  readonly jitter: number
}

/** For a local network: 200 ms to 10 s. */
export const BACK_OFF_LAN: BackOff = {
  firstMs: BACK_OFF_LAN_FIRST_MS,
  factor: 2,
  mostMs: BACK_OFF_LAN_MOST_MS,
  jitter: 0.5,
}

/** For the internet: 1 to 60 s (Macula protocol, section 3). */
export const BACK_OFF_WIDE: BackOff = {
  firstMs: BACK_OFF_WIDE_FIRST_MS,
  factor: 2,
  mostMs: BACK_OFF_WIDE_MOST_MS,
  jitter: 0.5,
}

/**
 * Milliseconds to wait after so many failures in a row, counted from 1.
 * @param random draws one number
 */
export function backOffMs(backOff: BackOff, failures: number, random: Random): number {
  const { firstMs, factor, mostMs, jitter } = backOff
  const delayMs = Math.min(mostMs, firstMs * factor ** Math.max(0, failures - 1))
  return delayMs * (1 - jitter * random.next())
}
