// What every transport has to do, whatever carries its bytes: `transportContract` runs these tests
// against a pair of nodes. An implementation proves itself by one call in its own test file.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CLOSE_REASON_BYTES_MAX,
  STREAM_SEND_QUEUE_BYTES_MAX,
  STREAM_WINDOW_BYTES,
  STREAMS_OPEN_MAX,
} from '../../src/limits.ts'
import type { CarriedSession } from '../../src/mesh/carried-session.ts'
import type { CloseInfo, Session, Stream, Transport } from '../../src/mesh/transport.ts'

/** Two nodes of one network; the tests let `a` dial `b`. */
export interface TransportPair {
  readonly a: Transport
  readonly b: Transport
  /** Whether messages may be lost or overtake each other on their way. */
  readonly isLossy: boolean
  /** Lets time pass until the promise settles. */
  until<T>(promise: Promise<T>): Promise<T>
  /** Lets a little time pass. */
  tick(): Promise<void>
  /** Lets what is under way happen: to see that nothing else does. */
  settle(): Promise<void>
  dispose(): Promise<void>
}

const LOOPBACK = { host: '127.0.0.1', port: 0 }

/** All bytes of a stream up to its end. */
export function readAll(stream: Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    stream.onEnd = () => resolve(Buffer.concat(chunks))
    stream.onReset = (code) => reject(new Error(`reset ${code}`))
    stream.onClose = () => reject(new Error('closed before its end'))
    stream.onData = (bytes) => chunks.push(bytes)
  })
}

/** Writes with backpressure: waits for onDrain whenever a queue has formed. */
export async function writeAll(stream: Stream, chunks: readonly Uint8Array[]): Promise<void> {
  for (const [index, chunk] of chunks.entries()) {
    const isFree = stream.write(chunk, index === chunks.length - 1)
    if (isFree) continue
    await new Promise<void>((resolve) => {
      stream.onDrain = resolve
    })
  }
}

