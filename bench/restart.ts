// What does it cost when one of a thousand supervised servers crashes and comes back? The first 200
// of a supervisor's life; very many one after the other; all thousand at once; with an Error, whose
// stack is much of the price, and with a plain exit reason.
import { Effect, Fiber } from 'effect'
import * as nact from 'nact'
import { GenServer, start, startLink } from '../src/behaviours/gen-server.ts'
import { setLogger } from '../src/runtime/logger.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { isAlive, send } from '../src/runtime/process.ts'
import { runUntilIdle } from '../src/runtime/scheduler.ts'
import { exit } from '../src/runtime/signal.ts'
import { Supervisor } from '../src/supervisors/supervisor.ts'
import { ask, cpuNs } from './question.ts'

const CHILDREN = 1_000
const FIRST = 200

class Fragile extends GenServer<null> {
  init() {
    return { state: null }
  }
  override handleInfo(message: unknown): { state: null } {
    if (message === 'throw') throw new Error('broken')
    return exit('broken')
  }
}

interface Tree {
  readonly supervisor: Pid
  /** The servers that run now, by number. */
  readonly pids: Pid<unknown>[]
}

async function plant(): Promise<Tree> {
  const pids: Pid<unknown>[] = []
  const children = Array.from({ length: CHILDREN }, (_, i) => ({
    id: `child-${i}`,
    start: () => {
      const pid = startLink(new Fragile())
      pids[i] = pid
      return pid
    },
  }))
  const supervisor = await start(
    new Supervisor({ intensity: 1_000_000, periodMs: 3_600_000, children }),
  )
  return { supervisor, pids }
}

/** Microseconds of a crash and its restart, one after the other. */
async function oneByOne(units: number, how: 'throw' | 'exit'): Promise<number> {
  const { supervisor, pids } = await plant()
  const ns = await cpuNs(units, () => {
    for (let i = 0; i < units; i++) {
      const pid = pids[i % CHILDREN]
      if (pid !== undefined) send(pid, how)
      runUntilIdle()
    }
  })
  check(pids)
  exit(supervisor, 'kill')
  return ns / 1000
}

/** The same with all of them at once. */
async function burst(units: number): Promise<number> {
  const { supervisor, pids } = await plant()
  const bursts = Math.max(1, Math.round(units / CHILDREN))
  const ns = await cpuNs(bursts * CHILDREN, () => {
    for (let i = 0; i < bursts; i++) {
      for (const pid of pids) send(pid, 'exit')
      runUntilIdle()
    }
  })
  check(pids)
  exit(supervisor, 'kill')
  return ns / 1000
}

/** The first crashes of a new tree, of as many trees as it takes. */
async function first(units: number): Promise<number> {
  let us = 0
  const trees = Math.max(1, Math.round(units / FIRST))
  for (let i = 0; i < trees; i++) us += await oneByOne(FIRST, 'exit')
  return us / trees
}

function check(pids: readonly Pid[]): void {
  if (!pids.every(isAlive)) throw new Error('a child was not restarted')
}

/** A reset in place, by nact's policy. */
async function ofNact(units: number): Promise<number> {
  const system = nact.start()
  let left = units
  let finish = (): void => {}
  const onCrash: nact.SupervisionActorFunc<string, nact.Ref<never>, nact.Ref<never>> = (
    _,
    __,
    ctx,
  ) => {
    if (--left === 0) finish()
    return ctx.reset
  }
  const fragile = (i: number): nact.Ref<string> =>
    nact.spawn(
      system,
      (_: null, __: string): null => {
        throw new Error('broken')
      },
      `child-${i}`,
      { onCrash },
    )
  const actors = Array.from({ length: CHILDREN }, (_, i) => fragile(i))
  const ns = await cpuNs(units, async () => {
    await new Promise<void>((done) => {
      finish = done
      for (let i = 0; i < units; i++) nact.dispatch(actors[i % CHILDREN] as nact.Ref<string>, 'go')
    })
  })
  nact.stop(system)
  return ns / 1000
}

/** A fiber that dies and is forked again by one that watches it. */
async function ofEffect(units: number): Promise<number> {
  let left = units
  const child = Effect.suspend(() => Effect.die(new Error('broken')))
  const watcher = Effect.gen(function* () {
    while (left-- > 0) yield* Fiber.await(yield* Effect.forkChild(child))
  })
  return (await cpuNs(units, () => Effect.runPromise(watcher))) / 1000
}

setLogger(null)
const unit = 'µs'
await ask({
  name: 'restart, first 200',
  unit,
  contestants: {
    arbor: { units: 10_000, measure: first },
    erlang: { units: 10_000, module: 'restart_first' },
  },
})
await ask({
  name: 'restart, one by one',
  unit,
  contestants: {
    arbor: { units: 50_000, measure: (n) => oneByOne(n, 'exit') },
    erlang: {
      units: 3_000,
      module: 'restart_one',
      note: 'its supervisor walks the list of its restarts at each',
    },
    nact: { units: 20_000, measure: ofNact, note: 'a reset in place: no new process, no limit' },
    effect: { units: 20_000, measure: ofEffect, note: 'a loop by hand' },
  },
})
await ask({
  name: 'restart, one by one, after an Error',
  unit,
  contestants: {
    arbor: { units: 50_000, measure: (n) => oneByOne(n, 'throw') },
    erlang: { units: 3_000, module: 'restart_error' },
  },
})
await ask({
  name: 'restart, burst of 1,000',
  unit,
  contestants: {
    arbor: { units: 50_000, measure: burst },
    erlang: { units: 3_000, module: 'restart_burst' },
  },
})
