import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { start, stop } from '../../src/behaviours/gen-server.ts'
import { Task, type TaskContext, type TaskReply } from '../../src/behaviours/task.ts'
import { TASK_STREAM_RESULTS_MAX } from '../../src/limits.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { promised, spawnGenerator } from '../../src/runtime/generator-process.ts'
import { setLogger } from '../../src/runtime/logger.ts'
import { isAlive, processInfo, send, spawn } from '../../src/runtime/process.ts'
import { receive } from '../../src/runtime/receive.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, processCount, trapExit, waitForExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'
import { DynamicSupervisor } from '../../src/supervisors/dynamic-supervisor.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

const never = (): Promise<never> => new Promise(() => {})

/** A process that does what it is sent, and keeps other messages. */
function worker(options: { trap?: boolean } = {}) {
  const received: unknown[] = []
  const pid = spawn((message: unknown) => {
    if (typeof message === 'function') message()
    else received.push(message)
  })
  if (options.trap === true) trapExit(true, pid)
  const run = <T>(work: () => T): T => {
    const results: T[] = []
    send(pid, () => results.push(work()))
    runUntilIdle()
    return results[0] as T
  }
  return { pid, received, run }
}

describe('Task.async and Task.await', () => {
  it('bring the result of a function, async or not', async () => {
    const before = processCount()
    expect(await Task.await(Task.async(() => 1 + 1))).toBe(2)
    const later = Task.async(async () => await Promise.resolve('later'))
    expectTypeOf(Task.await(later)).toEqualTypeOf<Promise<string>>()
    expect(await Task.await(later)).toBe('later')
    expect(await Task.await(later)).toBe('later')
    expect([processCount(), armedTimers()]).toEqual([before, 0])
  })

  it('kill a task that is late, and abort its signal', async () => {
    let context: TaskContext | undefined
    const task = Task.async((given) => {
      context = given
      given.signal.addEventListener('abort', () => {})
      return never()
    })
    const late = expect(Task.await(task, 100)).rejects.toMatchObject({ code: 'timeout' })
    await clock.advanceAsync(101)
    await late
    expect([isAlive(task.pid), context?.signal.aborted]).toEqual([false, true])
  })

  it('reject with the reason of a task that crashes', async () => {
    const error = new Error('broken')
    const task = Task.async(() => {
      throw error
    })
    await expect(Task.await(task)).rejects.toMatchObject({
      name: 'TaskError',
      code: 'exit',
      reason: { error, call: { server: 'Task' } },
    })
    const rejecting = Task.async(() => Promise.reject({ state: 1 }))
    await expect(Task.await(rejecting)).rejects.toMatchObject({ reason: { error: { state: 1 } } })
  })

  it('link the task to the process that starts it, both ways', async () => {
    const first = worker()
    const task = first.run(() => Task.async(never))
    runUntilIdle()
    expect(processInfo(first.pid).links).toEqual([task.pid])
    exit(first.pid, 'gone')
    expect(isAlive(task.pid)).toBe(false)

    const second = worker()
    const ended = waitForExit(second.pid)
    second.run(() => Task.async(() => exit('bad luck')))
    expect(await ended).toBe('bad luck')
  })

  it('tell an owner that does not wait by a message', () => {
    const { received, run } = worker()
    const task = run(() => Task.async(() => 7))
    runUntilIdle()
    expect(received).toEqual([expect.objectContaining({ type: 'task_reply', task, result: 7 })])
  })

  it('send no message to an owner that waits', async () => {
    const { received, run } = worker()
    const task = run(() => Task.async(async () => await Promise.resolve(7)))
    expect(await Task.await(task)).toBe(7)
    runUntilIdle()
    expect(received).toEqual([])
  })

  it('of a killed task nothing more is heard', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const { pid, received, run } = worker()
    const task = run(() => Task.async(() => promise))
    await Task.shutdown(task, 'brutal_kill')
    resolve(1)
    await promise
    runUntilIdle()
    expect([received, isAlive(pid)]).toEqual([[], true])
    await expect(Task.await(task)).rejects.toMatchObject({ code: 'exit', reason: 'killed' })
  })
})

describe('Task.awaitMany', () => {
  it('brings all results, or ends all tasks', async () => {
    expect(await Task.awaitMany([Task.async(() => 1), Task.async(() => 2)])).toEqual([1, 2])
    const slow = Task.async(never)
    const failing = Task.async(() => exit('bad luck'))
    await expect(Task.awaitMany([slow, failing])).rejects.toMatchObject({ reason: 'bad luck' })
    expect(isAlive(slow.pid)).toBe(false)
  })
})

