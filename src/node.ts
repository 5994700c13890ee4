// Which processes a node consists of, and in which order they start. Read this file first.
//
//   node                       one_for_one    ends when its services have spent their restarts
//   ├─ mesh                    rest_for_one   only where there are stations
//   │  ├─ pubsub-server                       local subscribers; signs publishes
//   │  └─ peers                               one connection to each station, redialled
//   ├─ services                dynamic        each with a tree of its own (actors/service)
//   ├─ brains                  dynamic        a population and its exchange, each a tree
//   ├─ populations             dynamic        each a tree: a server and its evaluator
//   ├─ applications            controller     each with a tree of its own, by their dependencies
//   └─ extensions              one_for_one    child specs of the program's own
//
//   const node = await startNode({ keys, stations: [{ addr, nodeId }], services: [Greeter] })
//   const brain = await node.startBrain({ problem: xor, seed: 1 })
//   brain.subscribe((event) => console.log(event))
//   const population = await node.spawnPopulation({ problem: xor, seed: 1 })
//
// A node without stations has neither socket nor mesh: it serves and evolves alone, and needs no
// keys. Brains live on when the mesh is started again, and join it again.
import { Brain, type BrainOptions } from './actors/brain/brain.ts'
import { DEFAULT_REALM } from './actors/brain/meeting.ts'
import {
  RunningPopulation,
  type SpawnPopulationOptions,
} from './actors/population/population-handle.ts'
import { type PubSubPid, pubSubSpec } from './actors/pubsub/pubsub-server.ts'
import {
  type RunningService,
  type ServiceOptions,
  type ServiceSource,
  startService,
} from './actors/service/service-host.ts'
import type { ApplicationSpec } from './behaviours/application.ts'
import { type AnyCall, start, startLink, stop } from './behaviours/gen-server.ts'
import { Service } from './behaviours/service.ts'
import type { KeyPair } from './identity/key-pair.ts'
import { generateKeyPair } from './identity/puzzle.ts'
import { TIMER_MS_MAX } from './limits.ts'
import { type PeerManagerPid, peersSpec, type StationAddress } from './mesh/peer-manager.ts'
import { QuicTransport } from './mesh/quic-transport.ts'
import type { Transport } from './mesh/transport.ts'
import type { Name } from './runtime/pid.ts'
import { isAlive } from './runtime/process.ts'
import { secureRandomBytes } from './runtime/random.ts'
import { waitForExit } from './runtime/signal.ts'
import type { ApplicationControllerPid } from './supervisors/application-protocol.ts'
import { applicationsSpec } from './supervisors/applications.ts'
import type { ChildSpec } from './supervisors/child-spec.ts'
import { DynamicSupervisor, type DynamicSupervisorPid } from './supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from './supervisors/supervisor.ts'

export interface NodeOptions {
  /**
   * Who the node is; draw them with `generateKeyPair` or keep them with `openKeyFile`. Default: drawn
   * when first needed, and gone with the node.
   */
  readonly keys?: KeyPair
  /** Stations to stay connected with; none: the node opens no socket. */
  readonly stations?: readonly StationAddress[]
  /** Default: QUIC on a free UDP port. The node closes it when it ends. */
  readonly transport?: Transport
  /** Started in this order once the node is there; when one does not start, nor does the node. */
  readonly services?: readonly NodeService[]
  /**
   * Started in the order of their dependencies, as permanent ones: the end of one ends the node, as
   * in Erlang/OTP. Others can be loaded and started later, by `ApplicationController`.
   */
  readonly applications?: readonly ApplicationSpec[]
  /** Settings by application, which go before those of its spec. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Further children, started last and stopped first. */
  readonly extensions?: readonly ChildSpec[]
}

/** A service of whatever protocol: nobody calls it through this. */
type Served = Pick<
  Service<unknown>,
  'info' | 'capabilities' | 'identitySpec' | 'start' | 'stop' | 'health' | 'init'
>
type ServedSource = Served | (new () => Served) | (() => Served)

/** A service to start with its node, with options or without. */
export type NodeService = ServedSource | ({ readonly service: ServedSource } & ServiceOptions)

/** What a brain needs beside the node it runs on. */
export type NodeBrainOptions = Omit<BrainOptions, 'keys' | 'mesh' | 'supervisor'> & {
  /** Realm in which the brain meets others; default `arbor.local`. */
  readonly realm?: string
}

/** A running node. */
export interface ArborNode {
  /** The root of its supervision tree. */
  readonly supervisor: SupervisorPid
  readonly keys: KeyPair
  /** The name of the controller of its applications. */
  readonly applications: Name<ApplicationControllerPid>
  /** Starts a population that evolves and, where there are stations, shares its bests. */
  startBrain(options: NodeBrainOptions): Promise<Brain>
  /** Starts a population that evolves alone, kept on disk if you like; see `RunningPopulation`. */
  spawnPopulation<Origin = unknown>(
    options: SpawnPopulationOptions<Origin>,
  ): Promise<RunningPopulation<Origin>>
  /** Starts a service under the node, which outlives its crashes; see `startService`. */
  startService<C extends AnyCall, K>(
    service: ServiceSource<C, K>,
    options?: ServiceOptions,
  ): Promise<RunningService<C, K>>
  /**
   * Stops everything in reverse order, says goodbye to the stations and closes the socket. A node
   * that has ended is left as it is.
   */
  stop(): Promise<void>
}

