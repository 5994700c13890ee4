import { describe, expect, it } from 'vitest'
import type { Pid } from '../../src/runtime/pid.ts'
import { processInfo, send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'

/** Two processes that never stop sending each other a message. */
function hotPair(): Pid<number>[] {
  const a: Pid<number> = spawn((n: number) => send(b, n))
  const b: Pid<number> = spawn((n: number) => send(a, n))
  send(a, 0)
  return [a, b]
}

describe('the scheduler', () => {
  it('lets timers and sockets have their turn while processes never rest', async () => {
    const pair = hotPair()
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setImmediate(resolve))
    for (const process of pair) exit(process, 'kill')
  })

  it('lets the event loop have its turn in a chain of microtasks that only awaits', async () => {
    let isTimeUp = false
    setTimeout(() => {
      isTimeUp = true
    }, 1)
    const waiters: (() => void)[] = []
    const echo = spawn(() => waiters.shift()?.())
    while (!isTimeUp) {
      await new Promise<void>((resolve) => {
        waiters.push(resolve)
        send(echo, undefined as never)
      })
    }
    expect(isTimeUp).toBe(true)
  })

  it('lets the event loop have its turn among slow callbacks', async () => {
    const messages = 100
    let handled = 0
    const slow = spawn(() => {
      const since = performance.now()
      while (performance.now() - since < 1);
      handled++
    })
    for (let i = 0; i < messages; i++) send(slow, undefined as never)
    let turns = 0
    while (handled < messages) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
    // The first turn may be long: nobody knew yet. Without adapting there are two or three.
    expect(turns).toBeGreaterThan(20)
  })

  it('runs the others while one process has much to do', () => {
    const order: string[] = []
    const busy = spawn((n: number, _: undefined, me: Pid<number>) => {
      if (n === 2000) order.push('busy done')
      else send(me, n + 1)
    })
    const other = spawn(() => void order.push('other'))
    send(busy, 0)
    send(other, undefined as never)
    runUntilIdle()
    expect(order).toEqual(['other', 'busy done'])
  })

  it('slows senders down that flood a receiver: the backlog stays short', () => {
    const [senders, bursts, burst] = [50, 80, 50]
    let received = 0
    let longest = 0
    const receiver = spawn(() => {
      received++
      if (received % 256 === 0) {
        longest = Math.max(longest, processInfo(receiver).mailboxLength)
      }
    })
    for (let i = 0; i < senders; i++) {
      const sender = spawn((left: number, _: undefined, me: Pid<number>) => {
        for (let n = 0; n < burst; n++) send(receiver, undefined as never)
        if (left > 1) send(me, left - 1)
      })
      send(sender, bursts)
    }
    runUntilIdle()
    expect(received).toBe(senders * bursts * burst)
    // When sends are not counted as reductions, all 200,000 messages come to wait.
    expect(longest).toBeLessThan(30_000)
  })

  it('survives a million messages in one mailbox', () => {
    let received = 0
    const receiver = spawn(() => void received++)
    for (let i = 0; i < 1_000_000; i++) send(receiver, undefined as never)
    runUntilIdle()
    expect(received).toBe(1_000_000)
  })
})

describe('runUntilIdle', () => {
  it('does nothing within a process', () => {
    const order: string[] = []
    const inner = spawn(() => void order.push('inner'))
    const outer = spawn(() => {
      send(inner, undefined as never)
      runUntilIdle()
      order.push('outer')
    })
    send(outer, undefined as never)
    runUntilIdle()
    expect(order).toEqual(['outer', 'inner'])
  })
})
