// How many evaluations until a problem is solved, over seeds, with the settings that ship? One
// process, plain loops; whole generations are counted, the tests of champions are not, as in the
// literature.
//
//   npm run bench -- solve [--json] [--seeds 20] [--task xor|cartpole|dpv|dpnv|maze...]
//                          [--strategy generational|steady_state|rtneat|islands|hall_of_fame|
//                                      novelty|map_elites]
//                          [--substrate hyperneat|es_hyperneat|JSON] [--evaluations 30000]
//
// `generational` is NEAT, and the default. Where a strategy asks for a few genotypes at a time, one
// is tested when it is better than the last generation's worth of them: as often as a champion of a
// generation would be. `tests` says how many were.
//
// With a substrate (docs/substrates.md) the genotypes are CPPNs, and `hidden` counts their neurons.
//
// Success is the literature's: XOR all four outputs on the right side of one half (sigmoid only);
// pole tasks by `Problem.verify`, asked of the best genotype of each generation that `evaluate`
// calls solved. Published means: Stanley & Miikkulainen 2002; Gomez, Schmidhuber & Miikkulainen
// 2008.
import { parseArgs } from 'node:util'
import { parseSubstrate } from '../src/cli/options.ts'
import { problemOf, taskNames } from '../src/evolution/environment/problem.ts'
import type { EvolutionSettings } from '../src/evolution/evolution-settings.ts'
import { settingsFor } from '../src/evolution/strategy/settings.ts'
import { isFit, strategyFor } from '../src/evolution/strategy/strategy-for.ts'
import { median, notice, report } from './report.ts'
import { type Run, solve } from './workloads/solving.ts'

/** Evaluations after which a run counts as failed. */
const limits: Readonly<Record<string, number>> = {
  xor: 200 * 150,
  cartpole: 30_000,
  dpv: 60_000,
  dpnv: 60_000,
  maze: 50_000,
  maze_medium: 50_000,
}

/** Mean evaluations of NEAT, as published. */
const published: Readonly<Record<string, readonly [who: string, evaluations: number]>> = {
  xor: ['NEAT 2002', 4_755],
  dpv: ['NEAT 2002', 3_600],
  dpnv: ['NEAT (2008)', 6_929],
}

interface Given {
  readonly strategy: string
  readonly seeds: number
  readonly substrate: string | undefined
  readonly evaluations: string | undefined
}

function settingsOf(task: string, { strategy, substrate }: Given): EvolutionSettings {
  return {
    ...settingsFor(task),
    strategy: strategyFor(problemOf({ task }), strategy),
    ...(substrate === undefined ? {} : { substrate: parseSubstrate(substrate) }),
  }
}

function measure(task: string, given: Given): void {
  const { seeds } = given
  const problem = problemOf({ task })
  const limit = Number(given.evaluations ?? limits[task] ?? 30_000)
  const before = process.cpuUsage()
  const runs = Array.from({ length: seeds }, (_, i) => {
    const settings = settingsOf(task, given)
    return solve(problem, settings, i + 1, limit, settings.populationSize)
  })
  const { user, system } = process.cpuUsage(before)
  const solved = runs.filter((run) => run.solved)
  const mean = (of: (run: Run) => number, over: readonly Run[] = runs): number =>
    over.reduce((sum, run) => sum + of(run), 0) / over.length
  const evaluations = mean((run) => run.evaluations)
  const [peer, peerValue] = published[task] ?? []
  report({ name: `${task}-solved`, value: solved.length, unit: `of ${seeds} seeds` })
  report({
    name: `${task}-evaluations-mean`,
    value: evaluations,
    unit: 'evaluations',
    ...(peer === undefined || peerValue === undefined
      ? {}
      : { peer, peerValue, ratio: peerValue / evaluations }),
  })
  const all = runs.map((run) => run.evaluations)
  report({ name: `${task}-evaluations-median`, value: median(all), unit: 'evaluations' })
  report({ name: `${task}-evaluations-worst`, value: Math.max(...all), unit: 'evaluations' })
  report({ name: `${task}-tests`, value: mean((run) => run.tests), unit: 'tests' })
  report({ name: `${task}-cpu`, value: (user + system) / 1e6 / seeds, unit: 's/seed' })
  if (solved.length === 0) return
  report({ name: `${task}-hidden`, value: mean((run) => run.hidden, solved), unit: 'neurons' })
  const general = mean((run) => run.generalisation, solved)
  if (general > 0) report({ name: `${task}-generalisation`, value: general, unit: 'of 625 starts' })
}

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    json: { type: 'boolean' },
    seeds: { type: 'string', default: '20' },
    task: { type: 'string' },
    strategy: { type: 'string', default: 'generational' },
    substrate: { type: 'string' },
    evaluations: { type: 'string' },
  },
})
const seeds = Number(values.seeds)
if (!Number.isInteger(seeds) || seeds < 1) throw new RangeError('--seeds takes a whole number')
notice(`seeds 1 to ${seeds}; an unsolved run counts with the evaluations it made`)
for (const task of values.task === undefined ? taskNames : [values.task]) {
  const { strategy, substrate, evaluations } = values
  if (!isFit(problemOf({ task }), strategy)) continue
  measure(task, { strategy, seeds, substrate, evaluations })
}
