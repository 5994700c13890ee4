// Where the golden vectors of the evolution engine lie: other people's programs computed them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const folder = process.env.ARBOR_NEURO_VECTORS ?? join(import.meta.dirname, 'neuro-vectors')

/** The vectors of one file; `T` is its schema as the tests use it. */
export async function neuroVectors<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as T
}

/** Largest difference relative to max(1, |expected|). */
export function deviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!))
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
  }
  return worst
}
