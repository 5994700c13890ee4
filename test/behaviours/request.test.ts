import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Call,
  type From,
  GenServer,
  type Result,
  reply,
  start,
} from '../../src/behaviours/gen-server.ts'
import {
  checkResponse,
  type RequestId,
  RequestIds,
  receiveResponse,
  sendRequest,
  waitResponse,
} from '../../src/behaviours/request.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import { processInfo, send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

type Ask = Call<'now', { n: number }, number> | Call<'later', object, string>

/** Answers `now` at once, and `later` when it is told to. */
class Clerk extends GenServer<null, Ask> {
  readonly waiting: From<number | string>[] = []

  init() {
    return { state: null }
  }
  override handleCall(request: Ask, from: From<number | string>) {
    if (request.type === 'now') return { reply: request.n * 2, state: null }
    this.waiting.push(from)
    return { state: null }
  }
  answer(value: string): void {
    for (const from of this.waiting.splice(0)) reply(from, value)
  }
}

function hire(): { clerk: Clerk; pid: Clerk['self'] } {
  const clerk = new Clerk()
  return { clerk, pid: start(clerk) }
}

describe('sendRequest', () => {
  it('does not wait, and its responses are received in any order', async () => {
    const { pid } = hire()
    const first = sendRequest(pid, { type: 'now', n: 1 })
    const second = sendRequest(pid, { type: 'now', n: 2 })
    expect(await receiveResponse(second)).toEqual({ reply: 4 })
    expect(await receiveResponse(first)).toEqual({ reply: 2 })
  })

  it('brings an error when nobody is there, or the server ends first', async () => {
    const nobody = sendRequest('nobody' as never, { type: 'now', n: 1 } as never)
    expect(await receiveResponse(nobody)).toMatchObject({ error: { code: 'noproc' } })
    const { pid } = hire()
    const open = sendRequest(pid, { type: 'later' })
    runUntilIdle()
    exit(pid, 'bored')
    expect(await receiveResponse(open)).toMatchObject({ error: { code: 'exit', reason: 'bored' } })
  })

  it('leaves no watch and no timer behind', async () => {
    const { clerk, pid } = hire()
    const timers = armedTimers()
    const open = sendRequest(pid, { type: 'later' })
    const received = receiveResponse(open, { timeoutMs: 1000 })
    runUntilIdle()
    clerk.answer('done')
    expect(await received).toEqual({ reply: 'done' })
    expect(armedTimers()).toBe(timers)
    exit(pid, 'kill')
  })
})

describe('a response that is late', () => {
  it('is dropped after receiveResponse has given up', async () => {
    const { clerk, pid } = hire()
    const open = sendRequest(pid, { type: 'later' })
    const received = receiveResponse(open, { timeoutMs: 50 })
    await clock.advanceAsync(60)
    expect(await received).toBe('timeout')
    const { lateReplies } = deadLetters()
    clerk.answer('late')
    expect(deadLetters().lateReplies).toBe(lateReplies + 1)
    const again = waitResponse(open, { timeoutMs: 50 })
    await clock.advanceAsync(60)
    expect(await again).toBe('timeout')
  })

  it('is kept after waitResponse has given up', async () => {
    const { clerk, pid } = hire()
    const open = sendRequest(pid, { type: 'later' })
    const waited = waitResponse(open, { timeoutMs: 50 })
    await clock.advanceAsync(60)
    expect(await waited).toBe('timeout')
    clerk.answer('late')
    expect(await waitResponse(open)).toEqual({ reply: 'late' })
  })
})

/** Asks a clerk when told to, and is told the reply as a message. */
class Asker extends GenServer<{ open: RequestId<number> | null; replies: unknown[] }> {
  readonly #clerk: Clerk['self']

