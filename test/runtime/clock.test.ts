import { describe, expect, it } from 'vitest'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'

describe('VirtualClock.advance', () => {
  it('stands still until it is moved', () => {
    const clock = new VirtualClock({ nowMs: 10, wallOriginMs: 5000 })
    expect([clock.now(), clock.wallNow()]).toEqual([10, 5010])
    clock.advance(2.5)
    expect([clock.now(), clock.wallNow()]).toEqual([12.5, 5012])
  })

  it('wakes in order of time, then in order of making, each at its own time', () => {
    const clock = new VirtualClock()
    const woken: [string, number][] = []
    const wake = (name: string) => () => woken.push([name, clock.now()])
    clock.timer(20, wake('b'))
    clock.timer(10, wake('a'))
    clock.timer(20, wake('c'))
    clock.timer(31, wake('late'))
    clock.advance(30)
    expect(woken).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 20],
    ])
    expect(clock.now()).toBe(30)
    expect(clock.pending).toBe(1)
  })

  it('wakes what a woken timer arms within the same time', () => {
    const clock = new VirtualClock()
    const times: number[] = []
    const tick = (): void => {
      times.push(clock.now())
      if (times.length < 4) clock.timer(10, tick)
    }
    clock.timer(10, tick)
    clock.advance(35)
    expect(times).toEqual([10, 20, 30])
  })

  it('does not wake what was cancelled', () => {
    const clock = new VirtualClock()
    let isWoken = false
    clock
      .timer(1, () => {
        isWoken = true
      })
      .cancel()
    clock.advance(2)
    expect(isWoken).toBe(false)
  })
})

describe('VirtualClock.advanceAsync', () => {
  it('lets promises settle between timers', async () => {
    const clock = new VirtualClock()
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        clock.timer(ms, resolve)
      })
    const times: number[] = []
    const sleeper = (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(10)
        times.push(clock.now())
      }
    })()
    await clock.advanceAsync(30)
    await sleeper
    expect(times).toEqual([10, 20, 30])
  })
})

describe('systemClock', () => {
  it('runs forward, and knows what day it is', () => {
    const before = systemClock.now()
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
    expect(systemClock.wallNow()).toBeGreaterThan(1_700_000_000_000)
  })

  it('wakes once, not before its time', async () => {
    const before = systemClock.now()
    await new Promise<void>((resolve) => {
      systemClock.timer(5, resolve)
    })
    // Node rounds timers to whole milliseconds.
    expect(systemClock.now() - before).toBeGreaterThan(3.9)
  })

  it('does not wake when cancelled', async () => {
    let isWoken = false
    const timer = systemClock.timer(0, () => {
      isWoken = true
    })
    timer.cancel()
    await new Promise<void>((resolve) => {
      systemClock.timer(2, resolve)
    })
    expect(isWoken).toBe(false)
  })
})
