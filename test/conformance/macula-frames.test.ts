import { describe, expect, it } from 'vitest'
import { decode } from '../../src/identity/canonical-decoder.ts'
import { encode } from '../../src/identity/canonical-encoder.ts'
import { type KeyPair, keyPairFromSeed } from '../../src/identity/key-pair.ts'
import {
  signatureDomain,
  signingInput,
  signValue,
  verifyValue,
} from '../../src/identity/signature.ts'
import { isMap, type ValueMap } from '../../src/identity/value.ts'
import {
  decodeFrame,
  encodeFrame,
  type FrameFields,
  type UnsentFields,
} from '../../src/mesh/frame.ts'
import {
  frameSigningInput,
  publisherSigningInput,
  signFrame,
  verifyFrame,
  verifyPublisher,
  withPublisherSignature,
} from '../../src/mesh/frame-signature.ts'
import { fieldsOf, parseFrame } from '../../src/mesh/frames/frame-type.ts'
import { type Case, casesOf, hexOf } from './macula-vectors.ts'

/** The frame types with a typed form of their own; the others pass as maps. */
const typed = 'connect hello goodbye ping pong publish event subscribe unsubscribe'.split(' ')

const cases = casesOf('frames', ['frame', 'swim_update'])

function keysOf(c: Case, part: string): KeyPair {
  const signer = c.part(part)
  const keys = keyPairFromSeed(signer.bytes('seed'))
  expect(hexOf(keys.publicKey)).toBe(signer.text('public'))
  return keys
}

function mapOf(c: Case): ValueMap {
  const fields = c.value('fields')
  if (!isMap(fields)) throw new Error('fields are a map')
  return fields
}

function decoded(wire: Uint8Array): FrameFields {
  const frame = decodeFrame(wire)
  if (frame.result !== 'ok') throw new Error(`no frame: ${frame.result}`)
  expect(frame.size).toBe(wire.length)
  return frame.fields
}

/** The case's fields, signed by their publisher where the case says so. */
function unsignedOf(c: Case): UnsentFields {
  const fields = mapOf(c)
  if (!c.has('publisher_sig')) return fields
  const signed = withPublisherSignature(fields, keysOf(c, 'publisher_key'))
  expect(signed.get('publisher_sig')).toEqual(c.bytes('publisher_sig'))
  return signed
}

describe('macula vectors: frames', () => {
  const frames = cases.filter(({ op }) => op === 'frame')

  it.each(frames)('$title is encoded and signed byte for byte', (c) => {
    const keys = keysOf(c, 'signer')
    expect(hexOf(encode(mapOf(c)))).toBe(c.text('unsigned_cbor'))
    const fields = unsignedOf(c)
    expect(hexOf(frameSigningInput(fields))).toBe(c.text('signing_input'))
    expect(hexOf(signFrame(fields, keys))).toBe(c.text('wire'))
  })

  it.each(frames)('$title is decoded and verified', (c) => {
    const keys = keysOf(c, 'signer')
    const fields = decoded(c.bytes('wire'))
    expect(fields.get('frame_type')).toBe(c.text('frame_type'))
    expect(fields.get('signature')).toEqual(c.bytes('signature'))
    expect(verifyFrame(fields, keys.nodeId)).toBe('ok')
    const own = new Map(fields)
    own.delete('signature')
    own.delete('publisher_sig')
    expect(own).toEqual(mapOf(c))
    const again = hexOf(encodeFrame(fields))
    expect(again === c.text('wire')).toBe(c.flag('reencodes_identically'))
  })

  const published = frames.filter((c) => c.has('publisher_sig'))
  it.runIf(published.length > 0).each(published)('$title carries its publisher', (c) => {
    const fields = decoded(c.bytes('wire'))
    const publisher = keysOf(c, 'publisher_key').nodeId
    expect(hexOf(publisherSigningInput(fields))).toBe(c.text('publisher_signing_input'))
    expect(fields.get('publisher_sig')).toEqual(c.bytes('publisher_sig'))
    expect(verifyPublisher(fields, publisher)).toBe('ok')
    const forged = new Map(fields).set('seq', 1)
    expect(verifyPublisher(forged, publisher)).toBe('signature_invalid')
  })

  it.each(frames.filter((c) => typed.includes(c.text('frame_type'))))(
    '$title survives its typed form',
    (c) => {
      const keys = keysOf(c, 'signer')
      const frame = parseFrame(decoded(c.bytes('wire')))
      if (frame.type === 'unknown' || frame.type === 'malformed') throw new Error(frame.type)
      expect(frame.type).toBe(c.text('frame_type'))
      expect(hexOf(signFrame(fieldsOf(frame), keys))).toBe(c.text('wire'))
    },
  )

  it.each(frames.filter((c) => !typed.includes(c.text('frame_type'))))(
    '$title passes as a frame of a type we do not speak',
    (c) => {
      const frame = parseFrame(decoded(c.bytes('wire')))
      expect(frame).toEqual({ type: 'unknown', frameType: c.text('frame_type') })
    },
  )

  const updates = cases.filter(({ op }) => op === 'swim_update')
  it.runIf(updates.length > 0).each(updates)('$title is signed in its own domain', (c) => {
    const keys = keysOf(c, 'signer')
    const domain = signatureDomain('macula-v2-swim-update')
    const fields = mapOf(c)
    expect(hexOf(encode(fields))).toBe(c.text('unsigned_cbor'))
    expect(hexOf(signingInput(domain, fields))).toBe(c.text('signing_input'))
    const signature = signValue(keys, domain, fields)
    expect(hexOf(signature)).toBe(c.text('signature'))
    expect(hexOf(encode(new Map(fields).set('signature', signature)))).toBe(c.text('signed_cbor'))
    expect(verifyValue(keys.nodeId, domain, fields, signature)).toBe(true)
    expect(decode(c.bytes('unsigned_cbor'))).toEqual(fields)
  })
})
