// The process of a station: accepts the sessions that nodes open, keeps one connection for each
// identity, and passes what one publishes on to all that subscribed (Macula protocol, sections 4
// and 8). Each EVENT is encoded and signed once; its subscribers' connections queue the same bytes,
// and a slow one drops only its own.
//
// When not to use it: to start a station. See station.ts.
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type ReplyOf,
  type Result,
  type ServerPid,
  type ServerRef,
} from '../../behaviours/gen-server.ts'
import type { KeyPair, NodeId } from '../../identity/key-pair.ts'
import {
  PUBLISH_BYTES_BURST,
  PUBLISH_BYTES_PER_SECOND,
  PUBLISHES_BURST,
  PUBLISHES_PER_SECOND,
  STATION_CONNECTIONS_MAX,
  STATION_FRAME_BYTES_MAX,
  STATION_HANDSHAKE_TIMEOUT_MS,
  STATION_HANDSHAKES_MAX,
} from '../../limits.ts'
import { startConnection } from '../../mesh/connection-tree.ts'
import { signFrame } from '../../mesh/frame-signature.ts'
import { stampAt } from '../../mesh/frames/fields.ts'
import { fieldsOf } from '../../mesh/frames/frame-type.ts'
import type { Publish } from '../../mesh/frames/publish.ts'
import { CAPABILITY_STATION, type PuzzlePolicy } from '../../mesh/handshake.ts'
import type { FrameRefusalReason, InboundRates } from '../../mesh/inbound-guard.ts'
import { LIVENESS_STATION, type Liveness } from '../../mesh/liveness.ts'
import type { OutboundBounds } from '../../mesh/outbound-queue.ts'
import {
  type ConnectionMessage,
  disconnect,
  type PeerConnectionPid,
  sendEvent,
} from '../../mesh/peer-connection.ts'
import type { Session, Transport } from '../../mesh/transport.ts'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { log } from '../../runtime/logger.ts'
import type { Pid } from '../../runtime/pid.ts'
import { isAlive, send } from '../../runtime/process.ts'
import { secureRandomBytes } from '../../runtime/random.ts'
import { Down, monitor } from '../../runtime/signal.ts'
import type { DynamicSupervisorPid } from '../../supervisors/dynamic-supervisor.ts'
import { FanOut, type FanOutBounds, type FanOutRefusalReason } from './fan-out.ts'

export interface StationServerOptions extends FanOutBounds {
  readonly keys: KeyPair
  readonly transport: Transport
  readonly clock?: Clock
  /**
   * What to do about keys that are not hardened; default `enforce`, stricter than the protocol's
   * `off`: every key that Arbor makes is hardened, and a thousand identities should cost more than
   * a loop.
   */
  readonly puzzle?: PuzzlePolicy
  /** Connections, unfinished handshakes included; default `STATION_CONNECTIONS_MAX`. */
  readonly connectionsMax?: number
  /** Unfinished handshakes; default `STATION_HANDSHAKES_MAX`. */
  readonly handshakesMax?: number
  /** Default `STATION_HANDSHAKE_TIMEOUT_MS`. */
  readonly handshakeTimeoutMs?: number
  /** What one connection may send; default 500 publishes a second. */
  readonly rates?: InboundRates
  /** What may wait for one connection. */
  readonly outbound?: OutboundBounds
  /** Default `LIVENESS_STATION`. */
  readonly liveness?: Liveness
}

/** Why something a peer did came to nothing; stable names, for counting. */
export type StationRefusalReason =
  | FrameRefusalReason
  | FanOutRefusalReason
  | 'too_many_connections'
  | 'too_many_handshakes'

/** What a station has done, for a person who looks. */
export interface StationInfo {
  readonly nodeId: NodeId
  /** Nodes connected. */
  readonly connections: number
  /** Unfinished handshakes. */
  readonly handshakes: number
  readonly topics: number
  readonly subscriptions: number
  /** Publishes that were taken. */
  readonly published: number
  /** Events handed to connections. */
  readonly events: number
  /** Connections that a newer one of the same identity ended. */
  readonly replaced: number
  readonly refused: Readonly<Partial<Record<StationRefusalReason, number>>>
}

