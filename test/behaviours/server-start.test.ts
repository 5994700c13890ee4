import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Call,
  call,
  GenServer,
  type InitResult,
  start,
  startLink,
  startMonitor,
} from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { processOf } from '../../src/runtime/pid.ts'
import { isAlive, processInfo, send, spawn } from '../../src/runtime/process.ts'
import { shareNames, whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { type Down, exit, type MonitorRef, processCount } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

/** Starts when told. */
class Slow extends GenServer<number> {
  readonly ready: PromiseWithResolvers<InitResult<number>> = Promise.withResolvers()

  init() {
    return this.ready.promise
  }
}

describe('timeoutMs of start', () => {
  it('kills a server whose init is late, and rejects with code timeout', async () => {
    const before = processCount()
    const slow = new Slow()
    const late = expect(start(slow, { name: 'slow', timeoutMs: 100 })).rejects.toMatchObject({
      name: 'StartError',
      code: 'timeout',
      reason: 'timeout',
    })
    await clock.advanceAsync(101)
    await late
    expect([isAlive(slow.self), whereis('slow'), processCount()]).toEqual([
      false,
      undefined,
      before,
    ])
  })

  it('harms no parent', async () => {
    const parent = spawn(() => {})
    const late = expect(startLink(new Slow(), { parent, timeoutMs: 100 })).rejects.toMatchObject({
      code: 'timeout',
    })
    await clock.advanceAsync(101)
    await late
    expect([isAlive(parent), processInfo(parent).links]).toEqual([true, []])
  })

  it('leaves no timer behind when init is in time, or fails, or is killed', async () => {
    const timers = armedTimers()
    const inTime = new Slow()
    const started = start(inTime, { timeoutMs: 100 })
    inTime.ready.resolve({ state: 1 })
    expect(await started).toBe(inTime.self)

    const failing = new Slow()
    const failed = start(failing, { timeoutMs: 100 })
    failing.ready.resolve({ stop: 'no' })
    await expect(failed).rejects.toMatchObject({ code: 'init_failed', reason: 'no' })

    const killed = new Slow()
    const gone = start(killed, { timeoutMs: 100 })
    exit(killed.self, 'kill')
    await expect(gone).rejects.toMatchObject({ code: 'init_failed', reason: 'killed' })

    expect(armedTimers()).toBe(timers)
    await clock.advanceAsync(1000)
    expect(isAlive(inTime.self)).toBe(true)
  })
})

/** What a process does to start a server, and what it receives afterwards. */
function starter(begin: () => unknown): { results: unknown[]; received: unknown[] } {
  const results: unknown[] = []
  const received: unknown[] = []
  const pid = spawn((message: unknown) => {
    if (message !== 'begin') {
      received.push(message)
      return
    }
    try {
      results.push(begin())
    } catch (error) {
      results.push(error)
    }
  })
  send(pid, 'begin')
  runUntilIdle()
  return { results, received }
}

class Failing extends GenServer<number> {
  init(): InitResult<number> {
    throw new Error('no luck')
  }
}

class Fine extends GenServer<number, Call<'get', object, number>> {
  init() {
    return { state: 1 }
  }
  override handleCall(_: { type: 'get' }, __: unknown, state: number) {
    return { reply: state, state }
  }
}

describe('startMonitor', () => {
  it('brings the pid and a monitor, which tells once how the server ends', () => {
    const { results, received } = starter(() => startMonitor(new Fine()))
    const [{ pid, ref }] = results as [{ pid: Fine['self']; ref: MonitorRef }]
    exit(pid, 'bored')
    runUntilIdle()
    expect(received).toEqual([expect.objectContaining({ type: 'DOWN', ref, pid, reason: 'bored' })])
  })

  it('throws when init fails, and sends no Down', () => {
    const { results, received } = starter(() => startMonitor(new Failing()))
    expect(results).toEqual([expect.objectContaining({ code: 'init_failed' })])
    expect(received).toEqual([])
  })

  it('rejects when an async init fails, and sends no Down', async () => {
    const slow = new Slow()
    const { results, received } = starter(() => startMonitor(slow))
    slow.ready.reject(new Error('no luck'))
    await expect(results[0]).rejects.toMatchObject({ code: 'init_failed' })
    runUntilIdle()
    expect(received).toEqual([])
  })

  it('monitors from the first moment: a death right after init is told with its reason', () => {
    class Brief extends Fine {
      override init() {
        send(this.self, 'end')
        return super.init()
      }
      override handleInfo(_: unknown, state: number) {
        return { stop: 'brief', state }
      }
    }
    const { received } = starter(() => startMonitor(new Brief()))
    expect(received.map((message) => (message as Down).reason)).toEqual(['brief'])
  })
})

describe('hibernation', () => {
  /** Fills the mailbox, so that there is memory to give back. */
  function flood(pid: Fine['self']): void {
    for (let i = 0; i < 100; i++) send(pid, i)
    runUntilIdle()
  }

  class Resting extends Fine {
    override handleInfo(message: unknown, state: number) {
      return message === 'rest' ? { state, hibernate: true } : { state }
    }
  }

  it('keeps the state and answers the next message', async () => {
    const resting = start(new Resting())
    flood(resting)
    expect(processOf(resting).queue).not.toBeNull()
    send(resting, 'rest')
    runUntilIdle()
    expect(processOf(resting).queue).toBeNull()
    expect(await call(resting, { type: 'get' })).toBe(1)
  })

  it('follows after a time without messages, and leaves no timer behind', async () => {
    const timers = armedTimers()
    const resting = start(new Resting(), { hibernateAfterMs: 100 })
    flood(resting)
    clock.advance(1000)
    expect(processOf(resting).queue).toBeNull()
    expect(armedTimers()).toBe(timers)
    expect(await call(resting, { type: 'get' })).toBe(1)
    expect(armedTimers()).toBe(timers + 1)
    exit(resting, 'kill')
    expect(armedTimers()).toBe(timers)
  })
})

describe('an idle timeout', () => {
  it('ends with its server', () => {
    class Waiting extends Fine {
      override init() {
        return { state: 1, timeoutMs: 1000 }
      }
    }
    const timers = armedTimers()
    const waiting = start(new Waiting())
    expect(armedTimers()).toBe(timers + 1)
    exit(waiting, 'kill')
    expect(armedTimers()).toBe(timers)
  })

  it('may be infinite', () => {
    class Waiting extends Fine {
      override init() {
        return { state: 1, timeoutMs: 'infinity' as const }
      }
    }
    const timers = armedTimers()
    start(new Waiting())
    expect(armedTimers()).toBe(timers)
  })
})

describe('a name that another thread takes while a server starts', () => {
  it('is refused as already_started, and leaves no process behind', () => {
    const before = processCount()
    const faster = spawn(() => {})
    let isTaken = false
    shareNames({
      claim: () => {
        isTaken = true
        return processOf(faster)
      },
      release: () => {},
      find: () => (isTaken ? processOf(faster) : undefined),
      names: () => [],
      claims: () => 0,
      whenClaimed: () => {},
    })
    try {
      expect(() => start(new Slow(), { name: 'contested' })).toThrow(
        expect.objectContaining({ code: 'already_started', pid: faster }),
      )
    } finally {
      shareNames(null)
    }
    exit(faster, 'kill')
    expect(processCount()).toBe(before)
  })
})
