// A queue of frames from one thread to one other in shared memory: bytes are copied in and out, no
// message of Node's is needed, and nobody waits for a lock (one writer, one reader; Lamport 1983).
//
//   const memory = SharedRing.allocate()           // hand it to both threads
//   const isSent = new SharedRing(memory).write(frame, 0) === frame.length
//   const frame = new SharedRing(memory).read()
//
// A frame that does not fit travels in pieces, each of which the reader sees whole or not at all: a
// writer that is killed leaves no half of one. Who sleeps and who is to be woken is a flag each;
// the waking itself (a message) is the business of thread-connection.ts.
import { RING_BYTES } from '../limits.ts'

// Fields of the head, 32-bit each; readers' and writers' lie on different cache lines.
const READ_AT = 0
const IS_READER_ASLEEP = 1
const WRITTEN_AT = 16
const IS_WRITER_WAITING = 17
const HEAD_BYTES = 128

/** Before each piece: its length, and whether the frame goes on. */
const PIECE_HEAD_BYTES = 4
const GOES_ON = 0x8000_0000
/** Less room than this is not worth a piece. */
const PIECE_BYTES_MIN = 64

export class SharedRing {
  readonly #head: Int32Array
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #size: number
  /** Pieces of a frame that is not complete. */
  #pieces: Uint8Array[] = []

  /** Memory for a ring; all of it is zero, which is an empty ring whose reader is awake. */
  static allocate(bytes: number = RING_BYTES): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + bytes)
  }

  constructor(memory: SharedArrayBuffer) {
    this.#size = memory.byteLength - HEAD_BYTES
    if (this.#size < PIECE_BYTES_MIN * 2 || (this.#size & (this.#size - 1)) !== 0) {
      throw new RangeError(`a ring of ${this.#size} bytes: give a power of two from 128`)
    }
    this.#head = new Int32Array(memory, 0, HEAD_BYTES >> 2)
    this.#bytes = new Uint8Array(memory, HEAD_BYTES)
    this.#view = new DataView(memory, HEAD_BYTES)
  }

  // --- Writer ---

  /** Writes what fits of a frame from `offset` on; returns how much of the frame is written. */
  write(frame: Uint8Array, offset: number): number {
    const head = this.#head
    let at = head[WRITTEN_AT] as number
    let written = offset
    while (written < frame.length) {
      const free = this.#size - ((at - Atomics.load(head, READ_AT)) >>> 0) - PIECE_HEAD_BYTES
      const left = frame.length - written
      if (free < left && free < PIECE_BYTES_MIN) break
      const length = Math.min(left, free & ~3)
      const mark = length < left ? length | GOES_ON : length
      this.#view.setUint32(at & (this.#size - 1), mark >>> 0)
      this.#copyIn(frame, written, length, at + PIECE_HEAD_BYTES)
      written += length
      at = (at + PIECE_HEAD_BYTES + ((length + 3) & ~3)) | 0
      Atomics.store(head, WRITTEN_AT, at)
    }
    return written
  }

  /** For the writer: whether the reader sleeps; the writer that learns it has to wake it. */
  takeSleep(): boolean {
    return Atomics.exchange(this.#head, IS_READER_ASLEEP, 0) === 1
  }

  /** For the writer: asks to be woken when there is room. */
  awaitRoom(): void {
    Atomics.store(this.#head, IS_WRITER_WAITING, 1)
  }

  /** For the writer: blocks the thread until something has been read, or for `timeoutMs`. */
  blockForRoom(timeoutMs: number): void {
    const readAt = Atomics.load(this.#head, READ_AT)
    Atomics.wait(this.#head, READ_AT, readAt, timeoutMs)
  }

  // --- Reader ---

  /** Takes the next whole frame, or undefined when none is there. */
  read(): Uint8Array | undefined {
    const head = this.#head
    let at = head[READ_AT] as number
    while (at !== Atomics.load(head, WRITTEN_AT)) {
      const mark = this.#view.getUint32(at & (this.#size - 1))
      const length = mark & ~GOES_ON
      const piece = this.#copyOut(length, at + PIECE_HEAD_BYTES)
      at = (at + PIECE_HEAD_BYTES + ((length + 3) & ~3)) | 0
      Atomics.store(head, READ_AT, at)
      if (mark >= GOES_ON) this.#pieces.push(piece)
      else return this.#pieces.length === 0 ? piece : this.#joined(piece)
    }
    return undefined
  }

  /** For the reader: goes to sleep; false when a frame arrived meanwhile, then it is awake. */
  sleep(): boolean {
    Atomics.store(this.#head, IS_READER_ASLEEP, 1)
    if (this.#isEmpty()) return true
    // Somebody may be waking it already: then it is woken once too often.
    Atomics.store(this.#head, IS_READER_ASLEEP, 0)
    return false
  }

  /** For the reader: whether the writer waits for room; the reader that learns it has to wake it. */
  takeWaiting(): boolean {
    Atomics.notify(this.#head, READ_AT)
    return Atomics.exchange(this.#head, IS_WRITER_WAITING, 0) === 1
  }

  #isEmpty(): boolean {
    return Atomics.load(this.#head, READ_AT) === Atomics.load(this.#head, WRITTEN_AT)
  }

  #joined(last: Uint8Array): Uint8Array {
    const pieces = [...this.#pieces, last]
    this.#pieces = []
    const frame = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const piece of pieces) {
      frame.set(piece, at)
      at += piece.length
    }
    return frame
  }

  #copyIn(frame: Uint8Array, offset: number, length: number, to: number): void {
    const start = to & (this.#size - 1)
    const first = Math.min(length, this.#size - start)
    this.#bytes.set(frame.subarray(offset, offset + first), start)
    if (first < length) this.#bytes.set(frame.subarray(offset + first, offset + length), 0)
  }

  #copyOut(length: number, from: number): Uint8Array {
    const start = from & (this.#size - 1)
    const first = Math.min(length, this.#size - start)
    const piece = new Uint8Array(length)
    piece.set(this.#bytes.subarray(start, start + first))
    if (first < length) piece.set(this.#bytes.subarray(0, length - first), first)
    return piece
  }
}
