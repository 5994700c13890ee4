// Station and nodes on real sockets: everything the simulator stands in for, once.
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type EventMessage,
  type PubSubPid,
  publish,
  pubSubSpec,
  subscribe,
} from '../../../src/actors/pubsub/pubsub-server.ts'
import { type Station, startStation, stationInfo } from '../../../src/actors/station/station.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import type { KeyPair } from '../../../src/identity/key-pair.ts'
import { type PeerManagerPid, type PeerMessage, peersSpec } from '../../../src/mesh/peer-manager.ts'
import { QuicTransport } from '../../../src/mesh/quic-transport.ts'
import type { Addr } from '../../../src/mesh/transport.ts'
import type { Name, Pid } from '../../../src/runtime/pid.ts'
import { isAlive, spawn } from '../../../src/runtime/process.ts'
import { Supervisor } from '../../../src/supervisors/supervisor.ts'
import { keysOf, realm, topic } from '../../mesh/simulated-mesh.ts'

/** A process whose messages can be awaited, one after the other. */
interface Inbox<M> {
  readonly pid: Pid<M>
  next(): Promise<M>
}

function inbox<M>(isWanted: (message: M) => boolean = () => true): Inbox<M> {
  const messages: M[] = []
  const waiting: ((message: M) => void)[] = []
  const pid = spawn((message: M) => {
    if (!isWanted(message)) return
    const waiter = waiting.shift()
    if (waiter === undefined) messages.push(message)
    else waiter(message)
  })
  const next = (): Promise<M> => {
    const message = messages.shift()
    if (message !== undefined) return Promise.resolve(message)
    return new Promise((resolve) => waiting.push(resolve))
  }
  return { pid, next }
}

async function station(keys: KeyPair, port = 0): Promise<Station & { close(): Promise<void> }> {
  const transport = new QuicTransport({ keys })
  const started = await startStation({ keys, transport, addr: { host: '127.0.0.1', port } })
  const close = async (): Promise<void> => {
    if (isAlive(started.pid)) await stop(started.pid, 'shutdown')
    await transport.close()
  }
  onTestFinished(close)
  const { pid, server, address, nodeId } = started
  return { pid, server, address, nodeId, close }
}

interface Node {
  readonly pubsub: Name<PubSubPid>
  /** Becomes up and down. */
  readonly peers: Inbox<PeerMessage>
}

async function node(label: string, addr: Addr): Promise<Node> {
  const keys = keysOf(label)
  const transport = new QuicTransport({ keys })
  const pubsub: Name<PubSubPid> = `quic pubsub ${label}`
  const name: Name<PeerManagerPid> = `quic peers ${label}`
  const peers = inbox<PeerMessage>(({ type }) => type === 'peer_up' || type === 'peer_down')
  const subscribers = [pubsub, peers.pid]
  const children = [
    pubSubSpec({ keys, name: pubsub }),
    peersSpec({ keys, transport, stations: [{ addr }], subscribers, name }),
  ]
  const tree = await start(new Supervisor({ strategy: 'rest_for_one', children }))
  onTestFinished(async () => {
    await stop(tree, 'shutdown')
    await transport.close()
  })
  return { pubsub, peers }
}

/**
 * Waits until the station has so many subscriptions; each look is a round trip through its
 * mailbox.
 */
async function subscriptions(to: Station, count: number): Promise<void> {
  while ((await stationInfo(to.server)).subscriptions < count) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a station over QUIC', () => {
  it('passes events on, says GOODBYE, and is found again', async () => {
    const keys = keysOf('station')
    const first = await station(keys)
    const [a, b] = [await node('a', first.address), await node('b', first.address)]
    for (const { peers } of [a, b]) expect((await peers.next()).type).toBe('peer_up')
    const events = inbox<EventMessage>()
    await subscribe(b.pubsub, realm, topic, events.pid)
    await subscriptions(first, 1)
    const payload = { large: 'x'.repeat(1_000_000), bytes: Uint8Array.of(1, 2, 3) }
    expect(await publish(a.pubsub, realm, topic, payload)).toMatchObject({ peers: 1 })
    const event = await events.next()
    expect(event.publisher).toBe(keysOf('a').nodeId)
    expect(event.payload).toEqual(new Map(Object.entries(payload)))

    await first.close()
    for (const { peers } of [a, b]) {
      const reason = { cause: 'goodbye', detail: 'operator_stop' }
      expect(await peers.next()).toMatchObject({ type: 'peer_down', reason })
    }
    expect(await publish(a.pubsub, realm, topic, 'kept')).toMatchObject({ peers: 0 })
    const second = await station(keys, first.address.port)
    // Whoever comes back first: what was kept reaches b only if b is there already.
    for (const { peers } of [a, b]) expect((await peers.next()).type).toBe('peer_up')
    await subscriptions(second, 1)
    await publish(a.pubsub, realm, topic, 'again')
    const payloads: unknown[] = []
    while (payloads.at(-1) !== 'again') payloads.push((await events.next()).payload)
    expect(payloads.filter((each) => each !== 'kept')).toEqual(['again'])
  })
})
