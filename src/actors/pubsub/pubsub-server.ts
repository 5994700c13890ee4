// Publish and subscribe for the processes of a node (Macula protocol, section 8). Subscribers get
// events as ordinary messages; what they want is told to every station that is or will be
// connected; what is published is signed, delivered to subscribers here at once, and handed to the
// stations.
//
//   await subscribe('pubsub', realm, topic, self())        // { type: 'event', … } arrives in handleInfo
//   await publish('pubsub', realm, topic, { fitness: new Float(0.9) })
//
// Delivery is at most once: an event that is on its way when a connection breaks is lost, and there
// is no history. While no station is connected, the latest publish of each topic is kept and sent
// later; older ones of the topic are dropped, because a subscriber that was away wants the state,
// not its past.
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type ReplyOf,
  type Result,
  type ServerPid,
  type ServerRef,
  startLink,
} from '../../behaviours/gen-server.ts'
import { decode } from '../../identity/canonical-decoder.ts'
import { encode } from '../../identity/canonical-encoder.ts'
import type { KeyPair } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import { CborError, type Encodable } from '../../identity/value.ts'
import {
  CLIENT_SEEN_MAX,
  CLIENT_SEEN_MS,
  EVENT_FRAME_BYTES_MAX,
  NODE_SUBSCRIPTIONS_MAX,
  NODE_TOPICS_MAX,
  SUBSCRIBER_MESSAGES_WAITING_MAX,
} from '../../limits.ts'
import { FrameError } from '../../mesh/frame.ts'
import { signFrame, withPublisherSignature } from '../../mesh/frame-signature.ts'
import type { Event } from '../../mesh/frames/event.ts'
import { type Stamp, stampAt } from '../../mesh/frames/fields.ts'
import { fieldsOf } from '../../mesh/frames/frame-type.ts'
import type { FrameRefusalReason } from '../../mesh/inbound-guard.ts'
import { type PeerConnectionPid, sendEvent, sendFrame } from '../../mesh/peer-connection.ts'
import type { PeerMessage } from '../../mesh/peer-manager.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import type { Name, Pid } from '../../runtime/pid.ts'
import { processInfo, send } from '../../runtime/process.ts'
import { secureRandomBytes } from '../../runtime/random.ts'
import { Down, demonitor, type MonitorRef, monitor } from '../../runtime/signal.ts'
import type { ChildSpec } from '../../supervisors/child-spec.ts'
import { KeptPublishes } from './kept-publishes.ts'
import { badPayload, payloadTooLarge, tooMany } from './pubsub-error.ts'
import { SeenCache } from './seen-cache.ts'
import { type EventMessage, type RealmTopic, SubscriptionTable } from './subscription.ts'
import { checkTopic } from './topic.ts'

export type { EventMessage } from './subscription.ts'

export interface PubSubOptions {
  readonly keys: KeyPair
  readonly clock?: Clock
  readonly name?: Name<PubSubPid>
  /** Whether events that their publisher did not sign are dropped; default true. */
  readonly isStrict?: boolean
}

/** What became of a publish; whether anybody remote received it nobody knows. */
export interface Published {
  readonly seq: number
  /** Subscribers of this node. */
  readonly localSubscribers: number
  /** Stations it was handed to; with 0 it is kept for later. */
  readonly peers: number
}

/** Why an event reached no subscriber of this node; stable names, for counting. */
export type EventRefusalReason =
  | FrameRefusalReason
  | 'duplicate'
  | 'not_subscribed'
  | 'own_echo'
  | 'publisher_sig_absent'
  | 'subscriber_overloaded'

/** What a pub-sub server has done, for a person who looks. */
export interface PubSubInfo {
  readonly topics: number
  readonly subscribers: number
  /** Stations connected. */
  readonly peers: number
  /** Publishes kept until a station is connected. */
  readonly kept: number
  readonly published: number
  /** Events from stations that were new and wanted. */
  readonly received: number
  /** Messages to subscribers. */
  readonly delivered: number
  readonly refused: Readonly<Partial<Record<EventRefusalReason, number>>>
}

type SubscriptionFields = { realm: Realm; topic: string; subscriber: Pid<EventMessage> }

export type PubSubCall =
  | Call<'subscribe', SubscriptionFields, ArborError | undefined>
  | Call<'unsubscribe', SubscriptionFields, undefined>
  | Call<'publish', { realm: Realm; topic: string; payload: Encodable }, Published | ArborError>
  | Call<'info', object, PubSubInfo>
export type PubSubPid = ServerPid<PubSubCall>
export type PubSubRef = ServerRef<PubSubCall>

/** Child spec of a server. It has to be among the subscribers of a peer manager: `peersSpec`. */
export function pubSubSpec(options: PubSubOptions): ChildSpec<PubSubPid> {
  const { name } = options
  return {
    id: 'pubsub',
    start: () => startLink(new PubSubServer(options), name === undefined ? {} : { name }),
  }
}

/**
 * Subscribes a process to the events of a topic, its own node's included, until it unsubscribes or
 * ends. Subscribing twice is subscribing once.
 * @throws ArborError `bad_topic`, or `too_many_subscriptions` when a bound of limits.ts is reached
 */
