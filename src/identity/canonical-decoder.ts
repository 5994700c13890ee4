// Canonical CBOR, reading (RFC 8949 in the profile of Macula protocol, section 2.1). It tolerates
// what others may send — longer heads than needed, floats of 16 and 32 bits, keys in any order,
// repeated keys (the last wins) — so a verifier encodes again what it decoded. Everything else is
// refused: simple values but null, tags, indefinite lengths, NaN and infinities, trailing bytes.
//
//   decode(bytes)      // e.g. Map { 'a' => [Float { value: 1 }, 'text', null], 'b' => 1 }
//
// Input is hostile: every length is held against the bytes that are there before anything is
// allocated.
import { isUtf8 } from 'node:buffer'
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX, CBOR_PAIRS_MAX } from '../limits.ts'
import { CborError, Float, IllFormedText, type Key, type Value, type ValueMap } from './value.ts'

export interface DecodeOptions {
  /**
   * Read as an Erlang receiver does (section 2.2): the text `undefined` is null, and a byte-string
   * key is a text key. Either breaks the signature of what held it.
   */
  readonly erlangTerms?: boolean
  /** Keys and values to take at most, default `CBOR_ITEMS_MAX`. */
  readonly itemsMax?: number
}

const UNSIGNED = 0
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5
const NULL = 0xf6
const HALF = 0xf9
const SINGLE = 0xfa
const DOUBLE = 0xfb
const TWO_32 = 0x1_0000_0000
/** High words from here on make integers that are not safe: 2^53 = 2^21 · 2^32. */
const UNSAFE_HIGH = 0x20_0000
/** The smallest positive half float, 2^-24: what a subnormal's fraction counts. */
const HALF_UNIT: number = 1 / 0x100_0000

