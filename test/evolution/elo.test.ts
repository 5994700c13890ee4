import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectedScore, type RatedMatch, rated } from '../../src/evolution/elo.ts'
import { seededRandom } from '../../src/runtime/random.ts'

const rating = fc.double({ min: 0, max: 3_000, noNaN: true })
const match: fc.Arbitrary<RatedMatch> = fc.record({
  first: fc.nat(4),
  second: fc.nat(4),
  score: fc.constantFrom(0, 0.5, 1),
})

describe('expectedScore', () => {
  it('is one half between equals, ten to one at a lead of 400', () => {
    expect(expectedScore(1_500, 1_500)).toBe(0.5)
    expect(expectedScore(1_900, 1_500)).toBeCloseTo(10 / 11, 12)
    expect(expectedScore(1_500, 1_900)).toBeCloseTo(1 / 11, 12)
  })

  it('adds up to one for both', () => {
    fc.assert(
      fc.property(rating, rating, (a, b) => {
        expect(expectedScore(a, b) + expectedScore(b, a)).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('rated', () => {
  it('moves 16 points when equals meet and one wins, none when they draw', () => {
    expect([...rated([1_500, 1_500], [{ first: 0, second: 1, score: 1 }])]).toEqual([1_516, 1_484])
    expect([...rated([1_500, 1_500], [{ first: 0, second: 1, score: 0.5 }])]).toEqual([
      1_500, 1_500,
    ])
  })

  it('passes points from one to the other, whatever the order of the matches', () => {
    const ratings = fc.array(rating, { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(ratings, fc.array(match, { maxLength: 20 }), (before, matches) => {
        const after = rated(before, matches)
        const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0)
        expect(sum(after)).toBeCloseTo(sum(before), 6)
        const backwards = rated(before, [...matches].reverse())
        for (const [i, value] of after.entries()) expect(backwards[i]).toBeCloseTo(value, 9)
      }),
    )
  })

  it('finds the order of strength', () => {
    // Four players who win against each other as ratings of 1300, 1400, ... say.
    const strength = [1_300, 1_400, 1_500, 1_700]
    const random = seededRandom(3)
    let ratings: ArrayLike<number> = strength.map(() => 1_500)
    for (let round = 0; round < 3_000; round++) {
      const first = random.integer(4)
      const second = (first + 1 + random.integer(3)) % 4
      const isWon = random.next() < expectedScore(strength[first]!, strength[second]!)
      ratings = rated(ratings, [{ first, second, score: isWon ? 1 : 0 }], 4)
    }
    const order = [0, 1, 2, 3].sort((a, b) => ratings[a]! - ratings[b]!)
    expect(order).toEqual([0, 1, 2, 3])
  })
})
