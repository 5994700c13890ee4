import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServerStatus } from '../../src/behaviours/callbacks.ts'
import {
  type Call,
  call,
  cast,
  GenServer,
  start,
  startLink,
  stop,
} from '../../src/behaviours/gen-server.ts'
import {
  changeCode,
  getLog,
  getState,
  getStatistics,
  getStatus,
  install,
  log,
  noDebug,
  remove,
  replaceState,
  resume,
  type SystemEvent,
  statistics,
  status,
  suspend,
  terminate,
  trace,
} from '../../src/behaviours/sys.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { boundMailbox } from '../../src/runtime/delivery.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import { processOf } from '../../src/runtime/pid.ts'
import { processInfo, send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, trapExit, waitForExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

type LogCall = Call<'get', object, readonly unknown[]>

/** Keeps what it is told; times out 100 ms after `wait`. */
class Log extends GenServer<readonly unknown[], LogCall, string> {
  init() {
    trapExit()
    return { state: [] }
  }
  override handleCall(_request: LogCall, _from: unknown, state: readonly unknown[]) {
    return { reply: state, state }
  }
  override handleCast(message: string, state: readonly unknown[]) {
    const next = [...state, message]
    return message === 'wait' ? { state: next, timeoutMs: 100 } : { state: next }
  }
  override handleInfo(message: unknown, state: readonly unknown[]) {
    return { state: [...state, message] }
  }
}

describe('suspend and resume', () => {
  it('leave nothing behind, however often', async () => {
    const log = start(new Log())
    const count = (): number => {
      let watches = 0
      let watch = processOf(log).extension?.watches ?? null
      for (; watch !== null; watch = watch.watchNext) watches++
      return watches
    }
    for (let round = 0; round < 20; round++) {
      await suspend(log)
      await resume(log)
    }
    expect(count()).toBe(0)
    await stop(log)
  })

  it('hold messages back, and bring them in order', async () => {
    const log = start(new Log())
    await suspend(log)
    await suspend(log)
    cast(log, 'a')
    const reply = call(log, { type: 'get' })
    send(log, 'b')
    expect([await getState(log), await status(log)]).toEqual([[], 'suspended'])
    await resume(log)
    await resume(log)
    expect(await reply).toEqual(['a'])
    expect([await getState(log), await status(log)]).toEqual([['a', 'b'], 'running'])
  })

  it('leave a bounded mailbox its bound', async () => {
    const log = start(new Log())
    boundMailbox({ max: 3, overflow: 'drop_newest' }, log)
    await suspend(log)
    for (let i = 0; i < 6; i++) {
      cast(log, `${i}`)
      if (i % 2 === 1) runUntilIdle()
    }
    expect(processInfo(log)?.lost).toBe(3)
    await resume(log)
    for (const message of ['a', 'b', 'c']) {
      runUntilIdle()
      cast(log, message)
    }
    expect(await getState(log)).toEqual(['0', '1', '2', 'a', 'b', 'c'])
  })

  it('leave calls to their timeout', async () => {
    const log = start(new Log())
    await suspend(log)
    const late = expect(call(log, { type: 'get' }, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'timeout',
    })
    await clock.advanceAsync(100)
    await late
  })

  it('begin an idle timeout anew', async () => {
    const log = start(new Log())
    cast(log, 'wait')
    runUntilIdle()
    clock.advance(90)
    await suspend(log)
    clock.advance(90)
    await resume(log)
    clock.advance(90)
    expect(await getState(log)).toEqual(['wait'])
    clock.advance(100)
    expect(await getState(log)).toEqual(['wait', 'timeout'])
  })

  it('a suspended server obeys stop, and the exit of its parent', async () => {
    const first = start(new Log())
    await suspend(first)
    cast(first, 'lost')
    await stop(first)
    const parent = spawn(() => {})
    const second = startLink(new Log(), { parent })
    await suspend(second)
    const ended = waitForExit(second)
    exit(parent, 'gone')
    runUntilIdle()
    expect(await ended).toBe('gone')
  })
})

describe('replaceState', () => {
  it('returns the new state, and leaves the old one when it throws', async () => {
    const log = start(new Log())
    expect(await replaceState(log, () => ['new'])).toEqual(['new'])
    const failure = new Error('no')
    const failing = replaceState(log, () => {
      throw failure
    })
    await expect(failing).rejects.toBe(failure)
    expect(await getState(log)).toEqual(['new'])
  })
})

/** Keeps more than it shows. */
class Vault extends GenServer<{ key: string; opened: number }> {
  init() {
    return { state: { key: 'secret', opened: 0 } }
  }
  systemState({ opened }: { opened: number }) {
    return opened
  }
  systemReplaceState(replace: (opened: number) => unknown, state: { key: string; opened: number }) {
    return { ...state, opened: Number(replace(state.opened)) }
  }
  override formatStatus(status: ServerStatus) {
    return { ...status, state: 'struck out' }
  }
}

describe('changeCode', () => {
  class Reversed extends Log {
    override codeChange(oldVersion: unknown, state: readonly unknown[], extra: unknown) {
      if (extra === 'fail') throw new Error('no way back')
      return [...state, oldVersion, extra]
    }
  }

  it('turns the state of a suspended server over', async () => {
    const log = start(new Log())
    await suspend(log)
    await changeCode(log, new Reversed(), { oldVersion: 1, extra: 2 })
    await resume(log)
    expect(await call(log, { type: 'get' })).toEqual([1, 2])
    expect((await getStatus(log)).behaviour).toBe('Reversed')
  })

  it('is refused by a running server, and undone when it throws', async () => {
    const log = start(new Log())
    await expect(changeCode(log, new Reversed())).rejects.toMatchObject({ code: 'not_suspended' })
    await suspend(log)
    const failing = changeCode(log, new Reversed(), { extra: 'fail' })
    await expect(failing).rejects.toThrow('no way back')
    expect((await getStatus(log)).behaviour).toBe('Log')
  })
})

describe('terminate', () => {
  it('ends a server by way of its terminate, suspended or not', async () => {
    const reasons: ExitReason[] = []
    class Ending extends Log {
      override terminate(reason: ExitReason) {
        reasons.push(reason)
      }
    }
    const running = start(new Ending())
    const held = start(new Ending())
    await suspend(held)
    const ended = Promise.all([waitForExit(running), waitForExit(held)])
    await Promise.all([terminate(running, 'bored'), terminate(held, 'shutdown')])
    expect(await ended).toEqual(['bored', 'shutdown'])
    expect(reasons).toEqual(['bored', 'shutdown'])
  })
})

describe('debug functions', () => {
  it('see each message and each reply, once, in order', async () => {
    const log = start(new Log())
    const seen: unknown[] = []
    await trace(log, (event, server) => seen.push([server, event]))
    cast(log, 'a')
    send(log, 'b')
    await call(log, { type: 'get' })
    const from = expect.anything()
    const state = ['a', 'b']
    expect(seen).toEqual([
      [log, { type: 'in', kind: 'cast', message: 'a' }],
      [log, { type: 'noreply', state: ['a'] }],
      [log, { type: 'in', kind: 'info', message: 'b' }],
      [log, { type: 'noreply', state }],
      [log, { type: 'in', kind: 'call', message: { type: 'get' }, from }],
      [log, { type: 'out', reply: state, to: from, state }],
    ])
    await trace(log, false)
    cast(log, 'c')
    await getState(log)
    expect(seen).toHaveLength(6)
  })

  it('see the timeout of an idle server', async () => {
    const log = start(new Log())
    cast(log, 'wait')
    const seen: unknown[] = []
    await trace(log, (event) => seen.push(event))
    clock.advance(101)
    expect(seen[0]).toEqual({ type: 'in', kind: 'info', message: 'timeout' })
  })

  it('trace goes to the logger when it has no other sink', async () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    const log = start(new Log())
    await trace(log, true)
    cast(log, 'a')
    runUntilIdle()
    setLogger(null)
    expect(reports.map(({ event, traced }) => [event, traced])).toEqual([
      ['trace', { type: 'in', kind: 'cast', message: 'a' }],
      ['trace', { type: 'noreply', state: ['a'] }],
    ])
  })

  it('keep a state of their own until they are done', async () => {
    const log = start(new Log())
    const counts: number[] = []
    const countdown = (left: number, { type }: SystemEvent): number | 'done' => {
      if (type !== 'in') return left
      counts.push(left)
      return left === 1 ? 'done' : left - 1
    }
    await install(log, countdown, 2)
    await install(log, countdown, 9)
    for (const message of ['a', 'b', 'c']) cast(log, message)
    await getState(log)
    expect(counts).toEqual([2, 1])
  })

  it('that throw are taken away, and harm nobody', async () => {
    const log = start(new Log())
    let calls = 0
    const failing = (): never => {
      calls++
      throw new Error('broken watcher')
    }
    await install(log, failing, null)
    cast(log, 'a')
    expect(await call(log, { type: 'get' })).toEqual(['a'])
    expect(calls).toBe(1)
  })

  it('are removed by their id', async () => {
    const log = start(new Log())
    let calls = 0
    const count = () => ++calls
    await install(log, count, 0, { id: 'counter' })
    cast(log, 'a')
    await remove(log, 'counter')
    cast(log, 'b')
    await getState(log)
    expect(calls).toBe(2)
  })
})

