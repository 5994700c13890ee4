// Episodes side by side score what they score one after the other, to the bit: in the kernel, in
// lanes of any number, and whichever way an environment is written.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cartPoleEnvironment } from '../../src/evolution/environment/cart-pole.ts'
import type { Problem, ProblemLanes } from '../../src/evolution/environment/environment.ts'
import {
  type Environment,
  environmentProblem,
} from '../../src/evolution/environment/environment-problem.ts'
import { runEpisode, runLaneEpisode } from '../../src/evolution/environment/episode.ts'
import type { LaneEnvironment } from '../../src/evolution/environment/lane-environment.ts'
import { problemNamed, taskNames } from '../../src/evolution/environment/problem.ts'
import { evaluateLanes, lanesFor } from '../../src/evolution/evaluate-lanes.ts'
import { evaluatePlan } from '../../src/evolution/evaluate-plan.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { InterpreterLanes } from '../../src/evolution/network/lane-network.ts'
import { compile, type Plan } from '../../src/evolution/network/plan.ts'
import { generatedGenotype, grownGenotype, richGenotype } from './generated-genotype.ts'

const inLanes: Problem[] = taskNames
  .map((name) => problemNamed(name)!)
  .filter(({ lanes }) => lanes !== undefined)

/** Every fifth has neurons of all kinds, which remember and learn. */
function planFor({ inputs, outputs }: Problem, seed: number): Plan {
  const steps = seed % 40
  return compile(
    seed % 5 === 4
      ? richGenotype(inputs, outputs, seed, steps)
      : grownGenotype(inputs, outputs, seed, steps),
  )
}

function outcomeOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('evaluateLanes', () => {
  it('has problems to run', () => {
    expect(inLanes.map(({ name }) => name)).toContain('cartpole')
    expect(inLanes.length).toBeGreaterThan(3)
  })

  it.each(inLanes)('scores $name as evaluate does, and as its episode', (problem) => {
    for (let seed = 0; seed < 25; seed++) {
      const plan = planFor(problem, seed)
      // Neurons that learn may diverge: then the error is the same.
      const expected = outcomeOf(() => problem.evaluate(new Network(plan)))
      expect(outcomeOf(() => evaluatePlan(problem, plan))).toEqual(expected)
      if (expected instanceof Error) continue
      expect(evaluateLanes(problem.lanes!, plan)).toEqual(expected)
      if (seed % 5 === 0) expect(runEpisode(problem.episode(), new Network(plan))).toEqual(expected)
    }
  })

  it('runs neurons of all kinds in the kernel', () => {
    const plan = planFor(inLanes[0]!, 34)
    expect(plan.traits).not.toBeNull()
    expect(evaluateLanes(inLanes[0]!.lanes!, plan)).toBeDefined()
  })

  it('takes as many lanes as waste least', () => {
    expect([1, 4, 10, 16, 100, 1_000].map(lanesFor)).toEqual([4, 4, 4, 16, 16, 16])
  })
})

/** A walk on a line whose episodes last from 1 to 12 steps. */
const walk: Environment = {
  name: 'walk',
  stateSize: 2,
  observationSize: 2,
  actionSize: 1,
  maxSteps: 12,
  reset: (state, random) => {
    state[0] = 2 * random.next() - 1
    state[1] = 0.6 * random.next() - 0.3
  },
  observe: (state, observation) => {
    observation[0] = state[0]!
    observation[1] = state[1]! * state[0]!
  },
  step: (state, action) => {
    state[0] = state[0]! + state[1]! + 0.3 * action[0]!
    return { reward: 0.1 - Math.abs(state[0]), done: Math.abs(state[0]) > 1 }
  },
}

const walkInLanes: LaneEnvironment = {
  ...walk,
  lanes: true,
  observe: ({ count, state, observation }) => {
    for (let lane = 0; lane < count; lane++) {
      observation[lane] = state[lane]!
      observation[count + lane] = state[count + lane]! * state[lane]!
    }
  },
  // Goes on with lanes that are over, where numbers run away: nothing of that may be seen.
  step: ({ count, state, action, reward, done }) => {
    for (let lane = 0; lane < count; lane++) {
      const x = state[lane]! + state[count + lane]! + 0.3 * action[lane]!
      state[lane] = done[lane] === 1 ? Number.NaN : x
      reward[lane] = done[lane] === 1 ? Number.NaN : 0.1 - Math.abs(x)
      done[lane] = Math.abs(x) > 1 ? 1 : 0
    }
  },
}

