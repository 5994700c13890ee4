import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeyPair, keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { generateKeyPair, isHardened } from '../../src/identity/puzzle.ts'
import { realmTag } from '../../src/identity/realm.ts'
import { decodeFrame, type FrameFields } from '../../src/mesh/frame.ts'
import { signFrame, verifyFrame } from '../../src/mesh/frame-signature.ts'
import { stampAt } from '../../src/mesh/frames/fields.ts'
import { fieldsOf, parseFrame } from '../../src/mesh/frames/frame-type.ts'
import {
  CAPABILITY_STATION,
  expireHandshake,
  type HandshakeOptions,
  type HandshakeState,
  type HandshakeStep,
  receiveFrame,
  startClient,
  startServer,
} from '../../src/mesh/handshake.ts'
import { frame as anyFrame } from './frames/arbitrary-frame.ts'

/** Bytes that follow from a label, so that a failure repeats. */
function drawFrom(label: string): (size: number) => Uint8Array {
  let count = 0
  return (size) => {
    const hash = createHash('sha256').update(`${label} ${count++}`).digest()
    return Uint8Array.from(hash.subarray(0, size))
  }
}

const clientKeys = generateKeyPair(drawFrom('client'))
const serverKeys = generateKeyPair(drawFrom('server'))
const weakKeys = keyPairFromSeed(new Uint8Array(32).fill(3))

function options(keys: KeyPair, more: Partial<HandshakeOptions> = {}): HandshakeOptions {
  const draw = drawFrom(keys.nodeId)
  let now = 1_790_000_000_000
  return { keys, stamp: () => stampAt(now++, draw), ...more }
}

function fieldsFrom(wire: Uint8Array): FrameFields {
  const decoded = decodeFrame(wire)
  if (decoded.result !== 'ok') throw new Error(decoded.result)
  return decoded.fields
}

/** The frames a step sends. */
function sent(step: HandshakeStep): FrameFields[] {
  return step.effects.flatMap((effect) => (effect.type === 'send' ? [fieldsFrom(effect.wire)] : []))
}

function typesOf(step: HandshakeStep): string[] {
  return step.effects.map((effect) =>
    effect.type === 'send' ? `send ${fieldsFrom(effect.wire).get('frame_type')}` : effect.type,
  )
}

function failureOf({ state }: HandshakeStep): string {
  return state.phase === 'failed' ? state.failure : state.phase
}

/** Both sides to the end; the client's and the server's last steps. */
function shakeHands(client: HandshakeOptions, server: HandshakeOptions) {
  const clientStart = startClient(client)
  let atServer = startServer(server)
  let atClient = clientStart
  const toServer = sent(clientStart)
  const toClient: FrameFields[] = []
  for (const fields of toServer) {
    atServer = receiveFrame(atServer.state, fields)
    toClient.push(...sent(atServer))
  }
  for (const fields of toClient) atClient = receiveFrame(atClient.state, fields)
  return { atClient, atServer, toServer, toClient }
}

/** A CONNECT as these options make it, with fields replaced and signed again. */
function forgedConnect(from: HandshakeOptions, changes: [string, Uint8Array][]): FrameFields {
  const [connect] = sent(startClient(from))
  const fields = new Map(connect)
  for (const [key, value] of changes) fields.set(key, value)
  return fieldsFrom(signFrame(fields, from.keys))
}

describe('a handshake', () => {
  it('introduces both sides to each other', () => {
    const realms = [realmTag('a'), realmTag('b')]
    const address = new Map<string, string | number>([
      ['host', 's1'],
      ['port', 4433],
    ])
    const station = { capabilities: CAPABILITY_STATION, addresses: [address] }
    const { atClient, atServer } = shakeHands(
      options(clientKeys, { realms, expect: serverKeys.nodeId, proven: serverKeys.nodeId }),
      options(serverKeys, { ...station, proven: clientKeys.nodeId }),
    )
    expect(typesOf(atServer)).toEqual(['send hello', 'established'])
    expect(typesOf(atClient)).toEqual(['established'])
    expect(atServer.state).toMatchObject({
      phase: 'established',
      peer: { nodeId: clientKeys.nodeId, realms, isStation: false, site: null },
    })
    expect(atClient.state).toMatchObject({
      phase: 'established',
      peer: { nodeId: serverKeys.nodeId, isStation: true, addresses: [address] },
    })
  })

  it('sends what the protocol says: signed, own id as station id, evidence', () => {
    const { toServer, toClient } = shakeHands(options(clientKeys), options(serverKeys))
    expect([toServer.length, toClient.length]).toEqual([1, 1])
    const [connect, hello] = [...toServer, ...toClient]
    if (connect === undefined || hello === undefined) throw new Error('nothing sent')
    expect(verifyFrame(connect, clientKeys.nodeId)).toBe('ok')
    expect(verifyFrame(hello, serverKeys.nodeId)).toBe('ok')
    expect(parseFrame(connect)).toMatchObject({ stationId: clientKeys.nodeId, realms: [] })
    expect(parseFrame(hello)).toMatchObject({ isAccepted: true, refusalCode: null })
  })
})

