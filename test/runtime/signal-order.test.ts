// The law of signals (Erlang reference manual, "Processes", signals): between two processes all
// signals arrive in the order in which they were sent, whoever has its turn when; what an edge
// would bring does not come any more once the edge is taken back. Random programs, random turns.
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { register, whereis } from '../../src/runtime/registry.ts'
import { setTurnOrder } from '../../src/runtime/run-queue.ts'
import { limitTurns, runUntilIdle } from '../../src/runtime/scheduler.ts'
import {
  Down,
  demonitor,
  Exit,
  exit,
  link,
  type MonitorRef,
  monitor,
  trapExit,
  unlink,
} from '../../src/runtime/signal.ts'

const ACTORS = 3

type Verb = 'send' | 'exit' | 'normal' | 'kill' | 'link' | 'unlink' | 'monitor' | 'demonitor'

interface Step {
  readonly by: number
  readonly verb: Verb | 'end'
  readonly to: number
}

/** What an actor is told to do. */
class Command {
  readonly step: Step
  constructor(step: Step) {
    this.step = step
  }
}

/** A message of one actor to another. */
class Note {
  readonly from: number
  readonly serial: number
  constructor(from: number, serial: number) {
    this.from = from
    this.serial = serial
  }
}

/** Actors that do as told, and the record of what was sent and what arrived. */
class World {
  readonly pids: Pid<unknown>[]
  /** Serials sent by one to another, in order: notes and exit signals. */
  readonly sent: number[][][] = matrix(() => [])
  readonly arrived: number[][][] = matrix(() => [])
  /** How often the end of the second has been told to the first by a link. */
  readonly exits: number[][] = matrix(() => 0)
  /** Exits that links of the first with the second still owe it: one a link, one a dead target. */
  readonly due: number[][] = matrix(() => 0)
  /** Living monitors of one on another; a Down removes it. */
  readonly monitors: Map<MonitorRef, readonly [number, number]> = new Map()
  readonly broken: string[] = []
  #serial = 0

  constructor() {
    this.pids = Array.from({ length: ACTORS }, (_, me) => this.#actor(me))
  }

  #actor(me: number): Pid<unknown> {
    const pid = spawn((message: unknown) => this.#receive(me, message), undefined)
    trapExit(true, pid)
    return pid
  }

  #receive(me: number, message: unknown): void {
    if (message instanceof Command) this.#execute(message.step)
    else if (message instanceof Note) this.#arrive(me, message.from, message.serial)
    else if (message instanceof Exit) this.#hearExit(me, message)
    else if (message instanceof Down) this.#hearDown(me, message)
  }

  #arrive(me: number, from: number, serial: number): void {
    this.arrived[from]?.[me]?.push(serial)
    if (this.exits[me]?.[from] !== 0) this.broken.push('a signal after the sender had ended')
  }

  #hearExit(me: number, { from, reason }: Exit): void {
    const sender = this.pids.indexOf(from as Pid<unknown>)
    if (typeof reason === 'object' && 'serial' in reason) {
      this.#arrive(me, sender, Number(reason.serial))
    } else if (reason === 'ended' || reason === 'killed' || reason === 'noproc') {
      const row = this.exits[me] ?? []
      row[sender] = (row[sender] ?? 0) + 1
      const own = this.due[me] ?? []
      if ((own[sender] ?? 0) === 0) this.broken.push('an exit of a link taken back')
      else own[sender] = (own[sender] ?? 0) - 1
    }
  }

  #hearDown(me: number, { ref }: Down): void {
    const edge = this.monitors.get(ref)
    if (edge === undefined || edge[0] !== me) this.broken.push('a down of no monitor')
    this.monitors.delete(ref)
  }

  #execute({ by, verb, to }: Step): void {
    const target = this.pids[to]
    const serial = ++this.#serial
    if (target === undefined) return
    if (verb === 'end') exit('ended')
    else if (verb === 'send') {
      this.sent[by]?.[to]?.push(serial)
      send(target, new Note(by, serial))
    } else if (verb === 'exit') {
      this.sent[by]?.[to]?.push(serial)
      exit(target, { serial })
    } else if (verb === 'normal') exit(target, 'normal')
    else if (verb === 'kill') exit(target, 'kill')
    else if (by !== to) this.#edge(verb, by, to, target)
  }

  #edge(verb: Verb, by: number, to: number, target: Pid<unknown>): void {
    const own = this.due[by]
    const other = this.due[to]
    if (own === undefined || other === undefined) return
    if (verb === 'link') {
      if (isAlive(target)) {
        own[to] = 1
        other[by] = 1
      } else own[to] = (own[to] ?? 0) + 1
      link(target)
    } else if (verb === 'unlink') {
      own[to] = 0
      other[by] = 0
      unlink(target)
    } else if (verb === 'monitor') {
      this.monitors.set(monitor(target), [by, to])
    } else {
      const ref = [...this.monitors].find(([, edge]) => edge[0] === by && edge[1] === to)?.[0]
      if (ref === undefined) return
      this.monitors.delete(ref)
      demonitor(ref, { flush: true })
    }
  }
}

