// The transport of real networks: QUIC (RFC 9000) on one UDP socket that listens and dials, with
// mutual TLS pinned to node ids and ALPN `macula` (Macula protocol, section 3).
//
//   const transport = new QuicTransport({ keys })
//   transport.onSession((session) => { session.onStream = serve })
//   const here = await transport.listen({ host: '0.0.0.0', port: 4433 })
//   const session = await transport.dial(there, { expect: peerId, timeoutMs: 2_000 })
//
// QUIC keeps its own time underneath: in virtual time use memory-network.ts. A dial succeeds once
// the peer is proved to us; that it accepts us too is known from its first answer, so exchange a
// hello before anything else.

import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { selfSignedCertificate } from '../identity/certificate.ts'
import type { KeyPair, NodeId } from '../identity/key-pair.ts'
import { DIAL_TIMEOUT_MS, IDLE_TIMEOUT_MS, KEEP_ALIVE_MS } from '../limits.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import { dialProblem, formatAddr, normalHost } from './address.ts'
import type { AdmissionBounds } from './admission.ts'
import { shortReason } from './carried-session.ts'
import type { QuicConnection } from './quic-connection.ts'
import { type EndpointCounts, QuicEndpoint } from './quic-endpoint.ts'
import type { QuicSession } from './quic-session.ts'
import { resetKeyOf } from './stateless-reset.ts'
import type { Addr, CloseInfo, DialOptions, Session, Transport } from './transport.ts'
import { TransportError, type TransportErrorCode } from './transport.ts'
import { UdpSocket } from './udp-socket.ts'

export interface QuicTransportInit {
  readonly keys: KeyPair
  /** Default the machine's; a virtual one would only stop QUIC's own timers. */
  readonly clock?: Clock
  /** Milliseconds of silence after which a session ends; default `IDLE_TIMEOUT_MS`. */
  readonly idleTimeoutMs?: number
  /** Milliseconds of silence after which a sign of life is asked for; default `KEEP_ALIVE_MS`. */
  readonly keepAliveMs?: number
  /** Who may begin a session, where the limits' defaults do not fit. */
  readonly bounds?: AdmissionBounds
}

/** A dial under way. */
interface Dial {
  readonly succeed: (session: Session) => void
  readonly fail: (code: TransportErrorCode, message: string, advice: string) => void
}

export class QuicTransport implements Transport {
  readonly nodeId: NodeId
  readonly #clock: Clock
  readonly #endpoint: QuicEndpoint
  readonly #connections = new Set<QuicConnection>()
  readonly #dials = new Map<QuicConnection, Dial>()
  #onSession: ((session: Session) => void) | undefined
  #binding: Promise<UdpSocket> | undefined
  #closing: Promise<void> | undefined

