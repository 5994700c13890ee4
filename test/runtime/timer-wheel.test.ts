import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import {
  arm,
  armedTimers,
  disarm,
  remainingMs,
  restWheel,
  setWheelClock,
  WheelTimer,
} from '../../src/runtime/timer-wheel.ts'

class Probe extends WheelTimer {
  readonly #fired: () => void

  constructor(fired: () => void) {
    super()
    this.#fired = fired
  }

  expire(): void {
    this.#fired()
  }
}

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock({ nowMs: 1000.25 })
  setWheelClock(clock)
})
afterEach(() => setWheelClock(systemClock))

describe('a timer that throws', () => {
  it('is reported, and stops no other', () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    onTestFinished(() => setLogger(null))
    const fired: string[] = []
    const failing = new Probe(() => {
      throw new Error('no')
    })
    arm(failing, 5)
    for (const delayMs of [5, 6, 50]) arm(new Probe(() => fired.push(`${delayMs}`)), delayMs)
    clock.advance(60)
    expect(fired).toEqual(['5', '6', '50'])
    expect(reports).toMatchObject([{ event: 'timer_failed', error: new Error('no') }])
    expect(armedTimers()).toBe(0)
  })
})

describe('a deadline that is no number', () => {
  it('is due at once, and stops no other timer, not even after a long sleep', () => {
    const clock = new VirtualClock()
    setWheelClock(clock)
    const fired: string[] = []
    arm(new Probe(() => fired.push('NaN')), Number.NaN)
    clock.advance(1)
    expect(fired).toEqual(['NaN'])
    clock.advance(100_000)
    arm(new Probe(() => fired.push('later')), 10)
    clock.advance(10)
    expect(fired).toEqual(['NaN', 'later'])
    expect(armedTimers()).toBe(0)
    setWheelClock(systemClock)
  })
})

describe('arm', () => {
  it('fires at the first whole millisecond that is late enough', () => {
    let firedAt = 0
    arm(
      new Probe(() => {
        firedAt = clock.now()
      }),
      10,
    )
    clock.advance(10)
    expect(firedAt).toBe(0)
    clock.advance(1)
    expect(firedAt).toBe(1011)
  })

  it('fires long timers by rounds: after many turns of the wheel, once, and on time', () => {
    const fired: number[] = []
    for (const delay of [1023, 1024, 1025, 5000, 3_600_000]) {
      arm(new Probe(() => fired.push(Math.floor(clock.now()))), delay)
    }
    clock.advance(4_000_000)
    expect(fired).toEqual([2024, 2025, 2026, 6001, 3_601_001])
    expect(armedTimers()).toBe(0)
  })

  it('keeps the order of time, then that of arming, whatever is armed and disarmed when', () => {
    const delay = fc.integer({ min: 0, max: 5000 })
    const step = fc.oneof(
      fc.record({ arm: delay }),
      fc.record({ disarm: fc.nat({ max: 30 }) }),
      fc.record({ advance: fc.integer({ min: 0, max: 3000 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const mine = new VirtualClock()
        setWheelClock(mine)
        const fired: number[] = []
        const timers: Probe[] = []
        const due: { n: number; at: number }[] = []
        const expected: number[] = []
        for (const step of steps) {
          if ('arm' in step) {
            const n = timers.length
            const timer = new Probe(() => fired.push(n))
            timers.push(timer)
            arm(timer, step.arm)
            // A wait of 0 ends with the next millisecond.
            due.push({ n, at: Math.max(mine.now() + step.arm, mine.now() + 1) })
          } else if ('disarm' in step) {
            const timer = timers[step.disarm]
            const index = due.findIndex(({ n }) => n === step.disarm)
            if (timer !== undefined) expect(disarm(timer)).toBe(index >= 0)
            if (index >= 0) due.splice(index, 1)
          } else {
            mine.advance(step.advance)
            const now = due.filter(({ at }) => at <= mine.now())
            now.sort((a, b) => a.at - b.at || a.n - b.n)
            for (const { n } of now) {
              expected.push(n)
              due.splice(
                due.findIndex((other) => other.n === n),
                1,
              )
            }
            expect(fired).toEqual(expected)
          }
        }
        expect(armedTimers()).toBe(due.length)
        for (const timer of timers) disarm(timer)
        restWheel()
      }),
    )
  })

  it('lets a timer be armed while another expires', () => {
    const times: number[] = []
    const again = new Probe(() => {
      times.push(clock.now())
      if (times.length < 3) arm(again, 5)
    })
    arm(again, 5)
    clock.advance(100)
    expect(times).toEqual([1006, 1011, 1016])
  })

  it('lets a timer be disarmed by one that expires in the same millisecond', () => {
    let isFired = false
    const second = new Probe(() => {
      isFired = true
    })
    arm(new Probe(() => disarm(second)), 5)
    arm(second, 5)
    clock.advance(10)
    expect(isFired).toBe(false)
    expect(armedTimers()).toBe(0)
  })
})

describe('disarm', () => {
  it('says whether there was something to take out', () => {
    const timer = new Probe(() => {})
    expect(disarm(timer)).toBe(false)
    arm(timer, 5)
    expect(remainingMs(timer)).toBeCloseTo(5.75)
    expect(disarm(timer)).toBe(true)
    expect(disarm(timer)).toBe(false)
    expect(remainingMs(timer)).toBeNull()
  })
})

describe('restWheel', () => {
  it("stops the clock's timer when nothing is armed, and only then", () => {
    const timer = new Probe(() => {})
    arm(timer, 50)
    restWheel()
    expect(clock.pending).toBe(1)
    disarm(timer)
    restWheel()
    expect(clock.pending).toBe(0)
  })
})

describe('setWheelClock', () => {
  it('keeps what remains of each wait', () => {
    const fired: string[] = []
    arm(new Probe(() => fired.push('short')), 10)
    arm(new Probe(() => fired.push('long')), 20_000)
    clock.advance(5)
    const next = new VirtualClock({ nowMs: 77 })
    setWheelClock(next)
    expect(clock.pending).toBe(0)
    next.advance(7)
    expect(fired).toEqual(['short'])
    next.advance(19_980)
    expect(fired).toEqual(['short'])
    next.advance(20)
    expect(fired).toEqual(['short', 'long'])
  })
})
