// All QUIC connections of a node on one UDP socket: which packet belongs to which connection, and
// what to do with packets that belong to none. Everything that comes in here is hostile; nothing
// that does may throw.
import type { Certificate } from '../identity/certificate.ts'
import type { NodeId } from '../identity/key-pair.ts'
import {
  HALF_OPEN_TIMEOUT_MS,
  INITIAL_PACKET_BYTES_MIN,
  STATELESS_RESET_BYTES_MAX,
  STATELESS_RESETS_PER_SECOND_MAX,
  UDP_PACKET_BYTES,
} from '../limits.ts'
import type { Clock } from '../runtime/clock.ts'
import { secureRandomBytes } from '../runtime/random.ts'
import { addressBlock, formatAddr, normalHost } from './address.ts'
import { Admission, type AdmissionBounds } from './admission.ts'
import {
  type HostPort,
  type QuicBinding,
  type QuicheConfig,
  type QuicheConnection,
  type QuicheHeader,
  quicBinding,
} from './quic-binding.ts'
import { quicConfig } from './quic-config.ts'
import { type ConnectionOwner, QuicConnection } from './quic-connection.ts'
import type { QuicSession } from './quic-session.ts'
import { originalIdOf, retryToken } from './retry-token.ts'
import { resetToken, statelessReset } from './stateless-reset.ts'
import type { Addr, CloseInfo } from './transport.ts'
import type { UdpSocket } from './udp-socket.ts'

/**
 * Bytes of the connection ids we choose. Not more: an acceptor's transport parameters name three
 * ids and a reset token after a Retry, and quiche has 128 bytes for all of them.
 */
const CONNECTION_ID_BYTES = 8
const LONG_HEADER = 0x80
/** Clear in packets that are not QUIC (RFC 9000, section 17.2). */
const FIXED_BIT = 0x40
/** Where a long header has the length of its destination connection id. */
const DCID_LENGTH_AT = 5

export interface EndpointInit {
  readonly clock: Clock
  readonly certificate: Certificate
  readonly resetKey: Uint8Array
  readonly idleTimeoutMs: number
  readonly keepAliveMs: number
  readonly bounds: AdmissionBounds
  readonly opened: (connection: QuicConnection, session: QuicSession) => void
  readonly ended: (connection: QuicConnection, info: CloseInfo) => void
}

/** What an endpoint has counted since it began. */
export interface EndpointCounts {
  /** Packets the operating system did not take. */
  readonly sendErrorCount: number
  /** Packets that belonged to nothing and got no answer. */
  readonly droppedCount: number
  /** Diallers that were asked to prove their address. */
  readonly retryCount: number
  /** Packets answered with a stateless reset. */
  readonly resetCount: number
  readonly halfOpenCount: number
  readonly sessionCount: number
}

export class QuicEndpoint implements ConnectionOwner {
  readonly clock: Clock
  readonly keepAliveMs: number
  /** Whether first packets of strangers are looked at. */
  isListening = false
  readonly #init: EndpointInit
  readonly #binding: QuicBinding = quicBinding()
  readonly #admission: Admission
  readonly #connections = new Map<string, QuicConnection>()
  readonly #keys = new Map<QuicConnection, string[]>()
  /** Outbound connections by the address they were dialled at. */
  readonly #dialled = new Map<string, Set<QuicConnection>>()
  /** Of inbound connections: their address block, and whether they are open. */
  readonly #admitted = new Map<QuicConnection, { block: string; isOpen: boolean }>()
  readonly #retryKey = secureRandomBytes(32)
  readonly #dialConfig: ReturnType<typeof quicConfig>
  #socket: UdpSocket | undefined
  #droppedCount = 0
  #retryCount = 0
  #resetCount = 0
  #resetSecond = 0
  #resetsThisSecond = 0

  constructor(init: EndpointInit) {
    this.clock = init.clock
    this.keepAliveMs = init.keepAliveMs
    this.#init = init
    this.#admission = new Admission(init.bounds)
    this.#dialConfig = quicConfig(this.#binding, init)
  }

  get local(): Addr {
    return this.#socket?.local ?? { host: '0.0.0.0', port: 0 }
  }

  get counts(): EndpointCounts {
    return {
      sendErrorCount: this.#socket?.sendErrorCount ?? 0,
      droppedCount: this.#droppedCount,
      retryCount: this.#retryCount,
      resetCount: this.#resetCount,
      halfOpenCount: this.#admission.halfOpenCount,
      sessionCount: this.#admission.openCount,
    }
  }

