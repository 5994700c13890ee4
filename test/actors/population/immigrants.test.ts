import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  arrive,
  entered,
  type Immigrants,
  individualOf,
  noImmigrants,
} from '../../../src/actors/population/immigrants.ts'
import { IMMIGRANTS_MAX, ORIGINS_MAX } from '../../../src/limits.ts'
import { grownGenotype } from '../../evolution/generated-genotype.ts'

const genotypes = Array.from({ length: 20 }, (_, seed) => grownGenotype(2, 1, seed, 3))

describe('arrive', () => {
  it('keeps the best, best first, and of equals those that came first', () => {
    const arrivals = fc.array(fc.record({ fitness: fc.double(), genotype: fc.nat(19) }), {
      maxLength: 3 * IMMIGRANTS_MAX,
    })
    fc.assert(
      fc.property(arrivals, (list) => {
        const all = list.map(({ fitness, genotype }, origin) => {
          return { fitness, genotype: genotypes[genotype]!, origin }
        })
        const { waiting } = all.reduce<Immigrants<number>>(arrive, noImmigrants())
        const rank = (x: number): number => (Number.isNaN(x) ? Number.NEGATIVE_INFINITY : x)
        const expected = all.toSorted((a, b) => {
          const [first, second] = [rank(a.fitness), rank(b.fitness)]
          return first === second ? a.origin - b.origin : first > second ? -1 : 1
        })
        expect(waiting).toEqual(expected.slice(0, IMMIGRANTS_MAX))
      }),
      { numRuns: 50 },
    )
  })

  it('remembers a bounded number of origins, the latest ones', () => {
    let immigrants = noImmigrants<number>()
    const genotype = genotypes[0]!
    for (let bias = 0; bias <= ORIGINS_MAX; bias++) {
      const neurons = genotype.neurons.map((neuron) => ({ ...neuron, bias }))
      const individual = { genotype: { ...genotype, neurons }, fitness: 1, origin: bias }
      immigrants = arrive(immigrants, individual)
      if (bias % 100 === 0) immigrants = entered(immigrants)
    }
    expect(immigrants.origins.size).toBe(ORIGINS_MAX)
    expect([...immigrants.origins.values()]).not.toContain(0)
  })
})

describe('individualOf', () => {
  it('knows the origin of every equal genotype, also after it has entered', () => {
    const [first, second] = [genotypes[0]!, genotypes[1]!]
    const one = arrive(noImmigrants<string>(), { genotype: first, fitness: 1, origin: 'Mars' })
    const immigrants = entered(one)
    expect(immigrants.waiting).toEqual([])
    const copy = structuredClone(first)
    expect(individualOf(immigrants, copy, 2)).toEqual({
      genotype: first,
      fitness: 2,
      origin: 'Mars',
    })
    expect(individualOf(immigrants, second, 2)).toEqual({ genotype: second, fitness: 2 })
  })
})
