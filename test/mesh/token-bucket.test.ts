import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../../src/mesh/token-bucket.ts'

describe('take', () => {
  it('allows the burst at once, then the rate', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0)
    expect([1, 2, 3, 4].map(() => bucket.take(1, 0))).toEqual([true, true, true, false])
    expect(bucket.take(1, 99)).toBe(false)
    expect(bucket.take(1, 100)).toBe(true)
    expect(bucket.take(1, 100)).toBe(false)
  })

  it('never holds more than the burst', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, 0)
    expect([1, 2, 3].map(() => bucket.take(1, 60_000))).toEqual([true, true, false])
  })

  it('lets what is larger than the burst pass once the bucket is full, and be paid for', () => {
    const bucket = new TokenBucket({ perSecond: 1000, burst: 100 }, 0)
    expect(bucket.take(300, 0)).toBe(true)
    expect(bucket.take(1, 200)).toBe(false)
    expect(bucket.take(1, 201)).toBe(true)
  })

  it('stands still when the clock runs backwards', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 1000)
    expect(bucket.take(1, 1000)).toBe(true)
    expect(bucket.take(1, 0)).toBe(false)
    expect(bucket.take(1, 1000)).toBe(true)
  })

  it('never lets more through than burst and rate together', () => {
    const steps = fc.array(
      fc.record({ waitMs: fc.nat(500), count: fc.integer({ min: 1, max: 4 }) }),
    )
    fc.assert(
      fc.property(steps, (asked) => {
        const bucket = new TokenBucket({ perSecond: 20, burst: 5 }, 0)
        let nowMs = 0
        let taken = 0
        for (const { waitMs, count } of asked) {
          nowMs += waitMs
          if (bucket.take(count, nowMs)) taken += count
          expect(taken).toBeLessThanOrEqual(5 + (nowMs * 20) / 1000 + 1e-6)
        }
      }),
    )
  })
})

describe('spend', () => {
  it('says how long to wait until the debt is paid', () => {
    const bucket = new TokenBucket({ perSecond: 1000, burst: 100 }, 0)
    expect(bucket.spend(100, 0)).toBe(0)
    expect(bucket.spend(50, 0)).toBe(50)
    expect(bucket.spend(0, 30)).toBe(20)
    expect(bucket.spend(0, 50)).toBe(0)
  })
})

describe('TokenBucket', () => {
  it('refuses a rate that would never let anything pass', () => {
    expect(() => new TokenBucket({ perSecond: 0, burst: 1 }, 0)).toThrow(RangeError)
    expect(() => new TokenBucket({ perSecond: 1, burst: 0 }, 0)).toThrow(RangeError)
  })
})
