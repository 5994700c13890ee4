import { describe, expect, it, onTestFinished } from 'vitest'
import {
  publish,
  pubSubInfo,
  subscribe,
  unsubscribe,
} from '../../../src/actors/pubsub/pubsub-server.ts'
import { stationInfo } from '../../../src/actors/station/station.ts'
import { GenServer, start, stop } from '../../../src/behaviours/gen-server.ts'
import { Float } from '../../../src/identity/value.ts'
import { NODE_TOPICS_MAX, SUBSCRIBER_MESSAGES_WAITING_MAX } from '../../../src/limits.ts'
import { signFrame, withPublisherSignature } from '../../../src/mesh/frame-signature.ts'
import { stampAt } from '../../../src/mesh/frames/fields.ts'
import { fieldsOf } from '../../../src/mesh/frames/frame-type.ts'
import { send } from '../../../src/runtime/process.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { exit } from '../../../src/runtime/signal.ts'
import {
  drawFrom,
  keysOf,
  type RawPeer,
  realm,
  recorder,
  SimulatedMesh,
  topic,
} from '../../mesh/simulated-mesh.ts'

const other = `${topic}2`

function world(): SimulatedMesh {
  const mesh = new SimulatedMesh({ latencyMs: 5 })
  onTestFinished(() => mesh.close())
  return mesh
}

/** A station and two nodes that are connected to it. */
async function trio() {
  const mesh = world()
  const station = await mesh.station()
  const [a, b] = [await mesh.node('a'), await mesh.node('b')]
  await mesh.advance(100)
  return { mesh, station, a, b }
}

describe('publish', () => {
  it('reaches subscribers of other nodes, once, signed by its publisher', async () => {
    const { mesh, a, b } = await trio()
    const { messages } = await b.subscriber()
    await mesh.advance(50)
    const published = await publish(a.pubsub, realm, topic, { fitness: new Float(1) })
    expect(published).toMatchObject({ localSubscribers: 0, peers: 1 })
    await mesh.advance(50)
    const { seq } = published
    const payload = new Map([['fitness', new Float(1)]])
    const publisher = a.keys.nodeId
    expect(messages).toEqual([{ type: 'event', realm, topic, publisher, seq, payload }])
  })

  it('numbers publishes from the wall clock, one by one', async () => {
    const { mesh, a } = await trio()
    const first = await publish(a.pubsub, realm, topic, 1)
    await mesh.advance(1_000)
    const second = await publish(a.pubsub, realm, other, 2)
    expect(first.seq).toBe(mesh.clock.wallNow() * 1000 - 1_100_000)
    expect(second.seq).toBe(first.seq + 1)
  })

  it('reaches subscribers of its own node at once and once, in the shape others get', async () => {
    const { mesh, station, a, b } = await trio()
    const [own, remote] = [await a.subscriber(), await b.subscriber()]
    await mesh.advance(50)
    const payload = { list: [1, null, true], bytes: Uint8Array.of(1) }
    const published = await publish(a.pubsub, realm, topic, payload)
    expect(published).toMatchObject({ localSubscribers: 1, peers: 1 })
    await mesh.advance(50)
    expect(own.messages).toHaveLength(1)
    expect(own.messages).toEqual(remote.messages)
    expect((await pubSubInfo(a.pubsub)).refused).toEqual({ own_echo: 1 })
    expect((await stationInfo(station.server)).events).toBe(2)
  })

  it('says what is wrong with a topic or payload, and goes on', async () => {
    const { a } = await trio()
    const bad: [string, unknown, string][] = [
      ['no topic', 1, 'bad_topic'],
      [topic, Number.NaN, 'bad_payload'],
      [topic, 0.5, 'bad_payload'],
      [topic, 'x'.repeat(5_000_000), 'payload_too_large'],
      [topic, 'x'.repeat(17_000_000), 'payload_too_large'],
    ]
    const server = whereis(a.pubsub)
    for (const [name, payload, code] of bad) {
      const refused = publish(a.pubsub, realm, name, payload as number)
      await expect(refused).rejects.toMatchObject({ code })
    }
    expect(whereis(a.pubsub)).toBe(server)
    expect((await pubSubInfo(a.pubsub)).published).toBe(0)
  })

  it('keeps the latest of each topic while no station is there', async () => {
    const mesh = world()
    const [a, b] = [await mesh.node('a'), await mesh.node('b')]
    const { messages } = await b.subscriber()
    const another = await b.subscriber(other)
    for (const payload of [1, 2, 3]) {
      expect(await publish(a.pubsub, realm, topic, payload)).toMatchObject({ peers: 0 })
    }
    await publish(a.pubsub, realm, other, 4)
    expect((await pubSubInfo(a.pubsub)).kept).toBe(2)
    await mesh.station()
    // Node b has to be there first: what is published before it subscribes is not for it.
    mesh.network.link(a.keys.nodeId, keysOf('station').nodeId, { latencyMs: 500 })
    await mesh.advance(20_000)
    expect((await pubSubInfo(a.pubsub)).kept).toBe(0)
    expect(messages.map(({ payload }) => payload)).toEqual([3])
    expect(another.messages.map(({ payload }) => payload)).toEqual([4])
  })
})

