// How peers are compared: warmed up, then in turn, several rounds each, in one process; the median
// counts. CPU time, with that of the collector's and compiler's threads, because the machine may be
// shared.
import { median } from '../report.ts'

const ROUNDS = 5
const WARM_UPS = 2

export interface Contestant {
  readonly name: string
  /** Messages, calls, processes of one round. */
  readonly units: number
  readonly round: () => Promise<void> | void
}

/** CPU nanoseconds a unit, the median of the rounds, in the order of the contestants. */
export async function compare(...contestants: Contestant[]): Promise<number[]> {
  for (let i = 0; i < WARM_UPS; i++) for (const { round } of contestants) await round()
  const figures = contestants.map((): number[] => [])
  for (let i = 0; i < ROUNDS; i++) {
    for (const [which, { units, round }] of contestants.entries()) {
      const before = process.cpuUsage()
      await round()
      const { user, system } = process.cpuUsage(before)
      figures[which]?.push(((user + system) * 1000) / units)
    }
  }
  return figures.map(median)
}