describe('log', () => {
  it('keeps the last events, and shows them in the status as formatStatus lets it', async () => {
    class Discreet extends Log {
      override formatStatus({ state, log }: ServerStatus) {
        return { state, log: log?.map((event) => (event as SystemEvent).type) }
      }
    }
    const discreet = start(new Discreet())
    await log(discreet, 3)
    for (let i = 0; i < 10; i++) cast(discreet, `${i}`)
    const events = await getLog(discreet)
    expect(events.map((event) => event.type)).toEqual(['noreply', 'in', 'noreply'])
    expect(events[1]).toEqual({ type: 'in', kind: 'cast', message: '9' })
    expect((await getStatus(discreet)).log).toEqual(['noreply', 'in', 'noreply'])
    await log(discreet, false)
    expect(await getLog(discreet)).toEqual([])
    await expect(log(discreet, -1)).rejects.toMatchObject({ code: 'bad_option' })
  })
})

describe('statistics', () => {
  it('count messages and replies from when they are switched on', async () => {
    const log = start(new Log())
    cast(log, 'before')
    expect(await getStatistics(log)).toBeUndefined()
    await statistics(log, true)
    const startTimeMs = clock.now()
    clock.advance(50)
    cast(log, 'a')
    await call(log, { type: 'get' })
    expect(await getStatistics(log)).toEqual({
      startTimeMs,
      currentTimeMs: startTimeMs + 50,
      reductions: expect.any(Number),
      messagesIn: 2,
      messagesOut: 1,
    })
    await statistics(log, false)
    expect(await getStatistics(log)).toBeUndefined()
  })
})

