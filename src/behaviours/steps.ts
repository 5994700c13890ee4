// Work that may take time, or not: a generator that yields a promise only when there is one. Run,
// it ends at once if it never yields; so a behaviour whose callbacks are synchronous stays in its
// turn, and one that awaits is written the same way.
import { DEAD, type Process } from '../runtime/pid.ts'
import { enter } from '../runtime/scheduler.ts'

/** Steps that yield the promises they have to wait for. */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>

/**
 * Runs steps: to the end at once if they never yield, otherwise as a promise. With `within`, what
 * comes after a wait runs as that process, too (`self` works), and not at all once it has ended.
 */
export function run<T>(steps: Steps<T>, within?: Process): T | Promise<T> {
  const first = steps.next()
  return first.done === true ? first.value : runLater(steps, first.value, within)
}

async function runLater<T>(
  steps: Steps<T>,
  waitFor: Promise<unknown>,
  within: Process | undefined,
): Promise<T> {
  let pending = waitFor
  for (;;) {
    let next: () => IteratorResult<Promise<unknown>, T>
    try {
      const value = await pending
      next = () => steps.next(value)
    } catch (error) {
      next = () => steps.throw(error)
    }
    // What it waited for is nobody's any more, as is its promise.
    if (within?.status === DEAD) return new Promise<never>(() => {})
    const step = within === undefined ? next() : inTurnOf(within, next)
    if (step.done === true) return step.value
    pending = step.value
  }
}

function inTurnOf<T>(process: Process, act: () => T): T {
  const interrupted = enter(process)
  try {
    return act()
  } finally {
    enter(interrupted)
  }
}
