import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  Application,
  type ApplicationContext,
  type ApplicationSpec,
  type ApplicationStart,
} from '../../src/behaviours/application.ts'
import { GenServer, start, startLink, stop } from '../../src/behaviours/gen-server.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive } from '../../src/runtime/process.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { exit, processCount, waitForExit } from '../../src/runtime/signal.ts'
import { ApplicationController } from '../../src/supervisors/application-controller.ts'
import { applicationOf } from '../../src/supervisors/application-master.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

let events: string[] = []
let processesBefore = 0
beforeEach(() => {
  events = []
  processesBefore = processCount()
})
afterEach(() => expect(processCount()).toBe(processesBefore))

class Worker extends GenServer<null> {
  init() {
    return { state: null }
  }
}

/** Starts a supervisor of its name with one worker, and notes its callbacks. */
class Noting extends Application<string> {
  readonly name: string
  readonly fails: unknown

  constructor(name: string, fails?: unknown) {
    super()
    this.name = name
    this.fails = fails
  }

  start(_type: 'normal', args: unknown, { env }: ApplicationContext): ApplicationStart<string> {
    events.push(`start ${this.name}`)
    if (this.fails !== undefined) throw this.fails
    const children = [{ id: 'worker', start: () => startLink(new Worker()) }]
    const supervisor = new Supervisor({ intensity: 0, children })
    const pid = startLink(supervisor, { name: this.name })
    if (pid instanceof Promise) throw new TypeError('it starts at once')
    return { pid, state: `${String(args)} ${String(env('port'))}` }
  }

  override startPhase(phase: string, _type: 'normal', args: unknown) {
    events.push(`phase ${this.name} ${phase} ${String(args)}`)
    if (args === 'fail') throw new Error('phase failed')
  }

  override prepStop(state: string) {
    events.push(`prepStop ${this.name} ${String(whereis(this.name) !== undefined)}`)
    return `${state}!`
  }

  override stop(state: string) {
    events.push(`stop ${this.name} ${state} ${String(whereis(this.name) !== undefined)}`)
  }
}

const noting = (name: string, rest: Partial<ApplicationSpec> = {}): ApplicationSpec => ({
  name,
  module: new Noting(name),
  ...rest,
})

const chain = [
  noting('a'),
  noting('b', { dependencies: ['a'] }),
  noting('c', { dependencies: ['b', 'a'] }),
]

const names = async (infos: Promise<{ name: string }[]>) => (await infos).map(({ name }) => name)

async function inChild(name: string, reason: string): Promise<void> {
  const pid = whereis(name)
  if (pid === undefined) throw new Error(`no ${name}`)
  const [worker] = await Supervisor.whichChildren(
    pid as Parameters<typeof Supervisor.whichChildren>[0],
  )
  if (worker?.pid !== undefined) exit(worker.pid, reason)
}

describe('ensureAllStarted', () => {
  it('starts dependencies first, each once, and says what it started', async () => {
    const node = start(new ApplicationController({ applications: chain }))
    expect(await ApplicationController.ensureAllStarted(node, 'b')).toEqual(['a', 'b'])
    expect(await ApplicationController.ensureAllStarted(node, 'c')).toEqual(['c'])
    expect(await names(ApplicationController.which(node))).toEqual(['a', 'b', 'c'])
    await stop(node)
  })

  it('names the way to a missing dependency, and stops what it started for it', async () => {
    const applications = [
      noting('a'),
      noting('b', { dependencies: ['a', 'x'] }),
      noting('c', { dependencies: ['b'] }),
    ]
    const node = start(new ApplicationController({ applications }))
    await expect(ApplicationController.ensureAllStarted(node, 'c')).rejects.toMatchObject({
      code: 'not_loaded',
      message: expect.stringContaining('c → b → x'),
    })
    expect(events.filter((event) => event.startsWith('st'))).toEqual([
      'start a',
      'stop a undefined undefined! false',
    ])
    expect(await ApplicationController.which(node)).toEqual([])
    await stop(node)
  })

  it('stops all that it started also when somebody else has stopped one of them', async () => {
    class Failing extends Application {
      override async start(): Promise<Pid> {
        await ApplicationController.stop(node, 'b')
        throw new Error('no')
      }
    }
    const last = { name: 'c', dependencies: ['b'], module: new Failing() }
    const node = start(new ApplicationController({ applications: [...chain.slice(0, 2), last] }))
    const failing = ApplicationController.ensureAllStarted(node, 'c')
    await expect(failing).rejects.toMatchObject({ code: 'start_failed' })
    expect(await names(ApplicationController.which(node))).toEqual([])
    await stop(node)
  })

  it('names a cycle', async () => {
    const applications = [
      noting('a', { dependencies: ['b'] }),
      noting('b', { dependencies: ['c'] }),
      noting('c', { dependencies: ['b'] }),
    ]
    const node = start(new ApplicationController({ applications }))
    await expect(ApplicationController.ensureAllStarted(node, 'a')).rejects.toMatchObject({
      code: 'dependency_cycle',
      message: expect.stringContaining('a → b → c → b'),
    })
    await stop(node)
  })

  it('starts an optional dependency only when it is loaded', async () => {
    const applications = [noting('a'), noting('b', { optionalDependencies: ['a', 'x'] })]
    const node = start(new ApplicationController({ applications }))
    expect(await ApplicationController.ensureAllStarted(node, 'b')).toEqual(['a', 'b'])
    await stop(node)
  })
})