  attach(socket: UdpSocket): void {
    this.#socket = socket
  }

  /** Begins a connection; the address has been checked. */
  connect(remote: Addr, expect: NodeId | 'anyone'): QuicConnection {
    const id = secureRandomBytes(CONNECTION_ID_BYTES)
    const host = this.#socket?.family === 6 && !remote.host.includes(':') ? '::ffff:' : ''
    const there = { host: `${host}${remote.host}`, port: remote.port }
    const config = this.#dialConfig
    const quiche = this.#binding.Connection.connect('macula', id, this.local, there, config)
    const direction = 'outbound'
    const connection = new QuicConnection({ owner: this, quiche, direction, remote, expect })
    this.#remember(connection, [keyOf(id)])
    const key = formatAddr(remote)
    this.#dialled.set(key, (this.#dialled.get(key) ?? new Set()).add(connection))
    connection.flush()
    return connection
  }

  /** A packet from anybody. */
  receive(packet: Buffer, from: HostPort): void {
    const known = this.#connections.get(destinationOf(packet))
    if (known !== undefined) known.receive(packet, from)
    else if (!this.#answerStranger(packet, from)) this.#droppedCount++
  }

  /** Forgets every connection now; what is on its way out still leaves. */
  async close(): Promise<void> {
    this.isListening = false
    for (const connection of new Set(this.#connections.values())) connection.drop()
    await this.#socket?.close()
  }

  transmit(packet: Uint8Array, to: HostPort): void {
    this.#socket?.send(packet, to)
  }

  opened(connection: QuicConnection, session: QuicSession): void {
    const admitted = this.#admitted.get(connection)
    if (admitted !== undefined) {
      admitted.isOpen = true
      this.#admission.opened(admitted.block)
    }
    this.#init.opened(connection, session)
  }

  ended(connection: QuicConnection, info: CloseInfo): void {
    const admitted = this.#admitted.get(connection)
    if (admitted !== undefined) this.#admission.ended(admitted.block, admitted.isOpen)
    this.#admitted.delete(connection)
    this.#init.ended(connection, info)
  }

  gone(connection: QuicConnection): void {
    for (const key of this.#keys.get(connection) ?? []) this.#connections.delete(key)
    this.#keys.delete(connection)
    if (connection.direction === 'inbound') return
    const key = formatAddr(connection.remote)
    const others = this.#dialled.get(key)
    others?.delete(connection)
    if (others?.size === 0) this.#dialled.delete(key)
  }

  /** A packet that belongs to no connection; says whether anything came of it. */
  #answerStranger(packet: Buffer, from: HostPort): boolean {
    const first = packet[0] ?? 0
    if ((first & FIXED_BIT) === 0 || from.port === 0) return false
    if ((first & LONG_HEADER) === 0) {
      return this.#heedReset(packet, from) || (this.isListening && this.#reset(packet, from))
    }
    if (!this.isListening || packet.length < INITIAL_PACKET_BYTES_MIN) return false
    const header = this.#headerOf(packet)
    if (header === undefined) return false
    if (!this.#binding.versionIsSupported(header.version)) return this.#negotiate(header, from)
    return header.ty === this.#binding.Type.Initial && this.#admit(packet, header, from)
  }

  #headerOf(packet: Buffer): QuicheHeader | undefined {
    try {
      return this.#binding.Header.fromSlice(packet, CONNECTION_ID_BYTES)
    } catch {
      return undefined
    }
  }

  /** A first packet: takes it, asks its sender to prove its address, or ignores it. */
  #admit(packet: Buffer, header: QuicheHeader, from: HostPort): boolean {
    const token = header.token ?? NO_TOKEN
    const originalId =
      token.length > 0 ? originalIdOf(this.#retryKey, from, token, this.clock.now()) : undefined
    const block = addressBlock(from.host)
    const decision = this.#admission.decide(block, originalId !== undefined)
    if (decision === 'retry') return this.#retry(header, from)
    return decision === 'accept' && this.#accept(packet, header, from, block, originalId)
  }

  #accept(
    packet: Buffer,
    header: QuicheHeader,
    from: HostPort,
    block: string,
    originalId: Uint8Array | undefined,
  ): boolean {
    // After a Retry the dialler already uses the connection id we chose for it.
    const id = originalId === undefined ? secureRandomBytes(CONNECTION_ID_BYTES) : header.dcid
    const resetTokenOfId = resetToken(this.#init.resetKey, id)
    const config = quicConfig(this.#binding, { ...this.#init, resetToken: resetTokenOfId })
    const quiche = this.#tryAccept(id, originalId ?? null, from, config)
    if (quiche === undefined) return false
    const remote = { host: normalHost(from.host), port: from.port }
    const init = { owner: this, quiche, remote, expect: 'anyone' } as const
    const connection = new QuicConnection({ ...init, direction: 'inbound' })
    this.#remember(connection, [keyOf(id), keyOf(header.dcid)])
    this.#admitted.set(connection, { block, isOpen: false })
    this.#admission.halfOpened(block)
    this.clock.timer(HALF_OPEN_TIMEOUT_MS, () => this.#expire(connection), { unref: true })
    connection.receive(packet, from)
    return true
  }

  #tryAccept(
    id: Uint8Array,
    originalId: Uint8Array | null,
    from: HostPort,
    config: QuicheConfig,
  ): QuicheConnection | undefined {
    try {
      return this.#binding.Connection.accept(id, originalId, this.local, from, config)
    } catch {
      return undefined
    }
  }

  /** A dialler that has not proved itself in time has no more claim on our memory. */
  #expire(connection: QuicConnection): void {
    if (this.#admitted.get(connection)?.isOpen === false) connection.drop()
  }

  #retry(header: QuicheHeader, from: HostPort): boolean {
    this.#retryCount++
    const id = secureRandomBytes(CONNECTION_ID_BYTES)
    const token = retryToken(this.#retryKey, from, header.dcid, this.clock.now())
    return this.#answer(from, (out) =>
      this.#binding.retry(header.scid, header.dcid, id, token, header.version, out),
    )
  }

  #negotiate(header: QuicheHeader, from: HostPort): boolean {
    return this.#answer(from, (out) =>
      this.#binding.negotiateVersion(header.scid, header.dcid, out),
    )
  }

  /**
   * Perhaps a peer has restarted and says so; only the connection itself can tell, by its token.
   */
  #heedReset(packet: Buffer, from: HostPort): boolean {
    const key = formatAddr({ host: normalHost(from.host), port: from.port })
    for (const connection of this.#dialled.get(key) ?? []) {
      connection.receive(packet, from)
      if (connection.hasEnded) return true
    }
    return false
  }

