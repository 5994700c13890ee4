import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Call,
  call,
  cast,
  type From,
  GenServer,
  reply,
  type ServerPid,
  start,
  startLink,
  stop,
} from '../../src/behaviours/gen-server.ts'
import { onServerStart } from '../../src/behaviours/server-start.ts'
import * as sys from '../../src/behaviours/sys.ts'
import { prepareUpgrade, UpgradeError } from '../../src/behaviours/upgrade.ts'
import {
  type ClassVersion,
  ExportedClass,
  type ServerClass,
  serverStarts,
} from '../../src/behaviours/versioned-class.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

type CounterCall = Call<'add', { by: number }, number> | Call<'version', object, string>
type CounterPid = ServerPid<CounterCall, number>

/** The first version; its state is a number. */
class Counter extends GenServer<number, CounterCall, number> {
  init() {
    return { state: 0 }
  }
  override handleCall(request: CounterCall, _from: From<number & string>, count: number) {
    if (request.type === 'version') return { reply: 'one', state: count }
    return { reply: count + request.by, state: count + request.by }
  }
  override handleCast(by: number, count: number) {
    return { state: count + by }
  }
}

interface Tally {
  readonly count: number
  readonly changedBy: unknown
}

/** The second; its state is an object. */
class Counter2 extends GenServer<Tally, CounterCall, number> {
  init() {
    return { state: { count: 0, changedBy: 'init' } }
  }
  override handleCall(request: CounterCall, _from: From<number & string>, state: Tally) {
    if (request.type === 'version') return { reply: `two ${state.changedBy}`, state }
    const next = { ...state, count: state.count + request.by }
    return { reply: next.count, state: next }
  }
  override handleCast(by: number, state: Tally) {
    return { state: { ...state, count: state.count + by } }
  }
  override codeChange(oldVersion: unknown, state: unknown, extra: unknown): Tally {
    if (state === 13) throw new Error('unlucky')
    return { count: state as number, changedBy: `${oldVersion} ${extra}` }
  }
}

beforeEach(() => onServerStart(serverStarts))
afterEach(() => onServerStart(null))

/** Gives a class a second version; fresh classes each time, because versions are for ever. */
function versions(first: ServerClass, second: ServerClass) {
  const exported = new ExportedClass('file:///counter.ts', 'Counter', 1, first)
  const to = exported.addVersion(2, second)
  return { exported, change: { from: exported.newest, to } }
}

const fresh = () => ({ First: class extends Counter {}, Second: class extends Counter2 {} })

const versionOf = (pid: Pid): Promise<string> => call(pid as CounterPid, { type: 'version' })

describe('an upgrade', () => {
  it('changes code and state of every living server, and keeps pid and count', async () => {
    const { First, Second } = fresh()
    const { change } = versions(First, Second)
    const counters = [1, 2, 3].map(() => start(new First()))
    for (const counter of counters) await call(counter, { type: 'add', by: 5 })
    const upgrade = await prepareUpgrade([change], { extra: 'x' })
    upgrade.commit()
    expect(upgrade.changed).toBe(3)
    for (const counter of counters) {
      expect(await versionOf(counter)).toBe('two 1 x')
      expect(await call(counter, { type: 'add', by: 1 })).toBe(6)
      await stop(counter)
    }
  })

  it('leaves servers of other classes alone, and those that start later get the new one', async () => {
    const { First, Second } = fresh()
    const { change, exported } = versions(First, Second)
    const other = start(new Counter())
    const upgrade = await prepareUpgrade([change])
    upgrade.commit()
    expect(upgrade.changed).toBe(0)
    const later = start(new First())
    expect(await versionOf(other)).toBe('one')
    expect(await versionOf(later)).toBe('two init')
    expect([...exported.instances.keys()]).toEqual([later])
    await stop(other)
    await stop(later)
    expect(exported.instances.size).toBe(0)
  })

  it('whose codeChange throws for one takes back all of them, and what starts later', async () => {
    const { First, Second } = fresh()
    const { change } = versions(First, Second)
    const counters = [7, 13, 9].map((count) => ({ count, pid: start(new First()) }))
    for (const { pid, count } of counters) await call(pid, { type: 'add', by: count })
    const failure = await prepareUpgrade([change]).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UpgradeError)
    expect(failure).toMatchObject({
      code: 'code_change_failed',
      pids: [counters[1]?.pid],
      rolledBack: 1,
      cause: new Error('unlucky'),
    })
    for (const { pid, count } of counters) {
      expect(await versionOf(pid)).toBe('one')
      expect(await call(pid, { type: 'add', by: 0 })).toBe(count)
      await stop(pid)
    }
    const later = start(new First())
    expect(await versionOf(later)).toBe('one')
    await stop(later)
  })

  it('can be taken back after all were changed', async () => {
    const { First, Second } = fresh()
    const { change } = versions(First, Second)
    const counter = start(new First())
    await call(counter, { type: 'add', by: 4 })
    const upgrade = await prepareUpgrade([change], { holdAll: true })
    cast(counter, 2)
    upgrade.rollback()
    expect(await versionOf(counter)).toBe('one')
    expect(await call(counter, { type: 'add', by: 0 })).toBe(6)
    await stop(counter)
  })

  it('goes in supervision order: parents first, then from left to right', async () => {
    const order: string[] = []
    class Named extends Counter {
      readonly name: string
      constructor(name: string) {
        super()
        this.name = name
      }
    }
    class Renamed extends Named {
      override codeChange(_: unknown, state: number): number {
        order.push(this.name)
        return state
      }
    }
    const { change } = versions(Named, Renamed)
    const child = (name: string) => ({ id: name, start: () => startLink(new Named(name)) })
    const inner = (name: string) => ({
      id: name,
      type: 'supervisor' as const,
      start: () =>
        startLink(new Supervisor({ children: [child(`${name}.a`), child(`${name}.b`)] })),
    })
    const tree = await start(new Supervisor({ children: [inner('x'), child('y'), inner('z')] }))
    // The oldest pid does not come first when it has been restarted.
    const first = await Supervisor.whichChildren(tree)
    await Supervisor.terminateChild(tree, 'x')
    await Supervisor.restartChild(tree, 'x')
    expect(first).toHaveLength(3)
    const loner = start(new Named('loner'))
    const upgrade = await prepareUpgrade([change])
    upgrade.commit()
    expect(order).toEqual(['x.a', 'x.b', 'y', 'z.a', 'z.b', 'loner'])
    await stop(loner)
    await stop(tree)
  })
})

