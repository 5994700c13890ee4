import { describe, expect, it } from 'vitest'
import { type Call, call, cast, GenServer, start, stop } from '../../src/behaviours/gen-server.ts'
import { alias } from '../../src/runtime/alias.ts'
import { type AsyncSelf, spawnAsync } from '../../src/runtime/async-process.ts'
import { VirtualClock } from '../../src/runtime/clock.ts'
import * as dictionary from '../../src/runtime/dictionary.ts'
import { spawnGenerator } from '../../src/runtime/generator-process.ts'
import { Registry } from '../../src/runtime/keyed-registry.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, processInfo, send, spawn } from '../../src/runtime/process.ts'
import { processFlag } from '../../src/runtime/process-flag.ts'
import { receive, TIMEOUT } from '../../src/runtime/receive.ts'
import { register, unregister, whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import {
  demonitor,
  exit,
  link,
  monitor,
  onExit,
  self,
  trapExit,
  unlink,
  waitForExit,
} from '../../src/runtime/signal.ts'
import { Table } from '../../src/runtime/table.ts'
import { cancelTimer, sendAfter, sendInterval, useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

/** A promise, and what keeps it. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

/** All microtasks and turns that are due. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('spawnAsync', () => {
  it('receives in order, and by choice', async () => {
    const heard: unknown[] = []
    const process = spawnAsync(async (me) => {
      heard.push(await me.receive(receive({ type: 'b' })))
      heard.push(await me.receive(), await me.receive())
    })
    for (const type of ['a', 'b', 'c']) send(process, { type })
    await waitForExit(process)
    expect(heard).toEqual(['b', 'a', 'c'].map((type) => ({ type })))
  })

  it('gets no message while it awaits something else', async () => {
    const { passed, open } = gate()
    const heard: unknown[] = []
    const process = spawnAsync(async (me) => {
      await passed
      heard.push(await me.receive())
    })
    send(process, 1)
    await turn()
    expect(heard).toEqual([])
    expect(processInfo(process)).toMatchObject({ status: 'suspended', mailboxLength: 1 })
    open()
    await waitForExit(process)
    expect(heard).toEqual([1])
  })

  it('knows itself after an await', async () => {
    const seen: unknown[] = []
    const process = spawnAsync(async (me) => {
      seen.push(self(), me.pid)
      await turn()
      seen.push(self())
    })
    await waitForExit(process)
    expect(seen).toEqual([process, process, process])
  })

  it('gives up receiving after a timeout, and looks once with 0', async () => {
    const clock = new VirtualClock()
    useClock(clock)
    const heard: unknown[] = []
    const process = spawnAsync(async (me) => {
      heard.push(await me.receive(receive(undefined, { timeoutMs: 0 })))
      heard.push(await me.receive(receive(undefined, { timeoutMs: 50 })), clock.now())
      await me.sleep(50)
      heard.push(clock.now())
    })
    const ended = waitForExit(process)
    await clock.advanceAsync(200)
    expect([await ended, heard]).toEqual(['normal', [TIMEOUT, TIMEOUT, 50, 100]])
    expect(armedTimers()).toBe(0)
  })

  it('ends with normal, with what it throws, or with exit(reason)', async () => {
    const error = new Error('a mistake')
    const normal = spawnAsync(async () => {})
    const thrown = spawnAsync(async function talk() {
      await turn()
      throw error
    })
    const left = spawnAsync(async () => {
      await turn()
      exit('enough')
    })
    const reasons = await Promise.all([normal, thrown, left].map((pid) => waitForExit(pid)))
    expect(reasons).toEqual(['normal', { error, call: { callback: 'talk' } }, 'enough'])
  })

  it('waits for one message at a time', async () => {
    const process = spawnAsync(async (me) => {
      await Promise.all([me.receive(), me.receive()])
    })
    expect(await waitForExit(process)).toMatchObject({ error: { code: 'already_receiving' } })
  })

  it('is not the code of others that run because of it', async () => {
    const { passed, open } = gate()
    const seen: unknown[] = []
    const server = start(new Waiting(passed, seen))
    const process = spawnAsync(async () => {
      await turn()
      cast(server, 'go')
    })
    await waitForExit(process)
    open()
    await turn()
    expect(seen).toEqual(['no process', 'sent'])
    await stop(server)
  })
})

/** Looks who it is after an await, when nobody is, and sends. */
class Waiting extends GenServer<undefined, never, string> {
  readonly #passed: Promise<void>
  readonly #seen: unknown[]

  constructor(passed: Promise<void>, seen: unknown[]) {
    super()
    this.#passed = passed
    this.#seen = seen
  }
  init() {
    return { state: undefined }
  }
  override async handleCast() {
    await this.#passed
    try {
      this.#seen.push(self())
    } catch {
      this.#seen.push('no process')
    }
    send(
      spawn(() => {}),
      undefined as never,
    )
    this.#seen.push('sent')
    return { state: undefined }
  }
}

type EchoCall = Call<'echo', object, string>

class Echo extends GenServer<undefined, EchoCall, string> {
  init() {
    return { state: undefined }
  }
  override handleCall() {
    return { reply: 'echo', state: undefined }
  }
  override handleCast() {
    return { state: undefined }
  }
}

describe('a killed async process', () => {
  const other = spawn((_: unknown) => {})
  const server = start(new Echo())
  const table = new Table<{ readonly id: number }, 'id'>({ key: 'id' })
  const entries: Readonly<Record<string, (me: AsyncSelf<unknown>) => unknown>> = {
    send: () => send(other, 1),
    'send to a name': () => send('nobody', 1 as never),
    receive: (me) => me.receive(),
    sleep: (me) => me.sleep(1),
    self: () => self(),
    call: () => call(server, { type: 'echo' }),
    cast: () => cast(server, 'x'),
    spawn: () => spawn(() => {}),
    spawnGenerator: () => spawnGenerator(function* () {}),
    spawnAsync: () => spawnAsync(async () => {}),
    start: () => start(new Echo()),
    stop: () => stop(server),
    link: () => link(other),
    'link for another': (me) => link(other, me.pid),
    unlink: () => unlink(other),
    monitor: () => monitor(other),
    'monitor for another': () => monitor(server, other),
    demonitor: () => demonitor({ pid: other }),
    alias: () => alias({}, other),
    exit: () => exit(other, 'kill'),
    onExit: () => onExit(other, () => {}),
    register: () => register('name', other),
    unregister: () => unregister('name'),
    'insert into a table': () => table.insert({ id: 1 }),
    'register by key': () =>
      new Registry<string>({ name: 'keys of the killed' }).register('key', undefined, other),
    trapExit: () => trapExit(),
    processFlag: () => processFlag('priority', 'high', other),
    sendAfter: () => sendAfter(other, 1, 10),
    sendInterval: () => sendInterval(other, 1, 10),
    cancelTimer: () => cancelTimer({ destination: other }),
    dictionary: () => dictionary.put('key', 1, other),
  }

  for (const [name, enter] of Object.entries(entries)) {
    it(`gets no further than ${name}`, async () => {
      const { passed, open } = gate()
      let outcome: unknown = 'nothing'
      const process = spawnAsync(async (me) => {
        await passed
        try {
          outcome = await enter(me)
        } catch (error) {
          outcome = error
        }
      })
      await turn()
      exit(process, 'kill')
      open()
      await turn()
      expect(outcome).toMatchObject({ code: 'process_ended' })
      expect([isAlive(other), isAlive(server), whereis('name')]).toEqual([true, true, undefined])
    })
  }

  it('is gone for all others at once, and never returns from receive', async () => {
    const log: string[] = []
    const process = spawnAsync(async (me) => {
      await me.receive()
      log.push('received')
    })
    await turn()
    exit(process, 'kill')
    expect(isAlive(process)).toBe(false)
    send(process, 1)
    await turn()
    expect(log).toEqual([])
  })

  it('has its signal aborted with the reason, so that what it awaits can stop', async () => {
    const reasons: unknown[] = []
    const process: Pid = spawnAsync(async (me) => {
      await new Promise((_, reject) => {
        me.signal.addEventListener('abort', () => {
          reasons.push(me.signal.reason)
          reject(new Error('stopped'))
        })
      })
    })
    runUntilIdle()
    exit(process, 'boom')
    await turn()
    expect(reasons).toEqual(['boom'])
  })
})

describe('sleep of an async process', () => {
  it('refuses what is no time', async () => {
    let error: unknown
    const pid = spawnAsync(async (me) => {
      try {
        await me.sleep(Number.NaN)
      } catch (thrown) {
        error = thrown
      }
    })
    await waitForExit(pid)
    expect(error).toMatchObject({ code: 'bad_delay' })
  })
})
