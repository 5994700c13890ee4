// The session of an open QUIC connection: its streams and datagrams, as quiche carries them.
import { CarriedSession, HANDLER_FAILED, type SessionInit, shortReason } from './carried-session.ts'
import {
  errorCodeOf,
  type QuicheConnection,
  SHUTDOWN_READ,
  SHUTDOWN_WRITE,
} from './quic-binding.ts'
import type { QuicConnection } from './quic-connection.ts'
import type { Aborted, Chunk, SessionStream } from './session-stream.ts'
import type { CloseInfo, StreamKind } from './transport.ts'

const NONE: readonly number[] = []
const NOTHING = new Uint8Array(0)
/** Where quiche writes what it read, before it is copied to its reader. */
const received: Buffer = Buffer.allocUnsafeSlow(65_536)

export class QuicSession extends CarriedSession {
  readonly via = 'quic'
  readonly #connection: QuicConnection
  readonly #quiche: QuicheConnection
  /** The stream that was read last, as long as it goes on. */
  #lastRead: number | undefined

  constructor(connection: QuicConnection, init: SessionInit) {
    super(init)
    this.#connection = connection
    this.#quiche = connection.quiche
  }

  get maxDatagram(): number {
    return this.hasEnded ? 0 : (this.#quiche.dgramMaxWritableLen() ?? 0)
  }

  rttMs(): number | undefined {
    return this.#quiche.pathStats().find((path) => path.active)?.rtt
  }

  close(code: number, reason = ''): void {
    const said = shortReason(reason)
    this.#connection.close(code, said, { by: 'local', code, reason: said })
  }

  /** A packet has arrived. */
  arrived(): void {
    this.turn(true)
  }

  /** Something was asked of the session since. */
  continue(): void {
    this.turn(false)
  }

  /** The connection is over. */
  ended(info: CloseInfo): void {
    this.end(info)
  }

  datagram(bytes: Uint8Array): boolean {
    const isFull = this.hasEnded || this.#quiche.isDgramSendQueueFull()
    if (isFull || bytes.length > this.maxDatagram) return false
    try {
      this.#quiche.dgramSend(bytes)
    } catch {
      return false
    }
    this.wake()
    return true
  }

  send(id: number, bytes: Uint8Array, last: boolean): number | Aborted {
    if (this.hasEnded) return 0
    try {
      const takenCount = this.#quiche.streamSend(id, bytes, last) ?? 0
      if (takenCount > 0) this.wake()
      return takenCount
    } catch (error) {
      return { aborted: errorCodeOf(error, 'StreamStopped') ?? 0 }
    }
  }

  receive(id: number): Chunk | Aborted | undefined {
    if (this.hasEnded) return undefined
    try {
      const read = this.#quiche.streamRecv(id, received)
      if (read === null) return undefined
      this.#lastRead = read[1] ? undefined : id
      return { bytes: Buffer.from(received.subarray(0, read[0])), last: read[1] }
    } catch (error) {
      const code = errorCodeOf(error, 'StreamReset')
      if (code === undefined) return undefined
      // quiche keeps a stream whose reset was read before our side has ended, for ever, and with it
      // the peer's leave to open another; giving up reading now makes it let go. Doing so before a
      // reset or the end has arrived would do the same harm, so `stop` reads on instead.
      this.#shutdown(id, SHUTDOWN_READ, code)
      return { aborted: code }
    }
  }

  abandonWriting(id: number, code: number): void {
    this.#shutdown(id, SHUTDOWN_WRITE, code)
  }

  override release(stream: SessionStream): void {
    super.release(stream)
    if (this.#lastRead === stream.id) this.#lastRead = undefined
  }

  wake(): void {
    this.#connection.wake()
  }

  protected streamsLeft(kind: StreamKind): number {
    if (this.hasEnded) return 0
    return kind === 'bidi' ? this.#quiche.peerStreamsLeftBidi() : this.#quiche.peerStreamsLeftUni()
  }

  protected begin(id: number): void {
    this.#quiche.streamSend(id, NOTHING, false)
  }

  protected readable(): Iterable<number> {
    return this.#quiche.isReadable() ? this.#readable() : NONE
  }

  protected writable(): Iterable<number> {
    return this.#quiche.writable()
  }

  protected readDatagrams(take: (bytes: Uint8Array) => void): void {
    for (;;) {
      const bytes = this.#quiche.dgramRecvVec()
      if (bytes === null) return
      take(bytes)
    }
  }

  protected fail(cause: unknown): void {
    const reason = 'a handler failed'
    const info: CloseInfo = { by: 'failure', code: HANDLER_FAILED, reason, cause }
    this.#connection.close(HANDLER_FAILED, reason, info)
  }

  /**
   * Bulk flows on the stream it flowed on last, and asking quiche for its list costs as much as
   * reading.
   */
  *#readable(): Iterable<number> {
    if (this.#lastRead !== undefined) {
      yield this.#lastRead
      if (!this.#quiche.isReadable()) return
    }
    yield* this.#quiche.readable()
  }

  #shutdown(id: number, direction: 0 | 1, code: number): void {
    if (this.hasEnded) return
    try {
      this.#quiche.streamShutdown(id, direction, code)
    } catch {
      // That direction is over.
    }
    this.wake()
  }
}
