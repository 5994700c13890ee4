import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { register, unregister } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import {
  cancelTimer,
  readTimer,
  sendAfter,
  sendInterval,
  useClock,
} from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

describe('sendAfter', () => {
  it('sends once, when its time has come', () => {
    const heard: [string, number][] = []
    const process = spawn((m: string) => void heard.push([m, clock.now()]))
    sendAfter(process, 'second', 20)
    sendAfter(process, 'first', 10)
    clock.advance(100)
    expect(heard).toEqual([
      ['first', 10],
      ['second', 20],
    ])
  })

  it('sends at once when the delay is 0, behind what was sent before', () => {
    const heard: string[] = []
    const process = spawn((m: string) => void heard.push(m))
    send(process, 'before')
    const ref = sendAfter(process, 'now', 0)
    send(process, 'after')
    runUntilIdle()
    expect(heard).toEqual(['before', 'now', 'after'])
    expect([readTimer(ref), cancelTimer(ref), armedTimers()]).toEqual([null, false, 0])
  })

  it('to a name finds out who has it when its time comes', () => {
    const heard: string[] = []
    const first = spawn((m: string) => void heard.push(`first ${m}`))
    register('moving', first)
    sendAfter<string>('moving', 'a', 10)
    exit(first, 'kill')
    register(
      'moving',
      spawn((m: string) => void heard.push(`second ${m}`)),
    )
    clock.advance(20)
    expect(heard).toEqual(['second a'])
    unregister('moving')
    const { unknownName } = deadLetters()
    sendAfter('moving', 'b', 10)
    clock.advance(20)
    expect(deadLetters().unknownName).toBe(unknownName + 1)
  })

  it('lets a process tick by itself, however often within one advance', () => {
    const times: number[] = []
    const process = spawn((_: string) => {
      times.push(clock.now())
      sendAfter(process, 'tick', 1000)
    })
    send(process, 'tick')
    clock.advance(10_000)
    expect(times).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000])
    exit(process, 'kill')
  })

  it('dies with its receiver', () => {
    const process = spawn((_: string) => {})
    sendAfter(process, 'never', 10)
    expect(armedTimers()).toBe(1)
    exit(process, 'kill')
    expect(armedTimers()).toBe(0)
    const { noProcess } = deadLetters()
    sendAfter(process, 'never', 10)
    clock.advance(100)
    expect(deadLetters().noProcess).toBe(noProcess)
  })

  it('refuses a time that cannot be waited for', () => {
    const process = spawn((_: string) => {})
    for (const delay of [-1, Number.NaN, 1e12]) {
      expect(() => sendAfter(process, 'x', delay)).toThrow(
        expect.objectContaining({ code: 'bad_delay' }),
      )
    }
  })
})

describe('sendInterval', () => {
  it('sends until it is cancelled', () => {
    let count = 0
    const process = spawn((_: string) => void count++)
    const ref = sendInterval(process, 'tick', 100)
    clock.advance(350)
    expect(count).toBe(3)
    expect(cancelTimer(ref)).toBe(true)
    clock.advance(1000)
    expect(count).toBe(3)
  })

  it('ends with its receiver', () => {
    const process = spawn((_: string) => {})
    sendInterval(process, 'tick', 100)
    clock.advance(250)
    exit(process, 'kill')
    expect(armedTimers()).toBe(0)
  })
})

describe('cancelTimer', () => {
  it('says whether there was something to send', () => {
    const heard: string[] = []
    const process = spawn((m: string) => void heard.push(m))
    const ref = sendAfter(process, 'x', 10)
    expect(cancelTimer(ref)).toBe(true)
    expect(cancelTimer(ref)).toBe(false)
    clock.advance(20)
    expect(heard).toEqual([])
  })
})

describe('readTimer', () => {
  it('tells what remains', () => {
    const ref = sendAfter(
      spawn((_: string) => {}),
      'x',
      100,
    )
    clock.advance(30)
    expect(readTimer(ref)).toBe(70)
    clock.advance(100)
    expect(readTimer(ref)).toBeNull()
  })
})

describe('with the system clock', () => {
  it('a timer fires by itself', async () => {
    useClock(systemClock)
    const woken = new Promise<string>((resolve) => {
      sendAfter(
        spawn((m: string) => resolve(m)),
        'hello',
        5,
      )
    })
    await expect(woken).resolves.toBe('hello')
  })
})

describe('a Node process', () => {
  const runtime = new URL('../../src/', import.meta.url).href
  const run = async (script: string): Promise<{ stdout: string; ms: number }> => {
    const program = `
      import { reply, request, PendingCall } from '${runtime}runtime/call.ts'
      import { spawn, send } from '${runtime}runtime/process.ts'
      import { sendAfter } from '${runtime}runtime/timer.ts'
      ${script}`
    const before = systemClock.now()
    const args = ['--input-type=module', '-e', program]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return { stdout, ms: systemClock.now() - before }
  }

  it('ends by itself when all processes are idle and no call is open', async () => {
    const { stdout, ms } = await run(`
      const server = spawn((m) => {
        if (m instanceof PendingCall) setTimeout(() => reply(m, 'yes'), 20)
      })
      console.log(await request(server, 'a question', { timeoutMs: 60_000 }))`)
    expect(stdout).toBe('yes\n')
    expect(ms).toBeLessThan(20_000)
  })

  it('waits for a message that is still to be sent', async () => {
    const { stdout } = await run(`
      sendAfter(spawn((m) => console.log(m)), 'late', 30)
      console.log('early')`)
    expect(stdout).toBe('early\nlate\n')
  })
})
