import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GenServer, StartError, start, startLink, stop } from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, processCount, trapExit, waitForExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'
import type { ChildSpec, Shutdown } from '../../src/supervisors/child-spec.ts'
import { Supervisor, type SupervisorPid } from '../../src/supervisors/supervisor.ts'
import type { SupervisorOptions } from '../../src/supervisors/supervisor-options.ts'

/** What happened, in order: `+a` started, `-a shutdown` terminated. */
let events: string[] = []
let clock = new VirtualClock()
beforeEach(() => {
  events = []
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => {
  useClock(systemClock)
  setLogger(null)
})

/** Traps exits; ends with the reason it is sent. */
class Worker extends GenServer<null> {
  readonly #name: string
  constructor(name: string) {
    super()
    this.#name = name
  }
  init() {
    trapExit()
    events.push(`+${this.#name}`)
    return { state: null }
  }
  override handleInfo(message: unknown) {
    if (message === 'crash') throw new Error('crash')
    return { stop: message as ExitReason, state: null }
  }
  override terminate(reason: ExitReason): void | Promise<void> {
    events.push(`-${this.#name} ${typeof reason === 'string' ? reason : 'crash'}`)
  }
}

const worker = (id: string, rest: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  start: () => startLink(new Worker(id), { name: id }),
  ...rest,
})

/** A child whose `init` throws from its `from`-th start on. */
function failing(id: string, from = 1): ChildSpec {
  let starts = 0
  return worker(id, {
    start: () => {
      starts++
      if (starts >= from) throw new Error(`${id} cannot start`)
      return startLink(new Worker(id), { name: id })
    },
  })
}

const startTree = async (options: SupervisorOptions): Promise<SupervisorPid> =>
  start(new Supervisor(options))

function named(name: string): Pid<unknown> {
  const pid = whereis<Pid<unknown>>(name)
  if (pid === undefined) throw new Error(`nobody is named ${name}`)
  return pid
}

/** Ends a child with a reason, and lets its supervisor react. */
async function end(name: string, reason: ExitReason = 'crash'): Promise<void> {
  send(named(name), reason)
  await clock.advanceAsync(0)
}

const three = [worker('a'), worker('b'), worker('c')]

describe('start', () => {
  it('starts children in order, and stop() stops them in reverse order', async () => {
    const tree = await startTree({ children: three })
    expect(events).toEqual(['+a', '+b', '+c'])
    await stop(tree, 'shutdown')
    expect(events.slice(3)).toEqual(['-c shutdown', '-b shutdown', '-a shutdown'])
    expect(whereis('a')).toBeUndefined()
  })

  it('waits for a child whose init is async before it starts the next', async () => {
    class Slow extends GenServer<null> {
      async init() {
        await new Promise<void>((resolve) => {
          clock.timer(100, resolve)
        })
        events.push('+slow')
        return { state: null }
      }
    }
    const starting = startTree({
      children: [{ id: 'slow', start: () => startLink(new Slow()) }, worker('b')],
    })
    await clock.advanceAsync(99)
    expect(events).toEqual([])
    await clock.advanceAsync(1)
    await stop(await starting)
    expect(events).toEqual(['+slow', '+b', '-b shutdown'])
  })

  it('answers the starter when an init fails, and stops what was started', async () => {
    const before = processCount()
    const failure = await startTree({ children: [worker('a'), worker('b'), failing('c')] }).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(StartError)
    expect(failure).toMatchObject({
      code: 'init_failed',
      reason: {
        shutdown: {
          failedToStartChild: 'c',
          reason: { error: new Error('c cannot start'), call: { callback: 'start' } },
        },
      },
    })
    expect(events).toEqual(['+a', '+b', '-b shutdown', '-a shutdown'])
    expect(processCount()).toBe(before)
  })

  it('refuses two children of one id, and specs that cannot be meant', () => {
    expect(() => new Supervisor({ children: [worker('a'), worker('a')] })).toThrow(
      expect.objectContaining({ code: 'already_present' }),
    )
    expect(() => new Supervisor({ children: [worker('')] })).toThrow(
      expect.objectContaining({ code: 'bad_child_spec' }),
    )
    expect(() => new Supervisor({ intensity: -1 })).toThrow(
      expect.objectContaining({ code: 'bad_intensity' }),
    )
  })
})

