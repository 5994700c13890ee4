import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyPairFromSeed, type NodeId } from '../../src/identity/key-pair.ts'
import { IDLE_TIMEOUT_MS } from '../../src/limits.ts'
import { type LinkOptions, MemoryNetwork } from '../../src/mesh/memory-network.ts'
import type { MemoryTransport } from '../../src/mesh/memory-transport.ts'
import type { CloseInfo, Session, Stream } from '../../src/mesh/transport.ts'
import { VirtualClock } from '../../src/runtime/clock.ts'
import { seededRandom } from '../../src/runtime/random.ts'

const [idA, idB, idC] = [1, 2, 3].map(
  (seed) => keyPairFromSeed(new Uint8Array(32).fill(seed)).nodeId,
) as [NodeId, NodeId, NodeId]

interface World {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
}

function world(link: LinkOptions = {}, seed: number | string = 1): World {
  const clock = new VirtualClock()
  return { clock, network: new MemoryNetwork({ clock, random: seededRandom(seed), ...link }) }
}

/** Both ends of a session from `from` to `to`, each on a transport of its own. */
async function connect(
  { clock, network }: World,
  from = idA,
  to = idB,
): Promise<{ near: Session; far: Session; ours: MemoryTransport; theirs: MemoryTransport }> {
  const ours = network.transport(from)
  const theirs = network.transport(to)
  const sessions: Session[] = []
  theirs.onSession((session) => sessions.push(session))
  const addr = await theirs.listen({ host: '10.0.0.2', port: 0 })
  void ours.dial(addr, { expect: to }).then((session) => sessions.push(session))
  await clock.advanceAsync(1_000)
  const near = sessions.find(({ direction }) => direction === 'outbound')
  const far = sessions.find(({ direction }) => direction === 'inbound')
  if (near === undefined || far === undefined) throw new Error('no session within a second')
  return { near, far, ours, theirs }
}

/** What `far` reads on the streams of its peer, as it arrives. */
function readings(far: Session): string[] {
  const read: string[] = []
  far.onStream = (stream) => {
    stream.onData = (bytes) => read.push(Buffer.from(bytes).toString())
  }
  return read
}

async function openStream({ clock }: World, session: Session): Promise<Stream> {
  const opening = session.open('bidi')
  await clock.advanceAsync(0)
  return opening
}

function endOf(session: Session): CloseInfo[] {
  const ends: CloseInfo[] = []
  void session.closed.then((info) => ends.push(info))
  return ends
}

describe('latency', () => {
  it('is what a message takes, and a dial takes it twice', async () => {
    const here = world({ latencyMs: 50 })
    const { near, far } = await connect(here)
    expect(near.rttMs()).toBe(100)
    const read = readings(far)
    const stream = await openStream(here, near)
    stream.write(Buffer.from('hello'))
    await here.clock.advanceAsync(49)
    expect(read).toEqual([])
    await here.clock.advanceAsync(1)
    expect(read).toEqual(['hello'])
  })

  it('is of each link by itself', async () => {
    const here = world()
    here.network.link(idA, idC, { latencyMs: 500 })
    const { near: toB } = await connect(here, idA, idB)
    const far = here.network.transport(idC)
    far.onSession(() => {})
    const addr = await far.listen({ host: '10.0.0.3', port: 7 })
    const dialling = here.network.transport(idA).dial(addr, { expect: idC })
    await here.clock.advanceAsync(2_000)
    expect([toB.rttMs(), (await dialling).rttMs()]).toEqual([0, 1_000])
  })

  it('and chance must make sense', () => {
    for (const link of [{ loss: 1 }, { latencyMs: -1 }, { reorder: 2 }, { jitterMs: Number.NaN }]) {
      expect(() => world(link)).toThrow(RangeError)
    }
  })
})

describe('loss and reordering', () => {
  it('never touch the order of a stream, whatever the seed', async () => {
    const writes = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(writes, fc.integer(), async (pausesMs, seed) => {
        const link = { latencyMs: 5, jitterMs: 30, loss: 0.3, reorder: 0.3 }
        const here = world(link, seed)
        const { near, far } = await connect(here)
        const read = readings(far)
        const stream = await openStream(here, near)
        for (const [index, pauseMs] of pausesMs.entries()) {
          stream.write(Buffer.from(`${index} `))
          await here.clock.advanceAsync(pauseMs)
        }
        await here.clock.advanceAsync(10_000)
        expect(read.join('')).toBe(pausesMs.map((_, index) => `${index} `).join(''))
      }),
      { numRuns: 30 },
    )
  })

  it('lose and shuffle datagrams', async () => {
    const here = world({ latencyMs: 10, jitterMs: 20, loss: 0.25 })
    const { near, far } = await connect(here)
    const arrived: number[] = []
    far.onDatagram = (bytes) => arrived.push(Buffer.from(bytes).readUInt16BE())
    for (let index = 0; index < 1_000; index++) {
      const bytes = Buffer.alloc(2)
      bytes.writeUInt16BE(index)
      near.datagram(bytes)
      await here.clock.advanceAsync(1)
    }
    await here.clock.advanceAsync(100)
    expect(arrived.length).toBeGreaterThan(700)
    expect(arrived.length).toBeLessThan(800)
    expect(arrived).not.toEqual(arrived.toSorted((a, b) => a - b))
    expect(new Set(arrived).size).toBe(arrived.length)
  })
})

