// Ed25519 signatures (RFC 8032, pure) over a domain and canonical CBOR (Macula protocol, section
// 2.3). The domain ends in NUL and keeps a signature of one kind of object from passing for
// another's.
//
//   const domain = signatureDomain('macula-v2-frame')
//   const signature = signValue(keys, domain, map)
//   verifyValue(keys.nodeId, domain, map, signature)     // true
//
// node:crypto signs and verifies (36 and 92 us; @noble/curves takes 1,000 us to verify).
// @noble/curves does what node:crypto cannot: look at a public key as a point of the curve. It is
// loaded for the first such look.
import { verify as cryptoVerify, type KeyObject, sign } from 'node:crypto'
import { createRequire } from 'node:module'
import { VERIFYING_KEYS_MAX } from '../limits.ts'
import { encode } from './canonical-encoder.ts'
import { type KeyPair, type NodeId, publicKeyOf, verifyingKey } from './key-pair.ts'
import type { Encodable } from './value.ts'

type Curves = typeof import('@noble/curves/ed25519.js')

const require: NodeJS.Require = createRequire(import.meta.url)

/** Bytes of a signature. */
export const SIGNATURE_BYTES = 64

/** The domain bytes of a kind of object: its name and one NUL. */
export function signatureDomain(name: string): Uint8Array {
  return new TextEncoder().encode(`${name}\0`)
}

/** What is signed for a value: domain, then canonical CBOR. */
export function signingInput(
  domain: Uint8Array,
  value: Encodable,
  options: { readonly erlangTerms?: boolean } = {},
): Uint8Array {
  return encode(value, { ...options, head: domain })
}

/** The 64-byte signature of a message. */
export function signBytes(keys: KeyPair, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, keys.privateKey))
}

/**
 * Whether the signature of a message is the node's; false too for a wrong size or an id that is no
 * key.
 */
export function verifyBytes(nodeId: NodeId, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false
  return cryptoVerify(null, message, cachedKey(nodeId), signature)
}

/** The signature of a value in a domain. */
export function signValue(keys: KeyPair, domain: Uint8Array, value: Encodable): Uint8Array {
  return signBytes(keys, signingInput(domain, value))
}

/** Whether the signature of a value in a domain is the node's. */
export function verifyValue(
  nodeId: NodeId,
  domain: Uint8Array,
  value: Encodable,
  signature: Uint8Array,
): boolean {
  return verifyBytes(nodeId, signingInput(domain, value), signature)
}

/**
 * Whether a node id can be anybody's key: a canonically encoded point of the curve and not one of
 * the eight of small order, for which signatures exist that nobody needs a secret to make. Costs
 * about 70 us; ask once per peer.
 */
export function isUsableNodeId(nodeId: NodeId): boolean {
  const { ed25519 } = require('@noble/curves/ed25519.js') as Curves
  try {
    return !ed25519.Point.fromBytes(publicKeyOf(nodeId)).isSmallOrder()
  } catch {
    return false // not a point
  }
}

/** Imported keys, oldest first: importing costs a quarter of verifying. */
const imported = new Map<NodeId, KeyObject>()

function cachedKey(nodeId: NodeId): KeyObject {
  const known = imported.get(nodeId)
  if (known !== undefined) return known
  const key = verifyingKey(publicKeyOf(nodeId))
  const oldest = imported.size >= VERIFYING_KEYS_MAX ? imported.keys().next().value : undefined
  if (oldest !== undefined) imported.delete(oldest)
  imported.set(nodeId, key)
  return key
}
