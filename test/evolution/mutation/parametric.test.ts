import { describe, expect, it } from 'vitest'
import { GenomeWriter } from '../../../src/evolution/genome-pool.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import {
  mutateWeights,
  newWeight,
  type WeightMutation,
} from '../../../src/evolution/mutation/parametric.ts'
import { seededRandom } from '../../../src/runtime/random.ts'

const base: WeightMutation = {
  probability: 1,
  each: 1,
  replace: 0,
  distribution: 'uniform',
  step: 0.5,
  halvings: 0,
  initial: 3,
  limit: 10,
}

/** The weights of 2,000 links of weight 5 after one mutation, and the bias of their target. */
function mutated(
  change: Partial<WeightMutation>,
  biases = false,
  seed = 1,
): [Float64Array, number] {
  const links = Array.from({ length: 2000 }, (_, from) => ({ from, to: 2000, weight: 5 }))
  const writer = new GenomeWriter(2000, 1)
  writer.append(genotypeFrom({ inputs: 2000, outputs: 1, activation: 'tanh', links }))
  mutateWeights(writer, { ...base, ...change }, biases, seededRandom(seed))
  return [writer.weight.subarray(0, writer.linkEnd), writer.bias[0]!]
}

describe('mutateWeights', () => {
  it('perturbs uniformly within the step', () => {
    const [weights] = mutated({})
    expect(Math.max(...weights)).toBeLessThan(5.5)
    expect(Math.max(...weights)).toBeGreaterThan(5.49)
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(4.5)
    expect(Math.min(...weights)).toBeLessThan(4.51)
  })

  it('perturbs by a deviation of the step', () => {
    const [weights] = mutated({ distribution: 'gaussian' })
    const square = weights.reduce((sum, w) => sum + (w - 5) * (w - 5), 0) / weights.length
    expect(square).toBeCloseTo(0.25, 1.5)
  })

  it('perturbs half of the weights by more than a Cauchy step', () => {
    const [weights] = mutated({ distribution: 'cauchy' })
    const far = weights.filter((w) => Math.abs(w - 5) > 0.5).length
    expect(Math.abs(far / weights.length - 0.5)).toBeLessThan(0.05)
  })

  it('halves the step for a whole child', () => {
    const widths = Array.from({ length: 40 }, (_, seed) => {
      const [weights] = mutated({ halvings: 2 }, false, seed)
      return Math.max(...weights.map((w) => Math.abs(w - 5)))
    })
    for (const step of [0.5, 0.25, 0.125]) {
      const close = widths.filter((width) => width <= step && width > 0.99 * step)
      expect(close.length).toBeGreaterThan(3)
    }
  })

  it('touches each weight with its chance, and replaces some of those', () => {
    const [weights] = mutated({ each: 0.5, replace: 0.2 })
    const kept = weights.filter((w) => w === 5).length / weights.length
    const replaced = weights.filter((w) => Math.abs(w) <= 3).length / weights.length
    expect(Math.abs(kept - 0.5)).toBeLessThan(0.05)
    expect(Math.abs(replaced - 0.1)).toBeLessThan(0.03)
  })

  it('stays within the limit', () => {
    const [weights] = mutated({ distribution: 'cauchy', step: 100, limit: 6 })
    expect(Math.max(...weights)).toBe(6)
    expect(Math.min(...weights)).toBe(-6)
  })

  it('changes biases only when asked', () => {
    expect(mutated({})[1]).toBe(0)
    expect(mutated({}, true)[1]).not.toBe(0)
  })
})

describe('newWeight', () => {
  it('is uniform within the initial range', () => {
    const random = seededRandom(1)
    const weights = Array.from({ length: 2000 }, () => newWeight(base, random))
    expect(Math.max(...weights)).toBeLessThan(3)
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(-3)
    expect(weights.reduce((a, b) => a + b, 0) / 2000).toBeCloseTo(0, 0)
  })
})
