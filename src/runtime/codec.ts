// How instances of a class cross to another thread: as plain data, by a codec registered in both.
// Without one they are refused (`cannot_cross`), because a copy without its class would be a
// different thing. Register it where the class is defined: every thread that loads the module then
// has it.
//
//   export class Money {
//     readonly cents: bigint
//     ...
//   }
//   registerCodec({ name: 'Money', class: Money, encode: (m) => m.cents, decode: (c) => new Money(c) })
//
// Plain objects, arrays, Map, Set, Date, RegExp, bytes, typed arrays, bigints, pids, calls to reply
// to, monitor references and errors cross without one. Functions and symbols never do.
import { ArborError } from './arbor-error.ts'

type Class<T> = abstract new (...args: never[]) => T

/** How instances of exactly one class cross; `Data` is what may cross itself. */
export interface Codec<T extends object, Data = unknown> {
  /** The same in all threads and versions, unique among all codecs. */
  readonly name: string
  /** A subclass needs a codec of its own. */
  readonly class: Class<T>
  readonly encode: (value: T) => Data
  readonly decode: (data: Data) => T
}

/** A codec, whatever its class. */
export interface AnyCodec {
  readonly name: string
  encode(value: unknown): unknown
  decode(data: unknown): unknown
}

const byPrototype = new Map<object, AnyCodec>()
const byName = new Map<string, AnyCodec>()

/** Lets instances of a class cross. The same name or class twice is a mistake. */
export function registerCodec<T extends object, Data>(codec: Codec<T, Data>): void {
  const {
    name,
    class: { prototype },
  } = codec
  if (byName.has(name) || byPrototype.has(prototype)) {
    const attempt = { operation: 'registerCodec', target: name }
    const advice = 'register it once, in the module that defines the class'
    throw new ArborError('already_registered', `there is a codec "${name}"`, advice, attempt)
  }
  const any: AnyCodec = {
    name,
    encode: (value) => codec.encode(value as T),
    decode: (data) => codec.decode(data as Data),
  }
  byName.set(name, any)
  byPrototype.set(prototype, any)
}

/** The codec of a value's class. */
export function codecOf(value: object): AnyCodec | undefined {
  return byPrototype.get(Object.getPrototypeOf(value))
}

export function codecNamed(name: string): AnyCodec | undefined {
  return byName.get(name)
}

// --- Errors ---

const errors = new Map<string, object>()

/**
 * Lets errors of a class keep it when they cross, by the name of the class; of any other, the copy
 * is a plain `Error` of that name. Own fields cross as far as they can.
 */
export function registerError(type: Class<Error>): void {
  errors.set(type.name, type.prototype)
}

for (const type of [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
]) {
  registerError(type)
}
registerError(AggregateError)
registerError(ArborError)

/** An error as data: class, message, stack, name and whatever fields it has. */
export type ErrorData = readonly [
  type: string,
  message: string,
  stack: string | undefined,
  fields: ReadonlyMap<string, unknown>,
]

const written = new Set(['message', 'stack'])

/** Takes an error apart. */
export function errorData(error: Error, crossable: (value: unknown) => unknown): ErrorData {
  const fields = new Map<string, unknown>()
  for (const key of Object.getOwnPropertyNames(error)) {
    if (!written.has(key)) fields.set(key, crossable(Reflect.get(error, key)))
  }
  const type = error.constructor.name
  if (!errors.has(type)) fields.set('name', error.name === 'Error' ? type : error.name)
  return [type, error.message, error.stack, fields]
}

/** Puts an error together again. */
export function errorFrom([type, message, stack, fields]: ErrorData): Error {
  const error = new Error(message)
  const prototype = errors.get(type)
  if (prototype !== undefined) Object.setPrototypeOf(error, prototype)
  if (stack !== undefined) error.stack = stack
  for (const [key, value] of fields) {
    Object.defineProperty(error, key, {
      value,
      enumerable: key !== 'name' && key !== 'cause',
      writable: true,
      configurable: true,
    })
  }
  return error
}
