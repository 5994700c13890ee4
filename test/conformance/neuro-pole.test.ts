// The double pole against trajectories of the reference simulator and the literature's own fitness
// code. ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import {
  dampingFitness,
  generalisationStarts,
  hasFailed,
  stepDoublePole,
} from '../../src/evolution/environment/double-pole.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface DoublePoleVectors {
  trajectories: {
    label: string
    start: number[]
    forces: number[]
    states: number[][]
    failStep: number | null
  }[]
}

interface FitnessVectors {
  damping: { label: string; balancedSteps: number; fitness: number; jiggle: number[] }[]
  markov: { forces: number[]; fitness: number; failStep: number | null }[]
}

interface GeneralisationVectors {
  starts: number[][]
  runs: { gains: number[]; balancedSteps: number[]; passed: number }[]
}

describe('pole_double', async () => {
  const { trajectories } = await neuroVectors<DoublePoleVectors>('pole_double')

  it.each(trajectories)('step by step: $label', ({ start, forces, states, failStep }) => {
    let worst = 0
    let failed: number | null = null
    for (let t = 0; t < states.length; t++) {
      const state = Float64Array.from(t === 0 ? start : states[t - 1]!)
      stepDoublePole(state, forces[t]!)
      worst = Math.max(worst, deviation(state, states[t]!))
      if (failed === null && hasFailed(Float64Array.from(states[t]!))) failed = t + 1
    }
    expect(worst).toBeLessThan(1e-12)
    expect(failed).toBe(failStep)
  })

  it.each(trajectories)('40 steps without resetting: $label', ({ start, forces, states }) => {
    const state = Float64Array.from(start)
    for (let t = 0; t < Math.min(40, states.length); t++) {
      stepDoublePole(state, forces[t]!)
      expect(deviation(state, states[t]!)).toBeLessThan(1e-9)
    }
  })
})

describe('pole_fitness', async () => {
  const { damping, markov } = await neuroVectors<FitnessVectors>('pole_fitness')

  it.each(damping)('damping: $label', ({ balancedSteps, fitness, jiggle }) => {
    const sway = jiggle.reduce((sum, value) => sum + value, 0)
    const ours = dampingFitness(balancedSteps, sway)
    expect(deviation([ours], [fitness])).toBeLessThan(1e-12)
  })

  it('markov: the number of the failing step', () => {
    for (const { forces, fitness, failStep } of markov) {
      if (failStep === null || failStep > 40) continue
      const state = Float64Array.of(0, 0, 0.07, 0, 0, 0)
      let steps = 0
      do stepDoublePole(state, forces[steps++]!)
      while (!hasFailed(state))
      expect(steps).toBe(fitness)
    }
  })
})

describe('pole_generalisation', async () => {
  const { starts, runs } = await neuroVectors<GeneralisationVectors>('pole_generalisation')

  it('has the 625 starts', () => {
    const ours = generalisationStarts()
    expect(ours).toHaveLength(starts.length)
    ours.forEach((start, index) => {
      expect(deviation(start, starts[index]!)).toBeLessThan(1e-12)
    })
  })

  it.each(runs)('balances as the reference does with gains $gains', (run) => {
    const balanced = starts.map((start) => stepsUnder(run.gains, start))
    const equal = balanced.filter((steps, index) => steps === run.balancedSteps[index]).length
    expect(equal).toBeGreaterThanOrEqual(0.99 * starts.length)
    const passed = balanced.filter((steps) => steps === 1000).length
    expect(Math.abs(passed - run.passed)).toBeLessThanOrEqual(2)
  })
})

/** Steps balanced, of 1,000, by the vectors' quantised linear controller. */
function stepsUnder(gains: number[], start: number[]): number {
  const state = Float64Array.from(start)
  for (let step = 0; step < 1000; step++) {
    const sum = gains.reduce((total, gain, i) => total + gain * state[i]!, 0)
    const force = Math.max(-10, Math.min(10, sum))
    const output = roundHalfEven((force / 20 + 0.5) * 4096) / 4096
    stepDoublePole(state, 20 * (output - 0.5))
    if (hasFailed(state)) return step
  }
  return 1000
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}
