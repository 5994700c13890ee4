import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom, minimalGenotype } from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { decodeGenotype, encodeGenotype, genotypeId } from '../../src/evolution/genotype-codec.ts'
import { linkInnovation, splitNeuronId } from '../../src/evolution/innovation.ts'
import { richGenotype } from './generated-genotype.ts'

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
        '0002' +
        '00' +
        '00000001'.repeat(4) +
        '3ff0000000000000' +
        '3ff0000000000000' +
        '0000000000000000' +
        '000000' +
        '0000000000000000' +
        '3ff0000000000000' +
        '3ff8000000000000' +
        '01',
    )
  })

  it('refuses to write what nobody would read', () => {
    const outputs = 800
    const weight = (): number => 1
    const large = minimalGenotype({ inputs: 900, outputs, activation: 'tanh', weight })
    expect(() => encodeGenotype(large)).toThrow(RangeError)
  })
})

describe('fixtures', () => {
  // One of every past version: they must be read for ever, and mean the same.
  const folder = join(import.meta.dirname, 'fixtures')
  const fixture = (name: string): Buffer =>
    Buffer.from(readFileSync(join(folder, `${name}.hex`), 'latin1').replaceAll('\n', ''), 'hex')

  it('reads version 1 and migrates it to what it meant', () => {
    expect(decodeGenotype(fixture('genotype-v1'))).toEqual({ ok: true, genotype })
  })

  it('reads version 2 with every feature, and writes the same bytes', () => {
    const decoded = decodeGenotype(fixture('genotype-v2'))
    if (!decoded.ok) throw new Error(decoded.detail)
    expect(decoded.genotype.agent?.operatorWeights).toHaveLength(1)
    expect(Buffer.from(encodeGenotype(decoded.genotype))).toEqual(fixture('genotype-v2'))
    expect(genotypeId(decoded.genotype)).toBe(
      createHash('sha256').update(fixture('genotype-v2')).digest('hex'),
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
    expect(changed(5, 3)).toMatchObject({ reason: 'unknown-version' })
    expect(decodeGenotype(bytes.subarray(0, -1))).toMatchObject({ reason: 'truncated' })
    expect(changed(15, 0xff)).toMatchObject({ reason: 'size' })
    expect(decodeGenotype(new Uint8Array(16_777_217))).toMatchObject({ reason: 'too-large' })
    expect(changed(bytes.length - 1, 8)).toMatchObject({ reason: 'not-canonical' })
    expect(decodeGenotype(Uint8Array.of(...bytes, 0))).toMatchObject({ reason: 'not-canonical' })
  })

  it('gives back every feature', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(40), (seed, steps) => {
        const rich = richGenotype(3, 2, seed, steps)
        expect(checkGenotype(rich)).toEqual({ ok: true, genotype: rich })
        expect(decodeGenotype(encodeGenotype(rich))).toEqual({ ok: true, genotype: rich })
      }),
    )
  })

  it('never throws and never accepts what encodes otherwise', () => {
    const bytes = encodeGenotype(richGenotype(2, 1, 7, 12))
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
