// Realms: who talks about the same things (Macula protocol, section 1). A frame carries a realm's
// tag, the SHA-256 of its name; there is no key behind it, so knowing the name is being let in.
//
//   realmTag('io.example.garden')   // '9c1f…', 64 hex digits
import { sha256 } from './digest.ts'
import { KEY_BYTES } from './key-pair.ts'

declare const realmBrand: unique symbol

/** A realm's 32-byte tag as 64 lower-case hex digits. */
export type Realm = string & { readonly [realmBrand]: true }

/** Whether the text is a realm tag: 64 lower-case hex digits. */
export function isRealm(text: string): text is Realm {
  return /^[0-9a-f]{64}$/.test(text)
}

/** The tag of a realm's name. */
export function realmTag(name: string): Realm {
  return realmOf(sha256(name))
}

/**
 * The tag these 32 bytes are.
 * @throws RangeError when they are not 32
 */
export function realmOf(bytes: Uint8Array): Realm {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  if (isRealm(text)) return text
  throw new RangeError(`a realm tag has ${KEY_BYTES} bytes, this one ${bytes.length}`)
}

/** The 32 bytes of a tag. */
export function realmBytes(realm: Realm): Uint8Array {
  return Uint8Array.from(Buffer.from(realm, 'hex'))
}

/** All zeros: the realm of the infrastructure itself (DHT, content, mesh). */
export const INFRASTRUCTURE_REALM: Realm = realmOf(new Uint8Array(KEY_BYTES))
