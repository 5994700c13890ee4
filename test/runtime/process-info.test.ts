import { describe, expect, it } from 'vitest'
import { type Call, call, GenServer, start, stop } from '../../src/behaviours/gen-server.ts'
import * as dictionary from '../../src/runtime/dictionary.ts'
import { spawnGenerator } from '../../src/runtime/generator-process.ts'
import { processOf } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { setGroupLeader } from '../../src/runtime/process-flag.ts'
import { processInfo } from '../../src/runtime/process-info.ts'
import { receive } from '../../src/runtime/receive.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, link, monitor, trapExit } from '../../src/runtime/signal.ts'

class Counter extends GenServer<number, Call<'get', object, number>> {
  init() {
    return { state: 0 }
  }
  override handleCall(_: unknown, __: unknown, count: number) {
    return { reply: count, state: count + 1 }
  }
}

describe('processInfo', () => {
  it('shows what is known', () => {
    const other = spawn(() => {})
    const watcher = spawn(() => {})
    function echo(_: string, s: null): null {
      return s
    }
    const process = spawn(echo, null, { name: 'known', priority: 'low' })
    send(process, 'a')
    send(process, 'b')
    trapExit(true, process)
    link(other, process)
    monitor(other, process)
    monitor(process, watcher)
    dictionary.put('request', 17, process)
    setGroupLeader(other, process)
    expect(processInfo(process)).toEqual({
      id: process.id,
      name: 'known',
      status: 'runnable',
      behaviour: 'callback',
      initialCall: 'echo',
      mailboxLength: 2,
      reductions: 0,
      links: [other],
      monitors: [other],
      monitoredBy: [watcher],
      trapExit: true,
      priority: 'low',
      groupLeader: other,
      dictionary: new Map([['request', 17]]),
      unhandled: 0,
      lost: 0,
      memoryBytes: expect.any(Number),
    })
    runUntilIdle()
    expect(processInfo(process)).toMatchObject({ status: 'idle', mailboxLength: 0, reductions: 2 })
    exit(process, 'kill')
    const gone = {
      status: 'dead',
      name: undefined,
      links: [],
      monitors: [],
      groupLeader: undefined,
    }
    expect(processInfo(process)).toMatchObject(gone)
    expect(processInfo(other)).toMatchObject({ monitoredBy: [] })
  })

  it('names the class of a server, and the function of a generator', async () => {
    const server = start(new Counter())
    expect(processInfo(server)).toMatchObject({
      behaviour: 'Counter',
      initialCall: 'Counter.init',
    })
    await stop(server)
    const generator = spawnGenerator(function* conversation() {
      yield receive()
    })
    expect(processInfo(generator)).toMatchObject({
      behaviour: 'generator',
      initialCall: 'conversation',
    })
    exit(generator, 'kill')
  })

  it('counts reductions: messages handled, messages sent, and what is charged beside', () => {
    const sink = spawn(() => {})
    const process = spawn((_: string) => {
      for (let i = 0; i < 5; i++) send(sink, undefined as never)
    })
    send(process, 'go')
    send(process, 'go')
    runUntilIdle()
    expect(processInfo(process).reductions).toBe(2 + 10)
  })

  it('counts reductions beyond what a small integer holds', () => {
    const process = spawn((_: string) => {})
    const record = processOf(process)
    record.reductions = 0x3fff_ffff
    send(process, 'one more')
    runUntilIdle()
    expect(record.reductions).toBe(0)
    expect(processInfo(process).reductions).toBe(0x4000_0000)
  })

  it('counts messages a server did not expect', async () => {
    const server = start(new Counter())
    send(server as never, 'what is this?' as never)
    await call(server, { type: 'get' })
    expect(processInfo(server).unhandled).toBe(1)
    await stop(server)
  })

  it('estimates memory: a full mailbox weighs', () => {
    const process = spawn((_: number) => {})
    const before = processInfo(process).memoryBytes
    for (let i = 0; i < 1000; i++) send(process, i)
    expect(processInfo(process).memoryBytes).toBeGreaterThan(before + 8000)
    exit(process, 'kill')
  })
})
