import { describe, expect, it, onTestFinished } from 'vitest'
import {
  Application,
  type ApplicationContext,
  type ApplicationSpec,
  type StartType,
} from '../src/behaviours/application.ts'
import { type Call, call, startLink } from '../src/behaviours/gen-server.ts'
import { ok, Service } from '../src/behaviours/service.ts'
import { type NodeOptions, startNode } from '../src/node.ts'
import type { Pid } from '../src/runtime/pid.ts'
import { isAlive } from '../src/runtime/process.ts'
import { whereis } from '../src/runtime/registry.ts'
import { exit, processCount, waitForExit } from '../src/runtime/signal.ts'
import { ApplicationController } from '../src/supervisors/application-controller.ts'
import { Supervisor } from '../src/supervisors/supervisor.ts'

type PingCall = Call<'ping', object, string> | Call<'crash', object, never>

class Pinger extends Service<null, PingCall> {
  readonly #name: string
  readonly #events: string[]

  constructor(name = 'pinger', events: string[] = []) {
    super()
    this.#name = name
    this.#events = events
  }
  info() {
    return { name: this.#name, version: '1.0.0', description: 'answers' }
  }
  capabilities() {
    return []
  }
  identitySpec() {
    return { scope: 'ping', actions: [], resources: [], ttlDays: 1 }
  }
  start() {
    this.#events.push(`start ${this.#name}`)
    if (this.#name === 'broken') throw new Error('no luck')
    return null
  }
  stop() {
    this.#events.push(`stop ${this.#name}`)
  }
  health = ok
  override handleCall(request: PingCall) {
    if (request.type === 'crash') throw new Error('told to')
    return { reply: this.#name, state: null }
  }
}

async function started(options: NodeOptions = {}) {
  const node = await startNode(options)
  onTestFinished(() => node.stop())
  return node
}

describe('a node', () => {
  it('serves without keys and without stations', async () => {
    const before = processCount()
    const node = await started({ services: [Pinger] })
    expect(await call('pinger' as never, { type: 'ping' } as never)).toBe('pinger')
    await node.stop()
    expect(processCount()).toBe(before)
  })

  it('draws keys when they are needed, once', async () => {
    const node = await started()
    expect(node.keys).toBe(node.keys)
  })

  it('starts its services in order, with options, and more later', async () => {
    const events: string[] = []
    const node = await started({
      services: [
        () => new Pinger('first', events),
        { service: new Pinger('second', events), port: 0 },
      ],
    })
    const third = await node.startService(() => new Pinger('third', events), { port: 0 })
    expect(events).toEqual(['start first', 'start second', 'start third'])
    expect(await call(third.server, { type: 'ping' })).toBe('third')
    expect((await fetch(`http://127.0.0.1:${third.port}/health`)).status).toBe(200)
    await third.stop()
    expect(whereis('third')).toBeUndefined()
    expect([whereis('first'), whereis('second')].every((pid) => pid !== undefined)).toBe(true)
    await node.stop()
    expect(events.slice(3).sort()).toEqual(['stop first', 'stop second', 'stop third'])
  })

  it('does not start when one of its services does not', async () => {
    const before = processCount()
    const events: string[] = []
    const services = [() => new Pinger('first', events), () => new Pinger('broken', events)]
    await expect(startNode({ services })).rejects.toMatchObject({
      code: 'not_started',
      cause: new Error('no luck'),
    })
    expect(events).toEqual(['start first', 'start broken', 'stop first'])
    expect(processCount()).toBe(before)
  })

  it('brings a crashed service back, and ends when that does not help', async () => {
    const node = await started()
    const service = await node.startService(Pinger)
    const ended = waitForExit(node.supervisor)
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const isBack = () => whereis(service.server) !== undefined || !isAlive(node.supervisor)
    let crashes = 0
    while (isAlive(node.supervisor)) {
      if (crashes === 5) expect(await call(service.server, { type: 'ping' })).toBe('pinger')
      await call(service.server, { type: 'crash' }).catch(() => {})
      crashes++
      while (!isBack()) await turn()
    }
    expect(await ended).toBe('shutdown')
    expect(crashes).toBeGreaterThan(40)
  })
})

describe('the applications of a node', () => {
  class Tree extends Application {
    readonly #name: string
    readonly #events: string[]

    constructor(name: string, events: string[]) {
      super()
      this.#name = name
      this.#events = events
    }
    start(_type: StartType, _args: unknown, { env }: ApplicationContext) {
      const port = env('port')
      this.#events.push(`start ${this.#name}${port === undefined ? '' : ` ${String(port)}`}`)
      return startLink(new Supervisor({}), { name: this.#name })
    }
    override stop() {
      this.#events.push(`stop ${this.#name}`)
    }
  }
  const both = (events: string[]): ApplicationSpec[] => [
    { name: 'shop', dependencies: ['database'], module: new Tree('shop', events) },
    { name: 'database', module: new Tree('database', events), environment: { port: 1 } },
  ]

  it('start by their dependencies and stop in reverse order, with the operator’s settings', async () => {
    const events: string[] = []
    const environment = { database: { port: 2 } }
    const node = await started({ applications: both(events), environment })
    const running = await ApplicationController.which(node.applications)
    expect(running.map(({ name }) => name)).toEqual(['database', 'shop'])
    await node.stop()
    expect(events).toEqual(['start database 2', 'start shop', 'stop shop', 'stop database'])
  })

  it('are permanent: the end of one ends all, and the node', async () => {
    const events: string[] = []
    const node = await started({ applications: both(events) })
    const ended = waitForExit(node.supervisor)
    exit(whereis('database') as Pid, 'kill')
    expect(await ended).toBe('shutdown')
    expect(events.slice(2)).toEqual(['stop database', 'stop shop'])
  })

  it('keep the node from starting when one does not start', async () => {
    const before = processCount()
    const applications = [{ name: 'shop', dependencies: ['database'] }]
    await expect(startNode({ applications })).rejects.toThrow('shop → database')
    expect(processCount()).toBe(before)
  })
})
