import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INBOUND_BYTES_WAITING_MAX } from '../../src/limits.ts'
import { encodeFrame } from '../../src/mesh/frame.ts'
import { FrameStream, type FrameStreamOptions } from '../../src/mesh/frame-stream.ts'
import { MemoryNetwork } from '../../src/mesh/memory-network.ts'
import type { Session, Stream } from '../../src/mesh/transport.ts'
import { VirtualClock } from '../../src/runtime/clock.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { keysOf, stationAddr } from './simulated-mesh.ts'

interface Ends {
  readonly clock: VirtualClock
  readonly ours: Stream
  readonly theirs: Stream
  readonly session: Session
  /** How often `frames` said that there is something to read. */
  readonly announced: () => number
  readonly frames: FrameStream
}

/** A stream whose far end is handled by a FrameStream. */
async function ends(options: Partial<FrameStreamOptions> = {}): Promise<Ends> {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, random: seededRandom(1) })
  const accepting = network.transport(keysOf('station').nodeId)
  const streams: Stream[] = []
  accepting.onSession((session) => {
    session.onStream = (stream) => {
      streams.push(stream)
    }
  })
  await accepting.listen(stationAddr)
  const dialling = network.transport(keysOf('node').nodeId)
  const dialled = dialling.dial(stationAddr, { expect: 'anyone' })
  await clock.advanceAsync(10)
  const session = await dialled
  const ours = await session.open('bidi')
  ours.onData = () => {}
  ours.write(encodeFrame(new Map([['first', 1]])))
  await clock.advanceAsync(10)
  const [theirs] = streams
  if (theirs === undefined) throw new Error('no stream')
  let count = 0
  const frames = new FrameStream(theirs, {
    onReadable: () => {
      count++
    },
    onClosed: () => {},
    inbound: {},
    ...options,
  })
  await clock.advanceAsync(10)
  return { clock, ours, theirs, session, announced: () => count, frames }
}

function take(frames: FrameStream): unknown[] {
  const taken: unknown[] = []
  for (let fields = frames.next(); fields !== undefined; fields = frames.next()) {
    taken.push([...fields.values()][0])
  }
  return taken
}

describe('next', () => {
  it('takes frames in order, and says once that there are some', async () => {
    const { clock, ours, frames, announced } = await ends()
    for (const n of [2, 3]) ours.write(encodeFrame(new Map([['n', n]])))
    await clock.advanceAsync(10)
    expect(announced()).toBe(1)
    expect(frames.isReadable).toBe(true)
    expect(take(frames)).toEqual([1, 2, 3])
    expect(frames.isReadable).toBe(false)
    ours.write(encodeFrame(new Map([['n', 4]])))
    await clock.advanceAsync(10)
    expect(announced()).toBe(2)
    expect(take(frames)).toEqual([4])
    expect(frames.counters.framesIn).toBe(4)
  })

  it('finds the frames of any bytes, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }),
        async (cuts) => {
          const { clock, ours, frames } = await ends()
          const wires = [2, 3, 4, 5].map((n) =>
            encodeFrame(
              new Map([
                ['n', n],
                ['pad', n * 99],
              ]),
            ),
          )
          const bytes = Buffer.concat(wires)
          let at = 0
          for (const cut of [...cuts, bytes.length]) {
            const part = Uint8Array.from(bytes.subarray(at, at + cut))
            if (part.length > 0) ours.write(part)
            at += part.length
          }
          await clock.advanceAsync(10)
          expect(take(frames)).toEqual([1, 2, 3, 4, 5])
        },
      ),
      { numRuns: 30 },
    )
  })

  it('stops for good at a bad frame', async () => {
    const { clock, ours, frames } = await ends()
    ours.write(Uint8Array.of(0, 0, 0, 1, 0xff))
    ours.write(encodeFrame(new Map([['n', 2]])))
    await clock.advanceAsync(10)
    expect(take(frames)).toEqual([1])
    expect(frames.failure?.code).toBe('bad_frame')
    ours.write(encodeFrame(new Map([['n', 3]])))
    await clock.advanceAsync(10)
    expect(take(frames)).toEqual([])
  })

  it('lets the peer wait while nobody takes what it sent', async () => {
    const { clock, ours, frames } = await ends()
    const wire = encodeFrame(new Map([['bytes', new Uint8Array(100_000)]]))
    for (let i = 0; i < 100; i++) ours.write(wire)
    await clock.advanceAsync(100)
    expect(frames.counters.bytesIn).toBeLessThan(INBOUND_BYTES_WAITING_MAX + 2 * wire.length)
    let taken = 0
    for (let round = 0; round < 50; round++) {
      taken += take(frames).length
      await clock.advanceAsync(10)
    }
    expect(taken).toBe(101)
  })
})

describe('sendEvent', () => {
  it('drops the oldest of what the peer does not take, and counts', async () => {
    const { clock, ours, frames } = await ends({ outbound: { eventsMax: 3 } })
    ours.pause()
    const sent = 300
    const wire = (n: number): Uint8Array =>
      encodeFrame(
        new Map<string, number | Uint8Array>([
          ['n', n],
          ['pad', new Uint8Array(99_999)],
        ]),
      )
    for (let n = 0; n < sent; n++) frames.sendEvent(wire(n))
    frames.sendControl(encodeFrame(new Map([['n', -1]])))
    await clock.advanceAsync(100)
    const { dropped, framesOut } = frames.counters
    expect(dropped).toBeGreaterThan(0)
    expect(frames.queuedFrames).toBe(4)
    expect(framesOut + dropped + frames.queuedFrames).toBe(sent + 1)
    const seen: unknown[] = []
    const reading = new FrameStream(ours, { onReadable: () => {}, onClosed: () => {}, inbound: {} })
    ours.resume()
    for (let round = 0; round < 100; round++) {
      seen.push(...take(reading))
      await clock.advanceAsync(10)
    }
    expect(seen.length).toBe(sent + 1 - dropped)
    expect(seen.slice(-4)).toEqual([-1, sent - 3, sent - 2, sent - 1])
  })
})

describe('sendControl', () => {
  it('says when the peer takes nothing at all', async () => {
    const { frames } = await ends({ outbound: { controlFramesMax: 2 } })
    const wire = encodeFrame(new Map([['pad', new Uint8Array(10_000_000)]]))
    const queued = [1, 2, 3, 4, 5, 6, 7].map(() => frames.sendControl(wire))
    expect(queued.at(0)).toBe(true)
    expect(queued.at(-1)).toBe(false)
  })
})
