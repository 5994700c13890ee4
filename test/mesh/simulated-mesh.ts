// A mesh in virtual time: a station and nodes, real processes on a simulated network. One seed
// decides everything but frame ids and nonces.
import { createHash } from 'node:crypto'
import {
  type EventMessage,
  type PubSubOptions,
  type PubSubPid,
  pubSubSpec,
  subscribe,
} from '../../src/actors/pubsub/pubsub-server.ts'
import {
  type Station,
  type StationOptions,
  startStation,
} from '../../src/actors/station/station.ts'
import { start } from '../../src/behaviours/gen-server.ts'
import type { KeyPair, NodeId } from '../../src/identity/key-pair.ts'
import { generateKeyPair } from '../../src/identity/puzzle.ts'
import { type Realm, realmTag } from '../../src/identity/realm.ts'
import type { FrameFields } from '../../src/mesh/frame.ts'
import { FrameReader } from '../../src/mesh/frame-reader.ts'
import { stampAt } from '../../src/mesh/frames/fields.ts'
import { startClient } from '../../src/mesh/handshake.ts'
import { type LinkOptions, MemoryNetwork } from '../../src/mesh/memory-network.ts'
import type { MemoryTransport } from '../../src/mesh/memory-transport.ts'
import {
  type PeerManagerOptions,
  type PeerManagerPid,
  peersSpec,
} from '../../src/mesh/peer-manager.ts'
import type { Addr, Session, Stream } from '../../src/mesh/transport.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import type { Name, Pid } from '../../src/runtime/pid.ts'
import { isAlive, spawn } from '../../src/runtime/process.ts'
import { type Random, seededRandom } from '../../src/runtime/random.ts'
import { exit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

export const realm: Realm = realmTag('io.example.garden')
export const topic = 'io.example.garden/acme/brain/evolution/best_v1'
export const stationAddr: Addr = { host: '127.0.0.1', port: 4433 }

const keysByLabel = new Map<string, KeyPair>()

/** Bytes that follow from a label, so that a failure repeats. */
export function drawFrom(label: string): (size: number) => Uint8Array {
  let count = 0
  return (size) => {
    const hash = createHash('sha256').update(`${label} ${count++}`).digest()
    return Uint8Array.from(hash.subarray(0, size))
  }
}

/** Hardened keys, the same for the same label. */
export function keysOf(label: string): KeyPair {
  const keys = keysByLabel.get(label) ?? generateKeyPair(drawFrom(label))
  keysByLabel.set(label, keys)
  return keys
}

/** A process that keeps what it is sent. */
export interface Recorder<M> {
  readonly pid: Pid<M>
  readonly messages: M[]
}

export function recorder<M>(): Recorder<M> {
  const messages: M[] = []
  const pid = spawn((message: M) => {
    messages.push(message)
  })
  return { pid, messages }
}

export interface SimulatedNode {
  readonly keys: KeyPair
  readonly transport: MemoryTransport
  readonly tree: Pid
  readonly pubsub: Name<PubSubPid>
  readonly peers: Name<PeerManagerPid>
  /** A process that subscribes to a topic, and the events it got. */
  subscriber(ofTopic?: string): Promise<Recorder<EventMessage>>
}

/** A peer without processes: a test says what it likes on its control stream. */
export interface RawPeer {
  readonly keys: KeyPair
  readonly session: Session
  readonly control: Stream
  /** What the other end said. */
  readonly frames: FrameFields[]
}

export interface SimulatedStation extends Station {
  readonly keys: KeyPair
  readonly transport: MemoryTransport
}

/** A CONNECT. */
export function connectWire(keys: KeyPair): Uint8Array {
  const draw = drawFrom(keys.nodeId)
  const [effect] = startClient({ keys, stamp: () => stampAt(1_700_000_000_000, draw) }).effects
  if (effect?.type !== 'send') throw new Error('no CONNECT')
  return effect.wire
}

let nodes = 0

export class SimulatedMesh {
  readonly clock: VirtualClock = new VirtualClock()
  readonly random: Random
  readonly network: MemoryNetwork
  readonly #trees: Pid[] = []
  readonly #dead: Set<NodeId> = new Set()

  constructor(options: LinkOptions & { seed?: number | string } = {}) {
    const { seed = 1, ...link } = options
    useClock(this.clock)
    this.random = seededRandom(seed)
    this.network = new MemoryNetwork({ clock: this.clock, random: this.random, ...link })
  }

  async station(options: Partial<StationOptions> = {}): Promise<SimulatedStation> {
    const { keys = keysOf('station') } = options
    const transport = this.#transport(keys)
    const init = { keys, transport, addr: stationAddr, clock: this.clock, ...options }
    const station = await startStation(init)
    this.#trees.push(station.pid)
    const { pid, server, address, nodeId } = station
    return { pid, server, address, nodeId, keys, transport }
  }

  async node(
    label: string,
    options: Partial<PeerManagerOptions> & Partial<PubSubOptions> = {},
  ): Promise<SimulatedNode> {
    const { keys = keysOf(label) } = options
    const { clock } = this
    const transport = this.#transport(keys)
    const pubsub: Name<PubSubPid> = `pubsub of ${label} ${nodes}`
    const peers: Name<PeerManagerPid> = `peers of ${label} ${nodes++}`
    const random = this.random.fork(label)
    const stations = [{ addr: stationAddr }]
    const init = { keys, clock, transport, stations, random, ...options }
    const children = [
      pubSubSpec({ keys, clock, ...options, name: pubsub }),
      peersSpec({ ...init, subscribers: [pubsub], name: peers }),
    ]
    const tree = await start(new Supervisor({ strategy: 'rest_for_one', children }))
    this.#trees.push(tree)
    const subscriber = async (ofTopic = topic): Promise<Recorder<EventMessage>> => {
      const events = recorder<EventMessage>()
      await subscribe(pubsub, realm, ofTopic, events.pid)
      return events
    }
    return { keys, transport, tree, pubsub, peers, subscriber }
  }

  /** A peer of the station at the transport's level; `isConnected` when it has said CONNECT. */
  async rawPeer(
    label: string,
    { isConnected = true }: { isConnected?: boolean } = {},
  ): Promise<RawPeer> {
    const keys = keysOf(label)
    const transport = this.network.transport(keys.nodeId)
    const session = await this.settled(transport.dial(stationAddr, { expect: 'anyone' }))
    const control = await session.open('bidi')
    const reader = new FrameReader()
    const frames: FrameFields[] = []
    control.onData = (bytes) => frames.push(...reader.push(bytes))
    if (isConnected) {
      control.write(connectWire(keys))
      await this.advance(100)
    }
    return { keys, session, control, frames }
  }

  /** A node or station dies without a word, like a process under SIGKILL. */
  crash({ keys, tree, pid }: { keys: KeyPair; tree?: Pid; pid?: Pid }): void {
    // Frozen first: what its processes do while they are killed must not leave the node.
    this.network.freeze(keys.nodeId)
    this.#dead.add(keys.nodeId)
    const process = tree ?? pid
    if (process !== undefined) exit(process, 'kill')
  }

  /** A new transport; one that died under this identity is forgotten. */
  #transport({ nodeId }: KeyPair): MemoryTransport {
    if (this.#dead.delete(nodeId)) this.network.crash(nodeId)
    return this.network.transport(nodeId)
  }

  advance(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms)
  }

  /** Waits for a promise that needs time to pass. */
  async settled<T>(promise: Promise<T>, mostMs = 10_000): Promise<T> {
    let isSettled = false
    const mark = (): void => {
      isSettled = true
    }
    promise.then(mark, mark)
    for (let elapsedMs = 0; !isSettled && elapsedMs < mostMs; elapsedMs += 10) {
      await this.advance(10)
    }
    return promise
  }

  /** Ends all that was started; call it in `onTestFinished`. */
  async close(): Promise<void> {
    for (const tree of this.#trees) if (isAlive(tree)) exit(tree, 'kill')
    await this.advance(2_000)
    useClock(systemClock)
  }
}
