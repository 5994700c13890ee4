// A task for each of many items, so many at a time (Elixir's Task.async_stream). The loop below is
// one generator: it starts tasks while there is room, and waits for whatever happens first.
import { availableParallelism } from 'node:os'
import { TASK_AWAIT_MS, TASK_STREAM_RESULTS_MAX } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { log } from '../runtime/logger.ts'
import { currentProcess } from '../runtime/scheduler.ts'
import { onExit } from '../runtime/signal.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import type { MaybePromise } from './gen-server.ts'
import {
  begin,
  running,
  type Task,
  type TaskContext,
  TaskError,
  type TaskResult,
} from './running-task.ts'

export interface TaskStreamOptions {
  /** Tasks at a time; default: the processors of the machine. */
  readonly maxConcurrency?: number
  /** Whether results come in the order of the items; default true. */
  readonly ordered?: boolean
  /** Milliseconds a task may take, default 5000; then it is killed. */
  readonly timeoutMs?: number | 'infinity'
  /** Whether a late task ends the stream (`exit`, the default: it throws) or only itself. */
  readonly onTimeout?: 'exit' | 'kill_task'
}

/** A task of the stream and, when it has ended, what came of it. */
class Entry<T> extends WheelTimer {
  readonly task: Task<T>
  result: TaskResult<T> | undefined
  readonly #changed: () => void

  constructor(task: Task<T>, timeoutMs: number | 'infinity', changed: () => void) {
    super()
    this.task = task
    this.#changed = changed
    if (timeoutMs !== 'infinity') arm(this, timeoutMs)
    void running(task)
      .result('infinity')
      .then((result) => this.#settle(result))
  }

  #settle(result: TaskResult<T> | undefined): void {
    disarm(this)
    this.result ??= result
    this.#changed()
  }

  expire(): void {
    this.result = { exit: 'timeout' }
    this.end()
    this.#changed()
  }

  /** Ends the task, whatever it is doing. */
  end(): void {
    disarm(this)
    running(this.task).exit('kill')
  }
}

/** What is under way. */
class TaskStream<Item, T> {
  readonly #items: Iterator<Item> | AsyncIterator<Item>
  readonly #run: (item: Item, context: TaskContext) => MaybePromise<T>
  readonly #options: Required<TaskStreamOptions>
  /** In the order of their items. */
  #entries: Entry<T>[] = []
  #isTaking = false
  #isExhausted = false
  #failure: { readonly error: unknown } | undefined
  #wake: () => void = () => {}

  constructor(
    items: Iterable<Item> | AsyncIterable<Item>,
    run: (item: Item, context: TaskContext) => MaybePromise<T>,
    options: Required<TaskStreamOptions>,
  ) {
    this.#items =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
    this.#run = run
    this.#options = options
  }

  /** The next result; undefined when all have been brought. */
  async next(): Promise<TaskResult<T> | undefined> {
    for (;;) {
      const happened = new Promise<void>((wake) => {
        this.#wake = wake
      })
      this.#fill()
      const result = this.#take()
      if (result !== undefined) return result
      if (this.#failure !== undefined) throw this.#failure.error
      if (this.#isExhausted && this.#entries.length === 0) return undefined
      await happened
    }
  }

  /** Takes the next item, when there is room for its task. */
  #fill(): void {
    const isRunning = (entry: Entry<T>): boolean => entry.result === undefined
    const running = this.#entries.filter(isRunning).length
    if (this.#isTaking || this.#isExhausted || running >= this.#options.maxConcurrency) return
    // Results that wait for a slow one before them take memory: then the slow one is waited for.
    const most = Math.max(TASK_STREAM_RESULTS_MAX, this.#options.maxConcurrency)
    if (this.#entries.length >= most) return
    this.#isTaking = true
    this.#takeItem().then(
      (item) => {
        this.#isTaking = false
        if (item.done === true) this.#isExhausted = true
        else this.#begin(item.value)
        this.#wake()
      },
      (error) => {
        this.#failure = { error }
        this.#wake()
      },
    )
  }

  async #takeItem(): Promise<IteratorResult<Item>> {
    return await this.#items.next()
  }

  #begin(item: Item): void {
    // The stream has been left meanwhile.
    if (this.#isExhausted) return
    const task = begin((context) => this.#run(item, context), null)
    this.#entries.push(new Entry(task, this.#options.timeoutMs, () => this.#wake()))
  }

  #take(): TaskResult<T> | undefined {
    const { ordered, onTimeout } = this.#options
    const index = ordered ? 0 : this.#entries.findIndex(({ result }) => result !== undefined)
    const entry = this.#entries[index]
    if (entry?.result === undefined) return undefined
    this.#entries.splice(index, 1)
    const isLate = 'exit' in entry.result && entry.result.exit === 'timeout'
    if (isLate && onTimeout === 'exit') throw new TaskError('timeout', 'timeout', entry.task.pid)
    return entry.result
  }

  /** Ends whatever is under way. */
  async end(): Promise<void> {
    const isOpen = !this.#isExhausted
    this.#isExhausted = true
    for (const entry of this.#entries) if (entry.result === undefined) entry.end()
    if (!isOpen) return
    const closed = this.#close()
    // A source that is still looking for its next item closes after that, perhaps never.
    if (this.#isTaking) closed.catch(reportSource)
    else await closed
  }

  async #close(): Promise<void> {
    await this.#items.return?.()
  }
}

/** A source failed when nobody waited for it any more. */
function reportSource(error: unknown): void {
  log(() => ({ level: 'error', event: 'stream_source_failed', error }))
}

/** See `Task.stream`. */
export function streamTasks<Item, T>(
  items: Iterable<Item> | AsyncIterable<Item>,
  run: (item: Item, context: TaskContext) => MaybePromise<T>,
  options: TaskStreamOptions = {},
): AsyncGenerator<TaskResult<T>, void, void> {
  const { maxConcurrency = availableParallelism() } = options
  if (!(maxConcurrency >= 1)) {
    const attempt = { operation: 'Task.stream', request: { maxConcurrency } }
    throw new ArborError(
      'bad_option',
      `${maxConcurrency} tasks at a time`,
      'give 1 or more',
      attempt,
    )
  }
  const { ordered = true, timeoutMs = TASK_AWAIT_MS, onTimeout = 'exit' } = options
  const stream = new TaskStream(items, run, { maxConcurrency, ordered, timeoutMs, onTimeout })
  // The tasks end with the process that wanted them.
  const owner = currentProcess()
  const unhook =
    owner === null ? undefined : onExit(owner, () => void stream.end().catch(reportSource))
  return resultsOf(stream, unhook)
}

async function* resultsOf<Item, T>(
  stream: TaskStream<Item, T>,
  unhook: (() => void) | undefined,
): AsyncGenerator<TaskResult<T>, void, void> {
  try {
    for (;;) {
      const result = await stream.next()
      if (result === undefined) return
      yield result
    }
  } finally {
    unhook?.()
    await stream.end()
  }
}
