import { type ChildProcess, fork } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { selfSignedCertificate } from '../../src/identity/certificate.ts'
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { STREAM_WINDOW_BYTES, STREAMS_OPEN_MAX } from '../../src/limits.ts'
import type { CarriedSession } from '../../src/mesh/carried-session.ts'
import { quicBinding, SHUTDOWN_READ } from '../../src/mesh/quic-binding.ts'
import { quicConfig } from '../../src/mesh/quic-config.ts'
import { QuicTransport, type QuicTransportInit } from '../../src/mesh/quic-transport.ts'
import type { Addr, CloseInfo, Session, Stream } from '../../src/mesh/transport.ts'
import { type Random, seededRandom } from '../../src/runtime/random.ts'
import { RawPeer } from './raw-peer.ts'
import { echo, readAll, transportContract } from './transport-contract.ts'
import { UdpProxy } from './udp-proxy.ts'

const [keysA, keysB, keysC] = [1, 2, 3].map((seed) =>
  keyPairFromSeed(new Uint8Array(32).fill(seed)),
) as [QuicTransportInit['keys'], QuicTransportInit['keys'], QuicTransportInit['keys']]
/** Packets a socket surely holds until it is read. */
const LOT = 25
const LOOPBACK = { host: '127.0.0.1', port: 0 }

const opened: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

function node(init: Partial<QuicTransportInit> = {}): QuicTransport {
  const transport = new QuicTransport({ keys: keysA, ...init })
  opened.push(transport)
  return transport
}

/** A node that echoes streams, and where it listens. */
async function echoNode(init: Partial<QuicTransportInit> = {}): Promise<[QuicTransport, Addr]> {
  const transport = node({ keys: keysB, ...init })
  transport.onSession(echo)
  return [transport, await transport.listen(LOOPBACK)]
}

async function proxyTo(target: Addr, random: Random, loss = 0): Promise<UdpProxy> {
  const proxy = await UdpProxy.start({ target, random, loss })
  opened.push(proxy)
  return proxy
}

async function request(session: Session, content: string): Promise<string> {
  const stream = await session.open('bidi')
  const answer = readAll(stream)
  stream.write(Buffer.from(content), true)
  return (await answer).toString()
}

