// The contract of runtime/connection.ts as tests: whoever writes a connection runs them over it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/runtime/connection.ts'

/** Two connected ends, and the ways they end. */
export interface Pair {
  readonly a: Connection
  readonly b: Connection
  /** The peer `b` is gone without a word. */
  kill(): void
}

/** What arrived at an end. */
class Inbox {
  readonly frames: Uint8Array[] = []
  /** Frames that had arrived when the end was told; null before. */
  endedAfter: number | null = null
  ends = 0

  constructor(connection: Connection) {
    connection.open({
      onFrame: (frame) => this.frames.push(frame),
      onEnd: () => {
        this.ends++
        this.endedAfter ??= this.frames.length
      },
    })
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets both event loops run until `isDone`; the test's own timeout bounds it. */
async function until(isDone: () => boolean, ...ends: readonly Connection[]): Promise<void> {
  while (!isDone()) {
    await turn()
    for (const end of ends) end.poll()
  }
}

function frameOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 131 + i * 7) & 0xff)
}

export function connectionSuite(name: string, connect: () => Pair): void {
  describe(name, () => {
    it('carries every frame whole, once and in order, both ways', async () => {
      const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(sizes, sizes, async (there, back) => {
          const { a, b } = connect()
          const atA = new Inbox(a)
          const atB = new Inbox(b)
          for (const [i, size] of there.entries()) a.send(frameOf(size, i))
          for (const [i, size] of back.entries()) b.send(frameOf(size, i + 100))
          const isDone = (): boolean =>
            atB.frames.length === there.length && atA.frames.length === back.length
          await until(isDone, a, b)
          expect(atB.frames).toEqual(there.map((size, i) => frameOf(size, i)))
          expect(atA.frames).toEqual(back.map((size, i) => frameOf(size, i + 100)))
          a.close()
        }),
        { numRuns: 30 },
      )
    })

    it('carries frames that were sent before the peer opened it', async () => {
      const { a, b } = connect()
      a.send(frameOf(10, 1))
      await turn()
      const atB = new Inbox(b)
      await until(() => atB.frames.length === 1, b)
      expect(atB.frames).toEqual([frameOf(10, 1)])
      a.close()
    })

    it('has taken the bytes of a frame when send returns', async () => {
      const { a, b } = connect()
      const atB = new Inbox(b)
      const frame = frameOf(100, 1)
      a.send(frame)
      frame.fill(0)
      await until(() => atB.frames.length === 1, a, b)
      expect(atB.frames).toEqual([frameOf(100, 1)])
      a.close()
    })

    it('never calls back inside of send', () => {
      const { a, b } = connect()
      const atB = new Inbox(b)
      a.send(frameOf(1, 1))
      expect(atB.frames).toEqual([])
      a.close()
    })

    it('keeps what a slow peer does not read, says how much, and loses none of it', async () => {
      const { a, b } = connect()
      const sent = Array.from({ length: 200 }, (_, i) => frameOf(20_000, i))
      for (const frame of sent) a.send(frame)
      expect(a.backlog).toBeGreaterThan(0)
      const atB = new Inbox(b)
      await until(() => atB.frames.length === sent.length, a, b)
      expect(atB.frames).toEqual(sent)
      expect(a.backlog).toBe(0)
      a.close()
    })

    it('tells its end once on both sides, whoever closes it', async () => {
      const { a, b } = connect()
      const atA = new Inbox(a)
      const atB = new Inbox(b)
      a.close()
      a.close()
      await until(() => atA.ends > 0 && atB.ends > 0, a, b)
      await turn()
      expect([atA.ends, atB.ends]).toEqual([1, 1])
    })

    it('hands over what a peer sent before it was gone, and then the end', async () => {
      const { a, b, kill } = connect()
      const atA = new Inbox(a)
      // Few enough to have left: what still waits in its backlog is gone with it.
      for (let i = 0; i < 10; i++) b.send(frameOf(20, i))
      expect(b.backlog).toBe(0)
      kill()
      await until(() => atA.ends > 0, a)
      expect(atA.frames).toEqual(Array.from({ length: 10 }, (_, i) => frameOf(20, i)))
      expect(atA.endedAfter).toBe(10)
    })

    it('tells the end of a peer that was gone before it was opened', async () => {
      const { a, b, kill } = connect()
      b.send(frameOf(5, 1))
      kill()
      await turn()
      const atA = new Inbox(a)
      await until(() => atA.ends > 0, a)
      expect(atA.frames).toEqual([frameOf(5, 1)])
    })

    it('drops what is sent after its end', async () => {
      const { a, kill } = connect()
      const atA = new Inbox(a)
      kill()
      await until(() => atA.ends > 0, a)
      a.send(frameOf(100, 1))
      expect(a.backlog).toBe(0)
      expect(a.poll()).toBe(false)
    })
  })
}
