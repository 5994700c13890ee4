import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyPair } from '../../src/identity/key-pair.ts'
import { PEER_REASON_LENGTH_MAX } from '../../src/limits.ts'
import { Conversation, type ConversationEffect } from '../../src/mesh/conversation.ts'
import { decodeFrame, type FrameFields } from '../../src/mesh/frame.ts'
import { signFrame } from '../../src/mesh/frame-signature.ts'
import { type Stamp, stampAt } from '../../src/mesh/frames/fields.ts'
import { type Frame, fieldsOf } from '../../src/mesh/frames/frame-type.ts'
import { frame as anyFrame } from './frames/arbitrary-frame.ts'
import { drawFrom, keysOf } from './simulated-mesh.ts'

const nodeKeys = keysOf('node')
const stationKeys = keysOf('station')
const draw = drawFrom('conversation')
const stamp = (): Stamp => stampAt(1_790_000_000_000, draw)

function conversation(role: 'dialler' | 'acceptor'): Conversation {
  const [keys, peer] = role === 'dialler' ? [nodeKeys, stationKeys] : [stationKeys, nodeKeys]
  const options = { keys, peer: peer.nodeId, role, rates: {}, stamp }
  return new Conversation({ ...options, capabilities: 0, puzzlePolicy: 'enforce' })
}

function fieldsFrom(wire: Uint8Array): FrameFields {
  const decoded = decodeFrame(wire)
  if (decoded.result !== 'ok') throw new Error(decoded.result)
  return decoded.fields
}

function said(effects: readonly ConversationEffect[]): FrameFields[] {
  return effects.flatMap((effect) => (effect.type === 'send' ? [fieldsFrom(effect.wire)] : []))
}

function typesOf(effects: readonly ConversationEffect[]): string[] {
  return effects.map(({ type }) => type)
}

/** Both sides after their handshake. */
function established(): { node: Conversation; station: Conversation } {
  const [node, station] = [conversation('dialler'), conversation('acceptor')]
  station.begin(0)
  const [connect] = said(node.begin(0))
  const [hello] = said(connect === undefined ? [] : station.receive(connect, 0))
  if (hello === undefined) throw new Error('no HELLO')
  node.receive(hello, 0)
  return { node, station }
}

function received(frame: Frame, signer: KeyPair = nodeKeys): FrameFields {
  return fieldsFrom(signFrame(fieldsOf(frame), signer))
}

describe('begin', () => {
  it('is CONNECT for who dialled, and silence for who accepted', () => {
    const [connect] = said(conversation('dialler').begin(0))
    expect(connect?.get('frame_type')).toBe('connect')
    expect(conversation('acceptor').begin(0)).toEqual([])
  })
})

describe('receive', () => {
  it('completes the handshake on both sides', () => {
    const { node, station } = established()
    expect([node.isEstablished, station.isEstablished]).toEqual([true, true])
  })

  it('answers PING with its nonce', () => {
    const { station } = established()
    const nonce = draw(16)
    const [pong] = said(station.receive(received({ type: 'ping', ...stamp(), nonce }), 0))
    expect(pong?.get('frame_type')).toBe('pong')
    expect(pong?.get('nonce')).toEqual(nonce)
  })

  it('passes on what concerns others, and nothing else', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const { station } = established()
        const types = typesOf(station.receive(received(frame), 0))
        if (frame.type === 'pong') expect(types).toEqual([])
        else if (frame.type === 'ping') expect(types).toEqual(['send'])
        else if (frame.type === 'goodbye') expect(types).toEqual(['end'])
        else if (frame.type === 'subscribe' || frame.type === 'unsubscribe') {
          expect(types).toEqual(['frame'])
        } else if (frame.type === 'connect' || frame.type === 'hello') {
          expect(types).toEqual(['refused', 'end'])
        } else expect(types).toEqual([frame.publisherSig === undefined ? 'frame' : 'refused'])
      }),
    )
  })

  it('ends with the reason of a GOODBYE, cut short', () => {
    const { node } = established()
    const reason = 'x'.repeat(1_000)
    const goodbye = received({ type: 'goodbye', ...stamp(), reason, detail: null }, stationKeys)
    const end = { shutdown: { cause: 'goodbye', detail: 'x'.repeat(PEER_REASON_LENGTH_MAX) } }
    expect(node.receive(goodbye, 0)).toEqual([{ type: 'end', end }])
  })

  it('believes nobody who speaks before the handshake', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const node = conversation('dialler')
        node.begin(0)
        const types = typesOf(node.receive(received(frame, stationKeys), 0))
        expect(types.filter((type) => type === 'frame' || type === 'connected')).toEqual([])
        expect(node.isEstablished).toBe(false)
      }),
    )
  })
})

describe('expire', () => {
  it('ends a handshake that is not done, and only that', () => {
    const waiting = conversation('acceptor')
    expect(typesOf(waiting.expire(0))).toEqual(['end'])
    waiting.begin(0)
    expect(typesOf(waiting.expire(0))).toEqual(['end'])
    const { node } = established()
    expect(node.expire(0)).toEqual([])
  })
})
