import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArborError } from '../../src/runtime/arbor-error.ts'
import { registerCodec, registerError } from '../../src/runtime/codec.ts'
import { copied, TermReader, TermWriter, takeDecodeFailure } from '../../src/runtime/term.ts'

/** A writer and a reader of its frames; returns what arrived. */
function stream(): { writer: TermWriter; arrived: () => unknown[] } {
  const reader = new TermReader()
  const values: unknown[] = []
  const writer = new TermWriter((frame) =>
    reader.read(frame.slice(), (value) => values.push(value)),
  )
  const arrived = (): unknown[] => {
    writer.flush()
    return values.splice(0)
  }
  return { writer, arrived }
}

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.double({ noDefaultInfinity: false }).map((x) => (Object.is(x, -0) ? 0 : x)),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.float64Array(),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
    ),
    fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    fc.array(fc.string()).map((values) => new Set(values)),
  ),
})).value

class Money {
  readonly cents: bigint
  constructor(cents: bigint) {
    this.cents = cents
  }
  get euros(): number {
    return Number(this.cents) / 100
  }
}
registerCodec<Money, bigint>({
  name: 'test.Money',
  class: Money,
  encode: ({ cents }) => cents,
  decode: (cents) => new Money(cents),
})

class Unknown {
  readonly x = 1
}

class Fragile {}
registerCodec<Fragile, null>({
  name: 'test.Fragile',
  class: Fragile,
  encode: () => null,
  decode: () => {
    throw new Error('cannot decode')
  },
})

class BrokeError extends Error {
  override readonly name = 'BrokeError'
  readonly amount: Money
  constructor(amount: Money) {
    super('no money left')
    this.amount = amount
  }
}
registerError(BrokeError)

describe('a term', () => {
  it('arrives as it was sent, whatever it consists of', () => {
    fc.assert(
      fc.property(fc.array(plain), (values) => {
        const { writer, arrived } = stream()
        for (const value of values) {
          writer.begin(7)
          writer.term(value)
        }
        expect(arrived()).toEqual(values.flatMap((value) => [7, value]))
      }),
    )
  })

  it('is a copy made when it is written', () => {
    const { writer, arrived } = stream()
    const message = { list: [1] }
    writer.begin(0)
    writer.term(message)
    message.list.push(2)
    expect(arrived()).toEqual([0, { list: [1] }])
  })

  it('keeps numbers up to 2^53 apart', () => {
    const { writer, arrived } = stream()
    const numbers = [0, 23, 24, 255, 65_536, 0xffff_ffff, 0x1_0000_0000, Number.MAX_SAFE_INTEGER]
    for (const number of numbers) writer.begin(number)
    expect(arrived()).toEqual(numbers)
  })

  it('keeps class, fields and cause of an error it knows', () => {
    const cause = new TypeError('deep')
    const error = copied(new RangeError('far', { cause }))
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toBe('far')
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(error.stack).toContain('term.test.ts')
    const broke = copied(new BrokeError(new Money(5n)))
    expect(broke).toBeInstanceOf(BrokeError)
    expect(broke.amount).toEqual(new Money(5n))
    const attempt = { operation: 'test', request: { callback: () => {} } }
    const arbor = copied(new ArborError('some_code', 'what', 'do this', attempt))
    expect(arbor).toBeInstanceOf(ArborError)
    expect(arbor).toMatchObject({ code: 'some_code', advice: 'do this' })
  })

  it('becomes a plain Error of its name when its class is not known', () => {
    class OddError extends Error {}
    const error = copied(new OddError('odd'))
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype)
    expect(error.name).toBe('OddError')
  })

  it('keeps its class when that has a codec', () => {
    const [money] = copied([new Money(250n)])
    expect(money).toBeInstanceOf(Money)
    expect(money?.euros).toBe(2.5)
  })

  it('keeps dates to the millisecond, however far they are', () => {
    const dates = [new Date(0), new Date('+143789-08-04T18:02:38.688Z'), new Date(-8.64e15)]
    expect(copied(dates)).toEqual(dates)
    expect(copied(new Date(Number.NaN)).getTime()).toBeNaN()
  })

  it('keeps array buffers, objects without prototype and those with odd keys', () => {
    const buffer = new Uint8Array([1, 2, 3]).buffer
    expect(copied(buffer)).toEqual(buffer)
    const bare: object = Object.assign(Object.create(null), { a: 1 })
    expect(copied(bare)).toEqual({ a: 1 })
    expect(copied({ constructor: 'x', hasOwnProperty: 1 })).toEqual({
      constructor: 'x',
      hasOwnProperty: 1,
    })
  })
})

