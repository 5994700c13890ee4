// Keeps a connection to each station a node is told of: dials, dials again after a while when it
// fails or ends, and tells whoever asked what goes up, comes in and goes down.
//
//   peersSpec({ keys, transport, stations: [{ addr }], subscribers: ['pubsub'], name: 'peers' })
//
// A subscriber hears `peer_up` before any frame of that connection, and `peer_down` after the last.
// A station that is never reached is dialled for ever, ever more seldom; `peerInfo` says why it
// fails.
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type Result,
  type ServerPid,
  type ServerRef,
  startLink,
} from '../behaviours/gen-server.ts'
import type { KeyPair, NodeId } from '../identity/key-pair.ts'
import { BACK_OFF_RESET_MS } from '../limits.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import type { Destination, Name, Pid } from '../runtime/pid.ts'
import { isAlive, send } from '../runtime/process.ts'
import { type Random, secureRandomBytes, seededRandom } from '../runtime/random.ts'
import { whereis } from '../runtime/registry.ts'
import { Down, monitor } from '../runtime/signal.ts'
import { sendAfter } from '../runtime/timer.ts'
import type { ChildSpec } from '../supervisors/child-spec.ts'
import type { DynamicSupervisorPid } from '../supervisors/dynamic-supervisor.ts'
import type { SupervisorPid } from '../supervisors/supervisor.ts'
import { resolveAddr } from './address.ts'
import { BACK_OFF_LAN, type BackOff, backOffMs } from './back-off.ts'
import { type ConnectionEnd, connectionEndOf, formatConnectionEnd } from './connection-end.ts'
import { startConnection, startConnectionTree } from './connection-tree.ts'
import { LIVENESS_LAN, type Liveness } from './liveness.ts'
import type { ConnectionMessage, PeerConnectionPid } from './peer-connection.ts'
import type { Addr, Session, Transport } from './transport.ts'

export interface StationAddress {
  /** The host may be a name; it is looked up at each dial. */
  readonly addr: Addr
  /** The only identity to accept; without it whoever answers there is our station. */
  readonly nodeId?: NodeId
}

/** What subscribers are told. */
export type PeerMessage =
  | {
      readonly type: 'peer_up'
      readonly peer: NodeId
      readonly connection: PeerConnectionPid
      readonly addr: Addr
    }
  | {
      readonly type: 'peer_down'
      readonly peer: NodeId
      readonly connection: PeerConnectionPid
      readonly reason: ConnectionEnd
    }
  /** A station cannot be reached; told again when the reason is another one. */
  | { readonly type: 'peer_unreachable'; readonly addr: Addr; readonly reason: string }
  | Extract<ConnectionMessage, { readonly type: 'frame' | 'frame_refused' }>

export interface PeerManagerOptions {
  readonly keys: KeyPair
  /** The caller's: to be closed after this has stopped. */
  readonly transport: Transport
  readonly stations: readonly StationAddress[]
  /** Pids, or names that are looked up for each message. */
  readonly subscribers?: readonly Destination<Pid<PeerMessage>>[]
  readonly clock?: Clock
  /** Chance for the back-off; default: an unpredictable stream. */
  readonly random?: Random
  /** Default `BACK_OFF_LAN`. */
  readonly backOff?: BackOff
  /** Default `LIVENESS_LAN`. */
  readonly liveness?: Liveness
  readonly name?: Name<PeerManagerPid>
}

/** A configured station, for a person who looks. */
export interface PeerInfo {
  readonly addr: Addr
  readonly status: 'waiting' | 'dialling' | 'connecting' | 'up'
  /** Once it was connected. */
  readonly peer: NodeId | undefined
  readonly connection: PeerConnectionPid | undefined
  /** Attempts in a row that failed. */
  readonly failures: number
  readonly lastFailure: string | undefined
}

export type PeerManagerCall =
  | Call<'subscribe', { subscriber: Pid<PeerMessage> }, undefined>
  | Call<'info', object, readonly PeerInfo[]>
export type PeerManagerPid = ServerPid<PeerManagerCall>
export type PeerManagerRef = ServerRef<PeerManagerCall>

