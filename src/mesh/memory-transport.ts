// The transport of a simulated node; see memory-network.ts.
import type { NodeId } from '../identity/key-pair.ts'
import { DIAL_TIMEOUT_MS, MEMORY_DIAL_RETRY_MS } from '../limits.ts'
import { dialProblem, formatAddr, normalHost } from './address.ts'
import type { MemoryNetwork, SessionPair } from './memory-network.ts'
import { MemorySession } from './memory-session.ts'
import type { Addr, DialOptions, Session, Transport } from './transport.ts'
import { TransportError, type TransportErrorCode } from './transport.ts'

/** A dial under way. */
interface Dial {
  readonly addr: Addr
  readonly options: DialOptions
  readonly from: Addr
  readonly startMs: number
  isSettled: boolean
  readonly succeed: (session: Session) => void
  readonly fail: (code: TransportErrorCode, message: string, advice: string) => void
}

export class MemoryTransport implements Transport {
  readonly nodeId: NodeId
  readonly #network: MemoryNetwork
  readonly #sessions = new Set<MemorySession>()
  readonly #dials = new Set<Dial>()
  #onSession: ((session: Session) => void) | undefined
  #bound: Addr | undefined
  #isListening = false
  #isClosed = false

  constructor(network: MemoryNetwork, nodeId: NodeId) {
    this.#network = network
    this.nodeId = nodeId
  }

  /** Sessions that are open. */
  get sessionCount(): number {
    return this.#sessions.size
  }

  async listen(addr: Addr): Promise<Addr> {
    const refuse = (code: TransportErrorCode, message: string, advice: string): TransportError => {
      const attempt = { operation: 'listen', target: formatAddr(addr) }
      return new TransportError(code, attempt, message, advice)
    }
    if (this.#isClosed) throw refuse('closed', 'the transport is closed', 'make another')
    if (this.#bound !== undefined) {
      throw refuse('already_listening', 'its address is chosen', 'listen once, before dialling')
    }
    const problem = dialProblem({ host: addr.host, port: addr.port || 1 }, NOWHERE)
    if (problem !== undefined) throw refuse('bad_address', `that is ${problem}`, 'name another')
    this.#bound = this.#network.bind({ host: normalHost(addr.host), port: addr.port }, this)
    if (this.#bound === undefined) {
      throw refuse('address_in_use', 'another node has this address', 'choose another port, or 0')
    }
    this.#isListening = true
    return this.#bound
  }

  dial(addr: Addr, options: DialOptions): Promise<Session> {
    return new Promise((resolve, reject) => {
      const attempt = { operation: 'dial', target: formatAddr(addr) }
      const fail: Dial['fail'] = (code, message, advice) => {
        reject(new TransportError(code, attempt, message, advice))
      }
      if (this.#isClosed) return fail('closed', 'the transport is closed', 'make another')
      if (options.signal?.aborted === true) return fail('aborted', 'aborted', ABORTED)
      const problem = dialProblem(addr, { ...NOWHERE, bound: this.#bound })
      if (problem !== undefined) return fail('bad_address', `that is ${problem}`, 'drop it')
      if (options.expect === this.nodeId) return fail('bad_address', 'that is us', 'drop it')
      this.#begin(addr, options, resolve, fail)
    })
  }

  onSession(handler: (session: Session) => void): void {
    this.#onSession = handler
  }

  async close(code = 0, reason = ''): Promise<void> {
    this.#isClosed = true
    this.#network.retire(this)
    for (const dial of this.#dials) dial.fail('closed', 'the transport was closed', 'make another')
    const sessions = [...this.#sessions]
    for (const session of sessions) session.close(code, reason)
    await Promise.all(sessions.map((session) => session.closed))
  }

  /** The node dies: see MemoryNetwork.crash. */
  crash(): void {
    this.#isClosed = true
    for (const session of this.#sessions) session.crash()
    for (const dial of this.#dials) dial.isSettled = true
  }

  #begin(
    addr: Addr,
    options: DialOptions,
    resolve: (session: Session) => void,
    reject: Dial['fail'],
  ): void {
    const { timeoutMs = DIAL_TIMEOUT_MS, signal } = options
    const { clock } = this.#network
    const onAbort = (): void => dial.fail('aborted', 'aborted by its signal', ABORTED)
    const settle = (): boolean => {
      if (dial.isSettled) return false
      dial.isSettled = true
      this.#dials.delete(dial)
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
      return true
    }
    const dial: Dial = {
      addr: { host: normalHost(addr.host), port: addr.port },
      options,
      from: this.#boundAddr(),
      startMs: clock.now(),
      isSettled: false,
      succeed: (session) => {
        if (settle()) resolve(session)
      },
      fail: (...why) => {
        if (settle()) reject(...why)
      },
    }
    const timer = clock.timer(timeoutMs, () => {
      dial.fail('dial_timeout', `no answer within ${timeoutMs} ms`, 'try later, or another address')
    })
    signal?.addEventListener('abort', onAbort)
    this.#dials.add(dial)
    this.#knock(dial)
  }

  /** Where we are; a node that only dials gets an address that nobody can dial. */
  #boundAddr(): Addr {
    this.#bound ??= this.#network.bind({ host: '127.0.0.1', port: 0 }, this)
    return this.#bound ?? { host: '127.0.0.1', port: 1 }
  }

  #knock(dial: Dial): void {
    if (dial.isSettled) return
    const listener = this.#network.listenerAt(dial.addr)
    if (listener === undefined) {
      this.#network.later(MEMORY_DIAL_RETRY_MS, () => this.#knock(dial))
      return
    }
    const there = this.#network.channel(this.nodeId, listener.nodeId)
    const back = this.#network.channel(listener.nodeId, this.nodeId)
    this.#network.sendReliable(there, () => {
      if (!listener.#isListening || listener.#isClosed) return
      this.#network.sendReliable(back, () => this.#answered(dial, listener))
    })
  }

  /** The listener proved its id; it hears of us with our next message. */
  #answered(dial: Dial, listener: MemoryTransport): void {
    if (dial.isSettled) return
    const { expect } = dial.options
    if (expect !== 'anyone' && expect !== listener.nodeId) {
      dial.fail('wrong_identity', `${listener.nodeId} answered`, 'drop this address of the peer')
      return
    }
    const rttMs = this.#network.clock.now() - dial.startMs
    const ours = this.#adopt(listener.nodeId, dial.addr, 'outbound', rttMs)
    const theirs = listener.#adopt(this.nodeId, dial.from, 'inbound', rttMs)
    const pair: SessionPair = { ends: [ours, theirs], silence: undefined }
    ours.join(pair)
    theirs.join(pair)
    this.#network.join(pair)
    ours.surface()
    dial.succeed(ours)
    const there = this.#network.channel(this.nodeId, listener.nodeId)
    this.#network.sendReliable(there, () => listener.#arrived(theirs))
  }

  #adopt(
    peer: NodeId,
    remote: Addr,
    direction: 'inbound' | 'outbound',
    rttMs: number,
  ): MemorySession {
    const init = { peer, remote, direction }
    const onGone = (gone: MemorySession): void => {
      this.#sessions.delete(gone)
    }
    const session = new MemorySession(this.#network, this.nodeId, init, rttMs, onGone)
    this.#sessions.add(session)
    return session
  }

  #arrived(session: MemorySession): void {
    if (session.hasEnded || !session.isAlive) return
    session.present(this.#onSession)
    session.surface()
  }
}

const NOWHERE = { bound: undefined, cidrs: [] }
const ABORTED = 'dial again when you need the session after all'