describe('the server', () => {
  const server = () => startServer(options(serverKeys)).state

  it('refuses a CONNECT somebody else signed, and says nothing', () => {
    const id = Buffer.from(clientKeys.nodeId, 'hex')
    const forged = forgedConnect(options(weakKeys), [['node_id', id]])
    const step = receiveFrame(server(), forged)
    expect(failureOf(step)).toBe('signature_invalid')
    expect(typesOf(step)).toEqual(['close'])
  })

  it('refuses an id the transport did not prove, with GOODBYE', () => {
    const state = startServer(options(serverKeys, { proven: weakKeys.nodeId })).state
    const step = receiveFrame(state, forgedConnect(options(clientKeys), []))
    expect(failureOf(step)).toBe('node_id_mismatch')
    expect(typesOf(step)).toEqual(['send goodbye', 'close'])
    expect(parseFrame(sent(step)[0] ?? new Map())).toMatchObject({ reason: 'node_id_mismatch' })
  })

  it('refuses an id anybody can sign for', () => {
    const identity = Uint8Array.of(1, ...new Uint8Array(31))
    const fields = new Map(forgedConnect(options(clientKeys), [['node_id', identity]]))
    fields.set('signature', Uint8Array.of(...identity, ...new Uint8Array(32)))
    expect(failureOf(receiveFrame(server(), fields))).toBe('unusable_node_id')
  })

  it('refuses itself', () => {
    const step = receiveFrame(server(), forgedConnect(options(serverKeys), []))
    expect(failureOf(step)).toBe('own_node_id')
  })

  it('refuses anything before CONNECT', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const step = receiveFrame(server(), fieldsFrom(signFrame(fieldsOf(frame), clientKeys)))
        const wanted =
          frame.type === 'connect'
            ? ['signature_invalid', 'unusable_node_id']
            : [frame.type === 'goodbye' ? 'goodbye' : 'unexpected_frame']
        expect(wanted).toContain(failureOf(step))
        expect(typesOf(step).at(-1)).toBe('close')
      }),
    )
  })

  it('refuses a CONNECT that lacks a field', () => {
    const fields = new Map(forgedConnect(options(clientKeys), []))
    fields.delete('realms')
    const step = receiveFrame(server(), fields)
    expect(failureOf(step)).toBe('bad_frame')
    expect(step.effects).toEqual([
      { type: 'close', failure: 'bad_frame', detail: 'connect: the field realms is not an array' },
    ])
  })

  it('weighs a key that is not hardened by its policy', () => {
    expect(isHardened(weakKeys.publicKey)).toBe(false)
    const meet = (keys: KeyPair, puzzlePolicy: 'off' | 'log_only' | 'enforce') =>
      shakeHands(options(keys), options(serverKeys, { puzzlePolicy })).atServer
    for (const policy of ['off', 'log_only', 'enforce'] as const) {
      expect(typesOf(meet(clientKeys, policy))).toEqual(['send hello', 'established'])
    }
    expect(typesOf(meet(weakKeys, 'off'))).toEqual(['send hello', 'established'])
    expect(typesOf(meet(weakKeys, 'log_only'))).toEqual(['send hello', 'warn', 'established'])
    const refused = meet(weakKeys, 'enforce')
    expect(typesOf(refused)).toEqual(['send hello', 'send goodbye', 'close'])
    expect(failureOf(refused)).toBe('puzzle_invalid')
    expect(parseFrame(sent(refused)[1] ?? new Map())).toMatchObject({ reason: 'puzzle_invalid' })
  })

  it('asks for the difficulty it is told', () => {
    const bits = { puzzlePolicy: 'enforce', puzzleDifficultyBits: 24 } as const
    const { atServer } = shakeHands(options(clientKeys), options(serverKeys, bits))
    expect(failureOf(atServer)).toBe('puzzle_invalid')
  })
})

