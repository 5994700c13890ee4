// Who wants the events of which (realm, topic): a table with bounds, matched exactly (Macula
// protocol, section 8). A node keeps one of its processes, a station one of its connections.
//
//   table.add(realm, topic, pid)                // 'first': now the station has to know
//   for (const pid of table.subscribersOf(realm, topic)) send(pid, event)
//   table.removeSubscriber(pid)                 // the topics nobody wants any more
import type { NodeId } from '../../identity/key-pair.ts'
import type { Realm } from '../../identity/realm.ts'
import type { Value } from '../../identity/value.ts'

/** An event, as an ordinary message to each subscriber. */
export interface EventMessage {
  readonly type: 'event'
  readonly realm: Realm
  readonly topic: string
  /** Who signed it. */
  readonly publisher: NodeId
  /** Counts up with each publish of that publisher. */
  readonly seq: number
  readonly payload: Value
}

export interface SubscriptionBounds {
  /** Different (realm, topic) pairs. */
  readonly topicsMax: number
  /** Subscriptions of all subscribers. */
  readonly subscriptionsMax: number
  /** Subscriptions of one subscriber. */
  readonly topicsPerSubscriberMax: number
}

/** `first`: nobody had wanted it before; `known`: this subscriber had. The others: refused. */
export type Added =
  | 'first'
  | 'added'
  | 'known'
  | 'too_many_topics'
  | 'too_many_subscriptions'
  | 'too_many_topics_of_subscriber'

/** `last`: nobody wants it any more. */
export type Removed = 'last' | 'removed' | 'unknown'

/** A (realm, topic) pair. */
export interface RealmTopic {
  readonly realm: Realm
  readonly topic: string
}

interface Entry<Subscriber> extends RealmTopic {
  readonly subscribers: Set<Subscriber>
}

export class SubscriptionTable<Subscriber> {
  readonly #bounds: SubscriptionBounds
  readonly #entries = new Map<string, Entry<Subscriber>>()
  readonly #ofSubscriber = new Map<Subscriber, Set<Entry<Subscriber>>>()
  #subscriptionCount = 0

  constructor(bounds: SubscriptionBounds) {
    this.#bounds = bounds
  }

  get topicCount(): number {
    return this.#entries.size
  }

  get subscriptionCount(): number {
    return this.#subscriptionCount
  }

  get subscriberCount(): number {
    return this.#ofSubscriber.size
  }

  add(realm: Realm, topic: string, subscriber: Subscriber): Added {
    const key = keyOf(realm, topic)
    const known = this.#entries.get(key)
    if (known?.subscribers.has(subscriber) === true) return 'known'
    const ofSubscriber = this.#ofSubscriber.get(subscriber)
    const { topicsMax, subscriptionsMax, topicsPerSubscriberMax } = this.#bounds
    if (this.#subscriptionCount >= subscriptionsMax) return 'too_many_subscriptions'
    if ((ofSubscriber?.size ?? 0) >= topicsPerSubscriberMax) return 'too_many_topics_of_subscriber'
    if (known === undefined && this.#entries.size >= topicsMax) return 'too_many_topics'
    const entry = known ?? { realm, topic, subscribers: new Set() }
    this.#entries.set(key, entry)
    entry.subscribers.add(subscriber)
    this.#ofSubscriber.set(subscriber, (ofSubscriber ?? new Set()).add(entry))
    this.#subscriptionCount++
    return known === undefined ? 'first' : 'added'
  }

  remove(realm: Realm, topic: string, subscriber: Subscriber): Removed {
    const entry = this.#entries.get(keyOf(realm, topic))
    if (entry === undefined || !entry.subscribers.has(subscriber)) return 'unknown'
    const ofSubscriber = this.#ofSubscriber.get(subscriber)
    ofSubscriber?.delete(entry)
    if (ofSubscriber?.size === 0) this.#ofSubscriber.delete(subscriber)
    return this.#take(entry, subscriber) ? 'last' : 'removed'
  }

  /** Takes a subscriber out everywhere; returns the topics nobody wants any more. */
  removeSubscriber(subscriber: Subscriber): RealmTopic[] {
    const entries = this.#ofSubscriber.get(subscriber) ?? []
    this.#ofSubscriber.delete(subscriber)
    return [...entries].filter((entry) => this.#take(entry, subscriber))
  }

  subscribersOf(realm: Realm, topic: string): ReadonlySet<Subscriber> {
    return this.#entries.get(keyOf(realm, topic))?.subscribers ?? NOBODY
  }

  hasSubscriber(subscriber: Subscriber): boolean {
    return this.#ofSubscriber.has(subscriber)
  }

  /** All topics somebody wants, in the order they were first wanted. */
  topics(): Iterable<RealmTopic> {
    return this.#entries.values()
  }

  /** Whether the subscriber was the last one. */
  #take(entry: Entry<Subscriber>, subscriber: Subscriber): boolean {
    entry.subscribers.delete(subscriber)
    this.#subscriptionCount--
    if (entry.subscribers.size > 0) return false
    this.#entries.delete(keyOf(entry.realm, entry.topic))
    return true
  }
}

const NOBODY: ReadonlySet<never> = new Set()

/** All realm tags have the same length, so that no two pairs share a key. */
function keyOf(realm: Realm, topic: string): string {
  return realm + topic
}
