// Terms that everybody reads and hardly anybody writes: configuration, routing tables, compiled
// patterns (OTP's persistent_term). To read one costs a look into a Map, in any process, without a
// message or a copy. To put one freezes all of it, so that sharing is safe: one walk over the whole
// value. What changes often belongs into a table or a server.
//
//   persistentTerms.put('routes', { '/': 'home', '/about': 'about' })
//   persistentTerms.get('routes')
//
// They are those of one thread; another thread puts its own. Unlike in Erlang no process is stopped
// when a term is replaced: whoever holds the old one keeps it.
import { ArborError } from './arbor-error.ts'
import { isPid } from './pid.ts'
import { keyId } from './structural-key.ts'

interface Term {
  readonly key: unknown
  readonly value: unknown
  /** Objects in it, itself included. */
  readonly objects: number
}

const terms = new Map<unknown, Term>()

/** What is frozen, at all depths. */
export type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [F in keyof T]: Frozen<T[F]> }
    : T

/**
 * Puts a term under a key (lists are keys by content), in place of what was there, and freezes it:
 * whoever writes to it from now on gets a TypeError. Takes plain data: objects, arrays, primitives;
 * functions and pids in it stay as they are. Throws `cannot_freeze`, and freezes nothing, for what
 * can be changed though frozen (Map, Set, Date, buffers, instances of classes).
 */
export function put<T>(key: unknown, value: T): Frozen<T> {
  const objects = new Set<object>()
  collect(value, objects)
  for (const object of objects) Object.freeze(object)
  terms.set(keyId(key), { key, value, objects: objects.size })
  return value as Frozen<T>
}

/** The term of a key, or the default; without one it throws `bad_key`. */
export function get<T>(key: unknown): Frozen<T>
export function get<T, D>(key: unknown, otherwise: D): Frozen<T> | D
export function get(key: unknown, ...otherwise: readonly unknown[]): unknown {
  const term = terms.get(keyId(key))
  if (term !== undefined) return term.value
  if (otherwise.length > 0) return otherwise[0]
  const attempt = { operation: 'get', target: key }
  throw new ArborError(
    'bad_key',
    `no term ${String(key)}`,
    'put it first, or give a default',
    attempt,
  )
}

/** Takes a term away; whether there was one. */
export function erase(key: unknown): boolean {
  return terms.delete(keyId(key))
}

/** Keys in use. */
export function keys(): unknown[] {
  return [...terms.values()].map(({ key }) => key)
}

/** How many terms there are, and how many objects they hold. */
export function info(): { readonly count: number; readonly objects: number } {
  let objects = 0
  for (const term of terms.values()) objects += term.objects
  return { count: terms.size, objects }
}

/** A value within a term, and how to get there. */
interface Place {
  readonly value: unknown
  readonly name: string
  readonly parent: Place | null
}

/** Finds all objects of a value; in a loop, since a list may be long and a tree deep. */
function collect(value: unknown, found: Set<object>): void {
  const waiting: Place[] = [{ value, name: '', parent: null }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value: inner } = next
    if (!isObject(inner) || isPid(inner) || found.has(inner)) continue
    if (!isFreezable(inner)) throw cannotFreeze(inner, next)
    found.add(inner)
    for (const name of Reflect.ownKeys(inner)) {
      // A getter computes; only what is stored is looked at.
      const { value: field } = Object.getOwnPropertyDescriptor(inner, name) ?? {}
      if (isObject(field)) waiting.push({ value: field, name: String(name), parent: next })
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isFreezable(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function cannotFreeze(value: object, place: Place): ArborError {
  const path: string[] = []
  for (let at = place; at.parent !== null; at = at.parent) path.unshift(at.name)
  const where = path.length === 0 ? 'the term' : path.join('.')
  const message = `${where} is a ${value.constructor.name}, which changes though frozen`
  const attempt = { operation: 'put', target: where }
  return new ArborError('cannot_freeze', message, 'put plain data, or keep it in a table', attempt)
}
