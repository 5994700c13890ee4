// The order of events in a state machine, as a law: random machines under random events, against a
// model that knows nothing of queues inside of queues, only of what OTP's manual says. The machine
// has a fast path for events without consequences; a timeout that never runs out keeps it off that,
// and nothing may change.
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { cast, start } from '../../src/behaviours/gen-server.ts'
import {
  type Action,
  eventTimeout,
  GenStatem,
  nextEvent,
  type StatemEvent,
  type StatemInit,
  stateTimeout,
  type Transition,
  timeout,
} from '../../src/behaviours/gen-statem.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'

/** A timeout by its kind: of the state, of the next event, or by name. */
type TimeoutKind = 'state' | 'event' | 'x' | 'y'

type Ask =
  | { readonly do: 'postpone' }
  | { readonly do: 'insert'; readonly event: string }
  | { readonly do: 'wait'; readonly kind: TimeoutKind; readonly ms: number | 'infinity' | 'update' }

/** What the machine does about an event in a state. */
interface Rule {
  /** The next state; null keeps it. */
  readonly next: string | null
  readonly repeat: boolean
  readonly asks: readonly Ask[]
}

/** By `state event`; `state enter` for enter calls, which may only wait. */
type Rules = Readonly<Record<string, Rule>>

const STATES = ['s0', 's1', 's2']
const EVENTS = ['a', 'b', 'c', 'i', 'state', 'event', 'x', 'y']
const keep: Rule = { next: null, repeat: false, asks: [] }

const wait: fc.Arbitrary<Ask> = fc.record({
  do: fc.constant('wait' as const),
  kind: fc.constantFrom<TimeoutKind>('state', 'event', 'x', 'y'),
  ms: fc.constantFrom<number | 'infinity' | 'update'>(0, 5, 12, 31, 'infinity', 'update'),
})
const ask: fc.Arbitrary<Ask> = fc.oneof(
  wait,
  wait,
  fc.constant<Ask>({ do: 'postpone' }),
  // Only `i`, about which nothing is inserted: machines must come to rest.
  fc.constant<Ask>({ do: 'insert', event: 'i' }),
)

/** A rule about an event in a state; events that come by themselves make no others. */
function ruleFor(event: string, state: string): fc.Arbitrary<Rule> {
  const isOutside = ['a', 'b', 'c'].includes(event)
  return fc
    .record({
      next: fc.constantFrom(null, null, ...STATES),
      repeat: isOutside ? fc.boolean() : fc.constant(false),
      asks: fc.array(isOutside ? ask : fc.constant<Ask>({ do: 'postpone' }), {
        maxLength: isOutside ? 4 : 1,
      }),
    })
    .map((rule) => endingRule(rule, state))
}

/**
 * Machines must come to rest: an event that is postponed makes no others at once, and if it changes
 * the state, then to a later one, so that it is retried no more often than there are states.
 */
function endingRule({ next, repeat, asks }: Rule, state: string): Rule {
  if (!asks.some((one) => one.do === 'postpone')) return { next, repeat, asks }
  return {
    next: next !== null && next > state ? next : null,
    repeat,
    asks: asks.filter(
      (one) => one.do === 'postpone' || (one.do === 'wait' && one.ms !== 0 && one.ms !== 'update'),
    ),
  }
}

const timed: fc.Arbitrary<Rules> = fc.record(
  Object.fromEntries([
    ...STATES.flatMap((state) =>
      EVENTS.map((event) => [`${state} ${event}`, ruleFor(event, state)]),
    ),
    ...STATES.map((state) => [
      `${state} enter`,
      fc.record({
        next: fc.constant(null),
        repeat: fc.constant(false),
        asks: fc.array(
          wait.filter((one) => one.do === 'wait' && typeof one.ms === 'number' && one.ms > 0),
          { maxLength: 1 },
        ),
      }),
    ]),
  ]),
  { requiredKeys: [] },
) as fc.Arbitrary<Rules>

/** Half of the machines know no time: most events take the fast path then. */
const rules: fc.Arbitrary<Rules> = fc
  .tuple(timed, fc.boolean())
  .map(([table, isTimed]) => (isTimed ? table : timeless(table)))

function timeless(table: Rules): Rules {
  const entries = Object.entries(table).flatMap(([key, rule]): [string, Rule][] => {
    if (key.endsWith('enter')) return []
    return [[key, { ...rule, asks: rule.asks.filter((one) => one.do !== 'wait') }]]
  })
  return Object.fromEntries(entries)
}

type Input = { readonly cast: readonly string[] } | { readonly sleep: number }
const inputs: fc.Arbitrary<readonly Input[]> = fc.array(
  fc.oneof(
    fc.record({ cast: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }) }),
    fc.record({ sleep: fc.integer({ min: 1, max: 40 }) }),
  ),
  { maxLength: 12 },
)

// --- The model ---

interface Waiting {
  readonly kind: TimeoutKind
  readonly dueMs: number
  /** Between those due at the same time. */
  readonly order: number
}

class Model {
  readonly log: string[] = []
  readonly #rules: Rules
  #state = 's0'
  #nowMs = 0
  #order = 0
  /** Inserted and retried events, then the mailbox. */
  #queue: string[] = []
  #mailbox: string[] = []
  #postponed: string[] = []
  #zero: TimeoutKind[] = []
  #waiting: Waiting[] = []

  constructor(rules: Rules) {
    this.#rules = rules
    this.#transition('init', { ...keep, repeat: true })
    this.#run()
  }

  cast(events: readonly string[]): void {
    this.#mailbox.push(...events)
    this.#run()
  }

