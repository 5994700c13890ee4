// What is said on a control stream, without the stream: the handshake first, then frames that are
// checked, answered or passed on (Macula protocol, sections 4 and 5). Frames in, effects out; the
// process that owns the connection (peer-connection.ts) carries them out.
//
//   for (const effect of conversation.begin()) perform(effect)              // sends CONNECT, or nothing
//   for (const effect of conversation.receive(fields, clock.now())) perform(effect)
import type { KeyPair, NodeId } from '../identity/key-pair.ts'
import type { Encodable } from '../identity/value.ts'
import { PEER_REASON_LENGTH_MAX } from '../limits.ts'
import { type ConnectionEndReason, connectionEnd } from './connection-end.ts'
import type { FrameFields } from './frame.ts'
import { signFrame } from './frame-signature.ts'
import type { Stamp } from './frames/fields.ts'
import { type Frame, fieldsOf } from './frames/frame-type.ts'
import {
  expireHandshake,
  type HandshakeEffect,
  type HandshakeState,
  type HandshakeStep,
  type Peer,
  type PuzzlePolicy,
  receiveFrame,
  startClient,
  startServer,
} from './handshake.ts'
import {
  type FrameRefusalReason,
  InboundGuard,
  type InboundRates,
  type SessionFrame,
} from './inbound-guard.ts'

export interface ConversationOptions {
  readonly keys: KeyPair
  /** The peer's id, as the transport proved it. */
  readonly peer: NodeId
  /** Who dialled opens the conversation. */
  readonly role: 'dialler' | 'acceptor'
  readonly capabilities: number
  /** Of an acceptor. */
  readonly puzzlePolicy: PuzzlePolicy
  readonly rates: InboundRates
  /** Ids and times for the frames we send. */
  readonly stamp: () => Stamp
}

/** A frame that concerns others than the connection. */
export type PeerFrame = Exclude<SessionFrame, { readonly type: 'ping' | 'pong' | 'goodbye' }>

export type ConversationEffect =
  /** A whole frame for the control stream. */
  | { readonly type: 'send'; readonly wire: Uint8Array }
  /** The handshake is done: larger frames may come. */
  | { readonly type: 'connected'; readonly peer: Peer }
  /** Verified, for whoever it concerns. */
  | { readonly type: 'frame'; readonly frame: PeerFrame }
  /** A frame reaches nobody. */
  | { readonly type: 'refused'; readonly reason: FrameRefusalReason }
  | { readonly type: 'warn'; readonly what: string }
  | { readonly type: 'end'; readonly end: ConnectionEndReason }

const NOTHING: readonly ConversationEffect[] = []

export class Conversation {
  readonly #options: ConversationOptions
  #handshake: HandshakeState | undefined
  /** Set once the handshake is done. */
  #guard: InboundGuard | undefined

  constructor(options: ConversationOptions) {
    this.#options = options
  }

  get isEstablished(): boolean {
    return this.#guard !== undefined
  }

  /** The control stream is open. */
  begin(nowMs: number): readonly ConversationEffect[] {
    const { keys, peer: proven, role, capabilities, puzzlePolicy, stamp } = this.#options
    const options = { keys, proven, capabilities, puzzlePolicy, stamp }
    return this.#step(role === 'dialler' ? startClient(options) : startServer(options), nowMs)
  }

  /** A frame has come. */
  receive(fields: FrameFields, nowMs: number): readonly ConversationEffect[] {
    if (this.#guard === undefined) {
      const handshake = this.#handshake
      return handshake === undefined ? NOTHING : this.#step(receiveFrame(handshake, fields), nowMs)
    }
    const decision = this.#guard.admit(fields, nowMs)
    if (decision.act === 'pass') return this.#handle(decision.frame)
    const { reason } = decision
    const refused: ConversationEffect = { type: 'refused', reason }
    if (decision.act === 'drop') return [refused]
    const detail = shortReason(`${reason}: ${decision.detail}`)
    return [refused, { type: 'end', end: connectionEnd('protocol_error', detail) }]
  }

  /** The time for the handshake is over. */
  expire(nowMs: number): readonly ConversationEffect[] {
    if (this.isEstablished) return NOTHING
    if (this.#handshake !== undefined) return this.#step(expireHandshake(this.#handshake), nowMs)
    const detail = 'handshake_timeout no control stream'
    return [{ type: 'end', end: connectionEnd('handshake_failed', detail) }]
  }

  /** The bytes of a frame of ours. */
  wireOf(frame: Frame<Encodable>): Uint8Array {
    return signFrame(fieldsOf(frame), this.#options.keys)
  }

  #step({ state, effects }: HandshakeStep, nowMs: number): ConversationEffect[] {
    this.#handshake = state
    if (state.phase === 'established') {
      this.#guard = new InboundGuard(state.peer.nodeId, this.#options.rates, nowMs)
    }
    return effects.map(effectOf)
  }

  #handle(frame: SessionFrame): readonly ConversationEffect[] {
    if (frame.type === 'pong') return NOTHING
    if (frame.type === 'goodbye') {
      return [{ type: 'end', end: connectionEnd('goodbye', shortReason(frame.reason)) }]
    }
    if (frame.type !== 'ping') return [{ type: 'frame', frame }]
    const { stamp } = this.#options
    const wire = this.wireOf({ type: 'pong', ...stamp(), nonce: frame.nonce })
    return [{ type: 'send', wire }]
  }
}

function effectOf(effect: HandshakeEffect): ConversationEffect {
  switch (effect.type) {
    case 'send':
      return effect
    case 'established':
      return { type: 'connected', peer: effect.peer }
    case 'warn':
      return { type: 'warn', what: effect.what }
    case 'dropped':
      return { type: 'refused', reason: 'before_hello' }
    case 'close': {
      const { failure, detail } = effect
      if (failure === 'goodbye')
        return { type: 'end', end: connectionEnd('goodbye', shortReason(detail)) }
      const text = shortReason(`${failure} ${detail}`)
      return { type: 'end', end: connectionEnd('handshake_failed', text) }
    }
  }
}

/** What a peer says is kept short. */
function shortReason(text: string): string {
  return text.slice(0, PEER_REASON_LENGTH_MAX)
}
