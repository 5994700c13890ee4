import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, processInfo, send, spawn } from '../../src/runtime/process.ts'
import * as groups from '../../src/runtime/process-group.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import { interleave } from '../../src/testing/interleavings.ts'

let scope: Pid
beforeEach(() => {
  scope = groups.start('test')
})
afterEach(() => exit(scope, 'kill'))

const idle = (): Pid<unknown> => spawn((_: unknown) => {})

/** A process that keeps what it is told. */
function listener(): { pid: Pid; heard: unknown[][] } {
  const heard: unknown[][] = []
  const pid = spawn((message: unknown) => {
    if (!(message instanceof groups.GroupChange)) return
    heard.push([message.type, message.group, message.pids])
  })
  return { pid, heard }
}

describe('a process', () => {
  it('joins groups, one several times, and leaves each as often', () => {
    const pid = idle()
    groups.join('test', 'g', pid)
    groups.join('test', 'g', [pid, pid])
    groups.join('test', 'h', pid)
    expect(groups.members('test', 'g')).toEqual([pid, pid, pid])
    expect(groups.leave('test', 'g', [pid, pid])).toBe(true)
    expect(groups.members('test', 'g')).toEqual([pid])
    expect(groups.leave('test', 'g', pid)).toBe(true)
    expect(groups.leave('test', 'g', pid)).toBe(false)
    expect(groups.whichGroups('test')).toEqual(['h'])
  })

  it('leaves all groups when it ends, before monitors of it hear of that', () => {
    const pid = idle()
    groups.join('test', 'g', [pid, pid])
    groups.join('test', 'h', pid)
    exit(pid, 'boom')
    expect(groups.whichGroups('test')).toEqual([])
  })

  it('that is dead joins and leaves at once', () => {
    const pid = idle()
    exit(pid, 'kill')
    const { pid: watcher, heard } = listener()
    groups.monitor('test', 'g', watcher)
    groups.join('test', 'g', pid)
    runUntilIdle()
    expect(heard).toEqual([
      ['join', 'g', [pid]],
      ['leave', 'g', [pid]],
    ])
    expect(groups.members('test', 'g')).toEqual([])
  })

  it('is not watched any more when it has left', () => {
    const pid = idle()
    for (let i = 0; i < 3; i++) {
      groups.join('test', 'g', pid)
      groups.leave('test', 'g', pid)
    }
    expect(processInfo(pid).links).toEqual([])
    exit(pid, 'kill')
    expect(groups.members('test', 'g')).toEqual([])
  })
})

describe('a monitor', () => {
  it('of a group brings its members, then every change of it', () => {
    const { pid: watcher, heard } = listener()
    const [a, b] = [idle(), idle()]
    groups.join('test', 'g', a)
    const { members } = groups.monitor('test', 'g', watcher)
    groups.join('test', 'g', b)
    groups.join('test', 'h', b)
    exit(a, 'boom')
    runUntilIdle()
    expect(members).toEqual([a])
    expect(heard).toEqual([
      ['join', 'g', [b]],
      ['leave', 'g', [a]],
    ])
  })

  it('of a scope brings all groups', () => {
    const { pid: watcher, heard } = listener()
    const pid = idle()
    groups.join('test', 'g', pid)
    expect(groups.monitorScope('test', watcher).groups).toEqual(new Map([['g', [pid]]]))
    groups.join('test', 'h', pid)
    exit(pid, 'kill')
    runUntilIdle()
    expect(heard).toEqual([
      ['join', 'h', [pid]],
      ['leave', 'h', [pid]],
      ['leave', 'g', [pid]],
    ])
  })

  it('is ended with all that waits of it, and once only', () => {
    const { pid: watcher, heard } = listener()
    const { ref } = groups.monitor('test', 'g', watcher)
    const other = groups.monitor('test', 'g', watcher)
    groups.join('test', 'g', idle())
    expect(groups.demonitor(ref)).toBe(true)
    expect(groups.demonitor(ref)).toBe(false)
    groups.join('test', 'g', idle())
    runUntilIdle()
    expect(heard).toHaveLength(2)
    expect(groups.demonitor(other.ref)).toBe(true)
  })

  it('ends with its watcher', () => {
    const { pid: watcher } = listener()
    const { ref } = groups.monitor('test', 'g', watcher)
    exit(watcher, 'kill')
    groups.join('test', 'g', idle())
    expect(groups.demonitor(ref)).toBe(false)
  })
})

describe('a watcher that has ended', () => {
  it('is sent nothing', () => {
    const dead = idle()
    exit(dead, 'kill')
    groups.monitor('test', 'g', dead)
    groups.monitorScope('test', dead)
    const before = deadLetters().noProcess
    groups.join('test', 'g', idle())
    expect(deadLetters().noProcess).toBe(before)
  })
})