describe('partition', () => {
  it('holds back what is on its way, and heal delivers it in order', async () => {
    const here = world({ latencyMs: 10 })
    const { near, far } = await connect(here)
    const read = readings(far)
    const stream = await openStream(here, near)
    stream.write(Buffer.from('1'))
    here.network.partition([[idA], [idB]])
    await here.clock.advanceAsync(5_000)
    expect(read).toEqual([])
    stream.write(Buffer.from('2'))
    await here.clock.advanceAsync(5)
    here.network.heal()
    stream.write(Buffer.from('3'))
    await here.clock.advanceAsync(100)
    expect(read.join('')).toBe('123')
  })

  it('ends the sessions across it after the idle time, on both sides', async () => {
    const here = world()
    const { near, far } = await connect(here)
    const ends = [endOf(near), endOf(far)]
    here.network.partition([[idA], [idB, idC]])
    await here.clock.advanceAsync(IDLE_TIMEOUT_MS - 1)
    expect(ends).toEqual([[], []])
    await here.clock.advanceAsync(1)
    expect(ends.map(([end]) => end?.by)).toEqual(['timeout', 'timeout'])
  })

  it('leaves alone who is on the same side, or on none', async () => {
    const here = world()
    const { near } = await connect(here, idA, idB)
    here.network.partition([[idA, idB], [idC]])
    await here.clock.advanceAsync(2 * IDLE_TIMEOUT_MS)
    here.network.partition([[idC]])
    await here.clock.advanceAsync(2 * IDLE_TIMEOUT_MS)
    expect(endOf(near)).toEqual([])
    expect((await openStream(here, near)).kind).toBe('bidi')
  })

  it('lets a dial through once it heals in time', async () => {
    const here = world()
    here.network.partition([[idA], [idB]])
    const theirs = here.network.transport(idB)
    theirs.onSession(() => {})
    const addr = await theirs.listen({ host: '10.0.0.2', port: 7 })
    const dialling = here.network.transport(idA).dial(addr, { expect: idB })
    await here.clock.advanceAsync(1_000)
    here.network.heal()
    await here.clock.advanceAsync(1_000)
    expect((await dialling).peer).toBe(idB)
  })
})

describe('crash', () => {
  it('is silent: nothing of the node runs, and its peers find out by time', async () => {
    const here = world()
    const { near, far } = await connect(here)
    const ends = [endOf(near), endOf(far)]
    const read = readings(far)
    here.network.crash(idB)
    const stream = await openStream(here, near)
    stream.write(Buffer.from('anybody?'))
    await here.clock.advanceAsync(IDLE_TIMEOUT_MS)
    expect(read).toEqual([])
    expect(ends.map(([end]) => end?.by)).toEqual(['timeout', undefined])
  })

  it('leaves the address to the next life of the node', async () => {
    const here = world()
    const { ours } = await connect(here)
    here.network.crash(idB)
    const reborn = here.network.transport(idB)
    reborn.onSession(() => {})
    const addr = { host: '10.0.0.2', port: 49_152 }
    const dialling = ours.dial(addr, { expect: idB })
    await here.clock.advanceAsync(500)
    expect(await reborn.listen(addr)).toEqual(addr)
    await here.clock.advanceAsync(1_000)
    expect((await dialling).peer).toBe(idB)
  })
})

describe('freeze', () => {
  it('stops a node, and thaw lets it go on where it was', async () => {
    const here = world({ latencyMs: 10 })
    const { near, far } = await connect(here)
    const read = readings(far)
    const stream = await openStream(here, near)
    here.network.freeze(idB)
    stream.write(Buffer.from('while you slept'))
    await here.clock.advanceAsync(IDLE_TIMEOUT_MS / 2)
    expect(read).toEqual([])
    here.network.thaw(idB)
    await here.clock.advanceAsync(100)
    expect(read).toEqual(['while you slept'])
  })

  it('that lasts too long ends its sessions; the node hears of it when it wakes', async () => {
    const here = world()
    const { near, far } = await connect(here)
    const ends = [endOf(near), endOf(far)]
    here.network.freeze(idB)
    await here.clock.advanceAsync(2 * IDLE_TIMEOUT_MS)
    expect(ends.map(([end]) => end?.by)).toEqual(['timeout', undefined])
    here.network.thaw(idB)
    await here.clock.advanceAsync(0)
    expect(ends.map(([end]) => end?.by)).toEqual(['timeout', 'timeout'])
  })
})

describe('a run', () => {
  /** When which bytes arrived, of three writers on a bad link. */
  async function run(seed: number): Promise<string[]> {
    const link = { latencyMs: 10, jitterMs: 10, loss: 0.2, reorder: 0.1 }
    const here = world(link, seed)
    const { near, far } = await connect(here)
    const log: string[] = []
    far.onStream = (stream) => {
      stream.onData = (bytes) => log.push(`${here.clock.now()} ${Buffer.from(bytes)}`)
    }
    const streams = [1, 2, 3].map(() => openStream(here, near))
    for (const stream of await Promise.all(streams)) {
      for (let index = 0; index < 20; index++) {
        stream.write(Buffer.from(`${stream.id}/${index}`))
        await here.clock.advanceAsync(3)
      }
    }
    await here.clock.advanceAsync(5_000)
    return log
  }

  it('is the same for the same seed, and another for another', async () => {
    const first = await run(7)
    expect(first.length).toBeGreaterThan(20)
    expect(await run(7)).toEqual(first)
    expect(await run(8)).not.toEqual(first)
  })
})
