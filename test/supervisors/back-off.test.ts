import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GenServer, start, startLink, stop } from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive } from '../../src/runtime/process.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { exit, waitForExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'
import { BackOff, type BackOffOptions } from '../../src/supervisors/back-off.ts'
import type { ChildSpec } from '../../src/supervisors/child-spec.ts'
import { DynamicSupervisor } from '../../src/supervisors/dynamic-supervisor.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'
import type { SupervisorOptions } from '../../src/supervisors/supervisor-options.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
  started = {}
  failures = 0
})
afterEach(() => {
  expect(armedTimers()).toBe(0)
  useClock(systemClock)
})

/** When each child was started (ms), and as what. */
let started: Record<string, number[]> = {}
const pids: Record<string, Pid> = {}
/** So many starts fail from now on. */
let failures = 0

class Worker extends GenServer<null> {
  init() {
    return { state: null }
  }
}

const child = (id: string, rest: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  start: () => {
    started[id] = [...(started[id] ?? []), Math.round(clock.now())]
    if (failures-- > 0) throw new Error('not yet')
    const pid = startLink(new Worker())
    pids[id] = pid
    return pid
  },
  ...rest,
})

/** Waits of 100, 200, 400 and then 800 ms, without chance. */
const plain: BackOffOptions = { firstMs: 100, mostMs: 800, jitter: 0 }

const tree = (options: SupervisorOptions) =>
  start(new Supervisor({ intensity: 100, backOff: plain, ...options }))

async function crash(id: string): Promise<void> {
  exit(pids[id] as Pid, 'kill')
  await clock.advanceAsync(0)
}

describe('back-off of a supervisor', () => {
  it('is off by default: a restart is immediate', async () => {
    const supervisor = await start(new Supervisor({ children: [child('a')] }))
    await crash('a')
    expect(started.a).toEqual([0, 0])
    await stop(supervisor)
  })

  it('waits longer with each restart in a row, up to the most', async () => {
    const supervisor = await tree({ children: [child('a')] })
    for (let i = 0; i < 5; i++) {
      await crash('a')
      await clock.advanceAsync(800)
    }
    // Each crash came when 800 ms had passed since the last one.
    const waits = (started.a ?? []).slice(1).map((at, i) => at - i * 800)
    expect(waits).toEqual([100, 200, 400, 800, 800])
    await stop(supervisor)
  })

  it('begins a new row when the child ran long enough', async () => {
    const supervisor = await tree({ backOff: { ...plain, resetMs: 1000 }, children: [child('a')] })
    await crash('a')
    await clock.advanceAsync(100)
    await crash('a')
    await clock.advanceAsync(200 + 1000)
    await crash('a')
    await clock.advanceAsync(100)
    expect(started.a).toEqual([0, 100, 300, 1400])
    await stop(supervisor)
  })

  it('waits after a failed restart, too, and others get their turn meanwhile', async () => {
    const supervisor = await tree({ children: [child('a'), child('b')] })
    failures = 2
    await crash('a')
    await clock.advanceAsync(100)
    expect(await Supervisor.countChildren(supervisor)).toMatchObject({ active: 1, restarting: 1 })
    await clock.advanceAsync(600)
    expect(started.a).toEqual([0, 100, 300, 700])
    expect(await Supervisor.countChildren(supervisor)).toMatchObject({ active: 2, restarting: 0 })
    await stop(supervisor)
  })

  it('shows a waiting child as restarting, and lets it be terminated, not deleted', async () => {
    const supervisor = await tree({ children: [child('a')] })
    await crash('a')
    const [shown] = await Supervisor.whichChildren(supervisor)
    expect(shown).toMatchObject({ pid: undefined, status: 'restarting' })
    const restarting = { code: 'child_restarting' }
    await expect(Supervisor.deleteChild(supervisor, 'a')).rejects.toMatchObject(restarting)
    await expect(Supervisor.restartChild(supervisor, 'a')).rejects.toMatchObject(restarting)
    await Supervisor.terminateChild(supervisor, 'a')
    expect(armedTimers()).toBe(0)
    await clock.advanceAsync(1000)
    expect(started.a).toEqual([0])
    await Supervisor.restartChild(supervisor, 'a')
    expect(await Supervisor.countChildren(supervisor)).toMatchObject({ active: 1 })
    await stop(supervisor)
  })

  it('counts a restart when it happens: rare ones never reach the intensity', async () => {
    const patient = await tree({ intensity: 1, periodMs: 100, children: [child('a')] })
    for (let i = 0; i < 5; i++) {
      await crash('a')
      await clock.advanceAsync(800)
    }
    expect(isAlive(patient)).toBe(true)
    await stop(patient)
    const strict = await tree({ intensity: 1, periodMs: 10_000, children: [child('a')] })
    const ended = waitForExit(strict)
    await crash('a')
    await clock.advanceAsync(100)
    await crash('a')
    expect(isAlive(strict)).toBe(true)
    await clock.advanceAsync(200)
    expect(await ended).toBe('shutdown')
  })

  it('stops siblings at once and starts all after the wait, by strategy', async () => {
    const children = [child('a'), child('b'), child('c')]
    const supervisor = await tree({ strategy: 'rest_for_one', children })
    const c = pids.c as Pid
    await crash('b')
    expect(isAlive(c)).toBe(false)
    await clock.advanceAsync(100)
    expect(started).toEqual({ a: [0], b: [0, 100], c: [0, 100] })
    await stop(supervisor)
  })

  it('of a child is over when an earlier sibling takes it along', async () => {
    const children = [child('a'), child('b')]
    const supervisor = await tree({ strategy: 'one_for_all', children })
    await crash('b')
    await clock.advanceAsync(100)
    expect(started).toEqual({ a: [0, 100], b: [0, 100] })
    await crash('a')
    await clock.advanceAsync(100)
    expect(started).toEqual({ a: [0, 100, 200], b: [0, 100, 200] })
    await stop(supervisor)
  })

  it('ends with the supervisor', async () => {
    const supervisor = await tree({ children: [child('a')] })
    await crash('a')
    await stop(supervisor)
    expect(armedTimers()).toBe(0)
  })
})

