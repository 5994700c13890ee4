// Processes of several threads, for real: whatever works between two processes of one thread works
// between two of different ones.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, cast, StartError, stop } from '../../src/behaviours/gen-server.ts'
import type { Alias } from '../../src/runtime/alias.ts'
import { ArborError } from '../../src/runtime/arbor-error.ts'
import { CallError } from '../../src/runtime/call.ts'
import type { Name, Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import * as groups from '../../src/runtime/process-group.ts'
import { register, registered, whereis } from '../../src/runtime/registry.ts'
import { askIsAlive, askProcessInfo } from '../../src/runtime/remote-info.ts'
import { Down, Exit, exit, waitForExit } from '../../src/runtime/signal.ts'
import { sendAfter } from '../../src/runtime/timer.ts'
import { whenRegistered } from '../../src/runtime/when-registered.ts'
import { schedulers, startSchedulers } from '../../src/supervisors/scheduler-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../src/supervisors/supervisor.ts'
import type {
  asker,
  Counter,
  Door,
  echo,
  Member,
  Order,
  Pair,
  puppet,
  replier,
  teller,
} from '../runtime/remote-programs.ts'
import { Probe } from './probe.ts'

const module = new URL('../runtime/remote-programs.ts', import.meta.url)
const quiet = new URL('../silent-logger.ts', import.meta.url)
let supervisor: SupervisorPid

beforeAll(async () => {
  supervisor = await startSchedulers({ count: 2, preload: [quiet] })
})

afterAll(async () => {
  await stop(supervisor, 'shutdown', { timeoutMs: 20_000 })
})

function startCounter(scheduler: number, first = 0) {
  return spawn<typeof Counter>({ module, export: 'Counter', args: [first], scheduler })
}

function startPuppet(scheduler: number, owner?: Pid<unknown>): Promise<Pid<Order | object>> {
  return spawn<typeof puppet>({ module, export: 'puppet', args: [owner], scheduler })
}

describe('messages to another thread', () => {
  it('reach a server: calls, casts and their replies', async () => {
    const counter = await startCounter(1, 5)
    expect(await call(counter, { type: 'add', by: 2 })).toBe(7)
    cast(counter, { by: 10 })
    expect(await call(counter, { type: 'get' })).toBe(17)
    expect(schedulers().map(({ state }) => state)).toEqual(['up', 'up', 'up'])
    await stop(counter)
    expect(isAlive(counter)).toBe(false)
  })

  it('keep their order from one process to another', async () => {
    const probe = new Probe()
    const worker = await startPuppet(1)
    const count = 20_000
    send(worker, { do: 'count', to: probe.pid, from: 0, end: count })
    send(worker, { do: 'tell', pid: probe.pid, value: 'last' })
    const seen = await probe.take(count + 1)
    expect(seen).toEqual([...Array.from({ length: count }, (_, i) => i), 'last'])
  })

  it('bring pids along: the same process is the same pid again', async () => {
    const probe = new Probe()
    const [one, two] = [await startPuppet(1), await startPuppet(2)]
    const mirror = await spawn<typeof echo>({ module, export: 'echo', scheduler: 1 })
    send(mirror, { to: probe.pid, value: [probe.pid, one, two, { mirror }] })
    const [again] = await probe.take(1)
    expect(again).toEqual([probe.pid, one, two, { mirror }])
    const [own, first, second] = again as Pid[]
    expect(own).toBe(probe.pid)
    expect(first).toBe(one)
    expect(second).toBe(two)
  })

  it('go from one thread to another without passing through this one', async () => {
    const probe = new Probe()
    const mirror = await spawn<typeof echo>({ module, export: 'echo', scheduler: 2 })
    const worker = await startPuppet(1)
    const value = { to: probe.pid, value: 'by way of 2' }
    send(worker, { do: 'tell', pid: mirror, value })
    expect(await probe.next()).toBe('by way of 2')
  })

  it('are copied: what the sender changes afterwards stays its own', async () => {
    const probe = new Probe()
    const mirror = await spawn<typeof echo>({ module, export: 'echo', scheduler: 1 })
    const value = { list: [1] }
    send(mirror, { to: probe.pid, value })
    value.list.push(2)
    expect(await probe.next()).toEqual({ list: [1] })
  })

  it('are refused when a part of them cannot be copied, by its place', async () => {
    const mirror = await spawn<typeof echo>({ module, export: 'echo', scheduler: 1 })
    const probe = new Probe()
    const bad = { to: probe.pid, value: { items: [() => 1] } }
    const refusal = { code: 'cannot_cross', attempt: { request: '.value.items[0]' } }
    expect(errorOf(() => send(mirror, bad))).toMatchObject(refusal)
    const counter = await startCounter(1)
    const request = { type: 'add', by: Symbol('x') } as never
    await expect(call(counter, request)).rejects.toMatchObject({ code: 'cannot_cross' })
    send(mirror, { to: probe.pid, value: 'still there' })
    expect(await probe.next()).toBe('still there')
    expect(await call(counter, { type: 'get' })).toBe(0)
  })

  it('carry values larger than the ring between the threads, in order', async () => {
    const probe = new Probe()
    const mirror = await spawn<typeof echo>({ module, export: 'echo', scheduler: 1 })
    const large = new Uint8Array(3_000_000).fill(9)
    for (const value of ['before', large, 'after']) send(mirror, { to: probe.pid, value })
    expect(await probe.take(3)).toEqual(['before', large, 'after'])
  })
})

describe('behaviours in another thread', () => {
  it('are started by their class: a state machine, and a supervisor with its children', async () => {
    const door = await spawn<typeof Door>({ module, export: 'Door', scheduler: 1 })
    expect(await call(door, { type: 'push' })).toBe('opened')
    expect(await call(door, { type: 'push' })).toBe('closed')
    const tree = await spawn<typeof Pair>({ module, export: 'Pair', scheduler: 2 })
    const children = await Supervisor.whichChildren(tree)
    const [first, second] = children.map(({ pid }) => pid)
    if (first === undefined || second === undefined) throw new Error('two children are missing')
    exit(first, 'kill')
    await waitForExit(first)
    const after = await Supervisor.whichChildren(tree)
    expect(after.map(({ id }) => id)).toEqual(['one', 'two'])
    expect(after[0]?.pid).not.toBe(first)
    expect(after[1]?.pid).toBe(second)
    await stop(tree, 'shutdown')
    expect(await askIsAlive(second)).toBe(false)
  })

  it('get timers, and one whose message cannot cross stops no other', async () => {
    const probe = new Probe()
    const mirror = await spawn<typeof echo>({ module, export: 'echo', scheduler: 1 })
    sendAfter(mirror, { to: probe.pid, value: 'later' }, 5)
    expect(await probe.next()).toBe('later')
    sendAfter(mirror, { to: probe.pid, value: () => 'a function' }, 1)
    sendAfter(probe.pid, 'mine', 2)
    expect(await probe.next()).toBe('mine')
  })
})

describe('calls to another thread', () => {
  it('fail at once with the reason when the server crashes', async () => {
    const counter = await startCounter(1)
    const waiting = call(counter, { type: 'wait' })
    const failing = call(counter, { type: 'fail', word: 'boo' })
    const errors = await Promise.all([waiting, failing].map(rejection))
    for (const error of errors) {
      expect(error).toBeInstanceOf(CallError)
      expect(error).toMatchObject({ code: 'exit', reason: { call: { server: 'Counter' } } })
    }
    const { reason } = errors[0] as CallError
    expect((reason as { error: unknown }).error).toBeInstanceOf(RangeError)
  })

  it('time out, and a reply that comes later is dropped', async () => {
    const counter = await startCounter(1)
    await expect(call(counter, { type: 'wait' }, { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  it('to a process that has ended fail with noproc', async () => {
    const counter = await startCounter(1)
    // Only sent to: nobody here has been told of its end.
    const gone = await startGone()
    await expect(call(gone as never, { type: 'get' } as never)).rejects.toMatchObject({
      code: 'noproc',
    })
    await stop(counter)
    await expect(call(counter, { type: 'get' })).rejects.toMatchObject({ code: 'noproc' })
  })

  it('are answered by whoever has been sent their from, in a third thread', async () => {
    const counter = await startCounter(1)
    const to = await spawn<typeof replier>({ module, export: 'replier', scheduler: 2 })
    expect(await call(counter, { type: 'delegate', to })).toBe('from elsewhere')
    const probe = new Probe()
    const pending = call(counter, { type: 'delegate', to: probe.pid })
    send(to, await probe.next())
    expect(await pending).toBe('from elsewhere')
  })
})

describe('signals to another thread', () => {
  it('a monitor tells the reason once, after the messages sent before', async () => {
    const probe = new Probe()
    const worker = await startPuppet(1)
    const ref = probe.monitor(worker)
    send(worker, { do: 'tell', pid: probe.pid, value: 'last words' })
    send(worker, { do: 'exit', reason: 'done' })
    expect(await probe.take(2)).toEqual(['last words', new Down(ref, worker, 'done')])
    const late = probe.monitor(worker)
    expect(await probe.next()).toEqual(new Down(late, worker, 'noproc'))
  })

  it('a monitor of one that has ended says noproc', async () => {
    const probe = new Probe()
    const worker = await startGone()
    const ref = probe.monitor(worker)
    expect(await probe.next()).toEqual(new Down(ref, worker, 'noproc'))
  })

  it('a link carries a crash both ways', async () => {
    const probe = new Probe()
    const worker = await startPuppet(1)
    probe.link(worker)
    send(worker, { do: 'throw', word: 'broken' })
    const [told] = await probe.take(1)
    expect(told).toBeInstanceOf(Exit)
    expect(told).toMatchObject({ from: worker, reason: { error: new Error('broken') } })

    const owner = new Probe()
    const victim = await startPuppet(1)
    owner.link(victim)
    owner.end()
    expect(await waitForExit(victim)).toBe('killed')
  })

  it('a link made over there holds here, and a trapped exit arrives there as a message', async () => {
    const probe = new Probe()
    const target = new Probe()
    const worker = await startPuppet(1, probe.pid)
    send(worker, { do: 'trap' })
    send(worker, { do: 'link', pid: target.pid })
    send(worker, { do: 'tell', pid: probe.pid, value: 'linked' })
    await probe.next()
    target.end()
    expect(await probe.next()).toEqual(new Exit(target.pid, 'killed'))
    exit(worker, 'kill')
  })

  it('after unlink nothing is heard', async () => {
    const probe = new Probe()
    const worker = await startPuppet(1)
    probe.link(worker)
    probe.unlink(worker)
    const ref = probe.monitor(worker)
    send(worker, { do: 'exit', reason: 'crashed' })
    expect(await probe.next()).toEqual(new Down(ref, worker, 'crashed'))
    expect(probe.length).toBe(0)
  })

  it('a link with one that has ended says noproc', async () => {
    const probe = new Probe()
    const worker = await startGone()
    probe.link(worker)
    expect(await probe.next()).toEqual(new Exit(worker, 'noproc'))
  })

  it('exit: normal is ignored, kill arrives as killed, any other reason as itself', async () => {
    const probe = new Probe()
    const [a, b] = [await startPuppet(1), await startPuppet(2)]
    const refs = [probe.monitor(a), probe.monitor(b)]
    exit(a, 'normal')
    exit(a, 'enough')
    expect(await probe.next()).toEqual(new Down(refs[0] as never, a, 'enough'))
    exit(b, 'kill')
    expect(await probe.next()).toEqual(new Down(refs[1] as never, b, 'killed'))
  })

  it('references of monitors come back as themselves', async () => {
    const probe = new Probe()
    const mirror = await spawn<typeof echo>({ module, export: 'echo', scheduler: 1 })
    const ref = probe.monitor(mirror)
    send(mirror, { to: probe.pid, value: { ref } })
    const [message] = await probe.take(1)
    expect((message as { ref: unknown }).ref).toBe(ref)
  })
})

describe('names of all threads', () => {
  it('are found everywhere, and are free before anybody hears of the end', async () => {
    const name: Name<Pid<Order | object>> = 'puppet of 1'
    const spec = { module, export: 'puppet', scheduler: 1, name } as const
    const worker = await spawn<typeof puppet>({ ...spec, args: [undefined] })
    expect(whereis(name)).toBe(worker)
    expect(registered()).toContain(name)
    const probe = new Probe()
    send(name, { do: 'tell', pid: probe.pid, value: 'by name' })
    expect(await probe.next()).toBe('by name')
    probe.monitor(worker)
    exit(worker, 'kill')
    await probe.next()
    expect(whereis(name)).toBeUndefined()
    register(name, probe.pid)
    expect(whereis(name)).toBe(probe.pid)
    probe.end()
  })

  it('are told to who waits for them in another thread', async () => {
    const name: Name<Pid<Order | object>> = 'awaited puppet'
    const waiting = whenRegistered(name)
    const spec = { module, export: 'puppet', args: [undefined], name } as const
    const first = await spawn<typeof puppet>({ ...spec, scheduler: 1 })
    expect(await waiting).toBe(first)
    const next = whenRegistered(name, { except: first })
    exit(first, 'kill')
    await waitForExit(first)
    const second = await spawn<typeof puppet>({ ...spec, scheduler: 2 })
    expect(await next).toBe(second)
    exit(second, 'kill')
  })

  it('belong to one process of all threads', async () => {
    const spec = { module, export: 'Counter', args: [0] as const, name: 'the only one' }
    const first = await spawn<typeof Counter>({ ...spec, scheduler: 1 })
    const second = spawn<typeof Counter>({ ...spec, scheduler: 2 })
    await expect(second).rejects.toBeInstanceOf(StartError)
    await expect(second).rejects.toMatchObject({ code: 'already_started', pid: first })
    const probe = new Probe()
    expect(errorOf(() => register('the only one', probe.pid))).toMatchObject({
      code: 'already_registered',
    })
    expect(errorOf(() => register('another', first))).toMatchObject({ code: 'not_local' })
    await stop(first)
  })
})

describe('process groups of all threads', () => {
  it('are monitored by processes of their own thread only: who joins does not pay', async () => {
    const watcher = await startPuppet(1)
    const scope = groups.start('of this thread')
    const refused = { code: 'not_local' }
    expect(errorOf(() => groups.monitor('of this thread', 'g', watcher))).toMatchObject(refused)
    expect(errorOf(() => groups.monitorScope('of this thread', watcher))).toMatchObject(refused)
    exit(scope, 'kill')
    exit(watcher, 'kill')
  })

  it('show members of every thread, tell of their coming and going, and lose those that end', async () => {
    const scope = groups.start('shared')
    const probe = new Probe()
    const { ref } = groups.monitor('shared', 'room', probe.pid)
    const own = new Probe()
    groups.join('shared', 'room', own.pid)
    const joined = (pid: Pid): unknown => ({ type: 'join', ref, group: 'room', pids: [pid] })
    expect(await probe.next()).toMatchObject(joined(own.pid) as object)
    const names = [1, 2].map((scheduler) =>
      spawn<typeof Member>({ module, export: 'Member', args: ['shared', 'room'], scheduler }),
    )
    const members = await Promise.all(names)
    const heard = await probe.take(2)
    expect(heard.map((change) => (change as groups.GroupChange).pids[0])).toEqual(
      expect.arrayContaining(members),
    )
    expect(new Set(groups.members('shared', 'room'))).toEqual(new Set([own.pid, ...members]))
    expect(groups.localMembers('shared', 'room')).toEqual([own.pid])
    const [first, second] = members
    // Each thread sees the same.
    for (const member of members) {
      const seen = await call(member, { type: 'members', count: 3 })
      expect(new Set(seen)).toEqual(new Set([own.pid, ...members]))
    }
    if (first === undefined || second === undefined) throw new Error('no members')
    exit(first, 'kill')
    expect(await probe.next()).toMatchObject({ type: 'leave', group: 'room', pids: [first] })
    expect(new Set(groups.members('shared', 'room'))).toEqual(new Set([own.pid, second]))
    exit(scope, 'kill')
    exit(second, 'kill')
  })
})

describe('asking after a process of another thread', () => {
  it('tells what its own thread knows, and nothing of one that has ended', async () => {
    const counter = await startCounter(1)
    expect(await askProcessInfo(counter)).toMatchObject({ status: 'idle', mailboxLength: 0 })
    expect(await askIsAlive(counter)).toBe(true)
    const gone = await startGone()
    expect(isAlive(gone)).toBe(true)
    expect(await askIsAlive(gone)).toBe(false)
    expect(await askProcessInfo(supervisor)).toMatchObject({ name: 'schedulers' })
  })
})

describe('spawn elsewhere', () => {
  it('takes the schedulers in turn, or the one of another process', async () => {
    const spread = await Promise.all([1, 2, 3, 4].map(() => startAnywhere('spread')))
    expect(new Set(spread.map(nodeOf)).size).toBe(2)
    const [first] = spread
    if (first === undefined) throw new Error('nothing was started')
    const near = await startAnywhere({ near: first })
    expect(nodeOf(near)).toBe(nodeOf(first))
    expect(nodeOf(await startAnywhere({ near: supervisor }))).toBeUndefined()
    for (const pid of [...spread, near]) exit(pid, 'kill')
  })

  it('starts generators, which may be answered by an alias, and async functions', async () => {
    const probe = new Probe()
    const asking = await spawn<typeof asker>({
      module,
      export: 'asker',
      args: [probe.pid],
      scheduler: 1,
    })
    const [question] = await probe.take(1)
    const { replyTo, self } = question as { replyTo: Alias; self: Pid }
    expect(self).toBe(asking)
    send(replyTo, { type: 'answer', value: 42 })
    // Taken back by the first: the second is dropped.
    send(replyTo, { type: 'answer', value: 43 })
    expect(await probe.next()).toEqual({ type: 'heard', value: 42 })

    const telling = await spawn<typeof teller>({
      module,
      export: 'teller',
      args: [probe.pid],
      scheduler: 2,
    })
    send(telling, 'hello' as never)
    expect(await probe.next()).toEqual({ told: 'hello' })
    const ref = probe.monitor(telling)
    send(telling, 'stop' as never)
    expect(await probe.next()).toEqual(new Down(ref, telling, 'normal'))
  })

  it('says what kept it from starting', async () => {
    const wanted = (name: string, from = module) =>
      spawn({ module: from, export: name, scheduler: 1 })
    await expect(wanted('nothing')).rejects.toMatchObject({ code: 'not_exported' })
    const missing = new URL('./no-such-module.ts', import.meta.url)
    await expect(wanted('Counter', missing)).rejects.toMatchObject({ code: 'spawn_failed' })
    const bad = spawn({ module, export: 'Counter', args: [() => 1], scheduler: 1 })
    await expect(bad).rejects.toBeInstanceOf(ArborError)
    await expect(bad).rejects.toMatchObject({ code: 'cannot_cross' })
    await expect(spawn({ module, scheduler: 65 })).rejects.toMatchObject({ code: 'no_scheduler' })
  })
})

/** A process that has ended, of which nobody here has been told. */
async function startGone(): Promise<Pid<Order | object>> {
  const probe = new Probe()
  const gone = await startPuppet(1)
  send(gone, { do: 'exit', reason: 'normal' })
  send(await startPuppet(1), { do: 'tell', pid: probe.pid, value: 'it has ended by now' })
  await probe.next()
  return gone
}

function startAnywhere(scheduler: 'spread' | { near: Pid }): Promise<Pid<Order | object>> {
  return spawn<typeof puppet>({ module, export: 'puppet', args: [undefined], scheduler })
}

/** The node in `Pid<2.17>`; undefined for a process of this thread. */
function nodeOf(pid: Pid): string | undefined {
  return /^Pid<(\d+)\./.exec(String(pid))?.[1]
}

function errorOf(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
