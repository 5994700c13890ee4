// The process of a scheduler that others talk to: it starts processes for them, tells about its
// own, and ends what it has started when the scheduler is to end. Registered as
// `scheduler-<number>` for all threads.
import {
  type Call,
  type CallResult,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type ReplyOf,
  reply,
  type ServerPid,
  start,
} from '../behaviours/gen-server.ts'
import { SHUTDOWN_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { type AsyncSelf, spawnAsync } from '../runtime/async-process.ts'
import { spawnGenerator } from '../runtime/generator-process.ts'
import type { Pid } from '../runtime/pid.ts'
import {
  isAlive,
  type ProcessInfo,
  processInfo,
  type SpawnOptions,
  spawn,
} from '../runtime/process.ts'
import { onSliceClosed } from '../runtime/remote-node.ts'
import type { SpawnRequest } from '../runtime/remote-spawn.ts'
import { exit, link, onExit, processCount, waitForExit } from '../runtime/signal.ts'
import { sanitized } from '../runtime/term-check.ts'

export type ServiceCall =
  | (SpawnRequest & Call<'spawn', unknown, Pid | ArborError>)
  | Call<'info', { pid: Pid }, ProcessInfo | undefined>
  /** Answered when nothing runs any more but what runs from the beginning. */
  | Call<'whenEmpty', unknown, undefined>
  /** Ends what was started, the latest first. */
  | Call<'stopAll', unknown, undefined>

export type ServicePid = ServerPid<ServiceCall>

export class SchedulerService extends GenServer<undefined, ServiceCall> {
  /** Processes started for others, in order. */
  readonly #started: Set<Pid> = new Set()
  /** Processes of the thread itself. */
  #own = 0

  init(): InitResult<undefined> {
    this.#own = processCount()
    return { state: undefined }
  }

  override handleCall(
    request: ServiceCall,
    from: From<ReplyOf<ServiceCall>>,
  ): MaybePromise<CallResult<undefined, ReplyOf<ServiceCall>>> {
    if (request.type === 'info') {
      const info = isAlive(request.pid) ? processInfo(request.pid) : undefined
      // Its dictionary may hold anything.
      return { reply: sanitized(info) as typeof info, state: undefined }
    }
    // Whoever loads a large module holds up nobody else.
    if (request.type === 'spawn') void this.#spawn(request).then((pid) => reply(from, pid))
    else if (request.type === 'whenEmpty') this.#whenEmpty(() => reply(from, undefined))
    else void this.#stopAll().then(() => reply(from, undefined))
    return { state: undefined }
  }

  async #spawn(request: SpawnRequest): Promise<Pid | ArborError> {
    try {
      const pid = await startExported(request)
      this.#started.add(pid)
      onExit(pid, () => this.#started.delete(pid))
      return pid
    } catch (error) {
      if (error instanceof ArborError) return error
      const attempt = { operation: 'spawn', target: request.module, request: request.export }
      const message = `${request.export} of ${request.module} did not start`
      return new ArborError('spawn_failed', message, 'see cause', attempt, error)
    }
  }

  #whenEmpty(done: () => void): void {
    const isEmpty = (): boolean => processCount() <= this.#own
    if (isEmpty()) {
      done()
      return
    }
    const stopLooking = onSliceClosed(() => {
      if (!isEmpty()) return
      stopLooking()
      done()
    })
  }

  async #stopAll(): Promise<void> {
    for (const pid of [...this.#started].toReversed()) {
      exit(pid, 'shutdown')
      if ((await waitForExit(pid, SHUTDOWN_MS)) === undefined) exit(pid, 'kill')
    }
  }
}

/** Starts what a module exports: a server of a class, or a process of a function. */
async function startExported(request: SpawnRequest): Promise<Pid> {
  const { args, export: name, link: owner } = request
  const module: Record<string, unknown> = await import(request.module)
  const exported = module[name]
  if (typeof exported !== 'function') throw notExported(request)
  const options = request.name === undefined ? {} : { name: request.name }
  if (isServerClass(exported)) {
    const server = new exported(...args)
    return start(server, owner === undefined ? options : { ...options, parent: owner })
  }
  const pid = startFunction(exported, args, options)
  if (owner !== undefined) link(pid, owner)
  return pid
}

type Code = (...args: unknown[]) => unknown
type Body = (self: Pid, ...args: readonly unknown[]) => Generator<unknown, unknown, unknown>
type AsyncBody = (me: AsyncSelf<unknown>, ...args: readonly unknown[]) => Promise<unknown>

/** A process of the kind that the function is of. */
function startFunction(
  exported: object,
  args: readonly unknown[],
  options: SpawnOptions<unknown>,
): Pid {
  const kind = exported.constructor.name
  if (kind === 'GeneratorFunction') {
    return spawnGenerator((self) => (exported as Body)(self, ...args), options)
  }
  if (kind === 'AsyncFunction') {
    return spawnAsync((me) => (exported as AsyncBody)(me, ...args), options)
  }
  return spawn(exported as Code, args[0], options)
}

type ServerClass = new (...args: readonly unknown[]) => GenServer<unknown>

/** Whether a function is a class: every behaviour is one, whatever its callbacks. */
function isServerClass(exported: object): exported is ServerClass {
  return Function.prototype.toString.call(exported).startsWith('class')
}

function notExported({ module, export: name }: SpawnRequest): ArborError {
  const attempt = { operation: 'spawn', target: module, request: name }
  const advice = 'export the class of a server, or the function of a process, by that name'
  return new ArborError('not_exported', `${module} exports no function ${name}`, advice, attempt)
}
