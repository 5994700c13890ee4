import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Call,
  call,
  type From,
  GenServer,
  start,
  waitForReply,
} from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { promised, sleep, spawnGenerator } from '../../src/runtime/generator-process.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, processInfo, send, spawn } from '../../src/runtime/process.ts'
import { receive, TIMEOUT } from '../../src/runtime/receive.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import {
  type Down,
  demonitor,
  exit,
  link,
  monitor,
  onExit,
  self,
  trapExit,
  unlink,
} from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

function reasonsOf(pid: Pid): unknown[] {
  const reasons: unknown[] = []
  onExit(pid, (reason) => void reasons.push(reason))
  return reasons
}

describe('receive', () => {
  it('takes the first message that fits, and leaves the others in order', () => {
    const heard: unknown[] = []
    const process = spawnGenerator(function* () {
      heard.push(yield* receive({ type: 'c' }))
      for (let i = 0; i < 3; i++) heard.push(yield* receive())
    })
    for (const type of ['a', 'b', 'c', 'd']) send(process, { type })
    runUntilIdle()
    expect(heard).toEqual(['c', 'a', 'b', 'd'].map((type) => ({ type })))
  })

  it('by tag and reference takes that of this conversation', () => {
    const heard: unknown[] = []
    const ref = {}
    const process = spawnGenerator(function* () {
      heard.push(yield* receive({ type: 'answer', ref }))
    })
    send(process, { type: 'answer', ref: {}, value: 'to another question' })
    send(process, { type: 'question', ref, value: 'of another type' })
    send(process, { type: 'answer', ref, value: 42 })
    runUntilIdle()
    expect(heard).toEqual([{ type: 'answer', ref, value: 42 }])
  })

  it('with several clauses takes the oldest message that fits any of them', () => {
    const heard: unknown[] = []
    const isEven = (m: unknown): boolean => typeof m === 'number' && m % 2 === 0
    const process = spawnGenerator(function* () {
      for (let i = 0; i < 3; i++) heard.push(yield* receive([{ type: 'stop' }, isEven]))
    })
    for (const message of [1, 2, { type: 'stop' }, 3, 4]) send(process, message)
    runUntilIdle()
    expect(heard).toEqual([2, { type: 'stop' }, 4])
  })

  it('takes any value as a message, undefined too', () => {
    const heard: unknown[] = []
    const process = spawnGenerator(function* () {
      for (;;) heard.push(yield* receive())
    })
    for (const message of [undefined, null, 0, '', TIMEOUT]) send(process, message)
    runUntilIdle()
    expect(heard).toEqual([undefined, null, 0, '', TIMEOUT])
  })

  it('with timeout 0 looks once at what is there', () => {
    const heard: unknown[] = []
    const process = spawnGenerator(function* () {
      yield* receive({ type: 'go' })
      heard.push(yield* receive({ type: 'there' }, { timeoutMs: 0 }))
      heard.push(yield* receive({ type: 'missing' }, { timeoutMs: 0 }))
    })
    send(process, { type: 'other' })
    send(process, { type: 'go' })
    send(process, { type: 'there' })
    runUntilIdle()
    expect(heard).toEqual([{ type: 'there' }, TIMEOUT])
    expect(armedTimers()).toBe(0)
  })

  it('with a timeout gives up after it, which other messages do not prolong', () => {
    const heard: [unknown, number][] = []
    const process = spawnGenerator(function* () {
      const message = yield* receive({ type: 'wanted' }, { timeoutMs: 100 })
      heard.push([message, clock.now()])
    })
    runUntilIdle()
    clock.advance(60)
    send(process, { type: 'other' })
    clock.advance(60)
    expect(heard).toEqual([[TIMEOUT, 100]])
  })

  it('with a timeout takes a message that has arrived before, whoever is first in the queue', () => {
    const heard: unknown[] = []
    const process = spawnGenerator(function* () {
      heard.push(yield* receive({ type: 'wanted' }, { timeoutMs: 100 }))
    })
    runUntilIdle()
    clock.afterWake = () => {}
    send(process, { type: 'other' })
    send(process, { type: 'wanted' })
    clock.advance(200)
    runUntilIdle()
    expect(heard).toEqual([{ type: 'wanted' }])
    expect(armedTimers()).toBe(0)
  })

  it('gives up when what had arrived before its time was up does not fit', () => {
    const heard: unknown[] = []
    const process = spawnGenerator(function* () {
      heard.push(yield* receive({ type: 'wanted' }, { timeoutMs: 100 }))
      heard.push(yield* receive())
    })
    runUntilIdle()
    clock.afterWake = () => {}
    send(process, { type: 'other' })
    clock.advance(200)
    runUntilIdle()
    expect(heard).toEqual([TIMEOUT, { type: 'other' }])
  })

  it('lets go of its timeout when it has a message, and when the process ends', () => {
    const process = spawnGenerator(function* () {
      for (;;) yield* receive(undefined, { timeoutMs: 1000 })
    })
    runUntilIdle()
    send(process, 1)
    runUntilIdle()
    expect(armedTimers()).toBe(1)
    exit(process, 'kill')
    expect(armedTimers()).toBe(0)
  })

  it('refuses a time that is none', () => {
    expect(() => receive(undefined, { timeoutMs: -5 })).toThrow(
      expect.objectContaining({ code: 'bad_delay' }),
    )
  })

  it('looks at what it passed over once while it waits for the same thing', () => {
    let looks = 0
    const isWanted = (message: unknown): boolean => {
      looks++
      return message === 'wanted'
    }
    const process = spawnGenerator(function* () {
      yield* receive(isWanted)
    })
    for (let i = 0; i < 1000; i++) {
      send(process, i)
      runUntilIdle()
    }
    send(process, 'wanted')
    runUntilIdle()
    expect(looks).toBe(1001)
  })

  it('takes 3,000 messages in reverse order and moves none of them more than a few times', () => {
    const count = 3_000
    const heard: number[] = []
    const process = spawnGenerator<unknown>(function* () {
      yield* receive({ type: 'go' })
      for (let ref = count - 1; ref >= 0; ref--) {
        yield* receive({ type: 'm', ref })
        heard.push(ref)
      }
    })
    for (let ref = 0; ref < count; ref++) send(process, { type: 'm', ref })
    send(process, { type: 'go' })
    runUntilIdle()
    expect(heard).toHaveLength(count)
    expect(isAlive(process)).toBe(false)
  })

  it('hands over a long backlog without keeping others from their turns', () => {
    const log: string[] = []
    const process = spawnGenerator<unknown>(function* () {
      yield* receive({ type: 'go' })
      for (let i = 0; i < 10_000; i++) yield* receive({ type: 'm' })
      log.push('done')
    })
    const other = spawn((_: string) => void log.push('other'))
    for (let i = 0; i < 10_000; i++) send(process, { type: 'm' })
    runUntilIdle()
    send(process, { type: 'go' })
    send(other, 'go')
    runUntilIdle()
    expect(log).toEqual(['other', 'done'])
  })
})

