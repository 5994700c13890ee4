// Is mutation that adapts itself worth having? Evaluations to solution with it and without, on the
// same seeds, with the settings that ship; Wilcoxon's signed ranks say whether the difference can be
// told from chance.
//
//   npm run bench -- adaptation [--json] [--seeds 20] [--first 1] [--task xor|dpv|dpnv|...]
//     [--only chain] [--settings '{"learningRate":0.1}']
//
// The peer of each line is mutation that does not adapt; a ratio above 1 speaks for adaptation.
// `--settings` changes those of meta-control.
import { parseArgs } from 'node:util'
import { problemOf } from '../src/evolution/environment/problem.ts'
import type { MetaControlSettings } from '../src/evolution/meta-control/meta-controller.ts'
import { comparePaired, mean } from '../src/evolution/statistics.ts'
import type { AdaptationSettings } from '../src/evolution/strategy/adaptation.ts'
import { settingsFor } from '../src/evolution/strategy/settings.ts'
import { notice, report } from './report.ts'
import { type Run, solve } from './workloads/solving.ts'

/** Evaluations after which a run counts as failed, with what it has spent. */
const LIMIT = 60_000

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    task: { type: 'string' },
    only: { type: 'string' },
    settings: { type: 'string', default: '{}' },
  },
})

const changes: Partial<MetaControlSettings> = JSON.parse(values.settings)
const control: MetaControlSettings = { kind: 'meta_control', ...changes }

/** What is compared with mutation that does not adapt, by name. */
const adaptations: Readonly<Record<string, AdaptationSettings>> = {
  one_fifth: { kind: 'one_fifth' },
  self_adaptive: { kind: 'self_adaptive' },
  // Rules alone, networks alone, both.
  task_silo: { ...control, silos: ['task'] },
  chain: { ...control, silos: ['chain'] },
  meta_control: control,
}

function runsOf(task: string, adaptation?: AdaptationSettings): readonly Run[] {
  const problem = problemOf({ task })
  const settings = settingsFor(task)
  const reproduction = { ...settings.reproduction, ...(adaptation && { adaptation }) }
  return Array.from({ length: seeds }, (_, i) => {
    return solve(problem, { ...settings, reproduction }, first + i, LIMIT)
  })
}

const spent = (runs: readonly Run[]): number[] => runs.map(({ evaluations }) => evaluations)

function compare(task: string): void {
  const fixed = spent(runsOf(task))
  for (const [name, adaptation] of Object.entries(adaptations)) {
    if (values.only !== undefined && values.only !== name) continue
    const runs = runsOf(task, adaptation)
    const adaptive = spent(runs)
    const { winsOfA, winsOfB, p, better } = comparePaired(adaptive, fixed)
    const verdict = better === undefined ? 'no difference' : better === 'a' ? 'better' : 'worse'
    const failed = runs.filter(({ solved }) => !solved).length
    notice(
      `${task} ${name}: ${winsOfA} seeds better, ${winsOfB} worse, p ${p.toFixed(3)}: ${verdict}` +
        (failed > 0 ? `, ${failed} not solved` : ''),
    )
    const [value, peerValue] = [mean(adaptive), mean(fixed)]
    const figure = { value, peerValue, peer: 'fixed', ratio: peerValue / value }
    report({ name: `${task}-${name}`, unit: 'evaluations', ...figure })
  }
}

const [seeds, first] = [Number(values.seeds), Number(values.first)]
if (!Number.isInteger(seeds) || seeds < 1) throw new RangeError('--seeds takes a whole number')
if (!Number.isInteger(first)) throw new RangeError('--first takes a whole number')
for (const task of values.task?.split(',') ?? ['xor', 'dpv', 'dpnv', 'parity3']) compare(task)
