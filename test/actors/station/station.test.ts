import { describe, expect, it, onTestFinished } from 'vitest'
import { publish, pubSubInfo } from '../../../src/actors/pubsub/pubsub-server.ts'
import {
  startStation,
  stationConnections,
  stationInfo,
} from '../../../src/actors/station/station.ts'
import { stop } from '../../../src/behaviours/gen-server.ts'
import { keyPairFromSeed } from '../../../src/identity/key-pair.ts'
import { GOODBYE_DRAIN_MS } from '../../../src/limits.ts'
import type { FrameFields } from '../../../src/mesh/frame.ts'
import { signFrame, verifyFrame } from '../../../src/mesh/frame-signature.ts'
import { stampAt } from '../../../src/mesh/frames/fields.ts'
import { fieldsOf } from '../../../src/mesh/frames/frame-type.ts'
import { connectionInfo } from '../../../src/mesh/peer-connection.ts'
import { peerInfo } from '../../../src/mesh/peer-manager.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { exit } from '../../../src/runtime/signal.ts'
import {
  connectWire,
  drawFrom,
  keysOf,
  type RawPeer,
  realm,
  SimulatedMesh,
  stationAddr,
  topic,
} from '../../mesh/simulated-mesh.ts'

function world(): SimulatedMesh {
  const mesh = new SimulatedMesh({ latencyMs: 5 })
  onTestFinished(() => mesh.close())
  return mesh
}

const stationKeys = keysOf('station')
const draw = drawFrom('station.test')

function subscribeWire({ keys }: RawPeer): Uint8Array {
  const stamp = stampAt(1_700_000_000_000, draw)
  const subscriber = keys.nodeId
  const frame = { ...stamp, topic, realm, subscriber, filter: null, options: new Map() }
  return signFrame(fieldsOf({ type: 'subscribe', ...frame }), keys)
}

function publishWire({ keys }: RawPeer, seq: number, payload = 'x'): Uint8Array {
  const stamp = stampAt(1_700_000_000_000, draw)
  const fact = { ...stamp, topic, realm, publisher: keys.nodeId, seq, payload }
  return signFrame(fieldsOf({ type: 'publish', ...fact, publishedAtMs: 0, ttlMs: null }), keys)
}

function typesOf({ frames }: RawPeer): unknown[] {
  return frames.map((fields) => fields.get('frame_type'))
}

function eventsOf({ frames }: RawPeer): FrameFields[] {
  return frames.filter((fields) => fields.get('frame_type') === 'event')
}

describe('startStation', () => {
  it('says where it listens and who it is', async () => {
    const station = await world().station()
    expect(station.address).toEqual(stationAddr)
    expect(station.nodeId).toBe(stationKeys.nodeId)
    expect(await stationInfo(station.server)).toMatchObject({ connections: 0, refused: {} })
  })

  it('leaves nothing behind when the address is taken', async () => {
    const mesh = world()
    await mesh.station()
    const keys = keysOf('second station')
    const transport = mesh.network.transport(keys.nodeId)
    const second = startStation({ keys, transport, addr: stationAddr, clock: mesh.clock })
    await expect(second).rejects.toMatchObject({ code: 'address_in_use' })
  })

  it('answers a new server after a crash of the old, and nodes come back', async () => {
    const mesh = world()
    const keys = stationKeys
    const transport = mesh.network.transport(keys.nodeId)
    const station = await startStation({ keys, transport, addr: stationAddr, clock: mesh.clock })
    onTestFinished(() => exit(station.pid, 'kill'))
    const { peers, subscriber } = await mesh.node('node')
    const { pubsub } = await mesh.node('publisher')
    const { messages } = await subscriber()
    await mesh.advance(100)
    const { server } = station
    exit(server, 'kill')
    await mesh.advance(3_000)
    expect(station.server).not.toBe(server)
    expect((await peerInfo(peers))[0]?.status).toBe('up')
    expect(await stationInfo(station.server)).toMatchObject({ connections: 2, subscriptions: 1 })
    await publish(pubsub, realm, topic, 1)
    await mesh.advance(100)
    expect(messages).toHaveLength(1)
  })
})