export async function subscribe(
  pubsub: PubSubRef,
  realm: Realm,
  topic: string,
  subscriber: Pid<EventMessage>,
): Promise<void> {
  checkTopic('subscribe', topic)
  const refused = await call(pubsub, {
    type: 'subscribe',
    realm,
    topic,
    subscriber,
  })
  if (refused !== undefined) throw refused
}

/** Takes a subscription back; events that are in the mailbox already stay there. */
export async function unsubscribe(
  pubsub: PubSubRef,
  realm: Realm,
  topic: string,
  subscriber: Pid<EventMessage>,
): Promise<void> {
  await call(pubsub, { type: 'unsubscribe', realm, topic, subscriber })
}

/**
 * Signs a message as this node and sends it to all subscribers of the topic, everywhere.
 * @throws ArborError `bad_topic`, `bad_payload` when the payload has no encoding,
 * `payload_too_large`
 */
export async function publish(
  pubsub: PubSubRef,
  realm: Realm,
  topic: string,
  payload: Encodable,
): Promise<Published> {
  checkTopic('publish', topic)
  const published = await call(pubsub, {
    type: 'publish',
    realm,
    topic,
    payload,
  })
  if (published instanceof ArborError) throw published
  return published
}

export function pubSubInfo(pubsub: PubSubRef): Promise<PubSubInfo> {
  return call(pubsub, { type: 'info' })
}

const NEXT: { readonly state: undefined } = { state: undefined }

