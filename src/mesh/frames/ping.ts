// PING (Macula protocol, section 5): answered by a PONG with the same nonce.
import type { FrameFields, UnsentFields } from '../frame.ts'
import { FieldReader, frameFields, type Header } from './fields.ts'

export interface Ping extends Header {
  readonly type: 'ping'
  /** 16 bytes. */
  readonly nonce: Uint8Array
}

export function pingFields(frame: Ping): UnsentFields {
  return frameFields('ping', frame, null, { nonce: frame.nonce })
}

/** @throws FrameError `bad_frame` */
export function parsePing(fields: FrameFields): Ping {
  const read = new FieldReader(fields)
  return { type: 'ping', ...read.header(), nonce: read.bytes('nonce', 16) }
}