describe('stop', () => {
  it('says GOODBYE to all and leaves no process', async () => {
    const mesh = world()
    const station = await mesh.station()
    const peers = [await mesh.rawPeer('a'), await mesh.rawPeer('b')]
    const { server } = station
    await mesh.settled(stop(station.pid, 'shutdown'), GOODBYE_DRAIN_MS + 200)
    for (const peer of peers) {
      expect(typesOf(peer)).toEqual(['hello', 'goodbye'])
      expect(peer.frames[1]?.get('reason')).toBe('operator_stop')
    }
    expect(isAlive(server)).toBe(false)
  })
})

describe('connections', () => {
  it('are one for each identity: the newer ends the older', async () => {
    const mesh = world()
    const station = await mesh.station()
    const older = await mesh.rawPeer('a')
    older.control.write(subscribeWire(older))
    await mesh.advance(50)
    const newer = await mesh.rawPeer('a')
    expect(typesOf(older)).toEqual(['hello', 'goodbye'])
    expect(older.frames[1]?.get('reason')).toBe('replaced_by_newer_handshake')
    await mesh.advance(1_000)
    expect(typesOf(newer)).toEqual(['hello'])
    expect(await stationInfo(station.server)).toMatchObject({
      connections: 1,
      handshakes: 0,
      subscriptions: 0,
      replaced: 1,
    })
  })

  it('are bounded, and so are unfinished handshakes', async () => {
    const mesh = world()
    const bounds = { connectionsMax: 3, handshakesMax: 2, handshakeTimeoutMs: 5_000 }
    const station = await mesh.station(bounds)
    for (const label of ['a', 'b']) await mesh.rawPeer(label, { isConnected: false })
    await mesh.advance(100)
    const third = await mesh.rawPeer('c', { isConnected: false })
    expect(await mesh.settled(third.session.closed)).toMatchObject({
      reason: 'too_many_handshakes',
    })
    expect(await stationInfo(station.server)).toMatchObject({ connections: 0, handshakes: 2 })
    await mesh.advance(6_000)
    expect((await stationInfo(station.server)).handshakes).toBe(0)
    for (const label of ['a', 'b', 'c']) await mesh.rawPeer(label)
    const fourth = await mesh.rawPeer('d')
    expect(await mesh.settled(fourth.session.closed)).toMatchObject({
      reason: 'too_many_connections',
    })
    expect(await stationInfo(station.server)).toMatchObject({
      connections: 3,
      refused: { too_many_handshakes: 1, too_many_connections: 1 },
    })
  })

  it('need a hardened key, unless told otherwise', async () => {
    const mesh = world()
    const keys = keyPairFromSeed(new Uint8Array(32).fill(3))
    await mesh.station()
    const node = await mesh.node('weak', { keys })
    await mesh.advance(200)
    expect((await peerInfo(node.peers))[0]?.lastFailure).toBe('goodbye: puzzle_invalid')
    const lenient = { host: '127.0.0.1', port: 4434 }
    const stationInit = { keys: keysOf('lenient'), addr: lenient, puzzle: 'off' } as const
    const station = await mesh.station(stationInit)
    await mesh.node('weak', { keys, stations: [{ addr: lenient }] })
    await mesh.advance(200)
    expect((await stationInfo(station.server)).connections).toBe(1)
  })
})

