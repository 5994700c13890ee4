// UNSUBSCRIBE (Macula protocol, sections 5 and 8): takes a SUBSCRIBE back. There is no answer.
import type { NodeId } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header, nameBytes, nodeIdBytes } from './fields.ts'

export interface Unsubscribe extends Header {
  readonly type: 'unsubscribe'
  readonly topic: string
  readonly realm: Realm
  readonly subscriber: NodeId
}

export function unsubscribeFields(frame: Unsubscribe): UnsentFields {
  return frameFields('unsubscribe', frame, frame.realm, {
    topic: nameBytes(frame.topic),
    subscriber: nodeIdBytes(frame.subscriber),
  })
}

/** @throws FrameError `bad_frame` */
export function parseUnsubscribe(fields: FrameFields): Unsubscribe {
  const read = new FieldReader(fields)
  return {
    type: 'unsubscribe',
    ...read.header(),
    topic: read.name('topic'),
    realm: read.realm('realm'),
    subscriber: read.nodeId('subscriber'),
  }
}
