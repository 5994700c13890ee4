// Several ways to do the same work, in one process, taking turns: a round of each, then again; CPU
// time of this thread, so that others on the machine disturb as little as can be.
//
//   const figures = measure([{ name: 'f64', units: 1_024, run }, ...])   // figures.get('f64') in ns
//
// Where one side's code must not run in the other's compiler, ask as question.ts does.
import { isQuick, median } from './report.ts'

const ROUNDS = isQuick ? 1 : 7
const ROUND_NANOSECONDS = isQuick ? 2e6 : 1e8

export interface Side {
  readonly name: string
  /** Units of work of one run. */
  readonly units: number
  readonly run: () => void
}

function cpuNanoseconds(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) * 1_000
}

/** CPU nanoseconds a unit of each side, by name: the medians of the rounds. */
export function measure(sides: readonly Side[]): Map<string, number> {
  const turns = sides.map(({ run }) => {
    let count = 1
    for (;;) {
      const took = cpuNanoseconds(() => {
        for (let i = 0; i < count; i++) run()
      })
      if (took > ROUND_NANOSECONDS / 5) return Math.ceil((count * ROUND_NANOSECONDS) / took)
      count *= 2
    }
  })
  const times = sides.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    sides.forEach(({ run, units }, s) => {
      const count = turns[s]!
      const took = cpuNanoseconds(() => {
        for (let i = 0; i < count; i++) run()
      })
      times[s]!.push(took / (count * units))
    })
  }
  return new Map(sides.map(({ name }, s) => [name, median(times[s]!)]))
}