describe('spawnGenerator', () => {
  it('begins with its first turn, and ends with normal when the body returns', () => {
    const log: unknown[] = []
    // biome-ignore lint/correctness/useYield: a body need not wait
    const process = spawnGenerator(function* (me) {
      log.push(me, self())
    })
    const reasons = reasonsOf(process)
    expect(log).toEqual([])
    runUntilIdle()
    expect(log).toEqual([process, process])
    expect(reasons).toEqual(['normal'])
  })

  it('ends with what the body throws, and with exit(reason)', () => {
    const error = new Error('a mistake')
    const crashed = spawnGenerator(function* talk() {
      yield* receive()
      throw error
    })
    const left = spawnGenerator(function* () {
      yield* receive()
      exit('enough')
    })
    const crashes = reasonsOf(crashed)
    const exits = reasonsOf(left)
    send(crashed, 1)
    send(left, 1)
    runUntilIdle()
    expect(crashes).toEqual([{ error, call: { callback: 'talk', message: 1 } }])
    expect(exits).toEqual(['enough'])
  })

  it('is killed while it waits: it never goes on, nor do its finally blocks run', () => {
    const log: string[] = []
    const process = spawnGenerator(function* () {
      try {
        yield* receive()
      } finally {
        log.push('finally')
      }
    })
    runUntilIdle()
    exit(process, 'kill')
    send(process, 1)
    runUntilIdle()
    expect(log).toEqual([])
  })

  it('refuses to wait for what is nothing to wait for', () => {
    const process = spawnGenerator(function* () {
      yield 7
    })
    const reasons = reasonsOf(process)
    runUntilIdle()
    expect(reasons).toMatchObject([{ error: { code: 'bad_yield' } }])
  })

  it('traps exits as messages it can choose', () => {
    const heard: unknown[] = []
    const other = spawn((_: string) => exit('boom'))
    const process = spawnGenerator(function* () {
      trapExit()
      link(other)
      heard.push(yield* receive({ type: 'EXIT' }))
    })
    send(process, 'before')
    runUntilIdle()
    send(other, 'go')
    runUntilIdle()
    expect(heard).toMatchObject([{ type: 'EXIT', from: other, reason: 'boom' }])
  })

  it('has no Down after demonitor with flush, nor an Exit after unlink, though passed over', () => {
    const heard: unknown[] = []
    const watched = spawn(() => {})
    const linked = spawn(() => {})
    const process = spawnGenerator<unknown>(function* () {
      trapExit()
      link(linked)
      const ref = monitor(watched)
      yield* receive({ type: 'go' })
      demonitor(ref, { flush: true })
      unlink(linked)
      for (;;) heard.push(yield* receive())
    })
    runUntilIdle()
    send(process, 'a')
    exit(watched, 'kill')
    exit(linked, 'kill')
    send(process, 'b')
    runUntilIdle()
    expect(processInfo(process).mailboxLength).toBe(4)
    send(process, { type: 'go' })
    runUntilIdle()
    expect(heard).toEqual(['a', 'b'])
  })

  it('gives the Down of a monitor its type', () => {
    const reasons: unknown[] = []
    const worker = spawn(() => {})
    spawnGenerator(function* () {
      const down: Down = yield* receive({ type: 'DOWN', ref: monitor(worker) })
      reasons.push(down.reason)
    })
    runUntilIdle()
    exit(worker, 'shutdown')
    runUntilIdle()
    expect(reasons).toEqual(['shutdown'])
  })
})

