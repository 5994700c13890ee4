// What does a message cost? Two processes send each other one message at a time.
import { Queue } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import { spawnGenerator } from '../src/runtime/generator-process.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { send, spawn } from '../src/runtime/process.ts'
import { receive } from '../src/runtime/receive.ts'
import { type FiberActor, startFiber, stopFibers } from './peers/fiber.ts'
import { ask, cpuNs } from './question.ts'

function ours(units: number): Promise<void> {
  return new Promise((done) => {
    const ping = spawn((left: number) => {
      if (left === 0) done()
      else send(pong, left - 1)
    })
    const pong = spawn((left: number) => {
      if (left === 0) done()
      else send(ping, left - 1)
    })
    send(ping, units - 1)
  })
}

/** The same of generator processes, which choose what they receive. */
function ofGenerators(units: number): Promise<void> {
  return new Promise((done) => {
    const play = (other: () => Pid<number>): Pid<number> =>
      spawnGenerator<number>(function* () {
        const ball = receive<number>()
        for (;;) {
          const left = (yield ball) as number
          if (left === 0) return done()
          send(other(), left - 1)
        }
      })
    const ping = play(() => pong)
    const pong = play(() => ping)
    send(ping, units - 1)
  })
}

function ofNact(units: number): Promise<void> {
  const system = nact.start()
  return new Promise<void>((done) => {
    const play = (name: string, other: () => nact.Ref<number>): nact.Ref<number> =>
      nact.spawnStateless(
        system,
        (left: number) => {
          if (left === 0) done()
          else nact.dispatch(other(), left - 1)
        },
        name,
      )
    const ping = play('ping', () => pong)
    const pong = play('pong', () => ping)
    nact.dispatch(ping, units - 1)
  }).finally(() => nact.stop(system))
}

async function ofEffect(units: number): Promise<void> {
  const players: FiberActor<number>[] = []
  await new Promise<void>((done) => {
    const play = (other: number): FiberActor<number> =>
      startFiber((left: number) => {
        const player = players[other]
        if (left > 0 && player !== undefined) return Queue.offer(player.queue, left - 1)
        done()
        return undefined
      })
    const first = play(1)
    players.push(first, play(0))
    Queue.offerUnsafe(first.queue, units - 1)
  })
  await stopFibers(players)
}

interface Ball {
  readonly type: 'ball'
  readonly left: number
}

function ofXstate(units: number): Promise<void> {
  return new Promise((done) => {
    const play = (other: () => { send(ball: Ball): void }) =>
      createActor(
        fromTransition((state: null, { left }: Ball) => {
          if (left === 0) done()
          else other().send({ type: 'ball', left: left - 1 })
          return state
        }, null),
      ).start()
    const ping: { send(ball: Ball): void } = play(() => pong)
    const pong: { send(ball: Ball): void } = play(() => ping)
    ping.send({ type: 'ball', left: units - 1 })
  })
}

await ask({
  name: 'ping-pong',
  unit: 'ns/message',
  contestants: {
    arbor: { units: 5_000_000, measure: (n) => cpuNs(n, () => ours(n)) },
    erlang: { units: 2_000_000, module: 'ping_pong' },
    nact: { units: 150_000, measure: (n) => cpuNs(n, () => ofNact(n)) },
    effect: { units: 150_000, measure: (n) => cpuNs(n, () => ofEffect(n)) },
    xstate: {
      units: 1_000_000,
      measure: (n) => cpuNs(n, () => ofXstate(n)),
      note: 'it delivers within send, by recursion: no scheduler, nobody else gets a turn',
    },
  },
})
await ask({
  name: 'ping-pong of generator processes',
  unit: 'ns/message',
  contestants: {
    arbor: { units: 3_000_000, measure: (n) => cpuNs(n, () => ofGenerators(n)) },
    erlang: { units: 2_000_000, module: 'ping_pong' },
  },
})
