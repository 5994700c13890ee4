// A session of the simulator (memory-network.ts): two ends that pass messages, each stream on a
// channel of its own, with the windows and stream limits of real sessions.

import type { NodeId } from '../identity/key-pair.ts'
import {
  DATAGRAM_QUEUE_MAX,
  MEMORY_DATAGRAM_BYTES_MAX,
  STREAM_WINDOW_BYTES,
  STREAMS_MAX,
} from '../limits.ts'
import { CarriedSession, HANDLER_FAILED, type SessionInit, shortReason } from './carried-session.ts'
import type { Channel, MemoryNetwork, SessionPair } from './memory-network.ts'
import type { Aborted, Chunk, SessionStream } from './session-stream.ts'
import type { StreamKind } from './transport.ts'

/** A stream at one end. */
interface StreamState {
  /** Bytes the other end still takes. */
  roomBytes: number
  /** Bytes read since the other end was last told. */
  readBytes: number
  readonly inbox: (Chunk | Aborted)[]
  /** Nothing more will arrive. */
  isComplete: boolean
  /** Our own stream has forgotten it. */
  isReleased: boolean
  readonly channel: Channel
}

export class MemorySession extends CarriedSession {
  readonly via = 'memory'
  readonly maxDatagram: number = MEMORY_DATAGRAM_BYTES_MAX
  readonly self: NodeId
  /** False once its node has crashed: then nothing of it runs again. */
  isAlive = true
  readonly #network: MemoryNetwork
  readonly #onGone: (session: MemorySession) => void
  readonly #states = new Map<number, StreamState>()
  readonly #control: Channel
  readonly #allowedCounts = { bidi: STREAMS_MAX, uni: STREAMS_MAX }
  readonly #begunCounts = { bidi: 0, uni: 0 }
  readonly #datagrams: Uint8Array[] = []
  readonly #rttMs: number
  #pair: SessionPair | undefined
  #isSurfaced = false
  #isTurnDue = false

  constructor(
    network: MemoryNetwork,
    self: NodeId,
    init: Omit<SessionInit, 'clock'>,
    rttMs: number,
    onGone: (session: MemorySession) => void,
  ) {
    super({ ...init, clock: network.clock })
    this.#network = network
    this.self = self
    this.#control = network.channel(self, init.peer)
    this.#rttMs = rttMs
    this.#onGone = onGone
  }

  /** The pair this end belongs to, known once both ends are made. */
  join(pair: SessionPair): void {
    this.#pair = pair
  }

  /** From now on handlers may run; an inbound session is handed over first. */
  surface(): void {
    this.#isSurfaced = true
    this.wake()
  }

  rttMs(): number {
    return this.#rttMs
  }

  close(code: number, reason = ''): void {
    if (this.hasEnded) return
    const said = shortReason(reason)
    this.#tellPeer((peer) => peer.#hearClose(code, said))
    this.#end({ by: 'local', code, reason: said })
  }

  /** Nothing was heard of the other end for too long. */
  timeOut(): void {
    this.#end({ by: 'timeout', code: 0, reason: 'nothing was heard of the peer' })
  }

  /** The node of this end died. */
  crash(): void {
    this.isAlive = false
  }

  datagram(bytes: Uint8Array): boolean {
    const peer = this.#peerEnd()
    if (peer === undefined || this.hasEnded || bytes.length > this.maxDatagram) return false
    const copy = bytes.slice()
    this.#network.sendUnreliable(this.self, this.peer, () => peer.#receiveDatagram(copy))
    return true
  }

  send(id: number, bytes: Uint8Array, last: boolean): number {
    const state = this.#states.get(id)
    if (state === undefined || this.hasEnded) return 0
    const takenCount = Math.min(bytes.length, state.roomBytes)
    if (takenCount === 0) return 0
    state.roomBytes -= takenCount
    const chunk = {
      bytes: bytes.slice(0, takenCount),
      last: last && takenCount === bytes.length,
    }
    this.#tellStream(state, (peer) => peer.#receiveChunk(id, chunk))
    return takenCount
  }

  receive(id: number): Chunk | Aborted | undefined {
    const state = this.#states.get(id)
    const received = state?.inbox.shift()
    if (state === undefined || received === undefined || 'aborted' in received) return received
    state.readBytes += received.bytes.length
    if (state.readBytes * 2 >= STREAM_WINDOW_BYTES) {
      const { readBytes } = state
      state.readBytes = 0
      this.#tellPeer((peer) => peer.#grow(id, readBytes))
    }
    return received
  }

