// The protocol's vector files (schema `macula-vectors/1`; spec: Macula protocol, section 16): reads
// a file of the folder `ARBOR_VECTORS` (default test/conformance/vectors) and its value notation.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Float, type Key, type Value } from '../../src/identity/value.ts'

const folder: string = process.env.ARBOR_VECTORS ?? join(import.meta.dirname, 'vectors')

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** One case; the accessors fail loudly where the schema does not hold. */
export class Case {
  readonly op: string
  readonly title: string
  readonly #fields: { [key: string]: Json }

  constructor(fields: { [key: string]: Json }, index: number) {
    this.#fields = fields
    this.op = this.text('op')
    const name = fields.name ?? fields.value ?? fields.text ?? fields.native ?? ''
    const shown = typeof name === 'string' ? name : JSON.stringify(name)
    this.title = `${index} ${this.op} ${shown.slice(0, 60)}`
  }

  has(key: string): boolean {
    return key in this.#fields
  }

  json(key: string): Json {
    const value = this.#fields[key]
    if (value === undefined) throw new Error(`${this.title}: no field '${key}'`)
    return value
  }

  text(key: string): string {
    const value = this.json(key)
    if (typeof value !== 'string') throw new Error(`${key} is no string`)
    return value
  }

  number(key: string): number {
    const value = this.json(key)
    if (typeof value !== 'number') throw new Error(`${key} is no number`)
    return value
  }

  flag(key: string): boolean {
    const value = this.json(key)
    if (typeof value !== 'boolean') throw new Error(`${key} is no boolean`)
    return value
  }

  list(key: string): Json[] {
    const value = this.json(key)
    if (!Array.isArray(value)) throw new Error(`${key} is no array`)
    return value
  }

  /** A nested object, e.g. `signer`. */
  part(key: string): Case {
    const value = this.json(key)
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw new Error(`${key} is no object`)
    }
    return new Case({ op: key, ...value }, 0)
  }

  /** A hex string's bytes. */
  bytes(key: string): Uint8Array {
    return bytesOf(this.text(key))
  }

  value(key: string): Value {
    return valueFrom(this.json(key))
  }
}

/** The cases of one file; refuses a file that is not what it says or holds an op not listed. */
export function casesOf(name: string, ops: readonly string[]): Case[] {
  const file: Json = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const whole = new Case({ op: 'file', file }, 0).part('file')
  if (whole.text('schema') !== 'macula-vectors/1') throw new Error(`${name}: unknown schema`)
  const cases = whole.list('cases').map((json, index) => {
    if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new Error(name)
    return new Case(json, index)
  })
  const unknown = cases.filter(({ op }) => !ops.includes(op))
  if (unknown.length > 0) throw new Error(`${name}: no test for op '${unknown[0]?.op}'`)
  if (cases.length === 0) throw new Error(`${name}: no cases`)
  return cases
}

export function bytesOf(hex: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
  if (bytes.length * 2 !== hex.length) throw new Error(`not hex: ${hex.slice(0, 40)}`)
  return bytes
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** The value notation: text is a string, integers are numbers, the rest is in one-key objects. */
export function valueFrom(json: Json): Value {
  if (json === null || typeof json === 'string') return json
  if (typeof json === 'number') return json
  if (typeof json === 'boolean') throw new Error('the notation has no booleans')
  if (Array.isArray(json)) return json.map(valueFrom)
  if (typeof json.bytes === 'string') return bytesOf(json.bytes)
  if (typeof json.int === 'string') return BigInt(json.int)
  if (typeof json.be64 === 'string') {
    return new Float(Buffer.from(json.be64, 'hex').readDoubleBE())
  }
  if (Array.isArray(json.map)) return new Map(json.map.map(pairOf))
  throw new Error(`unknown notation ${JSON.stringify(json).slice(0, 80)}`)
}

function pairOf(json: Json): [Key, Value] {
  if (!Array.isArray(json) || json.length !== 2) throw new Error('a pair has two parts')
  const key = valueFrom(json[0] ?? null)
  const isKey = typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint'
  if (isKey || key instanceof Uint8Array) return [key, valueFrom(json[1] ?? null)]
  throw new Error('no key')
}
