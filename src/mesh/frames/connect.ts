// CONNECT (Macula protocol, section 4): the first frame of a connection, from the node that
// dialled.
import type { NodeId } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import { realmBytes } from '../../identity/realm.ts'
import type { ValueMap } from '../../identity/value.ts'
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header, nodeIdBytes } from './fields.ts'

export interface Connect extends Header {
  readonly type: 'connect'
  readonly nodeId: NodeId
  /** A node that is no station sends its own id. */
  readonly stationId: NodeId
  readonly realms: readonly Realm[]
  /** Maps of `host` text, `port` integer, `transport` text. */
  readonly addresses: readonly ValueMap[]
  readonly site: ValueMap | null
  /** SHA-256 of the public key; receivers compute it themselves. */
  readonly puzzleEvidence: Uint8Array
  readonly endorsements: readonly ValueMap[]
}

export function connectFields(frame: Connect): UnsentFields {
  return frameFields('connect', frame, null, {
    node_id: nodeIdBytes(frame.nodeId),
    station_id: nodeIdBytes(frame.stationId),
    realms: frame.realms.map(realmBytes),
    addresses: frame.addresses,
    site: frame.site,
    puzzle_evidence: frame.puzzleEvidence,
    endorsements: frame.endorsements,
  })
}

/** @throws FrameError `bad_frame` */
export function parseConnect(fields: FrameFields): Connect {
  const read = new FieldReader(fields)
  return {
    type: 'connect',
    ...read.header(),
    nodeId: read.nodeId('node_id'),
    stationId: read.nodeId('station_id'),
    realms: read.realms('realms'),
    addresses: read.maps('addresses'),
    site: read.nullable('site', read.map),
    puzzleEvidence: read.bytes('puzzle_evidence', 32),
    endorsements: read.maps('endorsements'),
  }
}
