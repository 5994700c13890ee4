import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bootstrapInterval,
  comparePaired,
  mannWhitney,
  mean,
  median,
  quantile,
  ranksOf,
  signTest,
  wilcoxonSignedRank,
} from '../../src/evolution/statistics.ts'
import { seededRandom } from '../../src/runtime/random.ts'

describe('location', () => {
  it('is that of R and numpy', () => {
    const values = [7, 1, 3, 10]
    expect(mean(values)).toBe(5.25)
    expect(median(values)).toBe(5)
    expect(median([3, 1, 2])).toBe(2)
    expect([0, 0.25, 0.75, 1].map((share) => quantile(values, share))).toEqual([1, 2.5, 7.75, 10])
    expect([mean([]), median([])]).toEqual([Number.NaN, Number.NaN])
    expect(() => quantile(values, 1.1)).toThrow(RangeError)
  })

  it('of ranks is shared by equals', () => {
    expect(ranksOf([30, 10, 20, 10, 10])).toEqual([5, 2, 4, 2, 2])
  })
})

describe('wilcoxonSignedRank', () => {
  // Wilcoxon's own example as in Hollander & Wolfe: depression scores, V = 40, p = 0.0391 in R.
  const x = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
  const y = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]

  it('gives the exact p value of R', () => {
    const { statistic, p } = wilcoxonSignedRank(x, y)
    expect(statistic).toBe(40)
    expect(p).toBeCloseTo(0.0390625, 12)
  })

  it('counts, exactly, all signs of tied ranks', () => {
    // Ranks 1.5, 1.5, 3: of eight choices of signs, two are as far from the middle as all positive.
    expect(wilcoxonSignedRank([1, 1, 2], [0, 0, 0])).toEqual({ statistic: 6, p: 0.25 })
  })

  it('leaves pairs without difference out, and knows nothing without pairs', () => {
    const one = wilcoxonSignedRank([1, 2, 3, 5], [0, 0, 0, 5])
    expect(one).toEqual(wilcoxonSignedRank([1, 2, 3], [0, 0, 0]))
    expect(wilcoxonSignedRank([1, 2], [1, 2])).toEqual({ statistic: 0, p: 1 })
    expect(wilcoxonSignedRank([], []).p).toBe(1)
  })

  it('goes over smoothly into the normal approximation', () => {
    const random = seededRandom(3)
    const long = Array.from({ length: 61 }, () => random.gaussian() + 0.25)
    const zeros = long.map(() => 0)
    const approximate = wilcoxonSignedRank(long, zeros).p
    const exact = wilcoxonSignedRank(long.slice(1), zeros.slice(1)).p
    expect(Math.abs(approximate - exact)).toBeLessThan(0.05)
    expect(approximate).toBeGreaterThan(0)
  })

  it('is symmetric, and gives a share', () => {
    const sample = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })),
    )
    fc.assert(
      fc.property(sample, (pairs) => {
        const a = pairs.map(([first]) => first)
        const b = pairs.map(([, second]) => second)
        for (const test of [wilcoxonSignedRank, signTest, mannWhitney]) {
          expect(test(a, b).p).toBeCloseTo(test(b, a).p, 10)
          expect(test(a, b).p).toBeGreaterThan(0)
          expect(test(a, b).p).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('refuses samples that are no pairs', () => {
    expect(() => wilcoxonSignedRank([1], [1, 2])).toThrow('pairs of 1 and 2 values')
    expect(() => wilcoxonSignedRank([Number.NaN], [1])).toThrow('not a number')
  })

  it('finds a difference by chance as often as it says', () => {
    const random = seededRandom(1)
    let found = 0
    for (let round = 0; round < 1_000; round++) {
      const sample = Array.from({ length: 20 }, () => random.gaussian())
      if (wilcoxonSignedRank(sample, new Array(20).fill(0)).p < 0.05) found++
    }
    expect(found).toBeGreaterThan(25)
    expect(found).toBeLessThan(75)
  })
})

describe('signTest', () => {
  it('is the binomial one', () => {
    const { statistic, p } = signTest([1, 1, 1, 1, 1, 1, 1, 1, -1, -1, 0], new Array(11).fill(0))
    expect(statistic).toBe(8)
    // binom.test(8, 10) in R.
    expect(p).toBeCloseTo(0.109375, 12)
  })
})

describe('mannWhitney', () => {
  it('gives the exact p value of R', () => {
    // Hollander & Wolfe: permeability constants; wilcox.test gives W = 35, p = 0.2544.
    const a = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    const b = [1.15, 0.88, 0.9, 0.74, 1.21]
    const { statistic, p } = mannWhitney(a, b)
    expect(statistic).toBe(35)
    expect(p).toBeCloseTo(0.2544, 4)
  })

  it('is certain of samples apart, small and large', () => {
    // Two of C(6, 3) = 20 choices.
    expect(mannWhitney([1, 2, 3], [4, 5, 6])).toEqual({ statistic: 0, p: 0.1 })
    const low = Array.from({ length: 40 }, (_, i) => i)
    const high = low.map((value) => value + 100)
    expect(mannWhitney(low, high).p).toBeLessThan(1e-12)
    expect(mannWhitney(low, low).p).toBeCloseTo(1, 1)
    expect(mannWhitney([], [1])).toEqual({ statistic: 0, p: 1 })
    expect(mannWhitney(new Array(40).fill(1), new Array(40).fill(1)).p).toBe(1)
  })

  it('has the normal tail of the tables', () => {
    // Samples of 50 and 50 with U = 1250 - d: p = 2 (1 - Phi((d - 0.5) / 145.06)).
    const a = Array.from({ length: 50 }, (_, i) => 2 * i)
    const b = Array.from({ length: 50 }, (_, i) => 2 * i + 25)
    const { statistic, p } = mannWhitney(a, b)
    const z = (1250 - statistic - 0.5) / Math.sqrt((2500 * 101) / 12)
    expect(z).toBeGreaterThan(2.5)
    // Phi by Simpson's rule.
    let area = 0
    const steps = 2_000
    for (let i = 0; i <= steps; i++) {
      const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2
      area += weight * Math.exp(-(((z * i) / steps) ** 2) / 2)
    }
    const upper = 0.5 - (area * z) / steps / 3 / Math.sqrt(2 * Math.PI)
    expect(p).toBeCloseTo(2 * upper, 10)
  })
})

describe('bootstrapInterval', () => {
  it('holds the mean of a normal sample as often as it says', () => {
    let held = 0
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed)
      const sample = Array.from({ length: 30 }, () => 5 + random.gaussian())
      const { low, high } = bootstrapInterval(sample, mean, random.fork('bootstrap'), 0.9, 400)
      if (low <= 5 && high >= 5) held++
    }
    expect(held).toBeGreaterThan(160)
    expect(held).toBeLessThan(195)
  })

  it('is the same for the same stream', () => {
    const interval = (): object => bootstrapInterval([1, 5, 9], median, seededRandom(7))
    expect(interval()).toEqual(interval())
    expect(bootstrapInterval([], mean, seededRandom(7)).low).toBeNaN()
    expect(() => bootstrapInterval([1], mean, seededRandom(7), 95)).toThrow(RangeError)
  })
})

describe('comparePaired', () => {
  it('tells who takes less', () => {
    const a = Array.from({ length: 20 }, (_, i) => 100 + i)
    const b = a.map((value, i) => value + (i === 0 ? -1 : 2 * i))
    const told = comparePaired(a, b)
    expect(told).toMatchObject({ pairs: 20, winsOfA: 19, winsOfB: 1, ties: 0, better: 'a' })
    expect(told.p).toBeLessThan(0.001)
    expect(told.ratio).toBeLessThan(1)
    expect(comparePaired(b, a)).toMatchObject({ winsOfB: 19, better: 'b', p: told.p })
  })

  it('does not tell where chance would do', () => {
    const told = comparePaired([1, 2, 3, 4], [2, 1, 4, 3])
    expect(told.better).toBeUndefined()
    expect(told.p).toBe(1)
  })

  it('takes failures as infinite', () => {
    const never = Number.POSITIVE_INFINITY
    const told = comparePaired([1, 2, never, 3, 4, 5, 6], [never, never, never, 9, 9, 9, 9])
    expect(told).toMatchObject({ winsOfA: 6, winsOfB: 0, ties: 1, better: 'a' })
  })
})
