import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearScale, tickTexts } from '../../src/plot/scale.ts'

const number = fc.double({ min: -1e12, max: 1e12, noNaN: true })

describe('linearScale', () => {
  it('has round ticks that hold the domain', () => {
    const scale = linearScale(0.3, 11.2, [0, 100], 6)
    expect(scale.ticks).toEqual([0, 2, 4, 6, 8, 10, 12])
    expect(scale.domain).toEqual([0, 12])
    expect(scale.at(3)).toBe(25)
    expect(linearScale(-0.25, 0.3, [0, 1], 5).ticks).toEqual([-0.4, -0.2, 0, 0.2, 0.4])
  })

  it('maps every value of the domain into the range, in order', () => {
    fc.assert(
      fc.property(number, number, fc.integer({ min: 2, max: 12 }), (a, b, count) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const { at, ticks, domain } = linearScale(low, high, [400, 20], count)
        const slack = 1e-9 * (domain[1] - domain[0])
        expect(domain[0]).toBeLessThanOrEqual(low + slack)
        expect(domain[1]).toBeGreaterThanOrEqual(high - slack)
        expect(ticks.length).toBeGreaterThanOrEqual(2)
        expect(ticks.length).toBeLessThanOrEqual(count + 3)
        expect(at(domain[0])).toBe(400)
        expect(at(domain[1])).toBe(20)
      }),
    )
  })

  it('takes a single value', () => {
    for (const value of [0, 5, -7, 1e9]) {
      const { domain, at } = linearScale(value, value, [0, 100], 5)
      expect(domain[1]).toBeGreaterThan(domain[0])
      expect(Number.isFinite(at(value))).toBe(true)
    }
  })
})

describe('tickTexts', () => {
  it('writes all ticks in one unit', () => {
    expect(tickTexts([0, 5000, 10_000])).toEqual(['0', '5k', '10k'])
    expect(tickTexts([0, 0.1, 0.2])).toEqual(['0', '0.1', '0.2'])
    expect(tickTexts([0, 1_500_000, 3_000_000])).toEqual(['0', '1.5M', '3M'])
    expect(tickTexts([0, 2e9])).toEqual(['0.0e+0', '2.0e+9'])
  })
})
