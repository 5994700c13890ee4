// A process that does one thing and ends (Elixir's Task): work beside one's own, with a result that
// is awaited, or none.
//
//   const task = Task.async(({ signal }) => fetch(url, { signal }))
//   ...
//   const response = await Task.await(task, 2000)      // a late task is killed
//
//   Task.start(() => sendMail(order))                  // nobody waits
//   for await (const result of Task.stream(urls, load, { maxConcurrency: 4 })) ...
//
// A task that a process starts by `async` is linked to it: both end together, and unless somebody
// waits for it the result arrives as a `TaskReply` message. Started from plain async code it is
// linked to nobody. JavaScript cannot be stopped in the middle of an `await`: of a killed task
// nothing more is heard, but what it does goes on until it looks at its `signal`.
import { SHUTDOWN_MS, TASK_AWAIT_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { type Pid, processOf } from '../runtime/pid.ts'
import { currentProcess } from '../runtime/scheduler.ts'
import { self } from '../runtime/signal.ts'
import { type Call, call, type MaybePromise, type ServerRef, start } from './gen-server.ts'
import {
  type Task as AnyTask,
  begin,
  RunningTask,
  running,
  type TaskContext,
  TaskError,
  type TaskFunction,
  type TaskResult,
  TaskServer,
} from './running-task.ts'
import { streamTasks, type TaskStreamOptions } from './task-stream.ts'

export {
  type TaskContext,
  TaskError,
  type TaskFunction,
  TaskReply,
  type TaskResult,
} from './running-task.ts'
export type { TaskStreamOptions } from './task-stream.ts'

/** A task whose result somebody may want. */
export type Task<T> = AnyTask<T>

/** A spec of a supervisor, as far as a task needs one. */
export interface TaskSpec {
  readonly id: string
  readonly restart: 'temporary'
  readonly start: (supervisor: Pid) => Pid
}

/** Whoever starts children: a DynamicSupervisor. */
export type TaskSupervisor = ServerRef<Call<'startChild', { spec: TaskSpec }, Pid | ArborError>>

const NO_TIMEOUT = { timeoutMs: 'infinity' } as const

async function startUnder(supervisor: TaskSupervisor, spec: TaskSpec): Promise<Pid> {
  const started = await call(supervisor, { type: 'startChild', spec }, NO_TIMEOUT)
  if (started instanceof ArborError) throw started
  return started
}

// A namespace as in Elixir; the type of the same name is what `Task.async` returns.
export const Task = {
  /**
   * Starts a task; in a process, linked to that. After an await the process has to be named:
   * `owner`, or null for nobody.
   */
  async<T>(run: TaskFunction<T>, options: { readonly owner?: Pid | null } = {}): Task<T> {
    const { owner: named } = options
    const owner = named === undefined || named === null ? null : processOf(named)
    return begin(run, named === undefined ? currentProcess() : owner)
  },

  /**
   * Starts a task under a DynamicSupervisor, linked to that and not to the caller, which is told of
   * a crash by what `await` throws, no more.
   */
  async asyncNoLink<T>(supervisor: TaskSupervisor, run: TaskFunction<T>): Promise<Task<T>> {
    const task = new RunningTask(run, null)
    await startUnder(supervisor, {
      id: 'task',
      restart: 'temporary',
      start: (parent) => task.start(parent),
    })
    return task
  },

  /** Starts a task that nobody waits for, under a DynamicSupervisor. */
  startChild(supervisor: TaskSupervisor, run: TaskFunction<unknown>): Promise<Pid> {
    return startUnder(supervisor, Task.childSpec(run))
  },

  /** Starts a task that nobody waits for, and that nobody is linked to. */
  start(run: TaskFunction<unknown>): Pid {
    return start(new TaskServer(run))
  },

  /** Starts a task that nobody waits for, linked to the calling process (or `parent`). */
  startLink(run: TaskFunction<unknown>, options: { readonly parent?: Pid } = {}): Pid {
    return start(new TaskServer(run), { parent: options.parent ?? self() })
  },

  /** The spec of a task as a child of a supervisor; never restarted. */
  childSpec(run: TaskFunction<unknown>, id: string = 'task'): TaskSpec {
    return { id, restart: 'temporary', start: (parent) => Task.startLink(run, { parent }) }
  },

  /**
   * The result of a task. A task that is late (5 s by default) is killed; rejects with a
   * `TaskError` then, and when the task has ended without a result.
   */
  async await<T>(task: Task<T>, timeoutMs: number | 'infinity' = TASK_AWAIT_MS): Promise<T> {
    const result = await running(task).result(timeoutMs)
    if (result === undefined) {
      running(task).exit('kill')
      throw new TaskError('timeout', 'timeout', task.pid)
    }
    if ('exit' in result) throw new TaskError('exit', result.exit, task.pid)
    return result.ok
  },

  /** The results of several tasks, all within one time; the first failure ends the others. */
  async awaitMany<T>(
    tasks: readonly Task<T>[],
    timeoutMs: number | 'infinity' = TASK_AWAIT_MS,
  ): Promise<T[]> {
    try {
      return await Promise.all(tasks.map((task) => Task.await(task, timeoutMs)))
    } catch (error) {
      for (const task of tasks) running(task).exit('kill')
      throw error
    }
  },

  /** What has come of a task; undefined when it is still at work, which goes on. */
  yield<T>(
    task: Task<T>,
    timeoutMs: number | 'infinity' = TASK_AWAIT_MS,
  ): Promise<TaskResult<T> | undefined> {
    return running(task).result(timeoutMs)
  },

  /**
   * Ends a task: it is told to `shutdown` and killed when it has not obeyed in time. Returns what
   * came of it before; undefined when nothing did.
   */
  async shutdown<T>(
    task: Task<T>,
    timeoutMs: number | 'infinity' | 'brutal_kill' = SHUTDOWN_MS,
  ): Promise<TaskResult<T> | undefined> {
    const ending = running(task)
    const before = await ending.result(0)
    if (before !== undefined) return before
    ending.exit(timeoutMs === 'brutal_kill' ? 'kill' : 'shutdown')
    let result = await ending.result(timeoutMs === 'brutal_kill' ? 'infinity' : timeoutMs)
    if (result === undefined) {
      ending.exit('kill')
      result = await ending.result('infinity')
    }
    if (result === undefined || 'ok' in result) return result
    return result.exit === 'shutdown' || result.exit === 'killed' ? undefined : result
  },

  /**
   * Runs a function for each item, several at a time, and brings the results, in the order of the
   * items unless told otherwise. It takes items as it needs them, and ends what runs when the loop
   * over it is left.
   */
  stream<Item, T>(
    items: Iterable<Item> | AsyncIterable<Item>,
    run: (item: Item, context: TaskContext) => MaybePromise<T>,
    options?: TaskStreamOptions,
  ): AsyncGenerator<TaskResult<T>, void, void> {
    return streamTasks(items, run, options)
  },
} as const
