// The population server runs every strategy, and adds nothing of its own: what comes out is what
// the pure functions make of the same seed.
import { afterEach, describe, expect, it } from 'vitest'
import {
  type DoneReport,
  type PopulationReport,
  subscribeReports,
} from '../../../src/actors/population/population-server.ts'
import { startPopulation } from '../../../src/actors/population/population-supervisor.ts'
import { stop } from '../../../src/behaviours/gen-server.ts'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { ask, matchesOf, startEvolution, tell } from '../../../src/evolution/evolution.ts'
import { evaluateAsked } from '../../../src/evolution/match.ts'
import { coevolution } from '../../../src/evolution/strategy/coevolution.ts'
import { hallOfFame } from '../../../src/evolution/strategy/hall-of-fame.ts'
import { islands } from '../../../src/evolution/strategy/islands.ts'
import { rtneat } from '../../../src/evolution/strategy/rtneat.ts'
import { selfPlay } from '../../../src/evolution/strategy/self-play.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { steadyState } from '../../../src/evolution/strategy/steady-state.ts'
import type { StrategySettings } from '../../../src/evolution/strategy/strategy.ts'
import { spawn } from '../../../src/runtime/process.ts'
import type { SupervisorPid } from '../../../src/supervisors/supervisor.ts'
import { nim } from '../../evolution/strategy/nim.ts'

const running: SupervisorPid[] = []
afterEach(async () => {
  for (const supervisor of running.splice(0)) await stop(supervisor)
})

/** The last report of so many rounds. */
async function lastOf(
  problem: Problem,
  strategy: StrategySettings,
  rounds: number,
  workers?: number,
): Promise<DoneReport> {
  const { population, supervisor } = await startPopulation({
    problem,
    seed: 5,
    settings: { ...settingsFor(problem.name, 20), strategy },
    generationsMax: rounds,
    stopWhenSolved: false,
    evaluator: workers === undefined ? { kind: 'inline' } : { kind: 'pool', workers },
  })
  running.push(supervisor)
  return new Promise((resolve, reject) => {
    const reporter = spawn((report: PopulationReport) => {
      if (report.type === 'done') resolve(report)
    })
    subscribeReports(population, reporter).catch(reject)
  })
}

describe.each([
  ['steady state', xor, steadyState({ replace: 4 })],
  ['rtNEAT', xor, rtneat({ agentsPerTick: 4 })],
  ['islands', xor, islands({ islands: 2, migrationInterval: 2 })],
  ['a hall of fame', xor, hallOfFame()],
  ['self-play', nim, selfPlay({ opponents: 2 })],
  ['coevolution', nim, coevolution({ opponents: 2 })],
])('a population by %s', (_, problem, strategy) => {
  it('comes to what its seed says', async () => {
    const rounds = 6
    const settings = { ...settingsFor(problem.name, 20), strategy }
    let state = startEvolution(problem, settings, 5)
    let [evaluations, best] = [0, Number.NEGATIVE_INFINITY]
    for (let round = 0; round < rounds; round++) {
      const scores = evaluateAsked(problem, ask(state), matchesOf(state))
      evaluations += scores.length
      if (matchesOf(state) === undefined) {
        best = Math.max(best, ...scores.map(({ fitness }) => fitness))
      }
      state = tell(state, scores)
    }
    const report = await lastOf(problem, strategy, rounds)
    expect(report).toMatchObject({ reason: 'generations', evaluations })
    if (best > 0) expect(report.best.fitness).toBe(best)
    else expect(report.best.fitness).toBeGreaterThan(0.5)
  })
})

describe('a population by islands', () => {
  it('comes to the same with worker threads', async () => {
    const strategy = islands({ islands: 2, migrationInterval: 1 })
    const [inline, pool] = [await lastOf(xor, strategy, 5), await lastOf(xor, strategy, 5, 2)]
    expect(pool.best).toEqual(inline.best)
    expect(pool.evaluations).toBe(inline.evaluations)
  })
})
