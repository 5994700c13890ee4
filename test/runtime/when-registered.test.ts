import { describe, expect, it, onTestFinished } from 'vitest'
import {
  GenServer,
  type ServerPid,
  start,
  startLink,
  stop,
} from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { Registry, via } from '../../src/runtime/keyed-registry.ts'
import type { Name, Pid } from '../../src/runtime/pid.ts'
import { spawn } from '../../src/runtime/process.ts'
import { register, whereis } from '../../src/runtime/registry.ts'
import { exit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'
import { whenRegistered } from '../../src/runtime/when-registered.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

class Till extends GenServer<number> {
  init() {
    return { state: 0 }
  }
}

function virtualClock(): VirtualClock {
  const clock = new VirtualClock()
  useClock(clock)
  onTestFinished(() => useClock(systemClock))
  return clock
}

describe('whenRegistered', () => {
  it('resolves at once with who has the name', async () => {
    const pid = spawn(() => {}, undefined, { name: 'wait-a' })
    expect(await whenRegistered('wait-a')).toBe(pid)
  })

  it('resolves for all who wait when the name is taken, and not for another name', async () => {
    const armed = armedTimers()
    let isEarly = true
    const both = [whenRegistered('wait-b'), whenRegistered('wait-b', { timeoutMs: 'infinity' })]
    both[0]?.then(() => expect(isEarly).toBe(false))
    spawn(() => {}, undefined, { name: 'wait-other' })
    await Promise.resolve()
    isEarly = false
    const pid = spawn(() => {})
    register('wait-b', pid)
    expect(await Promise.all(both)).toEqual([pid, pid])
    expect(armedTimers()).toBe(armed)
  })

  it('resolves with the process that a supervisor starts after a crash', async () => {
    const till: Name<ServerPid> = 'wait-till'
    const child = { id: 'till', start: () => startLink(new Till(), { name: till }) }
    const tree = await start(new Supervisor({ children: [child] }))
    const first = await whenRegistered(till)
    const next = whenRegistered(till, { except: first })
    exit(first, 'kill')
    const second = await next
    expect(second).not.toBe(first)
    expect(whereis(till)).toBe(second)
    await stop(tree)
  })

  it('hears of a key of a registry', async () => {
    const orders = new Registry<number, string>({ name: 'wait-orders' })
    const waiting = whenRegistered(via(orders, 17))
    orders.register(
      16,
      'other',
      spawn(() => {}),
    )
    const pid: Pid = spawn(() => {})
    orders.register(17, 'this', pid)
    expect(await waiting).toBe(pid)
    orders.close()
  })

  it('gives up after its time, and says for whom it waited', async () => {
    const clock = virtualClock()
    const armed = armedTimers()
    const pid = spawn(() => {}, undefined, { name: 'wait-c' })
    const nobody = whenRegistered('wait-d', { timeoutMs: 10 }).catch((error: unknown) => error)
    const other = whenRegistered('wait-c', { except: pid }).catch((error: unknown) => error)
    await clock.advanceAsync(10)
    expect(await nobody).toMatchObject({
      code: 'timeout',
      attempt: { operation: 'whenRegistered', target: 'wait-d' },
    })
    await clock.advanceAsync(5_000)
    expect(await other).toMatchObject({ code: 'timeout', attempt: { request: { except: pid } } })
    expect(armedTimers()).toBe(armed)
  })

  it('gives up when its signal is aborted, before or meanwhile', async () => {
    const abort = new AbortController()
    const waiting = whenRegistered('wait-e', { signal: abort.signal })
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
    const late = whenRegistered('wait-e', { signal: abort.signal })
    await expect(late).rejects.toMatchObject({ code: 'aborted' })
  })

  it('refuses what is no time', () => {
    expect(() => whenRegistered('wait-f', { timeoutMs: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'bad_delay' }),
    )
  })
})
