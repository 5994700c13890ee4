import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import * as namedTimers from '../../src/runtime/named-timer.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { spawn } from '../../src/runtime/process.ts'
import { exit } from '../../src/runtime/signal.ts'
import { cancelTimer, useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

function listener(): { pid: Pid<string>; heard: [string, number][] } {
  const heard: [string, number][] = []
  return { pid: spawn((m: string) => void heard.push([m, clock.now()])), heard }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
}

describe('a named timer', () => {
  it('is replaced when its name is armed again', () => {
    const { pid, heard } = listener()
    namedTimers.sendAfter('idle', pid, 'first', 100)
    clock.advance(60)
    namedTimers.sendAfter('idle', pid, 'second', 100)
    clock.advance(200)
    expect(heard).toEqual([['second', 160]])
  })

  it('may become an interval and back', () => {
    const { pid, heard } = listener()
    namedTimers.sendInterval('tick', pid, 'tick', 10)
    clock.advance(25)
    namedTimers.sendAfter('tick', pid, 'last', 10)
    clock.advance(100)
    expect(heard).toEqual([
      ['tick', 10],
      ['tick', 20],
      ['last', 35],
    ])
  })

  it('belongs to its receiver: the same name elsewhere is another', () => {
    const [a, b] = [listener(), listener()]
    namedTimers.sendAfter('t', a.pid, 'to a', 10)
    namedTimers.sendAfter('t', b.pid, 'to b', 10)
    expect(namedTimers.cancel('t', a.pid)).toBe(true)
    clock.advance(20)
    expect([a.heard, b.heard]).toEqual([[], [['to b', 10]]])
  })

  it('is cancelled by name or by reference, once', () => {
    const { pid } = listener()
    namedTimers.sendAfter('byName', pid, 'x', 10)
    const ref = namedTimers.sendAfter('byRef', pid, 'x', 10)
    expect([namedTimers.cancel('byName', pid), namedTimers.cancel('byName', pid)]).toEqual([
      true,
      false,
    ])
    expect([cancelTimer(ref), namedTimers.cancel('byRef', pid)]).toEqual([true, false])
    expect(armedTimers()).toBe(0)
  })

  it('tells what remains, and is listed until it has sent', () => {
    const { pid } = listener()
    namedTimers.sendAfter('t', pid, 'x', 100)
    clock.advance(30)
    expect([namedTimers.read('t', pid), namedTimers.names(pid)]).toEqual([70, ['t']])
    clock.advance(100)
    expect([namedTimers.read('t', pid), namedTimers.names(pid)]).toEqual([null, []])
  })

  it('is forgotten when it has sent, however many names there are', async () => {
    const pid: Pid<object> = spawn((_: object) => {})
    const messages: WeakRef<object>[] = []
    for (let i = 0; i < 200; i++) {
      const message = { i }
      messages.push(new WeakRef(message))
      namedTimers.sendAfter(`t${i}`, pid, message, 1)
      clock.advance(1)
    }
    namedTimers.sendAfter('waits', pid, {}, 10)
    // A WeakRef made in this turn of the event loop keeps what it refers to until its end.
    await new Promise((done) => systemClock.timer(1, () => done(undefined)))
    collectGarbage()
    const kept = messages.filter((one) => one.deref() !== undefined)
    expect(kept.length).toBeLessThan(100)
    expect(namedTimers.names(pid)).toEqual(['waits'])
    exit(pid, 'kill')
  })

  it('goes with its receiver', () => {
    const { pid } = listener()
    namedTimers.sendInterval('tick', pid, 'tick', 10)
    exit(pid, 'kill')
    expect([armedTimers(), namedTimers.names(pid)]).toEqual([0, []])
  })

  it('stays when a new delay is refused', () => {
    const { pid } = listener()
    namedTimers.sendAfter('t', pid, 'x', 100)
    expect(() => namedTimers.sendAfter('t', pid, 'x', -1)).toThrow(
      expect.objectContaining({ code: 'bad_delay' }),
    )
    expect(namedTimers.read('t', pid)).toBe(100)
  })
})
