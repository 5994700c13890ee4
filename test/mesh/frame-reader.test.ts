import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame, type FrameFields } from '../../src/mesh/frame.ts'
import { FrameReader } from '../../src/mesh/frame-reader.ts'
import { fieldsOf } from '../../src/mesh/frames/frame-type.ts'
import { frame } from './frames/arbitrary-frame.ts'

/** Feeds the bytes in chunks of the given sizes, in turns. */
function feed(reader: FrameReader, bytes: Uint8Array, sizes: readonly number[]): FrameFields[] {
  const frames: FrameFields[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    frames.push(...reader.push(bytes.slice(at, at + size)))
    at += size
  }
  return frames
}

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 })
const wires = fc.array(
  frame.map((one) => encodeFrame(fieldsOf(one))),
  { maxLength: 6 },
)

describe('FrameReader', () => {
  it('gives the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(wires, sizes, (list, cuts) => {
        const stream = Buffer.concat(list)
        const reader = new FrameReader()
        const frames = feed(reader, stream, cuts)
        expect(frames.map((fields) => encodeFrame(fields))).toEqual(list)
        expect(reader.rest).toHaveLength(0)
        expect(reader.failure).toBeUndefined()
      }),
    )
  })

  it('stops at the first bad frame and holds no more of what follows', () => {
    fc.assert(
      fc.property(wires, sizes, wires, (good, cuts, behind) => {
        const bad = Uint8Array.of(0, 0, 0, 1, 0xf5)
        const reader = new FrameReader()
        const frames = feed(reader, Buffer.concat([...good, bad, ...behind]), cuts)
        expect(frames).toHaveLength(good.length)
        expect(reader.failure?.code).toBe('bad_frame')
        const held = reader.rest
        expect([...held.subarray(0, 5)]).toEqual([...bad])
        expect(reader.push(new Uint8Array(1_000))).toEqual([])
        expect(reader.rest).toEqual(held)
      }),
    )
  })

  it('never throws, whatever comes', () => {
    const chunk = fc.uint8Array({ maxLength: 40 }).map((body) => [0, 0, 0, body.length, ...body])
    const noise = fc.oneof(
      chunk.map((bytes) => Uint8Array.from(bytes)),
      fc.uint8Array(),
    )
    fc.assert(
      fc.property(fc.array(noise), (chunks) => {
        const reader = new FrameReader()
        for (const bytes of chunks) reader.push(bytes)
      }),
      { numRuns: 1_000 },
    )
  })

  it('takes the bounds of a stranger first and wider ones later', () => {
    const small = encodeFrame(new Map([['a', 1]]))
    const large = encodeFrame(new Map([['a', new Uint8Array(100)]]))
    const reader = new FrameReader({ bytesMax: 16 })
    expect(reader.push(small)).toHaveLength(1)
    reader.setBounds({})
    expect(reader.push(large)).toHaveLength(1)
    reader.setBounds({ bytesMax: 16 })
    expect(reader.push(large)).toHaveLength(0)
    expect(reader.failure?.code).toBe('frame_too_large')
  })

  it('takes a large frame in small chunks in linear time', () => {
    const payload = new Uint8Array(4_000_000).fill(7)
    const stream = encodeFrame(new Map([['payload', payload]]))
    const frames = feed(new FrameReader(), stream, [1_200])
    expect(frames).toHaveLength(1)
    const received = frames[0]?.get('payload')
    expect(received instanceof Uint8Array && Buffer.compare(received, payload)).toBe(0)
  })

  it('leaves frames alone that were given out when more bytes come', () => {
    const wire = encodeFrame(new Map([['a', Uint8Array.of(1, 2, 3)]]))
    const reader = new FrameReader()
    reader.push(wire.slice(0, 6))
    const [fields] = reader.push(Buffer.concat([wire.slice(6), wire.slice(0, 7)]))
    reader.push(new Uint8Array(3).fill(0xff))
    expect(fields?.get('a')).toEqual(Uint8Array.of(1, 2, 3))
  })
})
