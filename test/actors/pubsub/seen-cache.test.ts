import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeenCache } from '../../../src/actors/pubsub/seen-cache.ts'

const windowMs = 1000

describe('add', () => {
  it('knows an event again within the window, and forgets it after twice the window', () => {
    const seen = new SeenCache({ windowMs, entriesMax: 100 })
    expect(seen.add('a', 1, 0)).toBe(true)
    expect(seen.add('a', 1, 999)).toBe(false)
    expect(seen.add('b', 1, 999)).toBe(true)
    expect(seen.has('a', 1, 1500)).toBe(true)
    expect(seen.add('a', 1, 2000)).toBe(true)
    expect(seen.has('b', 1, 2998)).toBe(false)
  })

  it('forgets everything after a long silence', () => {
    const seen = new SeenCache({ windowMs, entriesMax: 100 })
    seen.add('a', 1, 0)
    expect(seen.has('a', 1, 60_000)).toBe(false)
    expect(seen.size).toBe(0)
  })

  it('keeps within its bound under a flood, and still knows the last events', () => {
    const seen = new SeenCache({ windowMs, entriesMax: 100 })
    for (let seq = 0; seq < 10_000; seq++) {
      expect(seen.add('a', seq, 0)).toBe(true)
      expect(seen.size).toBeLessThanOrEqual(100)
    }
    expect(seen.add('a', 9_999, 0)).toBe(false)
    expect(seen.add('a', 9_951, 0)).toBe(false)
  })

  it('never takes a duplicate within the window, nor a new event for one', () => {
    const events = fc.array(fc.record({ waitMs: fc.nat(400), seq: fc.nat(5) }), { maxLength: 60 })
    fc.assert(
      fc.property(events, (arrivals) => {
        const seen = new SeenCache({ windowMs, entriesMax: 1000 })
        const addedAtMs = new Map<number, number>()
        let nowMs = 0
        for (const { waitMs, seq } of arrivals) {
          nowMs += waitMs
          const ageMs = nowMs - (addedAtMs.get(seq) ?? Number.NEGATIVE_INFINITY)
          const isNew = seen.add('a', seq, nowMs)
          if (isNew) addedAtMs.set(seq, nowMs)
          if (ageMs < windowMs) expect(isNew).toBe(false)
          if (ageMs >= 2 * windowMs) expect(isNew).toBe(true)
        }
      }),
    )
  })
})