/** Asks until it is so; the runner's own limit ends a wait in vain. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5)
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

transportContract('quic', async () => {
  const a = new QuicTransport({ keys: keysA })
  const b = new QuicTransport({ keys: keysB })
  return {
    a,
    b,
    isLossy: false,
    until: (promise) => promise,
    tick: () => pause(5),
    settle: () => pause(60),
    dispose: async () => {
      await Promise.all([a.close(), b.close()])
    },
  }
})

describe('QuicTransport under loss', () => {
  it.each([
    [0.02, 'two in a hundred'],
    [0.05, 'five in a hundred'],
  ])('finishes every request when %d (%s) packets are lost, 10 in flight', async (loss) => {
    const [, addr] = await echoNode()
    const proxy = await proxyTo(addr, seededRandom(`loss ${loss}`), loss)
    const session = await node().dial(proxy.addr, { expect: keysB.nodeId, timeoutMs: 20_000 })
    let left = 1_000
    const workers = Array.from({ length: 10 }, async () => {
      while (left-- > 0) expect(await request(session, `request ${left}`)).toMatch(/^request/)
    })
    await Promise.all(workers)
    await eventually(() => (session as CarriedSession).streamCount === 0)
  })

  it('never runs out of streams, though leave for them is lost too', async () => {
    const [, addr] = await echoNode()
    const proxy = await proxyTo(addr, seededRandom('loss of leave'), 0.05)
    const session = await node().dial(proxy.addr, { expect: keysB.nodeId, timeoutMs: 20_000 })
    let left = 4_000
    const workers = Array.from({ length: 2 * STREAMS_OPEN_MAX }, async () => {
      while (left-- > 0) await request(session, 'x')
    })
    await Promise.all(workers)
    await eventually(() => (session as CarriedSession).streamCount === 0)
  })

  it('carries megabytes unharmed when one in fifty packets is lost', async () => {
    const [, addr] = await echoNode()
    const proxy = await proxyTo(addr, seededRandom('loss of megabytes'), 0.02)
    const session = await node().dial(proxy.addr, { expect: keysB.nodeId, timeoutMs: 20_000 })
    const content = 'abcdefghij'.repeat(100_000)
    expect(await request(session, content)).toBe(content)
  })
})

describe('QuicTransport on a path that changes', () => {
  it('goes on when the dialler appears at another port', async () => {
    const [, addr] = await echoNode()
    const proxy = await proxyTo(addr, seededRandom(1))
    const session = await node().dial(proxy.addr, { expect: keysB.nodeId })
    expect(await request(session, 'before')).toBe('before')
    await proxy.rebind()
    expect(await request(session, 'after')).toBe('after')
  })

  it('ends the session when nothing comes through any more', async () => {
    const [, addr] = await echoNode()
    const proxy = await proxyTo(addr, seededRandom(1))
    const transport = node({ idleTimeoutMs: 300, keepAliveMs: 100 })
    const session = await transport.dial(proxy.addr, { expect: keysB.nodeId })
    proxy.isBlocked = true
    expect(await session.closed).toMatchObject({ by: 'timeout', code: 0 })
  })

  it('keeps a silent session alive', async () => {
    const [, addr] = await echoNode()
    const transport = node({ idleTimeoutMs: 1_000, keepAliveMs: 150 })
    const session = await transport.dial(addr, { expect: keysB.nodeId })
    await pause(2_000)
    expect(await request(session, 'still here')).toBe('still here')
  })

  it('speaks both families on ::, and writes IPv4 as IPv4', async () => {
    const hasIpv6 = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .some(({ address }) => address === '::1')
    if (!hasIpv6) return
    const remotes: string[] = []
    const station = node({ keys: keysB })
    station.onSession((session) => remotes.push(session.remote.host))
    const { port } = await station.listen({ host: '::', port: 0 })
    await node().dial({ host: '127.0.0.1', port }, { expect: keysB.nodeId })
    await node().dial({ host: '::1', port }, { expect: keysB.nodeId })
    await node().dial({ host: '::ffff:127.0.0.1', port }, { expect: keysB.nodeId })
    await eventually(() => remotes.length === 3)
    expect(remotes.sort()).toEqual(['127.0.0.1', '127.0.0.1', '::1'])
    const onIpv4 = node()
    await onIpv4.listen(LOOPBACK)
    const wrongFamily = onIpv4.dial({ host: '::1', port }, { expect: keysB.nodeId })
    await expect(wrongFamily).rejects.toMatchObject({ code: 'bad_address' })
  })
})

describe('QuicTransport among hostile peers', () => {
  it('outlives mutated and random packets, and still answers', async () => {
    const [station, addr] = await echoNode()
    const random = seededRandom('hostile packets')
    const proxy = await proxyTo(addr, random)
    proxy.isRecording = true
    const session = await node().dial(proxy.addr, { expect: keysB.nodeId })
    await request(session, 'x'.repeat(20_000))
    const attacker = createSocket('udp4')
    opened.push({ close: () => attacker.close() })
    const send = (packet: Buffer): void => attacker.send(packet, addr.port, addr.host)
    for (let index = 0; index < 4_000; index++) {
      const recorded = proxy.recorded[random.integer(proxy.recorded.length)]
      const packet = Buffer.from(recorded ?? [])
      const flipCount = random.integer(4)
      for (let flip = 0; flip < flipCount; flip++) {
        const at = random.integer(packet.length)
        packet[at] = random.integer(256)
      }
      send(packet.subarray(0, 1 + random.integer(packet.length)))
      send(Buffer.from(Array.from({ length: random.integer(60) }, () => random.integer(256))))
      if (index % LOT === 0) await pause(1)
    }
    expect(await request(session, 'still here')).toBe('still here')
    const another = await node({ keys: keysC }).dial(addr, { expect: keysB.nodeId })
    expect(await request(another, 'and to others')).toBe('and to others')
    expect(station.counts.droppedCount).toBeGreaterThan(1_000)
  })

  it('holds few half-open sessions, and makes strangers prove their address beyond', async () => {
    const bounds = { halfOpenRetry: 8, halfOpenPerAddressMax: 1_000 }
    const [station, addr] = await echoNode({ bounds })
    const attacker = createSocket('udp4')
    opened.push({ close: () => attacker.close() })
    for (const [index, packet] of firstPackets(200).entries()) {
      attacker.send(packet, addr.port, addr.host)
      if (index % LOT === 0) await pause(1)
    }
    await eventually(() => station.counts.retryCount === 192)
    expect(station.counts.halfOpenCount).toBe(8)
    const session = await node().dial(addr, { expect: keysB.nodeId })
    expect(await request(session, 'through the retry')).toBe('through the retry')
    expect(station.counts.retryCount).toBe(193)
  })

  it('takes only so many sessions of one address', async () => {
    const [station, addr] = await echoNode({ bounds: { sessionsPerAddressMax: 2 } })
    const dialler = node()
    const first = await dialler.dial(addr, { expect: keysB.nodeId })
    await dialler.dial(addr, { expect: keysB.nodeId })
    const third = dialler.dial(addr, { expect: keysB.nodeId, timeoutMs: 200 })
    await expect(third).rejects.toMatchObject({ code: 'dial_timeout' })
    first.close(0)
    await eventually(() => station.counts.sessionCount === 1)
    await dialler.dial(addr, { expect: keysB.nodeId })
  })

  it('survives dialling what the operating system refuses', async () => {
    const [, addr] = await echoNode()
    const dialler = node()
    const cidrs = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    const subnets = cidrs.filter(({ family, internal }) => family === 'IPv4' && !internal)
    const broadcasts = subnets.map(({ address, netmask }) => broadcastOf(address, netmask))
    const hosts = [...broadcasts, '192.0.2.1', '10.255.255.254', '127.255.255.254', '1.0.0.0']
    const dials = hosts.map((host) =>
      dialler.dial({ host, port: 9 }, { expect: 'anyone', timeoutMs: 150 }),
    )
    for (const outcome of await Promise.allSettled(dials)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'TransportError' } })
    }
    const session = await dialler.dial(addr, { expect: keysB.nodeId })
    expect(await request(session, 'still here')).toBe('still here')
  })

  it('lets nobody in whose certificate is not of a node', async () => {
    let sessionCount = 0
    const [station, addr] = await echoNode()
    station.onSession(() => sessionCount++)
    const forged = selfSignedCertificate(keysA, Date.now())
    // The certificate of one node with the key of another: TLS itself refuses to load it, so its
    // own signature is broken instead.
    const der = Buffer.from(forged.der)
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
    const lines = der.toString('base64').match(/.{1,64}/g) ?? []
    const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
    const peer = await RawPeer.dial(addr, { ...forged, der, pem })
    opened.push(peer)
    await eventually(() => peer.quiche.peerError() !== null)
    expect(peer.quiche.peerError()).toMatchObject({ isApp: false, errorCode: 0x12a })
    expect(sessionCount).toBe(0)
    expect(station.counts.halfOpenCount).toBe(0)
  })
})

describe('QuicTransport with a peer of another kind', () => {
  /** Our end of the first stream such a peer opens, with one byte. */
  async function meet(): Promise<[Stream, RawPeer]> {
    const station = node({ keys: keysB })
    const arrival = new Promise<Stream>((resolve) => {
      station.onSession((session) => {
        session.onStream = resolve
      })
    })
    const addr = await station.listen(LOOPBACK)
    const peer = await RawPeer.dial(addr, selfSignedCertificate(keysC, Date.now()))
    opened.push(peer)
    await eventually(() => peer.quiche.isEstablished())
    peer.quiche.streamSend(0, Buffer.from('x'), false)
    peer.flush()
    return [await arrival, peer]
  }

  it('hears that it wants no more, be the writer idle or waiting', async () => {
    for (const waitingBytes of [0, 4 * STREAM_WINDOW_BYTES]) {
      const [stream, peer] = await meet()
      stream.write(new Uint8Array(waitingBytes))
      const code = new Promise<number>((resolve) => {
        stream.onStop = resolve
      })
      await pause(20)
      peer.quiche.streamShutdown(0, SHUTDOWN_READ, 78)
      peer.flush()
      expect(await code).toBe(78)
      expect([stream.queuedBytes, stream.write(Buffer.from('dropped'))]).toEqual([0, false])
    }
  })

  it('takes an end without bytes', async () => {
    const [stream, peer] = await meet()
    const all = readAll(stream)
    peer.quiche.streamSend(0, new Uint8Array(0), true)
    peer.flush()
    expect((await all).toString()).toBe('x')
  })
})