function matrix<T>(make: () => T): T[][] {
  return Array.from({ length: ACTORS }, () => Array.from({ length: ACTORS }, make))
}

const actor = fc.nat({ max: ACTORS - 1 })
const verb = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Verb>('send') },
  { weight: 3, arbitrary: fc.constant<Verb>('exit') },
  { weight: 4, arbitrary: fc.constantFrom<Verb>('link', 'unlink', 'monitor', 'demonitor') },
  { weight: 1, arbitrary: fc.constantFrom<Verb>('normal', 'kill') },
  { weight: 1, arbitrary: fc.constant<'end'>('end') },
)
const program = fc.array(fc.record({ by: actor, verb, to: actor }), { maxLength: 40 })

afterEach(() => {
  setTurnOrder(null)
  limitTurns()
})

/** Runs a program, each step in a turn of its own, in the order of turns that a seed decides. */
function run(steps: readonly Step[], seed: number): World {
  const random = seededRandom(seed)
  const world = new World()
  setTurnOrder((waiting) => random.integer(waiting))
  limitTurns(1)
  for (const step of steps) {
    const pid = world.pids[step.by]
    if (pid !== undefined) send(pid, new Command(step))
    // Now and then somebody runs before all has been told.
    if (random.integer(3) === 0) runUntilIdle()
  }
  runUntilIdle()
  return world
}

function end(world: World): void {
  for (const pid of world.pids) if (isAlive(pid)) exit(pid, 'kill')
  runUntilIdle()
}

describe('signals between two processes', () => {
  it('arrive in the order in which they were sent, all of them, and nothing after the end', () => {
    fc.assert(
      fc.property(program, fc.nat(), (steps, seed) => {
        const world = run(steps, seed)
        for (let from = 0; from < ACTORS; from++) {
          for (let to = 0; to < ACTORS; to++) {
            const sent = world.sent[from]?.[to] ?? []
            const arrived = world.arrived[from]?.[to] ?? []
            // Whoever has ended has read a beginning of it.
            const isWhole = isAlive(world.pids[to] as Pid)
            expect(arrived).toEqual(isWhole ? sent : sent.slice(0, arrived.length))
          }
        }
        expect(world.broken).toEqual([])
        end(world)
      }),
      { numRuns: 1000 },
    )
  })

  it('tell each living watcher of an end exactly once, as long as the edge stands', () => {
    fc.assert(
      fc.property(program, fc.nat(), (steps, seed) => {
        const world = run(steps, seed)
        for (const [watcher, target] of world.monitors.values()) {
          // A monitor that has not told anything watches somebody who lives, or nobody is left.
          const [mine, theirs] = [world.pids[watcher] as Pid, world.pids[target] as Pid]
          expect(isAlive(theirs) || !isAlive(mine)).toBe(true)
        }
        for (let me = 0; me < ACTORS; me++) {
          for (let other = 0; other < ACTORS; other++) {
            const [mine, theirs] = [world.pids[me] as Pid, world.pids[other] as Pid]
            if ((world.due[me]?.[other] ?? 0) > 0) {
              expect(isAlive(theirs) || !isAlive(mine)).toBe(true)
            }
          }
        }
        expect(world.broken).toEqual([])
        end(world)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a process that ends', () => {
  it('has lost its name before links and monitors hear of it, whatever the order of turns', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('ended', 'kill'), (seed, reason) => {
        const random = seededRandom(seed)
        setTurnOrder((waiting) => random.integer(waiting))
        const seen: unknown[] = []
        const named = spawn((_: unknown) => {})
        register('of-the-law', named)
        const watcher = spawn((message: unknown) => {
          if (message === 'watch') {
            trapExit()
            link(named)
            monitor(named)
          } else if (message instanceof Exit || message instanceof Down) {
            seen.push(message.reason, whereis('of-the-law'))
          }
        })
        send(watcher, 'watch')
        runUntilIdle()
        exit(named, reason)
        runUntilIdle()
        const arrives = reason === 'kill' ? 'killed' : reason
        expect(seen).toEqual([arrives, undefined, arrives, undefined])
        exit(watcher, 'kill')
      }),
      { numRuns: 100 },
    )
  })
})
