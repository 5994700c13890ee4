// What does a station take to pass events on? A station in a process of its own, one publisher and
// k subscribers in another, QUIC on loopback. The subscribers count frames and do nothing else, so
// that the machine's time is the station's; the latency is that of the whole way, from publish() to
// a subscribed process. CPU time is the station's process only. There is no peer: nothing else
// speaks this wire.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  type EventMessage,
  type PubSubPid,
  publish,
  pubSubSpec,
  subscribe,
} from '../src/actors/pubsub/pubsub-server.ts'
import { formatTopic } from '../src/actors/pubsub/topic.ts'
import { start, stop } from '../src/behaviours/gen-server.ts'
import type { KeyPair } from '../src/identity/key-pair.ts'
import { generateKeyPair } from '../src/identity/puzzle.ts'
import { realmTag } from '../src/identity/realm.ts'
import type { Value } from '../src/identity/value.ts'
import { FrameReader } from '../src/mesh/frame-reader.ts'
import { signFrame, withPublisherSignature } from '../src/mesh/frame-signature.ts'
import { type Stamp, stampAt } from '../src/mesh/frames/fields.ts'
import { fieldsOf } from '../src/mesh/frames/frame-type.ts'
import { startClient } from '../src/mesh/handshake.ts'
import { type PeerMessage, peersSpec } from '../src/mesh/peer-manager.ts'
import { QuicTransport } from '../src/mesh/quic-transport.ts'
import type { Addr, Stream } from '../src/mesh/transport.ts'
import { systemClock } from '../src/runtime/clock.ts'
import type { Name } from '../src/runtime/pid.ts'
import { spawn } from '../src/runtime/process.ts'
import { secureRandomBytes } from '../src/runtime/random.ts'
import { Supervisor } from '../src/supervisors/supervisor.ts'
import { median, report } from './report.ts'

const ROUNDS = 5
const PUBLISHES_A_ROUND = 500
const IN_FLIGHT = 32
const PAYLOAD_BYTES = 300
const LATENCIES = 500

const realmName = 'io.example.bench'
const realm = realmTag(realmName)
const fact = { realm: realmName, org: 'arbor', app: 'bench', domain: 'fan-out' }
const topic = formatTopic({ ...fact, name: 'event', version: 1 })

class StationProcess {
  readonly #process: ChildProcess
  readonly addr: Addr

  private constructor(process: ChildProcess, port: number) {
    this.#process = process
    this.addr = { host: '127.0.0.1', port }
  }

  static async start(): Promise<StationProcess> {
    const file = new URL('./workloads/station.ts', import.meta.url)
    const child = fork(file, { execArgv: [] })
    const [port] = await once(child, 'message')
    return new StationProcess(child, Number(port))
  }

  async cpuMs(): Promise<number> {
    this.#process.send('cpu')
    const [cpuMs] = await once(this.#process, 'message')
    return Number(cpuMs)
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.disconnect()
    await exited
  }
}

function stamp(): Stamp {
  return stampAt(systemClock.wallNow(), secureRandomBytes)
}

/** A session that has shaken hands; `onEvent` is called for each EVENT. */
class RawClient {
  readonly keys: KeyPair = generateKeyPair(secureRandomBytes)
  readonly #transport = new QuicTransport({ keys: this.keys })
  #control: Stream | undefined
  #onPong: () => void = () => {}

  async connect(addr: Addr, onEvent: () => void): Promise<void> {
    const session = await this.#transport.dial(addr, { expect: 'anyone' })
    const control = await session.open('bidi')
    this.#control = control
    const reader = new FrameReader()
    await new Promise<void>((resolve) => {
      control.onData = (bytes) => {
        for (const fields of reader.push(bytes)) {
          const type = fields.get('frame_type')
          if (type === 'event') onEvent()
          else if (type === 'hello') resolve()
          else if (type === 'pong') this.#onPong()
          else if (type === 'ping') this.#answer(fields.get('nonce'))
        }
      }
      for (const effect of startClient({ keys: this.keys, stamp }).effects) {
        if (effect.type === 'send') control.write(effect.wire)
      }
    })
  }

  /** Resolves when the station knows: its PONG comes after it has read the SUBSCRIBE. */
  async subscribe(): Promise<void> {
    const frame = { ...stamp(), topic, realm, subscriber: this.keys.nodeId, filter: null }
    const fields = fieldsOf({ type: 'subscribe', ...frame, options: new Map() })
    this.write(signFrame(fields, this.keys))
    const nonce = secureRandomBytes(16)
    const isAnswered = new Promise<void>((resolve) => {
      this.#onPong = resolve
    })
    this.write(signFrame(fieldsOf({ type: 'ping', ...stamp(), nonce }), this.keys))
    await isAnswered
  }

  /** A PUBLISH, made beforehand: signing is the publisher's time. */
  publishWire(seq: number): Uint8Array {
    const payload = new Uint8Array(PAYLOAD_BYTES)
    const said = { ...stamp(), topic, realm, publisher: this.keys.nodeId, seq, payload }
    const fields = fieldsOf({ type: 'publish', ...said, publishedAtMs: 0, ttlMs: null })
    return signFrame(withPublisherSignature(fields, this.keys), this.keys)
  }

