import { describe, expect, it } from 'vitest'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import { ContinuousNetwork } from '../../../src/evolution/network/continuous-network.ts'

/** One neuron that goes to its input with a time constant of 2 s. */
const slow = genotypeFrom({
  inputs: 1,
  outputs: 1,
  activation: 'identity',
  neurons: [{ id: 1, layer: 1, activation: 'identity', bias: 0, timeConstant: 2 }],
  links: [{ from: 0, to: 1, weight: 1 }],
})

describe('ContinuousNetwork', () => {
  it('follows the equation exactly under constant input, whatever the step', () => {
    for (const timeStep of [0.01, 0.3, 10]) {
      const network = new ContinuousNetwork(slow)
      const outputs = new Float64Array(1)
      network.advance(Float64Array.of(3), 1.5, timeStep, outputs)
      expect(outputs[0]).toBeCloseTo(3 * (1 - Math.exp(-1.5 / 2)), 12)
      expect(network.seconds).toBeCloseTo(1.5, 12)
    }
  })

  it('begins anew at a reset, and lets no time pass without seconds', () => {
    const network = new ContinuousNetwork(slow)
    const outputs = new Float64Array(1)
    network.advance(Float64Array.of(3), 1, 0.1, outputs)
    network.reset()
    network.advance(Float64Array.of(3), 0, 0.1, outputs)
    expect(outputs[0]).toBe(0)
  })

  it('refuses a step that goes nowhere', () => {
    const network = new ContinuousNetwork(slow)
    const outputs = new Float64Array(1)
    for (const step of [0, -1, Number.NaN]) {
      expect(() => network.advance(Float64Array.of(3), 1, step, outputs)).toThrow(RangeError)
    }
  })
})
