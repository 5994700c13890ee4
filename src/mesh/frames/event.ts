// EVENT (Macula protocol, sections 5 and 8): a publisher's message on its way from the station to a
// subscriber. The station signs the frame; `publisher_sig`, when there, is the publisher's own
// word.
import type { NodeId } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import type { Encodable, Value } from '../../identity/value.ts'
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header, nameBytes, nodeIdBytes } from './fields.ts'

export interface Event<Payload extends Encodable = Value> extends Header {
  readonly type: 'event'
  readonly topic: string
  readonly realm: Realm
  readonly publisher: NodeId
  readonly seq: number
  readonly payload: Payload
  /** `direct` from a station; `plumtree` and `dht` are defined, too. */
  readonly deliveredVia: string
  readonly publisherSig?: Uint8Array
}

export function eventFields(frame: Event<Encodable>): UnsentFields {
  return frameFields('event', frame, frame.realm, {
    topic: nameBytes(frame.topic),
    publisher: nodeIdBytes(frame.publisher),
    seq: frame.seq,
    payload: frame.payload,
    delivered_via: frame.deliveredVia,
    ...(frame.publisherSig === undefined ? {} : { publisher_sig: frame.publisherSig }),
  })
}

/** @throws FrameError `bad_frame` */
export function parseEvent(fields: FrameFields): Event {
  const read = new FieldReader(fields)
  const publisherSig = read.nullable('publisher_sig', read.bytes)
  return {
    type: 'event',
    ...read.header(),
    topic: read.name('topic'),
    realm: read.realm('realm'),
    publisher: read.nodeId('publisher'),
    seq: read.uint('seq'),
    payload: read.value('payload'),
    deliveredVia: read.text('delivered_via'),
    ...(publisherSig === null ? {} : { publisherSig }),
  }
}
