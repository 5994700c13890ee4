// Does the event loop stay prompt under full load? Two pairs of processes exchange messages as fast as they can,
// while timers of one millisecond, Node's own and ours, tell how late they are.
import { send, spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { sendAfter } from '../src/runtime/timer.ts'
import { report } from './report.ts'

const TIMERS = 1_000
const PAIRS = 2

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

/** Milliseconds by which Node timers of 1 ms were late. */
async function nodeLags(): Promise<number[]> {
  const lags: number[] = []
  for (let i = 0; i < TIMERS; i++) {
    const due = performance.now() + 1
    await new Promise((resolve) => setTimeout(resolve, 1))
    lags.push(performance.now() - due)
  }
  return lags
}

/** Milliseconds by which our own timers of 1 ms were late, measured in the process they wake. */
function ourLags(): Promise<number[]> {
  return new Promise((done) => {
    const lags: number[] = []
    const sleeper = spawn((due: number) => {
      lags.push(performance.now() - due)
      if (lags.length === TIMERS) done(lags)
      else sendAfter(sleeper, performance.now() + 1, 1)
    })
    sendAfter(sleeper, performance.now() + 1, 1)
  })
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const players: ReturnType<typeof spawn<number>>[] = []
for (let i = 0; i < PAIRS; i++) play()
for (const [name, lags] of [
  ['Node timer lag under load', await nodeLags()],
  ['process timer lag under load', await ourLags()],
] as const) {
  report({ name: `${name}, p50`, value: percentile(lags, 0.5), unit: 'ms' })
  report({ name: `${name}, p99`, value: percentile(lags, 0.99), unit: 'ms' })
  report({ name: `${name}, max`, value: percentile(lags, 1), unit: 'ms' })
}
const before = { cpu: process.cpuUsage(), messages }
await new Promise((resolve) => setTimeout(resolve, 500))
const { user, system } = process.cpuUsage(before.cpu)
const handled = messages - before.messages
report({ name: 'message meanwhile', value: ((user + system) * 1000) / handled, unit: 'ns/message' })
for (const player of players) exit(player, 'kill')
