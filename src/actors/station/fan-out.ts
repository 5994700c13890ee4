// What a station does about SUBSCRIBE, UNSUBSCRIBE and PUBLISH (Macula protocol, section 8): who
// gets which event, and what is refused. Pure: frames in, decisions out; station-server.ts signs
// and sends.
//
//   fanOut.subscribe(connection, realm, topic)
//   const decision = fanOut.publish(peer, frame, clock.now())
//   if (decision.event !== undefined) for (const to of decision.receivers) send(to, decision.event)
//
// A publisher that subscribes to its own topic gets its events back; clients know them by their
// publisher.
import type { NodeId } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import {
  CONNECTION_TOPICS_MAX,
  STATION_SEEN_MAX,
  STATION_SEEN_MS,
  STATION_SUBSCRIPTIONS_MAX,
  STATION_TOPICS_MAX,
  TOPIC_BYTES_MAX,
} from '../../limits.ts'
import type { Publish } from '../../mesh/frames/publish.ts'
import { SeenCache } from '../pubsub/seen-cache.ts'
import { SubscriptionTable } from '../pubsub/subscription.ts'

export interface FanOutBounds {
  /** Different (realm, topic) pairs; default `STATION_TOPICS_MAX`. */
  readonly topicsMax?: number
  /** Default `STATION_SUBSCRIPTIONS_MAX`. */
  readonly subscriptionsMax?: number
  /** Default `CONNECTION_TOPICS_MAX`. */
  readonly topicsPerConnectionMax?: number
}

/** Why a frame came to nothing; stable names, for counting. */
export type FanOutRefusalReason =
  | 'duplicate'
  /** Somebody else's publish without that publisher's signature: nobody could check it. */
  | 'publisher_unproven'
  | 'too_many_subscriptions'
  | 'topic_too_long'

/** Who gets an event; nobody when nobody wants it. */
export type PublishDecision<Connection> =
  | { readonly receivers: ReadonlySet<Connection> }
  | { readonly refused: FanOutRefusalReason }

export class FanOut<Connection> {
  readonly #table: SubscriptionTable<Connection>
  readonly #seen: SeenCache = new SeenCache({
    windowMs: STATION_SEEN_MS,
    entriesMax: STATION_SEEN_MAX,
  })

  constructor(bounds: FanOutBounds = {}) {
    this.#table = new SubscriptionTable({
      topicsMax: bounds.topicsMax ?? STATION_TOPICS_MAX,
      subscriptionsMax: bounds.subscriptionsMax ?? STATION_SUBSCRIPTIONS_MAX,
      topicsPerSubscriberMax: bounds.topicsPerConnectionMax ?? CONNECTION_TOPICS_MAX,
    })
  }

  get topicCount(): number {
    return this.#table.topicCount
  }

  get subscriptionCount(): number {
    return this.#table.subscriptionCount
  }

  /** Events remembered. */
  get seenCount(): number {
    return this.#seen.size
  }

  /**
   * A connection wants a topic; why it does not get it, when it does not. Whom the frame names as
   * subscriber does not matter: a subscription is its connection's.
   */
  subscribe(connection: Connection, realm: Realm, topic: string): FanOutRefusalReason | undefined {
    // No UTF-16 unit is less than a byte.
    if (topic.length > TOPIC_BYTES_MAX) return 'topic_too_long'
    const added = this.#table.add(realm, topic, connection)
    return added.startsWith('too_many') ? 'too_many_subscriptions' : undefined
  }

  unsubscribe(connection: Connection, realm: Realm, topic: string): void {
    this.#table.remove(realm, topic, connection)
  }

  /** The connection has ended. */
  forget(connection: Connection): void {
    this.#table.removeSubscriber(connection)
  }

  /**
   * What to do about a PUBLISH whose signatures hold.
   * @param peer who sent it over its connection
   */
  publish(peer: NodeId, frame: Publish, nowMs: number): PublishDecision<Connection> {
    const { realm, topic, publisher, seq, publisherSig } = frame
    if (topic.length > TOPIC_BYTES_MAX) return { refused: 'topic_too_long' }
    if (publisher !== peer && publisherSig === undefined) return { refused: 'publisher_unproven' }
    if (!this.#seen.add(publisher, seq, nowMs)) return { refused: 'duplicate' }
    return { receivers: this.#table.subscribersOf(realm, topic) }
  }
}
