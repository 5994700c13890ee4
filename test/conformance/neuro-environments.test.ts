// Classic control against trajectories of Gymnasium. ARBOR_NEURO_VECTORS names another folder of
// files with the same schema.
import { describe, expect, it } from 'vitest'
import { hasSwungUp, observeAcrobot, stepAcrobot } from '../../src/evolution/environment/acrobot.ts'
import { hasArrived, stepMountainCar } from '../../src/evolution/environment/mountain-car.ts'
import {
  mountainCarReward,
  stepMountainCarContinuous,
} from '../../src/evolution/environment/mountain-car-continuous.ts'
import { observePendulum, stepPendulum } from '../../src/evolution/environment/pendulum.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface Vectors {
  readonly maxSteps: number
  readonly trajectories: readonly {
    readonly label: string
    readonly start: readonly number[]
    readonly observation0: readonly number[]
    readonly actions: readonly number[]
    readonly states: readonly (readonly number[])[]
    readonly observations: readonly (readonly number[])[]
    readonly rewards: readonly number[]
    readonly terminated: boolean
    readonly truncated: boolean
    readonly length: number
  }[]
}

/** One environment as the vectors see it. */
interface Tested {
  readonly file: string
  /** Largest deviations: of a state after one step, of observations, of rewards. */
  readonly state: number
  readonly observation: number
  readonly reward: number
  /** From the start: how far, up to which step. */
  readonly free: readonly (readonly [steps: number, deviation: number])[]
  step(state: Float64Array, action: number, isFirst: boolean): { reward: number; done: boolean }
  observe(state: Float64Array): readonly number[]
}

const same = (state: Float64Array): number[] => [...state]

const tested: readonly Tested[] = [
  {
    file: 'env_mountaincar',
    state: 1e-14,
    observation: 1e-7,
    reward: 0,
    free: [[200, 1e-12]],
    step: (state, action) => {
      stepMountainCar(state, action)
      return { reward: -1, done: hasArrived(state) }
    },
    observe: same,
  },
  {
    file: 'env_mountaincar_continuous',
    state: 0,
    observation: 1e-7,
    reward: 1e-9,
    free: [[999, 1e-5]],
    step: (state, action, isFirst) => {
      const done = stepMountainCarContinuous(state, action, isFirst)
      return { reward: mountainCarReward(action, done), done }
    },
    observe: same,
  },
  {
    file: 'env_acrobot',
    state: 1e-12,
    observation: 1e-6,
    reward: 0,
    free: [
      [50, 1e-9],
      [100, 1e-6],
    ],
    step: (state, action) => {
      stepAcrobot(state, action)
      const done = hasSwungUp(state)
      return { reward: done ? 0 : -1, done }
    },
    observe: (state) => {
      const observation = new Float64Array(6)
      observeAcrobot(state, observation)
      return [...observation]
    },
  },
  {
    file: 'env_pendulum',
    state: 1e-12,
    observation: 1e-6,
    reward: 1e-12,
    free: [[200, 1e-9]],
    step: (state, action) => ({ reward: stepPendulum(state, action), done: false }),
    observe: (state) => {
      const observation = new Float64Array(3)
      observePendulum(state, observation)
      return [...observation]
    },
  },
]

for (const environment of tested) {
  describe(environment.file, async () => {
    const { maxSteps, trajectories } = await neuroVectors<Vectors>(environment.file)

    it.each(trajectories)('step by step: $label', (run) => {
      const { start, actions, states, observations, rewards } = run
      expect(states.length).toBeGreaterThan(0)
      const first = environment.observe(Float64Array.from(start))
      expect(deviation(first, run.observation0)).toBeLessThanOrEqual(environment.observation)
      for (let t = 0; t < states.length; t++) {
        const state = Float64Array.from(t === 0 ? start : states[t - 1]!)
        const { reward, done } = environment.step(state, actions[t]!, t === 0)
        expect(deviation(state, states[t]!)).toBeLessThanOrEqual(environment.state)
        const seen = environment.observe(state)
        expect(deviation(seen, observations[t]!)).toBeLessThanOrEqual(environment.observation)
        expect(deviation([reward], [rewards[t]!])).toBeLessThanOrEqual(environment.reward)
        expect(done).toBe(t === states.length - 1 && run.terminated)
      }
      expect(states.length === maxSteps && !run.terminated).toBe(run.truncated)
    })

    it.each(trajectories)('from the start: $label', ({ start, actions, states }) => {
      const state = Float64Array.from(start)
      // Balancing without looking magnifies the last bit of a sine to anything: no more is asked
      // than what a start disturbed by its last bits would keep.
      const disturbed = Float64Array.from(start, (value) => value + 4e-16)
      const longest = environment.free.at(-1)![0]
      for (let t = 0; t < Math.min(longest, states.length); t++) {
        environment.step(state, actions[t]!, t === 0)
        environment.step(disturbed, actions[t]!, t === 0)
        const [, allowed] = environment.free.find(([steps]) => t < steps)!
        const tolerance = Math.max(allowed, 100 * deviation(disturbed, state))
        expect(deviation(state, states[t]!)).toBeLessThanOrEqual(tolerance)
      }
    })
  })
}
