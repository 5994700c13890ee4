// What carries bytes between two nodes: the seam under the mesh. A transport dials and accepts
// sessions; a session is a conversation with one peer whose id the transport has proved; a stream
// is an ordered, reliable sequence of bytes inside it.
//
//   transport.onSession((session) => { session.onStream = serve })
//   const here = await transport.listen({ host: '127.0.0.1', port: 0 })
//   const session = await transport.dial(there, { expect: peerId })
//   const stream = await session.open('bidi')
//   stream.onData = (bytes) => { … }
//   stream.write(request, true)
//
// Implementations: quic-transport.ts (the network) and memory-transport.ts (the simulator); one
// contract test holds both to what is written here. This layer knows no frames: those are of
// frame.ts.
import type { NodeId } from '../identity/key-pair.ts'
import { ArborError, type Attempt } from '../runtime/arbor-error.ts'

/** An IP address and a UDP port. */
export interface Addr {
  /** An IP literal, IPv6 without brackets. Names are resolved before a transport sees them. */
  readonly host: string
  readonly port: number
}

/** Whom a dial looks for, and how long. */
export interface DialOptions {
  /** The only peer to accept; `'anyone'` when its id is what we want to learn. */
  readonly expect: NodeId | 'anyone'
  /** Milliseconds until the dial fails; default `DIAL_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** One node's end of the network: one socket that both listens and dials. */
export interface Transport {
  /** Who we are to every peer. */
  readonly nodeId: NodeId

  /**
   * Starts accepting sessions. Port 0 takes any free port.
   * @returns the address that was bound
   * @throws TransportError `bad_address`, `address_in_use`, `already_listening`, `closed`
   */
  listen(addr: Addr): Promise<Addr>

  /**
   * Opens a session to the peer at an address. Nothing a hostile address contains harms us.
   * @throws TransportError `bad_address`, `dial_timeout`, `dial_refused`, `wrong_identity`,
   *   `aborted`, `closed`
   */
  dial(addr: Addr, options: DialOptions): Promise<Session>

  /**
   * Says who takes the sessions peers open; set it before `listen`. A session appears only once its
   * peer's id is proved. Without a handler they are closed again.
   */
  onSession(handler: (session: Session) => void): void

  /**
   * Closes every session with this code and reason, then frees the socket. Later calls wait for the
   * first one.
   */
  close(code?: number, reason?: string): Promise<void>
}

/** How a session ended. */
export interface CloseInfo {
  /**
   * `local`: we closed it. `remote`: the peer did. `timeout`: nothing was heard for
   * `IDLE_TIMEOUT_MS`, or the peer has restarted and knows the session no longer. `failure`: either
   * side broke the protocol, or a handler of ours threw.
   */
  readonly by: 'local' | 'remote' | 'timeout' | 'failure'
  /** The closer's code for `local` and `remote`; of the transport's own for the others. */
  readonly code: number
  readonly reason: string
  /** What a handler of ours threw. */
  readonly cause?: unknown
}

/** Which ends of a stream may write. */
export type StreamKind = 'bidi' | 'uni'

/** Bounds on waiting for a stream. */
export interface OpenOptions {
  /** Milliseconds to wait for the peer's leave; default `STREAM_CREDIT_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A conversation with one proven peer. */
export interface Session {
  /** Proved by the transport, not claimed by the peer. */
  readonly peer: NodeId
  /** Where the peer was when the session opened; IPv4 is never written as `::ffff:…`. */
  readonly remote: Addr
  readonly direction: 'inbound' | 'outbound'
  readonly via: 'quic' | 'relay' | 'tls' | 'memory'

  /** The smoothed round-trip time, once measured. */
  rttMs(): number | undefined

  /**
   * Opens a stream. Of each kind we have `STREAMS_OPEN_MAX` open at a time, and fewer where the
   * peer allows fewer; beyond that this waits until one has ended. The peer hears of a stream with
   * its first byte.
   * @throws TransportError `no_stream_credit`, `aborted`, `closed`
   */
  open(kind: StreamKind, options?: OpenOptions): Promise<Stream>

  /**
   * Takes the streams the peer opens. Until it is set they wait, unread, so nothing is lost however
   * late it is set.
   */
  onStream: ((stream: Stream) => void) | undefined

