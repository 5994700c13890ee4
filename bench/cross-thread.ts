// What does a message to another core cost? As many as a process can send to one of another thread,
// a message there and back, and a call; against Node's own messages between threads, and Erlang with
// two schedulers. Wall time, because two cores work: on a machine that does something else besides,
// the figures say little.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { call, stop } from '../src/behaviours/gen-server.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { send, spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { startSchedulers } from '../src/supervisors/scheduler-supervisor.ts'
import type { SupervisorPid } from '../src/supervisors/supervisor.ts'
import { ask } from './question.ts'
import type { Doubler, mirror, sink } from './workloads/cross-thread.ts'

const module = new URL('./workloads/cross-thread.ts', import.meta.url)
const CALLERS = 1_000
/** Messages of a turn of the sender, which then sends itself one to go on. */
const BURST = 100

let schedulers: SupervisorPid | undefined

async function startOther(): Promise<void> {
  schedulers ??= await startSchedulers({ count: 1 })
}

/** Milliseconds that something takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

// --- One way ---

/** A process that resolves a promise with its first message. */
function waiter(): { readonly pid: Pid<unknown>; readonly first: Promise<unknown> } {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  return { pid: spawn((message: unknown) => resolve(message)), first: promise }
}

async function oneWay(units: number): Promise<number> {
  await startOther()
  const { pid: owner, first } = waiter()
  const args = [{ left: units, owner }] as const
  const target = await spawn<typeof sink>({ module, export: 'sink', args })
  const ms = await timed(() => {
    const source = spawn((left: number) => {
      const count = Math.min(left, BURST)
      for (let i = 0; i < count; i++) send(target, { type: 'add', by: i, who: 'abc' })
      if (left > count) send(source, left - count)
    })
    send(source, units)
    return first
  })
  exit(target, 'kill')
  return (units * 1000) / ms
}

async function oneWayPosted(units: number): Promise<number> {
  return withWorker(async (worker) => {
    worker.postMessage({ expect: units })
    const all = once(worker, 'message')
    const ms = await timed(() => {
      for (let i = 0; i < units; i++) worker.postMessage({ type: 'add', by: i, who: 'abc' })
      return all
    })
    return (units * 1000) / ms
  })
}

let posting: Worker | undefined

async function withWorker<T>(work: (worker: Worker) => Promise<T>): Promise<T> {
  posting ??= new Worker(new URL('./workloads/posting-worker.ts', import.meta.url))
  return work(posting)
}

// --- There and back ---

async function roundTrip(units: number): Promise<number> {
  await startOther()
  const target = await spawn<typeof mirror>({ module, export: 'mirror' })
  const ms = await timed(
    () =>
      new Promise<void>((done) => {
        const player: Pid<unknown> = spawn((left: unknown) => {
          if (left === 0) done()
          else send(target, { to: player, left: Number(left) - 1 })
        })
        send(player, units)
      }),
  )
  exit(target, 'kill')
  return (ms * 1000) / units
}

async function roundTripPosted(units: number): Promise<number> {
  return withWorker(async (worker) => {
    worker.postMessage({ expect: -1 })
    const ms = await timed(async () => {
      for (let i = 0; i < units; i++) {
        const back = once(worker, 'message')
        worker.postMessage({ by: i })
        await back
      }
    })
    return (ms * 1000) / units
  })
}

// --- Calls ---

async function calls(units: number): Promise<Record<string, number>> {
  await startOther()
  const doubler = await spawn<typeof Doubler>({ module, export: 'Doubler' })
  const caller = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await call(doubler, { type: 'double', n })
  }
  const each = Math.max(1, Math.floor(units / CALLERS))
  const one = await timed(() => caller(units))
  const many = await timed(() => Promise.all(Array.from({ length: CALLERS }, () => caller(each))))
  exit(doubler, 'kill')
  return {
    'one caller': (one * 1000) / units,
    '1,000 callers': (many * 1000) / (each * CALLERS),
  }
}

await ask({
  name: 'cross-thread, one way',
  unit: 'messages/s',
  isMoreBetter: true,
  contestants: {
    arbor: { units: 1_000_000, measure: oneWay },
    erlang: { units: 1_000_000, module: 'cross_thread', schedulers: 2 },
    postMessage: {
      units: 200_000,
      measure: oneWayPosted,
      note: 'one message at a time; no process at either end',
    },
  },
})

await ask({
  name: 'cross-thread, round trip',
  unit: 'µs',
  contestants: {
    arbor: { units: 20_000, measure: roundTrip },
    erlang: { units: 20_000, module: 'cross_thread_trip', schedulers: 2 },
    postMessage: { units: 20_000, measure: roundTripPosted },
  },
})

await ask({
  name: 'cross-thread, call',
  unit: 'µs',
  contestants: {
    arbor: { units: 20_000, measure: calls },
    erlang: { units: 20_000, module: 'cross_thread_call', schedulers: 2 },
  },
})

if (schedulers !== undefined) await stop(schedulers, 'shutdown')
await posting?.terminate()
