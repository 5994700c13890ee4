// Threads that die, however they do: what becomes of their processes, of those that depend on them,
// and of the work that was under way.
import { afterEach, describe, expect, it } from 'vitest'
import { type Call, call, GenServer, start, stop } from '../../src/behaviours/gen-server.ts'
import { CallError } from '../../src/runtime/call.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { Down, Exit, exit, waitForExit } from '../../src/runtime/signal.ts'
import { remoteChild } from '../../src/supervisors/remote-child.ts'
import {
  drainScheduler,
  type SchedulersOptions,
  schedulers,
  startSchedulers,
} from '../../src/supervisors/scheduler-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../src/supervisors/supervisor.ts'
import type { Counter, Death, Order, puppet } from '../runtime/remote-programs.ts'
import { Probe } from './probe.ts'

const module = new URL('../runtime/remote-programs.ts', import.meta.url)
const quiet = new URL('../silent-logger.ts', import.meta.url)
let running: SupervisorPid | undefined

async function startThreads(options: SchedulersOptions): Promise<SupervisorPid> {
  running = await startSchedulers({ preload: [quiet], intensity: 10, ...options })
  return running
}

afterEach(async () => {
  if (running !== undefined && isAlive(running))
    await stop(running, 'shutdown', { timeoutMs: 20_000 })
})

function startPuppet(scheduler: number, owner?: Pid<unknown>): Promise<Pid<Order | object>> {
  return spawn<typeof puppet>({ module, export: 'puppet', args: [owner], scheduler })
}

const nodes = (): number[] => schedulers().map(({ node }) => node)

describe('a scheduler thread that dies', () => {
  const ways: readonly Death[] = [
    'process.exit',
    'an error nobody catches',
    'a promise nobody catches',
    'too much memory',
  ]

  it.each(ways)('by %s takes its processes with it: noconnection to all, at once', async (how) => {
    await startThreads({ count: 2, resourceLimits: { maxOldGenerationSizeMb: 64 } })
    const probe = new Probe()
    const victim = await startPuppet(1)
    const counter = await spawn<typeof Counter>({
      module,
      export: 'Counter',
      args: [0],
      scheduler: 1,
    })
    const elsewhere = new Probe()
    const witness = await startPuppet(2, elsewhere.pid)
    send(witness, { do: 'monitor', pid: victim })
    send(witness, { do: 'tell', pid: elsewhere.pid, value: 'watching' })
    await elsewhere.next()
    const ref = probe.monitor(victim)
    probe.link(counter)
    const waiting = call(counter, { type: 'wait' }, { timeoutMs: 'infinity' })
    send(victim, { do: 'die', how })
    await expect(waiting).rejects.toMatchObject({ code: 'noconnection', reason: 'noconnection' })
    const told = await probe.take(2)
    expect(told).toContainEqual(new Down(ref, victim, 'noconnection'))
    expect(told).toContainEqual(new Exit(counter, 'noconnection'))
    expect(await elsewhere.next()).toMatchObject({ pid: victim, reason: 'noconnection' })
    expect(isAlive(victim)).toBe(false)
    await expect(call(counter, { type: 'get' })).rejects.toMatchObject({ code: 'noproc' })
  })

  it('is restarted, empty, and its names are free', async () => {
    await startThreads({ count: 1 })
    const before = nodes()
    const name = 'a name of the dead'
    const spec = { module, export: 'puppet', scheduler: 1, name } as const
    const victim = await spawn<typeof puppet>({ ...spec, args: [undefined] })
    send(victim, { do: 'die', how: 'process.exit' })
    expect(await waitForExit(victim)).toBe('noconnection')
    expect(whereis(name)).toBeUndefined()
    // Waits for the scheduler to be back.
    const next = await spawn<typeof puppet>({ ...spec, args: [undefined] })
    expect(whereis(name)).toBe(next)
    expect(nodes()).not.toEqual(before)
  })

  it('has its supervised processes restarted in another thread', async () => {
    await startThreads({ count: 2 })
    const tree = await start(
      new Supervisor({
        children: [
          remoteChild<typeof Counter>({
            id: 'counter',
            spawn: { module, export: 'Counter', args: [7], name: 'wandering counter' },
          }),
        ],
      }),
    )
    const first = whereis('wandering counter')
    if (first === undefined) throw new Error('the child is not there')
    const node = /\d+/.exec(String(first))?.[0]
    const scheduler = schedulers().find((one) => String(one.node) === node)?.scheduler ?? 0
    send(await startPuppet(scheduler), { do: 'die', how: 'process.exit' })
    expect(await waitForExit(first)).toBe('noconnection')
    const { pid } = await childOf(tree)
    expect(pid).not.toBe(first)
    expect(await call(pid as never, { type: 'get' } as never)).toBe(7)
    exit(tree, 'shutdown')
    expect(await waitForExit(pid)).toBe('shutdown')
  })

  it('ends all when it dies more often than the intensity allows', async () => {
    const supervisor = await startThreads({ count: 1, intensity: 1, periodMs: 60_000 })
    const ended = waitForExit(supervisor)
    send(await startPuppet(1), { do: 'die', how: 'process.exit' })
    await waitForExit(whereis('scheduler-1') as Pid)
    send(await startPuppet(1), { do: 'die', how: 'process.exit' })
    expect(await ended).toBe('shutdown')
    expect(schedulers()).toEqual([])
    await expect(startPuppet(1)).rejects.toMatchObject({ code: 'no_schedulers' })
  })

  it('loses no effect of an acknowledged call, and fails each other call exactly once', async () => {
    await startThreads({ count: 2 })
    const ledger = new Set<number>()
    const book = spawn((entry: unknown) => {
      if (typeof entry === 'function') entry()
      else ledger.add(entry as number)
    })
    /** Waits until all entries that have arrived are in the ledger. */
    const settled = (): Promise<void> => new Promise((resolve) => send(book, resolve))
    for (let round = 0; round < 3; round++) {
      const counters = await Promise.all(
        [1, 2].map((scheduler) =>
          spawn<typeof Counter>({ module, export: 'Counter', args: [0, book], scheduler }),
        ),
      )
      const victim = await startPuppet(1)
      let calls = 0
      const acknowledged = new Set<number>()
      const failed: number[] = []
      let isKilled = false
      const caller = async (counter: (typeof counters)[number]): Promise<void> => {
        for (;;) {
          const by = round * 1_000_000 + ++calls
          try {
            await call(counter, { type: 'add', by }, { timeoutMs: 'infinity' })
            acknowledged.add(by)
          } catch (error) {
            expect(error).toBeInstanceOf(CallError)
            expect(['noconnection', 'noproc']).toContain((error as CallError).code)
            failed.push(by)
            return
          }
          if (acknowledged.size === 2_000 && !isKilled) {
            isKilled = true
            send(victim, { do: 'die', how: 'process.exit' })
          }
          if (counter !== counters[0] && acknowledged.size > 4_000) return
        }
      }
      const callers = Array.from({ length: 100 }, (_, i) => caller(counters[i % 2] as never))
      await Promise.all(callers)
      // Each of the fifty callers of the dead thread had one call that failed, once.
      expect(failed).toHaveLength(50)
      expect(new Set(failed).size).toBe(50)
      expect(acknowledged.size + failed.length).toBe(calls)
      await settled()
      for (const by of acknowledged) expect(ledger.has(by)).toBe(true)
    }
  })
})

