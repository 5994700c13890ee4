import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode } from '../../src/identity/canonical-decoder.ts'
import { encode, encodeOnce } from '../../src/identity/canonical-encoder.ts'
import { CborError, type Encodable, Float, IllFormedText } from '../../src/identity/value.ts'
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX, CBOR_PAIRS_MAX } from '../../src/limits.ts'
import { value } from './arbitrary-value.ts'

const hex = (encodable: Encodable) => Buffer.from(encode(encodable)).toString('hex')
const nested = (depth: number): Encodable => (depth === 0 ? 0 : [nested(depth - 1)])
const failure = (code: string) => expect.objectContaining({ name: 'CborError', code })

describe('encode', () => {
  it('is undone by decode, for every value', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(decode(encode(original))).toEqual(original)
      }),
      { numRuns: 500 },
    )
  })

  it('gives one encoding, whatever order a map was filled in', () => {
    const keys = fc.uniqueArray(fc.oneof(fc.string({ unit: 'binary' }), fc.maxSafeInteger()))
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.nat()), (names, ranks) => {
        const pairs = names.map((name, index): [string | number, number] => [name, index])
        const shuffled = pairs
          .map((pair) => ({ pair, rank: ranks.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
        const other = new Map(shuffled.map(({ pair }) => pair))
        expect(hex(other)).toBe(hex(new Map(pairs)))
      }),
    )
  })

  it('sorts keys by their encoded bytes', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('b', 'aa', 'é', '\uffff', '😀'),
    )
    const key = fc.oneof(
      text,
      fc.integer({ min: -300, max: 300 }),
      fc.uint8Array({ maxLength: 30 }),
    )
    const keys = fc.uniqueArray(key, { selector: (name) => hex(name), minLength: 2 })
    fc.assert(
      fc.property(keys, (names) => {
        const decoded = decode(encode(new Map(names.map((name) => [name, null]))))
        if (!(decoded instanceof Map)) throw new Error('no map')
        const order = [...decoded.keys()].map(hex)
        expect(order).toEqual([...order].sort())
        expect(order).toHaveLength(names.length)
      }),
    )
  })

  it('takes plain objects and booleans', () => {
    expect(hex({ b: true, a: [false, null] })).toBe(
      hex(
        new Map<string, Encodable>([
          ['a', ['false', null]],
          ['b', 'true'],
        ]),
      ),
    )
    expect(hex(Object.assign(Object.create(null), { x: 1 }))).toBe(hex({ x: 1 }))
  })

  it('keeps text that is not UTF-8 as it came', () => {
    const bytes = Uint8Array.of(0x62, 0xff, 0xfe)
    const text = decode(bytes)
    expect(text).toBeInstanceOf(IllFormedText)
    expect(encode(text)).toEqual(Buffer.from(bytes))
  })

  it('keeps a byte order mark', () => {
    expect(decode(encode('\ufeffx'))).toBe('\ufeffx')
  })

  it('starts with the head it is given', () => {
    const head = Uint8Array.of(1, 2, 3)
    expect(encode('a', { head })).toEqual(Buffer.from([1, 2, 3, 0x61, 0x61]))
  })

  it.each<[string, unknown, string]>([
    ['a fraction', 1.5, 'unsafe_integer'],
    ['2^53', 2 ** 53, 'unsafe_integer'],
    ['2^64', 2n ** 64n, 'out_of_range'],
    ['NaN', new Float(Number.NaN), 'not_finite'],
    ['an infinity', new Float(Number.NEGATIVE_INFINITY), 'not_finite'],
    ['a lone surrogate', 'a\ud800', 'ill_formed_text'],
    ['a long text with a lone surrogate', `${'x'.repeat(300)}\udc00`, 'ill_formed_text'],
    ['undefined', [undefined], 'unsupported'],
    ['a property that is undefined', { a: undefined }, 'unsupported'],
    ['a function', () => 1, 'unsupported'],
    ['a date', new Date(0), 'unsupported'],
    ['a symbol', Symbol('s'), 'unsupported'],
    ['other typed arrays', new Float64Array(2), 'unsupported'],
    ['a key that is an object', new Map([[{}, 1]]), 'bad_key'],
    [
      'one key as number and bigint',
      new Map<unknown, unknown>([
        [1, 1],
        [1n, 2],
      ]),
      'duplicate_key',
    ],
    [
      'one key as two arrays of bytes',
      new Map([
        [Uint8Array.of(1), 1],
        [Uint8Array.of(1), 2],
      ]),
      'duplicate_key',
    ],
  ])('refuses %s', (_, thing, code) => {
    // As an untyped caller would.
    expect(() => Reflect.apply(encode, undefined, [thing])).toThrow(failure(code))
  })

  it('refuses what no receiver would take: depth, items, pairs', () => {
    expect(decode(encode(nested(CBOR_DEPTH_MAX)))).toEqual(nested(CBOR_DEPTH_MAX))
    expect(() => encode(nested(CBOR_DEPTH_MAX + 1))).toThrow(failure('too_deep'))
    const full = new Array(CBOR_ITEMS_MAX - 1).fill(0)
    expect(decode(encode(full))).toHaveLength(full.length)
    expect(() => encode([...full, 0])).toThrow(failure('too_many_items'))
    const pairs = new Map(Array.from({ length: CBOR_PAIRS_MAX + 1 }, (_, index) => [index, index]))
    expect(() => encode(pairs)).toThrow(failure('too_many_items'))
    pairs.delete(0)
    expect(decode(encode(pairs))).toEqual(pairs)
  })

  it('refuses a value that contains itself', () => {
    const loop: Encodable[] = []
    loop.push(loop)
    expect(() => encode(loop)).toThrow(failure('too_deep'))
  })

  it('as Erlang terms refuses what an Erlang receiver would change', () => {
    const options = { erlangTerms: true }
    expect(() => encode(['undefined'], options)).toThrow(failure('undefined_text'))
    expect(() => encode(new Map([[Uint8Array.of(1), 1]]), options)).toThrow(failure('bad_key'))
    expect(encode(['null', 'true', null], options)).toEqual(encode(['null', 'true', null]))
  })

  it('errors are CborError with advice', () => {
    expect(() => encode(0.5)).toThrow(CborError)
    expect(() => encode(0.5)).toThrow('wrap it, new Float(0.5)')
  })
})

describe('encodeOnce', () => {
  it('can be put anywhere its value could', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(hex({ a: [encodeOnce(original)] })).toBe(hex({ a: [original] }))
      }),
    )
  })

  it('counts towards depth and items', () => {
    expect(() => encode([encodeOnce(nested(CBOR_DEPTH_MAX))])).toThrow(failure('too_deep'))
    expect(hex([encodeOnce(nested(CBOR_DEPTH_MAX - 1))])).toBe(hex(nested(CBOR_DEPTH_MAX)))
    const half = encodeOnce(new Array(CBOR_ITEMS_MAX / 2).fill(0))
    expect(() => encode([half, half])).toThrow(failure('too_many_items'))
  })
})
