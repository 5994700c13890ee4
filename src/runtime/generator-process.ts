// A generator process: a function that waits in the middle, for a message it chooses (receive.ts),
// for the reply to a call, for a while, for a promise; while it waits the thread is free. It reads
// like an Erlang process. A callback process is faster and half as large.
//
//   const player = spawnGenerator<Ball>(function* (self) {
//     for (let round = 0; round < 3; round++) {
//       const ball = yield* receive<Ball>()
//       yield* sleep(10)
//       send(ball.from, { from: self })
//     }
//   })
//
// `yield*` gives what comes back its type; a plain `yield` does the same some nanoseconds faster.
// A generator that returns ends its process with `normal`, one that throws ends it with what it
// threw. One that is killed while it waits is left where it is: its `finally` blocks do not run, as
// `after` does not in Erlang. What it holds should follow it by `onExit`.
import { GENERATOR_STEPS_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { NONE } from './mailbox.ts'
import { DEAD, type Pid, type Process } from './pid.ts'
import { launch, makeProcess, type SpawnOptions } from './process.ts'
import { describeProcessesOf } from './process-info.ts'
import {
  type Awakening,
  awaken,
  checkDelay,
  Pause,
  ReceiveWait,
  Selective,
  TIMEOUT,
} from './receive.ts'
import { bumpReductions, suspend } from './scheduler.ts'
import { endByCrash, exitProcess, handleCrashesOf } from './signal.ts'
import { arm, disarm, WheelTimer } from './timer-wheel.ts'

/** The body of a generator process. */
export type Body<M> = (self: Pid<M>) => Generator<unknown, unknown, unknown>

const start: Awakening = { value: undefined, isFailure: false }
const timedOut: Awakening = { value: TIMEOUT, isFailure: false }

/** Goes on where it had to leave off for the sake of others. */
class Continuation implements Awakening {
  readonly value: unknown
  readonly isFailure = false

  constructor(value: unknown) {
    this.value = value
  }
}

/** The state of a generator process. */
class GeneratorLoop extends Selective {
  readonly iterator: Generator<unknown, unknown, unknown>
  readonly body: { readonly name: string }
  /** What stands before all messages and lets it go on; null while it waits for a message. */
  awaited: Awakening | null = start

  constructor(iterator: Generator<unknown, unknown, unknown>, body: { readonly name: string }) {
    super()
    this.iterator = iterator
    this.body = body
  }

  override giveUp(process: Process): void {
    this.end()
    this.awaited = timedOut
    awaken(process, timedOut)
  }

  override abandon(): void {
    super.abandon()
    if (this.awaited instanceof Pause) this.awaited.abandon()
    this.awaited = null
  }
}

/** Starts a generator process; its body begins with its first turn. */
export function spawnGenerator<M = unknown>(body: Body<M>, options?: SpawnOptions<M>): Pid<M> {
  const process = makeProcess(serve, undefined)
  process.state = new GeneratorLoop(body(process), body)
  awaken(process, start)
  return launch(process, options)
}

function serve(message: unknown, state: unknown, process: Process): unknown {
  const loop = state as GeneratorLoop
  const { awaited, waiting } = loop
  if (message === awaited && awaited !== null) {
    loop.awaited = null
    const { iterator } = loop
    advance(
      process,
      loop,
      awaited.isFailure ? iterator.throw(awaited.value) : iterator.next(awaited.value),
    )
  } else if (waiting?.matches(message) === true) {
    if (loop.timer !== null) loop.end()
    else loop.waiting = null
    advance(process, loop, loop.iterator.next(message))
  } else {
    loop.passOver(process, message)
  }
  return loop
}

/** Takes up what a generator has yielded, until it has to wait. */
function advance(
  process: Process,
  loop: GeneratorLoop,
  first: IteratorResult<unknown, unknown>,
): void {
  let step = first
  for (let steps = 0; process.status !== DEAD; steps++) {
    if (step.done === true) {
      exitProcess(process, 'normal')
      return
    }
    const wait = step.value
    if (wait instanceof ReceiveWait) {
      const found = find(process, loop, wait)
      if (found === NONE) return
      if (steps >= GENERATOR_STEPS_MAX) {
        goOnLater(process, loop, found)
        return
      }
      step = loop.iterator.next(found)
    } else {
      const pause = pauseFor(wait)
      if (pause === undefined) step = loop.iterator.throw(badYield(wait))
      else if (pause.begin(process)) {
        loop.awaited = pause
        suspend(process)
        return
      } else
        step = pause.isFailure ? loop.iterator.throw(pause.value) : loop.iterator.next(pause.value)
    }
  }
}

/** A message that is there already, `TIMEOUT`, or `NONE`: then the wait has begun. */
function find(process: Process, loop: GeneratorLoop, wait: ReceiveWait<unknown>): unknown {
  if (wait.timeoutMs === 0) {
    const found = loop.look(process, wait)
    return found === NONE ? TIMEOUT : found
  }
  const { passedOver } = loop
  if (passedOver !== null && passedOver.count > 0) {
    const found = passedOver.takeMatch(wait)
    if (found !== NONE) return found
  }
  loop.begin(process, wait)
  return NONE
}

/** Others get their turn, then it goes on with a message it has. */
function goOnLater(process: Process, loop: GeneratorLoop, found: unknown): void {
  bumpReductions(GENERATOR_STEPS_MAX)
  const awaited = new Continuation(found)
  loop.awaited = awaited
  awaken(process, awaited)
}

function pauseFor(yielded: unknown): Pause<unknown> | undefined {
  if (yielded instanceof Pause) return yielded
  return yielded instanceof Promise ? new PromisePause(yielded) : undefined
}

function badYield(yielded: unknown): ArborError {
  const attempt = { operation: 'yield', request: yielded }
  const advice = 'yield receive(...), waitForReply(...), sleep(...) or a promise'
  return new ArborError('bad_yield', 'this is nothing to wait for', advice, attempt)
}

handleCrashesOf(serve, (process, thrown, message) => {
  const { body } = process.state as GeneratorLoop
  endByCrash(process, thrown, { callback: body.name || 'generator', message: shown(message) })
})

/** Awakenings are the loop's own. */
function shown(message: unknown): unknown {
  return message instanceof Pause || message === start ? undefined : message
}

describeProcessesOf(serve, (state) => {
  const { name } = (state as GeneratorLoop).body
  return { behaviour: 'generator', initialCall: name || 'generator' }
})

// --- What a generator may wait for beside messages ---

/** The process waits for a promise; its messages wait for the process. */
class PromisePause extends Pause<unknown> {
  readonly #promise: Promise<unknown>

  constructor(promise: Promise<unknown>) {
    super()
    this.#promise = promise
  }

  override begin(process: Process): boolean {
    this.#promise.then(
      (value) => this.#settle(process, value, false),
      (error) => this.#settle(process, error, true),
    )
    return true
  }

  #settle(process: Process, value: unknown, isFailure: boolean): void {
    this.value = value
    this.isFailure = isFailure
    awaken(process, this)
  }
}

/** Waits for a promise, with its type: `const page = yield* promised(fetch(url))`. */
export function promised<T>(promise: Promise<T>): Pause<T> {
  return new PromisePause(promise) as Pause<T>
}

class SleepTimer extends WheelTimer {
  readonly #process: Process
  readonly #sleep: Sleep

  constructor(process: Process, sleep: Sleep) {
    super()
    this.#process = process
    this.#sleep = sleep
  }

  expire(): void {
    awaken(this.#process, this.#sleep)
  }
}

class Sleep extends Pause<undefined> {
  readonly #ms: number
  #timer: SleepTimer | null = null

  constructor(ms: number) {
    super()
    this.#ms = ms
  }

  override begin(process: Process): boolean {
    this.#timer = new SleepTimer(process, this)
    arm(this.#timer, this.#ms)
    return true
  }

  override abandon(): void {
    if (this.#timer !== null) disarm(this.#timer)
  }
}

/** Waits so long and takes no message meanwhile: `yield* sleep(100)` (timer:sleep/1). */
export function sleep(ms: number): Pause<undefined> {
  checkDelay('sleep', ms)
  return new Sleep(ms)
}
