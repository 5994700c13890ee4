// Node ids as people and DNS see them (Macula protocol, section 1). Inside the house they are hex,
// see key-pair.ts.
import { decodeZBase32, encodeBase32, encodeZBase32 } from './base32.ts'
import { isNodeId, KEY_BYTES, KeyError, type NodeId, nodeIdOf, publicKeyOf } from './key-pair.ts'

/** The 52-character z-base-32 text of a node id. */
export function nodeIdToText(nodeId: NodeId): string {
  return encodeZBase32(publicKeyOf(nodeId))
}

/**
 * The node id a text stands for: 52 characters of z-base-32, or the 64 hex digits that it is inside
 * the house.
 * @throws KeyError `invalid_node_id` for any other text
 */
export function nodeIdFromText(text: string): NodeId {
  if (isNodeId(text)) return text
  const bytes = decodeZBase32(text)
  if (bytes?.length === KEY_BYTES) return nodeIdOf(bytes)
  throw new KeyError(
    'invalid_node_id',
    `'${text.slice(0, 60)}' is no node id: 52 characters of z-base-32 or 64 hex digits, lower case`,
  )
}

/** The DNS label of a node id in lookups over HTTPS: base32, 52 characters. */
export function nodeIdToDnsLabel(nodeId: NodeId): string {
  return encodeBase32(publicKeyOf(nodeId))
}
