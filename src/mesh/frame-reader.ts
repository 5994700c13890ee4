// Cuts a stream of bytes into frames (Macula protocol, section 3). It holds at most one unfinished
// frame, grows with the bytes that came, never with the length a peer announced, and stops for good
// at the first bad frame: nothing behind it tells where the next one starts, so the session is to
// be closed.
//
//   stream.onData = (bytes) => {
//     for (const fields of reader.push(bytes)) receive(fields)
//     if (reader.failure !== undefined) session.close(1, reader.failure.code)
//   }
import { decodeFrame, type FrameBounds, FrameError, type FrameFields } from './frame.ts'

const NOTHING: Uint8Array = new Uint8Array(0)

export class FrameReader {
  #bounds: FrameBounds
  /** The first `#size` bytes of it are no whole frame yet. */
  #buffer: Uint8Array = NOTHING
  #size = 0
  #failure: FrameError | undefined

  constructor(bounds: FrameBounds = {}) {
    this.#bounds = bounds
  }

  /** Why reading has stopped; undefined while it goes on. */
  get failure(): FrameError | undefined {
    return this.#failure
  }

  /**
   * A copy of the bytes no frame was made of: an unfinished one, or the bad one and what followed
   * it.
   */
  get rest(): Uint8Array {
    return this.#buffer.slice(0, this.#size)
  }

  /** Other bounds for the frames to come, once the peer is known. */
  setBounds(bounds: FrameBounds): void {
    this.#bounds = bounds
  }

  /**
   * The frames these bytes complete, in order. Byte strings in them are views of `chunk` or of what
   * was held: it is the reader's from now on. After a failure bytes are dropped.
   */
  push(chunk: Uint8Array): FrameFields[] {
    if (this.#failure !== undefined) return []
    const input = this.#size === 0 ? chunk : this.#appended(chunk)
    const frames: FrameFields[] = []
    let at = 0
    let decoded = decodeFrame(input, this.#bounds)
    while (decoded.result === 'ok') {
      frames.push(decoded.fields)
      at += decoded.size
      decoded = decodeFrame(input.subarray(at), this.#bounds)
    }
    if (decoded.result === 'error') this.#failure = new FrameError(decoded.reason, decoded.detail)
    // Frames are views of the input, so only a buffer none was made of can go on being written to.
    if (at > 0 || this.#size === 0) {
      this.#buffer = new Uint8Array(input.subarray(at))
      this.#size = this.#buffer.length
    }
    return frames
  }

  /** What was held and the chunk behind it, in a buffer that doubles. */
  #appended(chunk: Uint8Array): Uint8Array {
    const size = this.#size + chunk.length
    if (size > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#buffer.length))
      larger.set(this.#buffer.subarray(0, this.#size))
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#size)
    this.#size = size
    return this.#buffer.subarray(0, size)
  }
}
