// HELLO (Macula protocol, section 4): the answer to CONNECT. What was sent before it is not
// trusted.
import type { NodeId } from '../../identity/key-pair.ts'
import { type Realm, realmBytes } from '../../identity/realm.ts'
import type { ValueMap } from '../../identity/value.ts'
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header, nodeIdBytes } from './fields.ts'

export interface Hello extends Header {
  readonly type: 'hello'
  readonly nodeId: NodeId
  readonly stationId: NodeId
  readonly realms: readonly Realm[]
  /** Maps of `host` text, `port` integer, `transport` text. */
  readonly addresses: readonly ValueMap[]
  readonly site: ValueMap | null
  readonly isAccepted: boolean
  readonly refusalCode: number | null
  /** The server's own capabilities: nothing is negotiated. */
  readonly negotiatedCapabilities: number
}

export function helloFields(frame: Hello): UnsentFields {
  return frameFields('hello', frame, null, {
    node_id: nodeIdBytes(frame.nodeId),
    station_id: nodeIdBytes(frame.stationId),
    realms: frame.realms.map(realmBytes),
    addresses: frame.addresses,
    site: frame.site,
    accepted: frame.isAccepted,
    refusal_code: frame.refusalCode,
    negotiated_capabilities: frame.negotiatedCapabilities,
  })
}

/** @throws FrameError `bad_frame` */
export function parseHello(fields: FrameFields): Hello {
  const read = new FieldReader(fields)
  return {
    type: 'hello',
    ...read.header(),
    nodeId: read.nodeId('node_id'),
    stationId: read.nodeId('station_id'),
    realms: read.realms('realms'),
    addresses: read.maps('addresses'),
    site: read.nullable('site', read.map),
    isAccepted: read.text('accepted') === 'true',
    refusalCode: read.nullable('refusal_code', read.uint),
    negotiatedCapabilities: read.uint('negotiated_capabilities'),
  }
}
