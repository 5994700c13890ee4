// A connection to one peer: a process that owns a session and its control stream and stands between
// the wire and everybody else. What its owner gets is verified; what a slow peer does not take is
// dropped here; a peer that falls silent is given up. What is said, and when, is in
// conversation.ts.
//
//   startLink(new PeerConnection({ keys, session, owner, capabilities: CAPABILITY_STATION }))
//   // the owner gets { type: 'connected', … }, { type: 'frame', … } and a Down: connectionEndOf
//   sendFrame(connection, subscribe)
//
// It ends with its session, with a GOODBYE of either side, with its owner, or at the first bad
// frame, behind which nothing tells where the next one starts.
import {
  type Call,
  type CallResult,
  call,
  cast,
  GenServer,
  type InitResult,
  type Result,
  type ServerPid,
} from '../behaviours/gen-server.ts'
import type { KeyPair, NodeId } from '../identity/key-pair.ts'
import type { Encodable } from '../identity/value.ts'
import {
  FRAME_BYTES_MAX,
  GOODBYE_DRAIN_MS,
  HANDSHAKE_FRAME_BYTES_MAX,
  HANDSHAKE_ITEMS_MAX,
  HANDSHAKE_TIMEOUT_MS,
  OWNER_MESSAGES_WAITING_MAX,
  READ_PAUSE_MS,
  READ_SLICE_MS,
} from '../limits.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import type { Pid } from '../runtime/pid.ts'
import { isAlive, processInfo, send } from '../runtime/process.ts'
import { secureRandomBytes } from '../runtime/random.ts'
import { Down, monitor, onExit, trapExit } from '../runtime/signal.ts'
import { sendAfter } from '../runtime/timer.ts'
import {
  type ConnectionEndReason,
  connectionEnd,
  connectionEndOf,
  goodbyeReasonOf,
} from './connection-end.ts'
import { Conversation, type ConversationEffect, type PeerFrame } from './conversation.ts'
import { type FrameCounters, FrameStream } from './frame-stream.ts'
import { type Stamp, stampAt } from './frames/fields.ts'
import type { Frame } from './frames/frame-type.ts'
import { CAPABILITY_STATION, type Peer, type PuzzlePolicy } from './handshake.ts'
import type { FrameRefusalReason, InboundRates } from './inbound-guard.ts'
import {
  countInterval,
  HEARD,
  LIVENESS_LAN,
  type Liveness,
  type LivenessState,
} from './liveness.ts'
import type { OutboundBounds } from './outbound-queue.ts'
import { TokenBucket } from './token-bucket.ts'
import type { CloseInfo, Session, Stream } from './transport.ts'

interface OfConnection {
  readonly connection: PeerConnectionPid
  readonly peer: NodeId
}

/** What a connection tells its owner; a `frame` is verified, see inbound-guard.ts. */
export type ConnectionMessage =
  | (OfConnection & { readonly type: 'connected'; readonly isStation: boolean })
  | (OfConnection & { readonly type: 'frame'; readonly frame: PeerFrame })
  | (OfConnection & { readonly type: 'frame_refused'; readonly reason: FrameRefusalReason })

export interface PeerConnectionOptions {
  readonly keys: KeyPair
  readonly session: Session
  readonly owner: Pid<ConnectionMessage>
  readonly clock?: Clock
  /** Default 0; a station says `CAPABILITY_STATION`. */
  readonly capabilities?: number
  /** Accepting side: default `off`. */
  readonly puzzlePolicy?: PuzzlePolicy
  /** Milliseconds until the handshake has failed; default `HANDSHAKE_TIMEOUT_MS`. */
  readonly handshakeTimeoutMs?: number
  /** Default `LIVENESS_LAN`. */
  readonly liveness?: Liveness
  readonly rates?: InboundRates
  /** Bytes of a frame after the handshake; default `FRAME_BYTES_MAX`. */
  readonly frameBytesMax?: number
  readonly outbound?: OutboundBounds
}

/** What is known of a connection, for a person who looks. */
export interface ConnectionInfo extends FrameCounters {
  readonly peer: NodeId
  readonly direction: 'inbound' | 'outbound'
  readonly isEstablished: boolean
  readonly rttMs: number | undefined
  /** Frames that wait for the peer. */
  readonly queuedFrames: number
  readonly refused: Readonly<Partial<Record<FrameRefusalReason, number>>>
}

