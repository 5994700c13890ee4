import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomFromState, secureRandomBytes, seededRandom } from '../../src/runtime/random.ts'

const label = fc.oneof(fc.string(), fc.double(), fc.integer())

/** xoshiro128** as its authors print it, in exact integers. */
function xoshiro(position: readonly number[], count: number): number[] {
  const mask = 0xffff_ffffn
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask
  const s = position.map(BigInt)
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1]! * 5n) & mask, 7n) * 9n) & mask
    const t = (s[1]! << 9n) & mask
    s[2]! ^= s[0]!
    s[3]! ^= s[1]!
    s[1]! ^= s[2]!
    s[0]! ^= s[3]!
    s[2]! ^= t
    s[3] = rotate(s[3]!, 11n)
    return Number(result)
  })
}

describe('seededRandom', () => {
  it('is xoshiro128** from whatever position', () => {
    fc.assert(
      fc.property(label, (seed) => {
        const random = seededRandom(seed)
        const expected = xoshiro(random.state().position, 50)
        expect(Array.from({ length: 50 }, () => random.uint32())).toEqual(expected)
      }),
    )
  })

  it('gives the same numbers on every machine, for ever', () => {
    const random = seededRandom(42)
    expect(random.uint32()).toBe(1876546380)
    expect(random.next()).toBe(0.3904642356328998)
    expect(random.integer(1000)).toBe(772)
    expect(random.gaussian()).toBe(0.3347271352869807)
    expect(seededRandom('a seed').fork('b').fork(3).uint32()).toBe(1754440566)
  })

  it('takes every number and every text as a seed of its own', () => {
    const seeds = [0, 1, -1, 1.5, 2 ** 32, Number.NaN, '', '0', '1', 'a', 'b', 'aa', '\0', '\0\0']
    const first = seeds.map((seed) => seededRandom(seed).next())
    expect(new Set(first).size).toBe(seeds.length)
    expect(seededRandom(-0).next()).toBe(seededRandom(0).next())
  })
})

describe('next', () => {
  it('is uniform in [0, 1)', () => {
    const random = seededRandom(1)
    const buckets = new Array<number>(64).fill(0)
    for (let i = 0; i < 64_000; i++) {
      const value = random.next()
      expect(value >= 0 && value < 1).toBe(true)
      buckets[Math.floor(value * 64)]!++
    }
    const chiSquare = buckets.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    // 63 degrees of freedom: 0.001 of good generators lie above 103.
    expect(chiSquare).toBeLessThan(103)
  })
})

describe('integer', () => {
  it('reaches every value below its bound, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), (below, seed) => {
        const random = seededRandom(seed)
        const seen = new Set(Array.from({ length: below * 40 }, () => random.integer(below)))
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: below }, (_, i) => i))
      }),
      { numRuns: 30 },
    )
  })

  it('has no bias where 2^32 is not a multiple of the bound', () => {
    const random = seededRandom(3)
    const below = 3 * 2 ** 30
    let low = 0
    for (let i = 0; i < 30_000; i++) if (random.integer(below) < 2 ** 30) low++
    // A plain remainder would give one half instead of one third.
    expect(low / 30_000).toBeCloseTo(1 / 3, 1)
  })

  it('refuses bounds it cannot serve', () => {
    for (const below of [0, -1, 1.5, 2 ** 33, Number.NaN]) {
      expect(() => seededRandom(1).integer(below)).toThrow(RangeError)
    }
  })
})

describe('gaussian', () => {
  it('has the moments and the tail of the normal distribution', () => {
    const random = seededRandom(7)
    const count = 400_000
    const sums = [0, 0, 0, 0]
    let beyond2 = 0
    let beyond35 = 0
    for (let i = 0; i < count; i++) {
      const x = random.gaussian()
      for (let power = 0; power < 4; power++) sums[power]! += x ** (power + 1)
      if (Math.abs(x) > 2) beyond2++
      if (Math.abs(x) > 3.5) beyond35++
    }
    const [mean, square, cube, fourth] = sums.map((sum) => sum / count)
    expect(mean).toBeCloseTo(0, 2)
    expect(square).toBeCloseTo(1, 1.9)
    expect(cube).toBeCloseTo(0, 1.3)
    expect(Math.abs(fourth! - 3)).toBeLessThan(0.06)
    expect(Math.abs(beyond2 / count - 0.0455)).toBeLessThan(0.0015)
    expect(Math.abs(beyond35 / count - 0.000465)).toBeLessThan(0.00015)
  })
})

describe('fork', () => {
  it('depends on the names that lead to it, not on draws', () => {
    fc.assert(
      fc.property(label, label, fc.nat(20), (seed, name, draws) => {
        const random = seededRandom(seed)
        const before = random.fork(name).uint32()
        for (let i = 0; i < draws; i++) random.uint32()
        expect(random.fork(name).uint32()).toBe(before)
      }),
    )
  })

  it('does not advance the stream', () => {
    const random = seededRandom(5)
    const state = random.state()
    random.fork('a')
    expect(random.state()).toEqual(state)
  })

  it('gives streams that differ by label and by order', () => {
    const random = seededRandom(5)
    const firsts = [
      random.fork('a').fork('b'),
      random.fork('b').fork('a'),
      random.fork('ab'),
      random.fork('a'),
      random,
      ...Array.from({ length: 2000 }, (_, i) => random.fork(i)),
    ].map((stream) => stream.next())
    expect(new Set(firsts).size).toBe(firsts.length)
  })

  it('gives neighbours that do not correlate', () => {
    const random = seededRandom(6)
    let sum = 0
    for (let i = 0; i < 20_000; i++) {
      sum += (random.fork(i).next() - 0.5) * (random.fork(i + 1).next() - 0.5)
    }
    expect(Math.abs((sum / 20_000) * 12)).toBeLessThan(0.03)
  })
})

describe('randomFromState', () => {
  it('continues bit for bit, also after JSON', () => {
    fc.assert(
      fc.property(label, fc.nat(50), (seed, draws) => {
        const random = seededRandom(seed)
        for (let i = 0; i < draws; i++) random.gaussian()
        const copy = randomFromState(JSON.parse(JSON.stringify(random.state())))
        expect(copy.gaussian()).toBe(random.gaussian())
        expect(copy.fork('x').next()).toBe(random.fork('x').next())
      }),
    )
  })

  it('refuses what is not a state', () => {
    const key = [1, 2, 3, 4] as const
    expect(() => randomFromState({ key, position: [0, 0, 0, 0] })).toThrow(RangeError)
    expect(() => randomFromState({ key, position: [1, 2, 3, 2 ** 32] })).toThrow(RangeError)
    expect(() => randomFromState({ key, position: [1, 2, 3, 0.5] })).toThrow(RangeError)
  })
})

describe('secureRandomBytes', () => {
  it('gives as many bytes as asked, other ones each time', () => {
    expect(secureRandomBytes(0)).toHaveLength(0)
    const first = secureRandomBytes(32)
    expect(first).toHaveLength(32)
    expect(first).not.toEqual(secureRandomBytes(32))
  })
})
