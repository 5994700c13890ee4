import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ActuatorProcessing } from '../../../src/evolution/genotype.ts'
import { argmax, processOutputs } from '../../../src/evolution/network/output-processing.ts'

const processed = (processing: ActuatorProcessing, ...outputs: number[]): number[] => {
  const values = Float64Array.from(outputs)
  processOutputs(processing, values)
  return [...values]
}

describe('processOutputs', () => {
  it('identity leaves the outputs alone', () => {
    expect(processed('identity', 3, -1)).toEqual([3, -1])
  })

  it('threshold is 1 above 0', () => {
    expect(processed('threshold', 3, 0, -1)).toEqual([1, 0, 0])
  })

  it('argmax marks the largest, the first of equal ones', () => {
    expect(processed('argmax', 3, 7, 7)).toEqual([0, 1, 0])
    expect(argmax([3, 7, 7])).toBe(1)
    expect(processed('argmax')).toEqual([])
  })

  it('softmax gives shares that keep the order and sum to 1, however large the outputs', () => {
    const outputs = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(outputs, (values) => {
        const shares = processed('softmax', ...values)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
        expect(argmax(shares)).toBe(shares.indexOf(Math.max(...shares)))
        expect(shares[argmax(values)]).toBe(Math.max(...shares))
      }),
    )
    const [a, b] = processed('softmax', 1, 3)
    expect(b! / a!).toBeCloseTo(Math.exp(2), 12)
  })
})