export type PeerConnectionCall = Call<'info', object, ConnectionInfo>
export type PeerConnectionCast =
  | { readonly type: 'send'; readonly frame: Frame<Encodable> }
  | { readonly type: 'send_event'; readonly wire: Uint8Array }
  | { readonly type: 'disconnect'; readonly reason: string }
export type PeerConnectionPid = ServerPid<PeerConnectionCall, PeerConnectionCast>

/** Signs a frame and sends it; not for EVENT and PUBLISH, see `sendEvent`. */
export function sendFrame(connection: PeerConnectionPid, frame: Frame<Encodable>): void {
  cast(connection, { type: 'send', frame })
}

/** Sends an EVENT or PUBLISH that is signed already: the same bytes serve many connections. */
export function sendEvent(connection: PeerConnectionPid, wire: Uint8Array): void {
  cast(connection, { type: 'send_event', wire })
}

/** Says GOODBYE with a reason and ends. */
export function disconnect(connection: PeerConnectionPid, reason: string): void {
  cast(connection, { type: 'disconnect', reason })
}

export function connectionInfo(connection: PeerConnectionPid): Promise<ConnectionInfo> {
  return call(connection, { type: 'info' })
}

/** What the transport's callbacks put into our mailbox. */
class Told {
  readonly stream: Stream | undefined
  readonly closed: CloseInfo | undefined

  constructor({ stream, closed }: { stream?: Stream; closed?: CloseInfo }) {
    this.stream = stream
    this.closed = closed
  }
}

// What a connection tells itself.
const READABLE: unique symbol = Symbol('readable')
const INTERVAL_ENDED: unique symbol = Symbol('interval ended')
const HANDSHAKE_EXPIRED: unique symbol = Symbol('handshake expired')
const STREAM_CLOSED: unique symbol = Symbol('stream closed')

/** Application code with which we end streams and sessions (Macula protocol, section 3). */
const CLOSED = 0
const PING_NONCE_BYTES = 16
const NEXT: { readonly state: undefined } = { state: undefined }
const TOO_SLOW: ConnectionEndReason = connectionEnd('too_slow', 'it takes no frames')
const NO_FRAMES: FrameCounters = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0 }

export class PeerConnection extends GenServer<undefined, PeerConnectionCall, PeerConnectionCast> {
  readonly #options: PeerConnectionOptions
  readonly #session: Session
  readonly #clock: Clock
  readonly #livenessBounds: Liveness
  readonly #conversation: Conversation
  readonly #bytes: TokenBucket | undefined
  readonly #refused: Partial<Record<FrameRefusalReason, number>> = {}
  #frames: FrameStream | undefined
  #liveness: LivenessState = HEARD
  #chargedBytes = 0
  /** The session has ended; frames that came before are still read. */
  #closeInfo: CloseInfo | undefined

