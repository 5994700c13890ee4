import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Call,
  call,
  GenServer,
  start,
  startLink,
  stop,
} from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { isAlive, send } from '../../src/runtime/process.ts'
import { exit, trapExit, waitForExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import type { ChildSpec } from '../../src/supervisors/child-spec.ts'
import { DynamicSupervisor } from '../../src/supervisors/dynamic-supervisor.ts'

let events: string[] = []
let clock = new VirtualClock()
beforeEach(() => {
  events = []
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

type JobCall = Call<'id', object, string>

class Ignoring extends GenServer<null> {
  init() {
    return { ignore: true as const }
  }
}

describe('a dynamic child whose init ignores', () => {
  it('is not kept', async () => {
    const supervisor = await start(new DynamicSupervisor())
    const child = { id: 'none', start: () => startLink(new Ignoring()) }
    await expect(DynamicSupervisor.startChild(supervisor, child)).rejects.toMatchObject({
      code: 'ignored',
    })
    expect(await DynamicSupervisor.countChildren(supervisor)).toMatchObject({ specs: 0 })
    await stop(supervisor)
  })

  it('is forgotten when a restart ignores', async () => {
    const supervisor = await start(new DynamicSupervisor())
    let starts = 0
    const begin = () => (starts++ === 0 ? startLink(new Job('once')) : startLink(new Ignoring()))
    const pid = await DynamicSupervisor.startChild(supervisor, { id: 'once', start: begin })
    exit(pid, 'kill')
    expect(await DynamicSupervisor.countChildren(supervisor)).toMatchObject({ specs: 0 })
    expect([starts, isAlive(supervisor)]).toEqual([2, true])
    await stop(supervisor)
  })
})

/** Traps exits, takes a second to stop, and ends with the reason it is sent. */
class Job extends GenServer<null, JobCall> {
  readonly #id: string
  constructor(id: string) {
    super()
    this.#id = id
  }
  init() {
    trapExit()
    events.push(`+${this.#id}`)
    return { state: null }
  }
  override handleCall() {
    return { reply: this.#id, state: null }
  }
  override handleInfo(message: unknown) {
    return { stop: message as ExitReason, state: null }
  }
  override async terminate(reason: ExitReason) {
    if (reason !== 'shutdown') return
    events.push(`-${this.#id}`)
    await new Promise<void>((resolve) => {
      clock.timer(1000, resolve)
    })
    events.push(`.${this.#id}`)
  }
}

const job = (id: string, rest: Partial<ChildSpec> = {}) => ({
  id,
  restart: 'transient' as const,
  ...rest,
  start: () => startLink(new Job(id)),
})

describe('startChild', () => {
  it('starts any number of children, with typed pids', async () => {
    const jobs = start(new DynamicSupervisor())
    const a = await DynamicSupervisor.startChild(jobs, job('a'))
    const b = await DynamicSupervisor.startChild(jobs, job('a'))
    expect([await call(a, { type: 'id' }), await call(b, { type: 'id' })]).toEqual(['a', 'a'])
    expect(await DynamicSupervisor.countChildren(jobs)).toEqual({
      specs: 2,
      active: 2,
      restarting: 0,
      supervisors: 0,
      workers: 2,
    })
    exit(jobs, 'kill')
  })

  it('refuses one more than maxChildren', async () => {
    const jobs = start(new DynamicSupervisor({ maxChildren: 1 }))
    const a = await DynamicSupervisor.startChild(jobs, job('a'))
    await expect(DynamicSupervisor.startChild(jobs, job('b'))).rejects.toMatchObject({
      code: 'max_children',
      advice: 'wait, or raise maxChildren',
    })
    exit(a, 'kill')
    await clock.advanceAsync(0)
    // Transient, so the killed one has been restarted and the place is taken.
    await expect(DynamicSupervisor.startChild(jobs, job('b'))).rejects.toThrow()
    exit(jobs, 'kill')
  })

  it('rejects when the child does not start, and goes on', async () => {
    const jobs = start(new DynamicSupervisor())
    const failure = DynamicSupervisor.startChild(jobs, {
      id: 'bad',
      start: () => {
        throw new Error('bad')
      },
    })
    await expect(failure).rejects.toMatchObject({ code: 'start_failed', cause: new Error('bad') })
    expect((await DynamicSupervisor.countChildren(jobs)).specs).toBe(0)
    exit(jobs, 'kill')
  })
})

describe('restart', () => {
  it('follows the spec of each child', async () => {
    const jobs = start(new DynamicSupervisor())
    const restarts = ['permanent', 'transient', 'temporary'] as const
    for (const restart of restarts) {
      const pid = await DynamicSupervisor.startChild(jobs, job(restart, { restart }))
      send(pid, 'normal')
    }
    await clock.advanceAsync(0)
    const left = await DynamicSupervisor.whichChildren(jobs)
    expect(left.map(({ id }) => id)).toEqual(['permanent'])
    exit(jobs, 'kill')
  })

  it('gives up when the intensity is spent', async () => {
    const jobs = start(new DynamicSupervisor({ intensity: 1 }))
    const ended = waitForExit(jobs)
    for (let i = 0; i < 2; i++) {
      const [child] = await DynamicSupervisor.whichChildren(jobs)
      const pid = child?.pid ?? (await DynamicSupervisor.startChild(jobs, job('a')))
      exit(pid, 'kill')
      await clock.advanceAsync(0)
    }
    expect(await ended).toBe('shutdown')
  })

  it('tries again when a restart fails', async () => {
    let starts = 0
    const jobs = start(new DynamicSupervisor())
    const pid = await DynamicSupervisor.startChild(jobs, {
      id: 'a',
      start: () => {
        if (++starts === 2) throw new Error('once')
        return startLink(new Job('a'))
      },
    })
    exit(pid, 'kill')
    await clock.advanceAsync(0)
    expect(starts).toBe(3)
    expect((await DynamicSupervisor.countChildren(jobs)).active).toBe(1)
    exit(jobs, 'kill')
  })
})

describe('terminateChild', () => {
  it('stops one child and forgets it', async () => {
    const jobs = start(new DynamicSupervisor())
    const a = await DynamicSupervisor.startChild(jobs, job('a'))
    const b = await DynamicSupervisor.startChild(jobs, job('b'))
    const stopped = DynamicSupervisor.terminateChild(jobs, a)
    await clock.advanceAsync(1000)
    await stopped
    expect([isAlive(a), isAlive(b)]).toEqual([false, true])
    expect(await DynamicSupervisor.countChildren(jobs)).toMatchObject({ specs: 1, active: 1 })
    exit(jobs, 'kill')
  })
})

describe('terminateChild of somebody else', () => {
  it('is refused while that one lives, and no error when it has ended', async () => {
    const jobs = start(new DynamicSupervisor())
    const stranger = start(new Job('stranger'))
    const unknown = { code: 'unknown_child' }
    await expect(DynamicSupervisor.terminateChild(jobs, stranger)).rejects.toMatchObject(unknown)
    exit(stranger, 'kill')
    await DynamicSupervisor.terminateChild(jobs, stranger)
    exit(jobs, 'kill')
  })
})

describe('shutdown', () => {
  it('tells all children at once, then waits for all', async () => {
    const jobs = start(new DynamicSupervisor())
    for (const id of ['a', 'b', 'c']) await DynamicSupervisor.startChild(jobs, job(id))
    events = []
    const stopped = stop(jobs, 'shutdown')
    await clock.advanceAsync(1000)
    await stopped
    expect(events).toEqual(['-a', '-b', '-c', '.a', '.b', '.c'])
  })

  it('kills who takes too long', async () => {
    const jobs = start(new DynamicSupervisor())
    const pid = await DynamicSupervisor.startChild(jobs, job('a', { shutdown: 10 }))
    const ended = waitForExit(pid)
    const stopped = stop(jobs, 'shutdown')
    await clock.advanceAsync(10)
    await stopped
    expect(await ended).toBe('killed')
  })
})
