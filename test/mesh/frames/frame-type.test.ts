import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Value } from '../../../src/identity/value.ts'
import { decodeFrame, encodeFrame, type FrameFields } from '../../../src/mesh/frame.ts'
import { fieldsOf, parseFrame } from '../../../src/mesh/frames/frame-type.ts'
import { value } from '../../identity/arbitrary-value.ts'
import { frame } from './arbitrary-frame.ts'

function received(sent: Parameters<typeof fieldsOf>[0]): FrameFields {
  const decoded = decodeFrame(encodeFrame(fieldsOf(sent)))
  if (decoded.result !== 'ok') throw new Error(decoded.result)
  return decoded.fields
}

describe('fieldsOf and parseFrame', () => {
  it('undo each other over the wire, for every frame', () => {
    fc.assert(
      fc.property(frame, (original) => {
        expect(parseFrame(received(original))).toEqual(original)
      }),
      { numRuns: 300 },
    )
  })

  it('carry the eight header fields always', () => {
    fc.assert(
      fc.property(frame, (original) => {
        const fields = received(original)
        for (const key of ['version', 'frame_type', 'frame_id', 'sent_at_ms', 'capabilities']) {
          expect(fields.get(key)).not.toBeNull()
        }
        for (const key of ['realm', 'call_id', 'source_route']) expect(fields.has(key)).toBe(true)
        expect(fields.get('version')).toBe(2)
      }),
    )
  })

  it('leave an absent publisher signature out', () => {
    fc.assert(
      fc.property(frame, (original) => {
        if (original.type !== 'publish' && original.type !== 'event') return
        const { publisherSig, ...rest } = original
        const fields = received(rest)
        expect(fields.has('publisher_sig')).toBe(false)
        expect(parseFrame(fields)).toEqual(rest)
      }),
    )
  })
})

describe('parseFrame', () => {
  it('never throws, whatever a field is replaced by, and says which was wrong', () => {
    fc.assert(
      fc.property(frame, fc.nat(), value, (original, which, hostile) => {
        const fields = new Map<FrameFields extends ReadonlyMap<infer K, Value> ? K : never, Value>(
          received(original),
        )
        const keys = [...fields.keys()]
        const key = keys[which % keys.length] ?? ''
        fields.set(key, hostile)
        const parsed = parseFrame(fields)
        if (parsed.type === 'malformed' && key !== 'frame_type') {
          expect(parsed.detail).toContain(`the field ${String(key)} is not`)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('passes over fields, versions and types it does not know', () => {
    fc.assert(
      fc.property(frame, value, (original, extra) => {
        const fields = new Map(received(original)).set('a_new_field', extra).set('version', 3)
        expect(parseFrame(fields)).toEqual(original)
        const newer = new Map(fields).set('frame_type', 'teleport')
        expect(parseFrame(newer)).toEqual({ type: 'unknown', frameType: 'teleport' })
      }),
    )
  })

  it('refuses a frame without a type and names nothing that is on Object.prototype', () => {
    expect(parseFrame(new Map())).toMatchObject({ type: 'malformed', frameType: '' })
    expect(parseFrame(new Map([['frame_type', 'constructor']]))).toMatchObject({ type: 'unknown' })
  })

  it('refuses names that are not UTF-8 and numbers beyond 2^53', () => {
    const ping = { frameId: new Uint8Array(16), sentAtMs: 0 }
    const fields = received({ type: 'ping', ...ping, nonce: new Uint8Array(16) })
    for (const [key, wrong] of [
      ['sent_at_ms', 2n ** 53n],
      ['sent_at_ms', -1],
      ['nonce', new Uint8Array(15)],
      ['frame_id', new Uint8Array(17)],
    ] as const) {
      expect(parseFrame(new Map(fields).set(key, wrong))).toMatchObject({ type: 'malformed' })
    }
  })
})