export type StationCall =
  | Call<'info', object, StationInfo>
  | Call<'connections', object, readonly PeerConnectionPid[]>
export type StationPid = ServerPid<StationCall>
export type StationRef = ServerRef<StationCall>

export function stationInfo(station: StationRef): Promise<StationInfo> {
  return call(station, { type: 'info' })
}

/** The nodes that are connected, for `connectionInfo`. */
export function stationConnections(station: StationRef): Promise<readonly PeerConnectionPid[]> {
  return call(station, { type: 'connections' })
}

/** A node that finished its handshake, or a session that did not yet. */
interface Connection {
  readonly pid: PeerConnectionPid
  /** Once the handshake is done. */
  peer: NodeId | undefined
}

/** A node has opened a session. */
class SessionOpened {
  readonly session: Session

  constructor(session: Session) {
    this.session = session
  }
}

const NEXT: { readonly state: undefined } = { state: undefined }

const RATES: InboundRates = {
  events: { perSecond: PUBLISHES_PER_SECOND, burst: PUBLISHES_BURST },
  bytes: { perSecond: PUBLISH_BYTES_PER_SECOND, burst: PUBLISH_BYTES_BURST },
}

export class StationServer extends GenServer<undefined, StationCall> {
  readonly #options: StationServerOptions
  readonly #clock: Clock
  readonly #supervisor: DynamicSupervisorPid
  readonly #fanOut: FanOut<PeerConnectionPid>
  readonly #connections: Map<Pid, Connection> = new Map()
  readonly #byPeer: Map<NodeId, PeerConnectionPid> = new Map()
  readonly #refused: Partial<Record<StationRefusalReason, number>> = {}
  #published = 0
  #events = 0
  #replaced = 0

