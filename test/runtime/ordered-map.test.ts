import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrderedMap } from '../../src/runtime/ordered-map.ts'
import { compareKeys } from '../../src/runtime/structural-key.ts'

const byNumber = (a: number, b: number): number => a - b

/** Runs of keys, so that nodes fill, split, empty and merge. */
const operation = fc.record({
  type: fc.constantFrom('set', 'set', 'delete' as const),
  from: fc.nat(2000),
  count: fc.integer({ min: 1, max: 400 }),
  step: fc.constantFrom(1, -1, 7),
})

describe('an ordered map', () => {
  it('is what a sorted array is, and its tree stays one', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const map = new OrderedMap<number, string>(byNumber)
        const model = new Map<number, string>()
        for (const [round, { type, from, count, step }] of operations.entries()) {
          for (let i = 0; i < count; i++) {
            const key = from + i * step
            if (type === 'set') {
              map.set(key, `${key} ${round}`)
              model.set(key, `${key} ${round}`)
            } else expect(map.delete(key)).toBe(model.delete(key))
          }
          map.check()
        }
        const sorted = [...model].sort(([a], [b]) => a - b)
        expect([...map.entries()]).toEqual(sorted)
        expect(map.size).toBe(sorted.length)
        expect([map.first(), map.last()]).toEqual([sorted[0]?.[0], sorted.at(-1)?.[0]])
      }),
      { numRuns: 50 },
    )
  })

  it('finds neighbours of keys that are there and of such that are not', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(600), { maxLength: 300 }), (keys) => {
        const map = new OrderedMap<number, number>(byNumber)
        for (const key of keys) map.set(key, key)
        const sorted = keys.toSorted(byNumber)
        for (let key = -1; key <= 601; key += 3) {
          expect(map.get(key)).toBe(keys.includes(key) ? key : undefined)
          expect(map.after(key)).toBe(sorted.find((other) => other > key))
          expect(map.before(key)).toBe(sorted.findLast((other) => other < key))
          expect([...map.entries(key)].map(([k]) => k)).toEqual(sorted.filter((k) => k >= key))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('is emptied in any order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 500, maxLength: 2000 }), (keys) => {
        const map = new OrderedMap<number, number>(byNumber)
        for (const key of keys.toSorted(byNumber)) map.set(key, key)
        for (const key of keys) expect(map.delete(key)).toBe(true)
        map.check()
        expect([map.size, map.first(), map.last()]).toEqual([0, undefined, undefined])
      }),
      { numRuns: 20 },
    )
  })

  it('may change under a loop: what stays is met once, what is gone is not met', () => {
    const change = fc.record({ at: fc.nat(300), key: fc.nat(299), isSet: fc.boolean() })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const map = new OrderedMap<number, number>(byNumber)
        for (let key = 0; key < 300; key += 2) map.set(key, 0)
        const touched = new Set(changes.map(({ key }) => key))
        const met: number[] = []
        let round = 0
        for (const [key, value] of map.entries()) {
          expect(map.get(key)).toBe(value)
          met.push(key)
          for (const { at, key: changed, isSet } of changes) {
            if (at !== round) continue
            if (isSet) map.set(changed, round)
            else map.delete(changed)
          }
          round++
        }
        const stayed = met.filter((key) => !touched.has(key))
        const expected = Array.from({ length: 150 }, (_, i) => i * 2)
        expect(stayed).toEqual(expected.filter((key) => !touched.has(key)))
        expect(new Set(met).size).toBe(met.length)
      }),
      { numRuns: 50 },
    )
  })

  it('orders keys of all kinds', () => {
    const key: fc.Arbitrary<unknown> = fc.oneof(
      fc.integer(),
      fc.string(),
      fc.boolean(),
      fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
        const map = new OrderedMap<unknown, unknown>(compareKeys)
        for (const one of keys) map.set(one, one)
        map.check()
        for (const one of keys) expect(map.get(one)).toEqual(one)
      }),
    )
  })
})
