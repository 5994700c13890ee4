import { describe, expect, it } from 'vitest'
import { FanOut } from '../../../src/actors/station/fan-out.ts'
import { STATION_SEEN_MS } from '../../../src/limits.ts'
import type { Publish } from '../../../src/mesh/frames/publish.ts'
import { keysOf, realm, topic } from '../../mesh/simulated-mesh.ts'

const publisher = keysOf('publisher').nodeId
const relay = keysOf('relay').nodeId

function publish(more: Partial<Publish> = {}): Publish {
  return {
    type: 'publish',
    frameId: new Uint8Array(16),
    sentAtMs: 0,
    topic,
    realm,
    publisher,
    seq: 1,
    payload: null,
    publishedAtMs: 0,
    ttlMs: null,
    publisherSig: new Uint8Array(64),
    ...more,
  }
}

describe('publish', () => {
  it('goes to exactly those who subscribed to that topic of that realm', () => {
    const fanOut = new FanOut<string>()
    fanOut.subscribe('a', realm, topic)
    fanOut.subscribe('b', realm, `${topic}2`)
    fanOut.subscribe('c', realm, topic)
    const decision = fanOut.publish(publisher, publish(), 0)
    expect(decision).toEqual({ receivers: new Set(['a', 'c']) })
    fanOut.unsubscribe('a', realm, topic)
    fanOut.forget('c')
    const later = fanOut.publish(publisher, publish({ seq: 2 }), 0)
    expect(later).toEqual({ receivers: new Set() })
    expect(fanOut.topicCount).toBe(1)
  })

  it('goes out once, whoever brings it, for five minutes', () => {
    const fanOut = new FanOut<string>()
    const twice = { refused: 'duplicate' }
    expect(fanOut.publish(publisher, publish(), 0)).toHaveProperty('receivers')
    expect(fanOut.publish(publisher, publish(), 1)).toEqual(twice)
    expect(fanOut.publish(relay, publish(), STATION_SEEN_MS - 1)).toEqual(twice)
    expect(fanOut.publish(relay, publish(), 2 * STATION_SEEN_MS)).toHaveProperty('receivers')
  })

  it('of somebody else needs that one’s signature', () => {
    const fanOut = new FanOut<string>()
    const { publisherSig: _, ...unsigned } = publish()
    expect(fanOut.publish(relay, unsigned, 0)).toEqual({ refused: 'publisher_unproven' })
    expect(fanOut.publish(publisher, unsigned, 0)).toHaveProperty('receivers')
  })

  it('refuses a topic that is too long', () => {
    const fanOut = new FanOut<string>()
    const long = publish({ topic: 'x'.repeat(257) })
    expect(fanOut.publish(publisher, long, 0)).toEqual({ refused: 'topic_too_long' })
    expect(fanOut.subscribe('a', realm, 'x'.repeat(257))).toBe('topic_too_long')
  })
})

describe('subscribe', () => {
  it('is bounded for a connection and for all', () => {
    const fanOut = new FanOut<string>({ topicsPerConnectionMax: 2, subscriptionsMax: 3 })
    expect([1, 2, 3].map((n) => fanOut.subscribe('a', realm, `t${n}`))).toEqual([
      undefined,
      undefined,
      'too_many_subscriptions',
    ])
    expect(fanOut.subscribe('b', realm, 't1')).toBeUndefined()
    expect(fanOut.subscribe('b', realm, 't2')).toBe('too_many_subscriptions')
    expect(fanOut.subscribe('a', realm, 't1')).toBeUndefined()
    expect(fanOut.subscriptionCount).toBe(3)
  })
})
