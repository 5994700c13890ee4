// What does a message cost when a thousand processes pass it on in a ring? Every hop wakes another
// process, whose record is not in the nearest cache.
import { Queue } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import type { Pid } from '../src/runtime/pid.ts'
import { send, spawn } from '../src/runtime/process.ts'
import { exit } from '../src/runtime/signal.ts'
import { type FiberActor, startFiber, stopFibers } from './peers/fiber.ts'
import { ask, cpuNs } from './question.ts'

const PROCESSES = 1_000
const LAPS = 1_000

async function ours(hops: number): Promise<void> {
  const ring: Pid<number>[] = []
  await new Promise<void>((done) => {
    const first = spawn((left: number): void => {
      if (left === 0) done()
      else send(last, left - 1)
    })
    let last = first
    for (let i = 1; i < PROCESSES; i++) {
      const next = last
      last = spawn((left: number): void => {
        if (left === 0) done()
        else send(next, left - 1)
      })
      ring.push(last)
    }
    ring.push(first)
    send(first, hops)
  })
  for (const process of ring) exit(process, 'kill')
}

async function ofNact(hops: number): Promise<void> {
  const system = nact.start()
  await new Promise<void>((done) => {
    const member = (i: number, next: () => nact.Ref<number>): nact.Ref<number> =>
      nact.spawnStateless(
        system,
        (left: number) => {
          if (left === 0) done()
          else nact.dispatch(next(), left - 1)
        },
        `member-${i}`,
      )
    const first = member(0, () => last)
    let last = first
    for (let i = 1; i < PROCESSES; i++) {
      const next = last
      last = member(i, () => next)
    }
    nact.dispatch(first, hops)
  })
  nact.stop(system)
}

async function ofEffect(hops: number): Promise<void> {
  const ring: FiberActor<number>[] = []
  await new Promise<void>((done) => {
    for (let i = 0; i < PROCESSES; i++) {
      const next = (i + PROCESSES - 1) % PROCESSES
      const member = startFiber((left: number) => {
        const neighbour = ring[next]
        if (left > 0 && neighbour !== undefined) return Queue.offer(neighbour.queue, left - 1)
        done()
        return undefined
      })
      ring.push(member)
    }
    const first = ring[0]
    if (first !== undefined) Queue.offerUnsafe(first.queue, hops)
  })
  await stopFibers(ring)
}

interface Token {
  readonly type: 'token'
  readonly left: number
}

function ofXstate(hops: number): Promise<void> {
  return new Promise((done) => {
    const member = (next: () => { send(token: Token): void }): { send(token: Token): void } =>
      createActor(
        fromTransition((state: null, { left }: Token) => {
          if (left === 0) done()
          else next().send({ type: 'token', left: left - 1 })
          return state
        }, null),
      ).start()
    const first = member(() => last)
    let last = first
    for (let i = 1; i < PROCESSES; i++) {
      const next = last
      last = member(() => next)
    }
    first.send({ type: 'token', left: hops })
  })
}

await ask({
  name: 'ring',
  unit: 'ns/hop',
  contestants: {
    arbor: { units: PROCESSES * LAPS, measure: (n) => cpuNs(n, () => ours(n)) },
    erlang: { units: PROCESSES * LAPS, module: 'ring' },
    nact: { units: 100_000, measure: (n) => cpuNs(n, () => ofNact(n)) },
    effect: { units: 100_000, measure: (n) => cpuNs(n, () => ofEffect(n)) },
    xstate: {
      units: 500_000,
      measure: (n) => cpuNs(n, () => ofXstate(n)),
      note: 'it delivers within send, by recursion: a lap is one stack of a thousand frames',
    },
  },
})
