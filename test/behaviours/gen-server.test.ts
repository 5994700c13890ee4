import { afterEach, describe, expect, it } from 'vitest'
import {
  type Call,
  call,
  cast,
  changeCode,
  type From,
  GenServer,
  reply,
  type ServerPid,
  StartError,
  start,
  startLink,
  stop,
} from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import type { Name, Pid } from '../../src/runtime/pid.ts'
import { isAlive, processInfo, send, spawn } from '../../src/runtime/process.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import {
  Exit,
  exit,
  linksOf,
  processCount,
  self,
  trapExit,
  waitForExit,
} from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'

afterEach(() => {
  useClock(systemClock)
  setLogger(null)
})

type CounterCall =
  | Call<'add', { by: number }, number>
  | Call<'get', object, number>
  | Call<'later', object, string>
  | Call<'crash', object, never>
  | Call<'stop', { reason: ExitReason }, string>
  | Call<'exit', { reason: ExitReason }, never>

type CounterCast = { readonly set: number }

class Counter extends GenServer<number, CounterCall, CounterCast> {
  readonly log: unknown[] = []
  readonly waiting: From<string>[] = []

  init() {
    return { state: 0 }
  }
  override handleCall(request: CounterCall, from: From<number | string>, count: number) {
    switch (request.type) {
      case 'add':
        return { reply: count + request.by, state: count + request.by }
      case 'get':
        return { reply: count, state: count }
      case 'later':
        this.waiting.push(from)
        return { state: count }
      case 'crash':
        throw new Error('crashed')
      case 'stop':
        return { stop: request.reason, reply: 'stopping', state: count }
      case 'exit':
        return exit(request.reason)
    }
  }
  override handleCast({ set }: CounterCast) {
    return { state: set }
  }
  override handleInfo(message: unknown, state: number) {
    this.log.push(message)
    return message === 'stop' ? { stop: 'normal', state } : { state }
  }
  override terminate(reason: ExitReason, state: number) {
    this.log.push(['terminate', reason, state])
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Something that can be waited for and let go. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** A process that does what it is sent, and keeps all else. */
function actor(received: unknown[] = []): Pid<unknown> {
  return spawn((message: unknown) => {
    if (typeof message === 'function') message()
    else received.push(message)
  })
}

describe('call', () => {
  it('hands the state from callback to callback and brings the reply', async () => {
    const counter = start(new Counter())
    expect(await call(counter, { type: 'add', by: 2 })).toBe(2)
    expect(await call(counter, { type: 'add', by: 3 })).toBe(5)
    expect(await call(counter, { type: 'get' })).toBe(5)
    await stop(counter)
  })

  it('works by registered name', async () => {
    const name: Name<ServerPid<CounterCall, CounterCast>> = 'counter'
    const counter = start(new Counter(), { name })
    cast(name, { set: 7 })
    expect(await call(name, { type: 'get' })).toBe(7)
    await stop(name)
    expect(isAlive(counter)).toBe(false)
    await expect(call(name, { type: 'get' })).rejects.toMatchObject({ code: 'noproc' })
  })

  it('is answered at once with the reason when the server crashes', async () => {
    const counter = start(new Counter())
    await expect(call(counter, { type: 'crash' })).rejects.toMatchObject({
      code: 'exit',
      reason: {
        error: new Error('crashed'),
        call: { server: 'Counter', callback: 'handleCall', message: { type: 'crash' } },
      },
    })
  })

  it('is answered when the server stops or exits instead', async () => {
    const counter = start(new Counter())
    expect(await call(counter, { type: 'stop', reason: 'shutdown' })).toBe('stopping')
    expect(isAlive(counter)).toBe(false)
    const other = start(new Counter())
    await expect(call(other, { type: 'exit', reason: 'shutdown' })).rejects.toMatchObject({
      code: 'exit',
      reason: 'shutdown',
    })
  })
})

describe('reply', () => {
  it('answers later, when handleCall returned no reply', async () => {
    const server = new Counter()
    const counter = start(server)
    const answer = call(counter, { type: 'later' })
    expect(await call(counter, { type: 'get' })).toBe(0)
    for (const from of server.waiting) reply(from, 'at last')
    expect(await answer).toBe('at last')
  })

  it('beside { reply } crashes the server: one call, one reply', async () => {
    class Twice extends GenServer<null, Call<'ask', object, number>> {
      init() {
        return { state: null }
      }
      override handleCall(_: Call<'ask', object, number>, from: From<number>) {
        reply(from, 1)
        return { reply: 2, state: null }
      }
    }
    const twice = start(new Twice())
    const ended = waitForExit(twice)
    expect(await call(twice, { type: 'ask' })).toBe(1)
    expect(await ended).toMatchObject({ error: { code: 'already_replied' } })
  })
})

describe('cast', () => {
  it('keeps its order with calls of the same sender', async () => {
    const counter = start(new Counter())
    cast(counter, { set: 1 })
    const first = call(counter, { type: 'get' })
    cast(counter, { set: 2 })
    expect([await first, await call(counter, { type: 'get' })]).toEqual([1, 2])
  })

  it('to nobody is a dead letter', () => {
    const before = deadLetters().unknownName
    cast('nobody', { set: 1 })
    expect(deadLetters().unknownName).toBe(before + 1)
  })
})

describe('handleInfo', () => {
  it('gets whatever is sent', async () => {
    const server = new Counter()
    const counter = start(server)
    send(counter, { any: 'thing' })
    await call(counter, { type: 'get' })
    expect(server.log).toEqual([{ any: 'thing' }])
  })

  it('by default drops the message, counts it and reports it', async () => {
    class Deaf extends GenServer<number, Call<'get', object, number>> {
      init() {
        return { state: 1 }
      }
      override handleCall(_request: Call<'get', object, number>, _from: unknown, state: number) {
        return { reply: state, state }
      }
    }
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    const { unhandled } = deadLetters()
    const deaf = start(new Deaf())
    send(deaf, 'hello?')
    expect(await call(deaf, { type: 'get' })).toBe(1)
    expect(deadLetters().unhandled).toBe(unhandled + 1)
    expect(reports).toMatchObject([{ event: 'unhandled_info', message: 'hello?' }])
  })
})

describe('a callback that is missing or returns nonsense', () => {
  it('crashes the server with advice', async () => {
    class Empty extends GenServer<null, Call<'x', object, null>, 'x'> {
      init() {
        return { state: null }
      }
    }
    const empty = start(new Empty())
    await expect(call(empty, { type: 'x' })).rejects.toMatchObject({
      reason: { error: { code: 'missing_callback', advice: 'override handleCall in Empty' } },
    })
    const other = start(new Empty())
    const ended = waitForExit(other)
    cast(other, 'x')
    expect(await ended).toMatchObject({ error: { code: 'missing_callback' } })
    class Bad extends GenServer<null> {
      init() {
        return { state: null }
      }
      override handleInfo(): { state: null } {
        return undefined as never
      }
    }
    const bad = start(new Bad())
    const badEnded = waitForExit(bad)
    send(bad, 'x')
    expect(await badEnded).toMatchObject({
      error: { code: 'bad_return', message: expect.stringContaining('Bad.handleInfo returned') },
    })
  })
})

describe('handleContinue', () => {
  it('runs after init has returned and before any message', async () => {
    const order: string[] = []
    class Lazy extends GenServer<number> {
      init() {
        send(this.self, 'early message')
        return { state: 0, continue: 'load' }
      }
      override handleContinue(term: unknown, state: number) {
        order.push(`continue ${term}`)
        return state < 2 ? { state: state + 1, continue: 'more' } : { state }
      }
      override handleInfo(message: unknown, state: number) {
        order.push(`info ${message}`)
        return { state }
      }
    }
    start(new Lazy())
    order.push('started')
    runUntilIdle()
    expect(order).toEqual([
      'started',
      'continue load',
      'continue more',
      'continue more',
      'info early message',
    ])
  })
})

describe('init that returns { ignore: true }', () => {
  class Optional extends GenServer<null> {
    init() {
      return { ignore: true as const }
    }
  }

  it('throws a StartError with code ignored, and leaves nothing behind', () => {
    const count = processCount()
    const ignored = expect.objectContaining({ code: 'ignored', reason: 'normal' })
    expect(() => start(new Optional(), { name: 'optional' })).toThrow(ignored)
    expect(whereis('optional')).toBeUndefined()
    expect(processCount()).toBe(count)
  })
})

describe('a parent that has ended', () => {
  it('starts nothing', () => {
    const parent = spawn(() => {})
    exit(parent, 'kill')
    const noproc = expect.objectContaining({ code: 'init_failed', reason: 'noproc' })
    expect(() => start(new Counter(), { parent })).toThrow(noproc)
  })
})

describe('timeoutMs of 0', () => {
  class Eager extends GenServer<string[]> {
    readonly heard: unknown[] = []
    init() {
      return { state: [], timeoutMs: 0 }
    }
    override handleInfo(message: unknown, state: string[]) {
      this.heard.push(message)
      return message === 'again' ? { state, timeoutMs: 0 } : { state }
    }
  }

  it('times out when no message waits, without any time passing', () => {
    useClock(new VirtualClock())
    const eager = new Eager()
    const pid = start(eager)
    runUntilIdle()
    expect(eager.heard).toEqual(['timeout'])
    send(pid, 'again')
    send(pid, 'waits')
    runUntilIdle()
    expect(eager.heard).toEqual(['timeout', 'again', 'waits'])
  })
})

describe('timeoutMs', () => {
  class Idle extends GenServer<string[]> {
    init() {
      return { state: [] as string[], timeoutMs: 100 }
    }
    override handleInfo(message: unknown, heard: string[]) {
      heard.push(String(message))
      return message === 'again' ? { state: heard, timeoutMs: 50 } : { state: heard }
    }
  }

  it('brings timeout when no message comes', () => {
    const clock = new VirtualClock()
    useClock(clock)
    const heard: string[] = []
    class Probe extends Idle {
      override init() {
        return { state: heard, timeoutMs: 100 }
      }
    }
    const idle = start(new Probe())
    clock.advance(99)
    expect(heard).toEqual([])
    clock.advance(1)
    expect(heard).toEqual(['timeout'])
    send(idle, 'again')
    clock.advance(49)
    send(idle, 'other')
    clock.advance(1000)
    expect(heard).toEqual(['timeout', 'again', 'other'])
  })

  it('does not bring a timeout that a message has overtaken', () => {
    const clock = new VirtualClock()
    useClock(clock)
    const heard: string[] = []
    class Probe extends Idle {
      override init() {
        return { state: heard, timeoutMs: 100 }
      }
    }
    const idle = start(new Probe())
    clock.afterWake = null
    send(idle, 'again')
    clock.advance(100)
    // The timeout has been sent, but "again" lies before it and starts a new wait.
    runUntilIdle()
    expect(heard).toEqual(['again'])
    clock.advance(50)
    runUntilIdle()
    expect(heard).toEqual(['again', 'timeout'])
  })
})

describe('start', () => {
  it('throws a StartError when init throws, stops or returns nonsense; nothing is left', () => {
    class Failing extends GenServer<null> {
      readonly how: () => never
      constructor(how: () => never) {
        super()
        this.how = how
      }
      init(): { state: null } {
        return this.how()
      }
    }
    const before = processCount()
    const fail = (): never => {
      throw new Error('no disk')
    }
    expect(() => start(new Failing(fail), { name: 'failing' })).toThrow(
      expect.objectContaining({
        name: 'StartError',
        code: 'init_failed',
        message: expect.stringContaining('Failing did not start, Error: no disk'),
        reason: { error: new Error('no disk'), call: { server: 'Failing', callback: 'init' } },
        cause: new Error('no disk'),
      }),
    )
    expect(() => start(new Failing(() => exit('not today')))).toThrow(
      expect.objectContaining({ reason: 'not today' }),
    )
    expect(() => start(new Failing(() => ({ stop: 'ignored' }) as never))).toThrow(
      expect.objectContaining({ reason: 'ignored' }),
    )
    expect(() => start(new Failing(() => null as never))).toThrow(
      expect.objectContaining({ reason: { error: expect.anything(), call: expect.anything() } }),
    )
    expect(whereis('failing')).toBeUndefined()
    expect(processCount()).toBe(before)
  })

  it('refuses a taken name with the pid that has it', () => {
    const counter = start(new Counter(), { name: 'taken' })
    expect(() => start(new Counter(), { name: 'taken' })).toThrow(
      expect.objectContaining({ code: 'already_started', pid: counter }),
    )
    exit(counter, 'kill')
  })

  it('refuses an instance that has been started', () => {
    const server = new Counter()
    start(server)
    expect(() => start(server)).toThrow(/make a new one for each start/)
  })

  class LateCounter extends GenServer<number, Call<'get', object, number>> {
    readonly log: unknown[] = []
    async init() {
      await turn()
      return { state: 5 }
    }
    override handleCall(_request: Call<'get', object, number>, _from: unknown, state: number) {
      return { reply: state, state }
    }
    override handleInfo(message: unknown, state: number) {
      this.log.push(message)
      return { state }
    }
  }

  it('returns a promise when init is async', async () => {
    const starting = start(new LateCounter())
    expect(starting).toBeInstanceOf(Promise)
    expect(await call(await starting, { type: 'get' })).toBe(5)
  })

  it('rejects when an async init fails or is killed', async () => {
    class Slow extends GenServer<null> {
      readonly #init: (me: Pid) => Promise<never>
      constructor(init: (me: Pid) => Promise<never>) {
        super()
        this.#init = init
      }
      init(): Promise<{ state: null }> {
        return this.#init(this.self)
      }
    }
    const failing = start(
      new Slow(async () => {
        await turn()
        throw new Error('late')
      }),
      { name: 'late' },
    )
    await expect(failing).rejects.toMatchObject({ reason: { error: new Error('late') } })
    expect(whereis('late')).toBeUndefined()
    const killed = start(
      new Slow((me) => {
        setImmediate(() => exit(me, 'kill'))
        return new Promise(() => {})
      }),
    )
    await expect(killed).rejects.toBeInstanceOf(StartError)
    await expect(killed).rejects.toMatchObject({ reason: 'killed' })
  })

  it('takes messages that came during an async init afterwards', async () => {
    const server = new LateCounter()
    const starting = start(server)
    send(server.self, 'early')
    const counter = await starting
    await call(counter, { type: 'get' })
    expect(server.log).toEqual(['early'])
  })
})

describe('startLink', () => {
  it('links the server with the process that starts it', async () => {
    const parent = actor()
    let child: Pid | undefined
    send(parent, () => {
      child = startLink(new Counter())
    })
    runUntilIdle()
    if (child === undefined) throw new Error('no child')
    expect(linksOf(child)).toEqual([parent])
    exit(parent, 'shutdown')
    expect(isAlive(child)).toBe(false)
  })

  it('outside of a process says what to do', () => {
    expect(() => startLink(new Counter())).toThrow(
      expect.objectContaining({ code: 'not_a_process' }),
    )
  })

  it('answers a failed init by the error only, not by an exit signal', () => {
    class Failing extends GenServer<null> {
      init(): { state: null } {
        throw new Error('no')
      }
    }
    const received: unknown[] = []
    const parent = actor(received)
    trapExit(true, parent)
    send(parent, () => {
      try {
        startLink(new Failing())
      } catch (error) {
        received.push(error)
      }
    })
    runUntilIdle()
    expect(received).toEqual([expect.objectContaining({ code: 'init_failed' })])
  })
})

describe('terminate', () => {
  const stopped = async (
    how: (pid: ServerPid<CounterCall>, parent: Pid) => void,
    traps = false,
  ) => {
    const server = new (class extends Counter {
      override init() {
        trapExit(traps)
        return { state: 3 }
      }
    })()
    const parent = actor()
    const pid = start(server, { parent })
    const ended = waitForExit(pid)
    how(pid, parent)
    runUntilIdle()
    return { reason: await ended, log: server.log }
  }

  it('is called on { stop }, on a crash and on stop()', async () => {
    expect(await stopped((pid) => send(pid, 'stop'))).toEqual({
      reason: 'normal',
      log: ['stop', ['terminate', 'normal', 3]],
    })
    const crashed = await stopped((pid) => void call(pid, { type: 'crash' }).catch(() => {}))
    expect(crashed.log).toEqual([['terminate', crashed.reason, 3]])
    expect(await stopped((pid) => void stop(pid, 'shutdown'))).toEqual({
      reason: 'shutdown',
      log: [['terminate', 'shutdown', 3]],
    })
  })

  it('is called on exit of the parent, when the server traps exits', async () => {
    const trapped = await stopped((_, parent) => exit(parent, 'shutdown'), true)
    expect(trapped).toEqual({ reason: 'shutdown', log: [['terminate', 'shutdown', 3]] })
    const untrapped = await stopped((_, parent) => exit(parent, 'shutdown'))
    expect(untrapped).toEqual({ reason: 'shutdown', log: [] })
  })

  it('is not called on kill', async () => {
    expect(await stopped((pid) => exit(pid, 'kill'), true)).toEqual({ reason: 'killed', log: [] })
  })

  it('may be async; the process ends when it settles', async () => {
    const { open, opened } = gate()
    const server = new (class extends Counter {
      override async terminate() {
        await opened
        this.log.push('closed')
      }
    })()
    const pid = start(server)
    const stopping = stop(pid)
    await turn()
    expect(isAlive(pid)).toBe(true)
    open()
    await stopping
    expect(server.log).toEqual(['closed'])
  })

  it('that throws decides the reason', async () => {
    const pid = start(
      new (class extends Counter {
        override terminate() {
          throw new Error('while closing')
        }
      })(),
    )
    await expect(stop(pid)).rejects.toMatchObject({
      code: 'exit',
      reason: { error: new Error('while closing'), call: { callback: 'terminate' } },
    })
  })
})

describe('exits that are trapped', () => {
  it('of others than the parent come to handleInfo', async () => {
    const server = new (class extends Counter {
      override init() {
        trapExit()
        return { state: 0 }
      }
    })()
    const pid = start(server, { parent: actor() })
    const other = actor()
    send(other, () => exit(pid, 'please'))
    runUntilIdle()
    expect(server.log).toEqual([new Exit(other, 'please')])
  })
})

describe('an async callback', () => {
  type SlowCall = Call<'wait', object, string> | Call<'fast', object, string>

  class Slow extends GenServer<number, SlowCall> {
    readonly gate: { readonly open: () => void; readonly opened: Promise<void> } = gate()
    after: unknown = null
    init() {
      return { state: 0 }
    }
    override handleCall(request: SlowCall, _from: From<string>, state: number) {
      if (request.type === 'fast') return { reply: `fast ${state}`, state }
      return this.#wait(state)
    }
    async #wait(state: number) {
      await this.gate.opened
      try {
        self()
      } catch (error) {
        this.after = error
      }
      return { reply: 'waited', state: state + 1 }
    }
    override async handleInfo(message: unknown, state: number) {
      await this.gate.opened
      if (message === 'crash') throw new Error('async crash')
      return { state }
    }
  }

  it('suspends the server: the next message waits for it', async () => {
    const server = new Slow()
    const slow = start(server)
    const first = call(slow, { type: 'wait' })
    const second = call(slow, { type: 'fast' })
    await turn()
    expect(processInfo(slow)).toMatchObject({ status: 'suspended', mailboxLength: 1 })
    server.gate.open()
    expect(await first).toBe('waited')
    expect(await second).toBe('fast 1')
    // After an await there is no current process any more.
    expect(server.after).toMatchObject({ code: 'not_a_process' })
  })

  it('does not keep exit signals waiting: kill works at once', async () => {
    const server = new Slow()
    const slow = start(server)
    const answer = call(slow, { type: 'wait' })
    await turn()
    exit(slow, 'kill')
    expect(isAlive(slow)).toBe(false)
    await expect(answer).rejects.toMatchObject({ code: 'exit', reason: 'killed' })
    server.gate.open()
    await turn()
  })

  it('that rejects crashes the server like one that throws', async () => {
    const server = new Slow()
    const slow = start(server)
    const ended = waitForExit(slow)
    send(slow, 'crash')
    server.gate.open()
    expect(await ended).toEqual({
      error: new Error('async crash'),
      call: { server: 'Slow', callback: 'handleInfo', message: 'crash' },
    })
  })

  it('may call other servers', async () => {
    const counter = start(new Counter())
    class Client extends GenServer<null, Call<'ask', object, number>> {
      init() {
        return { state: null }
      }
      override async handleCall() {
        const a = await call(counter, { type: 'add', by: 1 })
        const b = await call(counter, { type: 'add', by: 1 })
        return { reply: a * 10 + b, state: null }
      }
    }
    const client = start(new Client())
    expect(await call(client, { type: 'ask' })).toBe(12)
    expect(await call(client, { type: 'ask' })).toBe(34)
  })
})

describe('signal', () => {
  it('is aborted when the process ends, with the reason', async () => {
    class Fetcher extends GenServer<null> {
      init() {
        return { state: null }
      }
    }
    const server = new Fetcher()
    const pid = start(server)
    const { signal } = server
    expect(signal).toBe(server.signal)
    expect(signal.aborted).toBe(false)
    exit(pid, 'kill')
    expect(signal.reason).toBe('killed')
  })
})

describe('stop', () => {
  it('rejects for nobody, and when the server does not stop in time', async () => {
    const pid = start(new Counter())
    await stop(pid)
    await expect(stop(pid)).rejects.toMatchObject({ code: 'noproc' })
    const stubborn = start(
      new (class extends Counter {
        override terminate(): Promise<void> {
          return new Promise(() => {})
        }
      })(),
    )
    await expect(stop(stubborn, 'normal', { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'timeout',
    })
    exit(stubborn, 'kill')
  })
})

describe('changeCode', () => {
  class NewCounter extends Counter {
    override codeChange(oldVersion: unknown, state: unknown, extra: unknown): number {
      if (extra === 'fail') throw new Error('cannot')
      return Number(state) * 10 + Number(oldVersion)
    }
    override handleCast({ set }: CounterCast) {
      return { state: -set }
    }
  }

  it('lets a living server go on with other callbacks and a converted state', async () => {
    const counter = start(new Counter())
    cast(counter, { set: 4 })
    await changeCode(counter, new NewCounter(), { oldVersion: 2 })
    expect(await call(counter, { type: 'get' })).toBe(42)
    cast(counter, { set: 5 })
    expect(await call(counter, { type: 'get' })).toBe(-5)
  })

  it('leaves the server as it was when that fails', async () => {
    const counter = start(new Counter())
    cast(counter, { set: 4 })
    const change = changeCode(counter, new NewCounter(), { extra: 'fail' })
    await expect(change).rejects.toThrow('cannot')
    expect(await call(counter, { type: 'get' })).toBe(4)
  })

  it('of nobody rejects', async () => {
    const counter = start(new Counter())
    exit(counter, 'kill')
    await expect(changeCode(counter, new NewCounter())).rejects.toMatchObject({ code: 'noproc' })
  })
})