  sleep(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [next] = this.#waiting
        .filter(({ dueMs }) => dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      if (next === undefined) break
      this.#nowMs = next.dueMs
      this.#waiting = this.#waiting.filter((other) => other !== next)
      this.#mailbox.push(next.kind)
      this.#run()
    }
    this.#nowMs = endMs
  }

  #run(): void {
    for (;;) {
      const event = this.#queue.shift() ?? this.#zero.shift() ?? this.#mailbox.shift()
      if (event === undefined) return
      this.log.push(`${this.#state} ${event}`)
      this.#transition(event, this.#rules[`${this.#state} ${event}`] ?? keep)
    }
  }

  #transition(event: string, { next, repeat, asks }: Rule): void {
    const before = this.#state
    const state = next ?? before
    const isChange = state !== before
    const all = [...asks]
    const entering = this.#rules[`${state} enter`]
    if (entering !== undefined && (isChange || (next === null && repeat))) {
      this.log.push(`${before} => ${state}`)
      all.push(...entering.asks)
    }
    if (asks.some((one) => one.do === 'postpone')) this.#postponed.push(event)
    this.#end('event')
    if (isChange) {
      this.#end('state')
      this.#queue = [...this.#postponed, ...this.#queue]
      this.#postponed = []
      this.#state = state
    }
    const waits = all.flatMap((one) => (one.do === 'wait' ? [one] : []))
    waits.forEach((one, at) => {
      const isLast = !waits.some((other, later) => later > at && other.kind === one.kind)
      if (isLast) this.#wait(one.kind, one.ms)
    })
    const inserted = all.flatMap((one) => (one.do === 'insert' ? [one.event] : []))
    this.#queue = [...inserted, ...this.#queue]
  }

  #end(kind: TimeoutKind): void {
    this.#zero = this.#zero.filter((other) => other !== kind)
    this.#waiting = this.#waiting.filter((other) => other.kind !== kind)
  }

  #wait(kind: TimeoutKind, ms: number | 'infinity' | 'update'): void {
    const isRunning =
      this.#zero.includes(kind) || this.#waiting.some((other) => other.kind === kind)
    if (ms === 'update' && isRunning) return
    this.#end(kind)
    if (ms === 'infinity') return
    if (ms === 'update' || ms === 0) this.#zero.push(kind)
    else this.#waiting.push({ kind, dueMs: this.#nowMs + ms, order: this.#order++ })
  }
}

// --- The machine ---

class Machine extends GenStatem<string, null, never, string> {
  override readonly states: Record<string, object> = {}
  readonly log: string[] = []
  readonly #rules: Rules
  readonly #isSlow: boolean

  constructor(rules: Rules, isSlow: boolean) {
    super()
    this.#rules = rules
    this.#isSlow = isSlow
    // A handler for casts in each state: only with that is there a fast path.
    for (const state of STATES) {
      this.states[state] = {
        cast: (event: string) => this.#handle(event, state),
        ...(rules[`${state} enter`] !== undefined && {
          enter: (old: string) => this.#enter(old, state),
        }),
      }
    }
  }

  init(): StatemInit<string, null> {
    const forever = this.#isSlow ? { actions: timeout('forever', 1_000_000) } : {}
    return { state: 's0', data: null, ...forever }
  }

  override handleEvent(
    event: StatemEvent<string, never, string>,
    state: string,
  ): Transition<string, null> {
    if (event.type === 'timeout') return this.#handle(event.name, state)
    if (event.type === 'stateTimeout') return this.#handle('state', state)
    if (event.type === 'eventTimeout') return this.#handle('event', state)
    return this.#handle(String(event.content), state)
  }

  #enter(old: string, state: string): Transition<string, null> | undefined {
    this.log.push(`${old} => ${state}`)
    const { asks } = this.#rules[`${state} enter`] ?? keep
    return asks.length > 0 ? { actions: asks.map(actionOf) } : undefined
  }

  #handle(event: string, state: string): Transition<string, null> {
    this.log.push(`${state} ${event}`)
    const { next, repeat, asks } = this.#rules[`${state} ${event}`] ?? keep
    const actions = asks.length > 0 ? { actions: asks.map(actionOf) } : {}
    if (next !== null) return { state: next, ...actions }
    return repeat ? { repeat, ...actions } : { data: null, ...actions }
  }
}

function actionOf(one: Ask): Action {
  if (one.do === 'postpone') return 'postpone'
  if (one.do === 'insert') return nextEvent('internal', one.event)
  if (one.kind === 'state') return stateTimeout(one.ms)
  return one.kind === 'event' ? eventTimeout(one.ms) : timeout(one.kind, one.ms)
}

function play(machine: Machine, steps: readonly Input[]): string[] {
  const clock = new VirtualClock()
  useClock(clock)
  const pid = start(machine)
  runUntilIdle()
  for (const step of steps) {
    if ('sleep' in step) clock.advance(step.sleep)
    else for (const event of step.cast) cast(pid, event)
    runUntilIdle()
  }
  exit(pid, 'kill')
  return machine.log
}

afterEach(() => useClock(systemClock))

describe('the order of events', () => {
  it('is that of the model: postponed, inserted, timeouts, enter calls', () => {
    fc.assert(
      fc.property(rules, inputs, fc.boolean(), (table, steps, isSlow) => {
        const model = new Model(table)
        for (const step of steps) {
          if ('sleep' in step) model.sleep(step.sleep)
          else model.cast(step.cast)
        }
        expect(play(new Machine(table, isSlow), steps)).toEqual(model.log)
      }),
      { numRuns: 500 },
    )
  })

  it('is the same on the fast path and off it', () => {
    fc.assert(
      fc.property(rules, inputs, (table, steps) => {
        expect(play(new Machine(table, false), steps)).toEqual(
          play(new Machine(table, true), steps),
        )
      }),
      { numRuns: 300 },
    )
  })
})