  constructor(clerk: Clerk['self']) {
    super()
    this.#clerk = clerk
  }
  init() {
    return { state: { open: null, replies: [] } }
  }
  override handleInfo(
    message: unknown,
    state: { open: RequestId<number> | null; replies: unknown[] },
  ): Result<typeof state> {
    if (message === 'ask') {
      return { state: { ...state, open: sendRequest(this.#clerk, { type: 'now', n: 21 }) } }
    }
    const response = state.open === null ? undefined : checkResponse(message, state.open)
    state.replies.push(response ?? message)
    return { state }
  }
}

describe('a process that has sent a request', () => {
  it('receives the response as a message', () => {
    const { pid } = hire()
    const replies: unknown[] = []
    class Reporting extends Asker {
      override handleInfo(
        message: unknown,
        state: { open: RequestId<number> | null; replies: [] },
      ) {
        return super.handleInfo(message, { ...state, replies })
      }
    }
    const asker = start(new Reporting(pid))
    send(asker as never, 'ask' as never)
    runUntilIdle()
    send(asker as never, 'other' as never)
    runUntilIdle()
    expect(replies).toEqual([{ reply: 42 }, 'other'])
  })

  it('receives it once: as a message, or by waiting for it', async () => {
    const { pid } = hire()
    const ids: RequestId<number>[] = []
    const taken: unknown[] = []
    const asker = spawn((message: unknown) => {
      if (message === 'ask') ids.push(sendRequest(pid, { type: 'now', n: 3 }))
      else taken.push(message)
    })
    const busy = spawn((_: 'block') => {})
    send(busy, 'block')
    send(asker, 'ask')
    runUntilIdle()
    expect(taken).toEqual([expect.objectContaining({ type: 'response', response: { reply: 6 } })])
    expect(processInfo(asker).mailboxLength).toBe(0)
  })

  it('may ask itself', () => {
    const responses: unknown[] = []
    class Own extends Clerk {
      override handleInfo(message: unknown) {
        if (message === 'go') sendRequest(this.self, { type: 'now', n: 4 })
        else responses.push(message)
        return { state: null }
      }
    }
    send(start(new Own()), 'go')
    runUntilIdle()
    expect(responses).toEqual([expect.objectContaining({ response: { reply: 8 } })])
  })
})

describe('RequestIds', () => {
  it('fetch the first response, with the label of its request', async () => {
    const { clerk, pid } = hire()
    const requests = new RequestIds<string, number | string>()
    requests.add('slow', sendRequest(pid, { type: 'later' }))
    requests.add('quick', sendRequest(pid, { type: 'now', n: 1 }))
    expect(await requests.receive()).toEqual({ label: 'quick', response: { reply: 2 } })
    const waited = requests.wait({ timeoutMs: 10 })
    await clock.advanceAsync(20)
    expect([await waited, requests.size]).toEqual(['timeout', 1])
    clerk.answer('at last')
    expect(await requests.receive()).toEqual({ label: 'slow', response: { reply: 'at last' } })
    expect(await requests.receive()).toBe('no_request')
  })

  it('give all of them up when receive takes too long', async () => {
    const { clerk, pid } = hire()
    const requests = new RequestIds<string, string>()
    requests.add('a', sendRequest(pid, { type: 'later' }))
    const received = requests.receive({ timeoutMs: 10 })
    await clock.advanceAsync(20)
    expect([await received, requests.size]).toEqual(['timeout', 0])
    clerk.answer('late')
  })

  it('know their responses among the messages of a process', () => {
    const { pid } = hire()
    const requests = new RequestIds<number, number>()
    const seen: unknown[] = []
    const asker = spawn((message: unknown) => {
      if (message === 'ask') {
        for (const n of [1, 2]) requests.add(n, sendRequest(pid, { type: 'now', n }))
      } else seen.push(requests.check(message))
    })
    send(asker, 'ask')
    runUntilIdle()
    send(asker, 'other')
    runUntilIdle()
    expect(seen).toEqual([
      { label: 1, response: { reply: 2 } },
      { label: 2, response: { reply: 4 } },
      undefined,
    ])
  })
})
