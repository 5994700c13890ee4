// What every session does alike, whatever carries its bytes: its streams, the gate that waits for
// the peer's leave to open another, and the one ending. Subclasses say how bytes move.
import type { NodeId } from '../identity/key-pair.ts'
import {
  CLOSE_REASON_BYTES_MAX,
  STREAM_CREDIT_TIMEOUT_MS,
  STREAM_WAITERS_MAX,
  STREAMS_OPEN_MAX,
} from '../limits.ts'
import type { Clock } from '../runtime/clock.ts'
import { type Aborted, type Chunk, SessionStream, type StreamCarrier } from './session-stream.ts'
import type { Addr, CloseInfo, OpenOptions, Session, Stream, StreamKind } from './transport.ts'
import { TransportError, type TransportErrorCode } from './transport.ts'

/** Code of the close a peer sees when a handler of ours threw. */
export const HANDLER_FAILED = 1

// RFC 9000, section 2.1: a stream id tells its opener and its kind, and counts in steps of four.
const OPENED_BY_ACCEPTOR = 1
const UNIDIRECTIONAL = 2
const STREAM_ID_STEP = 4

const ABORTED = 'open again when you need a stream after all'
const END_STREAMS = 'end or reset streams you no longer need'

/** What a session is from its first moment on. */
export interface SessionInit {
  readonly peer: NodeId
  readonly remote: Addr
  readonly direction: 'inbound' | 'outbound'
  readonly clock: Clock
}

/** Someone who waits for a stream. */
interface Waiter {
  readonly kind: StreamKind
  readonly grant: () => void
  readonly refuse: (code: TransportErrorCode, message: string, advice: string) => void
}

export abstract class CarriedSession implements Session, StreamCarrier {
  readonly peer: NodeId
  readonly remote: Addr
  readonly direction: 'inbound' | 'outbound'
  abstract readonly via: Session['via']
  readonly closed: Promise<CloseInfo>
  protected readonly clock: Clock
  #onStream: ((stream: Stream) => void) | undefined
  #onDatagram: ((bytes: Uint8Array) => void) | undefined
  readonly #streams = new Map<number, SessionStream>()
  /** What arrived before the handler was set has to be looked at again. */
  #hasNewHandler = false
  #touched: SessionStream[] = []
  /** Streams whose queue waits for the peer or the network. */
  readonly #awaitingRoom = new Set<SessionStream>()
  readonly #waiters: Waiter[] = []
  /** Streams we have opened so far, and those of them that are open. */
  readonly #openedCounts = { bidi: 0, uni: 0 }
  readonly #openCounts = { bidi: 0, uni: 0 }
  #hasEnded = false
  #resolveClosed!: (info: CloseInfo) => void