  constructor(options: PeerConnectionOptions) {
    super()
    const { keys, session, clock = systemClock, rates = {} } = options
    this.#options = options
    this.#session = session
    this.#clock = clock
    this.#livenessBounds = options.liveness ?? LIVENESS_LAN
    this.#bytes = rates.bytes && new TokenBucket(rates.bytes, clock.now())
    this.#conversation = new Conversation({
      keys,
      peer: session.peer,
      role: session.direction === 'outbound' ? 'dialler' : 'acceptor',
      capabilities: options.capabilities ?? 0,
      puzzlePolicy: options.puzzlePolicy ?? 'off',
      rates,
      stamp: () => this.#stamp(),
    })
  }

  init(): InitResult<undefined> {
    const session = this.#session
    trapExit()
    monitor(this.#options.owner)
    onExit(this.self, () => session.close(CLOSED, 'closed'))
    void session.closed.then((closed) => this.#tell(new Told({ closed })))
    session.onStream = (stream) => this.#tell(new Told({ stream }))
    if (session.direction === 'outbound') {
      session.open('bidi').then(
        (stream) => this.#tell(new Told({ stream })),
        () => {}, // the session has ended, or the handshake will time out
      )
    }
    const { handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = this.#options
    sendAfter<unknown>(this.self, HANDSHAKE_EXPIRED, handshakeTimeoutMs)
    return NEXT
  }

  override handleCall(): CallResult<undefined, ConnectionInfo> {
    return { reply: this.#info(), state: undefined }
  }

  override handleCast(request: PeerConnectionCast): Result<undefined> {
    if (request.type === 'disconnect') return stopFor(connectionEnd('disconnected', request.reason))
    // Before that nobody knows of us.
    if (!this.#conversation.isEstablished) return NEXT
    if (request.type === 'send') return stopFor(this.#send(request.frame))
    this.#frames?.sendEvent(request.wire)
    return NEXT
  }

  override handleInfo(message: unknown): Result<undefined> {
    if (message === READABLE) return this.#read()
    if (message === INTERVAL_ENDED) return stopFor(this.#intervalEnded())
    if (message === HANDSHAKE_EXPIRED) {
      return stopFor(this.#perform(this.#conversation.expire(this.#clock.now())))
    }
    if (message === STREAM_CLOSED) {
      return stopFor(connectionEnd('protocol_error', 'the control stream was closed'))
    }
    if (message instanceof Down) return stopFor(connectionEnd('owner_down', ''))
    if (!(message instanceof Told)) return NEXT
    if (message.stream !== undefined) return stopFor(this.#streamOpened(message.stream))
    this.#closeInfo = message.closed
    return this.#read()
  }

  override terminate(reason: ExitReason): Promise<void> | undefined {
    const end = connectionEndOf(reason)
    const hasNobody = this.#frames === undefined || this.#closeInfo !== undefined
    if (hasNobody || end.cause === 'goodbye' || end.cause === 'crashed') return undefined
    if (this.#conversation.isEstablished) {
      const said = goodbyeReasonOf(end, this.#options.capabilities === CAPABILITY_STATION)
      this.#send({ type: 'goodbye', ...this.#stamp(), reason: said, detail: null })
    }
    // A session that closes drops what it has not sent: the peer closes it when it has read
    // everything.
    return new Promise((resolve) => {
      const timer = this.#clock.timer(GOODBYE_DRAIN_MS, resolve)
      void this.#session.closed.then(() => timer.cancel()).then(resolve)
    })
  }

  /** The first bidirectional stream of the dialler carries the conversation; we serve no others. */
  #streamOpened(stream: Stream): ConnectionEndReason | undefined {
    const isDiallers = (stream.opener === 'local') === (this.#session.direction === 'outbound')
    if (this.#frames !== undefined || stream.kind !== 'bidi' || !isDiallers) {
      stream.stop(CLOSED)
      if (stream.kind === 'bidi') stream.reset(CLOSED)
      return undefined
    }
    this.#frames = new FrameStream(stream, {
      onReadable: () => this.#tell(READABLE),
      onClosed: () => this.#tell(STREAM_CLOSED),
      inbound: { bytesMax: HANDSHAKE_FRAME_BYTES_MAX, itemsMax: HANDSHAKE_ITEMS_MAX },
      outbound: this.#options.outbound ?? {},
    })
    return this.#perform(this.#conversation.begin(this.#clock.now()))
  }

  /** Takes the frames that have arrived, for a slice of time. */
  #read(): Result<undefined> {
    const frames = this.#frames
    if (frames === undefined) return stopFor(this.#sessionEnd())
    const sliceEndMs = this.#clock.now() + READ_SLICE_MS
    for (;;) {
      const pauseMs = this.#pauseMs(frames)
      if (pauseMs > 0) return this.#readLater(pauseMs)
      const fields = frames.next()
      if (fields === undefined) break
      this.#liveness = HEARD
      const end = this.#perform(this.#conversation.receive(fields, this.#clock.now()))
      if (end !== undefined) return stopFor(end)
      if (this.#clock.now() >= sliceEndMs) return this.#readLater(1)
    }
    const { failure } = frames
    if (failure === undefined) return stopFor(this.#sessionEnd())
    this.#refuse(failure.code)
    return stopFor(connectionEnd('protocol_error', `${failure.code}: ${failure.message}`))
  }

  #readLater(delayMs: number): Result<undefined> {
    sendAfter<unknown>(this.self, READABLE, delayMs)
    return NEXT
  }

  /** Milliseconds not to read: the peer sends faster than it may, or than its frames are taken. */
  #pauseMs({ counters: { bytesIn } }: FrameStream): number {
    const arrived = bytesIn - this.#chargedBytes
    this.#chargedBytes = bytesIn
    const debtMs = this.#bytes?.spend(arrived, this.#clock.now()) ?? 0
    const isOwnerBusy = processInfo(this.#options.owner).mailboxLength > OWNER_MESSAGES_WAITING_MAX
    return isOwnerBusy ? Math.max(debtMs, READ_PAUSE_MS) : debtMs
  }

  /** Carries out effects, in order; the end, if one of them is it. */
  #perform(effects: readonly ConversationEffect[]): ConnectionEndReason | undefined {
    const { owner } = this.#options
    const { peer } = this.#session
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          if (this.#frames?.sendControl(effect.wire) === false) return TOO_SLOW
          break
        case 'connected':
          this.#connected(effect.peer)
          break
        case 'frame':
          send(owner, { type: 'frame', connection: this.self, peer, frame: effect.frame })
          break
        case 'refused':
          this.#refuse(effect.reason)
          break
        case 'warn':
          log(() => ({ level: 'warning', event: effect.what, pid: this.self, peer }))
          break
        case 'end':
          return effect.end
      }
    }
    return undefined
  }

  #connected({ isStation }: Peer): void {
    const { owner, frameBytesMax = FRAME_BYTES_MAX } = this.#options
    this.#frames?.setInboundBounds({ bytesMax: frameBytesMax })
    sendAfter<unknown>(this.self, INTERVAL_ENDED, this.#livenessBounds.intervalMs)
    send(owner, { type: 'connected', connection: this.self, peer: this.#session.peer, isStation })
  }

  /** Counts a frame that reaches nobody. */
  #refuse(reason: FrameRefusalReason): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
    const { peer } = this.#session
    send(this.#options.owner, { type: 'frame_refused', connection: this.self, peer, reason })
  }

  #intervalEnded(): ConnectionEndReason | undefined {
    // What waits unread may be the sign of life; that it is unread is our fault.
    if (this.#frames?.isReadable === true) this.#liveness = HEARD
    const { state, verdict } = countInterval(this.#liveness, this.#livenessBounds)
    this.#liveness = state
    if (verdict === 'lost') return connectionEnd('liveness_lost', '')
    sendAfter<unknown>(this.self, INTERVAL_ENDED, this.#livenessBounds.intervalMs)
    if (verdict === 'alive') return undefined
    return this.#send({
      type: 'ping',
      ...this.#stamp(),
      nonce: secureRandomBytes(PING_NONCE_BYTES),
    })
  }

  #send(frame: Frame<Encodable>): ConnectionEndReason | undefined {
    const isQueued = this.#frames?.sendControl(this.#conversation.wireOf(frame))
    return isQueued === false ? TOO_SLOW : undefined
  }

  #sessionEnd(): ConnectionEndReason | undefined {
    if (this.#closeInfo === undefined) return undefined
    const { by, reason } = this.#closeInfo
    return connectionEnd('session_closed', `${by} ${reason}`.trim())
  }

  #stamp(): Stamp {
    return stampAt(this.#clock.wallNow(), secureRandomBytes)
  }

  /** From the transport's callbacks to our mailbox. */
  #tell(message: unknown): void {
    if (isAlive(this.self)) send(this.self, message)
  }

  #info(): ConnectionInfo {
    const { peer, direction } = this.#session
    return {
      ...(this.#frames?.counters ?? NO_FRAMES),
      peer,
      direction,
      isEstablished: this.#conversation.isEstablished,
      rttMs: this.#session.rttMs(),
      queuedFrames: this.#frames?.queuedFrames ?? 0,
      refused: { ...this.#refused },
    }
  }
}

function stopFor(end: ConnectionEndReason | undefined): Result<undefined> {
  return end === undefined ? NEXT : { stop: end, state: undefined }
}
