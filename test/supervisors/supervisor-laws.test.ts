// The laws of supervisors, held against a model: sequences of crashes, requests and time chosen by
// chance, and the order in which children must have started and stopped.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GenServer, start, startLink, stop } from '../../src/behaviours/gen-server.ts'
import { ArborError } from '../../src/runtime/arbor-error.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { isOrderly } from '../../src/runtime/exit-reason.ts'
import { isAlive, send } from '../../src/runtime/process.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { exit, onExit, processCount, trapExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import type { ChildSpec, Restart, Shutdown } from '../../src/supervisors/child-spec.ts'
import { Supervisor, type SupervisorPid } from '../../src/supervisors/supervisor.ts'
import type { Strategy } from '../../src/supervisors/supervisor-options.ts'

let clock = new VirtualClock()
let events: string[] = []
/** Starts of each child that are still to fail. */
let failing = new Map<string, number>()

beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

/** Notes its start and its end, and ends with the reason it is sent. */
class Noting extends GenServer<null> {
  readonly #id: string

  constructor(id: string) {
    super()
    this.#id = id
  }
  init() {
    const left = failing.get(this.#id) ?? 0
    if (left > 0) {
      failing.set(this.#id, left - 1)
      events.push(`!${this.#id}`)
      return { stop: 'no' }
    }
    trapExit()
    events.push(`+${this.#id}`)
    return { state: null }
  }
  override handleInfo(message: unknown) {
    return { stop: String(message), state: null }
  }
  override terminate(reason: unknown) {
    events.push(`-${this.#id} ${String(reason)}`)
  }
}

const spec = (id: string, restart: Restart): ChildSpec => ({
  id,
  restart,
  start: () => startLink(new Noting(id), { name: id }),
})

interface ModelChild {
  readonly id: string
  readonly restart: Restart
  isRunning: boolean
}

/** What a supervisor must do, as plainly as it can be said. */
class Model {
  children: ModelChild[]
  isDead = false
  expected: string[] = []
  readonly failing = new Map<string, number>()
  readonly #strategy: Strategy
  readonly #intensity: number
  readonly #periodMs: number
  #restarts: number[] = []

  constructor(strategy: Strategy, intensity: number, periodMs: number, restarts: Restart[]) {
    this.#strategy = strategy
    this.#intensity = intensity
    this.#periodMs = periodMs
    this.children = restarts.map((restart, i) => ({ id: `c${i}`, restart, isRunning: false }))
    for (const child of this.children) this.#start(child)
  }

  find(id: string): ModelChild | undefined {
    return this.children.find((child) => child.id === id)
  }

  #start(child: ModelChild): boolean {
    const left = this.failing.get(child.id) ?? 0
    if (left > 0) this.failing.set(child.id, left - 1)
    child.isRunning = left === 0
    this.expected.push(`${child.isRunning ? '+' : '!'}${child.id}`)
    return child.isRunning
  }

  stop(children: readonly ModelChild[]): void {
    for (const child of children.toReversed()) {
      if (child.isRunning) this.expected.push(`-${child.id} shutdown`)
      child.isRunning = false
      if (child.restart === 'temporary') this.forget(child)
    }
  }

  forget(child: ModelChild): void {
    this.children = this.children.filter((other) => other !== child)
  }

  ended(child: ModelChild, reason: string, nowMs: number): void {
    this.expected.push(`-${child.id} ${reason}`)
    child.isRunning = false
    const restarts =
      child.restart === 'permanent' || (child.restart === 'transient' && !isOrderly(reason))
    if (restarts) this.#restart(child, nowMs)
    else if (child.restart === 'temporary') this.forget(child)
  }

  #restart(ended: ModelChild, nowMs: number): void {
    for (let cause: ModelChild | undefined = ended; cause !== undefined; ) {
      this.#restarts = this.#restarts.filter((at) => nowMs - at <= this.#periodMs)
      this.#restarts.push(nowMs)
      if (this.#restarts.length > this.#intensity) {
        this.isDead = true
        this.stop(this.children)
        return
      }
      const affected = this.#affected(cause)
      this.stop(affected)
      cause = affected
        .filter((child) => this.children.includes(child))
        .find((child) => !this.#start(child))
    }
  }

  #affected(child: ModelChild): ModelChild[] {
    if (this.#strategy === 'one_for_one') return [child]
    if (this.#strategy === 'one_for_all') return this.children
    return this.children.slice(this.children.indexOf(child))
  }

  answer(operation: string, id: string, restart: Restart): string {
    const child = this.find(id)
    if (operation === 'start') {
      if (child !== undefined) return child.isRunning ? 'already_started' : 'already_present'
      const added = { id, restart, isRunning: false }
      if (!this.#start(added)) return 'init_failed'
      this.children.push(added)
      return 'ok'
    }
    if (child === undefined) return 'unknown_child'
    if (operation === 'terminate') {
      this.stop([child])
      return 'ok'
    }
    if (child.isRunning) return 'child_running'
    if (operation === 'restart') return this.#start(child) ? 'ok' : 'init_failed'
    this.forget(child)
    return 'ok'
  }
}

const ids = Array.from({ length: 7 }, (_, i) => `c${i}`)
const anyId = fc.constantFrom(...ids)
const anyRestart = fc.constantFrom<Restart>('permanent', 'transient', 'temporary')
const anyStrategy = fc.constantFrom<Strategy>('one_for_one', 'one_for_all', 'rest_for_one')

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('end'),
      id: anyId,
      reason: fc.constantFrom('normal', 'shutdown', 'boom'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('fail'),
      id: anyId,
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('sleep'), ms: fc.integer({ min: 1, max: 2000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constantFrom('start', 'terminate', 'restart', 'delete'),
      id: anyId,
      restart: anyRestart,
    }),
  },
)

interface Step {
  readonly op: string
  readonly id?: string
  readonly reason?: string
  readonly times?: number
  readonly ms?: number
  readonly restart?: Restart
}

async function ask(supervisor: SupervisorPid, { op, id = '', restart = 'permanent' }: Step) {
  try {
    if (op === 'start') await Supervisor.startChild(supervisor, spec(id, restart))
    else if (op === 'terminate') await Supervisor.terminateChild(supervisor, id)
    else if (op === 'restart') await Supervisor.restartChild(supervisor, id)
    else await Supervisor.deleteChild(supervisor, id)
    return 'ok'
  } catch (error) {
    if (error instanceof ArborError) return error.code
    throw error
  }
}

/** Does a step to the supervisor and to the model; whether both say the same. */
async function follow(supervisor: SupervisorPid, model: Model, step: Step): Promise<void> {
  const { op, id = '', reason = '', times = 0, ms = 0, restart = 'permanent' } = step
  const child = model.find(id)
  if (op === 'sleep') await clock.advanceAsync(ms)
  else if (op === 'fail') {
    failing.set(id, times)
    model.failing.set(id, times)
  } else if (op === 'end') {
    if (child?.isRunning !== true) return
    model.ended(child, reason, clock.now())
    send<string>(id, reason)
    await clock.advanceAsync(0)
  } else expect(await ask(supervisor, step)).toBe(model.answer(op, id, restart))
}

describe('a supervisor', () => {
  it('does what the model does, whatever happens to its children', async () => {
    const world = fc.record({
      strategy: anyStrategy,
      intensity: fc.integer({ min: 0, max: 6 }),
      periodMs: fc.integer({ min: 1, max: 3000 }),
      restarts: fc.array(anyRestart, { maxLength: 5 }),
      steps: fc.array(anyStep, { maxLength: 30 }),
    })
    await fc.assert(
      fc.asyncProperty(world, async ({ strategy, intensity, periodMs, restarts, steps }) => {
        const before = processCount()
        events = []
        failing = new Map()
        const model = new Model(strategy, intensity, periodMs, restarts)
        const children = restarts.map((restart, i) => spec(`c${i}`, restart))
        const supervisor = await start(new Supervisor({ strategy, intensity, periodMs, children }))
        for (const step of steps) {
          await follow(supervisor, model, step)
          expect(events).toEqual(model.expected)
          expect(isAlive(supervisor)).toBe(!model.isDead)
          if (model.isDead) break
          const shown = await Supervisor.whichChildren(supervisor)
          expect(shown.map(({ id, pid }) => [id, pid !== undefined])).toEqual(
            model.children.map(({ id, isRunning }) => [id, isRunning]),
          )
        }
        if (!model.isDead) {
          model.stop(model.children)
          await stop(supervisor)
        }
        expect(events).toEqual(model.expected)
        expect(processCount()).toBe(before)
      }),
      { numRuns: 400 },
    )
  })
})

describe('the end of a supervisor', () => {
  /** Takes its time to stop. */
  class Slow extends GenServer<null> {
    readonly #ms: number

    constructor(ms: number) {
      super()
      this.#ms = ms
    }
    init() {
      trapExit()
      return { state: null }
    }
    override terminate() {
      return new Promise<void>((resolve) => {
        clock.timer(this.#ms, resolve)
      })
    }
  }

  it('stops right to left, waits for each, and kills it when its time is up', async () => {
    const shutdown = fc.oneof(
      fc.integer({ min: 1, max: 50 }).map((tens) => tens * 10),
      fc.constantFrom<Shutdown>('brutal_kill', 'infinity'),
    )
    const slow = fc.record({
      shutdown,
      ms: fc.integer({ min: 0, max: 50 }).map((tens) => tens * 10 + 5),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(slow, { maxLength: 6 }), async (plan) => {
        clock = new VirtualClock()
        useClock(clock)
        const ended: string[] = []
        const children = plan.map(({ shutdown, ms }, i) => ({
          id: `s${i}`,
          shutdown,
          start: () => {
            const pid = startLink(new Slow(ms), { name: `s${i}` })
            onExit(pid, (reason) => ended.push(`s${i} ${String(reason)} at ${clock.now()}`))
            return pid
          },
        }))
        const supervisor = await start(new Supervisor({ children }))
        const expected: string[] = []
        let at = 0
        for (const [i, { shutdown, ms }] of [...plan.entries()].reverse()) {
          const isKilled = shutdown === 'brutal_kill' || (shutdown !== 'infinity' && shutdown < ms)
          if (shutdown === 'brutal_kill') expected.push(`s${i} killed at ${at}`)
          else {
            at += isKilled ? Number(shutdown) : ms
            expected.push(`s${i} ${isKilled ? 'killed' : 'shutdown'} at ${at}`)
          }
        }
        exit(supervisor, 'shutdown')
        await clock.advanceAsync(5000)
        expect(ended).toEqual(expected)
        expect(isAlive(supervisor)).toBe(false)
        expect(whereis('s0')).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })
})
