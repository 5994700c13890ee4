import { describe, expect, it } from 'vitest'
import { ArborError } from '../../src/runtime/arbor-error.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import { boundMailbox } from '../../src/runtime/delivery.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, sendEach, spawn, spawnLink } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, linksOf, processCount, self, waitForExit } from '../../src/runtime/signal.ts'

describe('spawn', () => {
  it('hands the state from message to message', () => {
    const totals: number[] = []
    const counter = spawn((by: number, total: number) => {
      totals.push(total + by)
      return total + by
    }, 0)
    send(counter, 2)
    send(counter, 3)
    runUntilIdle()
    expect(totals).toEqual([2, 5])
  })

  it('hands over its own pid', () => {
    const seen: unknown[] = []
    const process = spawn((_: string, __: undefined, me) => void seen.push(me, self()))
    send(process, 'who are you?')
    runUntilIdle()
    expect(seen).toEqual([process, process])
  })

  it('counts the living', () => {
    const before = processCount()
    const process = spawn(() => {})
    expect(processCount()).toBe(before + 1)
    exit(process, 'kill')
    expect(processCount()).toBe(before)
  })

  it('registers a name when asked to', () => {
    const heard: string[] = []
    const process = spawn((m: string, count: number) => count + heard.push(m), 0, { name: 'ear' })
    send('ear', 'hello')
    runUntilIdle()
    expect(heard).toEqual(['hello'])
    exit(process, 'kill')
  })
})

describe('spawnLink', () => {
  it('links the new process with the one that starts it', () => {
    let child: Pid | undefined
    const parent = spawn(() => {
      child = spawnLink((_: string, state: number) => state, 0)
    })
    send(parent, undefined as never)
    runUntilIdle()
    expect(child).toBeDefined()
    if (child === undefined) return
    expect(linksOf(child)).toEqual([parent])
    exit(child, 'shutdown')
    expect(isAlive(parent)).toBe(false)
  })

  it('needs a process that starts it', () => {
    expect(() => spawnLink(() => 0, 0)).toThrow(expect.objectContaining({ code: 'not_a_process' }))
  })
})

describe('send', () => {
  it('keeps the order of what one process sends to another', () => {
    const heard: number[] = []
    const receiver = spawn((n: number) => void heard.push(n))
    const sender = spawn((count: number) => {
      for (let n = 0; n < count; n++) send(receiver, n)
    })
    send(sender, 5000)
    runUntilIdle()
    expect(heard).toEqual(Array.from({ length: 5000 }, (_, n) => n))
  })

  it('does not run the receiver at once', () => {
    let isHeard = false
    const receiver = spawn(() => {
      isHeard = true
    })
    send(receiver, undefined as never)
    expect(isHeard).toBe(false)
    runUntilIdle()
    expect(isHeard).toBe(true)
  })

  it('runs the receiver without anybody asking for it', async () => {
    const heard = new Promise<string>((resolve) => {
      send(
        spawn((m: string) => resolve(m)),
        'hello',
      )
    })
    await expect(heard).resolves.toBe('hello')
  })

  it('to a dead process is a counted dead letter, not an error', () => {
    const process = spawn((_: string) => {})
    exit(process, 'kill')
    const { noProcess } = deadLetters()
    send(process, 'hello?')
    expect(deadLetters().noProcess).toBe(noProcess + 1)
  })

  it('to a name nobody has throws, with advice', () => {
    const unknownName = deadLetters().unknownName
    expect(() => send('nobody', 'hello')).toThrow(ArborError)
    try {
      send('nobody', 'hello')
    } catch (error) {
      expect(error).toMatchObject({
        code: 'unknown_name',
        attempt: { operation: 'send', target: 'nobody', request: 'hello' },
      })
      expect(String(error)).toContain('start and register it first')
    }
    expect(deadLetters().unknownName).toBe(unknownName + 2)
  })
})

describe('sendEach', () => {
  it('sends the same message to each, in order, the dead and the full included', () => {
    const got: [string, unknown][] = []
    const listener = (name: string) => spawn((message: object) => void got.push([name, message]))
    const dead = listener('dead')
    exit(dead, 'kill')
    const bounded = listener('bounded')
    boundMailbox({ max: 1, overflow: 'drop_newest' }, bounded)
    const pids = [listener('a'), dead, bounded, bounded, listener('b')]
    const message = {}
    const { noProcess, mailboxFull } = deadLetters()
    sendEach(pids, message)
    runUntilIdle()
    expect(got.map(([name]) => name)).toEqual(['a', 'bounded', 'b'])
    expect(got.every(([, received]) => received === message)).toBe(true)
    expect(deadLetters()).toMatchObject({ noProcess: noProcess + 1, mailboxFull: mailboxFull + 1 })
    for (const pid of pids) exit(pid, 'kill')
  })
})

describe('crash isolation', () => {
  it('ends the process that throws, and no other', async () => {
    const heard: string[] = []
    const fragile = spawn((m: string) => {
      if (m === 'break') throw new Error('broken')
    })
    const sturdy = spawn((m: string) => void heard.push(m))
    const ended = waitForExit(fragile)
    send(fragile, 'break')
    send(sturdy, 'still here')
    send(fragile, 'never read')
    runUntilIdle()
    expect(heard).toEqual(['still here'])
    expect(isAlive(sturdy)).toBe(true)
    expect(await ended).toMatchObject({
      error: new Error('broken'),
      call: { callback: 'receive', message: 'break' },
    })
  })

  it('makes any thrown value a reason', async () => {
    const fragile = spawn(() => {
      throw 42
    })
    const ended = waitForExit(fragile)
    send(fragile, undefined as never)
    runUntilIdle()
    expect(await ended).toMatchObject({ error: 42 })
  })

  it('does not spend the stack on a relay through 20,000 processes', () => {
    let arrived = 0
    let next = spawn((n: number) => {
      arrived = n
    })
    for (let i = 0; i < 20_000; i++) {
      const to = next
      next = spawn((n: number) => send(to, n + 1))
    }
    send(next, 0)
    runUntilIdle()
    expect(arrived).toBe(20_000)
  })
})

describe('a pid', () => {
  it('prints a pid short, in logs and JSON', () => {
    const process = spawn(() => {})
    expect(String(process)).toBe(`Pid<${process.id}>`)
    expect(JSON.stringify({ process })).toBe(`{"process":"Pid<${process.id}>"}`)
  })
})
