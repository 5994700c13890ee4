import { describe, expect, it } from 'vitest'
import { frameFields, nameBytes, stampAt } from '../../../src/mesh/frames/fields.ts'

describe('stampAt', () => {
  it('is a UUIDv7 of the moment, which it names in whole milliseconds', () => {
    const sizes: number[] = []
    const stamp = stampAt(1_790_000_000_000.7, (size) => {
      sizes.push(size)
      return new Uint8Array(size).fill(0xff)
    })
    expect(stamp.sentAtMs).toBe(1_790_000_000_000)
    const id = Buffer.from(stamp.frameId).toString('hex')
    expect(Number.parseInt(id.slice(0, 12), 16)).toBe(stamp.sentAtMs)
    expect(id.slice(12)).toBe('7fffbfffffffffffffff')
    expect(sizes).toEqual([10])
  })
})

describe('frameFields', () => {
  it('puts the eight header fields first', () => {
    const stamp = { frameId: new Uint8Array(16), sentAtMs: 5 }
    const fields = frameFields('ping', stamp, null, { nonce: nameBytes('ü') })
    expect([...fields]).toEqual([
      ['version', 2],
      ['frame_type', 'ping'],
      ['frame_id', stamp.frameId],
      ['sent_at_ms', 5],
      ['capabilities', 0],
      ['realm', null],
      ['call_id', null],
      ['source_route', null],
      ['nonce', Uint8Array.of(0xc3, 0xbc)],
    ])
  })
})
