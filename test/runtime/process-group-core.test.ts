import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GroupSet, type Notice, type PeerMessage } from '../../src/runtime/process-group-core.ts'

type Step =
  | { readonly type: 'join' | 'leave'; readonly group: string; readonly pids: string[] }
  | { readonly type: 'gone'; readonly pid: string }

const pid = fc.constantFrom('a', 'b', 'c', 'd')
const group = fc.constantFrom('g', 'h')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constantFrom('join' as const, 'leave' as const),
    group,
    pids: fc.array(pid, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('gone' as const), pid }),
)

/** The same with plain lists, as pg.erl does it. */
class ListModel {
  readonly lists = new Map<string, string[]>()

  apply(step: Step): void {
    if (step.type === 'gone') {
      for (const [name, list] of this.lists)
        this.#set(
          name,
          list.filter((p) => p !== step.pid),
        )
      return
    }
    const { type, group: name, pids } = step
    const list = this.lists.get(name) ?? []
    if (type === 'join') this.#set(name, [...pids, ...list])
    else {
      const left = [...list]
      for (const one of pids) if (left.includes(one)) left.splice(left.indexOf(one), 1)
      this.#set(name, left)
    }
  }

  #set(name: string, list: string[]): void {
    if (list.length === 0) this.lists.delete(name)
    else this.lists.set(name, list)
  }
}

function run(set: GroupSet<string>, step: Step): Notice<string>[] {
  return step.type === 'gone' ? set.gone(step.pid) : set[step.type](step.group, step.pids)
}

describe('a set of groups', () => {
  it('is what lists of members are', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const set = new GroupSet<string>()
        const model = new ListModel()
        for (const one of steps) {
          run(set, one)
          model.apply(one)
          expect(set.groups().sort()).toEqual([...model.lists.keys()].sort())
          for (const [name, list] of model.lists) expect(set.members(name)).toEqual(list)
        }
      }),
    )
  })

  it('notices lead from the members before to the members after', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const set = new GroupSet<string>()
        const heard = new ListModel()
        for (const one of steps) {
          for (const notice of run(set, one)) heard.apply({ ...notice, pids: [...notice.pids] })
          for (const name of ['g', 'h']) {
            expect([...(heard.lists.get(name) ?? [])].sort()).toEqual(set.members(name).sort())
          }
        }
      }),
    )
  })

  it('costs no more for a member of a large group: 50,000 come and go', () => {
    const set = new GroupSet<number>()
    for (let i = 0; i < 50_000; i++) set.join('all', [i])
    for (let i = 0; i < 50_000; i++) set.gone(i)
    expect(set.groups()).toEqual([])
  })
})

describe('two sets that replicate', () => {
  /** A thread: its own set, and the messages on their way to the other. */
  class Side {
    readonly set = new GroupSet<string>()
    readonly peer = {}
    readonly outbox: PeerMessage<string>[] = []
    readonly prefix: string

    constructor(prefix: string) {
      this.prefix = prefix
    }

    do(step: Step): void {
      const own = (p: string): string => this.prefix + p
      if (step.type === 'gone') {
        const notices = this.set.gone(own(step.pid))
        const groups = notices.map((notice) => notice.group)
        if (groups.length > 0) {
          this.outbox.push({ type: 'leave', groups, pids: [own(step.pid)] })
        }
        return
      }
      const pids = step.pids.map(own)
      const [notice] = this.set[step.type](step.group, pids)
      if (notice === undefined) return
      if (step.type === 'join') this.outbox.push({ type: 'join', group: step.group, pids })
      else this.outbox.push({ type: 'leave', groups: [step.group], pids })
    }
  }

  const localOf = (set: GroupSet<string>, name: string): string[] => set.localMembers(name).sort()
  const remoteOf = (set: GroupSet<string>, name: string): string[] => {
    const local = new Set(set.localMembers(name))
    return set
      .members(name)
      .filter((p) => !local.has(p))
      .sort()
  }

  it('agree once all messages are there, whenever they were connected', () => {
    const act = fc.tuple(fc.boolean(), step, fc.boolean())
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.nat(40), (acts, connectAt) => {
        const left = new Side('left ')
        const right = new Side('right ')
        const deliver = (from: Side, to: Side): void => {
          const message = from.outbox.shift()
          if (message !== undefined) to.set.receive(to.peer, message)
        }
        for (const [index, [isLeft, one, delivers]] of acts.entries()) {
          if (index === connectAt) {
            for (const side of [left, right]) {
              side.outbox.length = 0
              side.outbox.push(side.set.syncMessage())
            }
          }
          ;(isLeft ? left : right).do(one)
          if (!delivers || index < connectAt) continue
          deliver(left, right)
          deliver(right, left)
        }
        if (connectAt >= acts.length) return
        while (left.outbox.length + right.outbox.length > 0) {
          deliver(left, right)
          deliver(right, left)
        }
        for (const name of ['g', 'h']) {
          expect(remoteOf(right.set, name)).toEqual(localOf(left.set, name))
          expect(remoteOf(left.set, name)).toEqual(localOf(right.set, name))
        }
        // One is lost: the other keeps its own.
        const own = ['g', 'h'].map((name) => localOf(left.set, name))
        left.set.peerGone(left.peer)
        expect(['g', 'h'].map((name) => left.set.members(name).sort())).toEqual(own)
      }),
    )
  })

  it('correct each other: a second sync leaves only what it names', () => {
    const set = new GroupSet<string>()
    const peer = {}
    set.sync(peer, [
      ['g', ['x', 'y', 'y']],
      ['h', ['x']],
    ])
    expect(set.sync(peer, [['g', ['y', 'z']]])).toEqual([
      { type: 'leave', group: 'g', pids: ['y', 'x'] },
      { type: 'join', group: 'g', pids: ['z'] },
      { type: 'leave', group: 'h', pids: ['x'] },
    ])
    expect(set.groups()).toEqual(['g'])
  })
})
