// What does a call cost, with its timeout, its monitor and its reply? One caller that waits for
// each reply, a thousand callers at once, and a thousand calls that all stay open until the event
// loop has had its turn: only those need their timer and their monitor in fact; Erlang arms them
// always.
import { Deferred, Effect, Queue } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import {
  type Call,
  call,
  type From,
  GenServer,
  reply,
  start,
  stop,
} from '../src/behaviours/gen-server.ts'
import { replyOf } from '../src/runtime/call.ts'
import { spawnGenerator } from '../src/runtime/generator-process.ts'
import { startFiber, stopFibers, times } from './peers/fiber.ts'
import { ask, type Contestant, cpuNs } from './question.ts'

const CALLERS = 1_000
/** Milliseconds peers wait for a reply: a busy machine must not end a round. */
const TIMEOUT_MS = 60_000

type CounterCall = Call<'add', { by: number }, number>

class Counter extends GenServer<number, CounterCall> {
  init() {
    return { state: 0 }
  }
  override handleCall(request: CounterCall, _from: From<number>, count: number) {
    const next = count + request.by
    return { reply: next, state: next }
  }
}

/** Answers when a thousand wait, after the event loop's turn. */
class LateCounter extends GenServer<From<number>[], CounterCall> {
  init() {
    return { state: [] }
  }
  override handleCall(_: CounterCall, from: From<number>, waiting: From<number>[]) {
    waiting.push(from)
    if (waiting.length < CALLERS) return { state: waiting }
    setImmediate(() => {
      for (const caller of waiting) reply(caller, 1)
    })
    return { state: [] }
  }
}

/** So many calls by so many callers, each of whom waits for its reply. */
async function repeated(
  units: number,
  callers: number,
  one: () => Promise<unknown>,
): Promise<unknown> {
  const caller = async (): Promise<void> => {
    for (let i = 0; i < units / callers; i++) await one()
  }
  return Promise.all(Array.from({ length: callers }, caller))
}

async function ours(units: number, callers: number): Promise<void> {
  const counter = start(new Counter())
  await repeated(units, callers, () => call(counter, { type: 'add', by: 1 }))
  await stop(counter)
}

async function late(units: number): Promise<void> {
  const counter = start(new LateCounter())
  await repeated(units, CALLERS, () => call(counter, { type: 'add', by: 1 }))
  await stop(counter)
}

/** One caller that is a process itself. */
async function fromGenerator(units: number): Promise<void> {
  const counter = start(new Counter())
  await new Promise<void>((done) => {
    spawnGenerator(function* () {
      for (let i = 0; i < units; i++) yield replyOf(counter, { type: 'add', by: 1 })
      done()
    })
  })
  await stop(counter)
}

interface Add {
  readonly by: number
  readonly sender: nact.Ref<number>
}

async function ofNact(units: number, callers: number): Promise<void> {
  const system = nact.start()
  const counter = nact.spawn(
    system,
    (count: number = 0, { by, sender }: Add) => {
      nact.dispatch(sender, count + by)
      return count + by
    },
    'counter',
  )
  const request = (sender: nact.Ref<number>): Add => ({ by: 1, sender })
  await repeated(units, callers, () => nact.query(counter, request, TIMEOUT_MS))
  nact.stop(system)
}

async function ofEffect(units: number, callers: number): Promise<void> {
  let count = 0
  const counter = startFiber((reply: Deferred.Deferred<number>) => Deferred.succeed(reply, ++count))
  const one = Effect.gen(function* () {
    const reply = yield* Deferred.make<number>()
    yield* Queue.offer(counter.queue, reply)
    return yield* Effect.timeout(Deferred.await(reply), TIMEOUT_MS)
  })
  const caller = times(units / callers, one)
  const all = Array.from({ length: callers }, () => caller)
  await Effect.runPromise(Effect.all(all, { concurrency: 'unbounded' }))
  await stopFibers([counter])
}

interface XstateAdd {
  readonly type: 'add'
  readonly by: number
  readonly reply: (count: number) => void
}

async function ofXstate(units: number, callers: number): Promise<void> {
  const counter = createActor(
    fromTransition((count: number, { by, reply }: XstateAdd) => {
      reply(count + by)
      return count + by
    }, 0),
  ).start()
  await repeated(
    units,
    callers,
    () => new Promise((reply) => counter.send({ type: 'add', by: 1, reply })),
  )
}

function contestants(callers: number, module: string): Record<string, Contestant> {
  return {
    arbor: { units: 1_000_000, measure: (n) => cpuNs(n, () => ours(n, callers)) },
    erlang: { units: 500_000, module },
    nact: {
      units: 100_000,
      measure: (n) => cpuNs(n, () => ofNact(n, callers)),
      note: 'a timeout, no monitor',
    },
    effect: {
      units: 50_000,
      measure: (n) => cpuNs(n, () => ofEffect(n, callers)),
      note: 'a queue, a Deferred and a timeout, no monitor',
    },
    xstate: {
      units: 300_000,
      measure: (n) => cpuNs(n, () => ofXstate(n, callers)),
      note: 'a promise by hand; neither timeout nor monitor',
    },
  }
}

const unit = 'ns/call'
await ask({ name: 'call', unit, contestants: contestants(1, 'calling') })
await ask({ name: 'call, 1,000 callers', unit, contestants: contestants(CALLERS, 'calling_many') })
await ask({
  name: 'call, 1,000 kept open',
  unit,
  contestants: {
    arbor: { units: 200_000, measure: (n) => cpuNs(n, () => late(n)) },
    erlang: { units: 200_000, module: 'calling_late' },
  },
})
await ask({
  name: 'call, from a generator process',
  unit,
  contestants: {
    arbor: { units: 1_000_000, measure: (n) => cpuNs(n, () => fromGenerator(n)) },
    erlang: { units: 500_000, module: 'calling' },
  },
})
