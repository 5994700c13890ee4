// A stream as its user sees it, over anything that carries bytes in order: the queue of what waits
// to be sent, pausing, and the promise that every handler fires at most once and `onClose` exactly
// once. Handlers run in `turn` only, which the session calls; never inside a call of their owner.
import { STREAM_SEND_QUEUE_BYTES_MAX, STREAM_SEND_QUEUE_WRITES_MAX } from '../limits.ts'
import type { StreamKind } from './transport.ts'
import { type Stream, TransportError, type TransportErrorCode } from './transport.ts'

/** The other end gave this direction up, with a code of its protocol. */
export interface Aborted {
  readonly aborted: number
}

/** Bytes that arrived; `last` when none follow. */
export interface Chunk {
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** What carries the bytes of a session's streams: quiche, or the simulator. */
export interface StreamCarrier {
  /** Takes as many of the bytes as there is room for; `last` counts only when all are taken. */
  send(id: number, bytes: Uint8Array, last: boolean): number | Aborted
  /** The next bytes, undefined when none have arrived. */
  receive(id: number): Chunk | Aborted | undefined
  /** Tells the peer that we write no more. */
  abandonWriting(id: number, code: number): void
  /** Something is to be transmitted. */
  wake(): void
  /** Call `turn` of this stream once there is room to send more. */
  awaitRoom(stream: SessionStream): void
  /** Call `turn` of this stream soon. */
  touch(stream: SessionStream): void
  /** Both directions have ended; the stream is forgotten. */
  release(stream: SessionStream): void
}

const NOTHING = new Uint8Array(0)

export class SessionStream implements Stream {
  readonly id: number
  readonly kind: StreamKind
  readonly opener: 'local' | 'remote'
  onDrain: (() => void) | undefined
  onEnd: (() => void) | undefined
  onReset: ((code: number) => void) | undefined
  onClose: (() => void) | undefined
  readonly #carrier: StreamCarrier
  #onData: ((bytes: Uint8Array) => void) | undefined
  #onStop: ((code: number) => void) | undefined
  readonly #queue: Uint8Array[] = []
  #queuedBytes = 0
  /** `ending`: the last write waits in the queue; `over`: nothing more leaves. */
  #writing: 'open' | 'ending' | 'over'
  /** `ended`: the last byte was delivered, `onEnd` is still owed; `discarding`: nobody wants the rest. */
  #reading: 'open' | 'ended' | 'discarding' | 'over'
  /** The last write was made, or writing given up, by us: another write is misuse. */
  #hasEnded = false
  #owesDrain = false
  /** The peer's code that `onStop` is still owed. */
  #stopCode: number | undefined
  #isPaused = false
  #isClosed = false

