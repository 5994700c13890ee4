// Frames on the wire (Macula protocol, section 3): a 4-byte big-endian length, then one map in
// canonical CBOR. This file knows maps and lengths; what the maps say is in frames/, who signed
// them in frame-signature.ts, and a stream of them is cut by frame-reader.ts.
//
//   const wire = encodeFrame(fieldsOf({ type: 'ping', nonce, ...stamp }))
//   decodeFrame(wire)      // { result: 'ok', fields: Map {…}, size: wire.length }
import { decode } from '../identity/canonical-decoder.ts'
import { encode } from '../identity/canonical-encoder.ts'
import { CborError, type Encodable, isMap, type Key, type ValueMap } from '../identity/value.ts'
import { FRAME_BYTES_MAX } from '../limits.ts'

/** Bytes of the length before a frame. */
export const FRAME_PREFIX_BYTES = 4

/** A frame as it was decoded. */
export type FrameFields = ValueMap

/** A frame to be encoded; every decoded one is one. */
export type UnsentFields = ReadonlyMap<Key, Encodable>

/** Why a frame is refused: too long, or no map in the protocol's CBOR. */
export type FrameRefusal = 'bad_frame' | 'frame_too_large'

/** A frame that cannot be sent or read: `code` is stable. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
  readonly code: FrameRefusal

  constructor(code: FrameRefusal, message: string) {
    super(message)
    this.code = code
  }
}

/** Bounds on what is taken from a peer; both default to the protocol's. */
export interface FrameBounds {
  /** Bytes of a body, at most `FRAME_BYTES_MAX`. */
  readonly bytesMax?: number
  /** Keys and values of a body, at most `CBOR_ITEMS_MAX`. */
  readonly itemsMax?: number
}

/** What the start of some bytes is. */
export type DecodedFrame =
  /** A frame of `size` bytes, prefix included. Byte strings in it are views of the input. */
  | { readonly result: 'ok'; readonly fields: FrameFields; readonly size: number }
  /** The beginning of one: at least `need` more bytes must come. */
  | { readonly result: 'more'; readonly need: number }
  | { readonly result: 'error'; readonly reason: FrameRefusal; readonly detail: string }

const NO_PREFIX: Uint8Array = new Uint8Array(FRAME_PREFIX_BYTES)

/**
 * The bytes of a frame, length first, as they go onto a stream.
 * @throws CborError when a field has no encoding
 * @throws FrameError `frame_too_large` beyond 16 MiB
 */
export function encodeFrame(fields: UnsentFields): Uint8Array {
  const wire = encode(fields, { head: NO_PREFIX, erlangTerms: true })
  const size = wire.length - FRAME_PREFIX_BYTES
  if (size > FRAME_BYTES_MAX) {
    throw new FrameError('frame_too_large', `a frame has at most ${FRAME_BYTES_MAX} bytes: ${size}`)
  }
  new DataView(wire.buffer, wire.byteOffset).setUint32(0, size)
  return wire
}

/** The frame these bytes start with; never throws. */
export function decodeFrame(bytes: Uint8Array, bounds: FrameBounds = {}): DecodedFrame {
  const { bytesMax = FRAME_BYTES_MAX, itemsMax } = bounds
  if (bytes.length < FRAME_PREFIX_BYTES) {
    return { result: 'more', need: FRAME_PREFIX_BYTES - bytes.length }
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  if (length > bytesMax) {
    const detail = `a frame of ${length} bytes, at most ${bytesMax}`
    return { result: 'error', reason: 'frame_too_large', detail }
  }
  const size = FRAME_PREFIX_BYTES + length
  if (bytes.length < size) return { result: 'more', need: size - bytes.length }
  try {
    const options = itemsMax === undefined ? {} : { itemsMax }
    const value = decode(bytes.subarray(FRAME_PREFIX_BYTES, size), {
      erlangTerms: true,
      ...options,
    })
    if (isMap(value)) return { result: 'ok', fields: value, size }
    return { result: 'error', reason: 'bad_frame', detail: 'a frame is a map' }
  } catch (error) {
    if (!(error instanceof CborError)) throw error
    return { result: 'error', reason: 'bad_frame', detail: `${error.code}: ${error.message}` }
  }
}