let nodes = 0

/** Starts a node. Rejects when a part of its tree does not start; then nothing is left running. */
export async function startNode(options: NodeOptions): Promise<ArborNode> {
  const { services = [] } = options
  const node = await startEmpty(options)
  try {
    for (const entry of services) await startGiven(node, entry)
  } catch (failure) {
    await node.stop()
    throw failure
  }
  return node
}

function startGiven(node: ArborNode, entry: NodeService): Promise<unknown> {
  if (typeof entry === 'function' || entry instanceof Service || !('service' in entry)) {
    return node.startService(entry as ServiceSource)
  }
  const { service, ...options } = entry
  return node.startService(service as ServiceSource, options)
}

/** A node that runs nothing yet. */
async function startEmpty(options: NodeOptions): Promise<ArborNode> {
  const { stations = [] } = options
  const id = ++nodes
  const brains: Name<DynamicSupervisorPid> = `brains-${id}`
  const populations: Name<DynamicSupervisorPid> = `populations-${id}`
  const services: Name<DynamicSupervisorPid> = `services-${id}`
  const applications: Name<ApplicationControllerPid> = `applications-${id}`
  let drawn = options.keys
  const keys = (): KeyPair => {
    drawn ??= generateKeyPair(secureRandomBytes)
    return drawn
  }
  const mesh = stations.length === 0 ? undefined : meshOf(id, keys(), options, stations)
  const supervisor = await startTree(
    childrenOf(options, mesh, { services, brains, populations, applications }),
    mesh,
  )
  const closed = waitForExit(supervisor).then(() => mesh?.transport.close())
  // Whoever stops the node hears of it; when it gave up, nobody waits.
  closed.catch(() => {})
  return {
    supervisor,
    get keys() {
      return keys()
    },
    applications,
    startBrain: ({ realm = DEFAULT_REALM, ...brain }) =>
      Brain.start({
        ...brain,
        keys: keys(),
        supervisor: brains,
        ...(mesh === undefined ? {} : { mesh: { realm, pubsub: mesh.pubsub, peers: mesh.peers } }),
      }),
    spawnPopulation: (given) => RunningPopulation.start(given, populations),
    startService: (service, given) => startService(service, { ...given, supervisor: services }),
    stop: async () => {
      // Every part has a limit of its own.
      if (isAlive(supervisor)) await stop(supervisor, 'shutdown', { timeoutMs: TIMER_MS_MAX })
      await closed
    },
  }
}

interface Names {
  readonly services: Name<DynamicSupervisorPid>
  readonly brains: Name<DynamicSupervisorPid>
  readonly populations: Name<DynamicSupervisorPid>
  readonly applications: Name<ApplicationControllerPid>
}

function childrenOf(
  { applications = [], environment = {}, extensions = [] }: NodeOptions,
  mesh: Mesh | undefined,
  names: Names,
): ChildSpec[] {
  return [
    ...(mesh === undefined ? [] : [mesh.spec]),
    {
      id: 'services',
      type: 'supervisor',
      // Started again it would be empty: a node must not live on without what it is there for.
      restart: 'temporary',
      significant: true,
      start: () => startLink(new DynamicSupervisor(), { name: names.services }),
    },
    {
      id: 'brains',
      type: 'supervisor',
      start: () => startLink(new DynamicSupervisor(), { name: names.brains }),
    },
    {
      id: 'populations',
      type: 'supervisor',
      start: () => startLink(new DynamicSupervisor(), { name: names.populations }),
    },
    applicationsSpec(applications, { environment, name: names.applications }),
    {
      id: 'extensions',
      type: 'supervisor',
      start: () => startLink(new Supervisor({ children: extensions })),
    },
  ]
}

async function startTree(
  children: readonly ChildSpec[],
  mesh: Mesh | undefined,
): Promise<SupervisorPid> {
  try {
    return await start(new Supervisor({ autoShutdown: 'any_significant', children }))
  } catch (failure) {
    await mesh?.transport.close()
    throw failure
  }
}

interface Mesh {
  readonly transport: Transport
  readonly pubsub: Name<PubSubPid>
  readonly peers: Name<PeerManagerPid>
  readonly spec: ChildSpec
}

function meshOf(
  id: number,
  keys: KeyPair,
  options: NodeOptions,
  stations: readonly StationAddress[],
): Mesh {
  const { transport = new QuicTransport({ keys }) } = options
  const pubsub: Name<PubSubPid> = `pubsub-${id}`
  const peers: Name<PeerManagerPid> = `peers-${id}`
  const children = [
    pubSubSpec({ keys, name: pubsub }),
    // A pub-sub server that is started again has to hear of the connections anew.
    peersSpec({ keys, transport, stations, subscribers: [pubsub], name: peers }),
  ]
  return {
    transport,
    pubsub,
    peers,
    spec: {
      id: 'mesh',
      type: 'supervisor',
      start: () => startLink(new Supervisor({ strategy: 'rest_for_one', children })),
    },
  }
}
