// A network inside one process: nodes that talk without sockets, on any clock, with latency, loss,
// reordering, partitions, crashes and freezes. The same seed, clock and calls give the same run.
//
//   const random = seededRandom(7)
//   const network = new MemoryNetwork({ clock, random, latencyMs: 20, loss: 0.02 })
//   const a = network.transport(idA)
//   network.partition([[idA], [idB, idC]])
//   network.heal()
//
// It simulates sessions and messages, not packets: what a link loses of a stream arrives later, as
// after a retransmission; what it loses of datagrams is lost. Real QUIC keeps its own time and
// cannot be simulated.
import type { NodeId } from '../identity/key-pair.ts'
import { IDLE_TIMEOUT_MS, MEMORY_RETRANSMISSION_MS } from '../limits.ts'
import type { Cancel, Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { formatAddr } from './address.ts'
import { EventQueue } from './event-queue.ts'
import type { MemorySession } from './memory-session.ts'
import { MemoryTransport } from './memory-transport.ts'
import type { Addr } from './transport.ts'

/** How a link between two nodes behaves, each direction alike. */
export interface LinkOptions {
  /** Milliseconds one way; default 0. */
  readonly latencyMs?: number
  /**
   * Up to so many milliseconds more, evenly; datagrams and streams overtake each other. Default 0.
   */
  readonly jitterMs?: number
  /** Probability in [0, 1) that a message is lost; default 0. For 1 use `partition`. */
  readonly loss?: number
  /** Probability that a message takes three times as long and is overtaken; default 0. */
  readonly reorder?: number
}

/** An ordered, reliable way from one node to another; a stream's bytes travel on one. */
export interface Channel {
  readonly from: NodeId
  readonly to: NodeId
  readonly queue: (() => void)[]
  /** When the last message is due: none may overtake it. */
  lastMs: number
  /** Arrivals that found no connection and wait for it. */
  missedCount: number
}

/** Two ends of a session. */
export interface SessionPair {
  readonly ends: readonly [MemorySession, MemorySession]
  /** Told apart from later ones by identity; set while the ends cannot hear each other. */
  silence: object | undefined
}

export class MemoryNetwork {
  readonly clock: Clock
  readonly #random: Random
  readonly #defaults: Required<LinkOptions>
  readonly #links = new Map<string, Required<LinkOptions>>()
  readonly #events = new EventQueue()
  readonly #listeners = new Map<string, MemoryTransport>()
  readonly #transports = new Map<NodeId, Set<MemoryTransport>>()
  readonly #pairs = new Set<SessionPair>()
  readonly #stalled = new Set<Channel>()
  readonly #frozen = new Map<NodeId, (() => void)[]>()
  readonly #groups = new Map<NodeId, number>()
  #timer: Cancel | undefined
  #timerMs = Number.POSITIVE_INFINITY
  #isRunning = false

  constructor(init: { readonly clock: Clock; readonly random: Random } & LinkOptions) {
    this.clock = init.clock
    this.#random = init.random.fork('memory-network')
    this.#defaults = completed(init, { latencyMs: 0, jitterMs: 0, loss: 0, reorder: 0 })
  }

  /** A node's end of this network. After a crash of the node, ask for another. */
  transport(nodeId: NodeId): MemoryTransport {
    const transport = new MemoryTransport(this, nodeId)
    const ofNode = this.#transports.get(nodeId) ?? new Set()
    this.#transports.set(nodeId, ofNode.add(transport))
    return transport
  }

  /** Sets how two nodes are connected from now on; what is left out keeps the network's default. */
  link(a: NodeId, b: NodeId, options: LinkOptions): void {
    const link = completed(options, this.#defaults)
    this.#links.set(`${a} ${b}`, link).set(`${b} ${a}`, link)
  }

  /**
   * Cuts the network into groups that do not hear each other; nodes that are not named hear
   * everybody. Sessions across the cut end after `IDLE_TIMEOUT_MS` unless it heals before.
   */
  partition(groups: readonly (readonly NodeId[])[]): void {
    this.#groups.clear()
    for (const [index, group] of groups.entries()) {
      for (const nodeId of group) this.#groups.set(nodeId, index)
    }
    this.#connectivityChanged()
  }

  /** Undoes `partition`. */
  heal(): void {
    this.partition([])
  }

  /** The node dies without a word: none of its handlers runs again, its addresses are silent. */
  crash(nodeId: NodeId): void {
    for (const transport of this.#transports.get(nodeId) ?? []) {
      transport.crash()
      this.#forgetListener(transport)
    }
    this.#transports.delete(nodeId)
    this.#frozen.delete(nodeId)
    this.#connectivityChanged()
  }

  /** The node stops like a process under SIGSTOP: nothing reaches it, nothing of it leaves. */
  freeze(nodeId: NodeId): void {
    if (!this.#frozen.has(nodeId)) this.#frozen.set(nodeId, [])
    this.#connectivityChanged()
  }

  /** The node goes on, and finds that time has passed. */
  thaw(nodeId: NodeId): void {
    const waiting = this.#frozen.get(nodeId) ?? []
    this.#frozen.delete(nodeId)
    for (const run of waiting) this.later(0, run)
    this.#connectivityChanged()
  }

  // What transports and sessions of this network use.

  /** Claims an address; port 0 takes any free port. Undefined when it is taken. */
  bind(addr: Addr, transport: MemoryTransport): Addr | undefined {
    const bound = { host: addr.host, port: addr.port === 0 ? this.#freePort(addr.host) : addr.port }
    const key = formatAddr(bound)
    if (this.#listeners.has(key)) return undefined
    this.#listeners.set(key, transport)
    return bound
  }

  listenerAt(addr: Addr): MemoryTransport | undefined {
    return this.#listeners.get(formatAddr(addr))
  }

  retire(transport: MemoryTransport): void {
    this.#forgetListener(transport)
    this.#transports.get(transport.nodeId)?.delete(transport)
  }

  channel(from: NodeId, to: NodeId): Channel {
    return { from, to, queue: [], lastMs: 0, missedCount: 0 }
  }

  /** Delivers once, in order, as soon as the two nodes can talk. */
  sendReliable(channel: Channel, deliver: () => void): void {
    channel.queue.push(deliver)
    this.#scheduleArrival(channel)
  }

  /** Delivers once or never. */
  sendUnreliable(from: NodeId, to: NodeId, deliver: () => void): void {
    const { loss } = this.#linkOf(from, to)
    const isLost = loss > 0 && this.#random.next() < loss
    const delayMs = this.#delayMs(from, to)
    if (isLost) return
    this.later(delayMs, () => {
      if (this.#canTalk(from, to)) deliver()
    })
  }

  /** Runs something of a node soon; when the node is frozen, once it goes on. */
  soon(nodeId: NodeId, run: () => void): void {
    this.later(0, () => {
      const waiting = this.#frozen.get(nodeId)
      if (waiting === undefined) run()
      else waiting.push(run)
    })
  }

  /** Runs something after so many milliseconds. */
  later(delayMs: number, run: () => void): void {
    this.#events.add(this.clock.now() + delayMs, run)
    if (!this.#isRunning) this.#arm()
  }

  join(pair: SessionPair): void {
    this.#pairs.add(pair)
    this.#watch(pair)
  }

  part(pair: SessionPair): void {
    this.#pairs.delete(pair)
    pair.silence = undefined
  }

  /** Milliseconds one way, without chance. */
  latencyMs(from: NodeId, to: NodeId): number {
    return this.#linkOf(from, to).latencyMs
  }

  #linkOf(from: NodeId, to: NodeId): Required<LinkOptions> {
    return this.#links.get(`${from} ${to}`) ?? this.#defaults
  }

  #delayMs(from: NodeId, to: NodeId): number {
    const { latencyMs, jitterMs, reorder } = this.#linkOf(from, to)
    const delayMs = latencyMs + (jitterMs > 0 ? jitterMs * this.#random.next() : 0)
    const isLate = reorder > 0 && this.#random.next() < reorder
    return isLate ? delayMs * 3 : delayMs
  }

  #scheduleArrival(channel: Channel): void {
    const { latencyMs, loss } = this.#linkOf(channel.from, channel.to)
    let delayMs = this.#delayMs(channel.from, channel.to)
    while (loss > 0 && this.#random.next() < loss) {
      delayMs += 2 * latencyMs + MEMORY_RETRANSMISSION_MS
    }
    channel.lastMs = Math.max(channel.lastMs, this.clock.now() + delayMs)
    this.later(channel.lastMs - this.clock.now(), () => this.#arrive(channel))
  }

  #arrive(channel: Channel): void {
    if (this.#canTalk(channel.from, channel.to)) {
      channel.queue.shift()?.()
    } else {
      channel.missedCount++
      this.#stalled.add(channel)
    }
  }

  #canTalk(a: NodeId, b: NodeId): boolean {
    if (this.#frozen.has(a) || this.#frozen.has(b)) return false
    const groupOfA = this.#groups.get(a)
    const groupOfB = this.#groups.get(b)
    return groupOfA === undefined || groupOfB === undefined || groupOfA === groupOfB
  }

  #connectivityChanged(): void {
    for (const pair of this.#pairs) this.#watch(pair)
    for (const channel of this.#stalled) {
      if (!this.#canTalk(channel.from, channel.to)) continue
      this.#stalled.delete(channel)
      for (; channel.missedCount > 0; channel.missedCount--) this.#scheduleArrival(channel)
    }
  }

  /** A session whose ends cannot hear each other for the idle time ends. */
  #watch(pair: SessionPair): void {
    const [a, b] = pair.ends
    if (a.isAlive && b.isAlive && this.#canTalk(a.self, b.self)) {
      pair.silence = undefined
      return
    }
    if (pair.silence !== undefined) return
    const silence = {}
    pair.silence = silence
    this.later(IDLE_TIMEOUT_MS, () => {
      if (pair.silence !== silence) return
      this.part(pair)
      for (const end of pair.ends) this.soon(end.self, () => end.timeOut())
    })
  }

  #forgetListener(transport: MemoryTransport): void {
    for (const [key, listener] of this.#listeners) {
      if (listener === transport) this.#listeners.delete(key)
    }
  }

  #freePort(host: string): number {
    let port = 49_152
    while (this.#listeners.has(formatAddr({ host, port }))) port++
    return port
  }

  /** One timer for the whole network, at the next event. */
  #arm(): void {
    const nextMs = this.#events.nextMs
    if (nextMs === undefined || nextMs >= this.#timerMs) return
    this.#timer?.cancel()
    this.#timerMs = nextMs
    this.#timer = this.clock.timer(Math.max(0, nextMs - this.clock.now()), () => this.#run())
  }

  #run(): void {
    this.#timerMs = Number.POSITIVE_INFINITY
    this.#isRunning = true
    // What is due now, not what becomes due meanwhile: on the machine's clock others want a turn
    // too.
    const nowMs = this.clock.now()
    try {
      for (;;) {
        const run = this.#events.takeDue(nowMs)
        if (run === undefined) break
        run()
      }
    } finally {
      this.#isRunning = false
      this.#arm()
    }
  }
}

function completed(options: LinkOptions, defaults: Required<LinkOptions>): Required<LinkOptions> {
  const { latencyMs, jitterMs, loss, reorder } = { ...defaults, ...options }
  if (!(latencyMs >= 0 && jitterMs >= 0 && loss >= 0 && loss < 1 && reorder >= 0 && reorder <= 1)) {
    throw new RangeError('a link has times from 0 and probabilities from 0, loss below 1')
  }
  return { latencyMs, jitterMs, loss, reorder }
}
