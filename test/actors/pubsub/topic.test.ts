import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkTopic,
  formatTopic,
  isSystemTopic,
  parseTopic,
  type Topic,
} from '../../../src/actors/pubsub/topic.ts'
import { casesOf } from '../../conformance/macula-vectors.ts'

const segment = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,11}$/)
const own: fc.Arbitrary<Topic> = fc.record({
  realm: segment,
  domain: segment,
  name: segment,
  version: fc.nat(),
})
const topics = fc.oneof(
  own,
  fc.record({ own, org: segment }).map(({ own, org }) => ({ ...own, org })),
  fc.record({ own, org: segment, app: segment }).map(({ own, org, app }) => ({ ...own, org, app })),
)

describe('formatTopic', () => {
  it('writes topics of an app, of an organisation and of a realm', () => {
    const fact = { realm: 'io.macula', domain: 'billing', name: 'invoiced', version: 12 }
    expect(formatTopic({ ...fact, org: 'acme', app: 'shop' })).toBe(
      'io.macula/acme/shop/billing/invoiced_v12',
    )
    expect(formatTopic({ ...fact, org: 'acme' })).toBe('io.macula/acme/_org/billing/invoiced_v12')
    expect(formatTopic(fact)).toBe('io.macula/_realm/_realm/billing/invoiced_v12')
  })

  it('refuses what would not be read back, with code and advice', () => {
    const fact = {
      realm: 'io.macula',
      org: 'acme',
      app: 'shop',
      domain: 'd',
      name: 'n',
      version: 1,
    }
    const bad: Partial<Topic>[] = [
      { realm: 'Io' },
      { domain: '' },
      { name: 'a/b' },
      { org: '_org' },
      { version: -1 },
      { version: 1.5 },
      { name: 'n'.repeat(300) },
    ]
    for (const part of bad) {
      expect(() => formatTopic({ ...fact, ...part })).toThrow(
        expect.objectContaining({ code: 'bad_topic' }),
      )
    }
    const { org: _, ...orphan } = fact
    expect(() => formatTopic(orphan)).toThrow('an app belongs to an org')
  })
})

describe('parseTopic', () => {
  it('reads back what formatTopic wrote', () => {
    fc.assert(
      fc.property(topics, (topic) => {
        expect(parseTopic(formatTopic(topic))).toEqual(topic)
      }),
    )
  })

  for (const vector of casesOf('names', [
    'mri',
    'topic',
    'realm_id',
    'foundation_placeholder_key',
  ])) {
    if (vector.op !== 'topic') continue
    it(`agrees with the protocol's vector ${vector.title}`, () => {
      const text = vector.text('text')
      const expected = vector.part('parse')
      const parsed = parseTopic(text)
      if (expected.has('error')) expect(parsed).toBe(expected.text('error'))
      else {
        const fields = expected.value('map')
        const named = Object.fromEntries(Array.isArray(fields) ? fields : [])
        const { tier: _tier, topic: _topic, ...parts } = named
        expect(parsed).toEqual(parts)
      }
      expect(isSystemTopic(text)).toBe(vector.flag('system'))
      const check = (): void => checkTopic('publish', text)
      if (vector.text('validate') === 'ok') expect(check).not.toThrow()
      else expect(check).toThrow(vector.text('validate'))
    })
  }
})

describe('checkTopic', () => {
  it('bounds the length of every topic, system topics too', () => {
    expect(() => checkTopic('subscribe', `_${'x'.repeat(300)}`)).toThrow('too_long')
    expect(() => checkTopic('subscribe', '_mesh.bloom')).not.toThrow()
  })
})
