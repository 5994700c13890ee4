import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CallError, PendingCall, reply, request } from '../../src/runtime/call.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { register } from '../../src/runtime/registry.ts'
import { exit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

/** A process that keeps its calls, to be answered by hand. */
function keeper(): { readonly pid: Pid<unknown>; readonly calls: PendingCall[] } {
  const calls: PendingCall[] = []
  const pid = spawn((message: unknown) => {
    if (message instanceof PendingCall) calls.push(message)
    else if (typeof message === 'function') message()
  })
  return { pid, calls }
}

const echo = (): Pid<unknown> =>
  spawn((message: unknown) => {
    if (message instanceof PendingCall) reply(message, message.request)
  })

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function failureOf(promise: Promise<unknown>): Promise<CallError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof CallError) return error
  throw new Error(`expected a CallError, not ${String(error)}`)
}

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

describe('request', () => {
  it('brings the reply, whatever value it is', async () => {
    const pid = echo()
    for (const value of [1, 'two', undefined, null, { three: 3 }]) {
      await expect(request(pid, value)).resolves.toBe(value)
    }
  })

  it('brings each of many callers its own reply', async () => {
    const pid = echo()
    const replies = await Promise.all(Array.from({ length: 3000 }, (_, i) => request(pid, i)))
    expect(replies).toEqual(Array.from({ length: 3000 }, (_, i) => i))
  })

  it('finds the callee by name', async () => {
    register('echo', echo())
    await expect(request('echo', 'hello')).resolves.toBe('hello')
  })

  it('waits for a reply that comes later', async () => {
    const { pid, calls } = keeper()
    const promise = request(pid, 'later')
    await turn()
    const [call] = calls
    if (call !== undefined) reply(call, 'now')
    await expect(promise).resolves.toBe('now')
    expect(armedTimers()).toBe(0)
  })

  it('leaves no timer and no monitor behind', async () => {
    const { pid, calls } = keeper()
    for (let i = 0; i < 10; i++) {
      const promise = request(pid, i)
      await turn()
      for (const call of calls.splice(0)) reply(call, 0)
      await promise
    }
    expect(armedTimers()).toBe(0)
  })
})

describe('a call fails', () => {
  it('with noproc when nobody is there, by pid and by name', async () => {
    const pid = echo()
    exit(pid, 'kill')
    expect(await failureOf(request(pid, 'hello'))).toMatchObject({
      code: 'noproc',
      reason: 'noproc',
      attempt: { operation: 'call', target: pid, request: 'hello' },
    })
    const failure = await failureOf(request('nobody', 'hello'))
    expect(failure.code).toBe('noproc')
    expect(failure.message).toContain('call to nobody failed, no such process')
    expect(failure.advice).toContain('supervisor')
  })

  it('with timeout after the default of 5 s', async () => {
    const { pid } = keeper()
    const failure = failureOf(request(pid, 'hello'))
    await clock.advanceAsync(4999)
    expect(armedTimers()).toBe(1)
    await clock.advanceAsync(2)
    expect(await failure).toMatchObject({ code: 'timeout', reason: 'timeout' })
  })

  it('with timeout after its own time, also when time passed before it was watched', async () => {
    const { pid } = keeper()
    const early = failureOf(request(pid, 'hello', { timeoutMs: 20 }))
    clock.advance(25)
    expect((await early).code).toBe('timeout')
    const late = failureOf(request(pid, 'hello', { timeoutMs: 20 }))
    await clock.advanceAsync(25)
    expect((await late).code).toBe('timeout')
  })

  it('never by time when that is infinity', async () => {
    const { pid, calls } = keeper()
    const promise = request(pid, 'hello', { timeoutMs: 'infinity' })
    await clock.advanceAsync(1e9)
    expect(armedTimers()).toBe(0)
    const [call] = calls
    if (call !== undefined) reply(call, 'at last')
    await expect(promise).resolves.toBe('at last')
  })

  it('at once with the reason when the callee ends with the call open', async () => {
    const { pid } = keeper()
    const failure = failureOf(request(pid, 'hello'))
    await turn()
    exit(pid, { shutdown: 'moving' })
    expect(await failure).toMatchObject({ code: 'exit', reason: { shutdown: 'moving' } })
    expect(armedTimers()).toBe(0)
  })

  it('at once when the callee ends before it has read the call, or while it does', async () => {
    const { pid } = keeper()
    const unread = failureOf(request(pid, 'hello'))
    exit(pid, 'kill')
    expect(await unread).toMatchObject({ code: 'exit', reason: 'killed' })
    const fragile = spawn(() => {
      throw new Error('fragile')
    })
    const read = await failureOf(request(fragile, 'hello'))
    expect(read).toMatchObject({ code: 'exit', reason: { error: new Error('fragile') } })
    expect(read.message).toContain('it ended: Error: fragile')
  })

  it('when a process calls itself', async () => {
    const { pid } = keeper()
    const failure = new Promise<CallError>((resolve) => {
      send(pid, () => resolve(failureOf(request(pid, 'me'))))
    })
    expect((await failure).code).toBe('calling_self')
  })

  it('when its signal is aborted, before, in between and after it was watched', async () => {
    const { pid } = keeper()
    expect((await failureOf(request(pid, 1, { signal: AbortSignal.abort() }))).code).toBe('aborted')
    for (const wait of [async () => {}, turn]) {
      const abort = new AbortController()
      const failure = failureOf(request(pid, 'hello', { signal: abort.signal }))
      await wait()
      abort.abort()
      expect((await failure).code).toBe('aborted')
    }
    expect(armedTimers()).toBe(0)
  })
})

