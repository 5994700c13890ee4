// Generators of typed frames for laws: every frame we speak, every field over its whole range.
import fc from 'fast-check'
import { nodeIdOf } from '../../../src/identity/key-pair.ts'
import { realmOf } from '../../../src/identity/realm.ts'
import type { ValueMap } from '../../../src/identity/value.ts'
import type { Frame } from '../../../src/mesh/frames/frame-type.ts'
import { value } from '../../identity/arbitrary-value.ts'

function bytes(size: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: size, maxLength: size })
}

const uint = fc.maxSafeNat()
const text = fc.string({ unit: 'binary', maxLength: 30 })
const nodeId = bytes(32).map(nodeIdOf)
const realm = bytes(32).map(realmOf)
const map: fc.Arbitrary<ValueMap> = fc
  .dictionary(text, value, { maxKeys: 3 })
  .map((record) => new Map(Object.entries(record)))
const maps = fc.array(map, { maxLength: 2 })
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

const header = { frameId: bytes(16), sentAtMs: uint, capabilities: uint }
const introduction = {
  ...header,
  nodeId,
  stationId: nodeId,
  realms: fc.array(realm, { maxLength: 3 }),
  addresses: maps,
  site: orNull(map),
}
const published = { ...header, topic: text, realm, publisher: nodeId, seq: uint, payload: value }
const signature = { publisherSig: bytes(64) }

/** Any frame we speak, without values that an Erlang receiver would change. */
export const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record<Frame & { type: 'connect' }>({
    type: fc.constant('connect'),
    ...introduction,
    puzzleEvidence: bytes(32),
    endorsements: maps,
  }),
  fc.record<Frame & { type: 'hello' }>({
    type: fc.constant('hello'),
    ...introduction,
    isAccepted: fc.boolean(),
    refusalCode: orNull(uint),
    negotiatedCapabilities: uint,
  }),
  fc.record<Frame & { type: 'goodbye' }>({
    type: fc.constant('goodbye'),
    ...header,
    reason: text,
    detail: orNull(fc.uint8Array({ maxLength: 40 })),
  }),
  fc.record<Frame & { type: 'ping' }>({ type: fc.constant('ping'), ...header, nonce: bytes(16) }),
  fc.record<Frame & { type: 'pong' }>({ type: fc.constant('pong'), ...header, nonce: bytes(16) }),
  fc.record<Frame & { type: 'subscribe' }>({
    type: fc.constant('subscribe'),
    ...header,
    topic: text,
    realm,
    subscriber: nodeId,
    filter: value,
    options: map,
  }),
  fc.record<Frame & { type: 'unsubscribe' }>({
    type: fc.constant('unsubscribe'),
    ...header,
    topic: text,
    realm,
    subscriber: nodeId,
  }),
  fc.record<Frame & { type: 'publish' }>({
    type: fc.constant('publish'),
    ...published,
    ...signature,
    publishedAtMs: uint,
    ttlMs: orNull(uint),
  }),
  fc.record<Frame & { type: 'event' }>({
    type: fc.constant('event'),
    ...published,
    ...signature,
    deliveredVia: fc.constantFrom('direct', 'plumtree', 'dht'),
  }),
)