/**
 * The value of exactly these bytes; byte strings in it are views of them.
 * @throws CborError for anything outside the profile or the limits
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Value {
  const decoder = new Decoder(bytes, options)
  const value = decoder.value(0)
  decoder.expectEnd()
  return value
}

class Decoder {
  readonly #buffer: Buffer
  #at = 0
  #items = 0
  readonly #itemsMax: number
  readonly #erlangTerms: boolean

  constructor(bytes: Uint8Array, { erlangTerms = false, itemsMax }: DecodeOptions) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#erlangTerms = erlangTerms
    this.#itemsMax = itemsMax ?? CBOR_ITEMS_MAX
  }

  value(depth: number): Value {
    if (++this.#items > this.#itemsMax) {
      throw new CborError('too_many_items', `more than ${this.#itemsMax} keys and values`)
    }
    const head = this.#byte()
    switch (head >> 5) {
      case UNSIGNED:
        return this.#argument(head)
      case NEGATIVE:
        return this.#negative(head)
      case BYTES:
        return this.#bytes(head)
      case TEXT: {
        const text = this.#text(head)
        return text === 'undefined' && this.#erlangTerms ? null : text
      }
      case ARRAY:
        return this.#array(head, depth)
      case MAP:
        return this.#map(head, depth)
      default:
        return this.#simple(head)
    }
  }

  expectEnd(): void {
    const left = this.#buffer.length - this.#at
    if (left > 0) throw new CborError('trailing_bytes', `${left} bytes behind the value`)
  }

  #array(head: number, depth: number): Value[] {
    const count = this.#count(head, 1, depth)
    const items: Value[] = []
    for (let index = 0; index < count; index++) items.push(this.value(depth + 1))
    return items
  }

  #map(head: number, depth: number): ValueMap {
    const count = this.#count(head, 2, depth)
    if (count > CBOR_PAIRS_MAX) {
      throw new CborError('too_many_items', `a map of ${count} pairs, at most ${CBOR_PAIRS_MAX}`)
    }
    const map = new Map<Key, Value>()
    /** Keys that are objects, by their bytes: a Map compares those by identity. */
    const sameKey = new Map<string, Key>()
    for (let index = 0; index < count; index++) {
      let key = this.#key()
      if (typeof key === 'object') {
        const bytes = key instanceof IllFormedText ? key.bytes : key
        const name = `${key instanceof IllFormedText} ${Buffer.from(bytes).toString('latin1')}`
        key = sameKey.get(name) ?? key
        sameKey.set(name, key)
      }
      map.set(key, this.value(depth + 1))
    }
    return map
  }

  #key(): Key {
    this.#items++
    const head = this.#byte()
    switch (head >> 5) {
      case UNSIGNED:
        return this.#argument(head)
      case NEGATIVE:
        return this.#negative(head)
      case TEXT:
        return this.#text(head)
      case BYTES:
        return this.#erlangTerms ? this.#text(head) : this.#bytes(head)
      default:
        throw new CborError('bad_key', 'map keys are text, bytes or integers')
    }
  }

  /** How many items follow, each of at least `size` bytes. */
  #count(head: number, size: number, depth: number): number {
    if (depth >= CBOR_DEPTH_MAX) {
      throw new CborError('too_deep', `values nest at most ${CBOR_DEPTH_MAX} deep`)
    }
    const count = this.#argument(head)
    if (typeof count === 'bigint' || count * size > this.#buffer.length - this.#at) {
      throw new CborError('truncated', `${count} items announced, the bytes end before`)
    }
    return count
  }

  #negative(head: number): number | bigint {
    const argument = this.#argument(head)
    if (typeof argument === 'bigint') return -1n - argument
    return argument < Number.MAX_SAFE_INTEGER ? -1 - argument : -1n - BigInt(argument)
  }

  #bytes(head: number): Uint8Array {
    const start = this.#take(this.#argument(head))
    const { buffer, byteOffset } = this.#buffer
    return new Uint8Array(buffer, byteOffset + start, this.#at - start)
  }

  #text(head: number): string | IllFormedText {
    const start = this.#take(this.#argument(head))
    const ascii = this.#shortAscii(start)
    if (ascii !== undefined) return ascii
    const bytes = this.#buffer.subarray(start, this.#at)
    // utf8Slice replaces what is not UTF-8 and keeps a byte order mark, unlike TextDecoder.
    return isUtf8(bytes) ? bytes.toString('utf8') : new IllFormedText(Uint8Array.from(bytes))
  }

  /**
   * Text of at most 24 ASCII bytes, which is what keys are: cheaper here than a call out of the
   * engine.
   */
  #shortAscii(start: number): string | undefined {
    const end = this.#at
    if (end - start > 24) return undefined
    let text = ''
    for (let index = start; index < end; index++) {
      const code = this.#buffer[index] ?? 0x80
      if (code >= 0x80) return undefined
      text += String.fromCharCode(code)
    }
    return text
  }

  #simple(head: number): Value {
    if (head === NULL) return null
    if (head === DOUBLE) return this.#finite(this.#buffer.readDoubleBE(this.#take(8)))
    if (head === SINGLE) return this.#finite(this.#buffer.readFloatBE(this.#take(4)))
    if (head === HALF) return this.#finite(halfFloat(this.#buffer.readUInt16BE(this.#take(2))))
    throw new CborError('unsupported', `head 0x${head.toString(16)} is outside the profile`)
  }

  #finite(value: number): Float {
    if (!Number.isFinite(value)) throw new CborError('not_finite', `${value} is refused`)
    return new Float(value)
  }

  /** The number a head carries: small ones inside, else in the 1, 2, 4 or 8 bytes behind. */
  #argument(head: number): number | bigint {
    const info = head & 0x1f
    if (info < 24) return info
    if (info === 24) return this.#byte()
    if (info === 25) return this.#buffer.readUInt16BE(this.#take(2))
    if (info === 26) return this.#buffer.readUInt32BE(this.#take(4))
    if (info === 27) {
      const start = this.#take(8)
      const high = this.#buffer.readUInt32BE(start)
      return high < UNSAFE_HIGH
        ? high * TWO_32 + this.#buffer.readUInt32BE(start + 4)
        : this.#buffer.readBigUInt64BE(start)
    }
    throw new CborError(
      'unsupported',
      info === 31 ? 'indefinite lengths are refused' : `reserved head 0x${head.toString(16)}`,
    )
  }

  #byte(): number {
    const byte = this.#buffer[this.#at++]
    if (byte === undefined) throw new CborError('truncated', 'the bytes end inside a value')
    return byte
  }

  /** Steps over `size` bytes; returns where they start. */
  #take(size: number | bigint): number {
    const start = this.#at
    if (size > this.#buffer.length - start) {
      throw new CborError('truncated', 'the bytes end inside a value')
    }
    this.#at = start + Number(size)
    return start
  }
}

/** IEEE 754 binary16 to a number. */
function halfFloat(bits: number): number {
  const fraction = bits & 0x3ff
  const exponent = (bits >> 10) & 0x1f
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * HALF_UNIT
  // Powers of two are exact: 2^(exponent - 25) counts the fraction's last bit.
  const unit = HALF_UNIT * (1 << (exponent - 1))
  return sign * (1024 + fraction) * unit
}
