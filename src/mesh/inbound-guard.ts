// What of a known peer's frames reaches anybody: those within its rates, well-formed, and signed by
// whom the protocol wants it from (Macula protocol, section 5, "Verify with"). The cheap questions
// come first: what is over its rate costs no verification.
//
//   const decision = guard.admit(fields, clock.now())
//   if (decision.act === 'pass') handle(decision.frame)
//
// After it, `publisherSig !== undefined` on a PUBLISH or EVENT means that the publisher's signature
// holds.
import type { NodeId } from '../identity/key-pair.ts'
import { CONTROL_FRAMES_BURST, CONTROL_FRAMES_PER_SECOND } from '../limits.ts'
import type { FrameFields } from './frame.ts'
import { verifyFrame, verifyPublisher } from './frame-signature.ts'
import type { Event } from './frames/event.ts'
import { parseFrame } from './frames/frame-type.ts'
import type { Goodbye } from './frames/goodbye.ts'
import type { Ping } from './frames/ping.ts'
import type { Pong } from './frames/pong.ts'
import type { Publish } from './frames/publish.ts'
import type { Subscribe } from './frames/subscribe.ts'
import type { Unsubscribe } from './frames/unsubscribe.ts'
import { type Rate, TokenBucket } from './token-bucket.ts'

/** What a peer may send. */
export interface InboundRates {
  /** PUBLISH and EVENT frames; more are dropped. Default: no limit. */
  readonly events?: Rate
  /** All other frames; more end the connection. Default 200 a second, 10,000 at once. */
  readonly control?: Rate
  /** Bytes of all frames; beyond it they are read later. Default: no limit. */
  readonly bytes?: Rate
}

/** A frame after the handshake. */
export type SessionFrame = Goodbye | Ping | Pong | Subscribe | Unsubscribe | Publish | Event

/** Why a frame did not reach anybody; stable names, for counting. */
export type FrameRefusalReason =
  | 'bad_frame'
  | 'before_hello'
  | 'frame_too_large'
  | 'publisher_sig_invalid'
  | 'rate_exceeded'
  | 'signature_invalid'
  | 'unexpected_frame'
  | 'unknown_frame'

export type FrameDecision =
  | { readonly act: 'pass'; readonly frame: SessionFrame }
  | { readonly act: 'drop'; readonly reason: FrameRefusalReason }
  /** The peer does not keep to the protocol: say GOODBYE with the reason, and close. */
  | { readonly act: 'close'; readonly reason: FrameRefusalReason; readonly detail: string }

const CONTROL_RATE: Rate = { perSecond: CONTROL_FRAMES_PER_SECOND, burst: CONTROL_FRAMES_BURST }

export class InboundGuard {
  readonly #peer: NodeId
  readonly #events: TokenBucket | undefined
  readonly #control: TokenBucket

  constructor(peer: NodeId, rates: InboundRates, nowMs: number) {
    this.#peer = peer
    this.#events = rates.events === undefined ? undefined : new TokenBucket(rates.events, nowMs)
    this.#control = new TokenBucket(rates.control ?? CONTROL_RATE, nowMs)
  }

  /** What to do about a frame; never throws. */
  admit(fields: FrameFields, nowMs: number): FrameDecision {
    const frameType = fields.get('frame_type')
    if (frameType === 'publish' || frameType === 'event') {
      if (this.#events?.take(1, nowMs) === false) return { act: 'drop', reason: 'rate_exceeded' }
    } else if (!this.#control.take(1, nowMs)) {
      return { act: 'close', reason: 'rate_exceeded', detail: 'too many frames a second' }
    }
    const frame = parseFrame(fields)
    switch (frame.type) {
      case 'unknown':
        return { act: 'drop', reason: 'unknown_frame' }
      case 'malformed':
        // Parts of an event are its publisher's: whoever passes it on is not to blame.
        if (frame.frameType === 'event') return { act: 'drop', reason: 'bad_frame' }
        return { act: 'close', reason: 'bad_frame', detail: `${frame.frameType}: ${frame.detail}` }
      case 'connect':
      case 'hello':
        return { act: 'close', reason: 'unexpected_frame', detail: frame.type }
      case 'event':
        return frame.publisherSig === undefined
          ? this.#fromPeer(fields, frame)
          : fromPublisher(fields, frame)
      case 'publish': {
        const decision = this.#fromPeer(fields, frame)
        const isSigned = decision.act === 'pass' && frame.publisherSig !== undefined
        return isSigned ? fromPublisher(fields, frame) : decision
      }
      default:
        return this.#fromPeer(fields, frame)
    }
  }

  #fromPeer(fields: FrameFields, frame: SessionFrame): FrameDecision {
    const verdict = verifyFrame(fields, this.#peer)
    if (verdict === 'ok') return { act: 'pass', frame }
    return { act: 'close', reason: verdict, detail: `${frame.type} is not signed by its sender` }
  }
}

/** A bad signature of a publisher is not the fault of whoever passes it on. */
function fromPublisher(fields: FrameFields, frame: Publish | Event): FrameDecision {
  const isGenuine = verifyPublisher(fields, frame.publisher) === 'ok'
  return isGenuine ? { act: 'pass', frame } : { act: 'drop', reason: 'publisher_sig_invalid' }
}
