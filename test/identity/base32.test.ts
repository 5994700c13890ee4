import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeZBase32, encodeBase32, encodeZBase32 } from '../../src/identity/base32.ts'

describe('encodeZBase32 and decodeZBase32', () => {
  it('undo each other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = encodeZBase32(bytes)
        expect(text).toHaveLength(Math.ceil((bytes.length * 8) / 5))
        expect(decodeZBase32(text)).toEqual(bytes)
      }),
    )
  })

  it('take one text per bytes: what decodes is what encodes', () => {
    const alphabet = 'ybndrfg8ejkmcpqxot1uwisza345h769lv02YB! '
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 16 }), (text) => {
        const bytes = decodeZBase32(text)
        if (bytes !== undefined) expect(encodeZBase32(bytes)).toBe(text)
      }),
    )
  })

  it('refuse impossible lengths, spare bits and characters outside the alphabet', () => {
    for (const text of ['y', 'yyy', 'yyyyyy', 'yb', 'YY', 'yl', 'y😀']) {
      expect(decodeZBase32(text)).toBeUndefined()
    }
  })
})

describe('encodeBase32', () => {
  it('is RFC 4648 in lower case without padding', () => {
    // Section 10 of the RFC.
    for (const [text, encoded] of [
      ['', ''],
      ['f', 'my'],
      ['fo', 'mzxq'],
      ['foo', 'mzxw6'],
      ['foob', 'mzxw6yq'],
      ['fooba', 'mzxw6ytb'],
      ['foobar', 'mzxw6ytboi'],
    ] as const) {
      expect(encodeBase32(Buffer.from(text))).toBe(encoded)
    }
  })
})