/** Answers each stream of the peer with what came on it. */
export function echo(session: Session): void {
  session.onStream = (stream) => {
    void readAll(stream).then(
      (bytes) => {
        if (stream.kind === 'bidi') stream.write(bytes, true)
      },
      () => stream.reset(0),
    )
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const bytesOf = (content: string): Uint8Array => new TextEncoder().encode(content)
const noise = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff)

function streamCountOf(session: Session): number {
  return (session as CarriedSession).streamCount
}

/** Runs the contract against the transports `make` builds. */
export function transportContract(name: string, make: () => Promise<TransportPair>): void {
  let pair: TransportPair
  let a: Transport
  let b: Transport
  const until = <T>(promise: Promise<T>): Promise<T> => pair.until(promise)
  beforeEach(async () => {
    pair = await make()
    a = pair.a
    b = pair.b
  })
  afterEach(() => pair.dispose())

  /** Lets time pass until it is so; the runner's own limit ends a wait in vain. */
  async function eventually(isSo: () => boolean): Promise<void> {
    while (!isSo()) await pair.tick()
  }

  /** A session from a to b: both its ends. */
  async function connect(): Promise<{ near: Session; far: Session }> {
    const arrived = new Promise<Session>((resolve) => b.onSession(resolve))
    const addr = await until(b.listen(LOOPBACK))
    const near = await until(a.dial(addr, { expect: b.nodeId }))
    return { near, far: await until(arrived) }
  }

  /** The next stream the peer of `session` opens. */
  const arrival = (session: Session): Promise<Stream> =>
    new Promise((resolve) => {
      session.onStream = resolve
    })

  /** A stream of `near` that `far` has met, each end's. */
  async function openStream(
    near: Session,
    far: Session,
    kind: 'bidi' | 'uni' = 'bidi',
  ): Promise<{ ours: Stream; theirs: Stream }> {
    const theirs = arrival(far)
    const ours = await until(near.open(kind))
    ours.write(bytesOf('.'))
    return { ours, theirs: await until(theirs) }
  }

  async function request(session: Session, content: string): Promise<string> {
    const stream = await session.open('bidi')
    const answer = readAll(stream)
    stream.write(bytesOf(content), true)
    return text(await answer)
  }

  describe(`${name}: listen`, () => {
    it('binds a free port for port 0 and says which', async () => {
      const addr = await until(b.listen(LOOPBACK))
      expect(addr.host).toBe('127.0.0.1')
      expect(addr.port).toBeGreaterThan(0)
    })

    it('refuses an address in use, a second listen, a name, and a closed transport', async () => {
      const addr = await until(b.listen(LOOPBACK))
      await expect(until(a.listen(addr))).rejects.toMatchObject({ code: 'address_in_use' })
      await expect(until(b.listen(LOOPBACK))).rejects.toMatchObject({ code: 'already_listening' })
      const named = a.listen({ host: 'station.example', port: 0 })
      await expect(until(named)).rejects.toMatchObject({ code: 'bad_address' })
      await until(a.close())
      await expect(until(a.listen(LOOPBACK))).rejects.toMatchObject({ code: 'closed' })
    })
  })

  describe(`${name}: dial`, () => {
    it('proves either side to the other', async () => {
      const { near, far } = await connect()
      expect(near.peer).toBe(b.nodeId)
      expect(far.peer).toBe(a.nodeId)
      expect([near.direction, far.direction]).toEqual(['outbound', 'inbound'])
      expect(near.remote.host).toBe('127.0.0.1')
      expect(far.remote.host).toBe('127.0.0.1')
      expect(near.via).toBe(far.via)
    })

    it('takes anyone when asked to, and tells who it was', async () => {
      const addr = await until(b.listen(LOOPBACK))
      b.onSession(() => {})
      const session = await until(a.dial(addr, { expect: 'anyone' }))
      expect(session.peer).toBe(b.nodeId)
    })

    it('refuses another identity, and no session appears over there', async () => {
      let sessionCount = 0
      b.onSession(() => sessionCount++)
      const addr = await until(b.listen(LOOPBACK))
      const wrong = b.nodeId.replace(/^./, b.nodeId.startsWith('0') ? '1' : '0')
      const dial = a.dial(addr, { expect: wrong as typeof b.nodeId })
      await expect(until(dial)).rejects.toMatchObject({ code: 'wrong_identity' })
      await pair.settle()
      expect(sessionCount).toBe(0)
    })

    it('gives up after the time it was given', async () => {
      const dial = a.dial({ host: '127.0.0.1', port: 9 }, { expect: b.nodeId, timeoutMs: 80 })
      await expect(until(dial)).rejects.toMatchObject({
        code: 'dial_timeout',
        attempt: { operation: 'dial', target: '127.0.0.1:9' },
      })
    })

    it('obeys its signal, before and while it waits', async () => {
      const options = { expect: b.nodeId, signal: AbortSignal.abort() }
      const early = a.dial({ host: '127.0.0.1', port: 9 }, options)
      await expect(until(early)).rejects.toMatchObject({ code: 'aborted' })
      const abort = new AbortController()
      const addr = { host: '127.0.0.1', port: 9 }
      const late = a.dial(addr, { expect: b.nodeId, signal: abort.signal })
      abort.abort()
      await expect(until(late)).rejects.toMatchObject({ code: 'aborted' })
    })

    it('fails when the transport is closed, then and later', async () => {
      const addr = { host: '127.0.0.1', port: 9 }
      const waiting = expect(a.dial(addr, { expect: b.nodeId })).rejects.toMatchObject({
        code: 'closed',
      })
      await pair.settle()
      await until(a.close())
      await waiting
      const later = a.dial(addr, { expect: b.nodeId })
      await expect(until(later)).rejects.toMatchObject({ code: 'closed' })
    })

    it.each([
      ['limited broadcast', '255.255.255.255', 1234],
      ['port 0', '127.0.0.1', 0],
      ['a port beyond', '127.0.0.1', 70_000],
      ['half a port', '127.0.0.1', 1.5],
      ['multicast', '224.0.0.1', 1234],
      ['IPv6 multicast', 'ff02::1', 1234],
      ['mapped multicast', '::ffff:224.0.0.1', 1234],
      ['unspecified', '0.0.0.0', 1234],
      ['IPv6 unspecified', '::', 1234],
      ['a name', 'localhost', 1234],
      ['a zone', 'fe80::1%lo', 1234],
      ['nothing', '', 1234],
    ])('refuses %s, and goes on working', async (_, host, port) => {
      const hostile = a.dial({ host, port }, { expect: 'anyone', timeoutMs: 100 })
      await expect(until(hostile)).rejects.toMatchObject({ code: 'bad_address' })
      b.onSession(echo)
      const addr = await until(b.listen(LOOPBACK))
      const session = await until(a.dial(addr, { expect: b.nodeId }))
      expect(await until(request(session, 'still here'))).toBe('still here')
    })

    it('refuses our own address and our own id', async () => {
      const own = await until(a.listen(LOOPBACK))
      const toOwnAddress = a.dial(own, { expect: 'anyone' })
      await expect(until(toOwnAddress)).rejects.toMatchObject({ code: 'bad_address' })
      const addr = await until(b.listen(LOOPBACK))
      const toOwnId = a.dial(addr, { expect: a.nodeId })
      await expect(until(toOwnId)).rejects.toMatchObject({ code: 'bad_address' })
    })

    it('dials from the socket it listens on', async () => {
      const remotes: number[] = []
      b.onSession((session) => remotes.push(session.remote.port))
      const own = await until(a.listen(LOOPBACK))
      const addr = await until(b.listen(LOOPBACK))
      await until(a.dial(addr, { expect: b.nodeId }))
      await eventually(() => remotes.length === 1)
      expect(remotes).toEqual([own.port])
    })

    it('holds many sessions, each of its own', async () => {
      b.onSession(echo)
      const addr = await until(b.listen(LOOPBACK))
      const names = Array.from({ length: 20 }, (_, index) => `session ${index}`)
      const answers = names.map(async (each) =>
        request(await a.dial(addr, { expect: b.nodeId }), each),
      )
      expect(await until(Promise.all(answers))).toEqual(names)
    })

    it('closes a session that nobody takes', async () => {
      const addr = await until(b.listen(LOOPBACK))
      const session = await until(a.dial(addr, { expect: b.nodeId }))
      expect(await until(session.closed)).toMatchObject({ by: 'remote', code: 0 })
    })
  })

  describe(`${name}: streams`, () => {
    it('carry a request and its answer, from either side', async () => {
      const { near, far } = await connect()
      echo(near)
      echo(far)
      expect(await until(request(near, 'from the dialler'))).toBe('from the dialler')
      expect(await until(request(far, 'from the acceptor'))).toBe('from the acceptor')
      await eventually(() => streamCountOf(near) + streamCountOf(far) === 0)
    })

    it('go one way when they are unidirectional', async () => {
      const { near, far } = await connect()
      const { ours, theirs } = await openStream(near, far, 'uni')
      expect([ours.opener, theirs.opener, theirs.kind]).toEqual(['local', 'remote', 'uni'])
      expect(() => theirs.write(bytesOf('no'))).toThrow(
        expect.objectContaining({ code: 'not_writable' }),
      )
      const all = readAll(theirs)
      ours.write(bytesOf('one way'), true)
      expect(text(await until(all))).toBe('.one way')
    })

    it('carry megabytes, in order, held back by the reader', async () => {
      const { near, far } = await connect()
      echo(far)
      const chunks = Array.from({ length: 40 }, (_, index) => noise(100_000 + index))
      const stream = await until(near.open('bidi'))
      const answer = readAll(stream)
      const written = writeAll(stream, chunks)
      expect(Buffer.compare(await until(answer), Buffer.concat(chunks))).toBe(0)
      await until(written)
    })

    it('carry any chunks unchanged', async () => {
      const { near, far } = await connect()
      echo(far)
      const chunks = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 30 })
      await fc.assert(
        fc.asyncProperty(chunks, async (some) => {
          const all = [...some, Uint8Array.of(7)]
          const stream = await until(near.open('bidi'))
          const answer = readAll(stream)
          await until(writeAll(stream, all))
          expect(Buffer.compare(await until(answer), Buffer.concat(all))).toBe(0)
        }),
        { numRuns: 30 },
      )
    })

    it('never end without bytes', async () => {
      const { near, far } = await connect()
      echo(far)
      const stream = await until(near.open('bidi'))
      const nothing = new Uint8Array(0)
      expect(() => stream.write(nothing, true)).toThrow(
        expect.objectContaining({ code: 'empty_last_write' }),
      )
      expect(stream.write(nothing)).toBe(true)
      stream.write(bytesOf('all'), true)
      expect(() => stream.write(bytesOf('more'))).toThrow(
        expect.objectContaining({ code: 'write_after_end' }),
      )
    })

    it('refuse to queue without bound', async () => {
      const { near, far } = await connect()
      const { ours } = await openStream(near, far)
      const chunk = new Uint8Array(1_000_000)
      const flood = (): void => {
        for (let sent = 0; sent < 3 * STREAM_SEND_QUEUE_BYTES_MAX; sent += chunk.length) {
          ours.write(chunk)
        }
      }
      expect(flood).toThrow(expect.objectContaining({ code: 'send_queue_full' }))
      expect(ours.queuedBytes).toBeLessThanOrEqual(STREAM_SEND_QUEUE_BYTES_MAX)
    })

    it('lose nothing however late the handlers come', async () => {
      const { near, far } = await connect()
      const stream = await until(near.open('bidi'))
      stream.write(bytesOf('early '))
      stream.write(bytesOf('bird'), true)
      await pair.settle()
      const theirs = await until(arrival(far))
      await pair.settle()
      expect(text(await until(readAll(theirs)))).toBe('early bird')
    })

    it('stop reading when paused, and the writer is held back', async () => {
      const { near, far } = await connect()
      const { ours, theirs } = await openStream(near, far)
      let readBytes = 0
      let callsWhilePaused = 0
      let isPaused = false
      theirs.onData = (bytes) => {
        if (isPaused) callsWhilePaused++
        readBytes += bytes.length
        isPaused = true
        theirs.pause()
      }
      const total = 3 * STREAM_WINDOW_BYTES
      expect(ours.write(new Uint8Array(total), true)).toBe(false)
      await pair.settle()
      expect(callsWhilePaused).toBe(0)
      expect(ours.queuedBytes).toBeGreaterThan(STREAM_WINDOW_BYTES / 2)
      const ended = new Promise<void>((resolve) => {
        theirs.onEnd = resolve
      })
      theirs.onData = (bytes) => {
        readBytes += bytes.length
      }
      expect(readBytes).toBeLessThan(total)
      theirs.resume()
      await until(ended)
      expect(readBytes).toBe(total + 1)
    })

    it('tell a reset with its code, and lose what was not read', async () => {
      const { near, far } = await connect()
      const { ours, theirs } = await openStream(near, far)
      const code = new Promise<number>((resolve) => {
        theirs.onReset = resolve
      })
      theirs.onData = () => {}
      ours.reset(77)
      expect(await until(code)).toBe(77)
      expect(() => ours.write(bytesOf('more'))).toThrow(
        expect.objectContaining({ code: 'write_after_end' }),
      )
    })

    it('drop what still comes after a stop, however much, and end', async () => {
      const { near, far } = await connect()
      const { ours, theirs } = await openStream(near, far)
      let readBytes = 0
      theirs.onData = (bytes) => {
        readBytes += bytes.length
        theirs.stop(78)
      }
      theirs.onEnd = () => expect.unreachable('stopped')
      await pair.settle()
      const sizeBytes = 3 * STREAM_WINDOW_BYTES
      await until(writeAll(ours, [new Uint8Array(sizeBytes), bytesOf('end')]))
      expect(readBytes).toBe(1)
      theirs.write(bytesOf('answer'), true)
      expect(text(await until(readAll(ours)))).toBe('answer')
      await eventually(() => streamCountOf(near) + streamCountOf(far) === 0)
    })

    it('close exactly once, last, however they end', async () => {
      const { near, far } = await connect()
      const ends: ((ours: Stream, theirs: Stream) => void)[] = [
        (ours, theirs) => {
          ours.stop(1)
          theirs.stop(1)
          ours.write(bytesOf('a'), true)
          theirs.write(bytesOf('b'), true)
        },
        (ours, theirs) => {
          theirs.onData = () => {}
          ours.onData = () => {}
          ours.write(bytesOf('a'), true)
          theirs.write(bytesOf('b'), true)
        },
        (ours, theirs) => {
          theirs.onData = () => {}
          ours.onData = () => {}
          ours.reset(1)
          theirs.reset(2)
        },
        (ours, theirs) => {
          ours.stop(1)
          ours.reset(1)
          theirs.stop(1)
          theirs.reset(1)
        },
        () => near.close(0),
      ]
      for (const end of ends) {
        const { ours, theirs } = await openStream(near, far)
        const log: string[] = []
        for (const [side, stream] of [
          ['ours', ours],
          ['theirs', theirs],
        ] as const) {
          stream.onEnd = () => log.push(`${side} end`)
          stream.onReset = () => log.push(`${side} reset`)
          stream.onClose = () => log.push(`${side} close`)
        }
        end(ours, theirs)
        expect(log).toEqual([])
        const closes = (): string[] => log.filter((line) => line.endsWith('close'))
        await eventually(() => closes().length >= 2)
        await pair.settle()
        expect(closes().sort()).toEqual(['ours close', 'theirs close'])
        for (const side of ['ours', 'theirs']) {
          expect(log.findLast((line) => line.startsWith(side))).toBe(`${side} close`)
        }
      }
    })
  })

  describe(`${name}: open`, () => {
    it('waits beyond the streams the peer allows, and goes on when one has ended', async () => {
      const { near, far } = await connect()
      echo(far)
      const opening = Array.from({ length: STREAMS_OPEN_MAX }, () => near.open('bidi'))
      const streams = await until(Promise.all(opening))
      let isOpen = false
      const waiting = near.open('bidi').then((stream) => {
        isOpen = true
        return stream
      })
      await pair.settle()
      expect(isOpen).toBe(false)
      // Peers may give leave in lots: half of the streams is what quiche waits for.
      for (const stream of streams) {
        stream.onData = () => {}
        stream.write(bytesOf('x'), true)
      }
      const last = await until(waiting)
      expect(last.kind).toBe('bidi')
    })

    it('gives up waiting after its time, on its signal, and at the end of the session', async () => {
      const { near } = await connect()
      for (let index = 0; index < STREAMS_OPEN_MAX; index++) await until(near.open('uni'))
      const late = near.open('uni', { timeoutMs: 20 })
      await expect(until(late)).rejects.toMatchObject({ code: 'no_stream_credit' })
      const abort = new AbortController()
      const aborted = near.open('uni', { signal: abort.signal })
      abort.abort()
      await expect(until(aborted)).rejects.toMatchObject({ code: 'aborted' })
      const refused = near.open('uni')
      near.close(0)
      await expect(until(refused)).rejects.toMatchObject({ code: 'closed' })
      await expect(until(near.open('uni'))).rejects.toMatchObject({ code: 'closed' })
    })

    it('gets its leave back from streams that end in any way', async () => {
      const { near, far } = await connect()
      const endings: ((ours: Stream, theirs: Stream) => void)[] = [
        (ours, theirs) => {
          ours.reset(1)
          theirs.write(bytesOf('bye'), true)
        },
        (ours, theirs) => {
          ours.write(bytesOf('bye'), true)
          theirs.reset(1)
        },
        (ours, theirs) => {
          theirs.stop(1)
          theirs.write(bytesOf('bye'), true)
          ours.write(bytesOf('lost'), true)
        },
        (ours, theirs) => {
          ours.stop(1)
          ours.reset(1)
          theirs.reset(1)
        },
        (ours) => {
          ours.reset(1)
          ours.stop(1)
        },
      ]
      far.onStream = (theirs) => {
        theirs.onReset = () => theirs.reset(9)
        theirs.onData = (bytes) =>
          endings[Number(text(bytes).charAt(0))]?.(openStreams.pop()!, theirs)
      }
      const openStreams: Stream[] = []
      for (let index = 0; index < 3 * STREAMS_OPEN_MAX; index++) {
        const ours = await until(near.open('bidi'))
        const closed = new Promise<void>((resolve) => {
          ours.onClose = resolve
        })
        ours.onReset = () => {}
        ours.onStop = () => ours.reset(0)
        ours.onData = () => {}
        openStreams.push(ours)
        ours.write(bytesOf(String(index % endings.length)))
        await until(closed)
      }
      await eventually(() => streamCountOf(near) + streamCountOf(far) === 0)
    })
  })

  describe(`${name}: close`, () => {
    it('tells the peer code and reason, exactly once on either side', async () => {
      const { near, far } = await connect()
      const told: CloseInfo[] = []
      void near.closed.then((info) => told.push(info))
      void far.closed.then((info) => told.push(info))
      near.close(4242, 'bye')
      near.close(1, 'again')
      await until(far.closed)
      far.close(2, 'too late')
      await pair.settle()
      expect(told).toEqual([
        { by: 'local', code: 4242, reason: 'bye' },
        { by: 'remote', code: 4242, reason: 'bye' },
      ])
    })

    it('delivers what was written before it, when nothing is in the way', async () => {
      if (pair.isLossy) return
      const { near, far } = await connect()
      const { ours, theirs } = await openStream(near, far)
      const read: string[] = []
      theirs.onData = (bytes) => read.push(text(bytes))
      await pair.settle()
      ours.write(bytesOf('goodbye'))
      near.close(0, 'shutdown')
      await until(far.closed)
      expect(read.join('')).toBe('.goodbye')
    })

    it('cuts a reason that is too long, at a whole character', async () => {
      const { near, far } = await connect()
      near.close(1, 'é'.repeat(CLOSE_REASON_BYTES_MAX))
      const { reason } = await until(far.closed)
      expect(reason).toBe('é'.repeat(CLOSE_REASON_BYTES_MAX / 2))
    })

    it('takes the control characters out of a reason', async () => {
      const { near, far } = await connect()
      near.close(1, 'a\u001b[31mb')
      expect((await until(far.closed)).reason).toBe('a [31mb')
    })

    it('of the transport closes every session, and later calls wait for the first', async () => {
      const { near, far } = await connect()
      const first = b.close(7, 'going home')
      const second = b.close(8)
      await until(Promise.all([first, second]))
      expect(await until(near.closed)).toEqual({ by: 'remote', code: 7, reason: 'going home' })
      expect(await until(far.closed)).toMatchObject({ by: 'local', code: 7 })
    })

    it('follows when a handler throws, and the peer learns no more than that', async () => {
      const { near, far } = await connect()
      const cause = new Error('a bug of ours')
      far.onStream = () => {
        throw cause
      }
      const stream = await until(near.open('bidi'))
      stream.write(bytesOf('x'))
      expect(await until(far.closed)).toMatchObject({ by: 'failure', code: 1, cause })
      expect(await until(near.closed)).toEqual({
        by: 'remote',
        code: 1,
        reason: 'a handler failed',
      })
    })
  })

  describe(`${name}: datagrams`, () => {
    it('arrive whole, or are refused when they are too long', async () => {
      const { near, far } = await connect()
      const first = new Promise<Uint8Array>((resolve) => {
        far.onDatagram = resolve
      })
      expect(near.maxDatagram).toBeGreaterThan(1_000)
      expect(near.datagram(new Uint8Array(near.maxDatagram + 1))).toBe(false)
      const copyCount = pair.isLossy ? 10 : 1
      for (let copy = 0; copy < copyCount; copy++) {
        expect(near.datagram(noise(near.maxDatagram))).toBe(true)
      }
      expect(Buffer.compare(await until(first), noise(near.maxDatagram))).toBe(0)
      near.close(0)
      expect(near.datagram(bytesOf('late'))).toBe(false)
    })
  })
}
