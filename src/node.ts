// Which processes a node consists of, and in which order they start. Read this file first.
//
//   node                       one_for_one
//   ├─ mesh                    rest_for_one   only where there are stations
//   │  ├─ pubsub-server                       local subscribers; signs publishes
//   │  └─ peers                               one connection to each station, redialled
//   ├─ brains                  dynamic        a population and its exchange, each a tree
//   └─ extensions              one_for_one    child specs of the program's own
//
//   const node = await startNode({ keys, stations: [{ addr, nodeId }] })
//   const brain = await node.startBrain({ problem: xor, seed: 1 })
//   brain.subscribe((event) => console.log(event))
//
// A node without stations has neither socket nor mesh and evolves alone. Brains live on when the
// mesh is started again, and join it again.
import { Brain, type BrainOptions } from './actors/brain/brain.ts'
import { DEFAULT_REALM } from './actors/brain/meeting.ts'
import { type PubSubPid, pubSubSpec } from './actors/pubsub/pubsub-server.ts'
import { start, startLink, stop } from './behaviours/gen-server.ts'
import type { KeyPair } from './identity/key-pair.ts'
import { type PeerManagerPid, peersSpec, type StationAddress } from './mesh/peer-manager.ts'
import { QuicTransport } from './mesh/quic-transport.ts'
import type { Transport } from './mesh/transport.ts'
import type { Name } from './runtime/pid.ts'
import { isAlive } from './runtime/process.ts'
import { waitForExit } from './runtime/signal.ts'
import type { ChildSpec } from './supervisors/child-spec.ts'
import { DynamicSupervisor, type DynamicSupervisorPid } from './supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from './supervisors/supervisor.ts'

export interface NodeOptions {
  /** Who the node is; draw them with `generateKeyPair` or keep them with `openKeyFile`. */
  readonly keys: KeyPair
  /** Stations to stay connected with; none: the node opens no socket. */
  readonly stations?: readonly StationAddress[]
  /** Default: QUIC on a free UDP port. The node closes it when it ends. */
  readonly transport?: Transport
  /** Further children, started last and stopped first. */
  readonly extensions?: readonly ChildSpec[]
}

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
  /** Starts a population that evolves and, where there are stations, shares its bests. */
  startBrain(options: NodeBrainOptions): Promise<Brain>
  /**
   * Stops everything in reverse order, says goodbye to the stations and closes the socket. A node
   * that has ended is left as it is.
   */
  stop(): Promise<void>
}

let nodes = 0

/** Starts a node. Rejects when a part of its tree does not start; then nothing is left running. */
export async function startNode(options: NodeOptions): Promise<ArborNode> {
  const { keys, stations = [], extensions = [] } = options
  const id = ++nodes
  const brains: Name<DynamicSupervisorPid> = `brains-${id}`
  const mesh = stations.length === 0 ? undefined : meshOf(id, options, stations)
  const children: ChildSpec[] = [
    ...(mesh === undefined ? [] : [mesh.spec]),
    {
      id: 'brains',
      type: 'supervisor',
      start: () => startLink(new DynamicSupervisor(), { name: brains }),
    },
    {
      id: 'extensions',
      type: 'supervisor',
      start: () => startLink(new Supervisor({ children: extensions })),
    },
  ]
  const supervisor = await startTree(children, mesh)
  const closed = waitForExit(supervisor).then(() => mesh?.transport.close())
  // Whoever stops the node hears of it; when it gave up, nobody waits.
  closed.catch(() => {})
  return {
    supervisor,
    keys,
    startBrain: ({ realm = DEFAULT_REALM, ...brain }) =>
      Brain.start({
        ...brain,
        keys,
        supervisor: brains,
        ...(mesh === undefined ? {} : { mesh: { realm, pubsub: mesh.pubsub, peers: mesh.peers } }),
      }),
    stop: async () => {
      if (isAlive(supervisor)) await stop(supervisor, 'shutdown')
      await closed
    },
  }
}

async function startTree(
  children: readonly ChildSpec[],
  mesh: Mesh | undefined,
): Promise<SupervisorPid> {
  try {
    return await start(new Supervisor({ children }))
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

function meshOf(id: number, options: NodeOptions, stations: readonly StationAddress[]): Mesh {
  const { keys, transport = new QuicTransport({ keys }) } = options
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
