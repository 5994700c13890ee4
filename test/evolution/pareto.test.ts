import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  crowdingDistances,
  dominates,
  frontNumbers,
  nonDominatedFronts,
  objectivesOf,
  paretoFitness,
  paretoRanked,
} from '../../src/evolution/pareto.ts'

const value = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(Number.NaN, Infinity))
const objectives = fc
  .integer({ min: 1, max: 3 })
  .chain((length) =>
    fc.array(fc.array(value, { minLength: length, maxLength: length }), { maxLength: 25 }),
  )

describe('dominates', () => {
  it('is to be nowhere worse and somewhere better', () => {
    expect(dominates([1, 2], [1, 1])).toBe(true)
    expect(dominates([1, 1], [1, 1])).toBe(false)
    expect(dominates([2, 0], [1, 1])).toBe(false)
    expect(dominates([0], [Number.NaN])).toBe(true)
  })
})

describe('nonDominatedFronts', () => {
  it('holds everybody once, dominated by somebody of the front before and nobody later', () => {
    fc.assert(
      fc.property(objectives, (all) => {
        const fronts = nonDominatedFronts(all)
        expect(fronts.flat().sort((a, b) => a - b)).toEqual(all.map((_, index) => index))
        for (const [number, front] of fronts.entries()) {
          for (const index of front) {
            const dominators = all.flatMap((other, i) => (dominates(other, all[index]!) ? [i] : []))
            const before = fronts.slice(0, number).flat()
            for (const dominator of dominators) expect(before).toContain(dominator)
            const last = fronts[number - 1] ?? []
            expect(dominators.some((one) => last.includes(one))).toBe(number > 0)
          }
        }
      }),
    )
  })

  it('numbers a ladder from the top', () => {
    expect(
      frontNumbers([
        [1, 1],
        [3, 3],
        [2, 2],
        [0, 9],
      ]),
    ).toEqual([3, 1, 2, 1])
  })
})

describe('crowdingDistances', () => {
  it('are infinite at the ends, and the sides of the box around the others', () => {
    const all = [
      [0, 10],
      [1, 9],
      [4, 5],
      [10, 0],
    ]
    const distances = crowdingDistances(all, [0, 1, 2, 3])
    expect(distances[0]).toBe(Infinity)
    expect(distances[3]).toBe(Infinity)
    expect(distances[1]).toBeCloseTo(4 / 10 + 5 / 10, 12)
    expect(distances[2]).toBeCloseTo(9 / 10 + 9 / 10, 12)
    expect(crowdingDistances(all, [])).toEqual([])
  })
})

describe('paretoRanked', () => {
  it('goes by front, then by sparseness; as one fitness, too', () => {
    fc.assert(
      fc.property(objectives, (all) => {
        const order = paretoRanked(all)
        const numbers = frontNumbers(all)
        expect(order.map((index) => numbers[index])).toEqual([...numbers].sort((a, b) => a - b))
        const fitnesses = paretoFitness(all)
        const byFitness = all.map((_, i) => i).sort((a, b) => fitnesses[b]! - fitnesses[a]!)
        expect(byFitness).toEqual(order)
      }),
    )
  })
})

describe('objectivesOf', () => {
  it('are those named, in that order', () => {
    const of = { fitness: 8, neurons: 4, links: 5, novelty: 2, objectives: [1, 7] }
    expect(objectivesOf(['main_fitness', 'inverse_tot_n'], of)).toEqual([8, 0.25])
    expect(objectivesOf(['novelty', 'objectives', 'inverse_links'], of)).toEqual([2, 1, 7, 0.2])
  })
})
