// The law of calls: whatever happens to a server, each call of it is answered exactly once or fails
// exactly once, and with what a model of a gen_server says. Random bursts of calls, casts, replies,
// stops, crashes and kills, with time passing between them.
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import {
  type Call,
  type CallResult,
  call,
  cast,
  type From,
  GenServer,
  type MaybePromise,
  type Result,
  reply,
  start,
} from '../../src/behaviours/gen-server.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { send } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, processCount } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'

afterEach(() => useClock(systemClock))

/** What a callback is told to do. */
type Deed = 'add' | 'addLater' | 'wait' | 'defer' | 'stop' | 'stopReplying' | 'crash' | 'throwState'

type Step =
  | { readonly do: 'call'; readonly deed: Deed; readonly timeoutMs: number | 'infinity' }
  | { readonly do: 'cast'; readonly deed: Deed }
  | { readonly do: 'info' }
  | { readonly do: 'reply'; readonly index: number }
  | { readonly do: 'kill' }

/** A server becomes idle after so many milliseconds; advances are multiples of 10. */
const IDLE_MS = 45

type Act = Call<'act', { deed: Deed; id: number }, string>

class Actor extends GenServer<number, Act, { readonly deed: Deed }> {
  readonly deferred: { readonly id: number; readonly from: From<string> }[] = []

  init() {
    return { state: 0 }
  }

  override handleCall(
    { deed, id }: Act,
    from: From<string>,
    count: number,
  ): MaybePromise<CallResult<number, string>> {
    const state = count + 1
    switch (deed) {
      case 'addLater':
        return Promise.resolve().then(() => ({ reply: `${state}`, state }))
      case 'wait':
        return { reply: `${state}`, state, timeoutMs: IDLE_MS }
      case 'defer':
        this.deferred.push({ id, from })
        return { state }
      case 'stopReplying':
        return { stop: 'done', reply: `${state}`, state }
      case 'throwState':
        throw { reply: `${state}`, state }
      case 'add':
        return { reply: `${state}`, state }
      default:
        return this.#end(deed, state)
    }
  }

  override handleCast(
    { deed }: { readonly deed: Deed },
    count: number,
  ): MaybePromise<Result<number>> {
    const state = count + 1
    if (deed === 'addLater') return Promise.resolve().then(() => ({ state }))
    if (deed === 'wait') return { state, timeoutMs: IDLE_MS }
    if (deed === 'throwState') throw { state }
    return deed === 'add' || deed === 'defer' ? { state } : this.#end(deed, state)
  }

  override handleInfo(message: unknown, count: number) {
    return { state: message === 'timeout' ? count + 1000 : count + 1 }
  }

  #end(deed: Deed, state: number): { stop: string; state: number } {
    if (deed === 'crash') throw new Error('crash')
    return { stop: 'done', state }
  }
}

interface Open {
  readonly id: number
  readonly deadlineMs: number
}

/** What a gen_server does, in a few lines: messages of a burst wait until it settles. */
class Model {
  isAlive = true
  count = 0
  nowMs = 0
  idleAtMs = Number.POSITIVE_INFINITY
  readonly outcomes: Map<number, string> = new Map()
  readonly deferred: number[] = []
  #open: Open[] = []
  #queue: { readonly step: Step; readonly id: number }[] = []

  post(step: Step, id: number): void {
    if (step.do === 'kill') this.#end('killed')
    else if (!this.isAlive) {
      if (step.do === 'call') this.outcomes.set(id, 'noproc')
    } else {
      if (step.do === 'call') {
        const waitMs = step.timeoutMs === 'infinity' ? Number.POSITIVE_INFINITY : step.timeoutMs
        this.#open.push({ id, deadlineMs: this.nowMs + waitMs })
      }
      this.#queue.push({ step, id })
    }
  }