const options = { worstReturn: -50, solvedReturn: 1, episodes: 37 }
const plain = environmentProblem(walk, options)
const vector = environmentProblem(walkInLanes, options)

function inInterpreter(problem: ProblemLanes, plan: Plan, lanes: number): unknown {
  const inputs = new Float64Array(plan.inputs * lanes)
  const outputs = new Float64Array(plan.outputs * lanes)
  const network = new InterpreterLanes(plan, lanes)
  return runLaneEpisode(problem.begin(lanes), network, inputs, outputs)
}

describe('an environment', () => {
  it('scores the same plain and in lanes, in any number of them', () => {
    fc.assert(
      fc.property(generatedGenotype(2, 1), fc.integer({ min: 1, max: 50 }), (genotype, lanes) => {
        const plan = compile(genotype)
        const expected = plain.evaluate(new Network(plan))
        expect(vector.evaluate(new Network(plan))).toEqual(expected)
        expect(inInterpreter(plain.lanes!, plan, lanes)).toEqual(expected)
        expect(inInterpreter(vector.lanes!, plan, lanes)).toEqual(expected)
        expect(evaluateLanes(plain.lanes!, plan)).toEqual(expected)
        expect(evaluateLanes(vector.lanes!, plan)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('runs every start to its end', () => {
    const { steps } = plain.evaluate(new Network(planFor(plain, 5)))
    expect(steps).toBeGreaterThan(37)
    expect(steps).toBeLessThan(37 * 12)
  })

  it('fails with the error of one episode after the other', () => {
    // The third start has a trap at once, the first a later one.
    const trapped = environmentProblem(
      {
        ...walk,
        step: (state, action) => {
          if (state[0]! > 0.4) throw new RangeError(`trapped at ${state[0]}`)
          return walk.step(state, action)
        },
      },
      options,
    )
    const plan = planFor(trapped, 3)
    const expected = outcomeOf(() => trapped.evaluate(new Network(plan)))
    expect(expected).toMatchObject({ code: 'threw' })
    expect(outcomeOf(() => evaluatePlan(trapped, plan))).toEqual(expected)
  })
})

describe('an environment of lanes', () => {
  const faulty = (fault: Partial<LaneEnvironment>): Problem =>
    environmentProblem({ ...cartPoleEnvironment, ...fault }, { worstReturn: 0, solvedReturn: 475 })
  const first = { environment: 'CartPole-v1', seed: 'CartPole-v1 evaluation', episode: 0, step: 0 }
  const faults: [string, Partial<LaneEnvironment>, object][] = [
    [
      'throws in observe',
      {
        observe: () => {
          throw new RangeError('blind')
        },
      },
      { ...first, code: 'threw', message: expect.stringContaining('blind') },
    ],
    [
      'throws in step',
      {
        step: () => {
          throw new RangeError('stuck')
        },
      },
      { ...first, code: 'threw' },
    ],
    [
      'leaves an observation unwritten',
      { observe: ({ observation }) => observation.fill(1, 1) },
      { ...first, code: 'bad_observation', message: expect.stringContaining('observation 0') },
    ],
    [
      'observes more than it says',
      {
        observe: ({ count, observation }) => {
          for (let i = 0; i < 6 * count; i++) observation[i] = i
        },
      },
      { ...first, code: 'wrong_length', message: expect.stringContaining('6 numbers') },
    ],
    [
      'rewards nothing',
      { step: ({ reward }) => reward.fill(Number.NaN) },
      { ...first, code: 'bad_step' },
    ],
    [
      'rewards infinitely, later',
      {
        step: (lanes) => {
          cartPoleEnvironment.step(lanes)
          if (lanes.state[0]! > 0.05) lanes.reward[0] = Number.POSITIVE_INFINITY
        },
      },
      { code: 'bad_step', step: expect.any(Number) },
    ],
  ]
  it.each(faults)('that %s is told with its seed, episode and step', (_, fault, expected) => {
    const run = (): unknown => faulty(fault).evaluate(new Network(planFor(inLanes[0]!, 7)))
    expect(run).toThrow(expect.objectContaining(expected))
  })
})
