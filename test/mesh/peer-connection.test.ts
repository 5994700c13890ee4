import { describe, expect, it, onTestFinished } from 'vitest'
import { GenServer, start, stop } from '../../src/behaviours/gen-server.ts'
import { type KeyPair, keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { GOODBYE_DRAIN_MS, OWNER_MESSAGES_WAITING_MAX } from '../../src/limits.ts'
import { type ConnectionEnd, connectionEndOf } from '../../src/mesh/connection-end.ts'
import { encodeFrame } from '../../src/mesh/frame.ts'
import { signFrame } from '../../src/mesh/frame-signature.ts'
import { stampAt } from '../../src/mesh/frames/fields.ts'
import { type Frame, fieldsOf } from '../../src/mesh/frames/frame-type.ts'
import { CAPABILITY_STATION, startClient } from '../../src/mesh/handshake.ts'
import {
  type ConnectionMessage,
  connectionInfo,
  disconnect,
  PeerConnection,
  type PeerConnectionOptions,
  type PeerConnectionPid,
  sendEvent,
  sendFrame,
} from '../../src/mesh/peer-connection.ts'
import type { Session, Stream } from '../../src/mesh/transport.ts'
import { isAlive, send } from '../../src/runtime/process.ts'
import { Down, exit, monitor } from '../../src/runtime/signal.ts'
import {
  drawFrom,
  keysOf,
  type Recorder,
  realm,
  recorder,
  SimulatedMesh,
  stationAddr,
  topic,
} from './simulated-mesh.ts'

const nodeKeys = keysOf('node')
const stationKeys = keysOf('station')
const draw = drawFrom('peer-connection')

function stamp() {
  return stampAt(1_790_000_000_000, draw)
}

/** One end of a conversation. */
interface End {
  readonly connection: PeerConnectionPid
  readonly owner: Recorder<ConnectionMessage | Down>
}

type Options = Partial<PeerConnectionOptions>

/** Takes its first message and no other until it is told to. */
class BusyOwner extends GenServer<undefined> {
  readonly types: string[] = []
  goOn: () => void = () => {}
  readonly #isFree: Promise<void> = new Promise((resolve) => {
    this.goOn = resolve
  })

  init() {
    return { state: undefined }
  }

  override async handleInfo(message: { type: string }) {
    this.types.push(message.type)
    await this.#isFree
    return { state: undefined }
  }
}

class World extends SimulatedMesh {
  /** A session between node and station, both ends. */
  async sessions(keys: KeyPair = nodeKeys): Promise<{ dialled: Session; accepted: Session }> {
    const accepting = this.network.transport(stationKeys.nodeId)
    const accepted = new Promise<Session>((resolve) => accepting.onSession(resolve))
    await accepting.listen(stationAddr)
    const dialling = this.network.transport(keys.nodeId).dial(stationAddr, { expect: 'anyone' })
    return { dialled: await this.settled(dialling), accepted: await this.settled(accepted) }
  }

  connect(keys: KeyPair, session: Session, options: Options = {}): End {
    const owner = recorder<ConnectionMessage | Down>()
    const init = { keys, session, owner: owner.pid, clock: this.clock, ...options }
    const connection = start(new PeerConnection(init))
    monitor(connection, owner.pid)
    return { connection, owner }
  }

  async pair(ofNode: Options = {}, ofStation: Options = {}): Promise<{ node: End; station: End }> {
    const { dialled, accepted } = await this.sessions()
    const capabilities = CAPABILITY_STATION
    const station = this.connect(stationKeys, accepted, { capabilities, ...ofStation })
    const node = this.connect(nodeKeys, dialled, ofNode)
    await this.advance(50)
    return { node, station }
  }

  /** A session on whose control stream a test writes what it likes, and the station's end of it. */
  async intruder(
    ofStation: Options = {},
  ): Promise<{ station: End; control: Stream; dialled: Session }> {
    const { dialled, accepted } = await this.sessions()
    const station = this.connect(stationKeys, accepted, ofStation)
    const control = await dialled.open('bidi')
    control.onData = () => {}
    return { station, control, dialled }
  }
}

