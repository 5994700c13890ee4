import { afterEach, describe, expect, it } from 'vitest'
import { type Call, call, cast, GenServer, start, stop } from '../../src/behaviours/gen-server.ts'
import { sys } from '../../src/index.ts'
import { alias } from '../../src/runtime/alias.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import { boundMailbox, type MailboxOptions } from '../../src/runtime/delivery.ts'
import { spawnGenerator } from '../../src/runtime/generator-process.ts'
import { setLogger } from '../../src/runtime/logger.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { processInfo, send, spawn } from '../../src/runtime/process.ts'
import { receive } from '../../src/runtime/receive.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { Down, Exit, exit, link, monitor, trapExit } from '../../src/runtime/signal.ts'
import { sendAfter } from '../../src/runtime/timer.ts'
import { attachTracer } from '../../src/runtime/tracer.ts'

afterEach(() => setLogger(null))

function bounded(heard: unknown[], mailbox: MailboxOptions): Pid<unknown> {
  return spawn((m: unknown) => void heard.push(m), undefined, { mailbox })
}

const full = expect.objectContaining({ code: 'mailbox_full' })

describe('a bounded mailbox', () => {
  it('that is full tells the sender, and loses nothing it had taken', () => {
    const heard: unknown[] = []
    const process = bounded(heard, { max: 3 })
    for (let i = 0; i < 3; i++) send(process, i)
    expect(() => send(process, 3)).toThrow(full)
    expect(() => send(alias({}, process), 3)).toThrow(full)
    runUntilIdle()
    expect(heard).toEqual([0, 1, 2])
    for (let i = 4; i < 7; i++) send(process, i)
    runUntilIdle()
    expect(heard).toEqual([0, 1, 2, 4, 5, 6])
  })

  it('can drop the newest, or the oldest', () => {
    const newest: unknown[] = []
    const oldest: unknown[] = []
    const first = bounded(newest, { max: 3, overflow: 'drop_newest' })
    const second = bounded(oldest, { max: 3, overflow: 'drop_oldest' })
    for (let i = 0; i < 10; i++) {
      send(first, i)
      send(second, i)
    }
    runUntilIdle()
    expect([newest, oldest]).toEqual([
      [0, 1, 2],
      [7, 8, 9],
    ])
    expect([processInfo(first).lost, processInfo(second).lost]).toEqual([7, 7])
  })

  it('never refuses a signal, nor counts it, and keeps the order of all', () => {
    for (const overflow of ['reject', 'drop_newest', 'drop_oldest'] as const) {
      const heard: unknown[] = []
      const process = bounded(heard, { max: 2, overflow })
      const others = [spawn(() => {}), spawn(() => {}), spawn(() => {})]
      trapExit(true, process)
      for (const other of others) {
        link(other, process)
        monitor(other, process)
      }
      for (const other of others) exit(other, 'boom')
      send(process, 'a')
      send(process, 'b')
      exit(process, 'please')
      runUntilIdle()
      const kinds = heard.map((m) => (m instanceof Exit || m instanceof Down ? m.type : m))
      expect(kinds.slice(0, 6).sort()).toEqual(['DOWN', 'DOWN', 'DOWN', 'EXIT', 'EXIT', 'EXIT'])
      expect(kinds.slice(6)).toEqual(['a', 'b', 'EXIT'])
      expect(processInfo(process).lost).toBe(0)
    }
  })

  it('drops the oldest message behind signals, which stay where they are', () => {
    const heard: unknown[] = []
    const process = bounded(heard, { max: 2, overflow: 'drop_oldest' })
    trapExit(true, process)
    exit(process, 'first')
    for (const message of ['a', 'b', 'c']) send(process, message)
    runUntilIdle()
    expect(heard).toEqual([expect.objectContaining({ reason: 'first' }), 'b', 'c'])
  })

  it('counts what it loses, and reports it ever more seldom', () => {
    const reports: unknown[] = []
    setLogger(({ event, lost }) => void reports.push([event, lost]))
    const process = bounded([], { max: 1, overflow: 'drop_newest' })
    const { mailboxFull } = deadLetters()
    for (let i = 0; i < 101; i++) send(process, i)
    expect(deadLetters().mailboxFull).toBe(mailboxFull + 100)
    expect(reports).toEqual([1, 2, 4, 8, 16, 32, 64].map((lost) => ['mailbox_overflow', lost]))
  })

  it('loses a message of a timer, whose sender cannot be told', () => {
    const heard: unknown[] = []
    const process = bounded(heard, { max: 1 })
    send(process, 'a')
    sendAfter(process, 'b', 0)
    runUntilIdle()
    expect(heard).toEqual(['a'])
    expect(processInfo(process).lost).toBe(1)
  })

  it('counts what a generator process has passed over', () => {
    const process = spawnGenerator<unknown>(
      function* () {
        for (;;) yield* receive({ type: 'wanted' })
      },
      { mailbox: { max: 2 } },
    )
    send(process, 'a')
    send(process, 'b')
    runUntilIdle()
    expect(() => send(process, { type: 'wanted' })).toThrow(full)
  })

  it('shows messages, not envelopes, to a tracer', () => {
    const seen: unknown[] = []
    const process = bounded([], { max: 1 })
    const detach = attachTracer(
      (event) => void seen.push('message' in event ? event.message : event),
      { types: ['send', 'receive'] },
    )
    send(process, 'a')
    runUntilIdle()
    detach()
    expect(seen).toEqual(['a', 'a'])
  })

  it('has a bound that makes sense', () => {
    const process = spawn((_: string) => {})
    for (const max of [0, -1, 1.5, Number.POSITIVE_INFINITY]) {
      expect(() => boundMailbox({ max }, process)).toThrow(
        expect.objectContaining({ code: 'bad_bound' }),
      )
    }
  })
})