/** Child spec of the manager and its connections. */
export function peersSpec(options: PeerManagerOptions): ChildSpec<SupervisorPid> {
  const { name } = options
  const startOwner = (connections: DynamicSupervisorPid): PeerManagerPid =>
    startLink(new PeerManager(options, connections), name === undefined ? {} : { name })
  return {
    id: 'peers',
    type: 'supervisor',
    start: (parent) => startConnectionTree({ id: 'peer-manager', startOwner }, parent),
  }
}

/** Tells a process of peers, those that are up included, until it ends. */
export async function subscribePeers(
  manager: PeerManagerRef,
  subscriber: Pid<PeerMessage>,
): Promise<void> {
  await call(manager, { type: 'subscribe', subscriber })
}

/** The stations, in the order they were given. */
export function peerInfo(manager: PeerManagerRef): Promise<readonly PeerInfo[]> {
  return call(manager, { type: 'info' })
}

interface Station {
  readonly addr: Addr
  readonly nodeId: NodeId | undefined
  status: PeerInfo['status']
  peer: NodeId | undefined
  connection: PeerConnectionPid | undefined
  upAtMs: number
  failures: number
  lastFailure: string | undefined
}

/** What a manager tells itself. */
class DialDue {
  readonly station: Station

  constructor(station: Station) {
    this.station = station
  }
}

class Dialled {
  readonly station: Station
  /** The session, or why there is none. */
  readonly outcome: Session | Error

  constructor(station: Station, outcome: Session | Error) {
    this.station = station
    this.outcome = outcome
  }
}

const NEXT: { readonly state: undefined } = { state: undefined }

/** GOODBYE reasons after which the same would happen again at once. */
const LASTING_REASONS: readonly string[] = ['replaced_by_newer_handshake', 'puzzle_invalid']

class PeerManager extends GenServer<undefined, PeerManagerCall> {
  readonly #options: PeerManagerOptions
  readonly #connections: DynamicSupervisorPid
  readonly #clock: Clock
  readonly #random: Random
  readonly #backOff: BackOff
  readonly #stations: readonly Station[]
  readonly #subscribers: Map<Pid, Pid<PeerMessage>> = new Map()

