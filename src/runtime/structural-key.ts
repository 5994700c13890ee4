// Keys that are lists, such as ['user', 7], told apart by what is in them; a JavaScript Map tells
// them apart by identity. `keyId` turns any key into one that a Map handles right: primitives and
// objects are themselves, an array is a string that no other key has.
import { ArborError } from './arbor-error.ts'

/** Any value but `undefined` and NaN-free only where ordered; arrays are compared by content. */
export type Key = unknown

/** Marks what is not simply itself; a string that happens to begin with it is marked, too. */
const MARK = '\u0001'
const MARK_CODE = 1

/** What stands for a key in a Map. */
export function keyId(key: Key): unknown {
  if (typeof key === 'number') return key
  if (typeof key === 'string') return key.charCodeAt(0) === MARK_CODE ? `${MARK}s${key}` : key
  return Array.isArray(key) ? MARK + encoded(key) : key
}

/** Lengths before strings make it unambiguous. */
function encoded(element: unknown): string {
  switch (typeof element) {
    case 'string':
      return `s${element.length}:${element}`
    case 'object':
      if (element === null) return 'null;'
      return Array.isArray(element)
        ? `[${element.length}:${element.map(encoded).join('')}`
        : `o${identityOf(element)};`
    case 'symbol': {
      const shared = Symbol.keyFor(element)
      return shared === undefined ? `o${identityOf(element)};` : `y${shared.length}:${shared}`
    }
    case 'function':
      return `o${identityOf(element)};`
    default:
      // Numbers, big integers, booleans: -0 is 0, as in a Map.
      return `${typeof element}${String(element)};`
  }
}

const identities = new WeakMap<WeakKey, number>()
let lastIdentity = 0

function identityOf(value: WeakKey): number {
  let identity = identities.get(value)
  if (identity === undefined) {
    identity = ++lastIdentity
    identities.set(value, identity)
  }
  return identity
}

/** Order of the kinds of keys, as in Erlang where it has them. */
const ranks: Readonly<Record<string, number>> = { number: 0, bigint: 0, boolean: 1, string: 2 }
const ARRAY_RANK = 3

/**
 * The order of keys: numbers, booleans, strings (by code units), arrays (shorter first, then
 * element by element, as Erlang's tuples). Other values have none.
 */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b)
  const difference = rankOf(a) - rankOf(b)
  if (difference !== 0) return difference
  const [x, y] = [a as number, b as number]
  return x < y ? -1 : x > y ? 1 : 0
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  if (a.length !== b.length) return a.length - b.length
  for (let i = 0; i < a.length; i++) {
    const order = compareKeys(a[i], b[i])
    if (order !== 0) return order
  }
  return 0
}

function rankOf(key: Key): number {
  const rank = Array.isArray(key) ? ARRAY_RANK : ranks[typeof key]
  if (rank === undefined) throw unordered(key)
  return rank
}

/** Throws for a key that has no place in an order. */
export function checkOrdered(key: Key): void {
  if (typeof key === 'string') return
  if (typeof key === 'number' && !Number.isNaN(key)) return
  if (Array.isArray(key)) for (const element of key) checkOrdered(element)
  else if (Number.isNaN(key) || ranks[typeof key] === undefined) throw unordered(key)
}

function unordered(key: Key): ArborError {
  const advice = 'use numbers, strings, booleans, big integers or arrays of them'
  const attempt = { operation: 'compare', target: key }
  return new ArborError('bad_key', `a key that is ${String(key)} has no order`, advice, attempt)
}
