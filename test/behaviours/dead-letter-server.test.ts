import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  type DeadLetterMessage,
  type DeadLetterPid,
  DeadLetterServer,
} from '../../src/behaviours/dead-letter-server.ts'
import { start, stop } from '../../src/behaviours/gen-server.ts'
import { DEAD_LETTERS_TOLD_MAX } from '../../src/limits.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'

let server: DeadLetterPid
beforeEach(() => {
  server = start(new DeadLetterServer())
})
afterEach(async () => {
  if (isAlive(server)) await stop(server)
})

function dead(): Pid<unknown> {
  const pid = spawn((_: unknown) => {})
  exit(pid, 'kill')
  return pid
}

function subscriber() {
  const got: DeadLetterMessage[] = []
  const pid = spawn((message: DeadLetterMessage) => {
    got.push(message)
  })
  return { got, pid }
}

describe('DeadLetterServer', () => {
  it('tells subscribers of each dead letter, until they leave or end', async () => {
    const [first, second] = [subscriber(), subscriber()]
    await DeadLetterServer.subscribe(server, first.pid)
    await DeadLetterServer.subscribe(server, second.pid)
    const nobody = dead()
    send(nobody, { type: 'hello', secret: 'x' })
    runUntilIdle()
    const letter = { kind: 'no_process', to: String(nobody), messageType: 'hello' }
    expect(first.got).toEqual([{ type: 'dead_letter', letter, missed: 0 }])
    expect(second.got).toEqual(first.got)

    await DeadLetterServer.unsubscribe(server, first.pid)
    exit(second.pid, 'kill')
    send(nobody, 'again')
    runUntilIdle()
    expect(first.got).toHaveLength(1)
    expect(second.got).toHaveLength(1)
  })

  it('tells of a flood in part, and how much it left out', async () => {
    const { got, pid } = subscriber()
    await DeadLetterServer.subscribe(server, pid)
    const nobody = dead()
    for (let i = 0; i < DEAD_LETTERS_TOLD_MAX + 50; i++) send(nobody, i)
    runUntilIdle()
    send(nobody, 'last')
    runUntilIdle()
    const told = got.length + got.reduce((sum, { missed }) => sum + missed, 0)
    expect(got).toHaveLength(DEAD_LETTERS_TOLD_MAX + 1)
    expect(told).toBe(DEAD_LETTERS_TOLD_MAX + 51)
  })

  it('writes a line for the first letter, the second, the fourth and so on', () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    onTestFinished(() => setLogger(null))
    const nobody = dead()
    for (let i = 0; i < 100; i++) {
      send(nobody, i)
      runUntilIdle()
    }
    const counts = reports.filter(({ event }) => event === 'dead_letter').map(({ count }) => count)
    expect(counts).toEqual([1, 2, 4, 8, 16, 32, 64])
  })

  it('answers with the counts of the thread, and makes no letter of what it is sent', async () => {
    const before = deadLetters()
    send(server, 'what is this')
    expect(await DeadLetterServer.counts(server)).toEqual(before)
  })

  it('that has ended leaves letters to be counted only', async () => {
    const { got, pid } = subscriber()
    await DeadLetterServer.subscribe(server, pid)
    await stop(server)
    const before = deadLetters().noProcess
    send(dead(), 'x')
    runUntilIdle()
    expect(deadLetters().noProcess).toBe(before + 1)
    expect(got).toEqual([])
    exit(pid, 'kill')
  })
})