  constructor(options: PeerManagerOptions, connections: DynamicSupervisorPid) {
    super()
    this.#options = options
    this.#connections = connections
    this.#clock = options.clock ?? systemClock
    this.#random =
      options.random ?? seededRandom(Buffer.from(secureRandomBytes(16)).toString('hex'))
    this.#backOff = options.backOff ?? BACK_OFF_LAN
    this.#stations = options.stations.map(({ addr, nodeId }) => ({
      addr,
      nodeId,
      status: 'waiting',
      peer: undefined,
      connection: undefined,
      upAtMs: 0,
      failures: 0,
      lastFailure: undefined,
    }))
  }

  init(): InitResult<undefined> {
    for (const station of this.#stations) this.#dial(station)
    return NEXT
  }

  override handleCall(
    request: PeerManagerCall,
    _from: From<unknown>,
  ): CallResult<undefined, undefined | readonly PeerInfo[]> {
    if (request.type === 'info') return { reply: this.#stations.map(infoOf), state: undefined }
    const { subscriber } = request
    if (!this.#subscribers.has(subscriber)) {
      monitor(subscriber)
      this.#subscribers.set(subscriber, subscriber)
      for (const station of this.#stations) {
        const message = upMessage(station) ?? unreachableMessage(station)
        if (message !== undefined) send(subscriber, message)
      }
    }
    return { reply: undefined, state: undefined }
  }

  override handleInfo(message: unknown): MaybePromise<Result<undefined>> {
    if (message instanceof Dialled) {
      const { station, outcome } = message
      if (!(outcome instanceof Error)) return this.#connect(station, outcome)
      this.#failed(station, outcome.message)
    } else if (message instanceof DialDue) this.#dial(message.station)
    else if (message instanceof Down) this.#ended(message)
    else if (isConnectionMessage(message)) this.#connectionSays(message)
    return NEXT
  }

  #dial(station: Station): void {
    const isUpElsewhere = this.#stations.some(
      ({ status, peer }) => status === 'up' && peer === station.peer,
    )
    if (isUpElsewhere) {
      this.#dialLater(station, this.#backOff.mostMs)
      return
    }
    const { transport } = this.#options
    const { signal } = this
    station.status = 'dialling'
    resolveAddr(station.addr)
      .then((addr) => transport.dial(addr, { expect: station.nodeId ?? 'anyone', signal }))
      .then(
        (session) => {
          if (isAlive(this.self)) send(this.self, new Dialled(station, session))
          else session.close(0, 'closed')
        },
        (error: Error) => {
          if (isAlive(this.self)) send(this.self, new Dialled(station, error))
        },
      )
  }

  /**
   * Until the connection is started we take no message: its first one comes after its pid is
   * known.
   */
  async #connect(station: Station, session: Session): Promise<Result<undefined>> {
    const { keys, liveness = LIVENESS_LAN } = this.#options
    const options = { keys, session, owner: this.self, clock: this.#clock, liveness }
    try {
      station.connection = await startConnection(this.#connections, options)
      station.status = 'connecting'
      monitor(station.connection, this.self)
    } catch (error) {
      this.#failed(station, error instanceof Error ? error.message : String(error))
    }
    return NEXT
  }

  #connectionSays(message: ConnectionMessage): void {
    if (message.type !== 'connected') {
      this.#tell(message)
      return
    }
    const station = this.#stations.find(({ connection }) => connection === message.connection)
    if (station === undefined) return
    station.status = 'up'
    station.peer = message.peer
    station.upAtMs = this.#clock.now()
    const up = upMessage(station)
    if (up !== undefined) this.#tell(up)
  }

  #ended({ pid, reason }: Down): void {
    this.#subscribers.delete(pid)
    const station = this.#stations.find(({ connection }) => connection === pid)
    const { connection, peer, status, upAtMs } = station ?? {}
    if (station === undefined || connection === undefined) return
    const end = connectionEndOf(reason)
    station.connection = undefined
    if (status === 'up' && peer !== undefined) {
      if (this.#clock.now() - (upAtMs ?? 0) >= BACK_OFF_RESET_MS) station.failures = 0
      this.#tell({ type: 'peer_down', peer, connection, reason: end })
    }
    const isLasting = end.cause === 'goodbye' && LASTING_REASONS.includes(end.detail)
    this.#failed(station, formatConnectionEnd(end), isLasting)
  }

  #failed(station: Station, why: string, isLasting = false): void {
    const isNews = station.peer === undefined && station.lastFailure !== why
    if (isNews) this.#tell({ type: 'peer_unreachable', addr: station.addr, reason: why })
    station.failures++
    station.lastFailure = why
    const delayMs = backOffMs(this.#backOff, station.failures, this.#random)
    this.#dialLater(station, isLasting ? this.#backOff.mostMs : delayMs)
  }

  #dialLater(station: Station, delayMs: number): void {
    station.status = 'waiting'
    sendAfter<unknown>(this.self, new DialDue(station), delayMs)
  }

  #tell(message: PeerMessage): void {
    for (const subscriber of this.#subscribers.values()) send(subscriber, message)
    for (const destination of this.#options.subscribers ?? []) {
      const subscriber = typeof destination === 'string' ? whereis(destination) : destination
      if (subscriber !== undefined) send(subscriber, message)
    }
  }
}

function isConnectionMessage(message: unknown): message is ConnectionMessage {
  return typeof message === 'object' && message !== null && 'connection' in message
}

function upMessage({ status, peer, connection, addr }: Station): PeerMessage | undefined {
  if (status !== 'up' || peer === undefined || connection === undefined) return undefined
  return { type: 'peer_up', peer, connection, addr }
}

function unreachableMessage({ addr, peer, lastFailure }: Station): PeerMessage | undefined {
  if (peer !== undefined || lastFailure === undefined) return undefined
  return { type: 'peer_unreachable', addr, reason: lastFailure }
}

function infoOf({ addr, status, peer, connection, failures, lastFailure }: Station): PeerInfo {
  return { addr, status, peer, connection, failures, lastFailure }
}
