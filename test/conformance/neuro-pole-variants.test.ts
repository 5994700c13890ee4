// One pole, the two poles in other dialects, and faber's own pole task, against their simulators.
// ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import {
  type CartPolesOptions,
  doublePoleDialects,
  gomezSinglePole,
  stepCartPoles,
} from '../../src/evolution/environment/cart-poles.ts'
import { hasFailed } from '../../src/evolution/environment/double-pole.ts'
import {
  faberPoleFitness,
  hasFaberPoleFailed,
  senseFaberPole,
  stepFaberPole,
} from '../../src/evolution/environment/faber-pole.ts'
import { hasSinglePoleFailed, stepSinglePole } from '../../src/evolution/environment/single-pole.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface Trajectory {
  readonly label: string
  readonly start: readonly number[]
  readonly forces: readonly number[]
  readonly states: readonly (readonly number[])[]
  readonly failStep: number | null
}

interface Single {
  readonly trajectories: readonly Trajectory[]
  readonly variant: { readonly trajectories: readonly Trajectory[] }
}

describe('pole_single', async () => {
  const { trajectories, variant } = await neuroVectors<Single>('pole_single')
  const dialects = [
    ['reference', trajectories, stepSinglePole],
    [
      'gomez',
      variant.trajectories,
      (state: Float64Array, force: number) => stepCartPoles(state, force, gomezSinglePole),
    ],
  ] as const
  for (const [name, runs, step] of dialects) {
    it.each(runs)(`${name}, step by step: $label`, ({ start, forces, states, failStep }) => {
      let failed: number | null = null
      for (let t = 0; t < states.length; t++) {
        const state = Float64Array.from(t === 0 ? start : states[t - 1]!)
        step(state, forces[t]!)
        expect(deviation(state, states[t]!)).toBeLessThan(1e-12)
        if (failed === null && hasSinglePoleFailed(Float64Array.from(states[t]!))) failed = t + 1
      }
      if (name === 'reference') expect(failed).toBe(failStep)
    })

    it.each(runs)(`${name}, 150 steps from the start: $label`, ({ start, forces, states }) => {
      const state = Float64Array.from(start)
      for (let t = 0; t < Math.min(150, states.length); t++) {
        step(state, forces[t]!)
        expect(deviation(state, states[t]!)).toBeLessThan(1e-9)
      }
    })
  }
})

interface Variants {
  readonly variants: Readonly<
    Record<
      string,
      {
        readonly trajectories: readonly {
          readonly label: string
          readonly trajectory: number
          readonly state_at: Readonly<Record<string, readonly number[]>>
          readonly failStep: number | null
          readonly steps: number
        }[]
      }
    >
  >
}

const dialectOf: Readonly<Record<string, CartPolesOptions>> = {
  neat: doublePoleDialects.neat,
  gomezPybrain: doublePoleDialects.gomez,
  gomezClsquare: doublePoleDialects.clsquare,
}

describe('pole_double in the reference dialect', async () => {
  const { trajectories } = await neuroVectors<Single>('pole_double')

  it.each(trajectories)('is the written-out step: $label', ({ start, forces, states }) => {
    for (let t = 0; t < Math.min(200, states.length); t++) {
      const state = Float64Array.from(t === 0 ? start : states[t - 1]!)
      stepCartPoles(state, forces[t]!, doublePoleDialects.reference)
      expect(deviation(state, states[t]!)).toBeLessThan(1e-12)
    }
  })
})

describe('pole_double_variants', async () => {
  const { variants } = await neuroVectors<Variants>('pole_double_variants')
  const { trajectories } = await neuroVectors<Single>('pole_double')

  for (const [name, { trajectories: runs }] of Object.entries(variants)) {
    it.each(runs)(`${name}: $label`, ({ trajectory, state_at, failStep }) => {
      const { start, forces } = trajectories[trajectory]!
      const state = Float64Array.from(start)
      let failed: number | null = null
      for (let t = 1; t <= Math.min(50, forces.length); t++) {
        stepCartPoles(state, forces[t - 1]!, dialectOf[name]!)
        const expected = state_at[t]
        if (expected !== undefined) {
          expect(deviation(state, expected)).toBeLessThan(t <= 20 ? 1e-9 : 1e-6)
        }
        if (failed === null && hasFailed(state)) failed = t
      }
      if (failStep !== null && failStep <= 50) expect(failed).toBe(failStep)
    })
  }
})

interface Faber {
  readonly cases: readonly {
    readonly start: Readonly<Record<string, number>>
    readonly damping: boolean
    readonly twoPoles: boolean
    readonly variant: 2 | 3 | 4 | 6
    readonly outputs: readonly number[]
    readonly steps: readonly {
      readonly sense: readonly number[]
      readonly state: readonly number[]
      readonly fitness: number
      readonly done: number
    }[]
  }[]
}

describe('pole_faber', async () => {
  const { cases } = await neuroVectors<Faber>('pole_faber')

  it.each(cases.map((one, index) => ({ index, ...one })))('case $index', (one) => {
    const { start, steps, outputs, variant, damping, twoPoles } = one
    const names = ['cpos', 'cvel', 'p1_angle', 'p1_vel', 'p2_angle', 'p2_vel']
    const first = Float64Array.from(names, (name) => start[name]!)
    const free = first.slice()
    steps.forEach(({ sense, state: expected, fitness, done }, t) => {
      const state = t === 0 ? first : Float64Array.from(steps[t - 1]!.state)
      expect(deviation(senseFaberPole(state, variant), sense)).toBeLessThan(1e-12)
      stepFaberPole(state, outputs[t]!)
      expect(deviation(state, expected)).toBeLessThan(1e-12)
      const failed = hasFaberPoleFailed(Float64Array.from(expected), twoPoles)
      if (done === 1 && fitness === 0) expect(failed).toBe(true)
      else {
        const ours = faberPoleFitness(Float64Array.from(expected), t + 1, damping)
        expect(deviation([ours], [fitness])).toBeLessThan(1e-12)
      }
      if (t >= 40) return
      stepFaberPole(free, outputs[t]!)
      expect(deviation(free, expected)).toBeLessThan(1e-9)
    })
  })
})