function world(): World {
  const mesh = new World({ latencyMs: 5 })
  onTestFinished(() => mesh.close())
  return mesh
}

function typesOf({ owner }: End): string[] {
  return owner.messages.map(({ type }) => type)
}

/** Why an end has ended; undefined while it has not. */
function endOf({ owner }: End): ConnectionEnd | undefined {
  const down = owner.messages.find((message) => message instanceof Down)
  return down && connectionEndOf(down.reason)
}

function subscribeFrame(): Frame {
  const subscriber = nodeKeys.nodeId
  const options = new Map()
  return { type: 'subscribe', ...stamp(), topic, realm, subscriber, filter: null, options }
}

function connectWire(keys: KeyPair = nodeKeys): Uint8Array {
  const [effect] = startClient({ keys, stamp }).effects
  if (effect?.type !== 'send') throw new Error('no CONNECT')
  return effect.wire
}

describe('the handshake', () => {
  it('connects both ends, each telling its owner who the other is', async () => {
    const { node, station } = await world().pair()
    const { connection } = node
    const peer = stationKeys.nodeId
    expect(node.owner.messages).toEqual([{ type: 'connected', connection, peer, isStation: true }])
    expect(station.owner.messages).toMatchObject([{ peer: nodeKeys.nodeId, isStation: false }])
    expect(await connectionInfo(connection)).toMatchObject({
      isEstablished: true,
      direction: 'outbound',
    })
  })

  it('refuses an identity that the transport did not prove', async () => {
    const mesh = world()
    const { station, control } = await mesh.intruder()
    control.write(connectWire(keysOf('stranger')))
    await mesh.advance(50 + GOODBYE_DRAIN_MS)
    expect(endOf(station)).toMatchObject({ cause: 'handshake_failed' })
    expect(endOf(station)?.detail).toMatch(/^node_id_mismatch/)
  })

  it('completes, then says GOODBYE, to a key that is not hardened', async () => {
    const mesh = world()
    const weak = keyPairFromSeed(new Uint8Array(32).fill(3))
    const { dialled, accepted } = await mesh.sessions(weak)
    const station = mesh.connect(stationKeys, accepted, { puzzlePolicy: 'enforce' })
    const node = mesh.connect(weak, dialled)
    await mesh.advance(50)
    expect(endOf(node)).toEqual({ cause: 'goodbye', detail: 'puzzle_invalid' })
    await mesh.advance(50)
    expect(endOf(station)?.detail).toMatch(/^puzzle_invalid/)
  })

  it('ends when the other side does not say a word', async () => {
    const mesh = world()
    const { station } = await mesh.intruder({ handshakeTimeoutMs: 2_000 })
    await mesh.advance(1_900)
    expect(endOf(station)).toBeUndefined()
    await mesh.advance(200)
    expect(endOf(station)?.detail).toMatch(/^handshake_timeout/)
  })

  it('drops and counts what comes before HELLO', async () => {
    const mesh = world()
    const { dialled, accepted } = await mesh.sessions()
    accepted.onStream = (control) => {
      control.onData = () => {}
      const early = { ...stamp(), topic, realm, publisher: stationKeys.nodeId, seq: 1 }
      const event: Frame = { type: 'event', ...early, payload: null, deliveredVia: 'direct' }
      control.write(signFrame(fieldsOf(event), stationKeys))
    }
    const node = mesh.connect(nodeKeys, dialled)
    await mesh.advance(50)
    expect(typesOf(node)).toEqual(['frame_refused'])
    const info = await connectionInfo(node.connection)
    expect(info).toMatchObject({ isEstablished: false, refused: { before_hello: 1 } })
  })
})

