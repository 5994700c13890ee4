// GOODBYE (Macula protocol, section 4): the last frame of a connection, and why.
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header } from './fields.ts'

/** The reasons that are in use; others may come. */
export type GoodbyeReason =
  | 'operator_stop'
  | 'client_stop'
  | 'puzzle_invalid'
  | 'replaced_by_newer_handshake'
  | 'app_liveness_lost'
  | 'node_id_mismatch'
  | 'dial_timeout'

export interface Goodbye extends Header {
  readonly type: 'goodbye'
  readonly reason: GoodbyeReason | (string & {})
  readonly detail: Uint8Array | null
}

export function goodbyeFields(frame: Goodbye): UnsentFields {
  return frameFields('goodbye', frame, null, { reason: frame.reason, detail: frame.detail })
}

/** @throws FrameError `bad_frame` */
export function parseGoodbye(fields: FrameFields): Goodbye {
  const read = new FieldReader(fields)
  return {
    type: 'goodbye',
    ...read.header(),
    reason: read.text('reason'),
    detail: read.nullable('detail', read.bytes),
  }
}
