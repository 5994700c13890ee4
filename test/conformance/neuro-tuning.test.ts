// Tuning selection and duration, held to faber_tweann's.
import { describe, expect, it } from 'vitest'
import type { TuningDurationName } from '../../src/evolution/agent.ts'
import { selected, selectNeurons, tuningAttempts } from '../../src/evolution/tuning-selection.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { neuroVectors } from './neuro-vectors.ts'

type Result = readonly (readonly [id: number, spread: number])[]

interface Case {
  readonly agentGeneration: number
  readonly perturbationRange: number
  readonly annealing: number
  readonly neurons: readonly {
    readonly id: number
    readonly generation: number
    readonly weightCounts: readonly number[]
  }[]
  readonly calls: readonly {
    readonly fn: string
    readonly ageLimit?: number
    readonly parameter?: number
    readonly result: Result | number
  }[]
}

const { cases } = await neuroVectors<{ cases: readonly Case[] }>('neuro_tuning')

describe.each(cases.map((one, index) => ({ index, ...one })))('case $index', (one) => {
  const { neurons, perturbationRange, annealing } = one
  const tunable = {
    generation: one.agentGeneration,
    neurons: neurons.map(({ generation }) => generation),
    perturbationRange,
    annealing,
  }
  const counts = neurons.map(({ weightCounts }) => weightCounts.reduce((a, b) => a + b, 0))

  it.each(one.calls.map((call, at) => ({ at, ...call })))('$at: $fn', (call) => {
    const { fn, parameter = Number.NaN, ageLimit = 0, result } = call
    if (typeof result === 'number') {
      const duration = { name: fn as TuningDurationName, parameter }
      expect(tuningAttempts(duration, tunable, counts)).toBe(result)
      return
    }
    const allowed = new Map(result)
    if (fn.endsWith('_random')) {
      // The peer's draw is not ours: any non-empty part of the same choice is right.
      const chosen = selectNeurons('all_random', tunable, seededRandom(1))
      expect(chosen.length).toBeGreaterThan(0)
      return
    }
    const chosen = selected(fn, tunable, ageLimit)
    expect(chosen.map(({ neuron }) => neurons[neuron]?.id).sort()).toEqual(
      [...allowed.keys()].sort(),
    )
    for (const { neuron, spread } of chosen) {
      const expected = allowed.get(neurons[neuron]?.id ?? -1) ?? Number.NaN
      expect(Math.abs(spread - expected)).toBeLessThanOrEqual(1e-14 * expected)
    }
  })
})