  /** @throws TransportError `quic_unavailable` where the native binding cannot be loaded */
  constructor(init: QuicTransportInit) {
    const { keys, clock = systemClock, bounds = {} } = init
    const { idleTimeoutMs = IDLE_TIMEOUT_MS, keepAliveMs = KEEP_ALIVE_MS } = init
    this.nodeId = keys.nodeId
    this.#clock = clock
    this.#endpoint = new QuicEndpoint({
      clock,
      bounds,
      idleTimeoutMs,
      keepAliveMs,
      certificate: selfSignedCertificate(keys, clock.wallNow()),
      resetKey: resetKeyOf(keys.seed),
      opened: (connection, session) => this.#opened(connection, session),
      ended: (connection, info) => this.#ended(connection, info),
    })
  }

  /** What happened on the socket so far. */
  get counts(): EndpointCounts {
    return this.#endpoint.counts
  }

  async listen(addr: Addr): Promise<Addr> {
    const refuse = failure('listen', addr)
    this.#refuseIfOver(refuse)
    if (this.#binding !== undefined) {
      throw refuse('already_listening', 'its address is chosen', 'listen once, before dialling')
    }
    const host = normalHost(addr.host)
    // Every address of the machine may be listened on, and all at once; port 0 takes any.
    const problem = WILDCARDS.has(host)
      ? undefined
      : dialProblem({ host, port: addr.port || 1 }, { bound: undefined, cidrs: [] })
    if (problem !== undefined) throw refuse('bad_address', `that is ${problem}`, 'name another')
    const { local } = await this.#bind({ host, port: addr.port }, refuse)
    this.#refuseIfOver(refuse)
    this.#endpoint.isListening = true
    return { host: normalHost(local.host), port: local.port }
  }

  async dial(addr: Addr, options: DialOptions): Promise<Session> {
    const refuse = failure('dial', addr)
    this.#refuseIfOver(refuse, options.signal)
    const remote = { host: normalHost(addr.host), port: addr.port }
    const problem = dialProblem(remote, { bound: this.#bound(), cidrs: localCidrs() })
    if (problem !== undefined) throw refuse('bad_address', `that is ${problem}`, 'drop it')
    if (options.expect === this.nodeId) throw refuse('bad_address', 'that is us', 'drop it')
    const everywhere = isIPv6(remote.host) ? '::' : '0.0.0.0'
    const socket = await (this.#binding ?? this.#bind({ host: everywhere, port: 0 }, refuse))
    this.#refuseIfOver(refuse, options.signal)
    if (socket.family === 4 && isIPv6(remote.host)) {
      throw refuse('bad_address', 'our socket speaks IPv4 only', 'listen on :: to have both')
    }
    return this.#connect(remote, options, refuse)
  }

  onSession(handler: (session: Session) => void): void {
    this.#onSession = handler
  }

  close(code = 0, reason = ''): Promise<void> {
    this.#closing ??= this.#close(code, shortReason(reason))
    return this.#closing
  }

  #refuseIfOver(refuse: Refuse, signal?: AbortSignal): void {
    if (this.#closing !== undefined) {
      throw refuse('closed', 'the transport is closed', 'make another')
    }
    if (signal?.aborted === true) throw refuse('aborted', 'aborted by its signal', ABORTED)
  }

  async #close(code: number, reason: string): Promise<void> {
    for (const dial of this.#dials.values()) {
      dial.fail('closed', 'the transport was closed', 'make another')
    }
    for (const connection of this.#connections) {
      connection.close(code, reason, { by: 'local', code, reason })
    }
    // A socket that is being bound must be freed too, one that could not be had need not.
    await this.#binding?.catch(() => {})
    await this.#endpoint.close()
  }

  #bind(addr: Addr, refuse: Refuse): Promise<UdpSocket> {
    const onPacket: Parameters<typeof UdpSocket.bind>[1] = (packet, from) => {
      this.#endpoint.receive(packet, from)
    }
    this.#binding = UdpSocket.bind(addr, onPacket).then(
      (socket) => {
        this.#endpoint.attach(socket)
        return socket
      },
      (cause: NodeJS.ErrnoException) => {
        this.#binding = undefined
        if (cause.code === 'EADDRINUSE') {
          const message = 'another program has it'
          throw refuse('address_in_use', message, 'choose another port, or 0', cause)
        }
        const message = `it cannot be bound (${cause.code})`
        throw refuse('bad_address', message, 'name an address of this machine', cause)
      },
    )
    return this.#binding
  }

  #bound(): Addr | undefined {
    const { host, port } = this.#endpoint.local
    return port === 0 ? undefined : { host: normalHost(host), port }
  }

  #connect(remote: Addr, options: DialOptions, refuse: Refuse): Promise<Session> {
    const { timeoutMs = DIAL_TIMEOUT_MS, signal, expect } = options
    return new Promise((resolve, reject) => {
      const connection = this.#endpoint.connect(remote, expect)
      this.#connections.add(connection)
      const settle = (): void => {
        this.#dials.delete(connection)
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      const giveUp: Dial['fail'] = (code, message, advice) => {
        settle()
        reject(refuse(code, message, advice))
        connection.close(0, '', { by: 'local', code: 0, reason: message })
      }
      const onAbort = (): void => giveUp('aborted', 'aborted by its signal', ABORTED)
      const timer = this.#clock.timer(timeoutMs, () => {
        giveUp('dial_timeout', `no answer within ${timeoutMs} ms`, 'try later, or another address')
      })
      signal?.addEventListener('abort', onAbort)
      this.#dials.set(connection, {
        succeed: (session) => {
          settle()
          resolve(session)
        },
        fail: giveUp,
      })
    })
  }

  #opened(connection: QuicConnection, session: QuicSession): void {
    if (connection.direction === 'outbound') {
      this.#dials.get(connection)?.succeed(session)
    } else {
      this.#connections.add(connection)
      session.present(this.#onSession)
    }
  }

  #ended(connection: QuicConnection, info: CloseInfo): void {
    this.#connections.delete(connection)
    const dial = this.#dials.get(connection)
    if (dial === undefined) return
    if (connection.impostor !== undefined) {
      const message = `${connection.impostor} answered`
      dial.fail('wrong_identity', message, 'drop this address of the peer')
    } else if (info.by === 'timeout') {
      dial.fail('dial_timeout', 'no answer', 'try later, or another address')
    } else {
      const message = `the peer refused (${info.code} ${info.reason})`
      dial.fail('dial_refused', message, 'check that it is a node of this protocol')
    }
  }
}

type Refuse = (
  code: TransportErrorCode,
  message: string,
  advice: string,
  cause?: unknown,
) => TransportError

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])
const ABORTED = 'dial again when you need the session after all'

function failure(operation: string, addr: Addr): Refuse {
  const attempt = { operation, target: formatAddr(addr) }
  return (code, message, advice, cause) => new TransportError(code, attempt, message, advice, cause)
}

function localCidrs(): string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return interfaces.flatMap(({ cidr }) => (cidr === null ? [] : [cidr]))
}
