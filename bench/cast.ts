// What does a cast cost? A process casts to a server as fast as it may; the server adds.
import { Effect, Queue } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import { type Call, call, cast, type From, GenServer, start } from '../src/behaviours/gen-server.ts'
import { send, spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { startFiber, stopFibers, times } from './peers/fiber.ts'
import { ask, cpuNs } from './question.ts'

/** Casts of a turn of the caster, which then sends itself a message to go on. */
const BURST = 100

interface Add {
  readonly type: 'add'
  readonly by: number
}

class Sum extends GenServer<number, Call<'get', object, number>, Add> {
  init() {
    return { state: 0 }
  }
  override handleCall(_: unknown, __: From<number>, sum: number) {
    return { reply: sum, state: sum }
  }
  override handleCast({ by }: Add, sum: number) {
    return { state: sum + by }
  }
}

async function ours(units: number): Promise<void> {
  const sum = start(new Sum())
  await new Promise<void>((done) => {
    const caster = spawn((left: number) => {
      const count = Math.min(left, BURST)
      for (let i = 0; i < count; i++) cast(sum, { type: 'add', by: 1 })
      if (left > count) send(caster, left - count)
      else done()
    })
    send(caster, units)
  })
  const total = await call(sum, { type: 'get' })
  if (total !== units) throw new Error(`${total} of ${units} casts arrived`)
  exit(sum, 'kill')
}

async function ofNact(units: number): Promise<void> {
  const system = nact.start()
  await new Promise<void>((done) => {
    const sum = nact.spawn(
      system,
      (total: number = 0, { by }: Add) => {
        if (total + by === units) done()
        return total + by
      },
      'sum',
    )
    for (let i = 0; i < units; i++) nact.dispatch(sum, { type: 'add', by: 1 })
  })
  nact.stop(system)
}

async function ofEffect(units: number): Promise<void> {
  let total = 0
  let finish = (): void => {}
  const finished = new Promise<void>((done) => {
    finish = done
  })
  const sum = startFiber(({ by }: Add) => {
    total += by
    if (total === units) finish()
    return undefined
  })
  const one = Queue.offer(sum.queue, { type: 'add', by: 1 })
  await Effect.runPromise(times(units, one))
  await finished
  await stopFibers([sum])
}

function ofXstate(units: number): void {
  const sum = createActor(fromTransition((total: number, { by }: Add) => total + by, 0)).start()
  for (let i = 0; i < units; i++) sum.send({ type: 'add', by: 1 })
  if (sum.getSnapshot().context !== units) throw new Error('casts are missing')
}

await ask({
  name: 'cast',
  unit: 'ns/cast',
  contestants: {
    arbor: { units: 3_000_000, measure: (n) => cpuNs(n, () => ours(n)) },
    erlang: { units: 2_000_000, module: 'casting' },
    nact: { units: 150_000, measure: (n) => cpuNs(n, () => ofNact(n)) },
    effect: { units: 150_000, measure: (n) => cpuNs(n, () => ofEffect(n)) },
    xstate: {
      units: 1_000_000,
      measure: (n) => cpuNs(n, () => ofXstate(n)),
      note: 'it delivers within send: nothing is queued',
    },
  },
})
