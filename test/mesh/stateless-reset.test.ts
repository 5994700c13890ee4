import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resetKeyOf, resetToken, statelessReset } from '../../src/mesh/stateless-reset.ts'

const filler = new Uint8Array(43).fill(0xff)

describe('resetToken', () => {
  it('is 16 bytes that depend on the node and on the connection', () => {
    const [one, two] = [1, 2].map((seed) => resetKeyOf(new Uint8Array(32).fill(seed)))
    const id = new Uint8Array(8)
    expect(resetToken(one!, id)).toHaveLength(16)
    expect(resetToken(one!, id)).toEqual(resetToken(one!, id))
    expect(resetToken(one!, id)).not.toEqual(resetToken(two!, id))
    expect(resetToken(one!, id)).not.toEqual(resetToken(one!, Uint8Array.of(1)))
  })
})

describe('statelessReset', () => {
  it('is shorter than what it answers, looks like a short packet and ends with the token', () => {
    const token = Uint8Array.from({ length: 16 }, (_, index) => index)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_500 }), (packetBytes) => {
        const reset = statelessReset(token, packetBytes, filler)
        if (packetBytes < 22) {
          expect(reset).toBeUndefined()
          return
        }
        expect(reset?.length).toBe(Math.min(packetBytes - 1, 43))
        expect((reset?.[0] ?? 0) & 0xc0).toBe(0x40)
        expect(reset?.slice(-16)).toEqual(token)
      }),
    )
  })
})
