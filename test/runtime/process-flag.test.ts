import { describe, expect, it } from 'vitest'
import type { Pid, Priority } from '../../src/runtime/pid.ts'
import { processOf } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import {
  groupLeader,
  hibernate,
  processFlag,
  setGroupLeader,
} from '../../src/runtime/process-flag.ts'
import { setTurnOrder } from '../../src/runtime/run-queue.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { link, self, unlink } from '../../src/runtime/signal.ts'

/** Processes that each write their letter for each message. */
function writers(log: string[], priorities: Readonly<Record<string, Priority>>): Pid<string>[] {
  return Object.entries(priorities).map(([letter, priority]) =>
    spawn((_: string) => void log.push(letter), undefined, { priority }),
  )
}

describe('priority', () => {
  it('max, then high, has its turns before all others', () => {
    const log: string[] = []
    const all = writers(log, { l: 'low', n: 'normal', h: 'high', m: 'max' })
    for (const pid of all) send(pid, 'go')
    runUntilIdle()
    expect(log.slice(0, 3)).toEqual(['m', 'h', 'n'])
  })

  it('high goes on as long as there is any: normal ones wait', () => {
    const log: string[] = []
    const [normal] = writers(log, { n: 'normal' })
    const high: Pid<number> = spawn(
      (left: number) => {
        log.push('h')
        if (left > 0) send(high, left - 1)
      },
      undefined,
      { priority: 'high' },
    )
    send(high, 1000)
    send(normal as Pid<string>, 'go')
    runUntilIdle()
    expect(log.indexOf('n')).toBe(1001)
  })

  it('low gets every eighth turn while normal ones wait', () => {
    const log: string[] = []
    const low = Array.from({ length: 10 }, () => writers(log, { l: 'low' })[0] as Pid<string>)
    const normal = Array.from({ length: 100 }, () => writers(log, { n: 'normal' })[0])
    for (const pid of low) send(pid, 'go')
    for (const pid of normal) send(pid as Pid<string>, 'go')
    runUntilIdle()
    const places = log.flatMap((letter, place) => (letter === 'l' ? [place] : []))
    expect(places).toHaveLength(10)
    const gaps = places.slice(1).map((place, i) => place - (places[i] ?? 0))
    expect(gaps.every((gap) => gap === 8)).toBe(true)
  })

  it('low ones run at once when nobody else waits', () => {
    const log: string[] = []
    const [low] = writers(log, { l: 'low' })
    for (let i = 0; i < 3; i++) send(low as Pid<string>, 'go')
    runUntilIdle()
    expect(log).toEqual(['l', 'l', 'l'])
  })

  it('is returned when it is changed, and refused when there is no such', () => {
    const seen: unknown[] = []
    const process = spawn((_: string) => {
      seen.push(processFlag('priority', 'high'), processFlag('priority', 'normal'))
      seen.push(processFlag('trapExit', true), processFlag('trapExit', false))
    })
    send(process, 'go')
    runUntilIdle()
    expect(seen).toEqual(['normal', 'high', false, true])
    expect(() => processFlag('priority', 'urgent' as Priority, process)).toThrow(
      expect.objectContaining({ code: 'bad_priority' }),
    )
  })
})

describe('setTurnOrder', () => {
  it('permutes turns, and keeps the order of messages between two processes', () => {
    const log: string[] = []
    const all = Array.from({ length: 4 }, (_, who) =>
      spawn((m: number) => void log.push(`${who}${m}`)),
    )
    setTurnOrder((waiting) => waiting - 1)
    for (let m = 0; m < 2; m++) for (const pid of all) send(pid, m)
    runUntilIdle()
    setTurnOrder(null)
    expect(log).not.toEqual(['00', '01', '10', '11', '20', '21', '30', '31'])
    for (let who = 0; who < 4; who++) {
      expect(log.filter((entry) => entry.startsWith(`${who}`))).toEqual([`${who}0`, `${who}1`])
    }
  })
})

describe('groupLeader', () => {
  it('is inherited at spawn', () => {
    const leader = spawn(() => {})
    const leaders: unknown[] = []
    const process = spawn((_: string) => {
      leaders.push(groupLeader())
      setGroupLeader(leader)
      const child = spawn((_: string) => void leaders.push(groupLeader()))
      send(child, 'go')
    })
    send(process, 'go')
    runUntilIdle()
    expect(leaders).toEqual([undefined, leader])
  })
})

describe('hibernate', () => {
  it('drops the ring of an empty mailbox, and what is kept for no links', () => {
    const others = [spawn(() => {}), spawn(() => {})]
    const process = spawn((_: string) => {
      for (const other of others) link(other, self())
    })
    for (let i = 0; i < 100; i++) send(process, 'a')
    runUntilIdle()
    for (const other of others) unlink(other, process)
    expect(processOf(process).queue).not.toBe(null)
    hibernate(process)
    const { queue, links, extension } = processOf(process)
    expect([queue, links, extension]).toEqual([null, null, null])
    send(process, 'wake up')
    runUntilIdle()
    expect(isAlive(process)).toBe(true)
  })
})
