// Brains that meet over a simulated network: real nodes, real station, real signatures.
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Brain } from '../../../src/actors/brain/brain.ts'
import type { BrainEvent } from '../../../src/actors/brain/brain-event.ts'
import { genotypeId, signRecord } from '../../../src/actors/brain/genotype-record.ts'
import { meetingOf } from '../../../src/actors/brain/meeting.ts'
import { type PubSubPid, publish, pubSubSpec } from '../../../src/actors/pubsub/pubsub-server.ts'
import { startStation } from '../../../src/actors/station/station.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { type Genotype, minimalGenotype } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { createPopulation, genotypeAt, nextGeneration } from '../../../src/evolution/population.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import type { KeyPair } from '../../../src/identity/key-pair.ts'
import { generateKeyPair } from '../../../src/identity/puzzle.ts'
import { MemoryNetwork } from '../../../src/mesh/memory-network.ts'
import { type PeerMessage, peersSpec } from '../../../src/mesh/peer-manager.ts'
import type { Addr } from '../../../src/mesh/transport.ts'
import { type ArborNode, startNode } from '../../../src/node.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { Name } from '../../../src/runtime/pid.ts'
import { spawn } from '../../../src/runtime/process.ts'
import { secureRandomBytes, seededRandom } from '../../../src/runtime/random.ts'
import { Supervisor } from '../../../src/supervisors/supervisor.ts'

const realm = 'io.example.garden'
/** Ten genotypes and a handful of generations do not solve XOR. */
const patient = settingsFor('xor', 10)

/** Evolves until XOR is solved: a genotype worth publishing. */
function solver(seed: number): { genotype: Genotype; fitness: number } {
  for (let population = createPopulation(xor, settingsFor('xor'), seed); ; ) {
    const size = population.genomes.size
    const evaluations = Array.from({ length: size }, (_, index) =>
      xor.evaluate(new Network(compile(genotypeAt(population, index)))),
    )
    const found = evaluations.findIndex(({ solved }) => solved)
    if (found >= 0) {
      return { genotype: genotypeAt(population, found), fitness: evaluations[found]?.fitness ?? 0 }
    }
    population = nextGeneration(
      population,
      evaluations.map(({ fitness }) => fitness),
    )
  }
}

interface World {
  readonly network: MemoryNetwork
  readonly station: Addr & { readonly nodeId: KeyPair['nodeId'] }
}

async function world(): Promise<World> {
  const network = new MemoryNetwork({ clock: systemClock, random: seededRandom(1), latencyMs: 1 })
  const keys = generateKeyPair(secureRandomBytes)
  const transport = network.transport(keys.nodeId)
  const { pid, address, nodeId } = await startStation({
    keys,
    transport,
    addr: { host: '10.0.0.1', port: 4433 },
  })
  onTestFinished(async () => {
    await stop(pid, 'shutdown')
    await transport.close()
  })
  return { network, station: { ...address, nodeId } }
}

async function joined(
  { network, station }: World,
  options: { readonly seed: number; readonly publishThreshold?: number },
): Promise<{ node: ArborNode; brain: Brain; events: Events }> {
  const keys = generateKeyPair(secureRandomBytes)
  const node = await startNode({
    keys,
    transport: network.transport(keys.nodeId),
    stations: [{ addr: station, nodeId: station.nodeId }],
  })
  onTestFinished(() => node.stop())
  const brain = await node.startBrain({
    problem: xor,
    settings: patient,
    evaluator: { kind: 'inline' },
    realm,
    ...options,
  })
  const events = new Events()
  brain.subscribe((event) => events.add(event))
  await events.next('connected')
  return { node, brain, events }
}

/** Somebody on the realm's topics who has keys but no brain. */
async function strangerIn({ network, station }: World): Promise<{
  readonly keys: KeyPair
  readonly pubsub: Name<PubSubPid>
}> {
  const keys = generateKeyPair(secureRandomBytes)
  const transport = network.transport(keys.nodeId)
  const pubsub: Name<PubSubPid> = `stranger-${keys.nodeId}`
  const stations = [{ addr: station, nodeId: station.nodeId }]
  const isUp = Promise.withResolvers<void>()
  const watcher = spawn<PeerMessage>(({ type }) => {
    if (type === 'peer_up') isUp.resolve()
  })
  const children = [
    pubSubSpec({ keys, name: pubsub }),
    peersSpec({ keys, transport, stations, subscribers: [pubsub, watcher] }),
  ]
  const tree = await start(new Supervisor({ strategy: 'rest_for_one', children }))
  onTestFinished(async () => {
    await stop(tree, 'shutdown')
    await transport.close()
  })
  await isUp.promise
  return { keys, pubsub }
}

/** Remembers events, and waits for those to come. */
class Events {
  readonly #seen: BrainEvent[] = []
  readonly #waiting: Set<(event: BrainEvent) => void> = new Set()

  /** The next event of a name that is yet to come. */
  following(name: BrainEvent['event']): Promise<void> {
    return new Promise((resolve) => {
      const tell = (event: BrainEvent): void => {
        if (event.event !== name) return
        this.#waiting.delete(tell)
        resolve()
      }
      this.#waiting.add(tell)
    })
  }

