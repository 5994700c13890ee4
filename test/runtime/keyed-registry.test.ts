import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import {
  type Call,
  call,
  GenServer,
  type ServerPid,
  start,
} from '../../src/behaviours/gen-server.ts'
import { Registry, via } from '../../src/runtime/keyed-registry.ts'
import type { Name, Pid } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { unregister, whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { Down, Exit, exit, link, monitor, onExit, trapExit } from '../../src/runtime/signal.ts'

const idle = (): Pid<unknown> => spawn((_: unknown) => {})

type EchoCall = Call<'echo', { text: string }, string>
class Echo extends GenServer<undefined, EchoCall> {
  init() {
    return { state: undefined }
  }
  override handleCall({ text }: EchoCall) {
    return { reply: text, state: undefined }
  }
}

let unique: Registry<unknown, string>
let many: Registry<unknown, number>
beforeEach(() => {
  unique = new Registry({ name: 'unique' })
  many = new Registry({ name: 'many', keys: 'duplicate' })
})
afterEach(() => {
  unique.close()
  many.close()
})

describe('a unique key', () => {
  it('has one process, until that ends', () => {
    const [a, b] = [idle(), idle()]
    unique.register('k', 'first', a)
    expect(() => unique.register('k', 'second', b)).toThrow(
      expect.objectContaining({ code: 'already_registered' }),
    )
    expect(unique.lookup('k')).toEqual([{ key: 'k', pid: a, value: 'first' }])
    exit(a, 'kill')
    unique.register('k', 'second', b)
    expect(unique.whereis('k')).toBe(b)
  })

  it('has a value that its process exchanges', () => {
    const [a, b] = [idle(), idle()]
    unique.register('k', 'old', a)
    expect(unique.updateValue('k', (value) => `${value}er`, a)).toBe('older')
    expect(unique.updateValue('k', () => 'stolen', b)).toBeUndefined()
    expect(unique.values('k', a)).toEqual(['older'])
    expect(() => many.updateValue('k', () => 1, a)).toThrow(
      expect.objectContaining({ code: 'bad_type' }),
    )
  })

  it('is any value, lists by their content', () => {
    const [token, object, pid] = [Symbol('token'), {}, idle()]
    for (const key of ['k', 1, true, null, token, object, pid, ['a', [1]]]) {
      unique.register(key, String(typeof key), pid)
    }
    expect(unique.count()).toBe(8)
    expect(unique.whereis(['a', [1]])).toBe(pid)
    expect(unique.whereis(['a', ['1']])).toBeUndefined()
    expect(unique.lookup(object)).toHaveLength(1)
    expect(unique.whereis({})).toBeUndefined()
  })
})

describe('a duplicate key', () => {
  it('has many, also the same process again, and each its value', () => {
    const [a, b] = [idle(), idle()]
    many.register('k', 1, a)
    many.register('k', 2, b)
    many.register('k', 3, a)
    many.register('other', 4, a)
    expect(many.lookup('k').map(({ value }) => value)).toEqual([1, 2, 3])
    expect(many.keysOf(a)).toEqual(['k', 'k', 'other'])
    expect(many.values('k', a)).toEqual([1, 3])
    expect(many.match('k', (value) => value > 1)).toHaveLength(2)
    expect(many.countMatch('k', 3)).toBe(1)
    expect(many.select({ pid: a, value: (value) => value > 2 })).toHaveLength(2)
    expect(many.unregisterMatch('k', 1, a)).toBe(1)
    expect(many.unregister('k', a)).toBe(1)
    expect(many.keysOf(a)).toEqual(['other'])
  })

  it('is dispatched to all its processes, and not at all without one', () => {
    const heard: unknown[] = []
    for (let i = 0; i < 3; i++)
      many.register(
        'k',
        i,
        spawn((m: unknown) => void heard.push(m)),
      )
    many.dispatch('k', (entries) => {
      for (const { pid, value } of entries) send(pid as Pid<number>, value)
    })
    many.dispatch('none', () => heard.push('never'))
    runUntilIdle()
    expect(heard).toEqual([0, 1, 2])
  })
})

describe('the entries of a process that ends', () => {
  it('vanish before links, monitors and hooks hear of it', () => {
    const seen: unknown[] = []
    const process = idle()
    unique.register('k', '', process)
    onExit(process, () => seen.push(['hook', unique.whereis('k')]))
    const watcher = spawn((message: unknown) => {
      if (message === 'watch') {
        trapExit()
        link(process)
        monitor(process)
      } else if (message instanceof Exit || message instanceof Down) {
        seen.push([message.type, unique.whereis('k')])
      }
    })
    send(watcher, 'watch')
    runUntilIdle()
    exit(process, 'boom')
    runUntilIdle()
    expect(seen).toHaveLength(3)
    for (const [, found] of seen as unknown[][]) expect(found).toBeUndefined()
    expect(unique.count()).toBe(0)
  })
})

describe('a registry', () => {
  it('holds what a list of entries would', () => {
    const act = fc.record({
      type: fc.constantFrom('register', 'register', 'unregister', 'match', 'exit' as const),
      pid: fc.nat(3),
      key: fc.nat(3),
      value: fc.nat(2),
    })
    fc.assert(
      fc.property(fc.boolean(), fc.array(act, { maxLength: 40 }), (isUnique, acts) => {
        const registry = new Registry<number, number>({
          name: 'model',
          keys: isUnique ? 'unique' : 'duplicate',
        })
        const pids = [idle(), idle(), idle(), idle()]
        let model: { key: number; pid: Pid; value: number }[] = []
        for (const { type, pid: index, key, value } of acts) {
          const pid = pids[index] as Pid
          if (type === 'exit') {
            exit(pid, 'kill')
            pids[index] = idle()
            model = model.filter((entry) => entry.pid !== pid)
          } else if (type === 'register') {
            const isTaken = isUnique && model.some((entry) => entry.key === key)
            if (isTaken) expect(() => registry.register(key, value, pid)).toThrow()
            else {
              registry.register(key, value, pid)
              model.push({ key, pid, value })
            }
          } else {
            const isGone = (entry: { key: number; pid: Pid; value: number }): boolean =>
              entry.key === key && entry.pid === pid && (type !== 'match' || entry.value === value)
            if (type === 'match') registry.unregisterMatch(key, value, pid)
            else registry.unregister(key, pid)
            model = model.filter((entry) => !isGone(entry))
          }
          expect(registry.count()).toBe(model.length)
        }
        for (let key = 0; key <= 3; key++) {
          expect(registry.lookup(key)).toEqual(model.filter((entry) => entry.key === key))
        }
        for (const pid of pids) {
          const keys = model.filter((entry) => entry.pid === pid).map(({ key }) => key)
          expect(registry.keysOf(pid)).toEqual(keys)
        }
        registry.close()
      }),
    )
  })

  it('keeps something beside its entries, and has a name of its own', () => {
    unique.putMeta(['limit'], 7)
    expect(unique.meta(['limit'])).toBe(7)
    expect(unique.deleteMeta(['limit'])).toBe(true)
    expect(unique.meta(['limit'])).toBeUndefined()
    expect(() => new Registry({ name: 'unique' })).toThrow(
      expect.objectContaining({ code: 'already_started' }),
    )
  })
})

describe('via', () => {
  it('is a name: to start, call, send to and find a server by', async () => {
    const echoes = new Registry<string, undefined, ServerPid<EchoCall>>({ name: 'echoes' })
    const name = via(echoes, 'ada')
    expect(whereis(name)).toBeUndefined()
    const echo = start(new Echo(), { name })
    expect(whereis(name)).toBe(echo)
    await expect(call(name, { type: 'echo', text: 'hello' })).resolves.toBe('hello')
    expect(() => start(new Echo(), { name })).toThrow(
      expect.objectContaining({ code: 'already_started', pid: echo }),
    )
    exit(echo, 'kill')
    await expect(call(name, { type: 'echo', text: 'hello' })).rejects.toMatchObject({
      code: 'noproc',
    })
    echoes.close()
  })

  it('names keys that are numbers and lists, and is freed as a name', () => {
    const pids = [idle(), idle(), idle()]
    const keys = new Registry<number | string | (string | number)[], string>({ name: 'keys' })
    const names = [via(keys, 1), via(keys, '1'), via(keys, ['1', 1])]
    keys.register(1, '', pids[0])
    keys.register('1', '', pids[1])
    keys.register(['1', 1], '', pids[2])
    expect(names.map((name) => whereis(name))).toEqual(pids)
    expect([unregister(names[1] as Name), unregister(names[1] as Name)]).toEqual([true, false])
    expect(keys.whereis('1')).toBeUndefined()
    keys.close()
    expect(whereis(names[0] as Name)).toBeUndefined()
  })

  it('has the type of the processes', () => {
    const echoes = new Registry<string, undefined, ServerPid<EchoCall>>({ name: 'typed' })
    expectTypeOf(via(echoes, 'ada')).toEqualTypeOf<Name<ServerPid<EchoCall>>>()
    // @ts-expect-error keys are strings
    via(echoes, 1)
    echoes.close()
  })
})
