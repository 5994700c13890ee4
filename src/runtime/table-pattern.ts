// Match by example: a pattern looks like the row it matches. Fields left out may be anything, a
// nested object is a pattern of its own, and a function is a guard on its field.
//
//   users.select({ role: 'admin', age: (age) => age >= 18, address: { city: 'Oslo' } })
//
// Typed by the row, so that a field that does not exist does not compile.
import { isDeepStrictEqual } from 'node:util'

/** Stands for any value; the same as to leave a field out, but says that the field is there. */
export const ANY: unique symbol = Symbol('any value')

/** What a value may look like. */
export type Pattern<T> =
  | T
  | typeof ANY
  | ((value: T) => boolean)
  | (T extends readonly unknown[] ? never : T extends object ? PatternFields<T> : never)

type PatternFields<T> = { readonly [F in keyof T]?: Pattern<T[F]> }

/** Which values are meant: a pattern, or a predicate on the whole. */
export type Match<T> = PatternFields<T> | ((value: T) => boolean)

/** A match as a function. */
export function matcherOf<T>(match: Match<T>): (value: T) => boolean {
  if (typeof match === 'function') return match as (value: T) => boolean
  const fields = Object.entries(match).map(([name, pattern]) => [name, testOf(pattern)] as const)
  return (value) => {
    for (const [name, test] of fields) {
      if (!hasField(value, name) || !test(value[name])) return false
    }
    return true
  }
}

function hasField(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && name in value
}

/** A pattern of one value as a function. */
export function patternTest<T>(pattern: Pattern<T>): (value: T) => boolean {
  return testOf(pattern) as (value: T) => boolean
}

function testOf(pattern: unknown): (value: unknown) => boolean {
  if (pattern === ANY) return () => true
  if (typeof pattern === 'function') return pattern as (value: unknown) => boolean
  if (isPlain(pattern)) return matcherOf<unknown>(pattern as Match<unknown>)
  if (typeof pattern === 'object' && pattern !== null) {
    return (value) => isDeepStrictEqual(value, pattern)
  }
  return (value) => Object.is(value, pattern) || value === pattern
}

/** Only plain objects are patterns: a pid, a date or a list is a value. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The value of a field that a pattern fixes, so that an index can be asked; or `ANY`. */
export function fixedField<T>(match: Match<T>, field: keyof T): unknown {
  if (typeof match === 'function' || !(field in match)) return ANY
  const value: unknown = match[field]
  return typeof value === 'function' || isPlain(value) ? ANY : value
}