  constructor(init: SessionInit) {
    this.peer = init.peer
    this.remote = init.remote
    this.direction = init.direction
    this.clock = init.clock
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  // What a carrier provides.
  abstract rttMs(): number | undefined
  abstract datagram(bytes: Uint8Array): boolean
  abstract readonly maxDatagram: number
  abstract close(code: number, reason?: string): void
  abstract send(id: number, bytes: Uint8Array, last: boolean): number | Aborted
  abstract receive(id: number): Chunk | Aborted | undefined
  abstract abandonWriting(id: number, code: number): void
  abstract wake(): void
  /** Streams the peer still allows us to open. */
  protected abstract streamsLeft(kind: StreamKind): number
  /** Makes the carrier know a stream of ours before its first byte. */
  protected abstract begin(id: number): void
  /** Streams that have something to read, those we have not met yet included. */
  protected abstract readable(): Iterable<number>
  /** Streams that can be written to. */
  protected abstract writable(): Iterable<number>
  /** Hands over the datagrams that have arrived. */
  protected abstract readDatagrams(take: (bytes: Uint8Array) => void): void
  /** A handler of ours threw: the session cannot go on. */
  protected abstract fail(cause: unknown): void

  get onStream(): ((stream: Stream) => void) | undefined {
    return this.#onStream
  }

  set onStream(handler: ((stream: Stream) => void) | undefined) {
    this.#onStream = handler
    this.#hasNewHandler = true
    this.wake()
  }

  get onDatagram(): ((bytes: Uint8Array) => void) | undefined {
    return this.#onDatagram
  }

  set onDatagram(handler: ((bytes: Uint8Array) => void) | undefined) {
    this.#onDatagram = handler
    this.#hasNewHandler = true
    this.wake()
  }

  /** Streams in use. */
  get streamCount(): number {
    return this.#streams.size
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  open(kind: StreamKind, options: OpenOptions = {}): Promise<Stream> {
    const { timeoutMs = STREAM_CREDIT_TIMEOUT_MS, signal } = options
    return new Promise((resolve, reject) => {
      const refuse = (code: TransportErrorCode, message: string, advice: string): void => {
        reject(new TransportError(code, { operation: 'open', target: this.peer }, message, advice))
      }
      if (this.#hasEnded) return refuse('closed', 'the session has ended', 'dial again')
      if (signal?.aborted === true) return refuse('aborted', 'aborted before it began', ABORTED)
      const isFirst = !this.#waiters.some((waiter) => waiter.kind === kind)
      if (isFirst && this.#mayOpen(kind)) return resolve(this.#begin(kind))
      if (this.#waiters.length >= STREAM_WAITERS_MAX) {
        return refuse('no_stream_credit', `${STREAM_WAITERS_MAX} wait already`, END_STREAMS)
      }
      this.#wait({ kind, grant: () => resolve(this.#begin(kind)), refuse }, timeoutMs, signal)
    })
  }

  touch(stream: SessionStream): void {
    this.#touched.push(stream)
    this.wake()
  }

  awaitRoom(stream: SessionStream): void {
    this.#awaitingRoom.add(stream)
  }

  release(stream: SessionStream): void {
    if (!this.#streams.delete(stream.id)) return
    this.#awaitingRoom.delete(stream)
    if (stream.opener === 'local') this.#openCounts[stream.kind]--
    if (this.#waiters.length > 0) this.wake()
  }

  /** Hands the session to whoever takes those that peers open; nobody does: it is closed again. */
  present(handler: ((session: Session) => void) | undefined): void {
    try {
      if (handler === undefined) this.close(0, 'nobody listens')
      else handler(this)
    } catch (cause) {
      this.fail(cause)
    }
  }

  /** Whether a stream has bytes that wait for the peer or the network. */
  get isHeldBack(): boolean {
    return this.#awaitingRoom.size > 0
  }

  /**
   * Moves what can move, tells the handlers; whatever they throw ends the session, not the process.
   * @param hasArrivals whether something came since the last turn
   */
  protected turn(hasArrivals: boolean): void {
    if (this.#hasEnded) return
    const mustLook = hasArrivals || this.#hasNewHandler
    this.#hasNewHandler = false
    try {
      if (mustLook) this.#read()
      this.#turnTouched()
      if (this.#awaitingRoom.size > 0) this.#turnWritable()
      if (this.#waiters.length > 0) this.#grant()
    } catch (cause) {
      this.fail(cause)
    }
  }

  /** Ends the session, once; the streams hear of it before `closed` settles. */
  protected end(info: CloseInfo): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    for (const waiter of this.#waiters.splice(0)) {
      waiter.refuse('closed', 'the session has ended', 'dial again')
    }
    // Not now: the caller may be in the middle of its own work, and handlers never run inside a
    // call.
    void Promise.resolve().then(() => this.#resolveClosed(this.#abandonStreams(info)))
  }

  #read(): void {
    if (this.#onDatagram !== undefined) this.readDatagrams(this.#onDatagram)
    for (const id of this.readable()) {
      if (this.#hasEnded) return
      const stream = this.#streams.get(id) ?? this.#accept(id)
      stream?.turn()
    }
  }

  #turnTouched(): void {
    const touched = this.#touched
    this.#touched = []
    for (const stream of touched) {
      if (this.#hasEnded) return
      stream.turn()
    }
  }

  #turnWritable(): void {
    for (const id of this.writable()) {
      if (this.#hasEnded) return
      const stream = this.#streams.get(id)
      if (stream === undefined || !this.#awaitingRoom.has(stream)) continue
      stream.turn()
      if (!stream.wantsRoom) this.#awaitingRoom.delete(stream)
    }
  }

  /** A stream the peer opened, or undefined when it has to wait for a handler. */
  #accept(id: number): SessionStream | undefined {
    const isOurs = ((id & OPENED_BY_ACCEPTOR) !== 0) === (this.direction === 'inbound')
    if (isOurs || this.#onStream === undefined) return undefined
    const kind = (id & UNIDIRECTIONAL) !== 0 ? 'uni' : 'bidi'
    const stream = new SessionStream(this, id, kind, 'remote')
    this.#streams.set(id, stream)
    this.#onStream(stream)
    return stream
  }

  #mayOpen(kind: StreamKind): boolean {
    return this.#openCounts[kind] < STREAMS_OPEN_MAX && this.streamsLeft(kind) > 0
  }

  #begin(kind: StreamKind): Stream {
    this.#openCounts[kind]++
    const index = this.#openedCounts[kind]++
    const byAcceptor = this.direction === 'inbound' ? OPENED_BY_ACCEPTOR : 0
    const id = index * STREAM_ID_STEP + byAcceptor + (kind === 'uni' ? UNIDIRECTIONAL : 0)
    this.begin(id)
    const stream = new SessionStream(this, id, kind, 'local')
    this.#streams.set(id, stream)
    return stream
  }

  /** Waits for the peer's leave, the caller's patience or its signal, whichever comes first. */
  #wait(waiter: Waiter, timeoutMs: number, signal: AbortSignal | undefined): void {
    const stopWaiting = (): void => {
      this.#waiters.splice(this.#waiters.indexOf(waiting), 1)
      settle()
    }
    const timer = this.clock.timer(
      timeoutMs,
      () => {
        stopWaiting()
        const message = `the peer let no stream open for ${timeoutMs} ms`
        waiter.refuse('no_stream_credit', message, END_STREAMS)
      },
      { unref: true },
    )
    const onAbort = (): void => {
      stopWaiting()
      waiter.refuse('aborted', 'aborted by its signal', ABORTED)
    }
    signal?.addEventListener('abort', onAbort)
    const settle = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const waiting: Waiter = {
      kind: waiter.kind,
      grant: () => {
        settle()
        waiter.grant()
      },
      refuse: (code, message, advice) => {
        settle()
        waiter.refuse(code, message, advice)
      },
    }
    this.#waiters.push(waiting)
  }

  #grant(): void {
    const granted = (waiter: Waiter): boolean => {
      if (!this.#mayOpen(waiter.kind)) return false
      waiter.grant()
      return true
    }
    const waiting = this.#waiters.filter((waiter) => !granted(waiter))
    this.#waiters.splice(0, this.#waiters.length, ...waiting)
  }

  #abandonStreams(info: CloseInfo): CloseInfo {
    let told = info
    for (const stream of this.#streams.values()) {
      try {
        stream.abandon()
      } catch (cause) {
        told = { cause, ...told }
      }
    }
    return told
  }
}

/**
 * A close reason as it travels and as it is shown: short, whole characters, none that steers a
 * terminal.
 */
export function shortReason(reason: string): string {
  const bytes = new Uint8Array(CLOSE_REASON_BYTES_MAX)
  const { written } = new TextEncoder().encodeInto(reason, bytes)
  return new TextDecoder().decode(bytes.subarray(0, written)).replace(/\p{Cc}/gu, ' ')
}