class PubSubServer extends GenServer<undefined, PubSubCall> {
  readonly #keys: KeyPair
  readonly #clock: Clock
  readonly #isStrict: boolean
  readonly #table: SubscriptionTable<Pid<EventMessage>> = new SubscriptionTable({
    topicsMax: NODE_TOPICS_MAX,
    subscriptionsMax: NODE_SUBSCRIPTIONS_MAX,
    topicsPerSubscriberMax: NODE_TOPICS_MAX,
  })
  readonly #subscribers: Map<Pid, { pid: Pid<EventMessage>; ref: MonitorRef }> = new Map()
  readonly #stations: Map<Pid, { connection: PeerConnectionPid; ref: MonitorRef }> = new Map()
  readonly #seen: SeenCache = new SeenCache({
    windowMs: CLIENT_SEEN_MS,
    entriesMax: CLIENT_SEEN_MAX,
  })
  readonly #kept: KeptPublishes = new KeptPublishes()
  readonly #refused: Partial<Record<EventRefusalReason, number>> = {}
  /** Of the last publish; the first is the wall clock in microseconds. */
  #seq: number
  #published = 0
  #received = 0
  #delivered = 0

  constructor({ keys, clock = systemClock, isStrict = true }: PubSubOptions) {
    super()
    this.#keys = keys
    this.#clock = clock
    this.#isStrict = isStrict
    this.#seq = Math.floor(clock.wallNow() * 1000) - 1
  }

  init(): InitResult<undefined> {
    return NEXT
  }

  override handleCall(
    request: PubSubCall,
    _from: From<unknown>,
  ): CallResult<undefined, ReplyOf<PubSubCall>> {
    return { reply: this.#answer(request), state: undefined }
  }

  override handleInfo(message: unknown): Result<undefined> {
    if (message instanceof Down) this.#ended(message.pid)
    else if (isPeerMessage(message)) this.#peerSays(message)
    return NEXT
  }

  #answer(request: PubSubCall): ReplyOf<PubSubCall> {
    switch (request.type) {
      case 'subscribe':
        return this.#subscribe(request)
      case 'unsubscribe':
        return this.#unsubscribe(request)
      case 'publish':
        return this.#publish(request.realm, request.topic, request.payload)
      case 'info':
        return this.#info()
    }
  }

  #subscribe({ realm, topic, subscriber }: SubscriptionFields): ArborError | undefined {
    const added = this.#table.add(realm, topic, subscriber)
    if (added.startsWith('too_many')) return tooMany(topic, added)
    if (!this.#subscribers.has(subscriber)) {
      this.#subscribers.set(subscriber, { pid: subscriber, ref: monitor(subscriber) })
    }
    if (added !== 'first') return undefined
    for (const { connection } of this.#stations.values()) this.#tellWanted(connection, realm, topic)
    return undefined
  }

  #unsubscribe({ realm, topic, subscriber }: SubscriptionFields): undefined {
    if (this.#table.remove(realm, topic, subscriber) === 'last') this.#tellUnwanted(realm, topic)
    if (this.#table.hasSubscriber(subscriber)) return
    const known = this.#subscribers.get(subscriber)
    if (known !== undefined) demonitor(known.ref, { flush: true })
    this.#subscribers.delete(subscriber)
  }

  #publish(realm: Realm, topic: string, payload: Encodable): Published | ArborError {
    const { nodeId: publisher } = this.#keys
    const seq = this.#seq + 1
    const publishedAtMs = this.#clock.wallNow()
    const stamped = { ...this.#stamp(), topic, realm, publisher, seq, payload }
    const fields = { type: 'publish' as const, ...stamped, publishedAtMs, ttlMs: null }
    const subscribers = this.#table.subscribersOf(realm, topic)
    let wire: Uint8Array
    try {
      wire = signFrame(withPublisherSignature(fieldsOf(fields), this.#keys), this.#keys)
      if (wire.length > EVENT_FRAME_BYTES_MAX) return payloadTooLarge(topic, wire.length)
      this.#seq = seq
      if (subscribers.size > 0) {
        // As everybody else gets it: a value of its own, in the shape of a decoded one.
        const value = decode(encode(payload, ERLANG_TERMS), ERLANG_TERMS)
        this.#deliver({ type: 'event', realm, topic, publisher, seq, payload: value })
      }
    } catch (error) {
      if (error instanceof CborError) return badPayload(topic, error)
      if (error instanceof FrameError) return payloadTooLarge(topic, Number.POSITIVE_INFINITY)
      throw error
    }
    this.#published++
    for (const { connection } of this.#stations.values()) sendEvent(connection, wire)
    if (this.#stations.size === 0) this.#kept.keep(realm, topic, wire)
    return { seq, localSubscribers: subscribers.size, peers: this.#stations.size }
  }

  #peerSays(message: PeerMessage): void {
    switch (message.type) {
      case 'peer_up':
        this.#stationUp(message.connection)
        break
      case 'peer_down':
        this.#ended(message.connection)
        break
      case 'frame_refused':
        this.#refuse(message.reason)
        break
      case 'frame':
        if (message.frame.type === 'event') this.#event(message.frame)
        else this.#refuse('unexpected_frame')
    }
  }

  #stationUp(connection: PeerConnectionPid): void {
    if (this.#stations.has(connection)) return
    this.#stations.set(connection, { connection, ref: monitor(connection) })
    for (const { realm, topic } of this.#table.topics()) this.#tellWanted(connection, realm, topic)
    for (const wire of this.#kept.take()) sendEvent(connection, wire)
  }

  #event({ realm, topic, publisher, seq, payload, publisherSig }: Event): void {
    if (publisherSig === undefined && this.#isStrict) this.#refuse('publisher_sig_absent')
    else if (publisher === this.#keys.nodeId) this.#refuse('own_echo')
    else if (this.#table.subscribersOf(realm, topic).size === 0) this.#refuse('not_subscribed')
    else if (!this.#seen.add(realm + publisher, seq, this.#clock.now())) this.#refuse('duplicate')
    else {
      this.#received++
      this.#deliver({ type: 'event', realm, topic, publisher, seq, payload })
    }
  }

  #deliver(event: EventMessage): void {
    for (const subscriber of this.#table.subscribersOf(event.realm, event.topic)) {
      if (processInfo(subscriber).mailboxLength >= SUBSCRIBER_MESSAGES_WAITING_MAX) {
        this.#refuse('subscriber_overloaded')
        continue
      }
      this.#delivered++
      send(subscriber, event)
    }
  }

  /** A subscriber has ended, or a connection. */
  #ended(pid: Pid): void {
    const station = this.#stations.get(pid)
    if (station !== undefined) demonitor(station.ref, { flush: true })
    this.#stations.delete(pid)
    const subscriber = this.#subscribers.get(pid)
    if (subscriber === undefined) return
    this.#subscribers.delete(pid)
    const unwanted: readonly RealmTopic[] = this.#table.removeSubscriber(subscriber.pid)
    for (const { realm, topic } of unwanted) this.#tellUnwanted(realm, topic)
  }

  #tellWanted(connection: PeerConnectionPid, realm: Realm, topic: string): void {
    const { nodeId: subscriber } = this.#keys
    const frame = { ...this.#stamp(), topic, realm, subscriber, filter: null, options: new Map() }
    sendFrame(connection, { type: 'subscribe', ...frame })
  }

  #tellUnwanted(realm: Realm, topic: string): void {
    const { nodeId: subscriber } = this.#keys
    for (const { connection } of this.#stations.values()) {
      sendFrame(connection, { type: 'unsubscribe', ...this.#stamp(), topic, realm, subscriber })
    }
  }

  #refuse(reason: EventRefusalReason): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
  }

  #stamp(): Stamp {
    return stampAt(this.#clock.wallNow(), secureRandomBytes)
  }

  #info(): PubSubInfo {
    return {
      topics: this.#table.topicCount,
      subscribers: this.#table.subscriberCount,
      peers: this.#stations.size,
      kept: this.#kept.size,
      published: this.#published,
      received: this.#received,
      delivered: this.#delivered,
      refused: { ...this.#refused },
    }
  }
}

/** Payloads travel in frames, which are encoded so. */
const ERLANG_TERMS = { erlangTerms: true } as const

const peerMessageTypes: readonly string[] = [
  'peer_up',
  'peer_down',
  'peer_unreachable',
  'frame',
  'frame_refused',
]

function isPeerMessage(message: unknown): message is PeerMessage {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false
  return typeof message.type === 'string' && peerMessageTypes.includes(message.type)
}