describe('subscribe', () => {
  it('tells the station of a topic once, whoever wants it, and takes it back at the end', async () => {
    const { mesh, station, a } = await trio()
    const [first, second] = [await a.subscriber(), await a.subscriber()]
    await subscribe(a.pubsub, realm, topic, first.pid)
    await mesh.advance(50)
    expect(await stationInfo(station.server)).toMatchObject({ topics: 1, subscriptions: 1 })
    await unsubscribe(a.pubsub, realm, topic, first.pid)
    await mesh.advance(50)
    expect((await stationInfo(station.server)).subscriptions).toBe(1)
    await unsubscribe(a.pubsub, realm, topic, second.pid)
    await mesh.advance(50)
    expect((await stationInfo(station.server)).subscriptions).toBe(0)
    expect(await pubSubInfo(a.pubsub)).toMatchObject({ topics: 0, subscribers: 0 })
  })

  it('ends with the subscriber', async () => {
    const { mesh, station, a } = await trio()
    const { pid } = await a.subscriber()
    await subscribe(a.pubsub, realm, other, pid)
    await mesh.advance(50)
    expect((await stationInfo(station.server)).subscriptions).toBe(2)
    exit(pid, 'kill')
    await mesh.advance(50)
    expect((await stationInfo(station.server)).subscriptions).toBe(0)
    expect((await pubSubInfo(a.pubsub)).subscribers).toBe(0)
    const dead = recorder()
    exit(dead.pid, 'kill')
    await subscribe(a.pubsub, realm, topic, dead.pid)
    await mesh.advance(50)
    expect((await pubSubInfo(a.pubsub)).subscribers).toBe(0)
  })

  it('is repeated after each reconnect', async () => {
    const { mesh, station, a, b } = await trio()
    const { messages } = await a.subscriber()
    await mesh.advance(10_000)
    await mesh.settled(stop(station.pid, 'shutdown'))
    await station.transport.close()
    await mesh.advance(1_000)
    const again = await mesh.station()
    await mesh.advance(10_000)
    expect((await stationInfo(again.server)).subscriptions).toBe(1)
    await publish(b.pubsub, realm, topic, 'after')
    await mesh.advance(50)
    expect(messages.map(({ payload }) => payload)).toEqual(['after'])
  })

  it('is refused beyond its bound, by name', async () => {
    const { a } = await trio()
    const { pid } = recorder()
    for (let n = 0; n < NODE_TOPICS_MAX; n++) await subscribe(a.pubsub, realm, `${topic}${n}`, pid)
    const refused = subscribe(a.pubsub, realm, other, recorder().pid)
    await expect(refused).resolves.toBeUndefined()
    const tooMany = subscribe(a.pubsub, realm, `${topic}${NODE_TOPICS_MAX}`, pid)
    await expect(tooMany).rejects.toMatchObject({ code: 'too_many_subscriptions' })
    const misspelt = subscribe(a.pubsub, realm, 'no topic', pid)
    await expect(misspelt).rejects.toMatchObject({ code: 'bad_topic' })
  })
})

describe('events', () => {
  /** A publish whose publisher is the sender, signed as such by whom one likes. */
  function forge(sender: RawPeer, signer: string, seq: number): Uint8Array {
    const draw = drawFrom(`${signer} ${seq}`)
    const stamp = stampAt(1_700_000_000_000, draw)
    const publisher = sender.keys.nodeId
    const fact = { ...stamp, topic, realm, publisher, seq, payload: signer }
    const fields = fieldsOf({ type: 'publish', ...fact, publishedAtMs: 0, ttlMs: null })
    const signed =
      signer === 'nobody'
        ? fields
        : withPublisherSignature(fields, signer === 'itself' ? sender.keys : keysOf('another'))
    return signFrame(signed, sender.keys)
  }

  it('without a signature of their publisher are dropped, unless the server is lax', async () => {
    const { mesh, b } = await trio()
    const lax = await mesh.node('lax', { isStrict: false })
    const [strictly, laxly] = [await b.subscriber(), await lax.subscriber()]
    await mesh.advance(100)
    const sender = await mesh.rawPeer('sender')
    for (const [seq, signer] of ['itself', 'nobody', 'another'].entries()) {
      sender.control.write(forge(sender, signer, seq))
    }
    await mesh.advance(50)
    expect(strictly.messages.map(({ payload }) => payload)).toEqual(['itself'])
    expect(laxly.messages.map(({ payload }) => payload)).toEqual(['itself', 'nobody'])
    expect((await pubSubInfo(b.pubsub)).refused).toEqual({ publisher_sig_absent: 1 })
  })

  it('that nobody here wants any more are counted, not delivered', async () => {
    const { mesh, a, b } = await trio()
    const { pid, messages } = await b.subscriber()
    await mesh.advance(50)
    await publish(a.pubsub, realm, topic, 1)
    await unsubscribe(b.pubsub, realm, topic, pid)
    await mesh.advance(50)
    expect(messages).toEqual([])
    expect((await pubSubInfo(b.pubsub)).refused).toEqual({ not_subscribed: 1 })
  })

  it('pass by a subscriber that does not take its messages', async () => {
    const { mesh, a } = await trio()
    const stuck = start(new StuckSubscriber())
    const healthy = await a.subscriber()
    await subscribe(a.pubsub, realm, topic, stuck)
    for (let n = 0; n <= SUBSCRIBER_MESSAGES_WAITING_MAX; n++) send(stuck, { type: 'other' })
    await mesh.advance(10)
    await publish(a.pubsub, realm, topic, 1)
    await mesh.advance(10)
    expect(healthy.messages).toHaveLength(1)
    expect((await pubSubInfo(a.pubsub)).refused).toMatchObject({ subscriber_overloaded: 1 })
  })
})

/** Never done with its first message. */
class StuckSubscriber extends GenServer<undefined> {
  init() {
    return { state: undefined }
  }

  override async handleInfo(): Promise<{ state: undefined }> {
    await new Promise<void>(() => {})
    return { state: undefined }
  }
}
