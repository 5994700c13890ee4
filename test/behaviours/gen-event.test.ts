import { afterEach, describe, expect, it } from 'vitest'
import {
  EventHandler,
  GenEvent,
  GenEventExit,
  type GenEventPid,
  type HandlerEnd,
  HandlerError,
  type HandlerResult,
  type Swapped,
} from '../../src/behaviours/gen-event.ts'
import { type Call, start, stop } from '../../src/behaviours/gen-server.ts'
import * as sys from '../../src/behaviours/sys.ts'
import { CallError } from '../../src/runtime/call.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, processInfo, send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, self } from '../../src/runtime/signal.ts'

type Alarm = { readonly id: string; readonly level: number }
type ListCall = Call<'list', object, string[]> | Call<'fail', object, never>

/** Keeps the ids of alarms; obeys some of them. */
class Log extends EventHandler<Alarm, string[], ListCall> {
  readonly ends: HandlerEnd[] = []
  readonly heard: unknown[] = []
  readonly #name: string

  constructor(name = 'log') {
    super()
    this.#name = name
  }
  init(swapped?: Swapped) {
    return { state: swapped === undefined ? [] : [`after ${JSON.stringify(swapped)}`] }
  }
  handleEvent({ id }: Alarm, seen: string[]): HandlerResult<string[]> {
    if (id === `crash ${this.#name}`) throw new Error('crashed')
    if (id === `exit ${this.#name}`) exit('over')
    if (id === `throw ${this.#name}`) throw 'thrown'
    if (id === `remove ${this.#name}`) return { remove: true }
    if (id === `swap ${this.#name}`) {
      return { state: seen, swap: { argument: 'bye', id: 'other', handler: new Log('other') } }
    }
    if (id === `end ${this.#name}`) exit(self(), 'kill')
    return { state: [...seen, id] }
  }
  override handleCall({ type }: ListCall, seen: string[]) {
    if (type === 'fail') throw new Error('failed')
    return { reply: seen, state: seen }
  }
  override handleInfo(message: unknown, seen: string[]) {
    this.heard.push(message)
    return { state: seen }
  }
  override terminate(end: HandlerEnd, seen: string[]) {
    this.ends.push(end)
    return seen.length
  }
  override codeChange(oldVersion: unknown, seen: string[]) {
    if (oldVersion === 'bad') throw new Error('no such version')
    return [...seen, `from ${String(oldVersion)}`]
  }
  override formatStatus() {
    return { state: 'secret' }
  }
}

/** Takes its time. */
class Slow extends EventHandler<Alarm, string[], ListCall> {
  init() {
    return { state: [] }
  }
  async handleEvent({ id }: Alarm, seen: string[]) {
    await Promise.resolve()
    if (id === 'crash slow') throw new Error('crashed')
    return { state: [...seen, id] }
  }
  override handleCall(_: ListCall, seen: string[]) {
    return { reply: seen, state: seen }
  }
}

const event = (id: string): Alarm => ({ id, level: 1 })
const list = (manager: GenEventPid<Alarm>, id: string): Promise<string[]> =>
  GenEvent.callHandler<ListCall, 'list'>(manager, id, { type: 'list' })

/** A manager with handlers of these names, the first added first. */
async function managerWith(...names: string[]): Promise<GenEventPid<Alarm>> {
  const manager = start(new GenEvent<Alarm>())
  for (const name of names) await GenEvent.addHandler(manager, name, new Log(name))
  return manager
}

afterEach(() => setLogger(null))