describe('start', () => {
  it('refuses what is not loaded, runs already or lacks a dependency', async () => {
    const node = start(new ApplicationController({ applications: chain }))
    const refusal = async (name: string) =>
      ApplicationController.start(node, name).then(
        () => 'started',
        ({ code }: { code: string }) => code,
      )
    expect(await refusal('x')).toBe('not_loaded')
    expect(await refusal('b')).toBe('dependency_not_started')
    expect(await refusal('a')).toBe('started')
    expect(await refusal('a')).toBe('already_started')
    await stop(node)
  })

  it('fails with what its start threw, and leaves nothing', async () => {
    const broken = { name: 'broken', module: new Noting('broken', new Error('no disk')) }
    const node = start(new ApplicationController({ applications: [broken] }))
    await expect(ApplicationController.start(node, 'broken')).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining('no disk'),
      reason: { error: new Error('no disk') },
    })
    expect(await ApplicationController.which(node)).toEqual([])
    await stop(node)
  })

  it('runs the phases when the tree runs, and stops the tree when one fails', async () => {
    const phases = [{ phase: 'open', args: 1 }, { phase: 'announce' }]
    const failing = [{ phase: 'open', args: 'fail' }]
    const applications = [noting('a', { phases }), noting('b', { phases: failing })]
    const node = start(new ApplicationController({ applications }))
    await ApplicationController.start(node, 'a')
    expect(events).toEqual(['start a', 'phase a open 1', 'phase a announce undefined'])
    await expect(ApplicationController.start(node, 'b')).rejects.toMatchObject({
      code: 'start_failed',
    })
    expect(whereis('b')).toBeUndefined()
    await stop(node)
  })

  it('makes its processes known as those of the application', async () => {
    const node = start(new ApplicationController({ applications: [noting('a')] }))
    await ApplicationController.start(node, 'a')
    const top = whereis('a') as Pid
    const [worker] = await Supervisor.whichChildren('a')
    expect([applicationOf(top), applicationOf(worker?.pid as Pid), applicationOf(node)]).toEqual([
      'a',
      'a',
      undefined,
    ])
    await stop(node)
  })

  it('may take its time, and the controller answers meanwhile', async () => {
    let goOn = (): void => {}
    class Slow extends Application {
      async start(_type: 'normal', _args: unknown, { parent }: ApplicationContext): Promise<Pid> {
        await new Promise<void>((resolve) => {
          goOn = resolve
        })
        return startLink(new Supervisor({}), { parent })
      }
    }
    const node = start(
      new ApplicationController({ applications: [{ name: 'slow', module: new Slow() }] }),
    )
    const started = [
      ApplicationController.start(node, 'slow'),
      ApplicationController.start(node, 'slow'),
    ]
    expect(await ApplicationController.which(node)).toEqual([])
    goOn()
    await Promise.all(started)
    expect(await names(ApplicationController.which(node))).toEqual(['slow'])
    await stop(node)
  })

  it('of a library runs nothing', async () => {
    const node = start(
      new ApplicationController({ applications: [{ name: 'words', version: '1.2.0' }] }),
    )
    await ApplicationController.start(node, 'words')
    expect(await ApplicationController.which(node)).toEqual([
      { name: 'words', description: '', version: '1.2.0' },
    ])
    await ApplicationController.stop(node, 'words')
    expect(await ApplicationController.which(node)).toEqual([])
    await stop(node)
  })
})

