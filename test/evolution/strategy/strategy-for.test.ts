import { describe, expect, it } from 'vitest'
import { problemNamed } from '../../../src/evolution/environment/problem.ts'
import {
  ask,
  matchesOf,
  startEvolution,
  strategyNames,
  tell,
} from '../../../src/evolution/evolution.ts'
import { evaluateAsked } from '../../../src/evolution/match.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { isFit, strategyFor } from '../../../src/evolution/strategy/strategy-for.ts'

const maze = problemNamed('maze')!

describe('strategyFor', () => {
  it('makes a strategy that begins and goes on, for a task that it fits', () => {
    const seen = new Set<string>()
    for (const name of ['cartpole', 'parity3', 'tmaze', 'snake_duel']) {
      const problem = problemNamed(name)!
      for (const strategy of ['novelty', 'map_elites', 'coevolution', 'self_play']) {
        if (!isFit(problem, strategy)) {
          expect(() => strategyFor(problem, strategy)).toThrow(/strategy is .*: use a problem/)
          continue
        }
        const settings = { ...settingsFor(name, 20), strategy: strategyFor(problem, strategy) }
        const state = startEvolution(problem, settings, 1)
        const evaluations = evaluateAsked(problem, ask(state), matchesOf(state))
        expect(tell(state, evaluations).generation).toBe(1)
        seen.add(strategy)
      }
    }
    expect(seen.size).toBe(4)
  }, 60_000)

  it('knows every strategy there is', () => {
    for (const strategy of strategyNames()) {
      const problem = problemNamed('snake_duel')!
      expect(strategyFor(problem, strategy).name).toBe(strategy)
    }
  })

  it('takes for far what the paper took, and divides the ground of the maze', () => {
    expect(strategyFor(maze, 'novelty')).toMatchObject({ noveltyThreshold: expect.closeTo(5.8, 1) })
    expect(strategyFor(maze, 'map_elites')).toMatchObject({
      cells: 'grid',
      bounds: [
        [0, 205],
        [0, 205],
      ],
      bins: [20, 20],
    })
    expect(strategyFor(problemNamed('parity3')!, 'map_elites')).toMatchObject({ cells: 'cvt' })
  })
})
