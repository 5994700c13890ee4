// How many bytes does an idle process cost, a GenServer, a GenServer under a supervisor? Ours and
// our JavaScript peers' are bytes of the heap after a collection; Erlang's what its virtual machine
// has for processes.
import type { Fiber } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import { GenServer, start, startLink } from '../src/behaviours/gen-server.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { spawn } from '../src/runtime/process.ts'
import { runUntilIdle } from '../src/runtime/scheduler.ts'
import { exit } from '../src/runtime/signal.ts'
import { DynamicSupervisor } from '../src/supervisors/dynamic-supervisor.ts'
import { startFiber, stopFibers } from './peers/fiber.ts'
import { ask, heapBytes } from './question.ts'

class Idle extends GenServer<number> {
  init() {
    return { state: 0 }
  }
}

/** Makes so many things, weighs one, and lets them go. */
async function weigh<T>(
  units: number,
  make: (i: number) => T,
  end: (all: T[]) => unknown,
): Promise<number> {
  const all = new Array<T>(units)
  const bytes = await heapBytes(units, () => {
    for (let i = 0; i < units; i++) all[i] = make(i)
    return all
  })
  await end(all)
  return bytes
}

function kill(pids: readonly Pid[]): void {
  for (const pid of pids) exit(pid, 'kill')
}

/** One function for all, as in a program: a closure for each would weigh 48 bytes more. */
const idle = (_: string, state: number): number => state

const spec = { id: 'idle', start: () => startLink(new Idle()) }

/** Under a dynamic supervisor, by its ordinary way of adding a child. */
async function supervised(units: number): Promise<number> {
  const supervisor = start(new DynamicSupervisor())
  const pids = new Array<Pid>(units)
  const bytes = await heapBytes(units, async () => {
    for (let i = 0; i < units; i++) pids[i] = await DynamicSupervisor.startChild(supervisor, spec)
    return pids
  })
  exit(supervisor, 'kill')
  runUntilIdle()
  return bytes
}

async function ours(units: number): Promise<Record<string, number>> {
  return {
    process: await weigh(units, () => spawn(idle, 0), kill),
    GenServer: await weigh(units, () => start(new Idle()), kill),
    'supervised GenServer': await supervised(units),
  }
}

async function ofNact(units: number): Promise<Record<string, number>> {
  const system = nact.start()
  const make = (i: number): unknown => nact.spawn(system, (n = 0, _: string) => n, `actor-${i}`)
  return { process: await weigh(units, make, () => nact.stop(system)) }
}

async function ofEffect(units: number): Promise<Record<string, number>> {
  const end = (all: readonly { fiber: Fiber.Fiber<void> }[]): Promise<void> => stopFibers(all)
  return { process: await weigh(units, () => startFiber(() => undefined), end) }
}

const idleLogic = fromTransition((state: number) => state, 0)

async function ofXstate(units: number): Promise<Record<string, number>> {
  const make = () => createActor(idleLogic).start()
  return { process: await weigh(units, make, (all) => all.forEach((actor) => void actor.stop())) }
}

await ask({
  name: 'memory',
  unit: 'B',
  contestants: {
    arbor: { units: 100_000, measure: ours },
    erlang: {
      units: 100_000,
      module: 'memory',
      note: 'not hibernated; every process has a heap of its own',
    },
    nact: { units: 20_000, measure: ofNact },
    effect: { units: 20_000, measure: ofEffect, note: 'a fiber with a queue' },
    xstate: { units: 20_000, measure: ofXstate },
  },
})
