// Between typed frames and the maps they travel as: a reader that checks every field of a hostile
// map, and the header all frames share (Macula protocol, section 4).
import { type NodeId, nodeIdOf, publicKeyOf } from '../../identity/key-pair.ts'
import type { RandomBytes } from '../../identity/puzzle.ts'
import { type Realm, realmBytes, realmOf } from '../../identity/realm.ts'
import { type Encodable, isArray, isMap, type Value, type ValueMap } from '../../identity/value.ts'
import { FrameError, type FrameFields, type UnsentFields } from '../frame.ts'
import { UUID_RANDOM_BYTES, uuidV7 } from '../uuid.ts'

/** The protocol's version, sent and never checked. */
const VERSION = 2
const UUID_BYTES = 16

/** What makes a frame one of its kind: its id and when it was sent. */
export interface Stamp {
  /** 16 bytes, a UUIDv7. */
  readonly frameId: Uint8Array
  /** Milliseconds since 1970. */
  readonly sentAtMs: number
}

/** What every frame carries. */
export interface Header extends Stamp {
  /** Bit 0: the sender is a station. 0 outside CONNECT, HELLO and GOODBYE. */
  readonly capabilities?: number
}

/** A stamp of this moment. */
export function stampAt(wallMs: number, draw: RandomBytes): Stamp {
  return { frameId: uuidV7(wallMs, draw(UUID_RANDOM_BYTES)), sentAtMs: Math.floor(wallMs) }
}

/** The map of a frame: header first, then its own fields. */
export function frameFields(
  type: string,
  header: Header,
  realm: Realm | null,
  own: { readonly [key: string]: Encodable },
): UnsentFields {
  const fields = new Map<string, Encodable>([
    ['version', VERSION],
    ['frame_type', type],
    ['frame_id', header.frameId],
    ['sent_at_ms', header.sentAtMs],
    ['capabilities', header.capabilities ?? 0],
    ['realm', realm === null ? null : realmBytes(realm)],
    ['call_id', null],
    ['source_route', null],
  ])
  for (const [key, value] of Object.entries(own)) fields.set(key, value)
  return fields
}

const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Topics and procedure names travel as bytes. */
export function nameBytes(name: string): Uint8Array {
  return utf8Encoder.encode(name)
}

/** The bytes of a node id, as frames carry it. */
export function nodeIdBytes(nodeId: NodeId): Uint8Array {
  return publicKeyOf(nodeId)
}

/**
 * Reads the fields of one frame; each method throws FrameError `bad_frame` when a field is not so.
 */
export class FieldReader {
  readonly #fields: FrameFields

  constructor(fields: FrameFields) {
    this.#fields = fields
  }

  header(): Required<Header> {
    return {
      frameId: this.bytes('frame_id', UUID_BYTES),
      sentAtMs: this.uint('sent_at_ms'),
      capabilities: this.uint('capabilities'),
    }
  }

  /** Any value; one that is missing reads as null. */
  value(key: string): Value {
    return this.#fields.get(key) ?? null
  }

  bytes(key: string, size?: number): Uint8Array {
    const value = this.value(key)
    if (value instanceof Uint8Array && (size === undefined || value.length === size)) return value
    throw this.#wrong(key, size === undefined ? 'bytes' : `${size} bytes`)
  }

  /** Text in UTF-8. */
  text(key: string): string {
    const value = this.value(key)
    if (typeof value === 'string') return value
    throw this.#wrong(key, 'text')
  }

  /** A name that travels as bytes, in UTF-8. */
  name(key: string): string {
    try {
      return utf8Decoder.decode(this.bytes(key))
    } catch {
      throw this.#wrong(key, 'bytes in UTF-8')
    }
  }

  /** An integer from 0 to 2^53 - 1. */
  uint(key: string): number {
    const value = this.value(key)
    if (typeof value === 'number' && value >= 0) return value
    throw this.#wrong(key, 'an integer from 0 to 2^53-1')
  }

  nodeId(key: string): NodeId {
    return nodeIdOf(this.bytes(key, 32))
  }

  realm(key: string): Realm {
    return realmOf(this.bytes(key, 32))
  }

  map(key: string): ValueMap {
    const value = this.value(key)
    if (isMap(value)) return value
    throw this.#wrong(key, 'a map')
  }

  maps(key: string): ValueMap[] {
    return this.#array(key).map((item) => {
      if (isMap(item)) return item
      throw this.#wrong(key, 'an array of maps')
    })
  }

  realms(key: string): Realm[] {
    return this.#array(key).map((item) => {
      if (item instanceof Uint8Array && item.length === 32) return realmOf(item)
      throw this.#wrong(key, 'an array of realm tags')
    })
  }

  /** Null, or what `read` makes of the field. */
  nullable<T>(key: string, read: (key: string) => T): T | null {
    return this.value(key) === null ? null : read.call(this, key)
  }

  #array(key: string): readonly Value[] {
    const value = this.value(key)
    if (isArray(value)) return value
    throw this.#wrong(key, 'an array')
  }

  #wrong(key: string, wanted: string): FrameError {
    return new FrameError('bad_frame', `the field ${key} is not ${wanted}`)
  }
}