describe('restart', () => {
  it('permanent: always, transient: after a crash, temporary: never', async () => {
    const kinds = ['permanent', 'transient', 'temporary'] as const
    const ends = ['normal', 'shutdown', 'crash', 'killed'] as const
    const restarted: Record<string, string[]> = {}
    for (const restart of kinds) {
      restarted[restart] = []
      for (const reason of ends) {
        const tree = await startTree({ children: [worker('x', { restart })] })
        await end('x', reason)
        if (whereis('x') !== undefined) restarted[restart].push(reason)
        const specs = (await Supervisor.countChildren(tree)).specs
        expect(specs).toBe(restart === 'temporary' ? 0 : 1)
        await stop(tree)
      }
    }
    expect(restarted).toEqual({
      permanent: ['normal', 'shutdown', 'crash', 'killed'],
      transient: ['crash', 'killed'],
      temporary: [],
    })
  })

  it('gives the child a new pid under the old name, at once', async () => {
    const tree = await startTree({ children: [worker('a')] })
    const before = named('a')
    exit(before, 'kill')
    runUntilIdle()
    expect(named('a')).not.toBe(before)
    expect(isAlive(named('a'))).toBe(true)
    await stop(tree)
  })

  it('is reported with who, why and how', async () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    const tree = await startTree({ strategy: 'rest_for_one', children: [worker('a')] })
    const pid = named('a')
    exit(pid, 'kill')
    runUntilIdle()
    expect(reports).toEqual([
      {
        level: 'error',
        event: 'child_restarts',
        supervisor: tree,
        id: 'a',
        pid,
        reason: 'killed',
        strategy: 'rest_for_one',
        restartsLeft: 3,
      },
    ])
    await stop(tree)
  })
})

describe('strategy', () => {
  const eventsOf = async (strategy: SupervisorOptions['strategy'], children = three) => {
    const tree = await startTree({ ...(strategy && { strategy }), children })
    events = []
    await end('b')
    const seen = [...events]
    await stop(tree)
    return seen
  }

  it('one_for_one restarts only the child that ended; it is the default', async () => {
    expect(await eventsOf('one_for_one')).toEqual(['-b crash', '+b'])
    expect(await eventsOf(undefined)).toEqual(['-b crash', '+b'])
  })

  it('one_for_all stops the others in reverse order, then starts all in order', async () => {
    const expected = ['-b crash', '-c shutdown', '-a shutdown', '+a', '+b', '+c']
    expect(await eventsOf('one_for_all')).toEqual(expected)
  })

  it('rest_for_one does that with those started after it', async () => {
    expect(await eventsOf('rest_for_one')).toEqual(['-b crash', '-c shutdown', '+b', '+c'])
  })

  it('forgets temporary siblings that it had to stop', async () => {
    const children = [worker('a'), worker('b'), worker('c', { restart: 'temporary' })]
    expect(await eventsOf('one_for_all', children)).toEqual([
      '-b crash',
      '-c shutdown',
      '-a shutdown',
      '+a',
      '+b',
    ])
  })
})