describe('events', () => {
  it('are signed by the station and carry the publisher’s signature as it was', async () => {
    const mesh = world()
    await mesh.station()
    const raw = await mesh.rawPeer('raw')
    raw.control.write(subscribeWire(raw))
    const node = await mesh.node('node')
    await mesh.advance(100)
    const { seq } = await publish(node.pubsub, realm, topic, 'news')
    await mesh.advance(50)
    const [event] = eventsOf(raw)
    if (event === undefined) throw new Error('no event')
    expect(verifyFrame(event, stationKeys.nodeId)).toBe('ok')
    expect(event.get('delivered_via')).toBe('direct')
    expect(event.get('seq')).toBe(seq)
    expect(event.get('publisher_sig')).toBeInstanceOf(Uint8Array)
  })

  it('come once, however many stations and copies there are', async () => {
    const mesh = world()
    const station = await mesh.station()
    const addr = { host: '127.0.0.1', port: 4434 }
    await mesh.station({ keys: keysOf('second'), addr })
    const stations = [{ addr: stationAddr }, { addr }]
    const [a, b] = [await mesh.node('a', { stations }), await mesh.node('b', { stations })]
    const { messages } = await b.subscriber()
    await mesh.advance(200)
    expect(await publish(a.pubsub, realm, topic, 1)).toMatchObject({ peers: 2 })
    const raw = await mesh.rawPeer('raw')
    raw.control.write(publishWire(raw, 1))
    raw.control.write(publishWire(raw, 1))
    await mesh.advance(100)
    expect(messages).toHaveLength(1)
    expect((await pubSubInfo(b.pubsub)).refused).toMatchObject({ duplicate: 1 })
    expect((await stationInfo(station.server)).refused).toMatchObject({ duplicate: 1 })
  })

  it('are not more than a connection may publish', async () => {
    const mesh = world()
    const station = await mesh.station({ rates: { events: { perSecond: 10, burst: 5 } } })
    const raw = await mesh.rawPeer('raw')
    for (let seq = 0; seq < 20; seq++) raw.control.write(publishWire(raw, seq))
    await mesh.advance(50)
    const info = await stationInfo(station.server)
    expect(info).toMatchObject({ published: 5, refused: { rate_exceeded: 15 } })
  })

  it('reach everybody else while one subscriber takes nothing', async () => {
    const mesh = world()
    const station = await mesh.station({ outbound: { eventsMax: 10, eventBytesMax: 50_000_000 } })
    const [slow, fast] = [await mesh.rawPeer('slow'), await mesh.rawPeer('fast')]
    const publisher = await mesh.rawPeer('publisher')
    for (const peer of [slow, fast]) peer.control.write(subscribeWire(peer))
    await mesh.advance(50)
    slow.control.pause()
    const payload = 'x'.repeat(500_000)
    for (let seq = 0; seq < 60; seq++) {
      publisher.control.write(publishWire(publisher, seq, payload))
      await mesh.advance(20)
    }
    expect(eventsOf(fast)).toHaveLength(60)
    expect(eventsOf(slow)).toHaveLength(0)
    const connections = await stationConnections(station.server)
    const infos = await Promise.all(connections.map(connectionInfo))
    expect(infos.map(({ dropped }) => dropped > 0)).toEqual([true, false, false])
    slow.control.resume()
    await mesh.advance(500)
    const seqs = eventsOf(slow).map((fields) => Number(fields.get('seq')))
    expect(seqs.length).toBeLessThan(60)
    expect(seqs.slice(-10)).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59])
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  })
})

describe('pings', () => {
  it('are answered', async () => {
    const mesh = world()
    await mesh.station()
    const raw = await mesh.rawPeer('raw')
    const ping = { type: 'ping' as const, ...stampAt(1_700_000_000_000, draw), nonce: draw(16) }
    raw.control.write(signFrame(fieldsOf(ping), raw.keys))
    await mesh.advance(50)
    expect(typesOf(raw)).toEqual(['hello', 'pong'])
    expect(raw.frames[1]?.get('nonce')).toEqual(ping.nonce)
  })
})

describe('a second CONNECT', () => {
  it('ends the connection', async () => {
    const mesh = world()
    const station = await mesh.station()
    const raw = await mesh.rawPeer('raw')
    raw.control.write(connectWire(raw.keys))
    await mesh.advance(GOODBYE_DRAIN_MS + 100)
    expect(typesOf(raw)).toEqual(['hello', 'goodbye'])
    const info = await stationInfo(station.server)
    expect(info).toMatchObject({ connections: 0, refused: { unexpected_frame: 1 } })
  })
})
