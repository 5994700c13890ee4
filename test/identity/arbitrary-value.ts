// Generators of canonical values for laws: every kind the wire has, nested a few deep.
import fc from 'fast-check'
import { Float, type Key, type Value } from '../../src/identity/value.ts'

const wellFormedText = fc.string({ unit: 'binary', maxLength: 40 })

/** Integers as `decode` gives them: numbers when safe, else bigints. */
const integer: fc.Arbitrary<number | bigint> = fc.oneof(
  fc.integer({ min: -300, max: 70_000 }),
  fc.maxSafeInteger(),
  fc
    .bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n })
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
)

const float = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value): Value => new Float(value))

const bytes = fc.uint8Array({ maxLength: 300 })

/** Keys a Map tells apart by value. */
const key: fc.Arbitrary<Key> = fc.oneof(wellFormedText, integer)

function entries(item: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc
    .uniqueArray(fc.tuple(key, item), { selector: ([name]) => name, maxLength: 8 })
    .map((pairs): Value => new Map(pairs))
}

/** Any value; decoding its encoding gives an equal one. */
export const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.constant(null), wellFormedText, integer, float, bytes),
    fc.array(tie('value'), { maxLength: 6 }),
    entries(tie('value')),
  ),
})).value