describe('intensity', () => {
  it('gives up at one restart too many within the period, with shutdown', async () => {
    const tree = await startTree({ intensity: 2, periodMs: 1000, children: three })
    const ended = waitForExit(tree)
    await end('a')
    await end('b')
    events = []
    await end('a')
    expect(await ended).toBe('shutdown')
    expect(events).toEqual(['-a crash', '-c shutdown', '-b shutdown'])
  })

  it('goes on when restarts are spread over time', async () => {
    const tree = await startTree({ intensity: 2, periodMs: 1000, children: three })
    for (let i = 0; i < 20; i++) {
      await end('a')
      await clock.advanceAsync(501)
    }
    expect(isAlive(tree)).toBe(true)
    await stop(tree)
  })

  it('ends a crash loop that would go on for ever', async () => {
    let starts = 0
    const loop = {
      id: 'loop',
      start: () => {
        starts++
        const pid: Pid<string> = spawn(() => exit('crash'))
        send(pid, 'go')
        return pid
      },
    }
    const tree = await startTree({ intensity: 100, children: [loop] })
    await clock.advanceAsync(0)
    expect(isAlive(tree)).toBe(false)
    expect(starts).toBe(101)
  })

  it('counts failed restarts, and tries again until it is spent', async () => {
    const reports: string[] = []
    setLogger(({ event }) => reports.push(event))
    const tree = await startTree({ intensity: 3, children: [worker('a'), failing('b', 2)] })
    const ended = waitForExit(tree)
    await end('b')
    expect(await ended).toBe('shutdown')
    expect(reports.filter((event) => event === 'start_failed')).toHaveLength(3)
    expect(reports.at(-1)).toBe('restart_intensity_reached')
    expect(events.slice(-2)).toEqual(['-b crash', '-a shutdown'])
  })

  it('goes on with the rest when a restart fails once', async () => {
    let starts = 0
    const tree = await startTree({
      strategy: 'rest_for_one',
      children: [
        worker('a'),
        worker('b', {
          start: () => {
            if (++starts === 2) throw new Error('once')
            return startLink(new Worker('b'), { name: 'b' })
          },
        }),
        worker('c'),
      ],
    })
    events = []
    await end('b')
    expect(events).toEqual(['-b crash', '-c shutdown', '+b', '+c'])
    await stop(tree)
  })

  it('of a supervisor reaches its own supervisor, which restarts the whole branch', async () => {
    const inner = { intensity: 0, children: [worker('a'), worker('b')] }
    const tree = await startTree({
      children: [
        worker('other'),
        { id: 'inner', type: 'supervisor', start: () => startLink(new Supervisor(inner)) },
      ],
    })
    events = []
    await end('b')
    await clock.advanceAsync(0)
    expect(events).toEqual(['-b crash', '-a shutdown', '+a', '+b'])
    await stop(tree)
    expect(events.slice(4)).toEqual(['-b shutdown', '-a shutdown', '-other shutdown'])
  })
})

describe('shutdown', () => {
  class Stubborn extends Worker {
    override terminate(reason: ExitReason): Promise<void> {
      void super.terminate(reason)
      return new Promise((resolve) => {
        clock.timer(1000, () => {
          events.push('done')
          resolve()
        })
      })
    }
  }
  const stubborn = (shutdown: Shutdown): ChildSpec => ({
    id: 's',
    start: () => startLink(new Stubborn('s'), { name: 's' }),
    shutdown,
  })
  const stopping = async (shutdown: Shutdown, ms: number): Promise<string[]> => {
    const tree = await startTree({ children: [stubborn(shutdown)] })
    const child = named('s')
    const ended = waitForExit(child)
    const stopped = stop(tree, 'shutdown')
    await clock.advanceAsync(ms)
    await stopped
    return [...events.slice(1), String(await ended)]
  }

  it('time: the child has so long to stop, then it is killed', async () => {
    expect(await stopping(2000, 1000)).toEqual(['-s shutdown', 'done', 'shutdown'])
    events = []
    expect(await stopping(500, 500)).toEqual(['-s shutdown', 'killed'])
  })

  it('brutal_kill: at once', async () => {
    expect(await stopping('brutal_kill', 0)).toEqual(['killed'])
  })

  it('infinity: as long as it takes', async () => {
    expect(await stopping('infinity', 1000)).toEqual(['-s shutdown', 'done', 'shutdown'])
  })

  it('leaves no timer behind', async () => {
    const tree = await startTree({ children: three })
    await stop(tree)
    expect(armedTimers()).toBe(0)
  })

  it('by exit from the code that started the tree works like stop', async () => {
    const tree = await startTree({ children: three })
    const ended = waitForExit(tree)
    exit(tree, 'shutdown')
    expect(await ended).toBe('shutdown')
    expect(events.slice(3)).toEqual(['-c shutdown', '-b shutdown', '-a shutdown'])
  })

  it('by kill takes the children along: their parent has ended', async () => {
    const tree = await startTree({ children: three })
    exit(tree, 'kill')
    runUntilIdle()
    expect(events.slice(3).sort()).toEqual(['-a killed', '-b killed', '-c killed'])
    expect(whereis('a')).toBeUndefined()
  })
})

describe('whichChildren and countChildren', () => {
  it('show the children in start order', async () => {
    const tree = await startTree({
      children: [
        worker('a'),
        worker('b', { restart: 'transient' }),
        { id: 'c', type: 'supervisor', start: () => startLink(new Supervisor({})) },
      ],
    })
    await end('b', 'normal')
    expect(await Supervisor.whichChildren(tree)).toEqual([
      { id: 'a', pid: named('a'), status: 'running', type: 'worker', restart: 'permanent' },
      { id: 'b', pid: undefined, status: 'stopped', type: 'worker', restart: 'transient' },
      {
        id: 'c',
        pid: expect.anything(),
        status: 'running',
        type: 'supervisor',
        restart: 'permanent',
      },
    ])
    expect(await Supervisor.countChildren(tree)).toEqual({
      specs: 3,
      active: 2,
      restarting: 0,
      supervisors: 1,
      workers: 2,
    })
    await stop(tree)
  })
})

