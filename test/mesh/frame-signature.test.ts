import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { INFRASTRUCTURE_REALM } from '../../src/identity/realm.ts'
import type { Encodable } from '../../src/identity/value.ts'
import { decodeFrame, type FrameFields } from '../../src/mesh/frame.ts'
import {
  signFrame,
  verifyFrame,
  verifyPublisher,
  withEncodedPayload,
  withPublisherSignature,
} from '../../src/mesh/frame-signature.ts'
import { fieldsOf } from '../../src/mesh/frames/frame-type.ts'
import { value } from '../identity/arbitrary-value.ts'
import { frame } from './frames/arbitrary-frame.ts'

const keys = keyPairFromSeed(new Uint8Array(32).fill(1))
const other = keyPairFromSeed(new Uint8Array(32).fill(2))

function received(wire: Uint8Array): FrameFields {
  const decoded = decodeFrame(wire)
  if (decoded.result !== 'ok') throw new Error(decoded.result)
  return decoded.fields
}

function publish(payload: Encodable) {
  return fieldsOf({
    type: 'publish',
    frameId: new Uint8Array(16),
    sentAtMs: 1,
    topic: 't',
    realm: INFRASTRUCTURE_REALM,
    publisher: keys.nodeId,
    seq: 1,
    payload,
    publishedAtMs: 1,
    ttlMs: null,
  })
}

describe('signFrame and verifyFrame', () => {
  it('agree, and no other key does', () => {
    fc.assert(
      fc.property(frame, (original) => {
        const fields = received(signFrame(fieldsOf(original), keys))
        expect(verifyFrame(fields, keys.nodeId)).toBe('ok')
        expect(verifyFrame(fields, other.nodeId)).toBe('signature_invalid')
      }),
    )
  })

  it('refuse every mutated frame that says something else', () => {
    const mutation = fc.record({ at: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) })
    fc.assert(
      fc.property(frame, mutation, (original, { at, mask }) => {
        const wire = signFrame(fieldsOf(original), keys)
        const mutated = Uint8Array.from(wire)
        const place = at % wire.length
        mutated[place] = (wire[place] ?? 0) ^ mask
        const decoded = decodeFrame(mutated)
        if (decoded.result !== 'ok') return
        const verdict = verifyFrame(decoded.fields, keys.nodeId)
        if (verdict !== 'ok') return
        // All it does not cover is the publisher's word, which has a signature of its own.
        const [before, after] = [received(wire), decoded.fields].map((fields) => {
          const covered = new Map(fields)
          covered.delete('publisher_sig')
          return covered
        })
        expect(after).toEqual(before)
      }),
      { numRuns: 1_000 },
    )
  })

  it('refuse a signature that is missing, short or text', () => {
    const fields = received(signFrame(publish('x'), keys))
    const without = new Map(fields)
    without.delete('signature')
    expect(verifyFrame(without, keys.nodeId)).toBe('bad_frame')
    for (const wrong of [new Uint8Array(63), new Uint8Array(65), 'x'.repeat(64), null]) {
      expect(verifyFrame(new Map(fields).set('signature', wrong), keys.nodeId)).toBe('bad_frame')
    }
  })

  it('sign anew what was signed by another', () => {
    const fields = received(signFrame(publish('x'), other))
    const again = received(signFrame(fields, keys))
    expect(verifyFrame(again, keys.nodeId)).toBe('ok')
  })
})

describe('withPublisherSignature and verifyPublisher', () => {
  it('survive the station that makes an EVENT of a PUBLISH', () => {
    fc.assert(
      fc.property(value, (payload) => {
        const sent = signFrame(withPublisherSignature(publish(payload), keys), keys)
        const fields = withEncodedPayload(received(sent))
        expect(verifyFrame(fields, keys.nodeId)).toBe('ok')
        expect(verifyPublisher(fields, keys.nodeId)).toBe('ok')
        const event = new Map(fields).set('frame_type', 'event').set('delivered_via', 'direct')
        event.delete('published_at_ms')
        event.delete('ttl_ms')
        const passedOn = received(signFrame(event, other))
        expect(verifyFrame(passedOn, other.nodeId)).toBe('ok')
        expect(verifyPublisher(passedOn, keys.nodeId)).toBe('ok')
        expect(passedOn.get('payload')).toEqual(payload)
      }),
    )
  })

  it('cover topic, realm, publisher, seq and payload', () => {
    const fields = received(signFrame(withPublisherSignature(publish('x'), keys), keys))
    for (const key of ['topic', 'realm', 'publisher', 'seq', 'payload']) {
      const changed = new Map(fields).set(key, 'changed')
      expect(verifyPublisher(changed, keys.nodeId)).toBe('signature_invalid')
    }
    expect(verifyPublisher(new Map(fields).set('frame_id', null), keys.nodeId)).toBe('ok')
    expect(verifyPublisher(fields, other.nodeId)).toBe('signature_invalid')
  })

  it('tell an absent signature from a bad one', () => {
    const fields = received(signFrame(publish('x'), keys))
    expect(verifyPublisher(fields, keys.nodeId)).toBe('absent')
    const bad = new Map(fields).set('publisher_sig', new Uint8Array(10))
    expect(verifyPublisher(bad, keys.nodeId)).toBe('bad_frame')
  })

  it('refuse a payload the receivers could not verify', () => {
    expect(() => signFrame(publish(['undefined']), keys)).toThrow(
      expect.objectContaining({ code: 'undefined_text' }),
    )
  })
})
