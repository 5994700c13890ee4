// The handshake of a connection (Macula protocol, section 4), pure: states and frames in, states
// and effects out. The dialling node says CONNECT, the accepting one HELLO; each signs with its
// node key, and what the other side claims is believed only when the signature holds, the key is
// one somebody can own, and, where the transport proved an id, when it is the same one.
//
//   let step = startClient(options)
//   for (const effect of step.effects) perform(effect)      // send CONNECT
//   step = receiveFrame(step.state, fields)       // HELLO came: { type: 'established', peer }
//
// The process that owns the connection writes, closes, and calls `expireHandshake` after
// `HANDSHAKE_TIMEOUT_MS`. Replaced connections and liveness are its business, too.
import type { KeyPair, NodeId } from '../identity/key-pair.ts'
import { publicKeyOf } from '../identity/key-pair.ts'
import { isHardened, puzzleEvidence } from '../identity/puzzle.ts'
import type { Realm } from '../identity/realm.ts'
import { isUsableNodeId } from '../identity/signature.ts'
import type { ValueMap } from '../identity/value.ts'
import { PUZZLE_DIFFICULTY_BITS } from '../limits.ts'
import type { FrameFields } from './frame.ts'
import { signFrame, verifyFrame } from './frame-signature.ts'
import type { Connect } from './frames/connect.ts'
import type { Stamp } from './frames/fields.ts'
import { type Frame, fieldsOf, parseFrame } from './frames/frame-type.ts'
import type { GoodbyeReason } from './frames/goodbye.ts'
import type { Hello } from './frames/hello.ts'

/** Bit 0 of the capabilities: the node is a station that relays. Others leave it 0. */
export const CAPABILITY_STATION = 1

/** What a station does about a key that is not hardened: nothing, a warning, or GOODBYE. */
export type PuzzlePolicy = 'off' | 'log_only' | 'enforce'

export interface HandshakeOptions {
  readonly keys: KeyPair
  /** Ids and times for the frames we send. */
  readonly stamp: () => Stamp
  /**
   * The id the transport proved the other end to have, when it did. Without one a CONNECT could be
   * a copy of what its sender once said to another station: nothing in it names the receiver.
   */
  readonly proven?: NodeId
  /** Client: the only id to accept. */
  readonly expect?: NodeId
  /** Default 0; a station says `CAPABILITY_STATION`. */
  readonly capabilities?: number
  readonly realms?: readonly Realm[]
  readonly addresses?: readonly ValueMap[]
  readonly site?: ValueMap
  /** Server: default `off`. */
  readonly puzzlePolicy?: PuzzlePolicy
  /** Server: default 8. */
  readonly puzzleDifficultyBits?: number
}

/** The other end, once it has proved who it is. */
export interface Peer {
  readonly nodeId: NodeId
  readonly stationId: NodeId
  readonly realms: readonly Realm[]
  readonly addresses: readonly ValueMap[]
  readonly site: ValueMap | null
  readonly capabilities: number
  readonly isStation: boolean
}

/** Why a handshake came to nothing; stable. */
export type HandshakeFailure =
  /** The frame is not what its type says. */
  | 'bad_frame'
  | 'signature_invalid'
  /** Not the id that was expected, or not the one the transport proved. */
  | 'node_id_mismatch'
  /** We reached ourselves. */
  | 'own_node_id'
  /** The id is no point of the curve, or one that anybody can sign for. */
  | 'unusable_node_id'
  | 'puzzle_invalid'
  /** HELLO says `accepted` = `false`. */
  | 'refused'
  /** The other side said GOODBYE; the detail is its reason. */
  | 'goodbye'
  /** Something before CONNECT. */
  | 'unexpected_frame'
  | 'handshake_timeout'

export type HandshakeState =
  | { readonly phase: 'awaiting_connect' | 'awaiting_hello'; readonly options: HandshakeOptions }
  | { readonly phase: 'established'; readonly peer: Peer }
  | { readonly phase: 'failed'; readonly failure: HandshakeFailure }

export type HandshakeEffect =
  /** Write these bytes, a whole frame, to the control stream. */
  | { readonly type: 'send'; readonly wire: Uint8Array }
  | { readonly type: 'established'; readonly peer: Peer }
  /** The peer's key is not hardened and policy is `log_only`. */
  | { readonly type: 'warn'; readonly what: 'puzzle_invalid'; readonly nodeId: NodeId }
  /** A frame before HELLO: dropped. */
  | { readonly type: 'dropped'; readonly frameType: string }
  /** Send what is queued, then close the session. */
  | { readonly type: 'close'; readonly failure: HandshakeFailure; readonly detail: string }

export interface HandshakeStep {
  readonly state: HandshakeState
  readonly effects: readonly HandshakeEffect[]
}

/** The dialling side: sends CONNECT. */
export function startClient(options: HandshakeOptions): HandshakeStep {
  const { keys } = options
  const connect: Connect = {
    type: 'connect',
    ...introduction(options),
    puzzleEvidence: puzzleEvidence(keys.publicKey),
    endorsements: [],
  }
  return {
    state: { phase: 'awaiting_hello', options },
    effects: [send(connect, keys)],
  }
}

/** The accepting side: waits for CONNECT. */
export function startServer(options: HandshakeOptions): HandshakeStep {
  return { state: { phase: 'awaiting_connect', options }, effects: [] }
}