describe('a scheduler that is drained', () => {
  it('takes no new processes, waits for those it has, and is replaced', async () => {
    await startThreads({ count: 2 })
    const before = nodes()
    const worker = await startPuppet(1)
    const drained = drainScheduler(1, { timeoutMs: 20_000 })
    const others = await Promise.all([1, 2, 3].map(() => startSpread()))
    expect(others.map((pid) => String(pid).startsWith(`Pid<${before[2]}.`))).toEqual([
      true,
      true,
      true,
    ])
    expect(schedulers()[1]).toMatchObject({ state: 'draining' })
    send(worker, { do: 'exit', reason: 'normal' })
    expect(await drained).toBe(true)
    expect(schedulers()[1]).toMatchObject({ state: 'up' })
    expect(nodes()[1]).not.toBe(before[1])
    expect(nodes()[2]).toBe(before[2])
  })

  it('stops what is still there when its time is over', async () => {
    await startThreads({ count: 1 })
    const worker = await startPuppet(1)
    const ended = waitForExit(worker)
    expect(await drainScheduler(1, { timeoutMs: 20 })).toBe(false)
    expect(await ended).toBe('shutdown')
    await expect(drainScheduler(7, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'no_scheduler',
    })
  })
})

describe('schedulers that are stopped', () => {
  it('end their processes in order, with shutdown, and leave one thread as before', async () => {
    const supervisor = await startThreads({ count: 1 })
    const probe = new Probe()
    const [first, second] = [await startPuppet(1), await startPuppet(1)]
    const refs = [probe.monitor(first), probe.monitor(second)]
    await stop(supervisor, 'shutdown', { timeoutMs: 20_000 })
    expect(await probe.take(2)).toEqual([
      new Down(refs[1] as never, second, 'shutdown'),
      new Down(refs[0] as never, first, 'shutdown'),
    ])
    expect(schedulers()).toEqual([])
    const pid = start(new Local())
    expect(await call(pid, { type: 'ping' })).toBe('pong')
  })

  it('cannot be started twice, nor without a thread', async () => {
    await startThreads({ count: 1 })
    await expect(startSchedulers({ count: 1 })).rejects.toMatchObject({ code: 'already_started' })
    await expect(startSchedulers({ count: 0 })).rejects.toMatchObject({ code: 'bad_option' })
  })

  it('do not start when a thread cannot: what failed is in the error', async () => {
    const missing = new URL('./no-such-module.ts', import.meta.url)
    const failed = startSchedulers({ count: 1, preload: [missing] })
    await expect(failed).rejects.toMatchObject({ code: 'init_failed' })
    expect(schedulers()).toEqual([])
  })
})

class Local extends GenServer<null, Call<'ping', object, string>> {
  init(): { state: null } {
    return { state: null }
  }
  override handleCall(): { reply: string; state: null } {
    return { reply: 'pong', state: null }
  }
}

async function childOf(tree: SupervisorPid): Promise<{ pid: Pid }> {
  const [child] = await Supervisor.whichChildren(tree)
  if (child?.pid === undefined) throw new Error('the child is not running')
  return { pid: child.pid }
}

function startSpread(): Promise<Pid<Order | object>> {
  return spawn<typeof puppet>({ module, export: 'puppet', args: [undefined] })
}
