import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UUID_RANDOM_BYTES, uuidV7 } from '../../src/mesh/uuid.ts'

const random = fc.uint8Array({ minLength: UUID_RANDOM_BYTES, maxLength: UUID_RANDOM_BYTES })
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })

describe('uuidV7', () => {
  it('holds time, version and variant, and keeps the chance it is given', () => {
    fc.assert(
      fc.property(time, random, (wallMs, bytes) => {
        const hex = Buffer.from(uuidV7(wallMs, bytes)).toString('hex')
        expect(Number.parseInt(hex.slice(0, 12), 16)).toBe(wallMs)
        expect(hex[12]).toBe('7')
        expect('89ab').toContain(hex[16])
        expect(hex.slice(13, 16)).toBe(Buffer.from(bytes).toString('hex').slice(1, 4))
        expect(hex.slice(18)).toBe(Buffer.from(bytes).toString('hex').slice(6))
      }),
    )
  })

  it('is the example of RFC 9562, appendix A.6', () => {
    const bytes = Buffer.from('0cc318c4dc0c0c07398f', 'hex')
    expect(Buffer.from(uuidV7(0x017f22e279b0, bytes)).toString('hex')).toBe(
      '017f22e279b07cc398c4dc0c0c07398f',
    )
  })

  it('drops a fraction and refuses impossible times and sizes', () => {
    const bytes = new Uint8Array(UUID_RANDOM_BYTES)
    expect(uuidV7(5.9, bytes)).toEqual(uuidV7(5, bytes))
    for (const wallMs of [-1, 2 ** 48, Number.NaN]) {
      expect(() => uuidV7(wallMs, bytes)).toThrow(RangeError)
    }
    expect(() => uuidV7(0, new Uint8Array(16))).toThrow(RangeError)
  })
})
