import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SubscriptionTable } from '../../../src/actors/pubsub/subscription.ts'
import { realmTag } from '../../../src/identity/realm.ts'

const bounds = { topicsMax: 100, subscriptionsMax: 100, topicsPerSubscriberMax: 100 }
const realm = realmTag('io.example')

describe('add', () => {
  it('says who is the first, and who had it already', () => {
    const table = new SubscriptionTable<string>(bounds)
    expect(table.add(realm, 't', 'a')).toBe('first')
    expect(table.add(realm, 't', 'b')).toBe('added')
    expect(table.add(realm, 't', 'a')).toBe('known')
    expect(table.add(realmTag('io.other'), 't', 'a')).toBe('first')
    expect([...table.subscribersOf(realm, 't')]).toEqual(['a', 'b'])
  })

  it('refuses what is beyond a bound, and changes nothing', () => {
    const perSubscriber = new SubscriptionTable<string>({ ...bounds, topicsPerSubscriberMax: 1 })
    perSubscriber.add(realm, 't', 'a')
    expect(perSubscriber.add(realm, 'u', 'a')).toBe('too_many_topics_of_subscriber')
    expect(perSubscriber.add(realm, 'u', 'b')).toBe('first')
    const topics = new SubscriptionTable<string>({ ...bounds, topicsMax: 1 })
    topics.add(realm, 't', 'a')
    expect(topics.add(realm, 'u', 'a')).toBe('too_many_topics')
    expect(topics.add(realm, 't', 'b')).toBe('added')
    const all = new SubscriptionTable<string>({ ...bounds, subscriptionsMax: 1 })
    all.add(realm, 't', 'a')
    expect(all.add(realm, 't', 'b')).toBe('too_many_subscriptions')
    expect(all.add(realm, 't', 'a')).toBe('known')
    expect(all.subscriptionCount).toBe(1)
  })
})

describe('remove', () => {
  it('says who was the last', () => {
    const table = new SubscriptionTable<string>(bounds)
    table.add(realm, 't', 'a')
    table.add(realm, 't', 'b')
    expect(table.remove(realm, 't', 'a')).toBe('removed')
    expect(table.remove(realm, 't', 'a')).toBe('unknown')
    expect(table.remove(realm, 't', 'b')).toBe('last')
    expect(table.topicCount).toBe(0)
    expect(table.subscriberCount).toBe(0)
  })
})

describe('removeSubscriber', () => {
  it('takes a subscriber out everywhere and returns what nobody wants any more', () => {
    const table = new SubscriptionTable<string>(bounds)
    for (const topic of ['t', 'u', 'v']) table.add(realm, topic, 'a')
    table.add(realm, 'u', 'b')
    expect(table.removeSubscriber('a').map(({ topic }) => topic)).toEqual(['t', 'v'])
    expect(table.removeSubscriber('a')).toEqual([])
    expect([...table.topics()].map(({ topic }) => topic)).toEqual(['u'])
  })
})

describe('SubscriptionTable', () => {
  it('agrees with a list of pairs through any sequence of calls', () => {
    const step = fc.record({
      call: fc.constantFrom('add', 'remove', 'removeSubscriber'),
      topic: fc.constantFrom('t', 'u', 'v'),
      subscriber: fc.constantFrom('a', 'b', 'c'),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const table = new SubscriptionTable<string>({ ...bounds, subscriptionsMax: 6 })
        let pairs: { topic: string; subscriber: string }[] = []
        for (const { call, topic, subscriber } of steps) {
          const isSame = (pair: { topic: string; subscriber: string }): boolean =>
            pair.subscriber === subscriber && (call === 'removeSubscriber' || pair.topic === topic)
          if (call === 'add') {
            table.add(realm, topic, subscriber)
            if (!pairs.some(isSame) && pairs.length < 6) pairs.push({ topic, subscriber })
          } else {
            if (call === 'remove') table.remove(realm, topic, subscriber)
            else table.removeSubscriber(subscriber)
            pairs = pairs.filter((pair) => !isSame(pair))
          }
          expect(table.subscriptionCount).toBe(pairs.length)
          expect(table.topicCount).toBe(new Set(pairs.map((pair) => pair.topic)).size)
          expect(table.subscriberCount).toBe(new Set(pairs.map((pair) => pair.subscriber)).size)
          for (const wanted of ['t', 'u', 'v']) {
            const expected = pairs.filter((pair) => pair.topic === wanted)
            expect([...table.subscribersOf(realm, wanted)].sort()).toEqual(
              expected.map((pair) => pair.subscriber).sort(),
            )
          }
        }
      }),
    )
  })
})