describe('frames', () => {
  it('reach the owner of the other end in order, verified', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair()
    const { connection } = node
    sendFrame(connection, subscribeFrame())
    const fact = { ...stamp(), topic, realm, publisher: nodeKeys.nodeId, payload: 'news' }
    for (const seq of [1, 2]) {
      const publish = { type: 'publish' as const, ...fact, seq, publishedAtMs: 1, ttlMs: null }
      sendEvent(connection, signFrame(fieldsOf(publish), nodeKeys))
    }
    await mesh.advance(50)
    const frames = station.owner.messages.flatMap((message) =>
      message.type === 'frame' ? [message.frame] : [],
    )
    expect(frames.map(({ type }) => type)).toEqual(['subscribe', 'publish', 'publish'])
    expect(frames).toMatchObject([{}, { seq: 1, payload: 'news' }, { seq: 2 }])
  })

  it('signed by somebody else end the connection with a GOODBYE', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair()
    sendEvent(node.connection, signFrame(fieldsOf(subscribeFrame()), keysOf('stranger')))
    await mesh.advance(50)
    expect(endOf(station)?.detail).toMatch(/^signature_invalid/)
    expect(endOf(node)).toEqual({ cause: 'goodbye', detail: 'protocol_error' })
  })

  it('that are none end the connection', async () => {
    const mesh = world()
    const { station, control } = await mesh.intruder()
    control.write(connectWire())
    await mesh.advance(50)
    expect(typesOf(station)).toEqual(['connected'])
    control.write(Uint8Array.of(0, 0, 0, 2, 0xa1, 0xff))
    await mesh.advance(50 + GOODBYE_DRAIN_MS)
    expect(endOf(station)?.detail).toMatch(/^bad_frame/)
  })

  it('larger than allowed end the connection before they have arrived', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair({}, { frameBytesMax: 1000 })
    const large = new Map([
      ['frame_type', 'unknown'],
      ['pad', 'x'.repeat(1000)],
    ])
    sendEvent(node.connection, encodeFrame(large))
    await mesh.advance(50)
    expect(endOf(station)?.detail).toMatch(/^frame_too_large/)
  })

  it('wait with their sender when there are more bytes than it may send', async () => {
    const mesh = world()
    const rates = { bytes: { perSecond: 20_000, burst: 1000 } }
    const { node, station } = await mesh.pair({}, { rates })
    for (let i = 0; i < 50; i++) sendFrame(node.connection, subscribeFrame())
    await mesh.advance(200)
    expect(typesOf(station).length).toBeLessThan(30)
    await mesh.advance(2_000)
    expect(typesOf(station)).toHaveLength(51)
  })

  it('wait with their sender while the owner is busy', async () => {
    const mesh = world()
    const busy = new BusyOwner()
    const owner = start(busy)
    const { node, station } = await mesh.pair({}, { owner })
    for (let i = 0; i < OWNER_MESSAGES_WAITING_MAX + 2; i++) send(owner, { type: 'other' })
    for (let i = 0; i < 50; i++) sendFrame(node.connection, subscribeFrame())
    await mesh.advance(2_000)
    expect((await connectionInfo(station.connection)).framesIn).toBe(1)
    busy.goOn()
    await mesh.advance(1_000)
    expect(busy.types.filter((type) => type === 'frame')).toHaveLength(50)
  })
})

describe('liveness', () => {
  it('keeps a silent connection for as long as the peer answers', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair()
    await mesh.advance(60_000)
    expect([endOf(node), endOf(station)]).toEqual([undefined, undefined])
    const { framesIn, framesOut } = await connectionInfo(node.connection)
    expect(framesIn).toBeGreaterThan(20)
    expect(framesOut).toBeLessThan(65)
  })

  it('gives a peer up that falls silent, within 3 to 4 s', async () => {
    const mesh = world()
    const { node } = await mesh.pair()
    await mesh.advance(5_000)
    mesh.network.partition([[nodeKeys.nodeId], [stationKeys.nodeId]])
    await mesh.advance(2_500)
    expect(endOf(node)).toBeUndefined()
    await mesh.advance(1_600)
    expect(endOf(node)).toMatchObject({ cause: 'liveness_lost' })
  })

  it('forgives an outage that is shorter', async () => {
    const mesh = world()
    const { node } = await mesh.pair()
    mesh.network.partition([[nodeKeys.nodeId], [stationKeys.nodeId]])
    await mesh.advance(2_000)
    mesh.network.heal()
    await mesh.advance(10_000)
    expect(endOf(node)).toBeUndefined()
  })
})

