// A simulated network with a real station, nodes and brains, for tests: real keys, real signatures.
import { onTestFinished } from 'vitest'
import type { Brain } from '../../../src/actors/brain/brain.ts'
import type { BrainEvent } from '../../../src/actors/brain/brain-event.ts'
import { type PubSubPid, pubSubSpec } from '../../../src/actors/pubsub/pubsub-server.ts'
import { startStation } from '../../../src/actors/station/station.ts'
import { start, stop } from '../../../src/behaviours/gen-server.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import type { EvolutionSettings } from '../../../src/evolution/evolution-settings.ts'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { createPopulation, genotypeAt, nextGeneration } from '../../../src/evolution/population.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import type { KeyPair } from '../../../src/identity/key-pair.ts'
import { generateKeyPair } from '../../../src/identity/puzzle.ts'
import { MemoryNetwork } from '../../../src/mesh/memory-network.ts'
import { type PeerMessage, peersSpec } from '../../../src/mesh/peer-manager.ts'
import type { Addr } from '../../../src/mesh/transport.ts'
import { type ArborNode, type NodeBrainOptions, startNode } from '../../../src/node.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { Name, Pid } from '../../../src/runtime/pid.ts'
import { spawn } from '../../../src/runtime/process.ts'
import { secureRandomBytes, seededRandom } from '../../../src/runtime/random.ts'
import { Supervisor, type SupervisorPid } from '../../../src/supervisors/supervisor.ts'

export const realm = 'io.example.garden'
/** Ten genotypes and a handful of generations do not solve XOR. */
const patient = settingsFor('xor', 10)
/** A population that learns nothing by itself: whoever evolves overtakes it. */
export const idle: EvolutionSettings = {
  ...patient,
  reproduction: {
    ...patient.reproduction,
    mutation: {
      ...patient.reproduction.mutation,
      addNeuron: 0,
      addLink: 0,
      weights: { ...patient.reproduction.mutation.weights, probability: 0 },
    },
  },
}
/** A threshold that nothing passes. */
export const never = 1e9

/** Evolves until XOR is solved: a genotype worth publishing. */
export function solver(seed: number): { genotype: Genotype; fitness: number } {
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

export interface World {
  readonly network: MemoryNetwork
  readonly station: Addr & { readonly nodeId: KeyPair['nodeId'] }
}

export async function world(): Promise<World> {
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

export interface Joined {
  readonly node: ArborNode
  readonly brain: Brain
  readonly events: Events
}

/** A brain on a node of its own that is connected with the station. */
export async function joined(
  { network, station }: World,
  options: Partial<NodeBrainOptions> & { readonly seed: number },
): Promise<Joined> {
  const keys = generateKeyPair(secureRandomBytes)
  const node = await startNode({
    keys,
    transport: network.transport(keys.nodeId),
    stations: [{ addr: station, nodeId: station.nodeId }],
  })
  onTestFinished(() => node.stop())
  const joining = await evolving(node, options)
  await joining.events.next('connected')
  return joining
}

/** A brain on a node without stations, which goes on when it has solved its task. */
export async function alone(
  options: Partial<NodeBrainOptions> & { readonly seed: number },
): Promise<Joined> {
  const node = await startNode({ keys: generateKeyPair(secureRandomBytes) })
  onTestFinished(() => node.stop())
  return evolving(node, { stopWhenSolved: false, ...options })
}

async function evolving(node: ArborNode, options: Partial<NodeBrainOptions> & { seed: number }) {
  const evaluator = { kind: 'inline' } as const
  const brain = await node.startBrain({
    problem: xor,
    settings: patient,
    evaluator,
    realm,
    ...options,
  })
  const events = new Events()
  brain.subscribe((event) => events.add(event))
  return { node, brain, events }
}

/** The process behind ids of children, from the root of a node's tree downwards. */
export async function descendant(root: SupervisorPid, ...ids: readonly RegExp[]): Promise<Pid> {
  let pid: Pid = root
  for (const id of ids) {
    const children = await Supervisor.whichChildren(pid as SupervisorPid)
    const child = children.find((candidate) => id.test(candidate.id))?.pid
    if (child === undefined) throw new Error(`no child ${id} among ${JSON.stringify(children)}`)
    pid = child
  }
  return pid
}

/** Somebody on the realm's topics who has keys but no brain. */
export async function strangerIn({ network, station }: World): Promise<{
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
export class Events {
  readonly #seen: BrainEvent[] = []
  readonly #waiting: Set<() => void> = new Set()

  /** The next event of a name that is yet to come. */
  following<Name extends BrainEvent['event']>(
    name: Name,
  ): Promise<Extract<BrainEvent, { event: Name }>> {
    const before = this.all(name).length
    return new Promise((resolve) => {
      const tell = (): void => {
        const event = this.all(name)[before]
        if (event === undefined) return
        this.#waiting.delete(tell)
        resolve(event)
      }
      this.#waiting.add(tell)
    })
  }

  add(event: BrainEvent): void {
    this.#seen.push(event)
    for (const tell of this.#waiting) tell()
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
