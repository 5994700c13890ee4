import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RETRY_TOKEN_LIFETIME_MS } from '../../src/limits.ts'
import { originalIdOf, retryToken } from '../../src/mesh/retry-token.ts'

const key = new Uint8Array(32).fill(1)
const from = { host: '192.0.2.1', port: 5 }
const ids = fc.uint8Array({ minLength: 8, maxLength: 20 })

describe('originalIdOf', () => {
  it('gives back the id a token was made for, as long as it lives', () => {
    fc.assert(
      fc.property(ids, fc.double({ min: 0, max: 1e9, noNaN: true }), (id, now) => {
        const token = retryToken(key, from, id, now)
        for (const laterMs of [0, RETRY_TOKEN_LIFETIME_MS - 1]) {
          const found = originalIdOf(key, from, token, now + laterMs)
          expect(Buffer.from(found ?? []).equals(id)).toBe(true)
        }
        expect(originalIdOf(key, from, token, now + RETRY_TOKEN_LIFETIME_MS + 2)).toBeUndefined()
      }),
    )
  })

  it('knows no token of another address, of another key, or with any byte changed', () => {
    const token = retryToken(key, from, new Uint8Array(16), 1_000)
    expect(originalIdOf(key, { ...from, port: 6 }, token, 1_000)).toBeUndefined()
    expect(originalIdOf(key, { ...from, host: '192.0.2.2' }, token, 1_000)).toBeUndefined()
    expect(originalIdOf(new Uint8Array(32), from, token, 1_000)).toBeUndefined()
    for (let index = 0; index < token.length; index++) {
      const changed = Uint8Array.from(token)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(originalIdOf(key, from, changed, 1_000)).toBeUndefined()
    }
  })

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (token) => {
        expect(originalIdOf(key, from, token, 0)).toBeUndefined()
      }),
    )
  })
})
