import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allotOffspring, ranked, survivors } from '../../src/evolution/selection.ts'

const share = fc.double({ min: 0, max: 1e6, noNaN: true })

describe('allotOffspring', () => {
  it('divides exactly, within one of the proportion', () => {
    fc.assert(
      fc.property(
        fc.array(share, { minLength: 1, maxLength: 50 }),
        fc.nat(2000),
        (shares, total) => {
          const allotted = allotOffspring(shares, total)
          const sum = shares.reduce((a, b) => a + b, 0)
          expect(allotted.reduce((a, b) => a + b, 0)).toBe(total)
          allotted.forEach((count, i) => {
            const due = sum > 0 ? (shares[i]! / sum) * total : total / shares.length
            expect(Math.abs(count - due)).toBeLessThan(1 + 1e-6)
          })
        },
      ),
    )
  })

  it('gives a species without fitness nothing while others have some', () => {
    expect(allotOffspring([0, 3, 1], 8)).toEqual([0, 6, 2])
    expect(allotOffspring([0, 0, 0], 8)).toEqual([3, 3, 2])
    expect(allotOffspring([1, 1, 1], 1)).toEqual([1, 0, 0])
  })
})

describe('ranked', () => {
  it('puts the best first and keeps the order of equals', () => {
    expect(ranked([5, 1, 0, 3], [2, 9, 0, Number.NaN, 0, 2])).toEqual([1, 0, 5, 3])
  })
})

describe('survivors', () => {
  it('keeps the best part, at least one', () => {
    expect(survivors([7, 8, 9, 4, 2], 0.2)).toEqual([7])
    expect(survivors([7, 8, 9, 4, 2], 0.3)).toEqual([7, 8])
    expect(survivors([7, 8], 0)).toEqual([7])
    expect(survivors([7, 8], 1)).toEqual([7, 8])
  })
})
