import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode } from '../../src/identity/canonical-decoder.ts'
import { encode } from '../../src/identity/canonical-encoder.ts'
import { CborError, Float } from '../../src/identity/value.ts'
import { CBOR_DEPTH_MAX, CBOR_PAIRS_MAX } from '../../src/limits.ts'
import { value } from './arbitrary-value.ts'

const fromHex = (hex: string) => decode(Buffer.from(hex, 'hex'))
const failure = (code: string) => expect.objectContaining({ name: 'CborError', code })

/** Decodes, or says which documented error came; anything else escapes and fails the test. */
function attempt(bytes: Uint8Array, options = {}): unknown {
  try {
    return decode(bytes, options)
  } catch (error) {
    if (error instanceof CborError) return error
    throw error
  }
}

describe('decode', () => {
  it('of any bytes gives a value that can be encoded again, or a CborError', () => {
    // Heads of collections and strings come more often than chance would have them.
    const byte = fc.oneof(
      fc.nat({ max: 255 }),
      fc.constantFrom(0x80, 0x81, 0x82, 0x9a, 0x9b, 0xa1, 0xa2, 0xbb, 0x41, 0x61, 0x7b, 0xfb, 0xf9),
    )
    const input = fc.array(byte, { maxLength: 64 }).map((bytes) => Uint8Array.from(bytes))
    fc.assert(
      fc.property(input, fc.boolean(), (bytes, erlangTerms) => {
        const decoded = attempt(bytes, { erlangTerms })
        if (decoded instanceof CborError) return
        const again = encode(decode(bytes, { erlangTerms }), { erlangTerms })
        expect(decode(again, { erlangTerms })).toEqual(decoded)
        expect(encode(decode(again))).toEqual(again)
      }),
      { numRuns: 3_000 },
    )
  })

  it('of a mutated encoding never throws anything else', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) })
    fc.assert(
      fc.property(value, fc.array(mutation, { minLength: 1, maxLength: 3 }), (original, list) => {
        const bytes = Uint8Array.from(encode(original))
        for (const { at, byte } of list) bytes[at % bytes.length] = byte
        attempt(bytes)
      }),
      { numRuns: 1_000 },
    )
  })

  it('of a prefix of an encoding is truncated', () => {
    fc.assert(
      fc.property(value, fc.nat(), (original, cut) => {
        const bytes = encode(original)
        expect(() => decode(bytes.subarray(0, cut % bytes.length))).toThrow(failure('truncated'))
      }),
    )
  })

  it('reads half floats as an independent table has them', () => {
    // RFC 8949, appendix A.
    for (const [hex, number] of [
      ['f90000', 0],
      ['f93c00', 1],
      ['f93e00', 1.5],
      ['f97bff', 65_504],
      ['f90001', 1 / 0x100_0000],
      ['f90400', 0.00006103515625],
      ['f9c400', -4],
      ['fa47c35000', 100_000],
      ['fa7f7fffff', 3.4028234663852886e38],
    ] as const) {
      expect(fromHex(hex)).toEqual(new Float(number))
    }
  })

  it('allocates nothing for lengths the bytes do not back', () => {
    for (const hex of [
      '9bffffffffffffffff',
      'bb0000000100000000',
      '5b7fffffffffffffff',
      '9affffffff',
    ]) {
      expect(() => fromHex(hex)).toThrow(failure('truncated'))
    }
  })

  it('bounds depth, pairs and items', () => {
    const deep = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.of(0)])
    expect(() => decode(deep(CBOR_DEPTH_MAX + 1))).toThrow(failure('too_deep'))
    expect(() => decode(deep(1_000_000))).toThrow(failure('too_deep'))
    decode(deep(CBOR_DEPTH_MAX))
    const wide = Buffer.concat([Buffer.of(0xb9, 0x04, 0x01), Buffer.alloc(2 * CBOR_PAIRS_MAX + 2)])
    expect(() => decode(wide)).toThrow(failure('too_many_items'))
    const items = encode(new Array(99).fill(0))
    expect(decode(items, { itemsMax: 100 })).toHaveLength(99)
    expect(() => decode(items, { itemsMax: 99 })).toThrow(failure('too_many_items'))
  })

  it('gives views of the input, not copies', () => {
    const input = Uint8Array.of(0x42, 1, 2)
    const bytes = decode(input)
    input[1] = 9
    expect(bytes).toEqual(Uint8Array.of(9, 2))
  })

  it('keeps the last of repeated keys of every kind', () => {
    expect(fromHex('a201010102')).toEqual(new Map([[1, 2]]))
    expect(fromHex('a24101014101f6')).toEqual(new Map([[Uint8Array.of(1), null]]))
    const illFormed = fromHex('a261ff0161ff02')
    expect(illFormed instanceof Map && [...illFormed.values()]).toEqual([2])
    expect(fromHex('a2410101610102')).toHaveProperty('size', 2)
  })

  it('refuses keys that are neither text nor bytes nor integers', () => {
    for (const hex of ['a1f600', 'a18000', 'a1a000', 'a1fb000000000000000000']) {
      expect(() => fromHex(hex)).toThrow(failure('bad_key'))
    }
  })

  it('as Erlang terms reads undefined as null and byte-string keys as text', () => {
    const bytes = encode(new Map<Uint8Array | string, string>([[Uint8Array.of(0x61), 'undefined']]))
    expect(decode(bytes, { erlangTerms: true })).toEqual(new Map([['a', null]]))
    expect(decode(bytes)).toEqual(new Map([[Uint8Array.of(0x61), 'undefined']]))
  })

  it('never makes a key of Object.prototype out of hostile input', () => {
    const decoded = decode(encode(new Map([['__proto__', new Map([['polluted', 1]])]])))
    expect(decoded).toBeInstanceOf(Map)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})
