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
  getState,
  getStatus,
  replaceState,
  resume,
  status,
  suspend,
} from '../../src/behaviours/sys.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { send, spawn } from '../../src/runtime/process.ts'
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
