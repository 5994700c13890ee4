import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance, GenomeRow } from '../../src/evolution/distance.ts'
import { packGenotypes } from '../../src/evolution/genome-pool.ts'
import { genotypeFrom } from '../../src/evolution/genotype.ts'
import { generatedGenotype } from './generated-genotype.ts'

const coefficient = fc.double({ min: 0, max: 3, noNaN: true })
const coefficients = fc.record({
  excess: coefficient,
  disjoint: coefficient,
  weight: coefficient,
})
const pair = fc.tuple(generatedGenotype(3, 2), generatedGenotype(3, 2), coefficients)

describe('distance', () => {
  it('is 0 to itself, symmetric and never negative', () => {
    fc.assert(
      fc.property(pair, ([a, b, c]) => {
        expect(distance(a, a, c)).toBe(0)
        expect(distance(a, b, c)).toBe(distance(b, a, c))
        expect(distance(a, b, c)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('adds up the terms of the paper by hand', () => {
    const of = (...links: [from: number, to: number, weight: number][]) =>
      genotypeFrom({
        inputs: 4,
        outputs: 1,
        activation: 'tanh',
        links: links.map(([from, to, weight]) => ({ from, to, weight })),
      })
    const c = { excess: 2, disjoint: 2, weight: 0.5 }
    const a = of([0, 4, 1], [1, 4, 2], [2, 4, 0])
    const b = of([0, 4, 3], [1, 4, -2], [3, 4, 0])
    // Two links unmatched, weights 2 and 4 apart.
    expect(distance(a, b, c)).toBe(2 * 2 + 0.5 * 3)
    expect(distance(a, of([3, 4, 1]), c)).toBe(2 * 4)
    expect(distance(of(), of(), c)).toBe(0)
    expect(distance(of(), a, { excess: 1, disjoint: 0, weight: 1 })).toBe(3)
  })
})

describe('GenomeRow', () => {
  it('has the bits of the plain distance, loaded again and again', () => {
    const row = new GenomeRow()
    fc.assert(
      fc.property(pair, ([a, b, c]) => {
        const pool = packGenotypes(3, 2, [a, b])
        expect(row.load(pool, 0).distanceTo(pool, 1, c)).toBe(distance(a, b, c))
        expect(row.load(pool, 1).distanceTo(pool, 0, c)).toBe(distance(a, b, c))
        expect(row.distanceTo(pool, 1, c)).toBe(0)
      }),
    )
  })

  it('counts excess and disjoint links apart', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), generatedGenotype(3, 2), (a, b) => {
        const pool = packGenotypes(3, 2, [a, b])
        for (const c of [
          { excess: 1, disjoint: 0, weight: 0 },
          { excess: 0, disjoint: 1, weight: 0 },
        ]) {
          expect(new GenomeRow().load(pool, 0).distanceTo(pool, 1, c)).toBe(distance(a, b, c))
        }
      }),
    )
  })
})
