import { describe, expect, it } from 'vitest'
import type { KeyPair } from '../../src/identity/key-pair.ts'
import type { Encodable } from '../../src/identity/value.ts'
import {
  decodeFrame,
  encodeFrame,
  type FrameFields,
  type UnsentFields,
} from '../../src/mesh/frame.ts'
import { signFrame, withPublisherSignature } from '../../src/mesh/frame-signature.ts'
import { stampAt } from '../../src/mesh/frames/fields.ts'
import { type Frame, fieldsOf } from '../../src/mesh/frames/frame-type.ts'
import { InboundGuard } from '../../src/mesh/inbound-guard.ts'
import { drawFrom, keysOf, realm, topic } from './simulated-mesh.ts'

const peer = keysOf('peer')
const publisher = keysOf('publisher')
const draw = drawFrom('inbound-guard')
const stamp = stampAt(1_790_000_000_000, draw)
const ping: Frame = { type: 'ping', ...stamp, nonce: draw(16) }
const fact = { ...stamp, topic, realm, publisher: publisher.nodeId, seq: 7, payload: 'news' }
const publish: Frame<Encodable> = { type: 'publish', ...fact, publishedAtMs: 1, ttlMs: null }
const event: Frame<Encodable> = { type: 'event', ...fact, deliveredVia: 'direct' }

/** What arrives when these fields are signed and sent. */
function received(fields: UnsentFields, signer: KeyPair = peer): FrameFields {
  const decoded = decodeFrame(signFrame(fields, signer))
  if (decoded.result !== 'ok') throw new Error(decoded.result)
  return decoded.fields
}

/** The same with one field changed after it was signed. */
function tampered(fields: FrameFields, key: string, value: Encodable): FrameFields {
  const decoded = decodeFrame(
    encodeFrame(
      new Map<string | number, Encodable>(
        [...fields].flatMap(([name, kept]) =>
          typeof name === 'string' ? [[name, kept] as const] : [],
        ),
      ).set(key, value),
    ),
  )
  if (decoded.result !== 'ok') throw new Error(decoded.result)
  return decoded.fields
}

function guard(rates: ConstructorParameters<typeof InboundGuard>[1] = {}): InboundGuard {
  return new InboundGuard(peer.nodeId, rates, 0)
}

describe('admit', () => {
  it('passes what the peer signed', () => {
    expect(guard().admit(received(fieldsOf(ping)), 0)).toMatchObject({ act: 'pass', frame: ping })
  })

  it('closes on what somebody else signed, or nobody', () => {
    const closed = { act: 'close', reason: 'signature_invalid' }
    expect(guard().admit(received(fieldsOf(ping), publisher), 0)).toMatchObject(closed)
    const other = tampered(received(fieldsOf(ping)), 'nonce', draw(16))
    expect(guard().admit(other, 0)).toMatchObject(closed)
    const unsigned = tampered(received(fieldsOf(ping)), 'signature', null)
    expect(guard().admit(unsigned, 0)).toMatchObject({ act: 'close', reason: 'bad_frame' })
  })

  it('verifies an event with its publisher, whoever passes it on', () => {
    const signed = withPublisherSignature(fieldsOf(event), publisher)
    const stranger = keysOf('stranger')
    expect(guard().admit(received(signed, stranger), 0).act).toBe('pass')
    const forged = withPublisherSignature(fieldsOf(event), stranger)
    const dropped = { act: 'drop', reason: 'publisher_sig_invalid' }
    expect(guard().admit(received(forged), 0)).toEqual(dropped)
    for (const [key, value] of [
      ['payload', 'lies'],
      ['seq', 8],
      ['topic', new TextEncoder().encode('another')],
    ] as const) {
      expect(guard().admit(tampered(received(signed), key, value), 0)).toEqual(dropped)
    }
    const short = tampered(received(signed), 'publisher_sig', draw(10))
    expect(guard().admit(short, 0)).toEqual(dropped)
  })

  it('verifies an event without publisher_sig with the connection', () => {
    const passed = guard().admit(received(fieldsOf(event)), 0)
    expect(passed).toMatchObject({ act: 'pass', frame: { seq: 7 } })
    expect(passed.act === 'pass' && 'publisherSig' in passed.frame).toBe(false)
    const forged = guard().admit(received(fieldsOf(event), publisher), 0)
    expect(forged).toMatchObject({ act: 'close', reason: 'signature_invalid' })
  })

  it('wants both signatures of a publish that has both', () => {
    const signed = withPublisherSignature(fieldsOf(publish), publisher)
    expect(guard().admit(received(signed), 0).act).toBe('pass')
    expect(guard().admit(received(signed, publisher), 0)).toMatchObject({ act: 'close' })
    const forged = withPublisherSignature(fieldsOf(publish), peer)
    const dropped = { act: 'drop', reason: 'publisher_sig_invalid' }
    expect(guard().admit(received(forged), 0)).toEqual(dropped)
  })

  it('passes over frames of types it does not know', () => {
    const fields = new Map(fieldsOf(ping)).set('frame_type', 'swim_ping')
    expect(guard().admit(received(fields), 0)).toEqual({ act: 'drop', reason: 'unknown_frame' })
  })

  it('closes on malformed frames and on a second handshake', () => {
    const nameless = new Map(fieldsOf(publish)).set('topic', 5)
    const malformed = { act: 'close', reason: 'bad_frame' }
    expect(guard().admit(received(nameless), 0)).toMatchObject(malformed)
    expect(guard().admit(new Map(), 0)).toMatchObject(malformed)
    const connect: Frame = {
      type: 'connect',
      ...stamp,
      nodeId: peer.nodeId,
      stationId: peer.nodeId,
      realms: [],
      addresses: [],
      site: null,
      puzzleEvidence: draw(32),
      endorsements: [],
    }
    const repeated = { act: 'close', reason: 'unexpected_frame' }
    expect(guard().admit(received(fieldsOf(connect)), 0)).toMatchObject(repeated)
  })

  it("drops a malformed event, which may be another node's fault", () => {
    const huge = new Map(fieldsOf(event)).set('seq', 2n ** 60n)
    expect(guard().admit(received(huge), 0)).toEqual({ act: 'drop', reason: 'bad_frame' })
  })

  it('drops publishes over their rate before it verifies them', () => {
    const limited = guard({ events: { perSecond: 1, burst: 2 } })
    const fields = received(fieldsOf(publish))
    const forged = tampered(fields, 'seq', 8)
    expect(limited.admit(fields, 0).act).toBe('pass')
    expect(limited.admit(fields, 0).act).toBe('pass')
    expect(limited.admit(forged, 0)).toEqual({ act: 'drop', reason: 'rate_exceeded' })
    expect(limited.admit(received(fieldsOf(ping)), 0).act).toBe('pass')
    expect(limited.admit(fields, 1000).act).toBe('pass')
  })

  it('closes on other frames over their rate', () => {
    const limited = guard({ control: { perSecond: 1, burst: 1 } })
    const fields = received(fieldsOf(ping))
    expect(limited.admit(fields, 0).act).toBe('pass')
    expect(limited.admit(fields, 0)).toMatchObject({ act: 'close', reason: 'rate_exceeded' })
  })
})
