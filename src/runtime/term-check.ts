// What may cross to another thread, found by walking a value. The encoder (term.ts) does not need
// it: this runs when that has refused a value, to say which part of it cannot cross, and for exit
// reasons and errors, which have to cross whatever is in them.
import { types } from 'node:util'
import { ArborError } from './arbor-error.ts'
import { codecOf } from './codec.ts'
import { isPid } from './pid.ts'

/** Objects deeper than this are described by a word. */
const SANITIZED_DEPTH_MAX = 8

const copied: ReadonlySet<object | null> = new Set([
  Date.prototype,
  RegExp.prototype,
  ArrayBuffer.prototype,
  Buffer.prototype,
  Uint8Array.prototype,
  Uint8ClampedArray.prototype,
  Uint16Array.prototype,
  Uint32Array.prototype,
  BigUint64Array.prototype,
  Int8Array.prototype,
  Int16Array.prototype,
  Int32Array.prototype,
  BigInt64Array.prototype,
  Float32Array.prototype,
  Float64Array.prototype,
])

const containers: ReadonlySet<object | null> = new Set([
  null,
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
])

/** Whether cbor-x copies instances of a class by itself. */
export function isBuiltIn(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return containers.has(prototype) || copied.has(prototype)
}

/** What is in the way, and where it lies in the value. */
export interface Obstacle {
  /** As one would write it: `.items[2].onClick`; empty for the value itself. */
  readonly path: string
  readonly what: string
}

/** Finds what keeps a value from crossing. */
export function findObstacle(
  value: unknown,
  path = '',
  above: readonly object[] = [],
): Obstacle | null {
  const what = leafObstacle(value)
  if (what !== null) return { path, what }
  if (typeof value !== 'object' || value === null || isLeaf(value)) return null
  if (above.includes(value)) return { path, what: 'a reference back to what contains it' }
  const within = [...above, value]
  for (const [step, part] of partsOf(value)) {
    const obstacle = findObstacle(part, path + step, within)
    if (obstacle !== null) return obstacle
  }
  return null
}

/** Why a value cannot cross, whatever it contains. */
function leafObstacle(value: unknown): string | null {
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
  if (typeof value === 'symbol') return `the ${String(value)}`
  if (typeof value !== 'object' || value === null) return null
  if (isLeaf(value) || isBuiltIn(value) || codecOf(value) !== undefined) return null
  return `an instance of ${value.constructor?.name ?? 'an unknown class'}`
}

function isLeaf(value: object): boolean {
  return isPid(value) || value instanceof Error || copied.has(Object.getPrototypeOf(value))
}

/** The parts of a container or of what a codec makes of an instance, each with its step of a path. */
function* partsOf(value: object): Generator<readonly [step: string, part: unknown]> {
  const codec = codecOf(value)
  if (codec !== undefined) yield [`<${codec.name}>`, codec.encode(value)]
  else if (Array.isArray(value)) for (const [i, part] of value.entries()) yield [`[${i}]`, part]
  else if (value instanceof Map) {
    for (const [key, part] of value) {
      yield ['.keys()', key]
      yield [`.get(${keyName(key)})`, part]
    }
  } else if (value instanceof Set) for (const part of value) yield ['.values()', part]
  else for (const [key, part] of Object.entries(value)) yield [stepTo(key), part]
}

function keyName(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : String(key)
}

function stepTo(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

/** The error for a value that cannot be copied to another thread. */
export function cannotCross(value: unknown, cause: unknown): ArborError {
  const found = findObstacle(value)
  const attempt = { operation: 'send', request: found?.path ?? '' }
  if (found === null) {
    const advice = 'make it smaller, or see cause'
    return new ArborError('cannot_cross', 'the message cannot be copied', advice, attempt, cause)
  }
  const where = found.path === '' ? 'the message itself' : `message${found.path}`
  const advice = 'send plain data to another thread, or register a codec for its class'
  const message = `${where} cannot cross to another thread, it is ${found.what}`
  return new ArborError('cannot_cross', message, advice, attempt)
}

/** A copy in which everything that cannot cross is a word in brackets. */
export function sanitized(value: unknown, above: readonly object[] = []): unknown {
  const what = leafObstacle(value)
  if (what !== null) return `[${what}]`
  if (typeof value !== 'object' || value === null || isLeaf(value)) return value
  if (above.includes(value)) return '[circular]'
  if (above.length >= SANITIZED_DEPTH_MAX) return `[${types.isMap(value) ? 'Map' : 'object'}]`
  const within = [...above, value]
  const copy = (part: unknown): unknown => sanitized(part, within)
  if (codecOf(value) !== undefined) return findObstacle(value) === null ? value : '[instance]'
  if (Array.isArray(value)) return value.map(copy)
  if (value instanceof Map) return new Map([...value].map(([key, part]) => [copy(key), copy(part)]))
  if (value instanceof Set) return new Set([...value].map(copy))
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(part)]))
}
