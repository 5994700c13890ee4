// Trees of actors that crash, escalate, decide late, are killed and stopped, in orders of turns by
// a seed: every query ends, who was stopped stays so, and when the system has stopped nothing is
// left.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  dispatch,
  pidOf,
  type QueryError,
  query,
  type Ref,
  type SupervisionPolicy,
  spawn,
  start,
  stop,
} from '../../src/nact/index.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, processCount } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'
import { interleave } from '../../src/testing/interleavings.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) {
    runUntilIdle()
    await null
  }
}

interface Msg {
  readonly fails?: boolean
  readonly replyTo?: Ref<number>
}

const policies = [
  'stop',
  'stopAll',
  'stopAllChildren',
  'stopChild',
  'resume',
  'reset',
  'resetAll',
  'resetAllChildren',
  'resetChild',
  'restart',
  'restartChild',
  'escalate',
] as const
type PolicyName = (typeof policies)[number]

const step = fc.record({
  does: fc.constantFrom(
    'spawn',
    'spawn',
    'fail',
    'fail',
    'query',
    'query and fail',
    'stop',
    'kill',
    'decide',
    'run',
    'wait',
  ),
  /** Whose turn it is among those spawned so far, the system first. */
  whom: fc.nat(3),
  policy: fc.constantFrom<PolicyName>('restart', 'escalate', ...policies),
  isLate: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

class Tree {
  readonly #system = start()
  readonly #refs: Ref<Msg>[] = []
  readonly #stopped: Ref<Msg>[] = []
  readonly #stops: Promise<void>[] = []
  readonly #queries: Promise<string>[] = []
  #undecided: (() => void)[] = []

  async do({ does, whom, policy, isLate }: Step): Promise<void> {
    const ref = whom === 0 ? undefined : this.#refs[(whom - 1) % this.#refs.length]
    if (does === 'run') runUntilIdle()
    else if (does === 'wait') await null
    else if (does === 'decide') this.#decide()
    else if (does === 'spawn') this.#spawn(ref, policy, isLate)
    else if (ref === undefined) return
    else if (does === 'fail') dispatch(ref, { fails: true })
    else if (does === 'query') this.#ask(ref, false)
    else if (does === 'query and fail') this.#ask(ref, true)
    else if (does === 'stop') {
      this.#stopped.push(ref)
      this.#stops.push(stop(ref))
    } else this.#kill(ref)
  }

  async end(): Promise<void> {
    for (let round = 0; round < 8; round++) {
      this.#decide()
      await settle()
    }
    for (const ref of this.#stopped) expect(pidOf(ref)).toBeUndefined()
    await clock.advanceAsync(200)
    for (const outcome of await Promise.all(this.#queries)) {
      expect(['answered', 'timeout', 'noproc', 'exit', 'crash']).toContain(outcome)
    }
    const ended = stop(this.#system)
    for (let round = 0; round < 3; round++) {
      await settle()
      await clock.advanceAsync(6_000)
    }
    await Promise.all([ended, ...this.#stops])
    await settle()
  }

  #spawn(parent: Ref<Msg> | undefined, policy: PolicyName, isLate: boolean): void {
    if (parent !== undefined && pidOf(parent) === undefined) return
    const onCrash: SupervisionPolicy<Msg, Ref<never>> = (_msg, _error, ctx) => {
      const action = ctx[policy]
      if (!isLate) return action
      return new Promise((decide) => this.#undecided.push(() => decide(action)))
    }
    const behaviour = (count: number | undefined, msg: Msg): number => {
      if (msg.fails === true) throw new Error('told to fail')
      if (msg.replyTo !== undefined) dispatch(msg.replyTo, count ?? 0)
      return (count ?? 0) + 1
    }
    const name = `actor-${this.#refs.length}`
    const afterStop = async (): Promise<void> => {}
    this.#refs.push(spawn(parent ?? this.#system, behaviour, name, { onCrash, afterStop }))
  }

  #ask(ref: Ref<Msg>, fails: boolean): void {
    const asked = query(ref, (replyTo: Ref<number>): Msg => ({ replyTo, fails }), 100)
    const outcome = asked.then(
      () => 'answered',
      (error: QueryError) => error.code,
    )
    this.#queries.push(outcome)
  }

  #kill(ref: Ref<Msg>): void {
    const pid = pidOf(ref)
    if (pid !== undefined) exit(pid, 'kill')
  }

  #decide(): void {
    for (const decide of this.#undecided) decide()
    this.#undecided = []
  }
}

it('every query ends, who was stopped stays so, and nothing is left', async () => {
  const law = async (steps: readonly Step[], seed: number): Promise<void> => {
    const before = processCount()
    await interleave({ seed, runs: 1 }, async () => {
      const tree = new Tree()
      for (const one of steps) await tree.do(one)
      await tree.end()
    })
    expect(processCount()).toBe(before)
    expect(armedTimers()).toBe(0)
  }
  const steps = fc.array(step, { minLength: 4, maxLength: 30 })
  await fc.assert(fc.asyncProperty(steps, fc.nat(10_000), law), { numRuns: 1_500 })
})
