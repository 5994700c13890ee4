// PUBLISH (Macula protocol, sections 5 and 8): a publisher's message on its way to the station,
// which makes an EVENT of it. There is no answer.
import type { NodeId } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import type { Encodable, Value } from '../../identity/value.ts'
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header, nameBytes, nodeIdBytes } from './fields.ts'

export interface Publish<Payload extends Encodable = Value> extends Header {
  readonly type: 'publish'
  readonly topic: string
  readonly realm: Realm
  readonly publisher: NodeId
  /** Starts at the wall clock's microseconds and counts up by one per publish. */
  readonly seq: number
  readonly payload: Payload
  /** Milliseconds since 1970. */
  readonly publishedAtMs: number
  readonly ttlMs: number | null
  /**
   * The publisher's own signature: `withPublisherSignature` makes it, `verifyPublisher` checks it.
   */
  readonly publisherSig?: Uint8Array
}

export function publishFields(frame: Publish<Encodable>): UnsentFields {
  return frameFields('publish', frame, frame.realm, {
    topic: nameBytes(frame.topic),
    publisher: nodeIdBytes(frame.publisher),
    seq: frame.seq,
    payload: frame.payload,
    published_at_ms: frame.publishedAtMs,
    ttl_ms: frame.ttlMs,
    ...(frame.publisherSig === undefined ? {} : { publisher_sig: frame.publisherSig }),
  })
}

/** @throws FrameError `bad_frame` */
export function parsePublish(fields: FrameFields): Publish {
  const read = new FieldReader(fields)
  const publisherSig = read.nullable('publisher_sig', read.bytes)
  return {
    type: 'publish',
    ...read.header(),
    topic: read.name('topic'),
    realm: read.realm('realm'),
    publisher: read.nodeId('publisher'),
    seq: read.uint('seq'),
    payload: read.value('payload'),
    publishedAtMs: read.uint('published_at_ms'),
    ttlMs: read.nullable('ttl_ms', read.uint),
    ...(publisherSig === null ? {} : { publisherSig }),
  }
}
