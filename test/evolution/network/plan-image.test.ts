import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { PlanError, planFromBytes } from '../../../src/evolution/network/plan-image.ts'
import { generatedGenotype, grownGenotype, richGenotype } from '../generated-genotype.ts'

const malformed = expect.objectContaining({ name: 'PlanError', code: 'malformed_plan' })

/** A copy with one Int32 replaced. */
function withInt32(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = bytes.slice()
  new DataView(copy.buffer).setInt32(offset, value, true)
  return copy
}

/** A copy with one Float64 replaced. */
function withFloat64(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = bytes.slice()
  new DataView(copy.buffer).setFloat64(offset, value, true)
  return copy
}

const plan = compile(grownGenotype(3, 2, 'image', 40))
const rich = compile(richGenotype(3, 2, 'image', 40))
const traits = rich.traits!

describe('planFromBytes', () => {
  it('gives the plan back', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), (genotype) => {
        const plan = compile(genotype)
        expect(planFromBytes(plan.bytes)).toEqual(plan)
      }),
    )
  })

  it('gives the plan of a genotype with traits back', () => {
    for (let seed = 0; seed < 50; seed++) {
      const plan = compile(richGenotype(3, 2, seed, seed))
      expect(plan.traits).not.toBeNull()
      expect(planFromBytes(plan.bytes)).toEqual(plan)
    }
  })

  it('takes bytes that begin anywhere in their buffer', () => {
    const padded = new Uint8Array(plan.bytes.length + 8)
    for (let shift = 0; shift < 8; shift++) {
      padded.set(plan.bytes, shift)
      const shifted = planFromBytes(padded.subarray(shift, shift + plan.bytes.length))
      expect(shifted.weight).toEqual(plan.weight)
      expect(shifted.col).toEqual(plan.col)
    }
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['half a header', plan.bytes.slice(0, 40)],
    ['a byte too few', plan.bytes.slice(0, -1)],
    ['a byte too many', Uint8Array.of(...plan.bytes, 0)],
    ['another mark', withInt32(plan.bytes, 0, 1)],
    ['another version', withInt32(plan.bytes, 4, 2)],
    ['another size', withInt32(plan.bytes, 8, plan.bytes.length + 8)],
    ['no inputs', withInt32(plan.bytes, 12, 0)],
    ['other inputs', withInt32(plan.bytes, 12, 1)],
    ['negative outputs', withInt32(plan.bytes, 16, -1)],
    ['more neurons', withInt32(plan.bytes, 20, 2 ** 30)],
    ['negative links', withInt32(plan.bytes, 24, -8)],
    ['negative held', withInt32(plan.bytes, 28, -1)],
    ['parts that do not meet', withInt32(plan.bytes, 32, 8)],
    ['a row that starts late', withInt32(plan.bytes, plan.rowPtr.byteOffset, 1)],
    ['a row that runs over', withInt32(plan.bytes, plan.rowPtr.byteOffset + 4, 2 ** 30)],
    ['a column below', withInt32(plan.bytes, plan.col.byteOffset, -1)],
    ['a column beyond', withInt32(plan.bytes, plan.col.byteOffset, 2 ** 20)],
    ['an unknown activation', withInt32(plan.bytes, plan.activation.byteOffset, 255)],
    ['a fraction for an id', withFloat64(plan.bytes, plan.id.byteOffset, 0.5)],
    ['a NaN weight', withFloat64(plan.bytes, plan.weight.byteOffset, Number.NaN)],
    ['an infinite bias', withFloat64(plan.bytes, plan.bias.byteOffset, Infinity)],
  ])('refuses %s', (_what, bytes) => {
    expect(() => planFromBytes(bytes)).toThrow(malformed)
  })

  it.each([
    ['coefficients that no header counts', withInt32(rich.bytes, 36, 0)],
    ['negative coefficients', withInt32(rich.bytes, 36, -8)],
    ['more parameters', withInt32(rich.bytes, 40, 2 ** 30)],
    ['an unknown type', withInt32(rich.bytes, traits.kind.byteOffset, 255)],
    ['an unknown aggregation', withInt32(rich.bytes, traits.aggregation.byteOffset, 255)],
    ['an unknown rule', withInt32(rich.bytes, traits.rule.byteOffset, 255)],
    ['an unknown processing', withInt32(rich.bytes, traits.processing.byteOffset, 255)],
    ['modulatory links before the row', withInt32(rich.bytes, traits.modulatory.byteOffset, -1)],
    ['coefficients begin late', withInt32(rich.bytes, traits.coefficientPtr.byteOffset, 1)],
    ['a time constant of 0', withFloat64(rich.bytes, traits.timeConstant.byteOffset, 0)],
    ['a NaN state bound', withFloat64(rich.bytes, traits.stateBound.byteOffset, Number.NaN)],
    ['an infinite response', withFloat64(rich.bytes, traits.response.byteOffset, Infinity)],
    ['a NaN parameter', withFloat64(rich.bytes, traits.parameters.byteOffset, Number.NaN)],
  ])('refuses traits with %s', (_what, bytes) => {
    expect(() => planFromBytes(bytes)).toThrow(malformed)
  })

  it.each([
    ['plain', plan],
    ['of all traits', rich],
  ])('refuses, or makes a network that runs, whatever byte is changed: %s', (_what, plan) => {
    const inputs = Float64Array.of(0.1, 0.2, 0.3)
    const outputs = new Float64Array(2)
    const bytes = fc.record({ at: fc.nat(plan.bytes.length - 1), to: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 3 }), (changes) => {
        const copy = plan.bytes.slice()
        for (const { at, to } of changes) copy[at] = to
        try {
          const network = new Network(planFromBytes(copy))
          network.step(inputs, outputs)
          expect(network.values.length).toBeLessThan(1_000)
        } catch (error) {
          expect(error).toBeInstanceOf(PlanError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