  constructor(options: StationServerOptions, connections: DynamicSupervisorPid) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#supervisor = connections
    this.#fanOut = new FanOut(options)
  }

  init(): InitResult<undefined> {
    this.#options.transport.onSession((session) => {
      if (isAlive(this.self)) send(this.self, new SessionOpened(session))
      else session.close(0, 'closed')
    })
    return NEXT
  }

  override handleCall(
    request: StationCall,
    _from: From<unknown>,
  ): CallResult<undefined, ReplyOf<StationCall>> {
    if (request.type === 'info') return { reply: this.#info(), state: undefined }
    return { reply: [...this.#byPeer.values()], state: undefined }
  }

  override handleInfo(message: unknown): MaybePromise<Result<undefined>> {
    if (message instanceof SessionOpened) return this.#accept(message.session)
    if (message instanceof Down) this.#ended(message.pid)
    else if (isConnectionMessage(message)) this.#connectionSays(message)
    return NEXT
  }

  /**
   * Until the connection is started we take no message: its first one comes after its pid is
   * known.
   */
  #accept(session: Session): MaybePromise<Result<undefined>> {
    const { connectionsMax = STATION_CONNECTIONS_MAX, handshakesMax = STATION_HANDSHAKES_MAX } =
      this.#options
    const isFull = this.#connections.size >= connectionsMax
    if (isFull || this.#handshakeCount >= handshakesMax) {
      const reason = isFull ? 'too_many_connections' : 'too_many_handshakes'
      this.#refuse(reason)
      session.close(0, reason)
      return NEXT
    }
    return this.#start(session)
  }

  async #start(session: Session): Promise<Result<undefined>> {
    const { keys, puzzle = 'enforce', rates = RATES, liveness = LIVENESS_STATION } = this.#options
    const { outbound = {}, handshakeTimeoutMs = STATION_HANDSHAKE_TIMEOUT_MS } = this.#options
    const options = {
      keys,
      session,
      owner: this.self,
      clock: this.#clock,
      capabilities: CAPABILITY_STATION,
      puzzlePolicy: puzzle,
      rates,
      liveness,
      outbound,
      frameBytesMax: STATION_FRAME_BYTES_MAX,
      handshakeTimeoutMs,
    }
    try {
      const pid = await startConnection(this.#supervisor, options)
      this.#connections.set(pid, { pid, peer: undefined })
      monitor(pid, this.self)
    } catch (error) {
      log(() => ({ level: 'error', event: 'connection_not_started', pid: this.self, error }))
    }
    return NEXT
  }

  #connectionSays(message: ConnectionMessage): void {
    const connection = this.#connections.get(message.connection)
    // A connection that was replaced may still have said something before it heard of it.
    if (connection === undefined) return
    if (message.type === 'connected') this.#connected(connection, message.peer)
    else if (message.type === 'frame_refused') this.#refuse(message.reason)
    else this.#receive(connection, message)
  }

  /** One connection for each identity: the newer ends the older (section 4). */
  #connected(connection: Connection, peer: NodeId): void {
    const older = this.#byPeer.get(peer)
    connection.peer = peer
    this.#byPeer.set(peer, connection.pid)
    if (older === undefined) return
    this.#replaced++
    this.#forget(older)
    disconnect(older, 'replaced_by_newer_handshake')
  }

  #receive({ pid, peer }: Connection, { frame }: ConnectionMessage & { type: 'frame' }): void {
    if (peer === undefined) return
    switch (frame.type) {
      case 'subscribe': {
        const refused = this.#fanOut.subscribe(pid, frame.realm, frame.topic)
        if (refused !== undefined) this.#refuse(refused)
        break
      }
      case 'unsubscribe':
        this.#fanOut.unsubscribe(pid, frame.realm, frame.topic)
        break
      case 'publish':
        this.#publish(peer, frame)
        break
      case 'event':
        // Other stations send events; we do not subscribe to any.
        this.#refuse('unexpected_frame')
    }
  }

  #publish(peer: NodeId, frame: Publish): void {
    const decision = this.#fanOut.publish(peer, frame, this.#clock.now())
    if ('refused' in decision) {
      this.#refuse(decision.refused)
      return
    }
    this.#published++
    const { receivers } = decision
    if (receivers.size === 0) return
    const wire = this.#eventOf(frame)
    this.#events += receivers.size
    for (const receiver of receivers) sendEvent(receiver, wire)
  }

  #eventOf({ topic, realm, publisher, seq, payload, publisherSig }: Publish): Uint8Array {
    const stamp = stampAt(this.#clock.wallNow(), secureRandomBytes)
    const event = { type: 'event' as const, ...stamp, topic, realm, publisher, seq, payload }
    const signed = publisherSig === undefined ? {} : { publisherSig }
    return signFrame(fieldsOf({ ...event, deliveredVia: 'direct', ...signed }), this.#options.keys)
  }

  #ended(pid: Pid): void {
    const connection = this.#connections.get(pid)
    if (connection !== undefined) this.#forget(connection.pid)
  }

  #forget(pid: PeerConnectionPid): void {
    const peer = this.#connections.get(pid)?.peer
    this.#connections.delete(pid)
    this.#fanOut.forget(pid)
    if (peer !== undefined && this.#byPeer.get(peer) === pid) this.#byPeer.delete(peer)
  }

  #refuse(reason: StationRefusalReason): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
  }

  get #handshakeCount(): number {
    return this.#connections.size - this.#byPeer.size
  }

  #info(): StationInfo {
    return {
      nodeId: this.#options.keys.nodeId,
      connections: this.#byPeer.size,
      handshakes: this.#handshakeCount,
      topics: this.#fanOut.topicCount,
      subscriptions: this.#fanOut.subscriptionCount,
      published: this.#published,
      events: this.#events,
      replaced: this.#replaced,
      refused: { ...this.#refused },
    }
  }
}

function isConnectionMessage(message: unknown): message is ConnectionMessage {
  return typeof message === 'object' && message !== null && 'connection' in message
}