  /** A peer that is silent for 20 s is given up. */
  #answer(nonce: Value | undefined): void {
    if (!(nonce instanceof Uint8Array)) return
    this.write(signFrame(fieldsOf({ type: 'pong', ...stamp(), nonce }), this.keys))
  }

  write(wire: Uint8Array): void {
    this.#control?.write(wire)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }
}

/** Publishes to so many subscribers and reports events a second and the station's CPU time. */
async function fanOut(subscribers: number): Promise<void> {
  const station = await StationProcess.start()
  let received = 0
  let onReceived = (): void => {}
  const publisher = new RawClient()
  await publisher.connect(station.addr, () => {})
  const clients: RawClient[] = []
  for (let n = 0; n < subscribers; n++) {
    const client = new RawClient()
    await client.connect(station.addr, () => {
      received++
      onReceived()
    })
    await client.subscribe()
    clients.push(client)
  }
  let seq = Math.floor(systemClock.wallNow() * 1000)
  const round = async (count: number): Promise<{ eventsPerSecond: number; cpuUs: number }> => {
    const wires = Array.from({ length: count }, () => publisher.publishWire(seq++))
    received = 0
    let sent = 0
    const cpuBeforeMs = await station.cpuMs()
    const startMs = systemClock.now()
    await new Promise<void>((resolve) => {
      onReceived = () => {
        while (sent < count && sent * subscribers - received < IN_FLIGHT * subscribers) {
          publisher.write(wires[sent++] ?? new Uint8Array(0))
        }
        if (received === count * subscribers) resolve()
      }
      onReceived()
    })
    const seconds = (systemClock.now() - startMs) / 1_000
    const cpuUs = ((await station.cpuMs()) - cpuBeforeMs) * 1_000
    return { eventsPerSecond: (count * subscribers) / seconds, cpuUs: cpuUs / count }
  }
  await round(PUBLISHES_A_ROUND / 5)
  const rounds: { eventsPerSecond: number; cpuUs: number }[] = []
  for (let n = 0; n < ROUNDS; n++) rounds.push(await round(PUBLISHES_A_ROUND))
  const name = `fan-out to ${subscribers}`
  const cpuUs = median(rounds.map((each) => each.cpuUs))
  const eventsPerSecond = median(rounds.map((each) => each.eventsPerSecond))
  report({ name, value: eventsPerSecond, unit: 'events/s' })
  report({ name: `${name}, station's CPU`, value: cpuUs, unit: 'us/publish' })
  await Promise.all([publisher, ...clients].map((client) => client.close()))
  await station.stop()
}

/** A whole node, connected; returns how to stop it. */
async function node(pubsub: Name<PubSubPid>, addr: Addr): Promise<() => Promise<void>> {
  const keys = generateKeyPair(secureRandomBytes)
  const transport = new QuicTransport({ keys })
  let onUp = (): void => {}
  const isUp = new Promise<void>((resolve) => {
    onUp = resolve
  })
  const watcher = spawn(({ type }: PeerMessage) => {
    if (type === 'peer_up') onUp()
  })
  const subscribers = [pubsub, watcher]
  const children = [
    pubSubSpec({ keys, name: pubsub }),
    peersSpec({ keys, transport, stations: [{ addr }], subscribers }),
  ]
  const tree = await start(new Supervisor({ strategy: 'rest_for_one', children }))
  await isUp
  return async () => {
    await stop(tree, 'shutdown')
    await transport.close()
  }
}

/** From publish() to a subscribed process of another node, one at a time. */
async function latency(): Promise<void> {
  const station = await StationProcess.start()
  const a: Name<PubSubPid> = 'publishing'
  const b: Name<PubSubPid> = 'subscribing'
  const nodes = [await node(a, station.addr), await node(b, station.addr)]
  let onEvent = (): void => {}
  let isSubscribed = false
  const subscriber = spawn(({ payload }: EventMessage) => {
    if (payload === null) isSubscribed = true
    else onEvent()
  })
  await subscribe(b, realm, topic, subscriber)
  // What the station reads before the SUBSCRIBE is not for us.
  while (!isSubscribed) {
    await publish(a, realm, topic, null)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const roundTrip = async (): Promise<number> => {
    const startMs = systemClock.now()
    const arrived = new Promise<void>((resolve) => {
      onEvent = resolve
    })
    await publish(a, realm, topic, new Uint8Array(PAYLOAD_BYTES))
    await arrived
    return (systemClock.now() - startMs) * 1_000
  }
  const timesUs: number[] = []
  for (let n = 0; n < LATENCIES; n++) timesUs.push(await roundTrip())
  timesUs.sort((x, y) => x - y)
  const at = (part: number): number => timesUs[Math.floor(timesUs.length * part)] ?? 0
  report({ name: 'publish to subscriber, median', value: at(0.5), unit: 'us' })
  report({ name: 'publish to subscriber, p99', value: at(0.99), unit: 'us' })
  for (const stopNode of nodes) await stopNode()
  await station.stop()
}

for (const subscribers of [1, 10, 100]) await fanOut(subscribers)
await latency()
