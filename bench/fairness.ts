// Does the event loop stay prompt under full load? Two pairs of processes exchange messages as fast
// as they can, while timers of one millisecond, ours and Node's own, tell how late they are, and a
// socket of this thread echoes what another operating-system process sends it. On a shared machine
// another program's turn looks like lag, too; so beside the clock's figures stands the work that our
// processes did meanwhile beyond that millisecond: what really kept the timer waiting.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Pid } from '../src/runtime/pid.ts'
import { send, spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { sendAfter } from '../src/runtime/timer.ts'
import { ask } from './question.ts'
import { percentile } from './report.ts'

const PAIRS = 2
const DELAY_MS = 1

let messages = 0

/** Starts the load; returns what ends it. */
function play(): () => void {
  const players: Pid<number>[] = []
  for (let i = 0; i < PAIRS; i++) {
    const ping: Pid<number> = spawn((n: number) => {
      messages++
      send(pong, n)
    })
    const pong: Pid<number> = spawn((n: number) => {
      messages++
      send(ping, n)
    })
    players.push(ping, pong)
    send(ping, 0)
  }
  return () => {
    for (const player of players) exit(player, 'kill')
  }
}

interface Lag {
  /** Milliseconds too late by the clock. */
  readonly wall: number
  /** Messages that processes handled between the timer's start and its firing. */
  readonly messages: number
}

/** Starts measuring a timer of DELAY_MS; call what it returns when the timer fires. */
function measure(): () => Lag {
  const [since, handled] = [performance.now(), messages]
  return () => ({ wall: performance.now() - since - DELAY_MS, messages: messages - handled })
}

async function nodeLags(timers: number): Promise<Lag[]> {
  const lags: Lag[] = []
  for (let i = 0; i < timers; i++) {
    const measured = measure()
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS))
    lags.push(measured())
  }
  return lags
}

/** The same with our timers, measured in the process they wake. */
function ourLags(timers: number): Promise<Lag[]> {
  return new Promise((done) => {
    const lags: Lag[] = []
    const sleeper = spawn((measured: () => Lag) => {
      lags.push(measured())
      if (lags.length === timers) {
        done(lags)
        exit('normal')
      }
      sendAfter(sleeper, measure(), DELAY_MS)
    })
    sendAfter(sleeper, measure(), DELAY_MS)
  })
}

/** p50, p99 and max, by the clock and by the work of our own processes. */
async function lagsOf(
  timers: number,
  lags: (timers: number) => Promise<Lag[]>,
): Promise<Record<string, number>> {
  const end = play()
  const before = { cpu: process.cpuUsage(), messages }
  const all = await lags(timers)
  const { user, system } = process.cpuUsage(before.cpu)
  const msPerMessage = (user + system) / 1000 / (messages - before.messages)
  end()
  const work = all.map((lag) => Math.max(0, lag.messages * msPerMessage - DELAY_MS))
  return { ...figures(all.map(({ wall }) => wall)), 'p99 of our own work': percentile(work, 0.99) }
}

function figures(values: readonly number[]): Record<string, number> {
  return {
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    max: percentile(values, 1),
  }
}

/** Round trips to a socket of this thread, in milliseconds, seen from another process. */
async function echoes(rounds: number, isLoaded: boolean): Promise<Record<string, number>> {
  const server = createServer((socket) => {
    socket.setNoDelay(true)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const end = isLoaded ? play() : () => {}
  const file = fileURLToPath(new URL('workloads/echo-client.ts', import.meta.url))
  const client = fork(file, [String(port), String(rounds)], { execArgv: [] })
  const [times] = await once(client, 'message')
  end()
  server.close()
  return figures(times)
}

await ask({
  name: 'timer lag, full load',
  unit: 'ms',
  contestants: {
    arbor: { units: 1_000, measure: (n) => lagsOf(n, ourLags) },
    erlang: { units: 1_000, module: 'fairness', note: 'it rounds timers up, idle or not' },
    node: {
      units: 1_000,
      measure: (n) => lagsOf(n, nodeLags),
      note: "Node's own timers beside the load of our processes",
    },
  },
})
await ask({
  name: 'TCP echo, idle',
  unit: 'ms',
  contestants: { arbor: { units: 2_000, measure: (n) => echoes(n, false) } },
})
await ask({
  name: 'TCP echo, full load',
  unit: 'ms',
  contestants: { arbor: { units: 2_000, measure: (n) => echoes(n, true) } },
})
