// The supervision of connections: a dynamic supervisor for them and, after it, the server that owns
// them.
//
//   tree                       rest_for_one
//   ├─ connections             dynamic, temporary: a connection is not restarted but dialled again
//   └─ owner                   told by the connections what happens; when it ends they end, too
//
// Used by peer-manager.ts for the connections a node dials, and by a station for those it accepts.
import { start, startLink } from '../behaviours/gen-server.ts'
import { GOODBYE_DRAIN_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { Pid } from '../runtime/pid.ts'
import type { ChildSpec } from '../supervisors/child-spec.ts'
import { DynamicSupervisor, type DynamicSupervisorPid } from '../supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../supervisors/supervisor.ts'
import {
  PeerConnection,
  type PeerConnectionOptions,
  type PeerConnectionPid,
} from './peer-connection.ts'

export interface ConnectionTreeOptions {
  /** What the owner is called among its siblings. */
  readonly id: string
  /** Starts the owner, linked to its supervisor, with the supervisor of the connections. */
  readonly startOwner: (connections: DynamicSupervisorPid) => Pid
  /** Connections at a time. */
  readonly connectionsMax?: number
}

/** Starts the tree, linked to `parent`. */
export async function startConnectionTree(
  options: ConnectionTreeOptions,
  parent: Pid | undefined,
): Promise<SupervisorPid> {
  const { id, startOwner, connectionsMax } = options
  let connections: DynamicSupervisorPid | undefined
  const startConnections = (): DynamicSupervisorPid => {
    const bounds = connectionsMax === undefined ? {} : { maxChildren: connectionsMax }
    connections = startLink(new DynamicSupervisor(bounds))
    return connections
  }
  const startSecond = (): Pid => {
    if (connections === undefined) throw notStarted(id)
    return startOwner(connections)
  }
  const children: ChildSpec[] = [
    { id: 'connections', type: 'supervisor', start: startConnections },
    { id, start: startSecond },
  ]
  const tree = new Supervisor({ strategy: 'rest_for_one', children })
  return await start(tree, parent === undefined ? {} : { parent })
}

/** Starts a connection among the others; its session is closed when that fails. */
export async function startConnection(
  connections: DynamicSupervisorPid,
  options: PeerConnectionOptions,
): Promise<PeerConnectionPid> {
  const { session } = options
  try {
    return await DynamicSupervisor.startChild(connections, {
      id: session.peer,
      restart: 'temporary',
      shutdown: 2 * GOODBYE_DRAIN_MS,
      start: () => startLink(new PeerConnection(options)),
    })
  } catch (error) {
    session.close(0, 'closed')
    throw error
  }
}

function notStarted(id: string): ArborError {
  const attempt = { operation: 'start', target: id }
  const advice = 'start the connections before their owner'
  return new ArborError('noproc', 'there is no supervisor of connections', advice, attempt)
}
