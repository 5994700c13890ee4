// Why a connection ended, as data: a connection exits with `{ shutdown: ConnectionEnd }`, because
// the end of a conversation is no crash, whoever caused it.
//
//   if (message instanceof Down) report(formatConnectionEnd(connectionEndOf(message.reason)))
import { type ExitReason, formatReason } from '../runtime/exit-reason.ts'

export type ConnectionEndCause =
  /** The peer said GOODBYE; `detail` is its reason. */
  | 'goodbye'
  /** We said GOODBYE; `detail` is our reason. */
  | 'disconnected'
  /** The session ended without a word; `detail` says by whom. */
  | 'session_closed'
  /** The peer fell silent. */
  | 'liveness_lost'
  /** `detail` begins with the failure. */
  | 'handshake_failed'
  /** The peer does not keep to the protocol; `detail` begins with the rule. */
  | 'protocol_error'
  /** The peer takes nothing. */
  | 'too_slow'
  /** Whom the connection told everything has ended. */
  | 'owner_down'
  /** We were stopped by our supervisor. */
  | 'stopped'
  | 'crashed'

export interface ConnectionEnd {
  readonly cause: ConnectionEndCause
  readonly detail: string
}

/** The exit reason of a connection's process. */
export interface ConnectionEndReason {
  readonly shutdown: ConnectionEnd
}

export function connectionEnd(cause: ConnectionEndCause, detail: string): ConnectionEndReason {
  return { shutdown: { cause, detail } }
}

/** What the exit reason of a connection's process says. */
export function connectionEndOf(reason: ExitReason): ConnectionEnd {
  if (typeof reason === 'string') {
    const isStopped = reason === 'shutdown' || reason === 'normal'
    return { cause: isStopped ? 'stopped' : 'crashed', detail: reason }
  }
  const end = 'shutdown' in reason ? reason.shutdown : undefined
  if (isConnectionEnd(end)) return end
  return { cause: end === undefined ? 'crashed' : 'stopped', detail: formatReason(reason) }
}

/** In one line, for people. */
export function formatConnectionEnd({ cause, detail }: ConnectionEnd): string {
  return detail === '' ? cause : `${cause}: ${detail}`
}

/** What to tell the peer in a GOODBYE (Macula protocol, section 4). */
export function goodbyeReasonOf({ cause, detail }: ConnectionEnd, isStation: boolean): string {
  if (cause === 'disconnected') return detail
  if (cause === 'liveness_lost') return 'app_liveness_lost'
  if (cause === 'protocol_error' || cause === 'too_slow') return cause
  return isStation ? 'operator_stop' : 'client_stop'
}

function isConnectionEnd(term: unknown): term is ConnectionEnd {
  return typeof term === 'object' && term !== null && 'cause' in term && 'detail' in term
}
