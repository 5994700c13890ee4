// Canonical CBOR, writing (RFC 8949 in the profile of Macula protocol, section 2.1): one value has
// one encoding, so that a signature means the same on every machine. Shortest heads, definite
// lengths, map keys sorted by their encoded bytes, floats of 64 bits. No general CBOR library
// writes this profile.
//
//   encode({ b: 1, a: [new Float(1), 'text', null] })
//
// Reading is in canonical-decoder.ts.
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX, CBOR_PAIRS_MAX } from '../limits.ts'
import { CborError, type Encodable, Encoded, Float, IllFormedText, type Key } from './value.ts'

export interface CanonicalOptions {
  /**
   * Write for Erlang receivers (section 2.2): they read the text `undefined` as null and a
   * byte-string key as a text key, which breaks every signature over it, so both are refused.
   */
  readonly erlangTerms?: boolean
}

export interface EncodeOptions extends CanonicalOptions {
  /** Bytes to start with, e.g. a signature's domain. */
  readonly head?: Uint8Array
}

const UNSIGNED = 0
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5
const NULL = 0xf6
const DOUBLE = 0xfb
const TWO_32 = 0x1_0000_0000
const UINT64_MAX = 0xffff_ffff_ffff_ffffn

/**
 * The canonical encoding of a value.
 * @throws CborError when it has none: a number that is no safe integer, NaN, `undefined` or a class
 * inside, text with a lone surrogate, more depth or items than the limits allow
 */
export function encode(value: Encodable, options: EncodeOptions = {}): Uint8Array {
  const encoder = new Encoder(options)
  encoder.value(value, 0)
  return encoder.bytes()
}

/**
 * A value encoded for use in several others, e.g. a payload that two signatures cover and a frame
 * carries.
 * @throws CborError as `encode` does
 */
export function encodeOnce(value: Encodable, options: CanonicalOptions = {}): Encoded {
  const encoder = new Encoder(options)
  encoder.value(value, 0)
  return new Encoded(encoder.bytes(), encoder.items, encoder.depth)
}

class Encoder {
  #buffer: Buffer = Buffer.allocUnsafe(1024)
  #view: DataView = viewOf(this.#buffer)
  #end = 0
  /** Keys and values so far. */
  items = 0
  /** The deepest nesting so far. */
  depth = 0
  readonly #erlangTerms: boolean

  constructor({ head, erlangTerms = false }: EncodeOptions) {
    this.#erlangTerms = erlangTerms
    if (head !== undefined) this.#raw(head)
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#end)
  }

