// Is mutation that adapts its own strength worth having? Evaluations to solution with it and
// without, on the same seeds, with the settings that ship; Wilcoxon's signed ranks say whether the
// difference can be told from chance.
//
//   npm run bench -- adaptation [--json] [--seeds 20] [--task xor|dpv|dpnv]
//
// The peer of each line is mutation that does not adapt; a ratio above 1 speaks for adaptation.
import { parseArgs } from 'node:util'
import { problemOf } from '../src/evolution/environment/problem.ts'
import { comparePaired } from '../src/evolution/statistics.ts'
import type { AdaptationSettings } from '../src/evolution/strategy/adaptation.ts'
import { settingsFor } from '../src/evolution/strategy/settings.ts'
import { notice, report } from './report.ts'
import { solve } from './workloads/solving.ts'

/** Evaluations after which a run counts as failed, with what it has spent. */
const LIMIT = 60_000

function evaluationsOf(task: string, seeds: number, adaptation?: AdaptationSettings): number[] {
  const problem = problemOf({ task })
  const settings = settingsFor(task)
  const reproduction = { ...settings.reproduction, ...(adaptation && { adaptation }) }
  return Array.from({ length: seeds }, (_, i) => {
    return solve(problem, { ...settings, reproduction }, i + 1, LIMIT).evaluations
  })
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length

function compare(task: string, seeds: number): void {
  const fixed = evaluationsOf(task, seeds)
  for (const kind of ['one_fifth', 'self_adaptive'] as const) {
    const adaptive = evaluationsOf(task, seeds, { kind })
    const { winsOfA, winsOfB, p, better } = comparePaired(adaptive, fixed)
    const verdict = better === undefined ? 'no difference' : better === 'a' ? 'better' : 'worse'
    notice(
      `${task} ${kind}: ${winsOfA} seeds better, ${winsOfB} worse, p ${p.toFixed(3)}: ${verdict}`,
    )
    const [value, peerValue] = [mean(adaptive), mean(fixed)]
    const figure = { value, peerValue, peer: 'fixed', ratio: peerValue / value }
    report({ name: `${task}-${kind}`, unit: 'evaluations', ...figure })
  }
}

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    seeds: { type: 'string', default: '20' },
    task: { type: 'string' },
  },
})
const seeds = Number(values.seeds)
if (!Number.isInteger(seeds) || seeds < 1) throw new RangeError('--seeds takes a whole number')
for (const task of values.task === undefined ? ['xor', 'dpv', 'dpnv'] : [values.task]) {
  compare(task, seeds)
}
