// What does it cost to start a process: a plain one, a GenServer, one that ends at once and whose
// end is told to who monitors it? And how long does a million take?
import { Effect, Fiber } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import { GenServer, start } from '../src/behaviours/gen-server.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { send, spawn } from '../src/runtime/process.ts'
import { exit, monitor } from '../src/runtime/signal.ts'
import { ask, cpuNs } from './question.ts'

class Idle extends GenServer<number> {
  init() {
    return { state: 0 }
  }
}

/** Starts so many, in CPU nanoseconds each; what ends them is not counted. */
async function starting<T>(
  units: number,
  make: (i: number) => T,
  end: (all: T[]) => unknown,
): Promise<number> {
  const all = new Array<T>(units)
  const ns = await cpuNs(units, () => {
    for (let i = 0; i < units; i++) all[i] = make(i)
  })
  await end(all)
  return ns
}

function kill(pids: readonly Pid[]): void {
  for (const pid of pids) exit(pid, 'kill')
}

const idle = (_: number, state: number): number => state
const plain = (): Pid<number> => spawn(idle, 0)

function nactActors(units: number): Promise<number> {
  const system = nact.start()
  const make = (i: number): nact.Ref<string> =>
    nact.spawnStateless(system, (_: string) => {}, `actor-${i}`)
  return starting(units, make, () => nact.stop(system))
}

function fibers(units: number): Promise<number> {
  return starting(
    units,
    () => Effect.runFork(Effect.never),
    (all) => Effect.runPromise(Fiber.interruptAll(all)),
  )
}

const idleLogic = fromTransition((state: number) => state, 0)

function xstateActors(units: number): Promise<number> {
  return starting(
    units,
    () => createActor(idleLogic).start(),
    (all) => all.forEach((actor) => void actor.stop()),
  )
}

/** Starts processes that end at their first message; one monitors them all. */
function endings(units: number): Promise<void> {
  return new Promise((done) => {
    let left = units
    const watcher = spawn((message: unknown) => {
      if (message === 'begin') for (let i = 0; i < Math.min(units, 1_000); i++) begin()
      else if (--left === 0) done()
      else if (left >= 1_000) begin()
    })
    const begin = (): void => {
      const pid = spawn((_: string): void => exit('normal'))
      monitor(pid, watcher)
      send(pid, 'end')
    }
    send(watcher, 'begin')
  })
}

const unit = 'ns/process'
await ask({
  name: 'spawn',
  unit,
  contestants: {
    arbor: { units: 1_000_000, measure: (n) => starting(n, plain, kill) },
    erlang: { units: 300_000, module: 'spawning' },
    nact: { units: 100_000, measure: nactActors },
    effect: { units: 100_000, measure: fibers, note: 'a fiber that waits, without a queue' },
    xstate: { units: 100_000, measure: xstateActors },
  },
})
await ask({
  name: 'spawn GenServer',
  unit,
  contestants: {
    arbor: { units: 1_000_000, measure: (n) => starting(n, () => start(new Idle()), kill) },
    erlang: { units: 300_000, module: 'spawning_server' },
  },
})
await ask({
  name: 'spawn, end and DOWN',
  unit,
  contestants: {
    arbor: { units: 500_000, measure: (n) => cpuNs(n, () => endings(n)) },
    erlang: { units: 500_000, module: 'spawning_end' },
  },
})
await ask({
  name: 'spawn a million, by the clock',
  unit: 's',
  contestants: {
    arbor: {
      units: 1_000_000,
      measure: async (n) => {
        const all = new Array<Pid>(n)
        const before = performance.now()
        for (let i = 0; i < n; i++) all[i] = plain()
        const seconds = (performance.now() - before) / 1_000
        kill(all)
        return (seconds * 1_000_000) / n
      },
    },
    erlang: { units: 1_000_000, module: 'spawning_clock' },
  },
})