  value(value: Encodable, depth: number): void {
    this.#countItems(1)
    if (typeof value === 'string') {
      if (value === 'undefined' && this.#erlangTerms) {
        throw new CborError(
          'undefined_text',
          'receivers read the text undefined as null: send null',
        )
      }
      this.#text(value)
    } else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'bigint') this.#bigint(value)
    else if (value === null) this.#byte(NULL)
    else if (typeof value === 'boolean') this.#text(value ? 'true' : 'false')
    else if (value instanceof Uint8Array) this.#string(BYTES, value)
    else if (value instanceof Float) this.#float(value.value)
    else if (value instanceof IllFormedText) this.#string(TEXT, value.bytes)
    else if (value instanceof Encoded) this.#encoded(value, depth)
    else this.#collection(value, depth)
  }

  #encoded({ bytes, items, depth }: Encoded, outerDepth: number): void {
    this.#countItems(items - 1)
    this.#nest(outerDepth + depth)
    this.#raw(bytes)
  }

  #collection(value: Encodable, depth: number): void {
    this.#nest(depth + 1)
    if (Array.isArray(value)) {
      this.#head(ARRAY, value.length)
      for (const item of value) this.value(item, depth + 1)
    } else if (value instanceof Map) {
      this.#map(value, depth)
    } else if (typeof value === 'object' && value !== null && isPlainObject(value)) {
      this.#pairs(Object.keys(value), (key) => value[String(key)], depth)
    } else {
      throw new CborError(
        'unsupported',
        `${describe(value)} has no encoding: use null, text, integers, Float, bytes, arrays, maps`,
      )
    }
  }

  #map(map: ReadonlyMap<Key, Encodable>, depth: number): void {
    this.#pairs([...map.keys()], (key) => map.get(key), depth)
  }

  #pairs(keys: Key[], get: (key: Key) => Encodable | undefined, depth: number): void {
    if (keys.length > CBOR_PAIRS_MAX) {
      throw new CborError('too_many_items', `a map has at most ${CBOR_PAIRS_MAX} pairs`)
    }
    this.#head(MAP, keys.length)
    this.#countItems(keys.length)
    for (const key of keys.every(isAsciiText) ? sortedAscii(keys) : this.#sorted(keys)) {
      this.#key(key)
      const value = get(key)
      if (value === undefined) {
        throw new CborError(
          'unsupported',
          `${describe(key)} is undefined: leave it out or send null`,
        )
      }
      this.value(value, depth + 1)
    }
  }

  #key(key: Key): void {
    if (typeof key === 'string') this.#text(key)
    else if (typeof key === 'number') this.#number(key)
    else if (typeof key === 'bigint') this.#bigint(key)
    else if (key instanceof IllFormedText) this.#string(TEXT, key.bytes)
    else if (!(key instanceof Uint8Array)) {
      throw new CborError('bad_key', `${describe(key)} is no key: use text, integers or bytes`)
    } else if (this.#erlangTerms) {
      throw new CborError('bad_key', 'receivers read a byte-string key as text: use a text key')
    } else this.#string(BYTES, key)
  }

  /** Keys of any kind by the order of their encodings, which a twin of this encoder makes. */
  #sorted(keys: readonly Key[]): Key[] {
    const encoded = keys.map((key) => {
      const twin = new Encoder({ erlangTerms: this.#erlangTerms })
      twin.#key(key)
      return { key, bytes: twin.bytes() }
    })
    encoded.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    encoded.forEach(({ key, bytes }, index) => {
      const previous = encoded[index - 1]
      if (previous !== undefined && Buffer.compare(previous.bytes, bytes) === 0) {
        throw new CborError('duplicate_key', `the key ${describe(key)} occurs twice`)
      }
    })
    return encoded.map(({ key }) => key)
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw Number.isInteger(value)
        ? new CborError('unsafe_integer', `${value} is not exact as a number: use a bigint`)
        : new CborError('unsafe_integer', `${value} is no integer: wrap it, new Float(${value})`)
    }
    if (value >= 0) this.#head(UNSIGNED, value)
    else this.#head(NEGATIVE, -1 - value)
  }

  #bigint(value: bigint): void {
    const argument = value >= 0n ? value : -1n - value
    if (argument > UINT64_MAX) {
      throw new CborError('out_of_range', 'integers range from -2^64 to 2^64-1')
    }
    if (argument <= Number.MAX_SAFE_INTEGER) {
      this.#head(value >= 0n ? UNSIGNED : NEGATIVE, Number(argument))
    } else {
      const at = this.#reserve(9)
      this.#buffer[at] = value >= 0n ? 0x1b : 0x3b
      this.#view.setBigUint64(at + 1, argument)
    }
  }

  #float(value: number): void {
    if (!Number.isFinite(value)) {
      throw new CborError('not_finite', `${value} cannot be sent: floats are finite`)
    }
    const at = this.#reserve(9)
    this.#buffer[at] = DOUBLE
    this.#view.setFloat64(at + 1, value)
  }

  #text(text: string): void {
    const length = text.length
    if (length < 256 && this.#shortAscii(text, length)) return
    if (!text.isWellFormed()) {
      throw new CborError('ill_formed_text', 'the text holds a lone surrogate: it is not Unicode')
    }
    const size = Buffer.byteLength(text)
    this.#head(TEXT, size)
    const at = this.#reserve(size)
    this.#buffer.write(text, at, size, 'utf8')
  }

  /**
   * Writes text of fewer than 256 ASCII characters; writes nothing and says false for any other.
   */
  #shortAscii(text: string, length: number): boolean {
    const before = this.#end
    this.#head(TEXT, length)
    const at = this.#reserve(length)
    const buffer = this.#buffer
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) {
        this.#end = before
        return false
      }
      buffer[at + index] = code
    }
    return true
  }

  #string(major: number, bytes: Uint8Array): void {
    this.#head(major, bytes.length)
    this.#raw(bytes)
  }

  #head(major: number, argument: number): void {
    const top = major << 5
    if (argument < 24) this.#byte(top | argument)
    else if (argument < 0x100) {
      const at = this.#reserve(2)
      this.#buffer[at] = top | 24
      this.#buffer[at + 1] = argument
    } else if (argument < 0x1_0000) {
      const at = this.#reserve(3)
      this.#buffer[at] = top | 25
      this.#view.setUint16(at + 1, argument)
    } else if (argument < TWO_32) {
      const at = this.#reserve(5)
      this.#buffer[at] = top | 26
      this.#view.setUint32(at + 1, argument)
    } else {
      const at = this.#reserve(9)
      this.#buffer[at] = top | 27
      this.#view.setUint32(at + 1, Math.floor(argument / TWO_32))
      this.#view.setUint32(at + 5, argument % TWO_32)
    }
  }

  #byte(byte: number): void {
    const at = this.#reserve(1)
    this.#buffer[at] = byte
  }

  #raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#buffer.set(bytes, at)
  }

  #reserve(size: number): number {
    const at = this.#end
    this.#end = at + size
    if (this.#end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#end, 2 * this.#buffer.length))
      larger.set(this.#buffer.subarray(0, at))
      this.#buffer = larger
      this.#view = viewOf(larger)
    }
    return at
  }

  #countItems(count: number): void {
    this.items += count
    if (this.items > CBOR_ITEMS_MAX) {
      throw new CborError('too_many_items', `a value has at most ${CBOR_ITEMS_MAX} parts`)
    }
  }

  #nest(depth: number): void {
    if (depth > CBOR_DEPTH_MAX) {
      throw new CborError('too_deep', `values nest at most ${CBOR_DEPTH_MAX} deep`)
    }
    if (depth > this.depth) this.depth = depth
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function isPlainObject(value: object): value is { readonly [key: string]: Encodable } {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isAsciiText(key: Key): key is string {
  if (typeof key !== 'string') return false
  for (let index = 0; index < key.length; index++) if (key.charCodeAt(index) >= 0x80) return false
  return true
}

/** ASCII keys in the order of their encodings: a longer text has a greater head. */
function sortedAscii(keys: string[]): string[] {
  for (let index = 1; index < keys.length; index++) {
    const [key, previous] = [keys[index] ?? '', keys[index - 1] ?? '']
    if (compareAscii(previous, key) > 0) return keys.sort(compareAscii)
  }
  return keys
}

function compareAscii(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return `an object of class ${value.constructor?.name ?? '(none)'}`
  }
  return typeof value === 'string' ? `'${value}'` : String(value)
}