describe('startChild', () => {
  it('adds a child after the others', async () => {
    const tree = await startTree({ children: [worker('a')] })
    const pid = await Supervisor.startChild(tree, worker('b'))
    expect(pid).toBe(named('b'))
    await end('b')
    expect(named('b')).not.toBe(pid)
    await stop(tree)
    expect(events.slice(-2)).toEqual(['-b shutdown', '-a shutdown'])
  })

  it('refuses a known id, a bad spec and a child that fails, and forgets it', async () => {
    const tree = await startTree({ children: [worker('a')] })
    const refused = { code: 'already_started', attempt: { request: whereis('a') } }
    await expect(Supervisor.startChild(tree, worker('a'))).rejects.toMatchObject(refused)
    await Supervisor.terminateChild(tree, 'a')
    const present = { code: 'already_present' }
    await expect(Supervisor.startChild(tree, worker('a'))).rejects.toMatchObject(present)
    const bad = { code: 'bad_child_spec' }
    await expect(Supervisor.startChild(tree, worker(''))).rejects.toMatchObject(bad)
    await expect(Supervisor.startChild(tree, failing('f'))).rejects.toMatchObject({
      code: 'start_failed',
      cause: new Error('f cannot start'),
    })
    expect((await Supervisor.countChildren(tree)).specs).toBe(1)
    await stop(tree)
  })
})

describe('terminateChild, restartChild, deleteChild', () => {
  it('stop a child, start it again, forget it', async () => {
    const tree = await startTree({ children: [worker('a'), worker('b')] })
    await Supervisor.terminateChild(tree, 'a')
    expect(whereis('a')).toBeUndefined()
    await Supervisor.terminateChild(tree, 'a')
    expect(await Supervisor.restartChild(tree, 'a')).toBe(named('a'))
    await Supervisor.terminateChild(tree, 'a')
    await Supervisor.deleteChild(tree, 'a')
    expect((await Supervisor.whichChildren(tree)).map(({ id }) => id)).toEqual(['b'])
    await stop(tree)
  })

  it('refuse an unknown child and one that is running', async () => {
    const tree = await startTree({ children: [worker('a')] })
    const running = { code: 'child_running' }
    await expect(Supervisor.restartChild(tree, 'a')).rejects.toMatchObject(running)
    await expect(Supervisor.deleteChild(tree, 'a')).rejects.toMatchObject(running)
    const unknown = { code: 'unknown_child', attempt: { target: 'x' } }
    await expect(Supervisor.terminateChild(tree, 'x')).rejects.toMatchObject(unknown)
    await expect(Supervisor.restartChild(tree, 'x')).rejects.toMatchObject(unknown)
    await expect(Supervisor.deleteChild(tree, 'x')).rejects.toMatchObject(unknown)
    await stop(tree)
  })

  it('terminate forgets a temporary child', async () => {
    const tree = await startTree({ children: [worker('a', { restart: 'temporary' })] })
    await Supervisor.terminateChild(tree, 'a')
    expect((await Supervisor.countChildren(tree)).specs).toBe(0)
    await stop(tree)
  })
})

describe('a child that its start did not link', () => {
  it('is linked by the supervisor', async () => {
    const tree = await startTree({
      children: [{ id: 'plain', start: () => spawn((m: string, s: number) => s + m.length, 0) }],
    })
    const [child] = await Supervisor.whichChildren(tree)
    if (child?.pid === undefined) throw new Error('no child')
    exit(child.pid, 'kill')
    await clock.advanceAsync(0)
    const [restarted] = await Supervisor.whichChildren(tree)
    expect(restarted?.pid).not.toBe(child.pid)
    await stop(tree)
  })

  it('and an async start names its parent', async () => {
    const tree = await startTree({
      children: [
        worker('a', {
          start: async (supervisor) => {
            await new Promise((resolve) => setImmediate(resolve))
            return startLink(new Worker('a'), { name: 'a', parent: supervisor })
          },
        }),
      ],
    })
    await stop(tree, 'shutdown')
    expect(events).toEqual(['+a', '-a shutdown'])
  })
})
