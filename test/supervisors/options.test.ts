import { afterEach, describe, expect, it } from 'vitest'
import {
  changeCode,
  GenServer,
  StartError,
  start,
  startLink,
  stop,
} from '../../src/behaviours/gen-server.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { Exit, exit, processCount, trapExit, waitForExit } from '../../src/runtime/signal.ts'
import { type ChildSpec, checkChildSpecs } from '../../src/supervisors/child-spec.ts'
import { DynamicSupervisor } from '../../src/supervisors/dynamic-supervisor.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'
import type { SupervisorOptions } from '../../src/supervisors/supervisor-options.ts'

afterEach(() => setLogger(null))

/** Ends with the reason it is sent. */
class Worker extends GenServer<null> {
  init() {
    return { state: null }
  }
  override handleInfo(message: unknown) {
    return { stop: message as ExitReason, state: null }
  }
}

const child = (id: string, rest: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  start: () => startLink(new Worker(), { name: id }),
  ...rest,
})

const code = (word: string) => expect.objectContaining({ code: word })
const json = (text: string) => JSON.parse(text) as SupervisorOptions

describe('options as a function', () => {
  it('are made in the new process, at each start', async () => {
    let calls = 0
    const inner = () => {
      calls++
      return { children: [child('a')] }
    }
    const outer = await start(
      new Supervisor({
        children: [
          { id: 'inner', type: 'supervisor', start: () => startLink(new Supervisor(inner)) },
        ],
      }),
    )
    const [info] = await Supervisor.whichChildren(outer)
    exit(info?.pid as Pid, 'kill')
    runUntilIdle()
    expect(calls).toBe(2)
    expect(whereis('a')).toBeDefined()
    await stop(outer)
  })

  it('may be awaited, and may ignore', async () => {
    const waiting = start(new Supervisor(async () => ({ children: [child('a')] })))
    const supervisor = await waiting
    expect((await Supervisor.countChildren(supervisor)).active).toBe(1)
    await stop(supervisor)
    const ignoring = () => start(new Supervisor(() => ({ ignore: true })))
    expect(ignoring).toThrow(code('ignored'))
    expect(() => start(new DynamicSupervisor(() => ({ ignore: true })))).toThrow(code('ignored'))
  })

  it('fail the start when they cannot be meant, not the constructor', () => {
    const before = processCount()
    const bad: [SupervisorOptions, string][] = [
      [json('{ "strategy": "one_for_none" }'), 'bad_option'],
      [json('{ "autoShutdown": "sometimes" }'), 'bad_option'],
      [{ periodMs: 0 }, 'bad_intensity'],
      [{ intensity: -1 }, 'bad_intensity'],
      [{ children: [child('a', { significant: true })] }, 'bad_child_spec'],
      [{ children: [child('a'), child('a')] }, 'already_present'],
      [json('"nothing"'), 'bad_options'],
    ]
    for (const [options, word] of bad) {
      const supervisor = new Supervisor(() => options)
      let thrown: unknown
      try {
        void start(supervisor)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(StartError)
      expect(thrown).toMatchObject({ reason: { error: { code: word } } })
    }
    expect(processCount()).toBe(before)
  })
})

describe('start of a child', () => {
  it('may tell something to whoever asked for it', async () => {
    const supervisor = await start(new Supervisor({}))
    const spec = {
      id: 'a',
      start: () => ({ pid: startLink(new Worker(), { name: 'a' }), info: { port: 80 } }),
    }
    const started = await Supervisor.startChild(supervisor, spec)
    expect(started).toEqual({ pid: whereis('a'), info: { port: 80 } })
    await Supervisor.terminateChild(supervisor, 'a')
    expect(await Supervisor.restartChild(supervisor, 'a')).toMatchObject({ info: { port: 80 } })
    await stop(supervisor)
  })

  it('may bring a process that another supervisor has, too: both restart it', async () => {
    const shared = () => whereis('a') ?? startLink(new Worker(), { name: 'a' })
    const spec = child('a', { start: shared })
    const first = await start(new Supervisor({ children: [spec] }))
    const second = await start(new Supervisor({ children: [spec] }))
    const third = start(new DynamicSupervisor())
    await DynamicSupervisor.startChild(third, spec)
    await DynamicSupervisor.startChild(third, spec)
    exit(whereis('a') as Pid, 'kill')
    runUntilIdle()
    const pid = whereis('a')
    for (const supervisor of [first, second]) {
      expect(await Supervisor.whichChildren(supervisor)).toMatchObject([{ pid }])
    }
    expect(await DynamicSupervisor.whichChildren(third)).toMatchObject([{ pid }])
    expect(await DynamicSupervisor.countChildren(third)).toMatchObject({ specs: 1, active: 1 })
    await stop(third)
    await stop(second)
    await stop(first)
    expect(whereis('a')).toBeUndefined()
  })

  it('may find that there is nothing to run: the child is kept, without a process', async () => {
    const supervisor = await start(new Supervisor({}))
    const spec = child('a', { start: () => ({ ignore: true }) })
    await expect(Supervisor.startChild(supervisor, spec)).rejects.toEqual(code('ignored'))
    expect(await Supervisor.countChildren(supervisor)).toMatchObject({ specs: 1, active: 0 })
    await stop(supervisor)
  })

  it('that brings no pid is refused with advice', async () => {
    const supervisor = await start(new Supervisor({}))
    for (const junk of ['junk', undefined, { pid: 1 }, Promise.resolve(7)]) {
      const failure = Supervisor.startChild(supervisor, { id: 'a', start: () => junk as never })
      await expect(failure).rejects.toMatchObject({
        code: 'bad_start_return',
        advice: 'return a pid, such as that of startLink(...), or { pid, info }',
      })
    }
    expect((await Supervisor.countChildren(supervisor)).specs).toBe(0)
    await stop(supervisor)
  })
})

describe('getChildSpec and checkChildSpecs', () => {
  it('shows a spec with every default filled in', async () => {
    const spec = child('a', { restart: 'transient' })
    const supervisor = await start(new Supervisor({ children: [spec] }))
    expect(await Supervisor.getChildSpec(supervisor, 'a')).toEqual({
      id: 'a',
      start: spec.start,
      restart: 'transient',
      shutdown: 5000,
      type: 'worker',
      significant: false,
    })
    await expect(Supervisor.getChildSpec(supervisor, 'x')).rejects.toEqual(code('unknown_child'))
    await stop(supervisor)
  })

  it('checks specs before anybody is given them', () => {
    const significant = child('a', { significant: true, restart: 'transient' })
    expect(() => checkChildSpecs([child('a'), child('b'), significant])).toThrow(
      code('already_present'),
    )
    expect(() => checkChildSpecs([significant], 'never')).toThrow(code('bad_child_spec'))
    expect(() => checkChildSpecs([significant], 'all_significant')).not.toThrow()
  })
})

describe('a code change of a supervisor', () => {
  it('takes over the specs, and lets the children run', async () => {
    const supervisor = await start(new Supervisor({ children: [child('a'), child('b')] }))
    const [a, b] = [whereis('a'), whereis('b')]
    const children = [child('c'), child('b', { restart: 'temporary' })]
    await changeCode(supervisor, new Supervisor({ strategy: 'rest_for_one', children }))
    const infos = await Supervisor.whichChildren(supervisor)
    expect(infos.map(({ id, pid, restart }) => [id, pid, restart])).toEqual([
      ['c', undefined, 'permanent'],
      ['b', b, 'temporary'],
      ['a', a, 'permanent'],
    ])
    exit(b as Pid, 'kill')
    runUntilIdle()
    expect((await Supervisor.countChildren(supervisor)).specs).toBe(2)
    await Supervisor.restartChild(supervisor, 'c')
    await stop(supervisor)
    expect([whereis('a'), whereis('c')]).toEqual([undefined, undefined])
  })

  it('is refused when its options cannot be meant, and then nothing has changed', async () => {
    const supervisor = await start(new Supervisor({ children: [child('a')] }))
    const next = new Supervisor(() => ({ intensity: -1 }))
    await expect(changeCode(supervisor, next)).rejects.toEqual(code('bad_intensity'))
    expect((await Supervisor.countChildren(supervisor)).active).toBe(1)
    exit(whereis('a') as Pid, 'kill')
    runUntilIdle()
    expect((await Supervisor.countChildren(supervisor)).active).toBe(1)
    await stop(supervisor)
  })
})

describe('a code change of a dynamic supervisor', () => {
  it('takes over options and template, and lets the children run', async () => {
    const made: string[] = []
    const template = (version: string) => ({
      id: 'job',
      start: (_: Pid, name: string) => {
        made.push(`${version} ${name}`)
        return startLink(new Worker())
      },
    })
    const supervisor = start(new DynamicSupervisor({ template: template('1') }))
    const pid = await DynamicSupervisor.startWith(supervisor, 'a')
    await DynamicSupervisor.startChild(supervisor, child('own'))
    const next = new DynamicSupervisor({ template: template('2'), maxChildren: 2 })
    await changeCode(supervisor, next)
    expect(isAlive(pid)).toBe(true)
    exit(pid, 'kill')
    exit(whereis('own') as Pid, 'kill')
    runUntilIdle()
    expect(made).toEqual(['1 a', '2 a'])
    expect(whereis('own')).toBeDefined()
    const more = DynamicSupervisor.startWith(supervisor, 'b')
    await expect(more).rejects.toEqual(code('max_children'))
    await stop(supervisor)
  })
})

describe('the template of a dynamic supervisor', () => {
  const names: string[] = []
  const template = {
    id: 'job',
    restart: 'transient' as const,
    start: (_: Pid, house: string, name: string) => {
      names.push(`${house} ${name}`)
      return startLink(new Worker())
    },
  }

  it('gets the extra arguments and those of the child, at each start', async () => {
    names.length = 0
    const own = { ...template, start: (_: Pid, name: string) => template.start(_, 'none', name) }
    const plain = start(new DynamicSupervisor({ template: own }))
    await DynamicSupervisor.startWith(plain, 'a')
    const extraArguments = ['house']
    const housed = start(new DynamicSupervisor({ template, extraArguments }))
    const pid = await DynamicSupervisor.startWith(housed, 'house?', 'b')
    exit(pid, 'kill')
    runUntilIdle()
    expect(names).toEqual(['none a', 'house house?', 'house house?'])
    expect(await DynamicSupervisor.countChildren(plain)).toMatchObject({ specs: 1, active: 1 })
    expect(await DynamicSupervisor.getChildSpec(plain)).toMatchObject({ id: 'job', shutdown: 5000 })
    await stop(plain)
    await stop(housed)
  })

  it('is what startWith needs', async () => {
    const supervisor = start(new DynamicSupervisor<[string]>())
    const failure = DynamicSupervisor.startWith(supervisor, 'a')
    await expect(failure).rejects.toEqual(code('no_template'))
    await stop(supervisor)
  })

  it('may be significant: the first or the last end ends the supervisor', async () => {
    const significant = { ...template, significant: true }
    for (const autoShutdown of ['any_significant', 'all_significant'] as const) {
      const supervisor = start(new DynamicSupervisor({ template: significant, autoShutdown }))
      const a = await DynamicSupervisor.startWith(supervisor, 'x', 'a')
      const b = await DynamicSupervisor.startWith(supervisor, 'x', 'b')
      const ended = waitForExit(supervisor)
      send(a as Pid<string>, 'normal')
      runUntilIdle()
      expect(isAlive(supervisor)).toBe(autoShutdown === 'all_significant')
      if (autoShutdown === 'all_significant') send(b as Pid<string>, 'normal')
      expect(await ended).toBe('shutdown')
    }
  })
})

describe('reports', () => {
  const collect = (level: 'info' | 'debug' = 'info'): Report[] => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report), { level })
    return reports
  }

  it('tell each start only to who asks for level debug', async () => {
    const quiet = collect()
    const supervisor = await start(new Supervisor({ children: [child('a')] }))
    expect(quiet).toEqual([])
    const reports = collect('debug')
    await Supervisor.startChild(supervisor, child('b'))
    const pid = whereis('b')
    expect(reports).toEqual([{ level: 'debug', event: 'child_started', supervisor, id: 'b', pid }])
    await stop(supervisor)
  })

  it('tell a child that ended otherwise when it was told to stop', async () => {
    class Stubborn extends Worker {
      override init() {
        trapExit()
        return super.init()
      }
      override terminate() {
        throw new Error('no')
      }
    }
    const stubborn = child('a', { start: () => startLink(new Stubborn()) })
    const supervisor = await start(new Supervisor({ children: [stubborn, child('b')] }))
    const reports = collect()
    await stop(supervisor)
    expect(reports.filter(({ event }) => event === 'shutdown_error')).toMatchObject([
      { level: 'error', id: 'a', reason: { error: new Error('no') } },
    ])
  })

  it('tell how many restarts are left, until none is', async () => {
    const supervisor = await start(new Supervisor({ intensity: 1, children: [child('a')] }))
    const reports = collect()
    for (let i = 0; i < 2; i++) {
      exit(whereis('a') as Pid, 'kill')
      runUntilIdle()
    }
    expect(reports.map(({ event, restartsLeft }) => [event, restartsLeft])).toEqual([
      ['child_restarts', 1],
      ['child_restarts', 0],
      ['restart_intensity_reached', undefined],
    ])
    expect(isAlive(supervisor)).toBe(false)
  })

  it('are limited in rate: a thousand crashes are not a thousand reports', async () => {
    const spec = child('a', { start: () => startLink(new Worker()) })
    const supervisor = start(new DynamicSupervisor({ intensity: 10_000 }))
    const pids = await Promise.all(
      Array.from({ length: 1000 }, () => DynamicSupervisor.startChild(supervisor, spec)),
    )
    const reports = collect()
    for (const pid of pids) exit(pid, 'kill')
    runUntilIdle()
    expect(reports.length).toBeLessThan(500)
    expect((await DynamicSupervisor.countChildren(supervisor)).active).toBe(1000)
    setLogger(null)
    await stop(supervisor)
  })
})

describe('a supervisor that is killed while it stops a child', () => {
  it('takes the child along: they are linked until it has ended', async () => {
    const heard: ExitReason[] = []
    const deaf = child('a', {
      shutdown: 'infinity',
      start: () => {
        const pid = spawn((message: unknown) => {
          if (message instanceof Exit) heard.push(message.reason)
        })
        trapExit(true, pid)
        return pid
      },
    })
    const supervisor = await start(new Supervisor({ children: [deaf] }))
    const [info] = await Supervisor.whichChildren(supervisor)
    const terminated = Supervisor.terminateChild(supervisor, 'a')
    const failed = expect(terminated).rejects.toMatchObject({ code: 'exit', reason: 'killed' })
    runUntilIdle()
    exit(supervisor, 'kill')
    runUntilIdle()
    expect(heard).toEqual(['shutdown', 'killed'])
    await failed
    exit(info?.pid as Pid, 'kill')
  })
})
