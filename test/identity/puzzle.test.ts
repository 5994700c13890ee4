import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  generateKeyPair,
  isHardened,
  leadingZeroBits,
  puzzleEvidence,
} from '../../src/identity/puzzle.ts'
import { PUZZLE_DRAWS_PER_EXPECTED } from '../../src/limits.ts'

/** Seeds that follow from a number, so that a failure repeats. */
function seedsFrom(start: number): { draw: (size: number) => Uint8Array; drawn: () => number } {
  let count = 0
  const draw = (size: number) => {
    const hash = createHash('sha256').update(`seed ${start} ${count++}`).digest()
    return Uint8Array.from(hash.subarray(0, size))
  }
  return { draw, drawn: () => count }
}

describe('leadingZeroBits', () => {
  it('counts as a string of bits does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
        expect(leadingZeroBits(bytes)).toBe((/^0*/.exec(bits)?.[0] ?? '').length)
      }),
    )
  })
})

describe('generateKeyPair', () => {
  it('draws until the key is hardened, by default with 8 bits', () => {
    const { draw, drawn } = seedsFrom(1)
    const keys = generateKeyPair(draw)
    expect(isHardened(keys.publicKey)).toBe(true)
    expect(puzzleEvidence(keys.publicKey)[0]).toBe(0)
    expect(drawn()).toBeGreaterThan(1)
  })

  it('takes the first key at difficulty 0', () => {
    const { draw, drawn } = seedsFrom(2)
    generateKeyPair(draw, 0)
    expect(drawn()).toBe(1)
  })

  it('gives up on a source that repeats itself', () => {
    let count = 0
    const draw = (size: number) => {
      count++
      return new Uint8Array(size).fill(3)
    }
    expect(() => generateKeyPair(draw, 2)).toThrow(
      expect.objectContaining({ code: 'no_key_found' }),
    )
    expect(count).toBe(4 * PUZZLE_DRAWS_PER_EXPECTED)
  })

  it('refuses an impossible difficulty', () => {
    const { draw } = seedsFrom(3)
    for (const bits of [-1, 1.5, 25, Number.NaN]) {
      expect(() => generateKeyPair(draw, bits)).toThrow(RangeError)
    }
  })
})
