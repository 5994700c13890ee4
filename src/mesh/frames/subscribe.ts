// SUBSCRIBE (Macula protocol, sections 5 and 8): the connection wants the events of a (realm,
// topic), matched exactly. There is no answer.
import type { NodeId } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import type { Value, ValueMap } from '../../identity/value.ts'
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header, nameBytes, nodeIdBytes } from './fields.ts'

export interface Subscribe extends Header {
  readonly type: 'subscribe'
  readonly topic: string
  readonly realm: Realm
  readonly subscriber: NodeId
  readonly filter: Value
  readonly options: ValueMap
}

export function subscribeFields(frame: Subscribe): UnsentFields {
  return frameFields('subscribe', frame, frame.realm, {
    topic: nameBytes(frame.topic),
    subscriber: nodeIdBytes(frame.subscriber),
    filter: frame.filter,
    options: frame.options,
  })
}

/** @throws FrameError `bad_frame` */
export function parseSubscribe(fields: FrameFields): Subscribe {
  const read = new FieldReader(fields)
  return {
    type: 'subscribe',
    ...read.header(),
    topic: read.name('topic'),
    realm: read.realm('realm'),
    subscriber: read.nodeId('subscriber'),
    filter: read.value('filter'),
    options: read.map('options'),
  }
}
