// Does the event loop stay prompt under full load? Two pairs of processes exchange messages as fast
// as they can, while timers of one millisecond, Node's own and ours, tell how late they are. On a
// shared machine another program's turn looks like lag, too; so beside the clock's figure stands the
// work that processes did meanwhile beyond that millisecond: what really kept the timer waiting.
import { send, spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { sendAfter } from '../src/runtime/timer.ts'
import { report } from './report.ts'

const TIMERS = 1_000
const PAIRS = 2
const DELAY_MS = 1

let messages = 0

function play(): void {
  const ping = spawn((n: number) => {
    messages++
    send(pong, n)
  })
  const pong = spawn((n: number) => {
    messages++
    send(ping, n)
  })
  players.push(ping, pong)
  send(ping, 0)
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

async function nodeLags(): Promise<Lag[]> {
  const lags: Lag[] = []
  for (let i = 0; i < TIMERS; i++) {
    const measured = measure()
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS))
    lags.push(measured())
  }
  return lags
}

/** The same with our timers, measured in the process they wake. */
function ourLags(): Promise<Lag[]> {
  return new Promise((done) => {
    const lags: Lag[] = []
    const sleeper = spawn((measured: () => Lag) => {
      lags.push(measured())
      if (lags.length === TIMERS) done(lags)
      else sendAfter(sleeper, measure(), DELAY_MS)
    })
    sendAfter(sleeper, measure(), DELAY_MS)
  })
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function tell(name: string, lags: readonly Lag[], nsPerMessage: number): void {
  const wall = lags.map((lag) => lag.wall)
  const work = lags.map((lag) => Math.max(0, (lag.messages * nsPerMessage) / 1e6 - DELAY_MS))
  const figures = nsPerMessage > 0 ? { [name]: wall, [`${name}, work`]: work } : { [name]: wall }
  for (const [title, values] of Object.entries(figures)) {
    report({ name: `${title}, p50`, value: percentile(values, 0.5), unit: 'ms' })
    report({ name: `${title}, p99`, value: percentile(values, 0.99), unit: 'ms' })
    report({ name: `${title}, max`, value: percentile(values, 1), unit: 'ms' })
  }
}

const players: ReturnType<typeof spawn<number>>[] = []
const idle = await nodeLags()
for (let i = 0; i < PAIRS; i++) play()
const before = { cpu: process.cpuUsage(), messages }
const [node, ours] = [await nodeLags(), await ourLags()]
const { user, system } = process.cpuUsage(before.cpu)
const nsPerMessage = ((user + system) * 1000) / (messages - before.messages)
for (const player of players) exit(player, 'kill')
tell('Node timer lag, idle', idle, 0)
tell('Node timer lag, full load', node, nsPerMessage)
tell('process timer lag, full load', ours, nsPerMessage)
report({ name: 'message meanwhile', value: nsPerMessage, unit: 'ns/message' })
