// Handlers that take their time change nothing but when: the same machine, once with handlers that
// return at once and once with some that return promises, sees the same events in the same order.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cast, start } from '../../src/behaviours/gen-server.ts'
import {
  GenStatem,
  nextEvent,
  type StatemEvent,
  type StatemInit,
  type Transition,
} from '../../src/behaviours/gen-statem.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'

type State = 's0' | 's1' | 's2'
type Event = 'a' | 'b' | 'c'
interface Rule {
  readonly next: State | null
  readonly isPostponed: boolean
  readonly inserts: boolean
  /** Microtasks until it returns. */
  readonly takes: number
}
type Rules = Readonly<Record<string, Rule>>

class Scripted extends GenStatem<State, number, never, Event> {
  override readonly stateEnter: boolean
  readonly seen: string[] = []
  readonly #rules: Rules
  readonly #isAsync: boolean

  constructor(rules: Rules, isAsync: boolean, enters: boolean) {
    super()
    this.#rules = rules
    this.#isAsync = isAsync
    this.stateEnter = enters
  }

  init(): StatemInit<State, number> {
    return { state: 's0', data: 0 }
  }

  override handleEvent(event: StatemEvent, state: State, count: number) {
    this.seen.push(`${state} ${event.type} ${String(event.content)} ${count}`)
    if (event.type === 'enter') return this.#isAsync ? Promise.resolve(undefined) : undefined
    const rule = event.type === 'cast' ? this.#rules[`${state} ${event.content}`] : undefined
    if (rule === undefined) return { data: count + 1 }
    return this.#isAsync
      ? after(rule.takes, this.#follow(rule, state, count))
      : this.#follow(rule, state, count)
  }

  #follow({ next, isPostponed, inserts }: Rule, state: State, count: number) {
    // Postponed only on the way to a later state: machines must come to rest.
    const postpones = isPostponed && (next === null || next > state)
    const actions = [
      ...(postpones ? (['postpone'] as const) : []),
      ...(inserts ? [nextEvent('internal', 'i')] : []),
    ]
    const transition: Transition<State, number> = { data: count + 1, actions }
    return next === null ? transition : { ...transition, state: next }
  }
}

async function after<T>(microtasks: number, value: T): Promise<T> {
  for (let i = 0; i < microtasks; i++) await null
  return value
}

const states = ['s0', 's1', 's2'] as const
const events = ['a', 'b', 'c'] as const
const rule: fc.Arbitrary<Rule> = fc.record({
  next: fc.constantFrom(null, ...states),
  isPostponed: fc.boolean(),
  inserts: fc.boolean(),
  takes: fc.nat(3),
})
const rules = fc.record(
  Object.fromEntries(states.flatMap((s) => events.map((e) => [`${s} ${e}`, rule]))),
  { requiredKeys: [] },
) as fc.Arbitrary<Rules>
/** Events, each after so many microtasks. */
const inputs = fc.array(fc.tuple(fc.constantFrom(...events), fc.nat(3)), { maxLength: 12 })

it('a machine with async handlers sees what one with synchronous handlers sees', async () => {
  const run = async (machine: Scripted, list: readonly (readonly [Event, number])[]) => {
    const pid = start(machine)
    for (const [event, microtasks] of list) {
      await after(microtasks, runUntilIdle())
      cast(pid, event)
    }
    for (let turn = 0; turn < 150; turn++) await after(1, runUntilIdle())
    exit(pid, 'kill')
    return machine.seen
  }
  const law = async (
    table: Rules,
    list: readonly (readonly [Event, number])[],
    enters: boolean,
  ) => {
    const expected = await run(new Scripted(table, false, enters), list)
    expect(await run(new Scripted(table, true, enters), list)).toEqual(expected)
  }
  await fc.assert(fc.asyncProperty(rules, inputs, fc.boolean(), law), { numRuns: 300 })
})