describe('a scope', () => {
  it('ends without its members, and can be started again', () => {
    const pid = idle()
    const { pid: watcher, heard } = listener()
    groups.join('test', 'g', pid)
    groups.monitor('test', 'g', watcher)
    exit(scope, 'kill')
    expect(isAlive(pid)).toBe(true)
    expect(groups.members('test', 'g')).toEqual([])
    expect(() => groups.join('test', 'g', pid)).toThrow(
      expect.objectContaining({ code: 'unknown_scope' }),
    )
    scope = groups.start('test')
    exit(pid, 'kill')
    runUntilIdle()
    expect(heard).toEqual([])
  })

  it('is there once', () => {
    expect(() => groups.start('test')).toThrow(expect.objectContaining({ code: 'already_started' }))
  })
})

describe('a peer', () => {
  it('is told our members, then every change, and its members are ours until it is gone', () => {
    const sent: groups.GroupMessage[] = []
    const peer: groups.GroupPeer = { send: (message) => sent.push(message) }
    const [own, foreign] = [idle(), idle()]
    groups.join('test', 'g', own)
    groups.receiveFromPeer('test', peer, { type: 'join', group: 'g', pids: [foreign] })
    expect(groups.members('test', 'g')).toEqual([own])
    groups.attachPeer('test', peer)
    groups.receiveFromPeer('test', peer, { type: 'sync', groups: [['g', [foreign]]] })
    expect(groups.members('test', 'g')).toEqual([foreign, own])
    expect(groups.localMembers('test', 'g')).toEqual([own])
    exit(own, 'kill')
    groups.detachPeer('test', peer)
    expect(groups.members('test', 'g')).toEqual([])
    groups.join('test', 'g', idle())
    expect(sent).toEqual([
      { type: 'sync', groups: [['g', [own]]] },
      { type: 'leave', groups: ['g'], pids: [own] },
    ])
  })

  it('can be found when scopes start and end', () => {
    const changes: string[] = []
    groups.onScopes((name, change) => changes.push(`${name} ${change}`))
    const other = groups.start('other')
    expect(groups.scopeNames().sort()).toEqual(['other', 'test'])
    exit(other, 'kill')
    groups.onScopes(null)
    expect(changes).toEqual(['other started', 'other ended'])
  })
})

describe('notices', () => {
  const ops = fc.array(
    fc.tuple(
      fc.constantFrom('join', 'join some', 'leave', 'kill', 'monitor', 'run'),
      fc.nat(5),
      fc.constantFrom('g', 'h'),
    ),
    { maxLength: 40 },
  )

  /** A process that follows a scope by its notices, and kills who joins together with others. */
  function follow(): Map<string, Pid[]> {
    const seen = new Map<string, Pid[]>()
    const pid = spawn((message: unknown) => {
      if (!(message instanceof groups.GroupChange)) return
      const list = seen.get(message.group) ?? []
      seen.set(message.group, list)
      for (const one of message.pids) {
        if (message.type === 'join') list.push(one)
        else if (list.includes(one)) list.splice(list.indexOf(one), 1)
      }
      const [first, second] = message.pids
      if (message.type === 'join' && first !== undefined && second !== undefined)
        exit(first, 'kill')
    })
    for (const [group, pids] of groups.monitorScope('test', pid).groups) seen.set(group, [...pids])
    return seen
  }

  it('tell each follower who the members are, whoever dies while they are on their way', async () => {
    const law = (list: readonly (readonly [string, number, string])[]): void => {
      const pids = Array.from({ length: 6 }, idle)
      const followers: Map<string, Pid[]>[] = []
      for (const [op, i, group] of list) {
        const pid = pids[i] as Pid
        if (op === 'join') groups.join('test', group, pid)
        else if (op === 'join some') groups.join('test', group, [pid, pids[0] as Pid, pid])
        else if (op === 'leave') groups.leave('test', group, pid)
        else if (op === 'kill') exit(pid, 'kill')
        else if (op === 'monitor') followers.push(follow())
        else runUntilIdle()
      }
      runUntilIdle()
      for (const group of ['g', 'h']) {
        const members = groups.members('test', group).map(String).sort()
        for (const seen of followers) {
          expect((seen.get(group) ?? []).map(String).sort()).toEqual(members)
        }
      }
      for (const pid of pids) exit(pid, 'kill')
    }
    const property = fc.asyncProperty(ops, fc.nat(10_000), (list, seed) =>
      interleave({ seed, runs: 1 }, () => law(list)),
    )
    await fc.assert(property, { numRuns: 300 })
  })
})

describe('the type of a group', () => {
  it('is that of its members', () => {
    const room: groups.Group<Pid<string>> = 'room'
    expectTypeOf(groups.members('test', room)).toEqualTypeOf<Pid<string>[]>()
    for (const pid of groups.members('test', room)) send(pid, 'hello')
    // @ts-expect-error it could not be sent a string
    groups.join('test', room, spawn((_: number) => {}) as Pid<number>)
  })
})
