// Who said it (Macula protocol, section 2.3). Two signatures can be on a frame: that of the node
// that sends it over its connection, and on PUBLISH and EVENT that of the publisher, which a
// station passes on. Each covers canonical CBOR behind a domain of its own; a verifier encodes
// again what it decoded.
//
//   stream.write(signFrame(fieldsOf(frame), keys))
//   verifyFrame(fields, session.peer)     // 'ok'
import { encodeOnce } from '../identity/canonical-encoder.ts'
import type { KeyPair, NodeId } from '../identity/key-pair.ts'
import {
  SIGNATURE_BYTES,
  signatureDomain,
  signBytes,
  signingInput,
  verifyBytes,
} from '../identity/signature.ts'
import { type Encodable, Encoded } from '../identity/value.ts'
import { encodeFrame, type UnsentFields } from './frame.ts'

/** Of the sender's signature on a frame. */
export const FRAME_DOMAIN: Uint8Array = signatureDomain('macula-v2-frame')
/** Of the publisher's signature on a PUBLISH or an EVENT. */
export const PUBLISHER_DOMAIN: Uint8Array = signatureDomain('macula-v2-event-pub')

/** `bad_frame`: there is no signature of 64 bytes. */
export type Verdict = 'ok' | 'signature_invalid' | 'bad_frame'

/** The fields no signature of a frame covers. */
const UNSIGNED: readonly string[] = ['signature', 'publisher_sig']
/** The fields a publisher's signature covers, and no others. */
const PUBLISHED: readonly string[] = ['topic', 'realm', 'publisher', 'seq', 'payload']

/** The bytes a frame's signature is made of: domain, then the map without its signatures. */
export function frameSigningInput(fields: UnsentFields): Uint8Array {
  const covered = new Map(fields)
  for (const key of UNSIGNED) covered.delete(key)
  return signingInput(FRAME_DOMAIN, covered, { erlangTerms: true })
}

/**
 * The fields with a payload that is encoded now and copied from then on. Both signatures of a
 * PUBLISH cover its payload, and a station repeats it in an EVENT: signing does this by itself, a
 * station does it before it verifies.
 * @throws CborError when the payload has no encoding
 */
export function withEncodedPayload(fields: UnsentFields): UnsentFields {
  const payload = fields.get('payload')
  const isCollection =
    typeof payload === 'object' &&
    payload !== null &&
    !(payload instanceof Uint8Array || payload instanceof Encoded)
  if (!isCollection) return fields
  return new Map(fields).set('payload', encodeOnce(payload, { erlangTerms: true }))
}

/**
 * The bytes of a frame signed by the node that sends it, ready for the stream.
 * @throws CborError when a field has no encoding
 * @throws FrameError `frame_too_large`
 */
export function signFrame(fields: UnsentFields, keys: KeyPair): Uint8Array {
  const ready = withEncodedPayload(fields)
  const signature = signBytes(keys, frameSigningInput(ready))
  return encodeFrame(new Map(ready).set('signature', signature))
}

/** Whether the node signed this frame. */
export function verifyFrame(fields: UnsentFields, signer: NodeId): Verdict {
  const signature = fields.get('signature')
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    return 'bad_frame'
  }
  return verifyBytes(signer, frameSigningInput(fields), signature) ? 'ok' : 'signature_invalid'
}

/** The bytes a publisher's signature is made of. */
export function publisherSigningInput(fields: UnsentFields): Uint8Array {
  const covered = new Map<string, Encodable>()
  for (const key of PUBLISHED) covered.set(key, fields.get(key) ?? null)
  return signingInput(PUBLISHER_DOMAIN, covered, { erlangTerms: true })
}

/**
 * A PUBLISH's or EVENT's fields with the publisher's signature among them.
 * @throws CborError when the payload has no encoding
 */
export function withPublisherSignature(fields: UnsentFields, keys: KeyPair): UnsentFields {
  const ready = withEncodedPayload(fields)
  const signature = signBytes(keys, publisherSigningInput(ready))
  return new Map(ready).set('publisher_sig', signature)
}

/**
 * Whether the publisher a PUBLISH or EVENT names signed it; `absent` when nobody claims so: then
 * the station that sent it could have made it up.
 */
export function verifyPublisher(fields: UnsentFields, publisher: NodeId): Verdict | 'absent' {
  const signature = fields.get('publisher_sig')
  if (signature === undefined || signature === null) return 'absent'
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    return 'bad_frame'
  }
  return verifyBytes(publisher, publisherSigningInput(fields), signature)
    ? 'ok'
    : 'signature_invalid'
}