describe('what cannot cross', () => {
  const refused: readonly [string, unknown, string, string][] = [
    [
      'a function',
      { items: [0, { onClick: function go() {} }] },
      '.items[1].onClick',
      'function go',
    ],
    ['a symbol', new Map([['key', Symbol('s')]]), '.get("key")', 'Symbol(s)'],
    ['an instance', { a: { 'b c': new Unknown() } }, '.a["b c"]', 'an instance of Unknown'],
    ['a promise', [Promise.resolve()], '[0]', 'an instance of Promise'],
    ['a part of what a codec makes', new Set([new Unknown()]), '.values()', 'Unknown'],
  ]

  it.each(refused)('%s is refused, and the error names its place', (_, value, path, what) => {
    const { writer } = stream()
    writer.begin(0)
    const error = thrownBy(() => writer.term(value))
    expect(error).toBeInstanceOf(ArborError)
    expect(error).toMatchObject({ code: 'cannot_cross', attempt: { request: path } })
    expect(String(error)).toContain(what)
  })

  it('a value that contains itself is refused', () => {
    const value: { self?: unknown } = {}
    value.self = value
    expect(thrownBy(() => copied(value))).toMatchObject({
      code: 'cannot_cross',
      attempt: { request: '.self' },
    })
  })

  it('leaves nothing behind: what comes before and after arrives', () => {
    const shape = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat())
    const step = fc.record({ value: shape, isBad: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { writer, arrived } = stream()
        const expected: unknown[] = []
        for (const { value, isBad } of steps) {
          writer.begin(1)
          if (isBad) {
            const bad = { ...value, bad: () => {} }
            expect(thrownBy(() => writer.term(bad))).toBeInstanceOf(ArborError)
          } else {
            writer.term(value)
            expected.push(1, value)
          }
        }
        expect(arrived()).toEqual(expected)
      }),
    )
  })

  it('is described by a word where it has to cross', () => {
    const { writer, arrived } = stream()
    const loop: unknown[] = []
    loop.push(loop)
    writer.begin(3)
    writer.anyTerm({ error: new Unknown(), call: { message: () => {}, loop }, ok: 1 })
    expect(arrived()).toEqual([
      3,
      {
        error: '[an instance of Unknown]',
        call: { message: '[the function message]', loop: ['[circular]'] },
        ok: 1,
      },
    ])
  })
})

describe('a stream', () => {
  it('outlives more shapes of objects than it can remember', () => {
    const { writer, arrived } = stream()
    const keys = Array.from({ length: 2_000 }, (_, i) => `field${i}`)
    for (let round = 0; round < 3; round++) {
      const sent = keys.map((key, i) => ({ type: 'odd', [key]: i, nested: { [`${key}x`]: round } }))
      for (const value of sent) {
        writer.begin(0)
        writer.term(value)
      }
      expect(arrived().filter((value) => value !== 0)).toEqual(sent)
    }
  })

  it('carries values larger than its buffer', () => {
    const { writer, arrived } = stream()
    const large = { text: 'ü'.repeat(300_000), bytes: new Uint8Array(500_000).fill(7) }
    writer.begin(0)
    writer.term(large)
    writer.begin(1)
    expect(arrived()).toEqual([0, large, 1])
  })

  it('goes on after a codec failed to decode, and tells once which value it was', () => {
    const values: unknown[] = []
    const reader = new TermReader()
    const writer = new TermWriter((frame) =>
      reader.read(frame.slice(), (value) => values.push(takeDecodeFailure() ?? value)),
    )
    for (const value of ['before', { broken: new Fragile() }, 'after']) {
      writer.begin(0)
      writer.term(value)
    }
    writer.flush()
    expect(values).toEqual([0, 'before', 0, { error: new Error('cannot decode') }, 0, 'after'])
  })

  it('refuses a second codec of a name', () => {
    const codec = {
      name: 'test.Money',
      class: Unknown,
      encode: () => 0,
      decode: () => new Unknown(),
    }
    expect(thrownBy(() => registerCodec(codec))).toMatchObject({ code: 'already_registered' })
  })
})

function thrownBy(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