describe('the client', () => {
  const helloFrom = (keys: KeyPair, isAccepted = true): FrameFields => {
    const hello = {
      type: 'hello',
      ...options(keys).stamp(),
      nodeId: keys.nodeId,
      stationId: keys.nodeId,
      realms: [],
      addresses: [],
      site: null,
      isAccepted,
      refusalCode: isAccepted ? null : 10,
      negotiatedCapabilities: 0,
    } as const
    return fieldsFrom(signFrame(fieldsOf(hello), keys))
  }
  const waiting = (more: Partial<HandshakeOptions> = {}): HandshakeState =>
    startClient(options(clientKeys, more)).state

  it('refuses a station that is not the expected one, with GOODBYE', () => {
    const state = waiting({ expect: weakKeys.nodeId })
    const step = receiveFrame(state, helloFrom(serverKeys))
    expect(failureOf(step)).toBe('node_id_mismatch')
    expect(typesOf(step)).toEqual(['send goodbye', 'close'])
  })

  it('refuses a HELLO of another than the transport proved', () => {
    const step = receiveFrame(waiting({ proven: weakKeys.nodeId }), helloFrom(serverKeys))
    expect(failureOf(step)).toBe('node_id_mismatch')
  })

  it('refuses a HELLO whose signature does not hold', () => {
    const fields = new Map(helloFrom(serverKeys)).set('sent_at_ms', 1)
    expect(failureOf(receiveFrame(waiting(), fields))).toBe('signature_invalid')
    const unsigned = new Map(helloFrom(serverKeys))
    unsigned.delete('signature')
    expect(failureOf(receiveFrame(waiting(), unsigned))).toBe('bad_frame')
  })

  it('goes when it is refused', () => {
    const step = receiveFrame(waiting(), helloFrom(serverKeys, false))
    expect(step.effects).toEqual([{ type: 'close', failure: 'refused', detail: 'code 10' }])
  })

  it('goes when the station says goodbye, and keeps its reason', () => {
    const goodbye = { type: 'goodbye', reason: 'operator_stop', detail: null } as const
    const frame = fieldsOf({ ...goodbye, ...options(serverKeys).stamp() })
    const step = receiveFrame(waiting(), fieldsFrom(signFrame(frame, serverKeys)))
    expect(step.effects).toEqual([{ type: 'close', failure: 'goodbye', detail: 'operator_stop' }])
  })

  it('drops what comes before HELLO and goes on waiting', () => {
    const state = waiting()
    const ping = fieldsOf({
      type: 'ping',
      ...options(serverKeys).stamp(),
      nonce: new Uint8Array(16),
    })
    const dropped = receiveFrame(state, fieldsFrom(signFrame(ping, serverKeys)))
    expect(dropped.effects).toEqual([{ type: 'dropped', frameType: 'ping' }])
    const unknown = new Map([['frame_type', 'teleport']])
    expect(receiveFrame(dropped.state, unknown).effects).toEqual([
      { type: 'dropped', frameType: 'teleport' },
    ])
    const step = receiveFrame(dropped.state, helloFrom(serverKeys))
    expect(failureOf(step)).toBe('established')
  })
})

describe('expireHandshake', () => {
  it('ends a handshake that waits, and no other', () => {
    for (const start of [startClient(options(clientKeys)), startServer(options(serverKeys))]) {
      const step = expireHandshake(start.state)
      expect(failureOf(step)).toBe('handshake_timeout')
      expect(expireHandshake(step.state).effects).toEqual([])
    }
    const { atClient } = shakeHands(options(clientKeys), options(serverKeys))
    expect(expireHandshake(atClient.state)).toEqual({ state: atClient.state, effects: [] })
  })
})

describe('receiveFrame', () => {
  it('has nothing to say once the handshake is over', () => {
    const { atClient, toClient } = shakeHands(options(clientKeys), options(serverKeys))
    for (const fields of toClient) {
      expect(receiveFrame(atClient.state, fields)).toEqual({ state: atClient.state, effects: [] })
    }
    const failed: HandshakeState = { phase: 'failed', failure: 'refused' }
    expect(receiveFrame(failed, new Map())).toEqual({ state: failed, effects: [] })
  })

  it('establishes nobody on a mutated CONNECT', () => {
    const mutation = fc.record({ at: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) })
    const [effect] = startClient(options(clientKeys)).effects
    if (effect?.type !== 'send') throw new Error('no CONNECT')
    const original = parseFrame(fieldsFrom(effect.wire))
    fc.assert(
      fc.property(mutation, ({ at, mask }) => {
        const wire = Uint8Array.from(effect.wire)
        wire[at % wire.length] = (wire[at % wire.length] ?? 0) ^ mask
        const decoded = decodeFrame(wire)
        if (decoded.result !== 'ok') return
        const step = receiveFrame(startServer(options(serverKeys)).state, decoded.fields)
        // Only another spelling of the same frame may pass.
        if (step.state.phase === 'established') {
          expect(parseFrame(decoded.fields)).toEqual(original)
        }
      }),
      { numRuns: 500 },
    )
  })
})
