// PONG (Macula protocol, section 5): the answer to a PING, with its nonce.
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header } from './fields.ts'

export interface Pong extends Header {
  readonly type: 'pong'
  /** The 16 bytes of the PING. */
  readonly nonce: Uint8Array
}

export function pongFields(frame: Pong): UnsentFields {
  return frameFields('pong', frame, null, { nonce: frame.nonce })
}

/** @throws FrameError `bad_frame` */
export function parsePong(fields: FrameFields): Pong {
  const read = new FieldReader(fields)
  return { type: 'pong', ...read.header(), nonce: read.bytes('nonce', 16) }
}
