import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cos, exp, expm1, log, sin } from '../../../src/evolution/network/elementary.ts'

/**
 * Largest error of `ours` over a range, relative to the platform's value (or to `floor` if that is
 * larger).
 */
function error(
  ours: (x: number) => number,
  platform: (x: number) => number,
  [from, to]: [number, number],
  floor = 0,
): number {
  let worst = 0
  for (let i = 0; i < 20_000; i++) {
    const x = from + ((to - from) * (i + 0.37)) / 20_000
    const expected = platform(x)
    const difference = Math.abs(ours(x) - expected) / Math.max(Math.abs(expected), floor)
    if (!(difference <= worst)) worst = difference
  }
  return worst
}

describe('exp', () => {
  it('has a relative error below 1e-15', () => {
    for (const range of [
      [-1, 1],
      [-40, 40],
      [-700, 709],
    ] as [number, number][]) {
      expect(error(exp, Math.exp, range)).toBeLessThan(1e-15)
    }
  })

  it('reaches the ends of the range', () => {
    expect(exp(0)).toBe(1)
    expect(exp(-Infinity)).toBe(0)
    expect(exp(-745.2)).toBe(0)
    expect(exp(-745)).toBe(Number.MIN_VALUE)
    expect(exp(709.7)).toBeLessThan(Infinity)
    expect(exp(710)).toBe(Infinity)
    expect(exp(Number.NaN)).toBeNaN()
  })
})

describe('expm1', () => {
  it('has a relative error below 4e-15, near 0 below 1e-15', () => {
    expect(error(expm1, Math.expm1, [-0.3, 0.3])).toBeLessThan(1e-15)
    expect(error(expm1, Math.expm1, [-1e-9, 1e-9])).toBeLessThan(1e-15)
    expect(error(expm1, Math.expm1, [-2, 2])).toBeLessThan(4e-15)
    expect(expm1(-0)).toBe(-0)
    expect(expm1(-800)).toBe(-1)
    expect(expm1(Number.NaN)).toBeNaN()
  })
})

describe('log', () => {
  it('has a relative error below 1e-15, an absolute one below 2e-16 near 1', () => {
    for (const range of [
      [2, 1e9],
      [1e-300, 0.4],
      [1e300, 1e303],
    ] as [number, number][]) {
      expect(error(log, Math.log, range)).toBeLessThan(1e-15)
    }
    expect(error(log, Math.log, [0.5, 2], 1)).toBeLessThan(2e-16)
  })

  it('takes subnormal numbers, zero, infinity and what has no logarithm', () => {
    expect(log(Number.MIN_VALUE)).toBeCloseTo(-744.4400719213812, 10)
    expect(log(1)).toBe(0)
    expect(log(0)).toBe(-Infinity)
    expect(log(-0)).toBe(-Infinity)
    expect(log(Infinity)).toBe(Infinity)
    expect(log(-1)).toBeNaN()
    expect(log(Number.NaN)).toBeNaN()
  })

  it('is undone by exp', () => {
    fc.assert(
      fc.property(fc.double({ min: -300, max: 300, noNaN: true }), (x) => {
        expect(Math.abs(log(exp(x)) - x)).toBeLessThan(1e-13)
      }),
    )
  })
})

describe.each([
  ['sin', sin, Math.sin],
  ['cos', cos, Math.cos],
] as const)('%s', (_name, ours, platform) => {
  it('has an absolute error below 3e-16 up to a million radians', () => {
    expect(error(ours, platform, [-4, 4], 1)).toBeLessThan(3e-16)
    expect(error(ours, platform, [-1e6, 1e6], 1)).toBeLessThan(3e-16)
  })

  it('stays within -1 .. 1 for every finite number, and answers NaN for the others', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.abs(ours(x))).toBeLessThanOrEqual(1)
      }),
    )
    expect(ours(Infinity)).toBeNaN()
    expect(ours(Number.NaN)).toBeNaN()
  })
})

describe('sin and cos', () => {
  it('lie on the circle', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (x) => {
        expect(Math.abs(sin(x) * sin(x) + cos(x) * cos(x) - 1)).toBeLessThan(1e-15)
      }),
    )
  })

  it('keep the sign of zero', () => {
    expect(sin(-0)).toBe(-0)
    expect(cos(-0)).toBe(1)
  })
})