  constructor(carrier: StreamCarrier, id: number, kind: StreamKind, opener: 'local' | 'remote') {
    this.#carrier = carrier
    this.id = id
    this.kind = kind
    this.opener = opener
    this.#writing = kind === 'uni' && opener === 'remote' ? 'over' : 'open'
    this.#reading = kind === 'uni' && opener === 'local' ? 'over' : 'open'
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get onData(): ((bytes: Uint8Array) => void) | undefined {
    return this.#onData
  }

  set onData(handler: ((bytes: Uint8Array) => void) | undefined) {
    this.#onData = handler
    if (handler !== undefined) this.#carrier.touch(this)
  }

  get onStop(): ((code: number) => void) | undefined {
    return this.#onStop
  }

  set onStop(handler: ((code: number) => void) | undefined) {
    this.#onStop = handler
    if (this.wantsRoom) this.#carrier.awaitRoom(this)
  }

  /** Whether `turn` is to be called whenever the stream can be written to, or was stopped. */
  get wantsRoom(): boolean {
    return this.#queue.length > 0 || (this.#onStop !== undefined && this.#writing === 'open')
  }

  write(bytes: Uint8Array, last = false): boolean {
    this.#refuseMisuse(bytes, last)
    if (this.#writing === 'over') return false
    if (bytes.length > 0) {
      this.#queue.push(bytes)
      this.#queuedBytes += bytes.length
      if (last) {
        this.#writing = 'ending'
        this.#hasEnded = true
      }
      if (this.#queue.length === 1) this.#pump()
      this.#carrier.wake()
    }
    if (this.#queue.length === 0) return true
    this.#owesDrain = true
    this.#carrier.awaitRoom(this)
    return false
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#carrier.touch(this)
  }

  reset(code: number): void {
    this.#hasEnded = true
    if (this.#writing === 'over') return
    this.#dropQueue()
    this.#carrier.abandonWriting(this.id, code)
    this.#carrier.touch(this)
  }

  stop(): void {
    if (this.#reading === 'open') this.#reading = 'discarding'
    if (this.#reading === 'ended') this.#reading = 'over'
    this.#carrier.touch(this)
  }

  /** Moves the bytes that can move, and tells the handlers. */
  turn(): void {
    if (this.#queue.length > 0) this.#pump()
    else if (this.wantsRoom) this.#probe()
    this.#tellWriter()
    this.#read()
    if (this.#reading === 'discarding') this.#discard()
    if (this.#writing !== 'over') return
    if (this.#reading === 'over') this.#carrier.release(this)
    if (this.#reading === 'over' || this.#reading === 'discarding') this.#tellClosed()
  }

  /** The session has ended, and this stream with it. */
  abandon(): void {
    this.#dropQueue()
    this.#reading = 'over'
    this.#carrier.release(this)
    this.#tellClosed()
  }

  #refuseMisuse(bytes: Uint8Array, last: boolean): void {
    if (this.kind === 'uni' && this.opener === 'remote') {
      throw this.#misuse(
        'not_writable',
        'the peer opened it for itself',
        'open a stream of your own',
      )
    }
    if (this.#hasEnded) {
      throw this.#misuse('write_after_end', 'writing has ended', 'write before last, reset or stop')
    }
    if (last && bytes.length === 0) {
      const advice = 'mark your last bytes as the last, or close with reset'
      throw this.#misuse('empty_last_write', 'an end without bytes may be lost', advice)
    }
    const isFull =
      this.#queuedBytes + bytes.length > STREAM_SEND_QUEUE_BYTES_MAX ||
      this.#queue.length >= STREAM_SEND_QUEUE_WRITES_MAX
    if (isFull && this.#queue.length > 0) {
      const advice = 'wait for onDrain when write returns false'
      throw this.#misuse('send_queue_full', `${this.#queuedBytes} bytes wait already`, advice)
    }
  }

  #misuse(code: TransportErrorCode, message: string, advice: string): TransportError {
    return new TransportError(
      code,
      { operation: 'write', target: `stream ${this.id}` },
      message,
      advice,
    )
  }

  /** Gives the carrier as much of the queue as it takes. */
  #pump(): void {
    while (this.#writing !== 'over') {
      const chunk = this.#queue[0]
      if (chunk === undefined) return
      const isLast = this.#writing === 'ending' && this.#queue.length === 1
      const taken = this.#carrier.send(this.id, chunk, isLast)
      if (typeof taken !== 'number') {
        this.#stopped(taken.aborted)
        return
      }
      this.#queuedBytes -= taken
      if (taken < chunk.length) {
        this.#queue[0] = chunk.subarray(taken)
        return
      }
      this.#queue.shift()
      if (isLast) {
        this.#writing = 'over'
        this.#carrier.touch(this)
      }
    }
  }

  /** Asks whether the peer still reads: an idle writer would not find out. */
  #probe(): void {
    const taken = this.#carrier.send(this.id, NOTHING, false)
    if (typeof taken !== 'number') this.#stopped(taken.aborted)
  }

  #stopped(code: number): void {
    this.#stopCode = code
    this.#dropQueue()
    this.#carrier.touch(this)
  }

  #tellWriter(): void {
    if (this.#stopCode !== undefined) {
      const code = this.#stopCode
      this.#stopCode = undefined
      this.#onStop?.(code)
    }
    if (this.#owesDrain && this.#queue.length === 0) {
      this.#owesDrain = false
      this.onDrain?.()
    }
  }

  #read(): void {
    while (this.#mayRead && this.#onData !== undefined) {
      if (this.#reading === 'ended') {
        this.#reading = 'over'
        this.onEnd?.()
        return
      }
      const received = this.#carrier.receive(this.id)
      if (received === undefined) return
      if ('aborted' in received) {
        this.#reading = 'over'
        this.onReset?.(received.aborted)
        return
      }
      if (received.last) this.#reading = 'ended'
      if (received.bytes.length > 0) this.#onData(received.bytes)
    }
  }

  get #mayRead(): boolean {
    return !this.#isPaused && (this.#reading === 'open' || this.#reading === 'ended')
  }

  /** Takes what still comes off the carrier, so that the stream can end. */
  #discard(): void {
    for (;;) {
      const received = this.#carrier.receive(this.id)
      if (received === undefined) return
      if ('aborted' in received || received.last) {
        this.#reading = 'over'
        return
      }
    }
  }

  #dropQueue(): void {
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.#owesDrain = false
    this.#writing = 'over'
  }

  #tellClosed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onClose?.()
  }
}
