// Where a population stands, as bytes from which it continues bit for bit: the state of its
// strategy (which names every random stream that is still to be drawn), its best, and who waits to
// enter. Pure; checkpoint-file.ts keeps the bytes on disk.
//
//   const bytes = encodeCheckpoint(checkpoint)
//   const decoded = decodeCheckpoint(bytes)
//   if (!decoded.ok) throw new Error(decoded.detail)
//
// Big-endian: magic `ARBK`, version (u16), length of the rest (u32), SHA-256 of the rest, the rest in
// the structured-clone format of node:v8, which newer releases of Node read. So a file that was cut
// or damaged is noticed. It is for one's own disk: who can write it can choose the state.
import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import type { EvolutionState } from '../../evolution/evolution.ts'
import type { Immigrants } from './immigrants.ts'
import type { Best } from './population-server.ts'

/** Version of the checkpoints this code writes and reads. */
export const CHECKPOINT_VERSION = 1

/** A population between two generations: all that it needs to go on. Plain data. */
export interface Checkpoint<Origin = unknown> {
  /** The problem's name: a checkpoint continues with no other. */
  readonly problem: string
  readonly population: EvolutionState
  readonly immigrants: Immigrants<Origin>
  readonly best: Best<Origin> | undefined
  /** The genotype that was verified last. */
  readonly verified: string | undefined
}

/** Why bytes are no checkpoint; stable names. */
export type CheckpointFault = 'not-a-checkpoint' | 'unknown-version' | 'truncated' | 'corrupt'

export type DecodedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly reason: CheckpointFault; readonly detail: string }

const MAGIC = 0x4152424b
const HEADER_BYTES = 42

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const rest = serialize(checkpoint)
  const bytes = new Uint8Array(HEADER_BYTES + rest.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint16(4, CHECKPOINT_VERSION)
  view.setUint32(6, rest.length)
  bytes.set(createHash('sha256').update(rest).digest(), 10)
  bytes.set(rest, HEADER_BYTES)
  return bytes
}

export function decodeCheckpoint(bytes: Uint8Array): DecodedCheckpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 6 || view.getUint32(0) !== MAGIC) {
    return refuse('not-a-checkpoint', 'it does not begin with the mark of a checkpoint')
  }
  const version = view.getUint16(4)
  if (version !== CHECKPOINT_VERSION) {
    return refuse('unknown-version', `version ${version}, this code reads ${CHECKPOINT_VERSION}`)
  }
  if (bytes.length < HEADER_BYTES || bytes.length - HEADER_BYTES !== view.getUint32(6)) {
    return refuse('truncated', `${bytes.length} bytes are not as many as it announces`)
  }
  const rest = bytes.subarray(HEADER_BYTES)
  const sum = createHash('sha256').update(rest).digest()
  if (!sum.equals(bytes.subarray(10, HEADER_BYTES))) {
    return refuse('corrupt', 'its bytes are not those that were written')
  }
  // What was written is what `encodeCheckpoint` took: the sum says so.
  return { ok: true, checkpoint: deserialize(rest) as Checkpoint }
}

function refuse(reason: CheckpointFault, detail: string): DecodedCheckpoint {
  return { ok: false, reason, detail }
}