describe('stop', () => {
  it('calls prepStop, stops the tree, then calls stop with what prepStop returned', async () => {
    const spec = noting('a', { args: 'args', environment: { port: 80 } })
    const node = start(new ApplicationController({ applications: [spec] }))
    await ApplicationController.start(node, 'a')
    events = []
    await ApplicationController.stop(node, 'a')
    expect(events).toEqual(['prepStop a true', 'stop a args 80! false'])
    await expect(ApplicationController.stop(node, 'a')).rejects.toMatchObject({
      code: 'not_started',
    })
    await stop(node)
  })

  it('of the node stops all applications, the last started first', async () => {
    const node = start(new ApplicationController({ applications: chain }))
    await ApplicationController.ensureAllStarted(node, 'c')
    events = []
    await stop(node)
    expect(events.map((event) => event.slice(0, 10))).toEqual([
      'prepStop c',
      'stop c und',
      'prepStop b',
      'stop b und',
      'prepStop a',
      'stop a und',
    ])
  })
})

describe('the end of an application by itself', () => {
  it('temporary: the others go on, and it can be started again', async () => {
    const node = start(new ApplicationController({ applications: chain }))
    await ApplicationController.ensureAllStarted(node, 'b')
    events = []
    await inChild('a', 'kill')
    expect(await names(ApplicationController.which(node))).toEqual(['b'])
    expect(events).toEqual(['prepStop a false', 'stop a undefined undefined! false'])
    expect(await ApplicationController.ensureAllStarted(node, 'a')).toEqual(['a'])
    await stop(node)
  })

  it('permanent: all are stopped, and the controller ends with who it was', async () => {
    const node = start(new ApplicationController({ applications: chain }))
    await ApplicationController.ensureAllStarted(node, 'b', 'permanent')
    const ended = waitForExit(node)
    events = []
    await inChild('a', 'kill')
    expect(await ended).toEqual({ applicationEnded: 'a', reason: 'shutdown' })
    expect(events.map((event) => event.slice(0, 10))).toEqual([
      'prepStop a',
      'stop a und',
      'prepStop b',
      'stop b und',
    ])
    expect(whereis('b')).toBeUndefined()
  })

  it('counts also before its start, which took a while, was heard of', async () => {
    class Brief extends Application {
      override async start(_: 'normal', __: unknown, { parent }: ApplicationContext) {
        await null
        const top = await startLink(new Supervisor({}), { parent })
        exit(top, 'kill')
        return top
      }
    }
    const applications = [{ name: 'brief', module: new Brief() }]
    for (const type of ['temporary', 'permanent'] as const) {
      const node = start(new ApplicationController({ applications }))
      const ended = waitForExit(node)
      await ApplicationController.start(node, 'brief', type)
      if (type === 'permanent') {
        expect(await ended).toEqual({ applicationEnded: 'brief', reason: 'killed' })
      } else {
        expect(await names(ApplicationController.which(node))).toEqual([])
        await stop(node)
      }
    }
  })

  it('transient: the same, unless it ended with normal', async () => {
    class Short extends Application {
      start() {
        return startLink(new Worker(), { name: 'short' })
      }
    }
    const applications = [{ name: 'short', module: new Short() }]
    for (const [reason, survives] of [
      ['normal', true],
      ['shutdown', false],
    ] as const) {
      const node = start(new ApplicationController({ applications }))
      await ApplicationController.start(node, 'short', 'transient')
      await stop('short', reason)
      await new Promise((resolve) => setImmediate(resolve))
      expect(isAlive(node)).toBe(survives)
      if (survives) await stop(node)
    }
  })
})

describe('load, unload and settings', () => {
  it('load once, unload when stopped', async () => {
    const node = start(new ApplicationController())
    await ApplicationController.load(node, noting('a'))
    const code = (word: string) => expect.objectContaining({ code: word })
    await expect(ApplicationController.load(node, noting('a'))).rejects.toEqual(
      code('already_loaded'),
    )
    await ApplicationController.start(node, 'a')
    await expect(ApplicationController.unload(node, 'a')).rejects.toEqual(code('running'))
    await ApplicationController.stop(node, 'a')
    await ApplicationController.unload(node, 'a')
    expect(await ApplicationController.loaded(node)).toEqual([])
    await expect(ApplicationController.unload(node, 'a')).rejects.toEqual(code('not_loaded'))
    await stop(node)
  })

  it('the operator goes before the spec, setEnv before both, until it is unloaded', async () => {
    const spec = noting('a', { environment: { host: 'here', port: 80 } })
    const environment = { a: { port: 8080 } }
    const node = start(new ApplicationController({ applications: [spec], environment }))
    const env = async (key: string) => ApplicationController.getEnv(node, 'a', key)
    expect([await env('host'), await env('port'), await env('none')]).toEqual([
      'here',
      8080,
      undefined,
    ])
    await ApplicationController.setEnv(node, 'a', 'port', 1)
    expect(await env('port')).toBe(1)
    await ApplicationController.unload(node, 'a')
    expect(await env('port')).toBeUndefined()
    await stop(node)
  })
})
