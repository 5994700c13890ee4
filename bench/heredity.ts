// Is tuning in the life of a genotype worth its evaluations, and shall what it finds be inherited?
// Evaluations to solution, every trial of every life counted, on the same seeds, with the settings
// that ship: without tuning; with tuning that counts for the fitness alone (`baldwinian`); with
// tuned weights written back (`darwinian`, as DXNN calls it; without plastic neurons `lamarckian`
// is the same). Wilcoxon's signed ranks say whether the difference can be told from chance.
//
//   npm run bench -- heredity [--json] [--seeds 20] [--task xor|spnv|dpv] [--attempts 10]
//     [--population 20]   of those that are tuned: fewer live, each at more cost
//
// The peer of each line is evolution without tuning; a ratio above 1 speaks for tuning.
import { parseArgs } from 'node:util'
import type { HeredityType } from '../src/evolution/agent.ts'
import { problemOf } from '../src/evolution/environment/problem.ts'
import { comparePaired, mean } from '../src/evolution/statistics.ts'
import { settingsFor } from '../src/evolution/strategy/settings.ts'
import { notice, report } from './report.ts'
import { solve } from './workloads/solving.ts'

/** Evaluations after which a run counts as failed, with what it has spent. */
const LIMIT = 30_000

interface Outcome {
  readonly evaluations: readonly number[]
  readonly failed: number
}

function outcomeOf(
  task: string,
  seeds: number,
  { attempts, population }: { readonly attempts: number; readonly population: number },
  heredity?: HeredityType,
): Outcome {
  const problem = problemOf({ task })
  const tuning = heredity && {
    tuningDurationF: { name: 'const' as const, parameter: attempts },
    perturbationRanges: [0.5],
    heredityTypes: [heredity],
  }
  const settings =
    tuning === undefined ? settingsFor(task) : { ...settingsFor(task, population), tuning }
  const runs = Array.from({ length: seeds }, (_, i) => solve(problem, settings, i + 1, LIMIT))
  return {
    evaluations: runs.map(({ solved, evaluations }) => (solved ? evaluations : LIMIT)),
    failed: runs.filter(({ solved }) => !solved).length,
  }
}

function compare(
  task: string,
  seeds: number,
  lives: { readonly attempts: number; readonly population: number },
): void {
  const plain = outcomeOf(task, seeds, lives)
  const told = (name: string, { evaluations, failed }: Outcome): string =>
    `${task} ${name}: mean ${mean(evaluations).toFixed(0)}, ${seeds - failed} of ${seeds} solved`
  notice(told('without tuning', plain))
  for (const heredity of ['baldwinian', 'darwinian'] as const) {
    const tuned = outcomeOf(task, seeds, lives, heredity)
    const { winsOfA, winsOfB, p, better } = comparePaired(tuned.evaluations, plain.evaluations)
    const verdict = better === undefined ? 'no difference' : better === 'a' ? 'better' : 'worse'
    notice(
      `${told(heredity, tuned)}; ${winsOfA} seeds better, ${winsOfB} worse, p ${p.toPrecision(2)}: ` +
        verdict,
    )
    const [value, peerValue] = [mean(tuned.evaluations), mean(plain.evaluations)]
    const figure = { value, peerValue, peer: 'untuned', ratio: peerValue / value }
    report({ name: `${task}-${heredity}`, unit: 'evaluations', ...figure })
    report({ name: `${task}-${heredity}-p`, unit: 'chance', value: p })
  }
}

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    seeds: { type: 'string', default: '20' },
    attempts: { type: 'string', default: '10' },
    population: { type: 'string', default: '20' },
    task: { type: 'string' },
  },
})
const wholeNumber = (name: 'seeds' | 'attempts' | 'population'): number => {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= 1) return value
  throw new RangeError(`--${name} takes a whole number`)
}
const seeds = wholeNumber('seeds')
const lives = { attempts: wholeNumber('attempts'), population: wholeNumber('population') }
for (const task of values.task === undefined ? ['xor', 'spnv', 'dpv'] : [values.task]) {
  compare(task, values.quick === true ? 2 : seeds, lives)
}
