// CartPole-v1 against trajectories of Gymnasium.
// ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import { hasFallen, stepCartPole } from '../../src/evolution/environment/cart-pole.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface CartPoleVectors {
  maxSteps: number
  trajectories: {
    label: string
    start: number[]
    actions: number[]
    states: number[][]
    observations: number[][]
    rewards: number[]
    terminated: boolean
    truncated: boolean
    length: number
  }[]
}

describe('env_cartpole', async () => {
  const { maxSteps, trajectories } = await neuroVectors<CartPoleVectors>('env_cartpole')

  it.each(trajectories)('step by step: $label', (run) => {
    const { start, actions, states, observations } = run
    expect(states.length).toBeGreaterThan(0)
    for (let t = 0; t < states.length; t++) {
      const state = Float64Array.from(t === 0 ? start : states[t - 1]!)
      stepCartPole(state, actions[t] === 1)
      expect(deviation(state, states[t]!)).toBeLessThan(1e-12)
      expect(deviation(Float32Array.from(state), observations[t]!)).toBeLessThan(1e-6)
      const isLast = t === states.length - 1
      expect(hasFallen(Float64Array.from(states[t]!))).toBe(isLast && run.terminated)
      expect(run.rewards[t]).toBe(1)
    }
    expect(states.length === maxSteps).toBe(run.truncated)
  })

  it.each(trajectories)('150 steps without resetting: $label', ({ start, actions, states }) => {
    const state = Float64Array.from(start)
    for (let t = 0; t < Math.min(150, states.length); t++) {
      stepCartPole(state, actions[t] === 1)
      expect(deviation(state, states[t]!)).toBeLessThan(1e-9)
    }
  })
})
