// What does a timer cost: started and cancelled at once, as the timeout of a call is; and started,
// waited for and delivered as a message, when a million expire within a second?
import { setTimeout as sleep } from 'node:timers/promises'
import { send, spawn } from '../src/runtime/process.ts'
import { cancelTimer, sendAfter } from '../src/runtime/timer.ts'
import { ask, cpuNs } from './question.ts'

const SPREAD_MS = 1_000
const LONG_MS = 60_000

function startAndCancel(units: number): void {
  const sleeper = spawn((_: string): void => {})
  for (let i = 0; i < units; i++) {
    if (!cancelTimer(sendAfter(sleeper, 'wake', LONG_MS + (i & 1023)))) throw new Error('it fired')
  }
}

function ofNodeCancelled(units: number): void {
  for (let i = 0; i < units; i++) clearTimeout(setTimeout(() => {}, LONG_MS + (i & 1023)))
}

/** Started within a process; each sends it a message. */
function expiring(units: number): Promise<void> {
  return new Promise((done) => {
    let left = units
    const sleeper = spawn((message: string) => {
      if (message === 'wake') {
        if (--left === 0) done()
        return
      }
      for (let i = 0; i < units; i++) sendAfter(sleeper, 'wake', 1 + Math.floor(delay(i, units)))
    })
    send(sleeper, 'start')
  })
}

function ofNode(units: number): Promise<void> {
  return new Promise((done) => {
    let left = units
    const wake = (): void => {
      if (--left === 0) done()
    }
    for (let i = 0; i < units; i++) setTimeout(wake, 1 + Math.floor(delay(i, units)))
  })
}

/** Deadlines in no order, and each millisecond has as many. */
function delay(i: number, units: number): number {
  return ((i * 7919) % units) * (SPREAD_MS / units)
}

await ask({
  name: 'timer started and cancelled',
  unit: 'ns',
  contestants: {
    arbor: { units: 1_000_000, measure: (n) => cpuNs(n, () => startAndCancel(n)) },
    erlang: { units: 1_000_000, module: 'timer_cancel' },
    node: { units: 1_000_000, measure: (n) => cpuNs(n, () => ofNodeCancelled(n)) },
  },
})
await ask({
  name: 'timer expired, of a million',
  unit: 'ns',
  contestants: {
    arbor: { units: 1_000_000, measure: (n) => cpuNs(n, () => expiring(n)) },
    erlang: { units: 1_000_000, module: 'timer_expire' },
    node: {
      units: 1_000_000,
      measure: async (n) => {
        const ns = await cpuNs(n, () => ofNode(n))
        await sleep(1)
        return ns
      },
      note: 'a function is called, no message sent',
    },
  },
})