type SlowCall = Call<'work', { id: number }, number>

/** A server that says in its init how much it will hold. */
class Slow extends GenServer<number, SlowCall, string> {
  readonly #overflow: 'reject' | 'drop_newest' | 'drop_oldest'

  constructor(overflow: 'reject' | 'drop_newest' | 'drop_oldest') {
    super()
    this.#overflow = overflow
  }
  init() {
    boundMailbox({ max: 2, overflow: this.#overflow })
    return { state: 0 }
  }
  override handleCall({ id }: SlowCall, _: unknown, state: number) {
    return { reply: id, state }
  }
  override handleCast(_: string, state: number) {
    return { state: state + 1 }
  }
}

describe('a server with a bounded mailbox', () => {
  it('fails calls at once for which there is no room, whatever becomes of other messages', async () => {
    for (const [overflow, refused] of [
      ['reject', 2],
      ['drop_newest', 2],
      ['drop_oldest', 0],
    ] as const) {
      const server = start(new Slow(overflow))
      const calls = [0, 1, 2].map((id) => call(server, { type: 'work', id }))
      const outcomes = await Promise.allSettled(calls)
      const ids = outcomes.flatMap(({ status }, id) => (status === 'rejected' ? [id] : []))
      expect(ids).toEqual([refused])
      expect(outcomes[refused]).toMatchObject({ reason: { code: 'mailbox_full' } })
      await stop(server)
    }
  })

  it('refuses a cast, and answers sys however full it is', async () => {
    const server = start(new Slow('reject'))
    await sys.suspend(server)
    cast(server, 'a')
    cast(server, 'b')
    expect(await sys.getState(server)).toBe(0)
    await sys.resume(server)
    runUntilIdle()
    expect(await sys.getState(server)).toBe(2)
    cast(server, 'c')
    cast(server, 'd')
    expect(() => cast(server, 'e')).toThrow(full)
    await stop(server)
  })
})
