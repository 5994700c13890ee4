import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  GenomeWriter,
  linkCount,
  packGenotypes,
  unpackGenotype,
} from '../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { linkInnovation, splitNeuronId } from '../../src/evolution/innovation.ts'
import { generatedGenotype, grownGenotype, richGenotype } from './generated-genotype.ts'

const genotypes = fc.array(generatedGenotype(3, 2), { maxLength: 6 })

describe('packGenotypes and unpackGenotype', () => {
  it('give back what was packed', () => {
    fc.assert(
      fc.property(genotypes, (given) => {
        const pool = packGenotypes(3, 2, given)
        expect(pool.size).toBe(given.length)
        expect(given.map((_, index) => unpackGenotype(pool, index))).toEqual(given)
        expect(given.map((_, index) => linkCount(pool, index))).toEqual(
          given.map(({ links }) => links.length),
        )
      }),
    )
  })

  it('make plain data that a structured clone keeps', () => {
    const pool = packGenotypes(3, 2, [grownGenotype(3, 2, 1, 30), grownGenotype(3, 2, 2, 9)])
    expect(structuredClone(pool)).toEqual(pool)
    expect(pool.weight.buffer.byteLength).toBeLessThanOrEqual(pool.weight.byteLength * 1.07)
  })

  it('keep every feature, through copies and insertions', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(30), (seed, steps) => {
        const given = [0, 1, 2].map((n) => richGenotype(3, 2, `${seed} ${n}`, steps))
        const pool = packGenotypes(3, 2, given)
        expect(structuredClone(pool)).toEqual(pool)
        expect(given.map((_, index) => unpackGenotype(pool, index))).toEqual(given)
        const writer = new GenomeWriter(3, 2, 1, 1)
        for (const index of [2, 0, 1]) writer.copy(pool, index)
        writer.insertNeuron(splitNeuronId(7, 7, 7), 0.111, 0, 0)
        writer.insertLink(linkInnovation(0, splitNeuronId(7, 7, 7)), 0, splitNeuronId(7, 7, 7), 1)
        const copied = writer.finish()
        expect([1, 2, 0].map((at) => unpackGenotype(copied, at)).slice(0, 1)).toEqual([given[0]])
        const changed = unpackGenotype(copied, 2)
        const isOld = ({ id }: { id: number }): boolean => id !== splitNeuronId(7, 7, 7)
        expect(changed.neurons.filter(isOld)).toEqual(given[1]?.neurons)
        expect(changed.agent).toEqual(given[1]?.agent)
      }),
      { numRuns: 30 },
    )
  })

  it('cost a plain genotype nothing in traits', () => {
    const pool = packGenotypes(3, 2, [grownGenotype(3, 2, 1, 30)])
    expect(pool.traits).toHaveLength(0)
    expect(pool.linkTraits).toHaveLength(0)
    expect(pool.agents).toHaveLength(0)
  })

  it('refuse another morphology', () => {
    const plain = grownGenotype(3, 2, 1, 3)
    const named = { ...plain, sensors: [{ name: 'eye', length: 3 }] }
    expect(() => packGenotypes(3, 2, [named, plain])).toThrow(RangeError)
    expect(unpackGenotype(packGenotypes(3, 2, [named]), 0)).toEqual(named)
  })

  it('refuse another shape and another index', () => {
    const other = grownGenotype(2, 2, 1, 3)
    expect(() => packGenotypes(3, 2, [other])).toThrow(RangeError)
    const pool = packGenotypes(2, 2, [other])
    expect(() => unpackGenotype(pool, 1)).toThrow(RangeError)
    expect(() => unpackGenotype(pool, -1)).toThrow(RangeError)
  })
})

describe('GenomeWriter', () => {
  const written = (writer: GenomeWriter): Genotype =>
    unpackGenotype(writer.finish(), writer.size - 1)

  it('copies genotypes of a pool', () => {
    fc.assert(
      fc.property(genotypes, (given) => {
        const pool = packGenotypes(3, 2, given)
        const writer = new GenomeWriter(3, 2, 1, 1)
        for (let index = given.length - 1; index >= 0; index--) writer.copy(pool, index)
        const copied = writer.finish()
        expect(given.map((_, i) => unpackGenotype(copied, given.length - 1 - i))).toEqual(given)
      }),
    )
  })

  it('finds and inserts links of the open genotype in order', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), (genotype) => {
        const writer = new GenomeWriter(3, 2, 1, 1)
        writer.append(grownGenotype(3, 2, 'before', 12))
        const { neurons, links } = genotype
        writer.append({ ...genotype, links: [] })
        for (const { innovation, from, to, weight } of [...links].reverse()) {
          expect(writer.insertLink(innovation, from, to, weight)).toBe(true)
          expect(writer.insertLink(innovation, from, to, weight)).toBe(false)
        }
        links.forEach(({ innovation }, place) => {
          expect(writer.linkAt(innovation)).toBe(writer.linkBegin + place)
        })
        const enabled = links.map((link) => ({ ...link, enabled: true }))
        expect(written(writer)).toEqual({ inputs: 3, outputs: 2, neurons, links: enabled })
        expect(unpackGenotype(writer.finish(), 0)).toEqual(grownGenotype(3, 2, 'before', 12))
      }),
    )
  })

  it('inserts neurons of the open genotype by layer and id', () => {
    const layer = fc.double({ min: -0.9, max: 0.9, noNaN: true })
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 20 }), (layers) => {
        const writer = new GenomeWriter(1, 1, 1, 1)
        writer.append(grownGenotype(1, 1, 'before', 5))
        writer.append(grownGenotype(1, 1, 'open', 0))
        layers.forEach((at, n) => {
          writer.insertNeuron(splitNeuronId(0, 1, n), at, 0, n)
          expect(writer.neuronAt(splitNeuronId(0, 1, n))).toBeGreaterThanOrEqual(0)
        })
        const genotype = written(writer)
        expect(checkGenotype(genotype).ok).toBe(true)
        expect(genotype.neurons).toHaveLength(layers.length + 1)
      }),
    )
  })

  it('answers where a missing link would stand', () => {
    const writer = new GenomeWriter(2, 1)
    writer.append(grownGenotype(2, 1, 1, 0))
    const missing = linkInnovation(1, 1)
    const place = -1 - writer.linkAt(missing)
    const numbers = [...writer.innovation.subarray(0, writer.linkEnd)]
    expect(numbers.filter((number) => number < missing)).toHaveLength(place)
    expect(writer.neuronAt(77)).toBe(-1)
  })
})