  abandonWriting(id: number, code: number): void {
    const state = this.#states.get(id)
    if (state === undefined) return
    this.#tellStream(state, (peer) => peer.#receiveChunk(id, { aborted: code }))
  }

  wake(): void {
    if (this.#isTurnDue || !this.#isSurfaced) return
    this.#isTurnDue = true
    this.#network.soon(this.self, () => {
      this.#isTurnDue = false
      if (this.isAlive && !this.hasEnded) this.turn(true)
    })
  }

  override release(stream: SessionStream): void {
    super.release(stream)
    const state = this.#states.get(stream.id)
    if (state === undefined) return
    state.isReleased = true
    this.#forget(stream.id, state)
  }

  protected streamsLeft(kind: StreamKind): number {
    return this.#allowedCounts[kind] - this.#begunCounts[kind]
  }

  protected begin(id: number): void {
    this.#begunCounts[kindOf(id)]++
    this.#stateOf(id)
  }

  protected *readable(): Iterable<number> {
    for (const [id, state] of this.#states) if (state.inbox.length > 0) yield id
  }

  protected *writable(): Iterable<number> {
    for (const [id, state] of this.#states) if (state.roomBytes > 0) yield id
  }

  protected readDatagrams(take: (bytes: Uint8Array) => void): void {
    for (const bytes of this.#datagrams.splice(0)) take(bytes)
  }

  protected fail(cause: unknown): void {
    const reason = 'a handler failed'
    this.#tellPeer((peer) => peer.#hearClose(HANDLER_FAILED, reason))
    this.#end({ by: 'failure', code: HANDLER_FAILED, reason, cause })
  }

  #end(info: Parameters<CarriedSession['end']>[0]): void {
    if (this.hasEnded || !this.isAlive) return
    if (this.#pair !== undefined) this.#network.part(this.#pair)
    this.#onGone(this)
    this.end(info)
  }

  /** The peer has closed; what came before that is still read. */
  #hearClose(code: number, reason: string): void {
    if (this.#isSurfaced) this.turn(true)
    this.#end({ by: 'remote', code, reason })
  }

  #receiveChunk(id: number, chunk: Chunk | Aborted): void {
    const state =
      this.#states.get(id) ?? (isOurs(id, this.direction) ? undefined : this.#stateOf(id))
    if (state === undefined || state.isComplete) return
    state.isComplete = 'aborted' in chunk || chunk.last
    if ('aborted' in chunk) state.inbox.length = 0
    state.inbox.push(chunk)
    this.#forget(id, state)
    this.wake()
  }

  #grow(id: number, bytes: number): void {
    const state = this.#states.get(id)
    if (state === undefined) return
    state.roomBytes += bytes
    this.wake()
  }

  #allow(kind: StreamKind): void {
    this.#allowedCounts[kind]++
    this.wake()
  }

  #receiveDatagram(bytes: Uint8Array): void {
    if (this.#datagrams.length >= DATAGRAM_QUEUE_MAX) return
    this.#datagrams.push(bytes)
    this.wake()
  }

  #stateOf(id: number): StreamState {
    const writesOnly = kindOf(id) === 'uni' && isOurs(id, this.direction)
    const state: StreamState = {
      roomBytes: STREAM_WINDOW_BYTES,
      readBytes: 0,
      inbox: [],
      isComplete: writesOnly,
      isReleased: false,
      channel: this.#network.channel(this.self, this.peer),
    }
    this.#states.set(id, state)
    return state
  }

  /** Forgets a stream that is over on both ends, and lets the peer open another. */
  #forget(id: number, state: StreamState): void {
    if (!state.isReleased || !state.isComplete) return
    this.#states.delete(id)
    if (!isOurs(id, this.direction)) this.#tellPeer((peer) => peer.#allow(kindOf(id)))
  }

  #peerEnd(): MemorySession | undefined {
    return this.#pair?.ends.find((end) => end !== this)
  }

  #tellStream(state: StreamState, tell: (peer: MemorySession) => void): void {
    this.#send(state.channel, tell)
  }

  #tellPeer(tell: (peer: MemorySession) => void): void {
    this.#send(this.#control, tell)
  }

  #send(channel: Channel, tell: (peer: MemorySession) => void): void {
    const peer = this.#peerEnd()
    if (peer === undefined) return
    this.#network.sendReliable(channel, () => {
      if (peer.isAlive && !peer.hasEnded) tell(peer)
    })
  }
}

function isOurs(id: number, direction: 'inbound' | 'outbound'): boolean {
  return ((id & 1) !== 0) === (direction === 'inbound')
}

function kindOf(id: number): StreamKind {
  return (id & 2) === 0 ? 'bidi' : 'uni'
}
