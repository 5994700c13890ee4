import { describe, expect, it } from 'vitest'
import { type Call, type From, GenServer, reply } from '../../src/behaviours/gen-server.ts'
import { isAlive, send } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { trapExit } from '../../src/runtime/signal.ts'
import { harness } from '../../src/testing/behaviour-harness.ts'

type QueueCall = Call<'take', object, string> | Call<'size', object, number>

interface Queue {
  readonly items: readonly string[]
  readonly waiting: From<string | number> | null
}

/** Hands items out; who finds none waits. */
class Shelf extends GenServer<Queue, QueueCall, { put: string }> {
  init() {
    trapExit()
    return { state: { items: [], waiting: null } as Queue, timeoutMs: 50 }
  }
  override handleCall(request: QueueCall, from: From<string | number>, state: Queue) {
    if (request.type === 'size') return { reply: state.items.length, state }
    const [first, ...items] = state.items
    if (first === undefined) return { state: { ...state, waiting: from } }
    return { reply: first, state: { ...state, items } }
  }
  override handleCast({ put }: { put: string }, state: Queue) {
    send(this.self, 'changed')
    if (state.waiting === null) return { state: { ...state, items: [...state.items, put] } }
    reply(state.waiting, put)
    return { state: { ...state, waiting: null }, continue: 'served' }
  }
  override handleContinue(_term: unknown, state: Queue) {
    return { state }
  }
  override handleInfo(message: unknown, state: Queue) {
    if (message === 'close') return { stop: 'shutdown', state }
    throw new Error(`what is ${String(message)}`)
  }
}

describe('harness', () => {
  it('shows what callbacks return, and the state after each', () => {
    const shelf = harness(new Shelf())
    expect(shelf.init()).toEqual({ timeoutMs: 50 })
    expect(shelf.cast({ put: 'a' })).toEqual({})
    expect(shelf.state.items).toEqual(['a'])
    expect(shelf.call({ type: 'size' }).reply).toBe(1)
    expect(shelf.call({ type: 'take' }).reply).toBe('a')
    expect(shelf.info('close')).toEqual({ stop: 'shutdown' })
    shelf.end()
  })

  it('shows replies that come later', () => {
    const shelf = harness(new Shelf())
    shelf.init()
    const taking = shelf.call({ type: 'take' })
    expect(taking.isReplied).toBe(false)
    expect(shelf.cast({ put: 'b' })).toEqual({ continue: 'served' })
    expect(taking.reply).toBe('b')
    expect(() => reply(shelf.state.waiting as From<string>, 'again')).toThrow()
    shelf.end()
  })

  it('collects what the server sends to itself', () => {
    const shelf = harness(new Shelf())
    shelf.init()
    shelf.cast({ put: 'a' })
    runUntilIdle()
    expect(shelf.mailbox).toEqual(['changed'])
    shelf.end()
  })

  it('throws what a callback throws, and the server has ended then', () => {
    const server = new Shelf()
    const shelf = harness(server)
    shelf.init()
    expect(() => shelf.info('this')).toThrow('what is this')
    expect(isAlive(server.self)).toBe(false)
    expect(() => shelf.info('close')).toThrow('this server has ended')
  })

  it('waits for async callbacks', async () => {
    class Late extends GenServer<number, never, number> {
      async init() {
        return { state: await Promise.resolve(1) }
      }
      override async handleCast(by: number, state: number) {
        return { state: state + (await Promise.resolve(by)) }
      }
    }
    const late = harness(new Late())
    await late.init().pending
    expect(late.state).toBe(1)
    await late.cast(2).pending
    expect(late.state).toBe(3)
    late.end()
  })

  it('has no state before init', () => {
    const shelf = harness(new Shelf())
    expect(() => shelf.state).toThrow('there is no state yet')
    shelf.end()
  })
})