describe('reply', () => {
  it('that comes too late is dropped and counted', async () => {
    const { pid, calls } = keeper()
    const failure = failureOf(request(pid, 'hello', { timeoutMs: 20 }))
    await clock.advanceAsync(21)
    await failure
    const { lateReplies } = deadLetters()
    const [call] = calls
    if (call !== undefined) reply(call, 'too late')
    expect(deadLetters().lateReplies).toBe(lateReplies + 1)
  })

  it('a second time is a mistake', async () => {
    const { pid, calls } = keeper()
    const promise = request(pid, 'hello')
    await turn()
    const [call] = calls
    if (call === undefined) throw new Error('no call came')
    reply(call, 1)
    expect(() => reply(call, 2)).toThrow(expect.objectContaining({ code: 'already_replied' }))
    await expect(promise).resolves.toBe(1)
  })

  it('takes nothing but the from of a call', () => {
    expect(() => reply({} as never, 1)).toThrow(TypeError)
  })
})

describe('calls among busy processes', () => {
  it('are answered also when the slice ends in between', async () => {
    const pid = echo()
    const a: Pid<number> = spawn((n: number) => send(b, n))
    const b: Pid<number> = spawn((n: number) => send(a, n))
    send(a, 0)
    for (let i = 0; i < 200; i++) {
      const replies = await Promise.all(Array.from({ length: 50 }, (_, n) => request(pid, n)))
      expect(replies).toHaveLength(50)
    }
    for (const player of [a, b]) exit(player, 'kill')
  })
})

describe('a timeout that cannot be meant', () => {
  it.each([Number.NaN, -1])('is refused before anything is sent: %s', (timeoutMs) => {
    const { pid, calls } = keeper()
    expect(() => request(pid, 'q', { timeoutMs })).toThrow(
      expect.objectContaining({ code: 'bad_delay' }),
    )
    clock.advance(10)
    expect(calls).toEqual([])
  })

  it('may be infinite as a number', async () => {
    const { pid, calls } = keeper()
    const answer = request(pid, 'q', { timeoutMs: Number.POSITIVE_INFINITY })
    await clock.advanceAsync(1_000_000)
    expect(armedTimers()).toBe(0)
    for (const call of calls) reply(call, 'late but welcome')
    expect(await answer).toBe('late but welcome')
  })
})