type Question = Call<'ask', object, number> | Call<'never', object, number>

class Oracle extends GenServer<undefined, Question> {
  init() {
    return { state: undefined }
  }
  override handleCall(request: Question, _: From<number>) {
    return request.type === 'ask' ? { reply: 42, state: undefined } : { state: undefined }
  }
}

describe('a generator process waits', () => {
  it('for the reply to a call: it comes before all messages that wait', () => {
    const log: unknown[] = []
    const oracle = start(new Oracle())
    const process = spawnGenerator(function* () {
      const answer: number = yield* waitForReply(oracle, { type: 'ask' })
      log.push(answer)
      log.push(yield* receive())
    })
    send(process, 'a message')
    runUntilIdle()
    expect(log).toEqual([42, 'a message'])
    expect(armedTimers()).toBe(0)
    exit(oracle, 'kill')
  })

  it('for a call that fails: it throws where it waits', () => {
    const log: unknown[] = []
    const oracle = start(new Oracle())
    spawnGenerator(function* () {
      for (const callee of [oracle, 'nobody', self() as typeof oracle]) {
        try {
          yield* waitForReply(callee, { type: 'never' }, { timeoutMs: 50 })
        } catch (error) {
          log.push((error as { code: string }).code)
        }
      }
    })
    runUntilIdle()
    clock.advance(100)
    expect(log).toEqual(['timeout', 'noproc', 'calling_self'])
    exit(oracle, 'kill')
  })

  it('for the reply of one that ends instead', () => {
    const log: unknown[] = []
    const oracle = start(new Oracle())
    spawnGenerator(function* () {
      try {
        yield* waitForReply(oracle, { type: 'never' })
      } catch (error) {
        log.push((error as { reason: unknown }).reason)
      }
    })
    runUntilIdle()
    exit(oracle, 'boom')
    runUntilIdle()
    expect(log).toEqual(['boom'])
    expect(armedTimers()).toBe(0)
  })

  it('and leaves nothing behind when it is killed meanwhile', () => {
    const oracle = start(new Oracle())
    const process = spawnGenerator(function* () {
      yield* waitForReply(oracle, { type: 'never' })
    })
    const sleeper = spawnGenerator(function* () {
      yield* sleep(1000)
    })
    runUntilIdle()
    expect(armedTimers()).toBe(2)
    exit(process, 'kill')
    exit(sleeper, 'kill')
    expect(armedTimers()).toBe(0)
    exit(oracle, 'kill')
  })

  it('for a while, and takes no message meanwhile', () => {
    const log: unknown[] = []
    const process = spawnGenerator(function* () {
      yield* sleep(100)
      log.push(clock.now())
      log.push(yield* receive())
    })
    runUntilIdle()
    send(process, 'early')
    clock.advance(50)
    expect(log).toEqual([])
    clock.advance(100)
    expect(log).toEqual([100, 'early'])
  })

  it('for a promise, kept or broken', async () => {
    const log: unknown[] = []
    const oracle = start(new Oracle())
    const process = spawnGenerator(function* () {
      log.push(yield* promised(call(oracle, { type: 'ask' })))
      try {
        yield Promise.reject(new Error('broken'))
      } catch (error) {
        log.push(String(error))
      }
    })
    await new Promise((resolve) => onExit(process, resolve))
    expect(log).toEqual([42, 'Error: broken'])
    exit(oracle, 'kill')
  })
})
