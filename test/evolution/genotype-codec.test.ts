import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom, minimalGenotype } from '../../src/evolution/genotype.ts'
import { decodeGenotype, encodeGenotype } from '../../src/evolution/genotype-codec.ts'
import { linkInnovation, splitNeuronId } from '../../src/evolution/innovation.ts'

const hidden = splitNeuronId(0, 2, 0)
const genotype: Genotype = genotypeFrom({
  inputs: 2,
  outputs: 1,
  activation: 'sigmoid',
  neurons: [{ id: hidden, layer: 0, activation: 'tanh', bias: -0.25 }],
  links: [
    { from: 0, to: 2, weight: 0.5, enabled: false },
    { from: 0, to: hidden, weight: 1 },
    { from: hidden, to: 2, weight: -0.1 },
    { from: 2, to: hidden, weight: 1e-300 },
  ],
})

const weights = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('encodeGenotype', () => {
  it('gives the same bytes for equal genotypes and others for others', () => {
    expect(encodeGenotype(structuredClone(genotype))).toEqual(encodeGenotype(genotype))
    const other = { ...genotype, links: genotype.links.slice(1) }
    expect(encodeGenotype(other)).not.toEqual(encodeGenotype(genotype))
  })

  it('keeps this encoding for ever', () => {
    const small = minimalGenotype({ inputs: 1, outputs: 1, activation: 'tanh', weight: () => 1.5 })
    expect(Buffer.from(encodeGenotype(small)).toString('hex')).toBe(
      '41524247' +
        '0001' +
        '00000001'.repeat(4) +
        '3ff0000000000000' +
        '3ff0000000000000' +
        '0000000000000000' +
        '00' +
        '0000000000000000' +
        '3ff0000000000000' +
        '3ff8000000000000' +
        '01',
    )
  })
})

describe('decodeGenotype', () => {
  it('gives back every bit', () => {
    fc.assert(
      fc.property(fc.array(weights, { minLength: 6, maxLength: 6 }), (values) => {
        const some = minimalGenotype({
          inputs: 3,
          outputs: 2,
          activation: 'relu',
          weight: (from, to) => values[from * 2 + (to - 3)] ?? 0,
        })
        expect(decodeGenotype(encodeGenotype(some))).toEqual({ ok: true, genotype: some })
      }),
    )
    const decoded = decodeGenotype(encodeGenotype(genotype))
    expect(decoded).toEqual({ ok: true, genotype })
  })

  it('refuses with a reason what is not one', () => {
    const bytes = encodeGenotype(genotype)
    const changed = (at: number, value: number) => {
      const copy = Uint8Array.from(bytes)
      copy[at] = value
      return decodeGenotype(copy)
    }
    expect(decodeGenotype(new Uint8Array())).toMatchObject({ reason: 'not-a-genotype' })
    expect(changed(0, 0x42)).toMatchObject({ reason: 'not-a-genotype' })
    expect(changed(5, 2)).toMatchObject({ reason: 'unknown-version' })
    expect(decodeGenotype(bytes.subarray(0, -1))).toMatchObject({ reason: 'truncated' })
    expect(changed(14, 0xff)).toMatchObject({ reason: 'size' })
    expect(changed(bytes.length - 1, 2)).toMatchObject({ ok: false })
  })

  it('never throws and never accepts what encodes otherwise', () => {
    const bytes = encodeGenotype(genotype)
    const mutation = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const copy = Uint8Array.from(bytes)
        for (const [at, value] of mutations) copy[at] = value
        const decoded = decodeGenotype(copy)
        if (decoded.ok) expect(encodeGenotype(decoded.genotype)).toEqual(copy)
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(decodeGenotype(noise).ok).toBe(false)
      }),
    )
  })

  it('derives innovation numbers instead of believing them', () => {
    const decoded = decodeGenotype(encodeGenotype(genotype))
    if (!decoded.ok) throw new Error(decoded.detail)
    for (const { innovation, from, to } of decoded.genotype.links) {
      expect(innovation).toBe(linkInnovation(from, to))
    }
  })
})
