// Node ids as people and DNS see them (Macula protocol, section 1). Inside the house they are hex,
// see key-pair.ts.
import { decodeZBase32, encodeBase32, encodeZBase32 } from './base32.ts'
import { KEY_BYTES, KeyError, type NodeId, nodeIdOf, publicKeyOf } from './key-pair.ts'

/** The 52-character z-base-32 text of a node id. */
export function nodeIdToText(nodeId: NodeId): string {
  return encodeZBase32(publicKeyOf(nodeId))
}

/**
 * The node id a z-base-32 text stands for.
 * @throws KeyError `invalid_node_id` unless it is 52 such characters
 */
export function nodeIdFromText(text: string): NodeId {
  const bytes = decodeZBase32(text)
  if (bytes?.length === KEY_BYTES) return nodeIdOf(bytes)
  throw new KeyError(
    'invalid_node_id',
    `'${text.slice(0, 60)}' is no node id: 52 characters of z-base-32, lower case`,
  )
}

/** The DNS label of a node id in lookups over HTTPS: base32, 52 characters. */
export function nodeIdToDnsLabel(nodeId: NodeId): string {
  return encodeBase32(publicKeyOf(nodeId))
}