  /** Sends a message that may be lost, doubled never; false when it was dropped here. */
  datagram(bytes: Uint8Array): boolean
  /** Takes the peer's datagrams; those that arrive before it is set are dropped but for a few. */
  onDatagram: ((bytes: Uint8Array) => void) | undefined
  /** The longest datagram that fits now, bytes; 0 when the peer takes none. */
  readonly maxDatagram: number

  /**
   * Ends the session and all its streams at once; what was not sent yet is dropped. The peer learns
   * code and reason (cut to `CLOSE_REASON_BYTES_MAX`). A second call does nothing.
   */
  close(code: number, reason?: string): void

  /** Settles exactly once when the session has ended, whoever ended it; never rejects. */
  readonly closed: Promise<CloseInfo>
}

/**
 * An ordered sequence of bytes each way (`bidi`) or from the opener (`uni`).
 *
 * The end of what we write travels only with bytes: `write(bytes, true)`. There is no bare end,
 * because quiche can lose one. A protocol on streams therefore knows its last frame when it writes
 * it; one that does not (a control stream) never ends its streams but closes the session, or calls
 * `reset`.
 */
export interface Stream {
  readonly id: number
  readonly kind: StreamKind
  /** Who opened it. */
  readonly opener: 'local' | 'remote'

  /**
   * Queues bytes for the peer; they are ours from now on, do not change them. Writing to a stream
   * that is no longer open (the peer stopped it, the session closed) drops them: `onStop` or
   * `onClose` told.
   * @param last nothing follows; then `bytes` must not be empty
   * @returns false when a queue has formed: go on after `onDrain`
   * @throws TransportError `empty_last_write`, `write_after_end`, `not_writable`, and
   *   `send_queue_full` when
   *   more than `STREAM_SEND_QUEUE_BYTES_MAX` would wait because `false` was ignored
   */
  write(bytes: Uint8Array, last?: boolean): boolean
  /** Bytes that wait here because the peer or the network takes no more now. */
  readonly queuedBytes: number
  /** The queue is empty again; after the last write too. */
  onDrain: (() => void) | undefined

  /**
   * Takes the peer's bytes, which are the receiver's to keep. Nothing is read before it is set: set
   * the other handlers first, or in the same turn.
   */
  onData: ((bytes: Uint8Array) => void) | undefined
  /** The peer's last byte was delivered. */
  onEnd: (() => void) | undefined
  /** The peer gave up writing, with a code of its protocol; what was not delivered is lost. */
  onReset: ((code: number) => void) | undefined
  /** The peer wants no more of what we write, with a code of its protocol: it may tell, not must. */
  onStop: ((code: number) => void) | undefined
  /**
   * Nothing will follow: both directions have ended, or the session has. Fires exactly once, last.
   */
  onClose: (() => void) | undefined

  /**
   * Stops reading: no `onData` from this moment on; the peer is held back once its window is full.
   */
  pause(): void
  /** Reads again; bytes that wait come after this call has returned. */
  resume(): void
  /**
   * Gives up writing; what is queued is dropped. An end reaches the peer whatever is lost on the
   * way, a reset may not (quiche 0.18 forgets one that is lost after the data before it was
   * acknowledged): whoever waits for a peer that may reset bounds the wait.
   */
  reset(code: number): void
  /**
   * Gives up reading: what still comes is dropped. Whether the peer learns of it is up to the
   * carrier, and today's tell nobody (quiche 0.18 then keeps streams for ever): a peer that must
   * know is told by `reset` or by your protocol.
   */
  stop(code: number): void
}

/** Why a call of the transport failed; stable. */
export type TransportErrorCode =
  | 'aborted'
  | 'address_in_use'
  | 'already_listening'
  | 'bad_address'
  | 'closed'
  | 'dial_refused'
  | 'dial_timeout'
  | 'empty_last_write'
  | 'no_stream_credit'
  | 'not_writable'
  | 'quic_unavailable'
  | 'send_queue_full'
  | 'write_after_end'
  | 'wrong_identity'

/** A failed call of the transport; `attempt` says which and on what. */
export class TransportError extends ArborError {
  override readonly name = 'TransportError'
  declare readonly code: TransportErrorCode

  constructor(
    code: TransportErrorCode,
    attempt: Attempt,
    message: string,
    advice: string,
    cause?: unknown,
  ) {
    super(code, message, advice, attempt, cause)
  }
}