describe('debugging that is switched off again', () => {
  it('leaves nothing at the server, and an idle timeout where it was', async () => {
    const server = start(new Log())
    const { state } = processOf(server)
    await log(server, 5)
    await log(server, false)
    expect((state as { extension: unknown }).extension).toBeNull()
    cast(server, 'wait')
    await statistics(server, true)
    await statistics(server, false)
    clock.advance(101)
    expect(await getState(server)).toEqual(['wait', 'timeout'])
  })
})

describe('noDebug', () => {
  it('switches everything off', async () => {
    const server = start(new Log())
    const seen: unknown[] = []
    await trace(server, (event) => seen.push(event))
    await log(server, 5)
    await statistics(server, true)
    await noDebug(server)
    cast(server, 'a')
    expect([await getLog(server), await getStatistics(server), seen]).toEqual([[], undefined, []])
  })
})

describe('a behaviour with a state of its own', () => {
  it('shows it by systemState, and takes it back by systemReplaceState', async () => {
    const vault = start(new Vault())
    expect(await getState(vault)).toBe(0)
    expect(await replaceState(vault, (opened) => Number(opened) + 1)).toBe(1)
    expect(await getState(vault)).toBe(1)
  })
})

describe('getStatus', () => {
  it('tells what a server is, and of its state what formatStatus lets through', async () => {
    const parent = spawn(() => {})
    const vault = startLink(new Vault(), { parent, name: 'vault' })
    await suspend(vault)
    expect(await getStatus(vault)).toEqual({
      pid: vault,
      name: 'vault',
      parent,
      behaviour: 'Vault',
      status: 'suspended',
      state: 'struck out',
    })
  })
})

describe('system messages', () => {
  it('reject when the server does not come to its mailbox, and are then not done', async () => {
    let wake = (): void => {}
    class Busy extends GenServer<readonly unknown[], never, string> {
      init() {
        return { state: [] }
      }
      override async handleCast(message: string, state: readonly unknown[]) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        return { state: [...state, message] }
      }
    }
    const busy = start(new Busy())
    cast(busy, 'a')
    runUntilIdle()
    const late = replaceState(busy, () => ['late'], { timeoutMs: 50 })
    const failed = expect(late).rejects.toMatchObject({ code: 'timeout' })
    await clock.advanceAsync(60)
    await failed
    wake()
    expect(await getState(busy)).toEqual(['a'])
  })

  it('reach a supervisor', async () => {
    const supervisor = await start(new Supervisor({}))
    expect(await status(supervisor)).toBe('running')
    await stop(supervisor)
  })

  it('are refused by who is not there, ends first, or is no server', async () => {
    await expect(getState('nobody')).rejects.toMatchObject({ code: 'noproc' })
    const log = start(new Log())
    const pending = getState(log)
    exit(log, 'kill')
    await expect(pending).rejects.toMatchObject({ code: 'exit', reason: 'killed' })
    const plain = spawn(() => {})
    await expect(getState(plain)).rejects.toMatchObject({ code: 'not_a_server' })
  })
})