/** Answers when it is told to. */
class Slow extends GenServer<number, Call<'wait', object, string>> {
  static finish: () => void = () => {}
  init() {
    return { state: 0 }
  }
  override async handleCall(_: Call<'wait', object, string>, _from: From<string>, count: number) {
    await new Promise<void>((resolve) => {
      Slow.finish = resolve
    })
    return { reply: 'one', state: count + 1 }
  }
}

class Slow2 extends Slow {
  override async handleCall(_: Call<'wait', object, string>, _from: From<string>, count: number) {
    return { reply: `two ${count}`, state: count }
  }
}

describe('a server in an async callback', () => {
  it('finishes it with the old code, and serves what waits with the new', async () => {
    const { change } = versions(class extends Slow {}, class extends Slow2 {})
    const slow = start(new (change.from.serverClass as unknown as typeof Slow)())
    const [first, second] = [call(slow, { type: 'wait' }), call(slow, { type: 'wait' })]
    runUntilIdle()
    const preparing = prepareUpgrade([change])
    Slow.finish()
    const upgrade = await preparing
    expect(upgrade.held).toBe(1)
    upgrade.commit()
    expect(await first).toBe('one')
    expect(await second).toBe('two 1')
    await stop(slow)
  })

  it('that stays there makes the upgrade fail, and goes on with the old code', async () => {
    const { change } = versions(class extends Slow {}, class extends Slow2 {})
    const slow = start(new (change.from.serverClass as unknown as typeof Slow)())
    const [first, second] = [call(slow, { type: 'wait' }), call(slow, { type: 'wait' })]
    runUntilIdle()
    const failure = await prepareUpgrade([change], { holdMs: 5 }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'upgrade_timeout', pids: [slow] })
    Slow.finish()
    expect(await first).toBe('one')
    runUntilIdle()
    Slow.finish()
    expect(await second).toBe('one')
    await stop(slow)
  })

  it('that an operator suspends meanwhile stays suspended, with the new code', async () => {
    const { change } = versions(class extends Slow {}, class extends Slow2 {})
    const slow = start(new (change.from.serverClass as unknown as typeof Slow)())
    const upgrade = await prepareUpgrade([change], { holdAll: true })
    await sys.suspend(slow)
    const waiting = call(slow, { type: 'wait' })
    upgrade.commit()
    runUntilIdle()
    expect(await sys.status(slow)).toBe('suspended')
    await sys.resume(slow)
    expect(await waiting).toBe('two 0')
    await stop(slow)
  })

  it('that an operator resumes meanwhile goes on when the upgrade lets it', async () => {
    const { change } = versions(class extends Slow {}, class extends Slow2 {})
    const slow = start(new (change.from.serverClass as unknown as typeof Slow)())
    await sys.suspend(slow)
    const upgrade = await prepareUpgrade([change], { holdAll: true })
    const waiting = call(slow, { type: 'wait' })
    await sys.resume(slow)
    expect(await sys.status(slow)).toBe('suspended')
    upgrade.rollback()
    runUntilIdle()
    Slow.finish()
    expect(await waiting).toBe('one')
    await stop(slow)
  })

  it('that ends meanwhile is no concern of the upgrade', async () => {
    const { change } = versions(class extends Slow {}, class extends Slow2 {})
    const slow = start(new (change.from.serverClass as unknown as typeof Slow)())
    const waiting = call(slow, { type: 'wait' }).catch((error: Error) => error.message)
    runUntilIdle()
    const preparing = prepareUpgrade([change])
    const killed = sys.suspend(slow).catch(() => 'gone')
    exit(slow, 'kill')
    const upgrade = await preparing
    upgrade.commit()
    expect(upgrade.changed).toBe(0)
    expect(await waiting).toContain('killed')
    expect(await killed).toBe('gone')
  })
})

