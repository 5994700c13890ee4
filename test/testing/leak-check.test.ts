import { describe, expect, it } from 'vitest'
import { spawn } from '../../src/runtime/process.ts'
import { exit } from '../../src/runtime/signal.ts'
import { cancelTimer, sendAfter } from '../../src/runtime/timer.ts'
import { watchLeaks } from '../../src/testing/leak-check.ts'

describe('a leak check', () => {
  it('passes when all has been stopped', () => {
    const leaks = watchLeaks()
    const pid = spawn(() => {}, undefined, { name: 'gone' })
    cancelTimer(sendAfter(pid, 'tick', 1000))
    exit(pid, 'kill')
    expect(leaks.leaks()).toEqual({ processes: [], names: [], timers: 0, monitors: 0 })
    leaks.check()
  })

  it('names processes, their names and timers that are left', () => {
    const leaks = watchLeaks()
    const pid = spawn(() => {}, undefined, { name: 'left' })
    const timer = sendAfter(pid, 'tick', 60_000)
    expect(leaks.leaks()).toMatchObject({ processes: [pid], names: ['left'], timers: 1 })
    expect(() => leaks.check()).toThrow(`left behind: callback "left" ${pid}, 1 timers`)
    cancelTimer(timer)
    exit(pid, 'kill')
  })

  it('does not mind what was there before', () => {
    const pid = spawn(() => {})
    const leaks = watchLeaks()
    leaks.check()
    exit(pid, 'kill')
  })
})