describe('back-off of a dynamic supervisor', () => {
  it('waits, shows the child as restarting, and keeps its place', async () => {
    const options = { intensity: 100, maxChildren: 1, backOff: plain }
    const supervisor = start(new DynamicSupervisor(options))
    await DynamicSupervisor.startChild(supervisor, child('a'))
    await crash('a')
    expect(await DynamicSupervisor.countChildren(supervisor)).toMatchObject({ restarting: 1 })
    await expect(DynamicSupervisor.startChild(supervisor, child('b'))).rejects.toMatchObject({
      code: 'max_children',
    })
    await clock.advanceAsync(100)
    await crash('a')
    await clock.advanceAsync(200)
    expect(started.a).toEqual([0, 100, 300])
    await stop(supervisor)
  })

  it('lets a waiting child be terminated by the pid it had', async () => {
    const supervisor = start(new DynamicSupervisor({ intensity: 100, backOff: plain }))
    const pid = await DynamicSupervisor.startChild(supervisor, child('a'))
    await crash('a')
    await DynamicSupervisor.terminateChild(supervisor, pid)
    expect(armedTimers()).toBe(0)
    expect(await DynamicSupervisor.countChildren(supervisor)).toMatchObject({ specs: 0 })
    await stop(supervisor)
  })
})

describe('BackOff.delayMs', () => {
  it('lies between the wait without chance and what the jitter takes away', () => {
    const options = fc.record({
      firstMs: fc.integer({ min: 0, max: 1000 }),
      more: fc.integer({ min: 0, max: 10_000 }),
      factor: fc.double({ min: 1, max: 4, noNaN: true }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(options, ({ firstMs, more, factor, jitter, seed }) => {
        const mostMs = firstMs + more
        const random = seededRandom(seed)
        const backOff = new BackOff({ firstMs, mostMs, factor, jitter, random, resetMs: 1e9 })
        const row = {}
        for (let n = 0; n < 20; n++) {
          const most = Math.min(mostMs, firstMs * factor ** n)
          const delayMs = backOff.delayMs(row, n)
          expect(delayMs).toBeLessThanOrEqual(most)
          expect(delayMs).toBeGreaterThanOrEqual(most * (1 - jitter) - 1e-9)
        }
      }),
    )
  })

  it('is the same for the same seed', () => {
    const delays = (): number[] => {
      const backOff = new BackOff({ firstMs: 100, mostMs: 10_000, random: seededRandom(7) })
      const row = {}
      return [1, 2, 3, 4].map((nowMs) => backOff.delayMs(row, nowMs))
    }
    expect(delays()).toEqual(delays())
    expect(new Set(delays()).size).toBe(4)
  })

  it('refuses waits that cannot be meant', () => {
    const refused = expect.objectContaining({ code: 'bad_back_off' })
    const good = { firstMs: 1, mostMs: 2 }
    for (const bad of [{ firstMs: -1 }, { mostMs: 0 }, { factor: 0.5 }, { jitter: 2 }]) {
      expect(() => new Supervisor({ backOff: { ...good, ...bad } })).toThrow(refused)
    }
  })
})
