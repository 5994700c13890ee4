// What the brain server is sent: calls and casts, reports of its population, events of the
// realm's topics, news of stations, and what it tells itself.
import type { Call, ServerPid, ServerRef } from '../../behaviours/gen-server.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { PeerMessage } from '../../mesh/peer-manager.ts'
import type { ArborError } from '../../runtime/arbor-error.ts'
import type { Pid } from '../../runtime/pid.ts'
import type { PopulationReport } from '../population/population-server.ts'
import type { EventMessage } from '../pubsub/subscription.ts'
import type { BrainEvent, Origin } from './brain-event.ts'
import type { SignedRecord } from './genotype-record.ts'
import type { Source } from './source.ts'

export type BrainCall = Call<'publish', { readonly genotype: Genotype }, string | ArborError>
export type BrainCast = { readonly type: 'subscribe'; readonly subscriber: Pid<BrainEvent> }
export type BrainPid = ServerPid<BrainCall, BrainCast>
export type BrainRef = ServerRef<BrainCall, BrainCast>

/** What the server tells itself. */
export type Internal =
  | { readonly type: 'listen'; readonly source: Source }
  | {
      readonly type: 'measured'
      readonly record: SignedRecord
      /** Undefined when the genotype could not be run. */
      readonly fitness: number | undefined
    }
  | { readonly type: 'answer' }

export type BrainMessage = Internal | PopulationReport<Origin> | EventMessage | PeerMessage

const types: ReadonlySet<string> = new Set<BrainMessage['type']>([
  'listen',
  'measured',
  'answer',
  'generation',
  'champion',
  'failure',
  'done',
  'event',
  'peer_up',
  'peer_down',
  'peer_unreachable',
  'frame',
  'frame_refused',
])

/** Only our own processes can send to us: the type tells which message it is. */
export function isBrainMessage(message: unknown): message is BrainMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    typeof message.type === 'string' &&
    types.has(message.type)
  )
}
