// One QUIC connection (RFC 9000): feeds packets to quiche, sends what it has to say, keeps its
// timer, and proves who the peer is. What the peer says on streams is of quic-session.ts.
//
// quiche reads the machine's clock itself; our clock only wakes us when quiche wants to be called.
import { nodeIdOfCertificate } from '../identity/certificate.ts'
import type { NodeId } from '../identity/key-pair.ts'
import { ACK_DELAY_MS, ACK_PACKETS_MAX, BURST_PACKETS_MAX, UDP_PACKET_BYTES } from '../limits.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import { shortReason } from './carried-session.ts'
import type { HostPort, QuicheClose, QuicheConnection } from './quic-binding.ts'
import { QuicSession } from './quic-session.ts'
import type { Addr, CloseInfo } from './transport.ts'

/** TLS alert 42, bad_certificate, as a QUIC error (RFC 9001, section 4.8). */
const BAD_CERTIFICATE = 0x100 + 42

/** What a connection needs of the endpoint it belongs to, and tells it. */
export interface ConnectionOwner {
  readonly clock: Clock
  readonly keepAliveMs: number
  readonly local: HostPort
  transmit(packet: Uint8Array, to: HostPort): void
  /** The peer is proved; called once, or never. */
  opened(connection: QuicConnection, session: QuicSession): void
  /** The conversation is over; quiche may still have to answer late packets. Called once. */
  ended(connection: QuicConnection, info: CloseInfo): void
  /** Nothing of it is left. */
  gone(connection: QuicConnection): void
}

export interface ConnectionInit {
  readonly owner: ConnectionOwner
  readonly quiche: QuicheConnection
  readonly direction: 'inbound' | 'outbound'
  readonly remote: Addr
  /** The only peer to accept. */
  readonly expect: NodeId | 'anyone'
}

export class QuicConnection {
  readonly quiche: QuicheConnection
  readonly direction: 'inbound' | 'outbound'
  readonly remote: Addr
  session: QuicSession | undefined
  /** The node that answered in place of the expected one. */
  impostor: NodeId | undefined
  readonly #owner: ConnectionOwner
  readonly #expect: NodeId | 'anyone'
  #hasEnded = false
  #isGone = false
  #isTurnDue = false
  /** Genuine packets at the last look. */
  #heardCount = 0
  /** Packets received since we last sent. */
  #unansweredCount = 0
  #flushTimer: Cancel | undefined
  #keepAliveTimer: Cancel | undefined
  #timer: Cancel | undefined
  #timerMs = 0

  constructor(init: ConnectionInit) {
    this.#owner = init.owner
    this.quiche = init.quiche
    this.direction = init.direction
    this.remote = init.remote
    this.#expect = init.expect
  }