/** A frame came on the control stream. After the handshake it is none of ours: nothing happens. */
export function receiveFrame(state: HandshakeState, fields: FrameFields): HandshakeStep {
  if (state.phase === 'established' || state.phase === 'failed') return { state, effects: [] }
  const frame = parseFrame(fields)
  if (frame.type === 'malformed') return fail('bad_frame', `${frame.frameType}: ${frame.detail}`)
  if (frame.type === 'goodbye') return fail('goodbye', frame.reason)
  const frameType = frame.type === 'unknown' ? frame.frameType : frame.type
  if (state.phase === 'awaiting_connect') {
    if (frame.type === 'connect') return accept(state.options, frame, fields)
    return fail('unexpected_frame', frameType)
  }
  if (frame.type === 'hello') return conclude(state.options, frame, fields)
  return { state, effects: [{ type: 'dropped', frameType }] }
}

/** `HANDSHAKE_TIMEOUT_MS` have passed since the start. */
export function expireHandshake(state: HandshakeState): HandshakeStep {
  if (state.phase === 'established' || state.phase === 'failed') return { state, effects: [] }
  return fail('handshake_timeout', state.phase)
}

/** Server: CONNECT came. */
function accept(options: HandshakeOptions, connect: Connect, fields: FrameFields): HandshakeStep {
  const refusal = identityRefusal(options, connect.nodeId, fields)
  if (refusal !== undefined) return refusal
  const { keys, capabilities = 0, puzzlePolicy = 'off' } = options
  const hello: Hello = {
    type: 'hello',
    ...introduction(options),
    isAccepted: true,
    refusalCode: null,
    negotiatedCapabilities: capabilities,
  }
  const difficulty = options.puzzleDifficultyBits ?? PUZZLE_DIFFICULTY_BITS
  const isWeak = puzzlePolicy !== 'off' && !isHardened(publicKeyOf(connect.nodeId), difficulty)
  if (isWeak && puzzlePolicy === 'enforce') {
    // The protocol's order: the handshake is completed first, then ended.
    const detail = `fewer than ${difficulty} zero bits`
    return fail('puzzle_invalid', detail, [send(hello, keys), goodbye(options, 'puzzle_invalid')])
  }
  const warnings: HandshakeEffect[] = isWeak
    ? [{ type: 'warn', what: 'puzzle_invalid', nodeId: connect.nodeId }]
    : []
  return establish(connect, [send(hello, keys), ...warnings])
}

/** Client: HELLO came. */
function conclude(options: HandshakeOptions, hello: Hello, fields: FrameFields): HandshakeStep {
  const refusal = identityRefusal(options, hello.nodeId, fields)
  if (refusal !== undefined) return refusal
  if (!hello.isAccepted) return fail('refused', `code ${hello.refusalCode ?? 'none'}`)
  return establish(hello, [])
}

/** Why the other side is not who it says; undefined when it is. The cheap questions come first. */
function identityRefusal(
  options: HandshakeOptions,
  claimed: NodeId,
  fields: FrameFields,
): HandshakeStep | undefined {
  const { keys, proven, expect } = options
  if (claimed === keys.nodeId) return fail('own_node_id', claimed)
  if (proven !== undefined && proven !== claimed) {
    const detail = `the transport proved ${proven}, the frame claims ${claimed}`
    return fail('node_id_mismatch', detail, [goodbye(options, 'node_id_mismatch')])
  }
  if (!isUsableNodeId(claimed)) return fail('unusable_node_id', claimed)
  const verdict = verifyFrame(fields, claimed)
  if (verdict !== 'ok') return fail(verdict, `by ${claimed}`)
  if (expect !== undefined && expect !== claimed) {
    const detail = `expected ${expect}, it is ${claimed}`
    return fail('node_id_mismatch', detail, [goodbye(options, 'node_id_mismatch')])
  }
  return undefined
}

/** What CONNECT and HELLO both say about us. */
function introduction(options: HandshakeOptions) {
  const { keys, capabilities = 0, realms = [], addresses = [], site = null } = options
  return {
    ...options.stamp(),
    capabilities,
    nodeId: keys.nodeId,
    stationId: keys.nodeId,
    realms,
    addresses,
    site,
  }
}

function establish(frame: Connect | Hello, effects: HandshakeEffect[]): HandshakeStep {
  const { nodeId, stationId, realms, addresses, site, capabilities = 0 } = frame
  const isStation = capabilities % 2 === CAPABILITY_STATION
  const peer: Peer = { nodeId, stationId, realms, addresses, site, capabilities, isStation }
  return {
    state: { phase: 'established', peer },
    effects: [...effects, { type: 'established', peer }],
  }
}

function fail(
  failure: HandshakeFailure,
  detail: string,
  before: readonly HandshakeEffect[] = [],
): HandshakeStep {
  return {
    state: { phase: 'failed', failure },
    effects: [...before, { type: 'close', failure, detail }],
  }
}

function goodbye(options: HandshakeOptions, reason: GoodbyeReason): HandshakeEffect {
  const frame: Frame = { type: 'goodbye', ...options.stamp(), reason, detail: null }
  return send(frame, options.keys)
}

function send(frame: Frame, keys: KeyPair): HandshakeEffect {
  return { type: 'send', wire: signFrame(fieldsOf(frame), keys) }
}
