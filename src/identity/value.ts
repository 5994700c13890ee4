// The values that are signed and sent: the data model of canonical CBOR (Macula protocol, section
// 2.1), with text and bytes, integers and floats kept apart.
//
//   { topic: bytes, seq: 7, mean: new Float(1), note: 'text', none: null }
//
// A JavaScript number is an integer here; a float is wrapped, else 1.0 could not stay a float.
// There are no booleans on this wire: true and false go out as the texts `true` and `false` and
// stay text.

/** A 64-bit float. NaN and the infinities cannot be encoded. */
export class Float {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/**
 * Text that is not UTF-8, as its bytes: the wire carries it and signatures cover it (section 2.1).
 */
export class IllFormedText {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** The key of a map. */
export type Key = string | number | bigint | Uint8Array | IllFormedText

/** A map as it is decoded; a `Map`, because a hostile peer chooses its keys. */
export type ValueMap = ReadonlyMap<Key, Value>

/**
 * What decoding yields. An integer is a number when it is safe, else a bigint; bytes are a view of
 * the decoded buffer.
 */
export type Value =
  | null
  | string
  | number
  | bigint
  | Uint8Array
  | Float
  | IllFormedText
  | readonly Value[]
  | ValueMap

/** A value that is encoded already, made by `encodeOnce`: copied as it is wherever it is put. */
export class Encoded {
  readonly bytes: Uint8Array
  /** Keys and values in it. */
  readonly items: number
  /** Arrays and maps around its innermost value. */
  readonly depth: number

  constructor(bytes: Uint8Array, items: number, depth: number) {
    this.bytes = bytes
    this.items = items
    this.depth = depth
  }
}

/**
 * What can be encoded: every value, plain objects with text keys, and booleans, which become text.
 */
export type Encodable =
  | null
  | boolean
  | string
  | number
  | bigint
  | Uint8Array
  | Float
  | IllFormedText
  | Encoded
  | readonly Encodable[]
  | ReadonlyMap<Key, Encodable>
  | { readonly [key: string]: Encodable }

/** Why something is not canonical CBOR. */
export type CborErrorCode =
  | 'truncated'
  | 'trailing_bytes'
  | 'unsupported'
  | 'not_finite'
  | 'unsafe_integer'
  | 'out_of_range'
  | 'ill_formed_text'
  | 'undefined_text'
  | 'bad_key'
  | 'duplicate_key'
  | 'too_deep'
  | 'too_many_items'

/** Thrown by `encode` and `decode`, and the only thing they throw. */
export class CborError extends Error {
  override readonly name = 'CborError'
  readonly code: CborErrorCode

  constructor(code: CborErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Whether a value is a map. */
export function isMap(value: Value): value is ValueMap {
  return value instanceof Map
}

/** Whether a value is an array. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
