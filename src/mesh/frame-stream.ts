// Frames over one stream, both ways, without a process: bytes that arrive wait here, bounded, until
// the owner takes their frames; frames to send wait here, bounded, until the peer takes them.
//
//   const frames = new FrameStream(stream, { onReadable: () => send(self, 'readable') })
//   for (let fields = frames.next(); fields !== undefined; fields = frames.next()) handle(fields)
//   if (frames.failure !== undefined) …            // close the session
import { INBOUND_BYTES_WAITING_MAX, READ_CHUNK_BYTES } from '../limits.ts'
import type { FrameBounds, FrameError, FrameFields } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import { type OutboundBounds, OutboundQueue } from './outbound-queue.ts'
import type { Stream } from './transport.ts'

export interface FrameStreamOptions {
  /** There are bytes to take; called once until `next` has found nothing more. */
  readonly onReadable: () => void
  /** The peer wants to hear no more, or to say no more. */
  readonly onClosed: () => void
  readonly inbound: FrameBounds
  readonly outbound?: OutboundBounds
}

/** What has passed; `dropped` are events and publishes that a slow peer did not take. */
export interface FrameCounters {
  framesIn: number
  framesOut: number
  bytesIn: number
  bytesOut: number
  dropped: number
}

export class FrameStream {
  readonly counters: FrameCounters = {
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    dropped: 0,
  }
  readonly #stream: Stream
  readonly #onReadable: () => void
  readonly #reader: FrameReader
  readonly #queue: OutboundQueue
  #chunks: Uint8Array[] = []
  #waitingBytes = 0
  /** Frames of the chunk decoded last, in order, and how many of them were taken. */
  #frames: FrameFields[] = []
  #takenCount = 0
  #isAnnounced = false
  #isPaused = false
  #isWritable = true

  constructor(stream: Stream, options: FrameStreamOptions) {
    this.#stream = stream
    this.#onReadable = options.onReadable
    this.#reader = new FrameReader(options.inbound)
    this.#queue = new OutboundQueue(options.outbound)
    stream.onDrain = () => {
      this.#isWritable = true
      this.#flush()
    }
    stream.onEnd = options.onClosed
    stream.onReset = options.onClosed
    stream.onStop = options.onClosed
    stream.onData = (bytes) => this.#receive(bytes)
  }

  /** Frames that wait to be sent. */
  get queuedFrames(): number {
    return this.#queue.length
  }

  /** Whether there are bytes that nobody has taken yet. */
  get isReadable(): boolean {
    return this.#isAnnounced
  }

  /** Why reading has stopped for good, once `next` has found nothing more. */
  get failure(): FrameError | undefined {
    return this.#reader.failure
  }

  /** Other bounds for the frames to come. */
  setInboundBounds(bounds: FrameBounds): void {
    this.#reader.setBounds(bounds)
  }

  /** The next frame that has arrived; undefined when there is none. */
  next(): FrameFields | undefined {
    for (;;) {
      const fields = this.#frames[this.#takenCount]
      if (fields !== undefined) {
        this.#takenCount++
        this.counters.framesIn++
        return fields
      }
      const chunk = this.#takeChunk()
      if (chunk === undefined) {
        this.#isAnnounced = false
        return undefined
      }
      this.#frames = this.#reader.push(chunk)
      this.#takenCount = 0
    }
  }

  /** Sends an EVENT or PUBLISH, soon; an older one may be dropped for it. */
  sendEvent(wire: Uint8Array): void {
    this.counters.dropped += this.#queue.pushEvent(wire)
    this.#flush()
  }

  /** Sends any other frame, soon; false when the peer takes nothing and too many wait. */
  sendControl(wire: Uint8Array): boolean {
    const isQueued = this.#queue.pushControl(wire)
    this.#flush()
    return isQueued
  }

  #receive(bytes: Uint8Array): void {
    this.counters.bytesIn += bytes.length
    this.#chunks.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes > INBOUND_BYTES_WAITING_MAX && !this.#isPaused) {
      this.#isPaused = true
      this.#stream.pause()
    }
    if (this.#isAnnounced) return
    this.#isAnnounced = true
    this.#onReadable()
  }

  /** At most `READ_CHUNK_BYTES` of what waits. */
  #takeChunk(): Uint8Array | undefined {
    const first = this.#chunks[0]
    if (first === undefined) return undefined
    const chunk = first.length > READ_CHUNK_BYTES ? first.subarray(0, READ_CHUNK_BYTES) : first
    if (chunk === first) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(READ_CHUNK_BYTES)
    this.#waitingBytes -= chunk.length
    if (this.#isPaused && this.#waitingBytes * 2 < INBOUND_BYTES_WAITING_MAX) {
      this.#isPaused = false
      this.#stream.resume()
    }
    return chunk
  }

  #flush(): void {
    while (this.#isWritable) {
      const wire = this.#queue.shift()
      if (wire === undefined) return
      this.counters.framesOut++
      this.counters.bytesOut += wire.length
      this.#isWritable = this.#stream.write(wire)
    }
  }
}