  add(event: BrainEvent): void {
    this.#seen.push(event)
    for (const tell of this.#waiting) tell(event)
  }

  all<Name extends BrainEvent['event']>(name: Name): Extract<BrainEvent, { event: Name }>[] {
    return this.#seen.filter((event): event is Extract<BrainEvent, { event: Name }> => {
      return event.event === name
    })
  }

  /** The first event of a name, seen already or to come. */
  next<Name extends BrainEvent['event']>(
    name: Name,
  ): Promise<Extract<BrainEvent, { event: Name }>> {
    return new Promise((resolve) => {
      const look = (): boolean => {
        const [found] = this.all(name)
        if (found !== undefined) resolve(found)
        return found !== undefined
      }
      if (look()) return
      const tell = (): void => {
        if (look()) this.#waiting.delete(tell)
      }
      this.#waiting.add(tell)
    })
  }
}

const never = 1e9

describe('a brain', () => {
  it('lets in what another node published, with the same id and fitness', async () => {
    const here = await world()
    const a = await joined(here, { seed: 1, publishThreshold: never })
    const b = await joined(here, { seed: 2, publishThreshold: never })
    const planted = solver(3)
    const id = await a.brain.publish(planted.genotype)
    expect(id).toBe(genotypeId(planted.genotype))
    const imported = await b.events.next('imported')
    expect(imported).toEqual({
      event: 'imported',
      id,
      from: a.node.keys.nodeId,
      fitness: planted.fitness,
    })
    const solved = await b.events.next('solved')
    expect(solved).toMatchObject({
      id,
      origin: { signer: a.node.keys.nodeId, fitness: planted.fitness },
    })
  })

  it('refuses to publish what is no genotype of its task, and lives on', async () => {
    const { brain } = await joined(await world(), { seed: 1, publishThreshold: never })
    const { genotype } = solver(3)
    const code = 'not_published'
    await expect(brain.publish({ ...genotype, inputs: 3 })).rejects.toMatchObject({ code })
    await expect(brain.publish({ ...genotype, links: [] })).resolves.toMatch(/^[0-9a-f]{64}$/)
    const wide = minimalGenotype({ inputs: 3, outputs: 1, activation: 'tanh', weight: () => 1 })
    await expect(brain.publish(wide)).rejects.toMatchObject({ code })
  })

  it('publishes its own bests, each once and above the threshold only', async () => {
    const here = await world()
    const a = await joined(here, { seed: 5, publishThreshold: 4 })
    const b = await joined(here, { seed: 6, publishThreshold: never })
    const { fitness } = await a.events.next('published')
    expect(fitness).toBeGreaterThan(4)
    expect(await b.events.next('imported')).toMatchObject({ from: a.node.keys.nodeId })
    expect(b.events.all('published')).toEqual([])
  })

  it('gives a node that joins later the best that is known', async () => {
    const here = await world()
    const planted = solver(3)
    const a = await joined(here, { seed: 1, publishThreshold: planted.fitness - 0.01 })
    await a.brain.publish(planted.genotype)
    const late = await joined(here, { seed: 9, publishThreshold: never })
    expect(await late.events.next('imported')).toMatchObject({ fitness: planted.fitness })
  })

  it('refuses and counts what is forged, inflated or for another task', async () => {
    const here = await world()
    const b = await joined(here, { seed: 2, publishThreshold: never })
    const liar = await strangerIn(here)
    const planted = solver(3)
    const meeting = meetingOf(realm, 'xor')
    const record = {
      task: 'xor',
      genotype: planted.genotype,
      fitness: planted.fitness,
      generation: 1,
      evaluations: 1,
      createdMs: systemClock.wallNow(),
      breeder: liar.keys.nodeId,
    }
    const say = (changes: Partial<typeof record>, keys = liar.keys): Promise<unknown> =>
      publish(
        liar.pubsub,
        meeting.realm,
        meeting.genotypeTopic,
        signRecord(keys, { ...record, ...changes }),
      )
    await say({ fitness: planted.fitness + 1 })
    await say({ task: 'dpnv' })
    await say({}, generateKeyPair(secureRandomBytes))
    await publish(liar.pubsub, meeting.realm, meeting.genotypeTopic, { schema: 'nonsense' })
    while (b.events.all('refused').length < 4) await b.events.following('refused')
    const reasons = b.events.all('refused').map(({ reason }) => reason)
    expect(reasons.sort()).toEqual([
      'fitness_mismatch',
      'malformed',
      'wrong_publisher',
      'wrong_task',
    ])
    expect(b.events.all('imported')).toEqual([])
  })

  it('ends a subscription whose listener throws, and nothing else', async () => {
    const here = await world()
    const { brain, events } = await joined(here, { seed: 2, publishThreshold: never })
    let calls = 0
    brain.subscribe(() => {
      calls += 1
      throw new Error('a listener of the program')
    })
    const before = events.all('generation').length
    while (events.all('generation').length < before + 3) await events.following('generation')
    expect(calls).toBe(1)
  })
})
