// One station and ten nodes on a bad network: messages are late, lost and overtaken, nodes are cut
// off, nodes and the station die and come back. Through all of it nobody gets an event twice; and
// once it is over, every subscriber gets every later publish exactly once. A run is its seed:
// ARBOR_SEED=7 repeats one.
import { describe, expect, it, onTestFinished } from 'vitest'
import { type EventMessage, publish } from '../../src/actors/pubsub/pubsub-server.ts'
import { stationInfo } from '../../src/actors/station/station.ts'
import type { NodeId } from '../../src/identity/key-pair.ts'
import { peerInfo } from '../../src/mesh/peer-manager.ts'
import type { Random } from '../../src/runtime/random.ts'
import {
  keysOf,
  type Recorder,
  realm,
  SimulatedMesh,
  type SimulatedNode,
  type SimulatedStation,
  topic,
} from '../mesh/simulated-mesh.ts'

const NODES = 10
const TOPICS = [1, 2, 3, 4].map((n) => `${topic}${n}`)
const CHAOS_STEPS = 60
/** Longer than a peer's silence is borne, a dial and the longest back-off together. */
const HEALING_MS = 40_000

const given = process.env.ARBOR_SEED
const seeds: readonly string[] = given === undefined ? ['1', '2', '3', '4', '5', '6'] : [given]

interface Subscriber extends Recorder<EventMessage> {
  readonly topic: string
}

interface Member {
  readonly label: string
  readonly node: SimulatedNode
  readonly subscribers: readonly Subscriber[]
}

class Simulation extends SimulatedMesh {
  readonly chance: Random
  readonly members: Member[] = []
  /** Of members that have died, too. */
  readonly everySubscriber: Subscriber[] = []
  readonly #cutOff: Set<NodeId> = new Set()
  #station: SimulatedStation | undefined
  #published = 0

  constructor(seed: string) {
    super({ seed, latencyMs: 10, jitterMs: 20, loss: 0.05, reorder: 0.1 })
    this.chance = this.random.fork('chaos')
  }

  async begin(): Promise<void> {
    this.#station = await this.station()
    for (let n = 0; n < NODES; n++) this.members.push(await this.#join(`node ${n}`))
    await this.advance(2_000)
  }

  /** Something happens, or time passes. */
  async step(): Promise<void> {
    const { chance } = this
    const dice = chance.integer(100)
    if (dice < 55) await this.publishAny()
    else if (dice < 70) this.#cut()
    else if (dice < 85) this.#mend()
    else if (dice < 93) await this.#replaceNode(chance.integer(NODES))
    else await this.replaceStation()
    await this.advance(chance.integer(dice % 7 === 0 ? 8_000 : 800))
  }

  async heal(): Promise<void> {
    this.#cutOff.clear()
    this.network.heal()
    await this.advance(HEALING_MS)
  }

  async publishAny(): Promise<{ topic: string; payload: string }> {
    const member = this.#any(this.members)
    const ofTopic = this.#any(TOPICS)
    const payload = `${member.label} ${this.#published++}`
    await publish(member.node.pubsub, realm, ofTopic, payload)
    return { topic: ofTopic, payload }
  }

  async statuses(): Promise<string[]> {
    const infos = await Promise.all(this.members.map(({ node }) => peerInfo(node.peers)))
    return infos.flat().map(({ status }) => status)
  }

  connections(): Promise<number> {
    const { server } = this.#running()
    return stationInfo(server).then(({ connections }) => connections)
  }

  async #join(label: string): Promise<Member> {
    const node = await this.node(label)
    const topics = TOPICS.filter(() => this.chance.integer(2) === 0)
    const subscribers: Subscriber[] = []
    for (const ofTopic of topics) {
      subscribers.push({ ...(await node.subscriber(ofTopic)), topic: ofTopic })
    }
    this.everySubscriber.push(...subscribers)
    return { label, node, subscribers }
  }

  #cut(): void {
    const keys = this.chance.integer(4) === 0 ? this.#running().keys : this.#anyNode().keys
    this.#cutOff.add(keys.nodeId)
    this.#applyCuts()
  }

  #mend(): void {
    const [first] = this.#cutOff
    if (first !== undefined) this.#cutOff.delete(first)
    this.#applyCuts()
  }

  #applyCuts(): void {
    const all = [keysOf('station').nodeId, ...this.members.map(({ node }) => node.keys.nodeId)]
    const others = all.filter((nodeId) => !this.#cutOff.has(nodeId))
    this.network.partition([others, ...[...this.#cutOff].map((nodeId) => [nodeId])])
  }

  /** SIGKILL, and a restart with the same keys. */
  async #replaceNode(index: number): Promise<void> {
    const member = this.members[index]
    if (member === undefined) return
    this.crash(member.node)
    await this.advance(this.chance.integer(5_000))
    this.members[index] = await this.#join(member.label)
  }

  async replaceStation(): Promise<void> {
    this.crash(this.#running())
    await this.advance(this.chance.integer(10_000))
    this.#station = await this.station()
  }

  #running(): SimulatedStation {
    if (this.#station === undefined) throw new Error('the simulation has not begun')
    return this.#station
  }

  #anyNode(): SimulatedNode {
    return this.#any(this.members).node
  }

  #any<T>(items: readonly T[]): T {
    const item = items[this.chance.integer(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
}

async function simulation(seed: string): Promise<Simulation> {
  const mesh = new Simulation(seed)
  onTestFinished(() => mesh.close())
  await mesh.begin()
  for (let step = 0; step < CHAOS_STEPS; step++) {
    await (step === CHAOS_STEPS / 2 ? mesh.replaceStation() : mesh.step())
  }
  await mesh.heal()
  return mesh
}

function payloadsOf({ messages }: Subscriber): unknown[] {
  return messages.map(({ payload }) => payload)
}

describe('publish and subscribe through one station', () => {
  for (const seed of seeds) {
    it(`delivers every publish after healing exactly once (seed ${seed})`, async () => {
      const mesh = await simulation(seed)
      expect(await mesh.statuses(), `seed ${seed}`).toEqual(Array(NODES).fill('up'))
      expect(await mesh.connections(), `seed ${seed}`).toBe(NODES)
      const before = new Map(mesh.everySubscriber.map((s) => [s, s.messages.length]))
      const later: { topic: string; payload: string }[] = []
      for (let n = 0; n < 100; n++) {
        later.push(await mesh.publishAny())
        await mesh.advance(mesh.chance.integer(100))
      }
      await mesh.advance(5_000)
      for (const { label, subscribers } of mesh.members) {
        for (const subscriber of subscribers) {
          const expected = later.filter((event) => event.topic === subscriber.topic)
          const received = payloadsOf(subscriber).slice(before.get(subscriber))
          expect(received.sort(), `seed ${seed}, ${label}`).toEqual(
            expected.map(({ payload }) => payload).sort(),
          )
        }
      }
      for (const subscriber of mesh.everySubscriber) {
        const payloads = payloadsOf(subscriber)
        expect(new Set(payloads).size, `seed ${seed}: twice the same`).toBe(payloads.length)
      }
    })
  }

  it('is the same run for the same seed', async () => {
    const traces: unknown[] = []
    for (let run = 0; run < 2; run++) {
      const mesh = await simulation('again')
      traces.push(mesh.everySubscriber.map(payloadsOf))
      await mesh.close()
    }
    expect(traces[1]).toEqual(traces[0])
  })
})