  /** Nothing more will come of it. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Takes in a packet, however hostile. */
  receive(packet: Uint8Array, from: HostPort): void {
    try {
      this.quiche.recv(packet, { from, to: this.#owner.local })
    } catch {
      // quiche remembers what was wrong, closes, and `flush` sends it.
    }
    this.#progress()
    // A turn that is due flushes right after this packet, and acknowledges it.
    if (!this.#isTurnDue) this.#answer()
  }

  /** Has the session's turn run, and what it leaves be sent, once the caller is done. */
  wake(): void {
    if (this.#isTurnDue || this.#isGone) return
    this.#isTurnDue = true
    process.nextTick(() => {
      this.#isTurnDue = false
      if (!this.#hasEnded) this.session?.continue()
      this.flush()
    })
  }

  /** Sends everything quiche has to say, and sets the timer. */
  flush(): void {
    if (this.#isGone) return
    this.#unansweredCount = 0
    this.#flushTimer?.cancel()
    this.#flushTimer = undefined
    if (!this.#transmit()) this.#flushLater()
    if (this.quiche.isDraining() || this.quiche.isClosed()) this.#end(closeInfoOf(this.quiche))
    if (this.quiche.isClosed()) this.drop()
    else this.#arm()
  }

  /** Says what is still unsent, then goodbye; settles the end at once. */
  close(code: number, reason: string, info: CloseInfo): void {
    if (this.#hasEnded) return
    this.#transmit()
    this.#closeQuiche(true, code, reason)
    this.#transmit()
    this.#end(info)
    this.flush()
  }

  /** Forgets everything now. */
  drop(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#end({ by: 'failure', code: 0, reason: 'dropped' })
    this.#timer?.cancel()
    this.#flushTimer?.cancel()
    this.#owner.gone(this)
  }

  #progress(): void {
    if (this.#hasEnded) return
    if (this.session === undefined && this.quiche.isEstablished()) this.#meet()
    this.session?.arrived()
  }

  /** The handshake is done: TLS proved that the peer holds the key of its certificate. */
  #meet(): void {
    const peer = peerOf(this.quiche)
    if (peer === undefined || (this.#expect !== 'anyone' && this.#expect !== peer)) {
      this.impostor = peer
      const reason = 'wrong identity'
      this.#closeQuiche(false, BAD_CERTIFICATE, reason)
      this.#end({ by: 'failure', code: BAD_CERTIFICATE, reason })
      return
    }
    const { direction, remote } = this
    this.session = new QuicSession(this, { peer, direction, remote, clock: this.#owner.clock })
    this.#keepAlive()
    this.#owner.opened(this, this.session)
  }

  /** Acknowledges now, or a little later together with what comes. */
  #answer(): void {
    this.#unansweredCount++
    const isOver = this.#hasEnded || this.quiche.isDraining()
    const isUrgent = isOver || this.session === undefined || this.session.isHeldBack
    if (isUrgent || this.#unansweredCount >= ACK_PACKETS_MAX) this.flush()
    else this.#flushLater()
  }

  #flushLater(): void {
    this.#flushTimer ??= this.#owner.clock.timer(
      ACK_DELAY_MS,
      () => {
        this.#flushTimer = undefined
        this.flush()
      },
      { unref: true },
    )
  }

  /** Sends what there is, but no more at once than a receiver's socket holds; says if that was all. */
  #transmit(): boolean {
    for (let count = 0; count < BURST_PACKETS_MAX; count++) {
      // Not one buffer for all: the socket may keep it until the system takes the packet.
      const packet = Buffer.allocUnsafe(UDP_PACKET_BYTES)
      const sent = trySend(this.quiche, packet)
      if (sent === null) return true
      this.#owner.transmit(packet.subarray(0, sent[0]), sent[1].to)
    }
    return false
  }

  /**
   * One timer that may fire early: moving it with each packet would cost more than a needless look.
   */
  #arm(): void {
    const timeoutMs = this.quiche.timeout()
    if (timeoutMs === null || this.#isGone) return
    const { clock } = this.#owner
    // quiche rounds down to whole milliseconds.
    const dueMs = clock.now() + timeoutMs + 1
    if (this.#timer !== undefined && this.#timerMs <= dueMs) return
    this.#timer?.cancel()
    this.#timerMs = dueMs
    this.#timer = clock.timer(timeoutMs + 1, () => this.#expire(), { unref: true })
  }

  #expire(): void {
    this.#timer = undefined
    this.quiche.onTimeout()
    this.#progress()
    this.flush()
  }

  #keepAlive(): void {
    this.#keepAliveTimer = this.#owner.clock.timer(
      this.#owner.keepAliveMs,
      () => {
        const { recv: heardCount } = this.quiche.stats()
        if (heardCount === this.#heardCount) this.#ping()
        this.#heardCount = heardCount
        if (!this.#hasEnded) this.#keepAlive()
      },
      { unref: true },
    )
  }

  #ping(): void {
    try {
      this.quiche.sendAckEliciting()
    } catch {
      // It is closing; the flush finds out.
    }
    this.flush()
  }

  #closeQuiche(isApplication: boolean, code: number, reason: string): void {
    try {
      this.quiche.close(isApplication, code, new TextEncoder().encode(reason))
    } catch {
      // It has closed before.
    }
  }

  #end(info: CloseInfo): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#keepAliveTimer?.cancel()
    this.#owner.ended(this, info)
    this.session?.ended(info)
  }
}

/** The id in the peer's certificate; undefined unless it is a node's. */
function peerOf(quiche: QuicheConnection): NodeId | undefined {
  try {
    const [leaf] = quiche.peerCertChain() ?? []
    return leaf === undefined ? undefined : nodeIdOfCertificate(leaf)
  } catch {
    return undefined
  }
}

/** quiche throws when it has nothing sensible to send any more; the end is found in its state. */
function trySend(
  quiche: QuicheConnection,
  packet: Uint8Array,
): ReturnType<QuicheConnection['send']> {
  try {
    return quiche.send(packet)
  } catch {
    return null
  }
}

function closeInfoOf(quiche: QuicheConnection): CloseInfo {
  const remote = quiche.peerError()
  if (remote !== null) return closeInfo(remote, 'remote')
  const local = quiche.localError()
  if (local !== null) return closeInfo(local, 'local')
  const reason = quiche.isTimedOut()
    ? 'nothing was heard of the peer'
    : 'the peer has restarted and knows the session no longer'
  return { by: 'timeout', code: 0, reason }
}

function closeInfo(close: QuicheClose, by: 'local' | 'remote'): CloseInfo {
  const { errorCode: code, isApp } = close
  const reason = shortReason(new TextDecoder().decode(close.reason))
  return { by: isApp ? by : 'failure', code, reason }
}
