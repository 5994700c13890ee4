import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FRAME_BYTES_MAX } from '../../src/limits.ts'
import { decodeFrame, encodeFrame, FRAME_PREFIX_BYTES } from '../../src/mesh/frame.ts'
import { fieldsOf } from '../../src/mesh/frames/frame-type.ts'
import { frame } from './frames/arbitrary-frame.ts'

describe('encodeFrame and decodeFrame', () => {
  it('undo each other and say where the frame ends', () => {
    fc.assert(
      fc.property(frame, fc.uint8Array({ maxLength: 20 }), (original, behind) => {
        const wire = encodeFrame(fieldsOf(original))
        const decoded = decodeFrame(Uint8Array.of(...wire, ...behind))
        expect(decoded).toMatchObject({ result: 'ok', size: wire.length })
        expect(decoded.result === 'ok' && encodeFrame(decoded.fields)).toEqual(wire)
      }),
    )
  })

  it('ask for more until the frame is whole, never for too much', () => {
    fc.assert(
      fc.property(frame, fc.nat(), (original, cut) => {
        const wire = encodeFrame(fieldsOf(original))
        const size = cut % wire.length
        const need = size < FRAME_PREFIX_BYTES ? FRAME_PREFIX_BYTES - size : wire.length - size
        expect(decodeFrame(wire.subarray(0, size))).toEqual({ result: 'more', need })
      }),
    )
  })
})

describe('decodeFrame', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
        const result = decodeFrame(Uint8Array.of(0, 0, 0, body.length, ...body)).result
        expect(['ok', 'error']).toContain(result)
      }),
      { numRuns: 1_000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void decodeFrame(bytes)))
  })

  it('refuses a length beyond the bound before the body is there', () => {
    expect(decodeFrame(Uint8Array.of(1, 0, 0, 0))).toMatchObject({ reason: 'frame_too_large' })
    expect(decodeFrame(Uint8Array.of(0, 0, 0, 9), { bytesMax: 8 })).toMatchObject({
      reason: 'frame_too_large',
    })
    expect(decodeFrame(Uint8Array.of(0, 0, 0, 8), { bytesMax: 8 })).toMatchObject({ need: 8 })
  })

  it('counts the items of a frame', () => {
    const wire = encodeFrame(new Map([['list', [1, 2, 3]]]))
    expect(decodeFrame(wire, { itemsMax: 5 })).toMatchObject({ result: 'error' })
    expect(decodeFrame(wire, { itemsMax: 6 })).toMatchObject({ result: 'ok' })
  })
})

describe('encodeFrame', () => {
  it('refuses a frame no receiver would take', () => {
    const payload = new Uint8Array(FRAME_BYTES_MAX)
    expect(() => encodeFrame(new Map([['payload', payload]]))).toThrow(
      expect.objectContaining({ code: 'frame_too_large' }),
    )
    const fitting = payload.subarray(0, FRAME_BYTES_MAX - 14)
    expect(encodeFrame(new Map([['payload', fitting]]))).toHaveLength(FRAME_BYTES_MAX + 4)
  })
})