describe('QuicTransport between processes', () => {
  const peers: ChildProcess[] = []
  afterEach(() => {
    for (const peer of peers.splice(0)) peer.kill('SIGKILL')
  })

  /** A node in a process of its own; see quic-peer.ts. */
  async function startPeer(port: number): Promise<{ peer: ChildProcess; addr: Addr }> {
    const file = new URL('./quic-peer.ts', import.meta.url)
    const peer = fork(file, ['2', String(port)], { execArgv: [] })
    peers.push(peer)
    const [bound] = await once(peer, 'message')
    return { peer, addr: { host: '127.0.0.1', port: bound } }
  }

  it('learns from a restarted peer that its session is gone', async () => {
    const { peer, addr } = await startPeer(0)
    const session = await node().dial(addr, { expect: keysB.nodeId })
    expect(await request(session, 'alive')).toBe('alive')
    peer.kill('SIGKILL')
    await once(peer, 'exit')
    await startPeer(addr.port)
    const stream = await session.open('bidi')
    stream.write(Buffer.from('are you there?'), true)
    const info: CloseInfo = await session.closed
    expect(info).toMatchObject({ by: 'timeout', code: 0 })
    expect(info.reason).toMatch(/restarted/)
  })

  it('ends its process by itself once it is closed', async () => {
    const [station, addr] = await echoNode()
    const closed = new Promise<CloseInfo>((resolve) => {
      station.onSession((session) => {
        echo(session)
        void session.closed.then(resolve)
      })
    })
    const file = new URL('./quic-peer.ts', import.meta.url)
    const peer = fork(file, ['1', '0', String(addr.port)], { execArgv: [] })
    peers.push(peer)
    // The channel to us would keep it alive.
    peer.disconnect()
    expect(await once(peer, 'exit')).toEqual([0, null])
    expect(await closed).toEqual({ by: 'remote', code: 0, reason: 'shutdown' })
  })
})

/** First packets of so many strangers, each of its own connection. */
function firstPackets(count: number): Buffer[] {
  const certificate = selfSignedCertificate(keysC, Date.now())
  const config = quicConfig(quicBinding(), { certificate, idleTimeoutMs: 1_000 })
  const random = seededRandom('strangers')
  return Array.from({ length: count }, () => {
    const id = Uint8Array.from({ length: 20 }, () => random.integer(256))
    const there = { host: '127.0.0.1', port: 1 }
    const quiche = quicBinding().Connection.connect('macula', id, there, there, config)
    const packet = Buffer.alloc(1_350)
    const [size] = quiche.send(packet) ?? [0]
    return packet.subarray(0, size)
  })
}

function broadcastOf(address: string, netmask: string): string {
  const mask = netmask.split('.').map(Number)
  const parts = address.split('.').map(Number)
  return parts.map((part, index) => part | (~(mask[index] ?? 0) & 0xff)).join('.')
}
