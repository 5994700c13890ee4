import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SharedRing } from '../../src/runtime/shared-ring.ts'

function frameOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 0xff)
}

function ends(bytes: number): readonly [writer: SharedRing, reader: SharedRing] {
  const memory = SharedRing.allocate(bytes)
  return [new SharedRing(memory), new SharedRing(memory)]
}

describe('a shared ring', () => {
  it('hands over every frame whole and in order, however large and whoever is faster', () => {
    const step = fc.oneof(fc.nat(1_000), fc.constant('read' as const))
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.constantFrom(128, 256, 1024),
        (steps, size) => {
          const [writer, reader] = ends(size)
          const sent: Uint8Array[] = []
          const seen: Uint8Array[] = []
          let pending: { frame: Uint8Array; offset: number } | null = null
          const push = (): void => {
            if (pending === null) return
            pending.offset = writer.write(pending.frame, pending.offset)
            if (pending.offset === pending.frame.length) pending = null
          }
          const readOne = (): boolean => {
            const frame = reader.read()
            if (frame !== undefined) seen.push(frame)
            return frame !== undefined
          }
          for (const what of steps) {
            push()
            if (what === 'read') readOne()
            else if (pending === null) {
              const frame = frameOf(what + 1, sent.length)
              sent.push(frame)
              pending = { frame, offset: 0 }
            }
          }
          while (pending !== null || readOne()) {
            push()
            readOne()
          }
          expect(seen).toEqual(sent)
        },
      ),
    )
  })

  it('takes no part of a frame that there is no room for', () => {
    const [writer, reader] = ends(128)
    expect(writer.write(frameOf(120, 1), 0)).toBe(120)
    expect(writer.write(frameOf(20, 2), 0)).toBe(0)
    expect(reader.read()).toEqual(frameOf(120, 1))
    expect(writer.write(frameOf(20, 2), 0)).toBe(20)
  })

  it('shows the reader nothing of a frame of which only a part was written', () => {
    const [writer, reader] = ends(128)
    expect(writer.write(frameOf(500, 1), 0)).toBeLessThan(500)
    expect(reader.read()).toBeUndefined()
  })

  it('never lets a reader sleep over a frame', () => {
    const [writer, reader] = ends(128)
    expect(reader.sleep()).toBe(true)
    writer.write(frameOf(8, 1), 0)
    expect(writer.takeSleep()).toBe(true)
    expect(writer.takeSleep()).toBe(false)
    expect(reader.sleep()).toBe(false)
    expect(reader.read()).toEqual(frameOf(8, 1))
    expect(reader.sleep()).toBe(true)
  })

  it('tells the reader once that its writer waits for room', () => {
    const [writer, reader] = ends(128)
    writer.awaitRoom()
    expect(reader.takeWaiting()).toBe(true)
    expect(reader.takeWaiting()).toBe(false)
  })

  it('has a size that is a power of two', () => {
    expect(() => new SharedRing(SharedRing.allocate(100))).toThrow(RangeError)
  })
})
