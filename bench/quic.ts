// What does a request between two nodes cost? Two operating-system processes on loopback, a stream
// a request, each contestant in turn. Time is wall time, because it contains the network; CPU time
// is that of both processes.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { keyPairFromSeed } from '../src/identity/key-pair.ts'
import { QuicTransport } from '../src/mesh/quic-transport.ts'
import type { Session } from '../src/mesh/transport.ts'
import { median, notice, report } from './report.ts'
import type { EchoClient, EchoTransport } from './workloads/echo.ts'
import { echoTransports } from './workloads/echo-transports.ts'

const ROUNDS = 5
const DIALS = 30
const HELLO_BYTES = 400
const REQUEST_BYTES = 100
const REQUESTS_A_ROUND = 2_000
const UPLOAD_BYTES = 32_000_000
/** Without progress for so long a request counts as hung. */
const HUNG_MS = 5_000

interface Figures {
  readonly dialMs: number
  readonly requestsPerSecond: number
  readonly cpuPerRequest: number
  readonly megabytesPerSecond: number
  readonly cpuPerMegabyte: number
}

class Server {
  readonly #process: ChildProcess
  readonly port: number

  private constructor(process: ChildProcess, port: number) {
    this.#process = process
    this.port = port
  }

  static async start(name: string): Promise<Server> {
    const file = new URL('./workloads/echo-server.ts', import.meta.url)
    const child = fork(file, [name], { execArgv: [] })
    const [port] = await once(child, 'message')
    return new Server(child, Number(port))
  }

  /** CPU milliseconds both processes have used so far. */
  async cpuMs(): Promise<number> {
    this.#process.send('cpu')
    const [theirs] = await once(this.#process, 'message')
    const { user, system } = process.cpuUsage()
    return Number(theirs) + (user + system) / 1_000
  }

  stop(): void {
    this.#process.disconnect()
  }
}

/** Makes so many requests, some in flight at a time; how many never came back. */
async function ask(client: EchoClient, count: number, inFlight: number): Promise<number> {
  let leftCount = count
  let doneCount = 0
  const work = async (): Promise<void> => {
    while (leftCount-- > 0) {
      await client.request(new Uint8Array(REQUEST_BYTES))
      doneCount++
    }
  }
  const all = Promise.all(Array.from({ length: inFlight }, work)).then(() => true)
  for (let seenCount = -1; seenCount !== doneCount; ) {
    seenCount = doneCount
    let timer: NodeJS.Timeout | undefined
    const stuck = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), HUNG_MS)
    })
    const isDone = await Promise.race([all, stuck])
    clearTimeout(timer)
    if (isDone) return 0
  }
  return count - doneCount
}

async function dialMs(transport: EchoTransport, port: number): Promise<number> {
  const start = performance.now()
  const client = await transport.connect(port)
  await client.request(new Uint8Array(HELLO_BYTES))
  const ms = performance.now() - start
  await client.close()
  return ms
}

async function repeated<T>(count: number, measure: () => Promise<T>): Promise<T[]> {
  const values: T[] = []
  for (let index = 0; index < count; index++) values.push(await measure())
  return values
}

/** What `work` takes, as [wall ms, CPU ms of both processes]. */
async function cost(server: Server, work: () => Promise<unknown>): Promise<[number, number]> {
  const cpuMs = await server.cpuMs()
  const start = performance.now()
  await work()
  return [performance.now() - start, (await server.cpuMs()) - cpuMs]
}

async function measure(transport: EchoTransport): Promise<Figures> {
  const server = await Server.start(transport.name)
  await repeated(5, () => dialMs(transport, server.port))
  const dials = await repeated(DIALS, () => dialMs(transport, server.port))
  const client = await transport.connect(server.port)
  await ask(client, REQUESTS_A_ROUND, 10)
  const rounds = await repeated(ROUNDS, () => cost(server, () => ask(client, REQUESTS_A_ROUND, 10)))
  const sizeBytes = transport.name === '@matrixai/quic' ? UPLOAD_BYTES / 8 : UPLOAD_BYTES
  const uploads = await repeated(ROUNDS, () => cost(server, () => client.upload(sizeBytes)))
  await client.close()
  server.stop()
  return {
    dialMs: median(dials),
    requestsPerSecond: median(rounds.map(([ms]) => (REQUESTS_A_ROUND * 1_000) / ms)),
    cpuPerRequest: median(rounds.map(([, cpu]) => (cpu * 1_000) / REQUESTS_A_ROUND)),
    megabytesPerSecond: median(uploads.map(([ms]) => sizeBytes / 1_000 / ms)),
    cpuPerMegabyte: median(uploads.map(([, cpu]) => (cpu * 1_000_000) / sizeBytes)),
  }
}

function compare(ours: Figures, peer: string, theirs: Figures): void {
  const lowerIsBetter = (name: string, unit: string, key: keyof Figures): void => {
    const [value, peerValue] = [ours[key], theirs[key]]
    report({ name, unit, value, peer, peerValue, ratio: peerValue / value })
  }
  const higherIsBetter = (name: string, unit: string, key: keyof Figures): void => {
    const [value, peerValue] = [ours[key], theirs[key]]
    report({ name, unit, value, peer, peerValue, ratio: value / peerValue })
  }
  lowerIsBetter('dial and hello', 'ms', 'dialMs')
  higherIsBetter('100 B requests, 10 in flight', 'requests/s', 'requestsPerSecond')
  lowerIsBetter('CPU of a request, both ends', 'us', 'cpuPerRequest')
  higherIsBetter('one stream', 'MB/s', 'megabytesPerSecond')
  lowerIsBetter('CPU of a megabyte, both ends', 'ms', 'cpuPerMegabyte')
}

/** How many of 10,000 requests never come back, 50 in flight. */
async function hungCount(transport: EchoTransport): Promise<number> {
  const server = await Server.start(transport.name)
  const client = await transport.connect(server.port)
  const hung = await ask(client, 10_000, 50)
  server.stop()
  if (hung === 0) await client.close()
  return hung
}

/** Milliseconds from our close until the peer has its code. */
async function closeMs(): Promise<number> {
  const [keys, peerKeys] = [3, 4].map((seed) => keyPairFromSeed(new Uint8Array(32).fill(seed)))
  if (keys === undefined || peerKeys === undefined) throw new Error('two seeds give two pairs')
  const near = new QuicTransport({ keys })
  const far = new QuicTransport({ keys: peerKeys })
  const arrival = new Promise<Session>((resolve) => far.onSession(resolve))
  const addr = await far.listen({ host: '127.0.0.1', port: 0 })
  const session = await near.dial(addr, { expect: far.nodeId })
  const { closed } = await arrival
  const start = performance.now()
  session.close(0, 'shutdown')
  await closed
  const ms = performance.now() - start
  await Promise.all([near.close(), far.close()])
  return ms
}

const [ours, ...peers] = echoTransports()
if (ours !== undefined) {
  const value = await hungCount(ours)
  report({ name: 'hung of 10,000 requests, 50 in flight', value, unit: 'requests' })
  const closes = await repeated(DIALS, closeMs)
  report({ name: 'close, told to the peer', value: median(closes), unit: 'ms' })
  const figures = await measure(ours)
  for (const peer of peers) compare(figures, peer.name, await measure(peer))
  await ours.end()
}
notice('loopback, two processes; HTTP/2 has the kernel do what QUIC does in user space')
