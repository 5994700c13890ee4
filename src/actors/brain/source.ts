// Whom a brain listens to: its population, and the mesh, which is a pub-sub server and a peer
// manager. All are found by name, so that they are found again after a restart.
import type { PeerManagerRef, PeerMessage } from '../../mesh/peer-manager.ts'
import { subscribePeers } from '../../mesh/peer-manager.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Name, Pid } from '../../runtime/pid.ts'
import { whereis } from '../../runtime/registry.ts'
import {
  type PopulationRef,
  type PopulationReport,
  subscribeReports,
} from '../population/population-server.ts'
import { type PubSubRef, subscribe } from '../pubsub/pubsub-server.ts'
import type { EventMessage } from '../pubsub/subscription.ts'
import type { Origin } from './brain-event.ts'
import type { Meeting } from './meeting.ts'

export type Source = 'population' | 'mesh'

export interface MeshSource {
  readonly meeting: Meeting
  readonly pubsub: PubSubRef
  readonly peers: PeerManagerRef
}

export interface Sources {
  readonly population: PopulationRef<Origin>
  /** Absent: there is no mesh to listen to. */
  readonly mesh?: MeshSource | undefined
}

type Heard = PopulationReport<Origin> | EventMessage | PeerMessage

/**
 * Subscribes to a source and returns the processes it consists of. Rejects when one of them is not
 * there. Subscribing twice does no harm.
 */
export async function subscribeTo(
  source: Source,
  { population, mesh }: Sources,
  subscriber: Pid<Heard>,
): Promise<readonly Pid[]> {
  if (source === 'population') {
    const pid = pidOf(population)
    await subscribeReports(pid, subscriber)
    return [pid]
  }
  if (mesh === undefined) return []
  const pubsub = pidOf(mesh.pubsub)
  const peers = pidOf(mesh.peers)
  const { realm, genotypeTopic, wantedTopic } = mesh.meeting
  await subscribe(pubsub, realm, genotypeTopic, subscriber)
  await subscribe(pubsub, realm, wantedTopic, subscriber)
  await subscribePeers(peers, subscriber)
  return [pubsub, peers]
}

/** The process behind a reference now. */
function pidOf<P extends Pid>(reference: P | Name<P>): P {
  const pid = typeof reference === 'string' ? whereis(reference) : reference
  if (pid !== undefined) return pid
  const attempt = { operation: 'subscribe', target: reference }
  throw new ArborError('noproc', 'it is not running', 'wait for its supervisor', attempt)
}