describe('an instance', () => {
  class Arrow extends GenServer<number, Call<'get', object, string>> {
    readonly text = (): string => 'one'
    unit = 'm'
    init() {
      return { state: 0 }
    }
    override handleCall(_: Call<'get', object, string>, _from: From<string>, state: number) {
      return { reply: this.text() + this.unit, state }
    }
  }

  async function upgradedReply(first: ServerClass, second: ServerClass, server: Arrow) {
    const { change } = versions(first, second)
    const pid = start(server)
    try {
      const upgrade = await prepareUpgrade([change])
      upgrade.commit()
      return await call(pid, { type: 'get' })
    } finally {
      await stop(pid)
    }
  }

  it('with functions in fields is made anew, and keeps its data', async () => {
    class First extends Arrow {}
    class Second extends Arrow {
      override readonly text = (): string => 'two'
    }
    const server = new First()
    server.unit = 'km'
    expect(await upgradedReply(First, Second, server)).toBe('twokm')
  })

  it('with such fields and constructor arguments needs static renew', async () => {
    class First extends Arrow {
      constructor(unit: string) {
        super()
        this.unit = unit
      }
    }
    class Second extends Arrow {
      constructor(unit: string) {
        super()
        this.unit = unit
      }
    }
    await expect(upgradedReply(First, Second, new First('km'))).rejects.toMatchObject({
      code: 'code_change_failed',
      cause: { code: 'cannot_renew' },
    })
    class Third extends Second {
      override readonly text = (): string => 'three'
      static renew(previous: First): Third {
        return new Third(`${previous.unit}!`)
      }
    }
    class Again extends First {}
    expect(await upgradedReply(Again, Third, new Again('km'))).toBe('threekm!')
  })

  it('with private fields needs static renew', async () => {
    class First extends Arrow {
      readonly #secret = 'x'
      override readonly text = (): string => this.#secret
    }
    class Second extends Arrow {
      readonly #secret = 'y'
      override readonly text = (): string => this.#secret
    }
    await expect(upgradedReply(First, Second, new First())).rejects.toMatchObject({
      cause: { code: 'cannot_renew', message: expect.stringContaining('private') },
    })
  })
})

describe('a hundred thousand servers', () => {
  it('are changed in one go, and a failure of the last takes back all', async () => {
    const { First, Second } = fresh()
    const { change } = versions(First, Second)
    const counters = Array.from({ length: 100_000 }, () => start(new First()))
    const last = counters.at(-1) as CounterPid
    await call(last, { type: 'add', by: 13 })
    await expect(prepareUpgrade([change])).rejects.toMatchObject({ rolledBack: 99_999 })
    await call(last, { type: 'add', by: 1 })
    const upgrade = await prepareUpgrade([change])
    upgrade.commit()
    expect(upgrade.changed).toBe(100_000)
    expect(await versionOf(last)).toContain('two')
    for (const counter of counters) exit(counter, 'kill')
  })
})

type Log = number[]
type LogCall = Call<'append', { item: number }, number> | Call<'later', { item: number }, number>

/** Appends at once, or answers late from a continuation: calls in flight during an upgrade. */
class Journal extends GenServer<Log, LogCall> {
  init() {
    return { state: [] as Log }
  }
  override handleCall(request: LogCall, from: From<number>, log: Log) {
    const next = [...log, request.item]
    if (request.type === 'append') return { reply: request.item, state: next }
    void Promise.resolve().then(() => reply(from, request.item))
    return { state: next }
  }
}

describe('calls in flight', () => {
  it('are neither lost nor answered twice, whenever upgrades happen', async () => {
    const steps = fc.array(fc.constantFrom('append', 'later', 'upgrade', 'pause'), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const First = class extends Journal {}
        const exported = new ExportedClass('file:///journal.ts', 'Journal', 1, First)
        const journal = start(new First())
        const replies: Promise<number>[] = []
        let upgrades = 0
        for (const step of sequence) {
          if (step === 'pause') await new Promise<void>((done) => setImmediate(done))
          else if (step === 'upgrade') {
            const from: ClassVersion = exported.newest
            const to = exported.addVersion(from.version + 1, class extends Journal {})
            const upgrade = await prepareUpgrade([{ from, to }])
            upgrade.commit()
            upgrades++
          } else replies.push(call(journal, { type: step, item: replies.length }))
        }
        const expected = replies.map((_, index) => index)
        expect(await Promise.all(replies)).toEqual(expected)
        expect(await sys.getState(journal)).toEqual(expected)
        expect(exported.newest.version).toBe(upgrades + 1)
        await stop(journal)
      }),
      { numRuns: 200 },
    )
  })
})
