// sys over real threads: a server elsewhere is looked into and held still as one of this thread.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, cast, changeCode, stop } from '../../src/behaviours/gen-server.ts'
import * as sys from '../../src/behaviours/sys.ts'
import type { Alias } from '../../src/runtime/alias.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import { exit, waitForExit } from '../../src/runtime/signal.ts'
import { startSchedulers } from '../../src/supervisors/scheduler-supervisor.ts'
import type { SupervisorPid } from '../../src/supervisors/supervisor.ts'
import { Counter, type Door, type Narrow, type puppet } from '../runtime/remote-programs.ts'
import { Probe } from './probe.ts'

const module = new URL('../runtime/remote-programs.ts', import.meta.url)
const quiet = new URL('../silent-logger.ts', import.meta.url)
let supervisor: SupervisorPid

beforeAll(async () => {
  supervisor = await startSchedulers({ count: 1, preload: [quiet] })
})

afterAll(async () => {
  await stop(supervisor, 'shutdown', { timeoutMs: 20_000 })
})

const startCounter = (first = 0) =>
  spawn<typeof Counter>({ module, export: 'Counter', args: [first], scheduler: 1 })
const startNarrow = () => spawn<typeof Narrow>({ module, export: 'Narrow', scheduler: 1 })

describe('a server of another thread', () => {
  it('is suspended and resumed: what comes meanwhile waits', async () => {
    const counter = await startCounter(1)
    const suspended = sys.suspend(counter)
    cast(counter, { by: 2 })
    await suspended
    const total = call(counter, { type: 'get' })
    expect([await sys.getState(counter), await sys.status(counter)]).toEqual([1, 'suspended'])
    await sys.resume(counter)
    expect(await total).toBe(3)
    expect(await sys.status(counter)).toBe('running')
    await stop(counter)
  })

  it('shows its state and its status, also by its name and of a state machine', async () => {
    const name = 'counter to look at'
    const spec = { module, export: 'Counter', args: [4], scheduler: 1, name } as const
    const counter = await spawn<typeof Counter>(spec)
    const door = await spawn<typeof Door>({ module, export: 'Door', scheduler: 1 })
    expect([await sys.getState(name), await sys.getState(door)]).toEqual([4, ['shut', null]])
    expect(await sys.getStatus(counter)).toMatchObject({
      pid: counter,
      name,
      behaviour: 'Counter',
      status: 'running',
      state: 4,
    })
    await Promise.all([stop(counter), stop(door)])
  })

  it('takes another state as data', async () => {
    const counter = await startCounter(1)
    expect(await sys.replaceState(counter, { state: 10 })).toBe(10)
    expect(await call(counter, { type: 'get' })).toBe(10)
    await stop(counter)
  })

  it('counts and keeps its last events; trace with true is data, too', async () => {
    const counter = await startCounter()
    expect(await sys.getStatistics(counter)).toBeUndefined()
    await Promise.all([
      sys.statistics(counter, true),
      sys.log(counter, 2),
      sys.trace(counter, true),
    ])
    cast(counter, { by: 2 })
    await call(counter, { type: 'get' })
    expect(await sys.getStatistics(counter)).toMatchObject({ messagesIn: 2, messagesOut: 1 })
    expect(await sys.getLog(counter)).toMatchObject([
      { type: 'in', kind: 'call', message: { type: 'get' } },
      { type: 'out', reply: 2, state: 2 },
    ])
    await sys.trace(counter, false)
    await sys.noDebug(counter)
    expect([await sys.getLog(counter), await sys.getStatistics(counter)]).toEqual([[], undefined])
    await expect(sys.remove(counter, 'nothing of that id')).resolves.toBeUndefined()
    await stop(counter)
  })

  it('ends by way of its terminate', async () => {
    const counter = await startCounter()
    const ended = waitForExit(counter)
    await sys.suspend(counter)
    await sys.terminate(counter, 'enough')
    expect(await ended).toBe('enough')
  })

  it('is refused what takes a function of this thread, with advice', async () => {
    const counter = await startCounter()
    const refusals = [
      sys.install(counter, (state) => state, null),
      sys.replaceState(counter, (state) => state),
      sys.trace(counter, () => {}),
      sys.changeCode(counter, new Counter(0)),
      changeCode(counter, new Counter(0)),
    ]
    const outcomes = await Promise.allSettled(refusals)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'not_local' } })
    }
    expect(String((outcomes[4] as PromiseRejectedResult).reason.advice)).toMatch(
      /upgradeEverywhere/,
    )
    expect(await sys.getState(counter)).toBe(0)
    await stop(counter)
  })

  it('whose state cannot cross says so, and shows it in its status by words', async () => {
    const narrow = await startNarrow()
    cast(narrow, 'a')
    const refused = sys.getState(narrow)
    await expect(refused).rejects.toMatchObject({ code: 'cannot_cross' })
    await expect(refused).rejects.toThrow(/getStatus/)
    const { state } = await sys.getStatus(narrow)
    expect(state).toEqual({ told: ['a'], hook: '[the function hook]' })
    await stop(narrow)
  })

  it('with a full mailbox is looked into and stopped all the same', async () => {
    const [narrow, gate] = [await startNarrow(), new Probe()]
    cast(narrow, gate.pid)
    const open = (await gate.next()) as Alias
    for (let i = 0; i < 10; i++) cast(narrow, `${i}`)
    const looked = sys.getStatus(narrow)
    const stopped = stop(narrow)
    send(open, 'open')
    expect((await looked).state).toMatchObject({ told: ['0', '1'] })
    await stopped
    expect(isAlive(narrow)).toBe(false)
  })
})

describe('sys requests to another thread', () => {
  it('are refused by who is not there, ends first, is late, or is no server', async () => {
    const counter = await startCounter()
    await stop(counter)
    await expect(sys.getState(counter)).rejects.toMatchObject({ code: 'noproc' })
    const plain = await spawn<typeof puppet>({
      module,
      export: 'puppet',
      args: [undefined],
      scheduler: 1,
    })
    await expect(sys.getState(plain)).rejects.toMatchObject({ code: 'not_a_server' })
    exit(plain, 'kill')

    const [narrow, gate] = [await startNarrow(), new Probe()]
    cast(narrow, gate.pid)
    await gate.next()
    await expect(sys.status(narrow, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
    const lost = sys.getState(narrow)
    exit(narrow, 'enough')
    await expect(lost).rejects.toMatchObject({ code: 'exit', reason: 'enough' })
  })
})
