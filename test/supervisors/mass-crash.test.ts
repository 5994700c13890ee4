// A hundred thousand children crash at once. What must not grow with their number is the work for
// one of them and the depth of the stack.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GenServer, start, startLink } from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import type { ChildSpec } from '../../src/supervisors/child-spec.ts'
import { DynamicSupervisor } from '../../src/supervisors/dynamic-supervisor.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'
import type { Strategy } from '../../src/supervisors/supervisor-options.ts'

const MANY = 100_000

beforeEach(() => useClock(new VirtualClock()))
afterEach(() => useClock(systemClock))

class Fragile extends GenServer<null> {
  init() {
    return { state: null }
  }
}

let starts = 0
beforeEach(() => {
  starts = 0
})

const child = (id: string): ChildSpec => ({
  id,
  start: () => {
    starts++
    return startLink(new Fragile())
  },
})

/** CPU milliseconds of this thread's process: what others do on the machine does not count. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function crashAll(pids: readonly Pid[]): void {
  for (const pid of pids) exit(pid, 'kill')
  runUntilIdle()
}

function staticTree(strategy: Strategy, count: number, intensity: number) {
  const pids: Pid[] = []
  const children = Array.from({ length: count }, (_, i) => {
    const spec = child(`child-${i}`)
    return {
      ...spec,
      start: (supervisor: Pid) => {
        const pid = spec.start(supervisor) as Pid
        pids[i] = pid
        return pid
      },
    }
  })
  const supervisor = start(new Supervisor({ strategy, intensity, children })) as Pid
  return { supervisor, pids }
}

describe.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)('%s', (strategy) => {
  it('restarts a hundred thousand children that crash at once, each once', () => {
    const { supervisor, pids } = staticTree(strategy, MANY, MANY)
    const before = [...pids]
    crashAll(before)
    expect(isAlive(supervisor)).toBe(true)
    expect(starts).toBe(2 * MANY)
    expect(pids.every(isAlive)).toBe(true)
    exit(supervisor, 'kill')
  })

  it('restarts them in time proportional to their number', () => {
    const time = (count: number): number => {
      const { supervisor, pids } = staticTree(strategy, count, count)
      const ms = cpuMs(() => crashAll([...pids]))
      exit(supervisor, 'kill')
      return ms
    }
    time(4_000)
    // Quadratic work would take 256 times as long.
    const small = Math.max(1, time(2_000))
    expect(time(32_000) / small).toBeLessThan(100)
  })
})

describe('intensity', () => {
  it('is reached by a hundred thousand crashes, and then everybody is gone', () => {
    const { supervisor, pids } = staticTree('one_for_one', MANY, 1000)
    crashAll([...pids])
    expect(isAlive(supervisor)).toBe(false)
    expect(starts).toBe(MANY + 1000)
    expect(pids.some(isAlive)).toBe(false)
  })
})

describe('a dynamic supervisor', () => {
  const dynamicTree = async (count: number, intensity: number) => {
    const supervisor = start(new DynamicSupervisor({ intensity }))
    const spec = child('job')
    const starting: Promise<Pid>[] = []
    for (let i = 0; i < count; i++) starting.push(DynamicSupervisor.startChild(supervisor, spec))
    runUntilIdle()
    return { supervisor, pids: await Promise.all(starting) }
  }

  it('restarts a hundred thousand children that crash at once, each once', async () => {
    const { supervisor, pids } = await dynamicTree(MANY, MANY)
    crashAll(pids)
    expect(starts).toBe(2 * MANY)
    expect((await DynamicSupervisor.countChildren(supervisor)).active).toBe(MANY)
    exit(supervisor, 'shutdown')
    runUntilIdle()
    expect(isAlive(supervisor)).toBe(false)
  })

  it('gives up when the intensity is reached', async () => {
    const { supervisor, pids } = await dynamicTree(MANY, 10)
    crashAll(pids)
    expect(isAlive(supervisor)).toBe(false)
    expect(starts).toBe(MANY + 10)
  })
})
