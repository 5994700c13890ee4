// Looks for bugs that depend on who has its turn first. Every message of a program is handled in a
// turn of its own, and a seed decides whose turn comes next; messages between two processes keep
// their order, as always. A failure names its seed, and that seed fails again.
//
//   await interleave({ runs: 200 }, async () => {
//     const account = start(new Account())
//     await Promise.all([withdraw(account, 60), withdraw(account, 60)])
//     expect(await balance(account)).toBeGreaterThanOrEqual(0)
//   })
//
// What waits for a socket, a file or real time is not decided here: use a virtual clock, and no
// I/O.
import { INTERLEAVINGS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { seededRandom } from '../runtime/random.ts'
import { setTurnOrder } from '../runtime/run-queue.ts'
import { limitTurns, runUntilIdle } from '../runtime/scheduler.ts'

export interface InterleavingOptions {
  /** Seed of the first run, default 1; the others follow. */
  readonly seed?: number
  /** How many orders are tried, default INTERLEAVINGS; 1 repeats the one of `seed`. */
  readonly runs?: number
}

/**
 * Runs a test under many orders of turns, one after the other. Rejects with code `interleaving` at
 * the first that fails; its message names the seed, its cause is the failure.
 */
export async function interleave(
  { seed = 1, runs = INTERLEAVINGS }: InterleavingOptions,
  test: (seed: number) => void | Promise<void>,
): Promise<void> {
  for (let run = 0; run < runs; run++) await runSeed(seed + run, test)
}

async function runSeed(seed: number, test: (seed: number) => void | Promise<void>): Promise<void> {
  const random = seededRandom(seed)
  setTurnOrder((waiting) => random.integer(waiting))
  limitTurns(1)
  try {
    await test(seed)
    runUntilIdle()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const advice = `repeat it with interleave({ seed: ${seed}, runs: 1 }, …)`
    const attempt = { operation: 'interleave', request: seed }
    throw new ArborError('interleaving', `fails with seed ${seed}: ${why}`, advice, attempt, cause)
  } finally {
    setTurnOrder(null)
    limitTurns()
  }
}
