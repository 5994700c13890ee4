// What does a message cost when a hundred processes send to one? The receiver must not drown: what
// a sender sends counts against its turn.
import { Effect, Queue } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import { send, spawn } from '../src/runtime/process.ts'
import { startFiber, stopFibers, times } from './peers/fiber.ts'
import { ask, cpuNs } from './question.ts'

const SENDERS = 100
/** Messages of a turn of a sender, which then sends itself a message to go on. */
const BURST = 100

interface Add {
  readonly type: 'add'
  readonly by: number
}

function ours(units: number): Promise<void> {
  return new Promise((done) => {
    const each = Math.ceil(units / SENDERS)
    const sink = spawn(({ by }: Add, left: number) => {
      if (left === by) done()
      return left - by
    }, each * SENDERS)
    for (let i = 0; i < SENDERS; i++) {
      const sender = spawn((left: number) => {
        const count = Math.min(left, BURST)
        for (let sent = 0; sent < count; sent++) send(sink, { type: 'add', by: 1 })
        if (left > count) send(sender, left - count)
      })
      send(sender, each)
    }
  })
}

function ofNact(units: number): Promise<void> {
  const system = nact.start()
  return new Promise<void>((done) => {
    const each = Math.ceil(units / SENDERS)
    const sink = nact.spawn(
      system,
      (left: number = each * SENDERS, { by }: Add) => {
        if (left === by) done()
        return left - by
      },
      'sink',
    )
    for (let i = 0; i < SENDERS; i++) {
      const sender: nact.Ref<number> = nact.spawnStateless(
        system,
        (left: number) => {
          const count = Math.min(left, BURST)
          for (let sent = 0; sent < count; sent++) nact.dispatch(sink, { type: 'add', by: 1 })
          if (left > count) nact.dispatch(sender, left - count)
        },
        `sender-${i}`,
      )
      nact.dispatch(sender, each)
    }
  }).finally(() => nact.stop(system))
}

async function ofEffect(units: number): Promise<void> {
  const each = Math.ceil(units / SENDERS)
  let left = each * SENDERS
  let finish = (): void => {}
  const finished = new Promise<void>((done) => {
    finish = done
  })
  const sink = startFiber(({ by }: Add) => {
    left -= by
    if (left === 0) finish()
    return undefined
  })
  const sending = times(each, Queue.offer(sink.queue, { type: 'add', by: 1 }))
  for (let i = 0; i < SENDERS; i++) Effect.runFork(sending)
  await finished
  await stopFibers([sink])
}

function ofXstate(units: number): void {
  const sink = createActor(fromTransition((sum: number, { by }: Add) => sum + by, 0)).start()
  const each = Math.ceil(units / SENDERS)
  const sending = fromTransition((state: null, { left }: { type: 'go'; left: number }) => {
    for (let sent = 0; sent < left; sent++) sink.send({ type: 'add', by: 1 })
    return state
  }, null)
  for (let i = 0; i < SENDERS; i++) createActor(sending).start().send({ type: 'go', left: each })
  if (sink.getSnapshot().context !== each * SENDERS) throw new Error('messages are missing')
}

await ask({
  name: 'fan-in, 100 to 1',
  unit: 'ns/message',
  contestants: {
    arbor: { units: 2_000_000, measure: (n) => cpuNs(n, () => ours(n)) },
    erlang: { units: 1_000_000, module: 'fan_in' },
    nact: { units: 150_000, measure: (n) => cpuNs(n, () => ofNact(n)) },
    effect: { units: 300_000, measure: (n) => cpuNs(n, () => ofEffect(n)) },
    xstate: {
      units: 1_000_000,
      measure: (n) => cpuNs(n, () => ofXstate(n)),
      note: 'it delivers within send: one sender after the other',
    },
  },
})
