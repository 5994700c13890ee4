import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DistanceSettings,
  distance,
  GenomeRow,
  InnovationIndex,
} from '../../src/evolution/distance.ts'
import { packGenotypes } from '../../src/evolution/genome-pool.ts'
import { type Genotype, genotypeFrom } from '../../src/evolution/genotype.ts'
import { generatedGenotype, grownGenotype } from './generated-genotype.ts'

const coefficient = fc.double({ min: 0, max: 3, noNaN: true })
const coefficients = fc.record({
  compatibilityExcessCoefficient: coefficient,
  compatibilityDisjointCoefficient: coefficient,
  compatibilityWeightCoefficient: coefficient,
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
    const c = {
      compatibilityExcessCoefficient: 2,
      compatibilityDisjointCoefficient: 2,
      compatibilityWeightCoefficient: 0.5,
    }
    const a = of([0, 4, 1], [1, 4, 2], [2, 4, 0])
    const b = of([0, 4, 3], [1, 4, -2], [3, 4, 0])
    // Two links unmatched, weights 2 and 4 apart.
    expect(distance(a, b, c)).toBe(2 * 2 + 0.5 * 3)
    expect(distance(a, of([3, 4, 1]), c)).toBe(2 * 4)
    expect(distance(of(), of(), c)).toBe(0)
    expect(
      distance(of(), a, {
        compatibilityExcessCoefficient: 1,
        compatibilityDisjointCoefficient: 0,
        compatibilityWeightCoefficient: 1,
      }),
    ).toBe(3)
  })
})

describe('GenomeRow', () => {
  /** The distance of two genotypes the way a whole pool is compared. */
  const rowDistance = (a: Genotype, b: Genotype, c: DistanceSettings): number => {
    const pool = packGenotypes(3, 2, [b, grownGenotype(3, 2, 'between', 9)])
    const old = packGenotypes(3, 2, [a])
    const index = new InnovationIndex()
    const places = index.placesOf(pool)
    const row = new GenomeRow(old, 0, index.placesOf(old), index.size)
    return row.distanceTo(pool, 0, places, c)
  }

  it('has the bits of the plain distance', () => {
    fc.assert(
      fc.property(pair, ([a, b, c]) => {
        expect(rowDistance(a, b, c)).toBe(distance(a, b, c))
        expect(rowDistance(b, a, c)).toBe(distance(a, b, c))
        expect(rowDistance(a, a, c)).toBe(0)
      }),
    )
  })

  it('counts excess and disjoint links apart', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), generatedGenotype(3, 2), (a, b) => {
        for (const c of [
          {
            compatibilityExcessCoefficient: 1,
            compatibilityDisjointCoefficient: 0,
            compatibilityWeightCoefficient: 0,
          },
          {
            compatibilityExcessCoefficient: 0,
            compatibilityDisjointCoefficient: 1,
            compatibilityWeightCoefficient: 0,
          },
        ]) {
          expect(rowDistance(a, b, c)).toBe(distance(a, b, c))
        }
      }),
    )
  })
})

describe('InnovationIndex', () => {
  it('gives each innovation number one place, consecutive from 0', () => {
    const all = Array.from({ length: 200 }, (_, seed) => grownGenotype(3, 2, seed, 60))
    const pool = packGenotypes(3, 2, all)
    const index = new InnovationIndex()
    const places = index.placesOf(pool)
    expect(index.placesOf(pool)).toEqual(places)
    const byNumber = new Map<number, number>()
    pool.innovation.forEach((number, link) => {
      const place = places[link]!
      expect(byNumber.get(number) ?? place).toBe(place)
      byNumber.set(number, place)
    })
    expect(index.size).toBe(byNumber.size)
    expect(new Set(byNumber.values())).toEqual(new Set(Array(index.size).keys()))
    expect(index.size).toBeGreaterThan(1024)
  })
})