describe('the end', () => {
  it('is told to the peer, with the reason', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair()
    disconnect(station.connection, 'replaced_by_newer_handshake')
    await mesh.advance(50)
    expect(endOf(node)).toEqual({ cause: 'goodbye', detail: 'replaced_by_newer_handshake' })
    expect(endOf(station)).toEqual({ cause: 'disconnected', detail: 'replaced_by_newer_handshake' })
  })

  it('comes after what was sent before', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair()
    for (let i = 0; i < 50; i++) sendFrame(node.connection, subscribeFrame())
    await mesh.settled(stop(node.connection, 'shutdown'))
    expect(typesOf(station).filter((type) => type === 'frame')).toHaveLength(50)
    expect(endOf(station)).toEqual({ cause: 'goodbye', detail: 'client_stop' })
    expect(endOf(node)).toEqual({ cause: 'stopped', detail: 'shutdown' })
  })

  it('does not wait for a peer that is gone', async () => {
    const mesh = world()
    const { node } = await mesh.pair()
    mesh.network.crash(stationKeys.nodeId)
    const stopped = stop(node.connection, 'shutdown')
    await mesh.advance(GOODBYE_DRAIN_MS)
    await stopped
    expect(isAlive(node.connection)).toBe(false)
  })

  it('follows the end of the session, and of the owner', async () => {
    const mesh = world()
    const { dialled, accepted } = await mesh.sessions()
    const station = mesh.connect(stationKeys, accepted)
    const node = mesh.connect(nodeKeys, dialled)
    await mesh.advance(50)
    dialled.close(0, 'closed')
    await mesh.advance(50)
    expect(endOf(node)).toEqual({ cause: 'session_closed', detail: 'local closed' })
    expect(endOf(station)).toEqual({ cause: 'session_closed', detail: 'remote closed' })
  })

  it('follows the end of the owner, with a GOODBYE', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair()
    exit(station.owner.pid, 'kill')
    await mesh.advance(50)
    expect(isAlive(station.connection)).toBe(false)
    expect(endOf(node)).toEqual({ cause: 'goodbye', detail: 'operator_stop' })
  })

  it('closes the session even when the process is killed', async () => {
    const mesh = world()
    const { node, station } = await mesh.pair()
    exit(node.connection, 'kill')
    await mesh.advance(50)
    expect(endOf(station)).toEqual({ cause: 'session_closed', detail: 'remote closed' })
  })

  it('comes when the peer closes the control stream', async () => {
    const mesh = world()
    const { station, control } = await mesh.intruder()
    control.write(connectWire())
    await mesh.advance(50)
    control.reset(1)
    await mesh.advance(50 + GOODBYE_DRAIN_MS)
    expect(endOf(station)).toMatchObject({ cause: 'protocol_error' })
  })
})

describe('further streams', () => {
  it('are refused, and harm nothing', async () => {
    const mesh = world()
    const { station, control, dialled } = await mesh.intruder()
    control.write(connectWire())
    let refusedCount = 0
    for (let i = 0; i < 20; i++) {
      const stream = await mesh.settled(dialled.open(i < 3 ? 'uni' : 'bidi'))
      stream.onReset = () => {
        refusedCount++
      }
      if (i >= 3) stream.onData = () => {}
      stream.write(connectWire(keysOf('stranger')), true)
      await mesh.advance(50)
    }
    expect(refusedCount).toBe(17)
    expect(typesOf(station)).toEqual(['connected'])
    expect(endOf(station)).toBeUndefined()
  })
})
