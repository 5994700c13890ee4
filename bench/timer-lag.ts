// Does the event loop stay prompt under full load? Two pairs of processes exchange messages as fast
// as they can, while timers of one millisecond, Node's own and ours, tell how late they are. On a
// shared machine another program's turn looks like lag; so beside the clock's figure stands our own
// CPU time beyond that millisecond, which is what processes kept the event loop from its turn.
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

/** Milliseconds of this thread's CPU time. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

interface Lag {
  /** Milliseconds too late by the clock. */
  readonly wall: number
  /** Milliseconds of our own CPU time beyond the timer's delay. */
  readonly own: number
}

/** Starts measuring a timer of DELAY_MS; call what it returns when the timer fires. */
function measure(): () => Lag {
  const [wall, cpu] = [performance.now(), cpuMs()]
  return () => ({
    wall: performance.now() - wall - DELAY_MS,
    own: Math.max(0, cpuMs() - cpu - DELAY_MS),
  })
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

function tell(name: string, lags: readonly Lag[]): void {
  for (const kind of ['wall', 'own'] as const) {
    const values = lags.map((lag) => lag[kind])
    const of = kind === 'wall' ? name : `${name}, own CPU`
    report({ name: `${of}, p50`, value: percentile(values, 0.5), unit: 'ms' })
    report({ name: `${of}, p99`, value: percentile(values, 0.99), unit: 'ms' })
    report({ name: `${of}, max`, value: percentile(values, 1), unit: 'ms' })
  }
}

const players: ReturnType<typeof spawn<number>>[] = []
tell('Node timer lag, idle', await nodeLags())
for (let i = 0; i < PAIRS; i++) play()
tell('Node timer lag, full load', await nodeLags())
tell('process timer lag, full load', await ourLags())
const before = { cpu: process.cpuUsage(), messages }
await new Promise((resolve) => setTimeout(resolve, 500))
const { user, system } = process.cpuUsage(before.cpu)
const handled = messages - before.messages
report({ name: 'message meanwhile', value: ((user + system) * 1000) / handled, unit: 'ns/message' })
for (const player of players) exit(player, 'kill')