  settle(): void {
    for (const { step, id } of this.#queue.splice(0)) if (this.isAlive) this.#handle(step, id)
  }

  /** Whether the call has had its reply, which a second one finds out. */
  reply(id: number): 'already_replied' | 'fine' {
    const outcome = this.outcomes.get(id)
    if (outcome === undefined) this.#close(id, 'late answer')
    return outcome === 'late answer' ? 'already_replied' : 'fine'
  }

  advance(ms: number): void {
    this.nowMs += ms
    for (const { id, deadlineMs } of this.#open) {
      if (deadlineMs < this.nowMs) this.#close(id, 'timeout')
    }
    if (this.isAlive && this.idleAtMs < this.nowMs) {
      this.idleAtMs = Number.POSITIVE_INFINITY
      this.count += 1000
    }
  }

  #handle(step: Step, id: number): void {
    this.idleAtMs = Number.POSITIVE_INFINITY
    const before = this.count++
    if (step.do !== 'call' && step.do !== 'cast') return
    const { deed } = step
    if (deed === 'wait') this.idleAtMs = this.nowMs + IDLE_MS
    if (step.do === 'call') {
      if (deed === 'defer') this.deferred.push(id)
      else if (deed !== 'stop' && deed !== 'crash') this.#close(id, `${before + 1}`)
    }
    if (deed === 'crash') this.#end('crash')
    const stops = deed === 'stop' || deed === 'stopReplying'
    if (stops) this.#end('done')
  }

  #close(id: number, outcome: string): void {
    this.outcomes.set(id, outcome)
    this.#open = this.#open.filter((open) => open.id !== id)
  }

  #end(reason: string): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.#queue = []
    for (const { id } of this.#open) this.#close(id, reason)
  }
}

const deed = fc.constantFrom<Deed>(
  ...(['add', 'addLater', 'wait', 'defer', 'defer', 'throwState', 'stopReplying'] as const),
  ...(['add', 'add', 'wait', 'stop', 'crash'] as const),
)
const timeoutMs = fc.constantFrom(25, 65, 205, 'infinity' as const)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('call' as const), deed, timeoutMs }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cast' as const), deed }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('info' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reply' as const), index: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
)
const round = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  advanceMs: fc.constantFrom(0, 10, 30, 50, 120),
})

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    runUntilIdle()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** How a call came out: its reply, or how it failed. */
function outcomeOf(failure: { code: string; reason: unknown }): string {
  const { code, reason } = failure
  if (code !== 'exit') return code
  return typeof reason === 'string' ? reason : 'crash'
}

it('a call is answered exactly once or fails exactly once, as the model says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 8 }), async (rounds) => {
      const clock = new VirtualClock()
      useClock(clock)
      const before = processCount()
      const server = new Actor()
      const pid = start(server)
      const model = new Model()
      const seen = new Map<number, string[]>()
      let nextId = 0

      const perform = (step: Step): void => {
        const id = nextId++
        if (step.do === 'reply') {
          const { deferred } = server
          const chosen = deferred[step.index % Math.max(1, deferred.length)]
          if (chosen === undefined) return
          const expected = model.reply(chosen.id)
          let got = 'fine'
          try {
            reply(chosen.from, 'late answer')
          } catch (error) {
            got = (error as { code: string }).code
          }
          expect(got).toBe(expected)
          return
        }
        model.post(step, id)
        if (step.do === 'kill') exit(pid, 'kill')
        else if (step.do === 'info') send(pid, 'info')
        else if (step.do === 'cast') cast(pid, { deed: step.deed })
        else {
          const outcomes: string[] = []
          seen.set(id, outcomes)
          const { deed, timeoutMs } = step
          call(pid, { type: 'act', deed, id }, { timeoutMs }).then(
            (value) => outcomes.push(value),
            (failure) => outcomes.push(outcomeOf(failure)),
          )
        }
      }

      for (const { steps, advanceMs } of rounds) {
        for (const step of steps) perform(step)
        await settle()
        model.settle()
        clock.advance(advanceMs)
        model.advance(advanceMs)
        await settle()
        expect(server.deferred.map(({ id }) => id)).toEqual(model.deferred)
      }
      exit(pid, 'kill')
      model.post({ do: 'kill' }, nextId)
      await settle()
      const expected = [...seen.keys()].map((id) => [id, [model.outcomes.get(id)]])
      expect([...seen]).toEqual(expected)
      expect([processCount(), armedTimers()]).toEqual([before, 0])
    }),
    { numRuns: 150 },
  )
})