describe('Task.yield', () => {
  it('lets a late task go on', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const task = Task.async(() => promise)
    const early = Task.yield(task, 10)
    await clock.advanceAsync(20)
    expect([await early, isAlive(task.pid)]).toEqual([undefined, true])
    resolve(5)
    expect(await Task.yield(task)).toEqual({ ok: 5 })
  })

  it('brings the reason of a task that has ended', async () => {
    const task = Task.async(() => exit('bad luck'))
    expect(await Task.yield(task)).toEqual({ exit: 'bad luck' })
  })
})

describe('Task.shutdown', () => {
  it('ends a task, unless it has a result already', async () => {
    const { pid, run } = worker()
    const slow = run(() => Task.async(never))
    expect(await Task.shutdown(slow)).toBeUndefined()
    expect([isAlive(slow.pid), isAlive(pid)]).toEqual([false, true])
    const done = Task.async(() => 3)
    await Task.yield(done)
    expect(await Task.shutdown(done)).toEqual({ ok: 3 })
    const failed = Task.async(() => exit('bad luck'))
    await Task.yield(failed)
    expect(await Task.shutdown(failed)).toEqual({ exit: 'bad luck' })
  })

  it('kills a task that traps exits and does not obey in time', async () => {
    const task = Task.async(({ self }) => {
      trapExit(true, self)
      return never()
    })
    runUntilIdle()
    const ended = Task.shutdown(task, 100)
    await clock.advanceAsync(101)
    expect(await ended).toBeUndefined()
    expect(isAlive(task.pid)).toBe(false)
  })
})

describe('Task.start and Task.startLink', () => {
  it('run what nobody waits for, linked or not', async () => {
    const done: string[] = []
    Task.start(() => done.push('start'))
    const { pid, run } = worker()
    const linked = run(() => Task.startLink(never))
    runUntilIdle()
    expect(done).toEqual(['start'])
    expect(processInfo(pid).links).toEqual([linked])
    const ended = waitForExit(pid)
    exit(linked, 'bad luck')
    expect(await ended).toBe('bad luck')
  })
})

describe('tasks under a supervisor', () => {
  it('are linked to that, and their crash harms nobody', async () => {
    const supervisor = start(new DynamicSupervisor())
    const task = await Task.asyncNoLink(supervisor, () => 9)
    expect(await Task.await(task)).toBe(9)
    const failing = await Task.asyncNoLink(supervisor, () => exit('bad luck'))
    await expect(Task.await(failing)).rejects.toMatchObject({ code: 'exit', reason: 'bad luck' })
    const slow = await Task.startChild(supervisor, never)
    expect((await DynamicSupervisor.whichChildren(supervisor)).map(({ pid }) => pid)).toEqual([
      slow,
    ])
    await stop(supervisor)
    expect(isAlive(slow)).toBe(false)
  })
})

/** Counts how many run at a time. */
class Gauge {
  running = 0
  most = 0

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.running++
    this.most = Math.max(this.most, this.running)
    try {
      return await work()
    } finally {
      this.running--
    }
  }
}

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const result of results) found.push(result)
  return found
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

