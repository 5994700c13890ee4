import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestIndex, rankable, sharedFitness } from '../../src/evolution/fitness.ts'

describe('rankable', () => {
  it('puts what is not a number below every number', () => {
    expect(rankable(Number.NaN)).toBe(Number.NEGATIVE_INFINITY)
    expect(rankable(-3)).toBe(-3)
  })
})

describe('bestIndex', () => {
  it('is the first of the highest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        expect(bestIndex(values)).toBe(values.indexOf(Math.max(...values)))
      }),
    )
    expect(bestIndex([Number.NaN, -1, Number.NaN])).toBe(1)
    expect(bestIndex([Number.NaN, Number.NEGATIVE_INFINITY])).toBe(0)
    expect(bestIndex([])).toBe(-1)
  })
})

describe('sharedFitness', () => {
  it('is the mean of a species', () => {
    expect(sharedFitness([4, 2, 10], [[0, 1], [2]])).toEqual([3, 10])
  })

  it('raises negative fitness by the lowest', () => {
    expect(sharedFitness([-4, -2, 6], [[0, 1], [2]])).toEqual([1, 10])
  })

  it('gives nothing for what is infinite or no number', () => {
    expect(sharedFitness([Number.NaN, 4, Infinity, -Infinity], [[0, 1], [2, 3], []])).toEqual([
      2, 0, 0,
    ])
  })
})
