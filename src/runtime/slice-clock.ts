// When the slice of a turn of Node's event loop is over, and how often to look: a look at the clock
// costs as much as a message, so it is taken every so many reductions, fewer while callbacks are
// slow.
import { CLOCK_CHECK_REDUCTIONS, SLICE_MS } from '../limits.ts'
import { systemClock } from './clock.ts'

let sliceEndMs = 0
/** When the clock was last looked at. */
let checkedMs = 0
/** Reductions between two looks at the clock. */
let checkEvery: number = CLOCK_CHECK_REDUCTIONS

/** Begins a slice; returns the reductions until the first look. */
export function beginSlice(): number {
  checkedMs = systemClock.now()
  sliceEndMs = checkedMs + SLICE_MS
  return checkEvery
}

/** Reductions until the next look, as of the last. */
export function nextCheck(): number {
  return checkEvery
}

/**
 * Looks at the clock, `left` reductions before (or, negative, after) it was due; whether the slice
 * is over. Decides when to look again: after a quarter of a slice, at the speed of late, so that
 * slow callbacks do not keep the event loop waiting for a whole turn of them. A look interrupts a
 * turn but never shortens it: the order of events does not depend on real time.
 */
export function isSliceOver(left: number): boolean {
  const nowMs = systemClock.now()
  const spentMs = Math.max(nowMs - checkedMs, Number.MIN_VALUE)
  const quarter = Math.floor(((checkEvery - left) * SLICE_MS) / (4 * spentMs))
  checkEvery = Math.min(CLOCK_CHECK_REDUCTIONS, Math.max(1, quarter))
  checkedMs = nowMs
  return nowMs >= sliceEndMs
}