  /** A packet for a connection we do not know: perhaps our former self did. */
  #reset(packet: Buffer, from: HostPort): boolean {
    if (packet.length < 1 + CONNECTION_ID_BYTES || !this.#mayReset()) return false
    const token = resetToken(this.#init.resetKey, packet.subarray(1, 1 + CONNECTION_ID_BYTES))
    const filler = secureRandomBytes(STATELESS_RESET_BYTES_MAX)
    const reset = statelessReset(token, packet.length, filler)
    if (reset === undefined) return false
    this.#resetCount++
    this.transmit(reset, from)
    return true
  }

  #mayReset(): boolean {
    const second = Math.floor(this.clock.now() / 1000)
    if (second !== this.#resetSecond) this.#resetsThisSecond = 0
    this.#resetSecond = second
    return this.#resetsThisSecond++ < STATELESS_RESETS_PER_SECOND_MAX
  }

  #answer(to: HostPort, write: (out: Uint8Array) => number): boolean {
    const out = Buffer.allocUnsafe(UDP_PACKET_BYTES)
    try {
      this.transmit(out.subarray(0, write(out)), to)
      return true
    } catch {
      return false
    }
  }

  #remember(connection: QuicConnection, keys: string[]): void {
    this.#keys.set(connection, keys)
    for (const key of keys) this.#connections.set(key, connection)
  }
}

const NO_TOKEN = new Uint8Array(0)

/** A connection id as the key of a map: one character a byte. */
function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1')
}

/** The connection id a packet is sent to; those of short headers are ours, hence of our length. */
function destinationOf(packet: Buffer): string {
  const isLong = ((packet[0] ?? 0) & LONG_HEADER) !== 0
  const length = isLong ? (packet[DCID_LENGTH_AT] ?? 0) : CONNECTION_ID_BYTES
  const start = isLong ? DCID_LENGTH_AT + 1 : 1
  return packet.toString('latin1', start, start + length)
}
