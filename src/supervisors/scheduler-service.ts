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
import type { Pid } from '../runtime/pid.ts'
import { isAlive, type ProcessInfo, processInfo, spawn } from '../runtime/process.ts'
import { onSliceClosed } from '../runtime/remote-node.ts'
import type { SpawnRequest } from '../runtime/remote-spawn.ts'
import { exit, link, onExit, processCount, waitForExit } from '../runtime/signal.ts'

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
      return { reply: info, state: undefined }
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
  const receive = exported as (message: unknown, state: unknown, self: Pid) => unknown
  const pid = spawn(receive, args[0], options)
  if (owner !== undefined) link(pid, owner)
  return pid
}

type ServerClass = new (...args: readonly unknown[]) => GenServer<unknown>

function isServerClass(exported: object): exported is ServerClass {
  const prototype: unknown = Reflect.get(exported, 'prototype')
  return typeof prototype === 'object' && prototype !== null && 'handleInfo' in prototype
}

function notExported({ module, export: name }: SpawnRequest): ArborError {
  const attempt = { operation: 'spawn', target: module, request: name }
  const advice = 'export the class of a server, or the function of a process, by that name'
  return new ArborError('not_exported', `${module} exports no function ${name}`, advice, attempt)
}
