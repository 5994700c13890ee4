import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkOrdered, compareKeys, keyId } from '../../src/runtime/structural-key.ts'

const token = Symbol('token')
const object = {}
const leaf = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.string(),
  fc.string().map((s) => `\u0001${s}`),
  fc.constantFrom(null, true, false, 1n, token, Symbol.for('shared'), object, '', ';', '1:'),
)
const key = fc.oneof(leaf, fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 2 }))))

describe('keyId', () => {
  it('is the same for keys of the same content, and for no others', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const copy = Array.isArray(a) ? structuredCloneOf(a) : a
        expect(keyId(copy)).toBe(keyId(a))
        const same = isSame(a, b)
        expect(new Set([keyId(a), keyId(b)]).size).toBe(same ? 1 : 2)
      }),
    )
  })

  it('does not take a string for an array it looks like', () => {
    const looksLike = keyId(['a'])
    expect(keyId(looksLike)).not.toBe(looksLike)
    expect(keyId('plain')).toBe('plain')
  })

  it('tells objects by identity', () => {
    expect(keyId([{}])).not.toBe(keyId([{}]))
    expect(keyId([object])).toBe(keyId([object]))
  })
})

function structuredCloneOf(list: readonly unknown[]): unknown[] {
  return list.map((one) => (Array.isArray(one) ? structuredCloneOf(one) : one))
}

/** As a Map would see it, arrays by content. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, index) => isSame(one, b[index]))
  }
  return new Set([a, b]).size === 1
}

describe('compareKeys', () => {
  const ordered = fc.oneof(
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 2 }),
  )

  it('is an order', () => {
    fc.assert(
      fc.property(ordered, ordered, ordered, (a, b, c) => {
        expect(Math.sign(compareKeys(a, b))).toBe(-Math.sign(compareKeys(b, a)) + 0)
        if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) {
          expect(compareKeys(a, c)).toBeLessThanOrEqual(0)
        }
        expect(compareKeys(a, b) === 0).toBe(keyId(a) === keyId(b))
      }),
    )
  })

  it('refuses what has none', () => {
    expect(() => checkOrdered(object)).toThrow(expect.objectContaining({ code: 'bad_key' }))
    expect(() => checkOrdered(['a', Number.NaN])).toThrow()
    expect(() => checkOrdered(['a', 1, true, 2n])).not.toThrow()
  })
})
