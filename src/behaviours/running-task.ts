// The process of a task, and the record that waits for what comes of it; see task.ts.
import { ArborError } from '../runtime/arbor-error.ts'
import { type ExitReason, formatReason } from '../runtime/exit-reason.ts'
import { DEAD, type Pid, type Process, processOf } from '../runtime/pid.ts'
import { removeMessages } from '../runtime/receive.ts'
import { post } from '../runtime/scheduler.ts'
import { isExitThrow, onExit, reasonOf, signalExit, unlink } from '../runtime/signal.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import { GenServer, type MaybePromise, type Result, start } from './gen-server.ts'

/** What a task is given: its pid, and a signal that is aborted when it ends, however it ends. */
export interface TaskContext {
  readonly self: Pid
  readonly signal: AbortSignal
}

/** The work of a task. */
export type TaskFunction<T> = (context: TaskContext) => MaybePromise<T>

/** What came of a task: its result, or the reason with which it ended. */
export type TaskResult<T> = { readonly ok: T } | { readonly exit: ExitReason }

/** A task whose result somebody may want. */
export interface Task<out T> {
  readonly pid: Pid
  /** Only a type: it carries `T`. */
  readonly '~result': () => T
}

/** The result of a task as its owner receives it when he does not wait for it. */
export class TaskReply {
  readonly type = 'task_reply'
  readonly task: Task<unknown>
  readonly result: unknown

  constructor(task: Task<unknown>, result: unknown) {
    this.task = task
    this.result = result
  }
}

/** A task brought no result: it was late (`timeout`, and has been killed) or has ended (`exit`). */
export class TaskError extends ArborError {
  override readonly name = 'TaskError'
  declare readonly code: 'timeout' | 'exit'
  readonly reason: ExitReason

  constructor(code: TaskError['code'], reason: ExitReason, pid: Pid) {
    const attempt = { operation: 'Task.await', target: pid }
    const isLate = code === 'timeout'
    const message = isLate ? `task ${pid} is late` : `task ${pid} ended: ${formatReason(reason)}`
    const advice = isLate
      ? 'give it more time, or use Task.yield, which lets it go on'
      : 'handle the failure or let it crash'
    super(code, message, advice, attempt)
    this.reason = reason
  }
}

/** The process of a task: it runs one function, in its first turn. */
export class TaskServer<T> extends GenServer<undefined> {
  readonly #run: TaskFunction<T>
  readonly #done: ((value: T) => void) | undefined

  constructor(run: TaskFunction<T>, done?: (value: T) => void) {
    super()
    this.#run = run
    this.#done = done
  }

  init() {
    return { state: undefined, continue: 'run' }
  }

  override handleContinue(): MaybePromise<Result<undefined>> {
    try {
      const value = this.#run(this)
      if (!(value instanceof Promise)) return this.#finish(value)
      return value.then(
        (result) => this.#finish(result),
        (thrown) => failed(thrown),
      )
    } catch (thrown) {
      return failed(thrown)
    }
  }

  #finish(value: T): Result<undefined> {
    this.#done?.(value)
    return { stop: 'normal', state: undefined }
  }
}

/** Whatever a task throws is its failure: it returns no result of a callback. */
function failed(thrown: unknown): Result<undefined> {
  if (isExitThrow(thrown)) throw thrown
  const stop = reasonOf(thrown, { server: 'Task', callback: 'run' })
  return { stop, state: undefined }
}

class AwaitTimeout extends WheelTimer {
  readonly #giveUp: () => void

  constructor(giveUp: () => void) {
    super()
    this.#giveUp = giveUp
  }

  expire(): void {
    this.#giveUp()
  }
}

export class RunningTask<T> implements Task<T> {
  declare readonly '~result': () => T
  readonly #server: TaskServer<T>
  /** Whose task it is; null for nobody's. */
  readonly owner: Process | null
  readonly #waiters: Set<() => void> = new Set()
  #result: TaskResult<T> | undefined

  constructor(run: TaskFunction<T>, owner: Process | null) {
    this.owner = owner
    this.#server = new TaskServer(run, (ok) => this.#settle({ ok }))
  }

  get pid(): Process {
    return processOf(this.#server.self)
  }

  start(parent: Pid | undefined): Process {
    const pid = start(this.#server, parent === undefined ? {} : { parent })
    onExit(pid, (exit) => this.#settle({ exit }))
    return processOf(pid)
  }

  #settle(result: TaskResult<T>): void {
    if (this.#result !== undefined) return
    this.#result = result
    const isAwaited = this.#waiters.size > 0
    for (const waiter of this.#waiters) waiter()
    const { owner } = this
    if (isAwaited || owner === null || owner.status === DEAD || !('ok' in result)) return
    post(owner, new TaskReply(this, result.ok))
  }

  /** Its result, when it comes in time; whoever has it needs no message. */
  async result(timeoutMs: number | 'infinity'): Promise<TaskResult<T> | undefined> {
    if (this.#result === undefined && timeoutMs !== 0) await this.#settled(timeoutMs)
    const { owner } = this
    if (this.#result !== undefined && owner !== null && owner.status !== DEAD) {
      removeMessages(owner, (message) => message instanceof TaskReply && message.task === this)
    }
    return this.#result
  }

  #settled(timeoutMs: number | 'infinity'): Promise<void> {
    return new Promise((done) => {
      const end = (): void => {
        this.#waiters.delete(end)
        disarm(timeout)
        done()
      }
      const timeout = new AwaitTimeout(end)
      if (timeoutMs !== 'infinity') arm(timeout, timeoutMs)
      this.#waiters.add(end)
    })
  }

  /** Ends the task without its owner. */
  exit(reason: ExitReason): void {
    if (this.owner !== null) unlink(this.pid, this.owner)
    signalExit(this.pid, this.owner, reason)
  }
}

/** The record behind a task. */
export function running<T>(task: Task<T>): RunningTask<T> {
  if (task instanceof RunningTask) return task as RunningTask<T>
  throw new TypeError('a task is made by Task.async, never by hand')
}

/** Starts a task, linked to its owner. */
export function begin<T>(run: TaskFunction<T>, owner: Process | null): Task<T> {
  const task = new RunningTask(run, owner)
  task.start(owner ?? undefined)
  return task
}
