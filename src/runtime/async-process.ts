// An async process: an async function that is a process, for code that waits for sockets and files
// and takes messages in between.
//
//   const fetcher = spawnAsync<Job>(async (me) => {
//     for (;;) {
//       const job = await me.receive()
//       const page = await fetch(job.url, { signal: me.signal })
//       send(job.replyTo, { type: 'page', text: await page.text() })
//     }
//   })
//
// It costs five times as much a message as a callback process, and it is the one kind of process
// that cannot be stopped at once: JavaScript has no way to end a running `await`. So, when it is
// killed, everybody is told at once, as always; it gets no more messages, and an `await` of
// `receive` or `sleep` never returns. Any other `await` returns when its promise settles, and the
// code goes on until it next touches the kernel: whatever it then calls (send, call, spawn, link,
// register, timers, ...) throws `process_ended` instead of doing anything. What it does until then
// outside of the kernel (writes a file, changes a shared object) happens; `me.signal` is aborted in
// the moment of the end, so that whatever takes a signal can stop sooner.
import { AsyncLocalStorage } from 'node:async_hooks'
import { ArborError } from './arbor-error.ts'
import { onAsyncCode } from './async-code.ts'
import { onExit } from './exit-hook.ts'
import { NONE } from './mailbox.ts'
import { DEAD, IDLE, type Pid, type Process, SUSPENDED } from './pid.ts'
import { launch, makeProcess, type SpawnOptions } from './process.ts'
import { describeProcessesOf } from './process-info.ts'
import {
  type Awakening,
  awaken,
  checkDelay,
  FOR_EVER,
  ReceiveWait,
  Selective,
  TIMEOUT,
} from './receive.ts'
import { checkCaller, suspend } from './scheduler.ts'
import { endByCrash, exitProcess } from './signal.ts'
import { arm, disarm, WheelTimer } from './timer-wheel.ts'

/** What an async process has of itself. */
export interface AsyncSelf<M> {
  readonly pid: Pid<M>
  /** Aborted, with the reason, when the process ends. */
  readonly signal: AbortSignal
  /** Resolves with the next message, or with the first that fits `receive(...)`. */
  receive(): Promise<M>
  receive<T>(wait: ReceiveWait<T>): Promise<T>
  /** Resolves after so many milliseconds; messages wait. */
  sleep(ms: number): Promise<void>
}

const start: Awakening = { value: undefined, isFailure: false }
const any = new ReceiveWait<never>(undefined, FOR_EVER)

class SleepTimer extends WheelTimer {
  readonly #done: () => void

  constructor(done: () => void) {
    super()
    this.#done = done
  }

  expire(): void {
    this.#done()
  }
}

/** The state of an async process, and what it has of itself. */
class AsyncLoop<M> extends Selective implements AsyncSelf<M> {
  readonly pid: Pid<M>
  readonly body: (me: AsyncSelf<M>) => Promise<unknown>
  readonly #process: Process
  readonly #sleeps: Set<SleepTimer> = new Set()
  #deliver: (message: unknown) => void = () => {}
  #abort: AbortController | null = null

  constructor(process: Process, body: (me: AsyncSelf<M>) => Promise<unknown>) {
    super()
    this.pid = process
    this.body = body
    this.#process = process
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      const abort = new AbortController()
      this.#abort = abort
      onExit(this.pid, (reason) => abort.abort(reason))
    }
    return this.#abort.signal
  }

  receive<T>(wait: ReceiveWait<T> | ReceiveWait<never> = any): Promise<never> {
    checkCaller()
    const process = this.#process
    if (process.status === DEAD) throw ended(process)
    if (this.waiting !== null) throw alreadyReceiving(process)
    const found = this.look(process, wait)
    if (found !== NONE) return Promise.resolve(found as never)
    if (wait.timeoutMs === 0) return Promise.resolve(TIMEOUT as never)
    this.begin(process, wait)
    if (process.status === SUSPENDED) process.status = IDLE
    return new Promise((resolve) => {
      this.#deliver = resolve as (message: unknown) => void
    })
  }

  sleep(ms: number): Promise<void> {
    checkCaller()
    if (this.#process.status === DEAD) throw ended(this.#process)
    checkDelay('sleep', ms)
    return new Promise((resolve) => {
      const timer = new SleepTimer(() => {
        this.#sleeps.delete(timer)
        resolve()
      })
      this.#sleeps.add(timer)
      arm(timer, ms)
    })
  }

  /** Hands over what was waited for; messages wait until it asks for the next. */
  settle(process: Process, message: unknown): void {
    this.end()
    suspend(process)
    this.#deliver(message)
  }

  override giveUp(process: Process): void {
    this.settle(process, TIMEOUT)
  }

  override abandon(): void {
    super.abandon()
    for (const timer of this.#sleeps) disarm(timer)
    this.#sleeps.clear()
  }
}

/** Whose code runs, after any `await`. */
const storage = new AsyncLocalStorage<Process | undefined>()
let isInUse = false

/** Starts an async process; its function begins with its first turn. */
export function spawnAsync<M = unknown>(
  body: (me: AsyncSelf<M>) => Promise<unknown>,
  options?: SpawnOptions<M>,
): Pid<M> {
  if (!isInUse) {
    isInUse = true
    onAsyncCode(findCaller, (run) => storage.run(undefined, run))
  }
  const process = makeProcess(serve, undefined)
  process.state = new AsyncLoop<M>(process, body)
  awaken(process, start)
  return launch(process, options)
}

function findCaller(): Process | null {
  const process = storage.getStore()
  if (process === undefined) return null
  if (process.status === DEAD) throw ended(process)
  return process
}

function ended(process: Process): ArborError {
  const attempt = { operation: 'continue', target: process }
  const advice = 'let this error end the function; give `me.signal` to what it awaits'
  return new ArborError('process_ended', `${process} has ended`, advice, attempt)
}

function alreadyReceiving(process: Process): ArborError {
  const attempt = { operation: 'receive', target: process }
  const advice = 'await one receive before the next'
  return new ArborError('already_receiving', `${process} waits already`, advice, attempt)
}

function serve(message: unknown, state: unknown, process: Process): unknown {
  const loop = state as AsyncLoop<unknown>
  if (message === start) begin(process, loop)
  else if (loop.waiting?.matches(message) === true) loop.settle(process, message)
  else loop.passOver(process, message)
  return loop
}

function begin(process: Process, loop: AsyncLoop<unknown>): void {
  const { body } = loop
  const finished = storage.run(process, body, loop)
  if (process.status === DEAD) return
  finished.then(
    () => exitProcess(process, 'normal'),
    (thrown) => endByCrash(process, thrown, { callback: body.name || 'async' }),
  )
  if (loop.waiting === null) suspend(process)
}

describeProcessesOf(serve, (state) => {
  const { name } = (state as AsyncLoop<unknown>).body
  return { behaviour: 'async', initialCall: name || 'async' }
})
