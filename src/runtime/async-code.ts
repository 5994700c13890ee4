// Where the code of async processes meets the rest of the kernel: which of them runs while no
// process has its turn, and how to run what is not its code although it is the cause of it. Async
// processes themselves (async-process.ts) lie above; without any of them both are a comparison.
import type { Process } from './pid.ts'

/**
 * Finds the async process whose code runs outside of turns; null as long as there are none of that
 * kind. It throws when that process has ended.
 */
export let findAsyncCaller: (() => Process | null) | null = null

let leave: (run: () => void) => void = (run) => run()

/** Async processes begin to exist. */
export function onAsyncCode(
  find: () => Process | null,
  runOutside: (run: () => void) => void,
): void {
  findAsyncCaller = find
  leave = runOutside
}

/** Runs what is not the code of the async process that is its cause, such as turns of others. */
export function leaveAsyncCode(run: () => void): void {
  leave(run)
}
