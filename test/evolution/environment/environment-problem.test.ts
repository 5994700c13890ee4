// Environments are written by users: what one does wrong is told by its name, seed, episode and
// step, and nothing of what ran before in the thread can be seen by one.
import { describe, expect, it } from 'vitest'
import { EnvironmentError } from '../../../src/evolution/environment/environment-error.ts'
import {
  type Environment,
  environmentProblem,
} from '../../../src/evolution/environment/environment-problem.ts'
import { type Episode, runEpisode } from '../../../src/evolution/environment/episode.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'

/** Answers the sum of what it perceives. */
const adder = (inputs: number): Network =>
  new Network(
    compile(
      genotypeFrom({
        inputs,
        outputs: 1,
        activation: 'identity',
        links: Array.from({ length: inputs }, (_, from) => ({ from, to: inputs, weight: 1 })),
      }),
    ),
  )

const fair: Environment = {
  name: 'fair',
  stateSize: 1,
  observationSize: 2,
  actionSize: 1,
  maxSteps: 4,
  reset: (state, random) => {
    state[0] = random.next()
  },
  observe: (state, observation) => {
    observation[0] = state[0]!
    observation[1] = 1
  },
  step: (state, action) => {
    state[0] = state[0]! / 2
    return { reward: action[0]!, done: false }
  },
}

const options = { worstReturn: 0, solvedReturn: 1e9, episodes: 2 }
const problemOf = (faults: Partial<Environment>) =>
  environmentProblem({ ...fair, ...faults }, options)

function failureOf(faults: Partial<Environment>): unknown {
  try {
    return problemOf(faults).evaluate(adder(2))
  } catch (error) {
    return error
  }
}

/** Fair up to the third step of the second episode. */
function late<T>(now: () => T, then: () => T): () => T {
  let calls = 0
  return () => (++calls > 6 ? then() : now())
}

describe('environmentProblem', () => {
  it('scores a fair environment the same compiled and tick by tick', () => {
    const problem = problemOf({})
    const score = problem.evaluate(adder(2))
    expect(score.steps).toBe(8)
    expect(score.fitness).toBeGreaterThan(4)
    expect(runEpisode(problem.episode(), adder(2))).toEqual(score)
  })

  const seed = 'fair evaluation'
  const first = { environment: 'fair', seed, episode: 0, step: 0 }
  const third = { environment: 'fair', seed, episode: 1, step: 2 }
  const step = { reward: 1, done: false }
  const faults: [string, Partial<Environment>, object][] = [
    [
      'throws in reset',
      {
        reset: () => {
          throw new RangeError('no start')
        },
      },
      { ...first, code: 'threw', message: expect.stringContaining('no start') },
    ],
    [
      'throws in observe',
      {
        observe: () => {
          throw new RangeError('blind')
        },
      },
      { ...first, code: 'threw' },
    ],
    [
      'throws in step, later',
      {
        step: late(
          () => step,
          () => {
            throw new RangeError('stuck')
          },
        ),
      },
      { ...third, code: 'threw' },
    ],
    [
      'rewards NaN, later',
      {
        step: late(
          () => step,
          () => ({ ...step, reward: Number.NaN }),
        ),
      },
      { ...third, code: 'bad_step' },
    ],
    ['answers nothing', { step: (() => undefined) as never }, { ...first, code: 'bad_step' }],
    [
      'leaves an observation unwritten',
      {
        observe: (state, observation) => {
          observation[0] = state[0]!
        },
      },
      { ...first, code: 'bad_observation', message: expect.stringContaining('observation 1') },
    ],
    [
      'observes NaN',
      {
        observe: (_, observation) => {
          observation.fill(Number.NaN)
        },
      },
      { ...first, code: 'bad_observation' },
    ],
    [
      'observes more than it says',
      {
        observe: (_, observation) => {
          for (let i = 0; i < 5; i++) observation[i] = i
        },
      },
      { ...first, code: 'wrong_length', message: expect.stringContaining('5 numbers') },
    ],
  ]
  it.each(faults)('tells who %s, where and by which seed', (_, fault, expected) => {
    const failure = failureOf(fault)
    expect(failure).toBeInstanceOf(EnvironmentError)
    expect(failure).toMatchObject(expected)
  })

  it('lets an environment go by the length of the array', () => {
    const observe: Environment['observe'] = (state, observation) => {
      for (let i = 0; i < observation.length; i++) observation[i] = state[0]! * i
    }
    expect(failureOf({ observe })).toMatchObject({ steps: 8 })
  })

  it.each(['stateSize', 'observationSize', 'actionSize', 'maxSteps'])(
    'refuses a %s of 0',
    (size) => {
      expect(() => problemOf({ [size]: 0 })).toThrow(`${size} of fair is 0`)
    },
  )
})

describe('runEpisode', () => {
  it('shows an episode nothing of the one before, and arrays of its own width', () => {
    const widths: number[][] = []
    const seen: number[] = []
    const forgetful: Episode = {
      sense: (inputs) => {
        seen.push(...inputs)
        inputs.fill(7)
      },
      act: (outputs) => {
        widths.push([outputs.length])
        return 'ended'
      },
      evaluation: () => ({ fitness: 0, steps: 1, solved: false }),
    }
    for (const inputs of [3, 2, 2]) runEpisode(forgetful, adder(inputs))
    expect(seen).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(widths).toEqual([[1], [1], [1]])
  })
})