describe('an event', () => {
  it('reaches all handlers, newest first', async () => {
    const order: string[] = []
    class Ordered extends EventHandler<Alarm, string> {
      readonly #name: string
      constructor(name: string) {
        super()
        this.#name = name
      }
      init() {
        return { state: '' }
      }
      handleEvent(_: Alarm, state: string) {
        order.push(this.#name)
        return { state }
      }
    }
    const manager = start(new GenEvent<Alarm>())
    await GenEvent.addHandler(manager, { module: Ordered, id: 1 }, new Ordered('first'))
    await GenEvent.addHandler(manager, { module: Ordered, id: 2 }, new Ordered('second'))
    await GenEvent.syncNotify(manager, event('a'))
    expect(order).toEqual(['second', 'first'])
  })

  it('waits for a handler that awaits; the others still run as the manager', async () => {
    class Who extends EventHandler<Alarm, Pid[], Call<'list', object, Pid[]>> {
      init() {
        return { state: [] }
      }
      handleEvent(_: Alarm, seen: Pid[]) {
        return { state: [...seen, self()] }
      }
      override handleCall(_: { type: 'list' }, seen: Pid[]) {
        return { reply: seen, state: seen }
      }
    }
    const manager = start(new GenEvent<Alarm>())
    await GenEvent.addHandler(manager, Who, new Who())
    await GenEvent.addHandler(manager, 'slow', new Slow())
    await GenEvent.syncNotify(manager, event('x'))
    expect(await list(manager, 'slow')).toEqual(['x'])
    expect(await GenEvent.callHandler(manager, Who, { type: 'list' })).toEqual([manager])
  })

  it('to a name that nobody has throws unknown_name', () => {
    expect(() => GenEvent.notify<Alarm>('nobody', event('x'))).toThrow(
      expect.objectContaining({ code: 'unknown_name' }),
    )
  })
})

describe('a handler that fails', () => {
  it.each(['crash b', 'exit b', 'throw b'])(
    'by "%s" is removed, the others and the manager go on',
    async (id) => {
      const reports: Report[] = []
      setLogger((report) => reports.push(report))
      const manager = await managerWith('a', 'b', 'c')
      await GenEvent.syncNotify(manager, event(id))
      await GenEvent.syncNotify(manager, event('later'))
      expect(await GenEvent.whichHandlers(manager)).toEqual(['c', 'a'])
      expect(await list(manager, 'a')).toEqual([id, 'later'])
      expect(reports).toMatchObject([{ event: 'handler_failed', id: 'b', state: 'secret' }])
    },
  )

  it('after an await is removed just the same', async () => {
    const manager = await managerWith('a')
    await GenEvent.addHandler(manager, 'slow', new Slow())
    await GenEvent.syncNotify(manager, event('crash slow'))
    expect(await GenEvent.whichHandlers(manager)).toEqual(['a'])
  })

  it('is told why in terminate', async () => {
    const manager = await managerWith()
    const log = new Log()
    await GenEvent.addHandler(manager, Log, log)
    await GenEvent.syncNotify(manager, event('throw log'))
    expect(log.ends).toEqual([{ type: 'failed', failure: { type: 'bad_return', value: 'thrown' } }])
  })

  it('in a call rejects the call and is gone', async () => {
    const manager = await managerWith('a')
    const failed = GenEvent.callHandler<ListCall, 'fail'>(manager, 'a', { type: 'fail' })
    await expect(failed).rejects.toMatchObject({ code: 'handler_failed', name: 'HandlerError' })
    await expect(list(manager, 'a')).rejects.toMatchObject({ code: 'unknown_handler' })
  })

  it('in init is not added', async () => {
    class Refusing extends Log {
      override init() {
        return { error: 'no' } as never
      }
    }
    const manager = await managerWith()
    const added = GenEvent.addHandler(manager, Refusing, new Refusing())
    await expect(added).rejects.toMatchObject({ failure: { type: 'refused', error: 'no' } })
    expect(await GenEvent.whichHandlers(manager)).toEqual([])
  })

  it('takes the manager along only when it ends the process itself', async () => {
    const manager = await managerWith('a')
    await expect(GenEvent.syncNotify(manager, event('end a'))).rejects.toBeInstanceOf(CallError)
    expect(isAlive(manager)).toBe(false)
  })
})

describe('a handler', () => {
  it('may remove itself or become another', async () => {
    const manager = await managerWith('a', 'b')
    await GenEvent.syncNotify(manager, event('remove a'))
    await GenEvent.syncNotify(manager, event('swap b'))
    expect(await GenEvent.whichHandlers(manager)).toEqual(['other'])
    expect(await list(manager, 'other')).toEqual(['after {"type":"terminated","value":1}'])
  })

  it('is deleted with an argument, and its terminate answers', async () => {
    const manager = await managerWith('a')
    GenEvent.notify(manager, event('x'))
    await expect(GenEvent.deleteHandler(manager, 'a', 'why')).resolves.toBe(1)
    await expect(GenEvent.deleteHandler(manager, 'a')).rejects.toBeInstanceOf(HandlerError)
  })

  it('hands over to its successor, which is added even where there is none', async () => {
    const manager = await managerWith('a')
    await GenEvent.swapHandler(manager, 'a', 'arg', { id: 'b', handler: new Log('b') })
    await GenEvent.swapHandler(manager, 'a', 'arg', { id: 'c', handler: new Log('c') })
    expect(await list(manager, 'b')).toEqual(['after {"type":"terminated","value":0}'])
    expect(await list(manager, 'c')).toEqual(['after {"type":"unknown_handler"}'])
  })

  it('gets other messages as info', async () => {
    const manager = await managerWith()
    const log = new Log()
    await GenEvent.addHandler(manager, Log, log)
    send(manager, 'hello')
    await GenEvent.whichHandlers(manager)
    expect(log.heard).toEqual(['hello'])
  })
})

describe('a supervised handler', () => {
  /** An owner that keeps what it is told. */
  function owner(): { pid: Pid; told: GenEventExit[] } {
    const told: GenEventExit[] = []
    const pid = spawn((message: unknown) => {
      if (message instanceof GenEventExit) told.push(message)
    })
    return { pid, told }
  }

  it('ends with its owner', async () => {
    const manager = await managerWith('a')
    const { pid } = owner()
    const log = new Log()
    await GenEvent.addSupHandler(manager, 'b', log, pid)
    exit(pid, 'boom')
    expect(await GenEvent.whichHandlers(manager)).toEqual(['a'])
    expect(log.ends).toEqual([{ type: 'owner_ended', reason: 'boom' }])
  })

  it('of an owner that is dead already ends at once', async () => {
    const manager = await managerWith()
    const { pid } = owner()
    exit(pid, 'kill')
    await GenEvent.addSupHandler(manager, 'b', new Log(), pid)
    expect(await GenEvent.whichHandlers(manager)).toEqual([])
  })

  it('tells its owner when and why it is gone', async () => {
    const manager = await managerWith()
    const { pid, told } = owner()
    await GenEvent.addSupHandler(manager, 'a', new Log('a'), pid)
    await GenEvent.addSupHandler(manager, 'b', new Log('b'), pid)
    await GenEvent.addSupHandler(manager, 'c', new Log('c'), pid)
    await GenEvent.syncNotify(manager, event('exit a'))
    await GenEvent.deleteHandler(manager, 'b')
    await GenEvent.swapHandler(manager, 'c', null, { id: 'd', handler: new Log('d') })
    await stop(manager)
    runUntilIdle()
    expect(told.map(({ handler, reason }) => [handler, reason])).toEqual([
      ['a', { type: 'crash', reason: 'over' }],
      ['b', 'normal'],
      ['c', { type: 'swapped', by: 'd', owner: pid }],
      ['d', 'shutdown'],
    ])
    // The manager's end is not told a second time, by the link.
    expect(isAlive(pid)).toBe(true)
    expect(processInfo(pid).links).toEqual([])
  })

  it('may pass to another owner by a swap', async () => {
    const manager = await managerWith('a')
    const { pid } = owner()
    await GenEvent.swapSupHandler(manager, 'a', null, { id: 'b', handler: new Log() }, pid)
    exit(pid, 'kill')
    expect(await GenEvent.whichHandlers(manager)).toEqual([])
  })
})

describe('sys', () => {
  it('shows and replaces the state of each handler', async () => {
    const manager = await managerWith('a', 'b')
    await sys.replaceState(manager, (one) => {
      const { id } = one as { id: string }
      if (id === 'a') throw new Error('not this one')
      return { id, state: ['replaced'] }
    })
    expect(await sys.getState(manager)).toEqual([
      { id: 'b', state: ['replaced'] },
      { id: 'a', state: [] },
    ])
    expect(await list(manager, 'b')).toEqual(['replaced'])
  })

  it('shows of a handler what that lets be seen', async () => {
    const manager = await managerWith('a')
    const { state } = await sys.getStatus(manager)
    expect(state).toEqual([{ id: 'a', state: 'secret' }])
  })

  it('suspends a manager: events wait', async () => {
    const manager = await managerWith('a')
    await sys.suspend(manager)
    GenEvent.notify(manager, event('x'))
    await sys.resume(manager)
    expect(await list(manager, 'a')).toEqual(['x'])
  })
})

describe('changeHandlers', () => {
  class NewLog extends Log {}

  it('turns the states of a class over, also while suspended', async () => {
    const manager = await managerWith('a')
    await GenEvent.addHandler(manager, 'slow', new Slow())
    await sys.suspend(manager)
    await GenEvent.changeHandlers(manager, Log, () => new NewLog('a'), { oldVersion: 1 })
    await sys.resume(manager)
    expect(await list(manager, 'a')).toEqual(['from 1'])
    expect(await list(manager, 'slow')).toEqual([])
  })

  it('changes nothing when one throws', async () => {
    const manager = await managerWith('a')
    const change = GenEvent.changeHandlers(manager, Log, () => new NewLog(), { oldVersion: 'bad' })
    await expect(change).rejects.toThrow('no such version')
    expect(await list(manager, 'a')).toEqual([])
  })
})
