import { describe, expect, it } from 'vitest'
import {
  type Environment,
  environmentProblem,
} from '../../../src/evolution/environment/environment-problem.ts'
import { runLaneEpisode } from '../../../src/evolution/environment/episode.ts'
import { problemNamed, taskNames } from '../../../src/evolution/environment/problem.ts'
import { ask, startEvolution } from '../../../src/evolution/evolution.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { InterpreterLanes } from '../../../src/evolution/network/lane-network.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'

const telling = taskNames
  .map((name) => problemNamed(name)!)
  .filter(({ behaviourSpace }) => behaviourSpace !== undefined)

describe('behaviours of the tasks that come with Arbor', () => {
  it('are told by the plain, the mazes, the bandit, the cars, the snakes and the small truth tables', () => {
    expect(telling.map(({ name }) => name).sort()).toEqual([
      ...['flatland_predator', 'flatland_prey'],
      ...['maze', 'maze_medium', 'mountaincar', 'mountaincar_continuous', 'multi_cue_tmaze'],
      ...['multiplexer6', 'parity3', 'parity4', 'parity5', 'reversal_bandit', 'snake_duel'],
      ...['tmaze', 'xor'],
    ])
  })

  it.each(telling)(
    '$name: as many numbers as it says, within their ranges, not all alike',
    (problem) => {
      const { behaviourSpace, behaviourSize, name } = problem
      expect(behaviourSpace?.axes).toHaveLength(behaviourSize!)
      const seen = new Set<string>()
      for (const genotype of ask(startEvolution(problem, settingsFor(name, 40), 1))) {
        const { behaviour = [] } = problem.evaluate(new Network(compile(genotype)))
        expect(behaviour).toHaveLength(behaviourSize!)
        behaviourSpace!.axes.forEach(({ low, high }, i) => {
          expect(behaviour[i]! >= low && behaviour[i]! <= high, `${i}: ${behaviour[i]}`).toBe(true)
        })
        seen.add(behaviour.join())
      }
      expect(seen.size).toBeGreaterThan(1)
    },
  )
})

describe('tmaze', () => {
  it('tells by its choices who remembers: alike after both cues, or not', () => {
    const tmaze = problemNamed('tmaze')!
    const genotype = genotypeFrom({
      ...{ inputs: 2, outputs: 1, activation: 'tanh' as const },
      links: [{ from: 1, to: 2, weight: 1 }],
    })
    expect(tmaze.evaluate(new Network(compile(genotype)))).toMatchObject({
      fitness: 50,
      behaviour: [1, 1],
    })
  })
})

/** Steps to the right by what the network says; ends when it is tired of it. */
const walk: Environment = {
  ...{ name: 'traced walk', stateSize: 1, observationSize: 1, actionSize: 1, maxSteps: 20 },
  reset: (state, random) => {
    state[0] = random.next()
  },
  observe: (state, observation) => observation.set(state),
  step: (state, action) => {
    state[0]! += action[0]!
    return { reward: 1, done: state[0]! > 3 }
  },
}

describe('EnvironmentOptions.behaviour', () => {
  const space = { axes: ['begins', 'ends', 'steps'].map((name) => ({ name, low: 0, high: 20 })) }
  const problem = environmentProblem(walk, {
    ...{ worstReturn: 0, solvedReturn: 30, episodes: 6, outputActivation: 'identity' },
    behaviour: {
      space,
      trace: (behaviour, state, step) => {
        if (step === 0) behaviour[0] = state[0]!
        behaviour[1] = state[0]!
        behaviour[2] = Math.max(behaviour[2]!, step)
      },
    },
  })
  const genotype = genotypeFrom({
    ...{ inputs: 1, outputs: 1, activation: 'identity' as const },
    links: [{ from: 0, to: 1, weight: 0.3 }],
  })
  const { behaviour, steps } = problem.evaluate(new Network(compile(genotype)))

  it('is told the start and every step, and is the mean over the episodes', () => {
    const [begins = 0, ends = 0, mean = 0] = behaviour ?? []
    expect(begins).toBeGreaterThan(0)
    expect(begins).toBeLessThan(1)
    expect(ends).toBeGreaterThan(2)
    expect(mean).toBeCloseTo(steps / 6, 12)
    expect(problem).toMatchObject({ behaviourSize: 3, behaviourSpace: space })
  })

  it('has the same bits in any number of lanes, and when it is asked again', () => {
    for (const lanes of [1, 2, 4, 6]) {
      const network = new InterpreterLanes(compile(genotype), lanes)
      const arrays = [new Float64Array(lanes), new Float64Array(lanes)] as const
      const evaluation = runLaneEpisode(problem.lanes!.begin(lanes), network, ...arrays)
      expect(evaluation.behaviour).toEqual(behaviour)
    }
    expect(problem.evaluate(new Network(compile(genotype))).behaviour).toEqual(behaviour)
  })

  it('names the environment, the episode and the step where it throws', () => {
    const bad = environmentProblem(walk, {
      ...{ worstReturn: 0, solvedReturn: 30 },
      behaviour: {
        space,
        trace: (_, __, step) => {
          if (step === 2) throw new Error('lost')
        },
      },
    })
    expect(() => bad.evaluate(new Network(compile(genotype)))).toThrow(/traced walk.*lost|lost/)
  })
})
