// A server that is held now and then, as laws: whoever suspends, resumes, watches and changes it,
// in whatever order of turns, its messages are handled once and in order, calls end once, and the
// bound of its mailbox counts what waits, no more and no less.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Call, call, cast, GenServer, start, stop } from '../../src/behaviours/gen-server.ts'
import * as sys from '../../src/behaviours/sys.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { boundMailbox } from '../../src/runtime/delivery.ts'
import type { Overflow } from '../../src/runtime/mailbox-bound.ts'
import { type Pid, processOf } from '../../src/runtime/pid.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { interleave } from '../../src/testing/interleavings.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

type Numbers = readonly number[]

/** Keeps numbers; every third takes it some time. */
class Keeper extends GenServer<Numbers, Call<'get', object, Numbers>, number> {
  init() {
    return { state: [] }
  }

  override handleCall(_: Call<'get', object, Numbers>, _from: unknown, state: Numbers) {
    return { reply: state, state }
  }

  override handleCast(number: number, state: Numbers) {
    const next = { state: [...state, number] }
    return number % 3 === 0 ? Promise.resolve(next) : next
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) {
    runUntilIdle()
    await null
  }
}

const steps = fc.array(
  fc.constantFrom('cast', 'call', 'suspend', 'resume', 'change', 'watch', 'unwatch', 'run', 'wait'),
  { maxLength: 30 },
)
type Keeping = ReturnType<typeof startKeeper>
const startKeeper = () => start(new Keeper())

/** What may be done to a server beside casts. */
const acts: Readonly<Record<string, (keeper: Keeping) => unknown>> = {
  call: (keeper) => call(keeper, { type: 'get' }, { timeoutMs: 'infinity' }),
  suspend: (keeper) => sys.suspend(keeper),
  resume: (keeper) => sys.resume(keeper),
  change: (keeper) => sys.changeCode(keeper, new Keeper()).catch(notSuspended),
  watch: (keeper) => sys.statistics(keeper, true),
  unwatch: (keeper) => sys.noDebug(keeper),
  run: runUntilIdle,
}

function notSuspended(error: { code?: string }): void {
  if (error.code !== 'not_suspended') throw error
}

it('messages are handled once, in order, and calls answered', async () => {
  const law = async (list: readonly string[], endsEarly: boolean, seed: number): Promise<void> => {
    const keeper = startKeeper()
    let count = 0
    const under: unknown[] = []
    for (const step of list) {
      if (step === 'cast') cast(keeper, ++count)
      else if (step === 'wait') await null
      else under.push(acts[step]?.(keeper))
    }
    if (endsEarly) {
      const [ended, ...others] = await Promise.allSettled([stop(keeper), ...under])
      expect(ended, `seed ${seed}`).toMatchObject({ status: 'fulfilled' })
      for (const one of others) if (one.status === 'rejected') expect(one.reason.code).toBe('exit')
      return
    }
    await Promise.all([...under, sys.resume(keeper)])
    const all = Array.from({ length: count }, (_, i) => i + 1)
    expect(await call(keeper, { type: 'get' })).toEqual(all)
    await stop(keeper)
  }
  const seeds = fc.nat(10_000)
  const property = fc.asyncProperty(steps, fc.boolean(), seeds, (list, endsEarly, seed) =>
    interleave({ seed, runs: 1 }, () => law(list, endsEarly, seed)),
  )
  await fc.assert(property, { numRuns: 300 })
})

it('a bounded mailbox counts what waits', async () => {
  const max = 3
  const waiting = (pid: Pid): number => processOf(pid).extension?.bound?.waiting ?? 0
  const law = async (list: readonly string[], overflow: Overflow): Promise<void> => {
    const keeper = startKeeper()
    boundMailbox({ max, overflow }, keeper)
    const under: Promise<unknown>[] = []
    for (const step of list) {
      if (step === 'cast') castIfRoom(keeper)
      else if (step === 'call') under.push(codeOf(call(keeper, { type: 'get' }, { timeoutMs: 10 })))
      else if (step === 'wait') await clock.advanceAsync(20)
      else under.push(codeOf(acts[step]?.(keeper)))
      expect(waiting(keeper)).toBeLessThanOrEqual(max)
      expect(waiting(keeper)).toBeGreaterThanOrEqual(0)
    }
    under.push(codeOf(sys.resume(keeper)))
    await settle()
    await clock.advanceAsync(100)
    for (const code of await Promise.all(under)) {
      expect([undefined, 'timeout', 'mailbox_full']).toContain(code)
    }
    await settle()
    expect(waiting(keeper)).toBe(0)
    await stop(keeper)
  }
  const overflows = fc.constantFrom<Overflow>('reject', 'drop_newest', 'drop_oldest')
  await fc.assert(fc.asyncProperty(steps, overflows, law), { numRuns: 300 })
})

/** Why it failed; undefined when it did not. */
async function codeOf(outcome: unknown): Promise<string | undefined> {
  try {
    await outcome
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

function castIfRoom(keeper: Keeping): void {
  try {
    cast(keeper, 1)
  } catch (error) {
    expect(error).toMatchObject({ code: 'mailbox_full' })
  }
}
