// Time that stands still until a test moves it.
//
//   await withVirtualTime(async (clock) => {
//     const session = start(new Session({ timeoutMs: 3_600_000 }))
//     await clock.advanceAsync(3_600_000)
//     expect(isAlive(session)).toBe(false)
//   })
import { type Clock, systemClock, VirtualClock } from '../runtime/clock.ts'
import { useClock } from '../runtime/timer.ts'
import { currentClock } from '../runtime/timer-wheel.ts'

/** Runs a test on a virtual clock, and gives the thread its clock back. */
export async function withVirtualTime<T>(
  test: (clock: VirtualClock) => T | Promise<T>,
): Promise<T> {
  const before: Clock = currentClock()
  const clock = new VirtualClock()
  useClock(clock)
  try {
    return await test(clock)
  } finally {
    useClock(before instanceof VirtualClock ? before : systemClock)
  }
}