describe('Task.stream', () => {
  it('keeps the order of the items, and runs no more than it may at a time', async () => {
    const gauge = new Gauge()
    const items = [30, 1, 20, 2, 10, 3]
    const results = Task.stream(
      items,
      (item) => gauge.during(() => turns(item).then(() => item * 2)),
      { maxConcurrency: 2 },
    )
    expect(await all(results)).toEqual(items.map((item) => ({ ok: item * 2 })))
    expect(gauge.most).toBe(2)
  })

  it('brings results as they come when it is not ordered', async () => {
    const first = Promise.withResolvers<string>()
    const results = Task.stream(
      ['slow', 'quick'],
      (item) => (item === 'slow' ? first.promise : item),
      {
        maxConcurrency: 2,
        ordered: false,
      },
    )
    expect(await results.next()).toEqual({ done: false, value: { ok: 'quick' } })
    first.resolve('slow')
    expect(await all(results)).toEqual([{ ok: 'slow' }])
  })

  it('takes from async iterables no more than it needs, and closes them', async () => {
    let taken = 0
    let isClosed = false
    async function* numbers() {
      try {
        for (;;) yield ++taken
      } finally {
        isClosed = true
      }
    }
    for await (const result of Task.stream(numbers(), (n) => n, { maxConcurrency: 2 })) {
      if ('ok' in result && result.ok === 3) break
    }
    expect(taken).toBeLessThan(8)
    expect(isClosed).toBe(true)
  })

  it('brings the reason of a task that crashes, and goes on', async () => {
    const results = Task.stream([1, 2, 3], (n) => (n === 2 ? exit('bad luck') : n))
    expect(await all(results)).toEqual([{ ok: 1 }, { exit: 'bad luck' }, { ok: 3 }])
  })

  it('takes no more items when too many results wait for a slow first one', async () => {
    const slow = Promise.withResolvers<number>()
    let taken = 0
    function* numbers(): Generator<number> {
      for (; ; taken++) yield taken
    }
    const run = (n: number): number | Promise<number> => (n === 0 ? slow.promise : n)
    const results = Task.stream(numbers(), run, { maxConcurrency: 4, timeoutMs: 'infinity' })
    const first = results.next()
    await vi.waitFor(() => expect(taken).toBe(TASK_STREAM_RESULTS_MAX - 1))
    for (let turn = 0; turn < 1_000; turn++) await Promise.resolve()
    expect(taken).toBe(TASK_STREAM_RESULTS_MAX - 1)
    slow.resolve(7)
    expect((await first).value).toEqual({ ok: 7 })
    await results.return()
  })

  it('kills late tasks: the stream throws, or only they are lost', async () => {
    const run = (n: number) => (n === 1 ? never() : n)
    const lost = all(Task.stream([1, 2], run, { timeoutMs: 50, onTimeout: 'kill_task' }))
    await clock.advanceAsync(60)
    expect(await lost).toEqual([{ exit: 'timeout' }, { ok: 2 }])
    const throwing = expect(all(Task.stream([1, 2], run, { timeoutMs: 50 }))).rejects.toMatchObject(
      {
        code: 'timeout',
      },
    )
    await clock.advanceAsync(60)
    await throwing
    expect(armedTimers()).toBe(0)
  })

  it('ends its tasks when the loop over it is left, or its process ends', async () => {
    const before = processCount()
    for await (const _ of Task.stream([1, 2, 3], (n) => (n === 1 ? n : never()))) break
    expect(processCount()).toBe(before)

    const { pid, run } = worker()
    const results = run(() => Task.stream([1, 2], never, { maxConcurrency: 2 }))
    void results.next()
    await clock.advanceAsync(1)
    expect(processCount()).toBe(before + 3)
    exit(pid, 'gone')
    expect(processCount()).toBe(before)
  })

  it('is left at once though its source still looks for the next item', async () => {
    async function* source() {
      yield 1
      await never()
    }
    const seen: unknown[] = []
    const read = async (): Promise<string> => {
      for await (const result of Task.stream(source(), (n) => n, { maxConcurrency: 2 })) {
        seen.push(result)
        break
      }
      return 'left'
    }
    const left = read()
    let outcome = 'held up'
    void left.then((word) => {
      outcome = word
    })
    await clock.advanceAsync(10)
    expect(seen).toEqual([{ ok: 1 }])
    expect(outcome).toBe('left')
  })

  it('reports a source that fails to close when its owner has ended', async () => {
    const reports: unknown[] = []
    setLogger((report) => void reports.push(report.event))
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: never,
        return: () => Promise.reject(new Error('stuck')),
      }),
    }
    const { pid, run } = worker()
    void run(() => Task.stream(source, never)).next()
    await clock.advanceAsync(1)
    exit(pid, 'kill')
    await clock.advanceAsync(1)
    setLogger(null)
    expect(reports).toContain('stream_source_failed')
  })

  it('throws what its items throw', async () => {
    function* items() {
      yield 1
      throw new Error('no more')
    }
    const results = Task.stream(items(), (n) => n)
    await expect(all(results)).rejects.toThrow('no more')
    expect(() => Task.stream([], () => 1, { maxConcurrency: 0 })).toThrow('give 1 or more')
  })
})

describe('TaskReply', () => {
  it('does not stay with a process that passed it over and then awaits the task', async () => {
    let result: unknown
    const owner = spawnGenerator<unknown>(function* () {
      const task = Task.async(() => 7)
      yield* receive({ type: 'go' })
      result = yield* promised(Task.await(task))
      yield* receive({ type: 'end' })
    })
    await clock.advanceAsync(1)
    send(owner, { type: 'go' })
    await clock.advanceAsync(1)
    expect(result).toBe(7)
    expect(processInfo(owner)?.mailboxLength).toBe(0)
    exit(owner, 'kill')
  })

  it('is a message that a server can tell', () => {
    expectTypeOf<TaskReply['type']>().toEqualTypeOf<'task_reply'>()
  })
})
