// Ed25519 key pairs and node ids (RFC 8032; Macula protocol, section 1). A node's id is its 32-byte
// public key itself, written as 64 lower-case hex digits wherever the house passes it around.
//
//   const keys = keyPairFromSeed(seed)      // 32 bytes kept secret
//   keys.nodeId                             // '3d4017c3…', what peers know
//
// Draw the seed of a real node with `generateKeyPair` of puzzle.ts: peers may refuse unhardened
// keys.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** Bytes of an Ed25519 public key and of the seed it comes from. */
export const KEY_BYTES = 32

declare const nodeIdBrand: unique symbol

/**
 * A 32-byte Ed25519 public key as 64 lower-case hex digits; only `parseNodeId` and `nodeIdOf` make
 * one.
 */
export type NodeId = string & { readonly [nodeIdBrand]: true }

/** A node's keys. Printing or serialising one shows the node id only, never the seed. */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes, the secret. */
  readonly seed: Uint8Array
  readonly nodeId: NodeId
  /** The secret as node:crypto signs with it. */
  readonly privateKey: KeyObject
}

/** Misuse of keys or ids: `code` is stable, the message names the cause and the mend. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
  readonly code: 'invalid_seed' | 'invalid_public_key' | 'invalid_node_id' | 'no_key_found'

  constructor(code: KeyError['code'], message: string) {
    super(message)
    this.code = code
  }
}

// DER of an Ed25519 key is a constant head and the 32 bytes (RFC 8410, section 7).
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * The key pair of a 32-byte seed. Costs about 70 us, once.
 * @throws KeyError `invalid_seed` when the seed has not 32 bytes
 */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  if (seed.length !== KEY_BYTES) {
    throw new KeyError('invalid_seed', `a seed has ${KEY_BYTES} bytes, this one ${seed.length}`)
  }
  const der = Buffer.concat([PKCS8_HEAD, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const publicKey = Uint8Array.from(spki.subarray(SPKI_HEAD.length))
  return new Ed25519KeyPair(publicKey, Uint8Array.from(seed), privateKey)
}

/**
 * The id of a public key.
 * @throws KeyError `invalid_public_key` when it has not 32 bytes
 */
export function nodeIdOf(publicKey: Uint8Array): NodeId {
  if (publicKey.length !== KEY_BYTES) {
    throw new KeyError(
      'invalid_public_key',
      `a public key has ${KEY_BYTES} bytes, this one ${publicKey.length}`,
    )
  }
  return parseNodeId(Buffer.from(publicKey.buffer, publicKey.byteOffset, KEY_BYTES).toString('hex'))
}

/** Whether the text is a node id: 64 lower-case hex digits. */
export function isNodeId(text: string): text is NodeId {
  return /^[0-9a-f]{64}$/.test(text)
}

/**
 * The text as a node id.
 * @throws KeyError `invalid_node_id` unless it is 64 lower-case hex digits
 */
export function parseNodeId(text: string): NodeId {
  if (isNodeId(text)) return text
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  throw new KeyError('invalid_node_id', `a node id is 64 lower-case hex digits, not '${shown}'`)
}

/** The 32-byte public key a node id stands for. */
export function publicKeyOf(nodeId: NodeId): Uint8Array {
  return Uint8Array.from(Buffer.from(nodeId, 'hex'))
}

/**
 * A public key as node:crypto verifies with it. Bytes that are no curve point are taken too:
 * nothing verifies with them.
 * @throws KeyError `invalid_public_key` when it has not 32 bytes
 */
export function verifyingKey(publicKey: Uint8Array): KeyObject {
  if (publicKey.length !== KEY_BYTES) {
    throw new KeyError(
      'invalid_public_key',
      `a public key has ${KEY_BYTES} bytes, this one ${publicKey.length}`,
    )
  }
  const der = Buffer.concat([SPKI_HEAD, publicKey])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}

/**
 * Keeps the seed off the enumerable surface, so that a crash report of a process does not print
 * it.
 */
class Ed25519KeyPair implements KeyPair {
  readonly publicKey: Uint8Array
  readonly nodeId: NodeId
  readonly #seed: Uint8Array
  readonly #privateKey: KeyObject

  constructor(publicKey: Uint8Array, seed: Uint8Array, privateKey: KeyObject) {
    this.publicKey = publicKey
    this.nodeId = nodeIdOf(publicKey)
    this.#seed = seed
    this.#privateKey = privateKey
  }

  get seed(): Uint8Array {
    return this.#seed
  }

  get privateKey(): KeyObject {
    return this.#privateKey
  }

  toJSON(): { nodeId: NodeId } {
    return { nodeId: this.nodeId }
  }
}
