// A supervisor of children that come and go at run time: connections, jobs, one process a client.
// It starts empty, knows no order between its children, and stops them all at once (Elixir's
// DynamicSupervisor, OTP's simple_one_for_one).
//
//   const connections = await start(new DynamicSupervisor({ maxChildren: 1000 }))
//   const pid = await DynamicSupervisor.startChild(connections, {
//     id: 'connection',
//     restart: 'temporary',
//     start: () => startLink(new Connection(socket)),
//   })
//
// The id of a child is only for logs here; children are told apart by pid.
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type ReplyOf,
  type Result,
  type ServerPid,
} from '../behaviours/gen-server.ts'
import { DYNAMIC_CHILDREN_MAX, RESTART_INTENSITY, RESTART_PERIOD_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import type { Name, Pid } from '../runtime/pid.ts'
import { send } from '../runtime/process.ts'
import { Exit, trapExit } from '../runtime/signal.ts'
import { now } from '../runtime/timer-wheel.ts'
import {
  failedStart,
  isIgnored,
  NO_TIMEOUT,
  orThrow,
  PROCEED,
  RestartAgain,
  run,
  type Steps,
  startChild,
  startFailure,
  stopProcess,
} from './child.ts'
import {
  type Child,
  type ChildCounts,
  type ChildInfo,
  type ChildSpec,
  checkSpec,
  countsOf,
  infoOf,
  isRestarted,
} from './child-spec.ts'
import { RestartIntensity } from './restart-intensity.ts'

export interface DynamicSupervisorOptions {
  /** Children that may exist at a time; one more is refused with code `max_children`. */
  readonly maxChildren?: number
  /** Restarts allowed within `periodMs`; default 3. One more, and the supervisor gives up. */
  readonly intensity?: number
  /** Default 5000. */
  readonly periodMs?: number
}

/** What a dynamic supervisor answers; failures are answered, not thrown in its process. */
export type DynamicSupervisorCall =
  | Call<'whichChildren', unknown, ChildInfo[]>
  | Call<'countChildren', unknown, ChildCounts>
  | Call<'startChild', { spec: ChildSpec }, Pid | ArborError>
  | Call<'terminateChild', { pid: Pid }, undefined | ArborError>

export type DynamicSupervisorPid = ServerPid<DynamicSupervisorCall>
export type DynamicSupervisorRef = DynamicSupervisorPid | Name<DynamicSupervisorPid>

export class DynamicSupervisor extends GenServer<undefined, DynamicSupervisorCall> {
  readonly #maxChildren: number
  readonly #intensity: RestartIntensity
  readonly #children: Map<Pid, Child> = new Map()
  /** Children between two attempts to restart them. */
  readonly #restarting: Set<Child> = new Set()

  constructor(options: DynamicSupervisorOptions = {}) {
    super()
    const { intensity = RESTART_INTENSITY, periodMs = RESTART_PERIOD_MS } = options
    this.#maxChildren = options.maxChildren ?? DYNAMIC_CHILDREN_MAX
    this.#intensity = new RestartIntensity(intensity, periodMs)
  }

  // --- Client functions ---

  /** Starts a child; rejects when its start fails or there are `maxChildren` already. */
  static async startChild<P extends Pid>(
    supervisor: DynamicSupervisorRef,
    spec: ChildSpec<P>,
  ): Promise<P> {
    return orThrow(await call(supervisor, { type: 'startChild', spec }, NO_TIMEOUT)) as P
  }

  /** Stops a child and forgets it. */
  static async terminateChild(supervisor: DynamicSupervisorRef, pid: Pid): Promise<void> {
    orThrow(await call(supervisor, { type: 'terminateChild', pid }, NO_TIMEOUT))
  }

  static whichChildren(supervisor: DynamicSupervisorRef): Promise<ChildInfo[]> {
    return call(supervisor, { type: 'whichChildren' })
  }

  static countChildren(supervisor: DynamicSupervisorRef): Promise<ChildCounts> {
    return call(supervisor, { type: 'countChildren' })
  }

  // --- Callbacks ---

  init(): InitResult<undefined> {
    trapExit()
    return PROCEED
  }

  override handleCall(
    request: DynamicSupervisorCall,
    _from: From<unknown>,
  ): MaybePromise<CallResult<undefined, ReplyOf<DynamicSupervisorCall>>> {
    const replied = run(this.#answer(request))
    if (replied instanceof Promise) return replied.then((reply) => ({ reply, state: undefined }))
    return { reply: replied, state: undefined }
  }

  override handleInfo(message: unknown): MaybePromise<Result<undefined>> {
    if (message instanceof Exit && message.from !== null) {
      const child = this.#children.get(message.from)
      if (child !== undefined) return run(this.#childEnded(child, message.from, message.reason))
    } else if (message instanceof RestartAgain && this.#restarting.delete(message.child)) {
      return run(this.#restart(message.child))
    }
    return PROCEED
  }

  override terminate(): void | Promise<void> {
    const children = [...this.#children.entries()]
    this.#children.clear()
    // All are told at once, then all are waited for.
    const stopping = children
      .map(([pid, { spec }]) => run(stopProcess(pid, spec, this.self)))
      .filter((stopped) => stopped instanceof Promise)
    if (stopping.length > 0) return Promise.all(stopping).then(() => {})
  }

  /** Pids of the children that run, oldest first. */
  systemChildren(): Iterable<Pid> {
    return this.#children.keys()
  }

  // --- Steps ---

  *#start(child: Child): Steps<Pid> {
    const pid = yield* startChild(child.spec, this.self)
    child.pid = pid
    this.#children.set(pid, child)
    return pid
  }

  *#childEnded(child: Child, pid: Pid, reason: ExitReason): Steps<Result<undefined>> {
    const { spec } = child
    this.#children.delete(pid)
    child.pid = undefined
    const restarts = isRestarted(spec, reason)
    log(() => ({
      level: restarts ? 'error' : 'info',
      event: restarts ? 'child_restarts' : 'child_ended',
      supervisor: this.self,
      id: spec.id,
      pid,
      reason,
    }))
    return restarts ? yield* this.#restart(child) : PROCEED
  }

  *#restart(child: Child): Steps<Result<undefined>> {
    const { id } = child.spec
    if (!this.#intensity.allows(now())) {
      const { intensity, periodMs } = this.#intensity
      const facts = { supervisor: this.self, id, intensity, periodMs }
      log(() => ({ level: 'error', event: 'restart_intensity_reached', ...facts }))
      return { stop: 'shutdown', state: undefined }
    }
    try {
      yield* this.#start(child)
    } catch (error) {
      if (isIgnored(error)) return PROCEED
      const reason = startFailure(error)
      log(() => ({ level: 'error', event: 'start_failed', supervisor: this.self, id, reason }))
      this.#restarting.add(child)
      send(this.self, new RestartAgain(child))
    }
    return PROCEED
  }

  *#answer(request: DynamicSupervisorCall): Steps<ReplyOf<DynamicSupervisorCall>> {
    switch (request.type) {
      case 'whichChildren':
        return [...this.#children.values(), ...this.#restarting].map(infoOf)
      case 'countChildren':
        return countsOf([...this.#children.values(), ...this.#restarting])
      case 'startChild':
        return yield* this.#addChild(request.spec)
      case 'terminateChild': {
        const child = this.#children.get(request.pid)
        if (child === undefined) return unknownChild(request.pid)
        this.#children.delete(request.pid)
        yield* stopProcess(request.pid, child.spec, this.self)
        return undefined
      }
    }
  }

  *#addChild(spec: ChildSpec): Steps<Pid | ArborError> {
    if (this.#children.size + this.#restarting.size >= this.#maxChildren) {
      const attempt = { operation: 'startChild', target: spec.id }
      const message = `there are ${this.#maxChildren} children already`
      return new ArborError('max_children', message, 'wait, or raise maxChildren', attempt)
    }
    try {
      checkSpec(spec)
      return yield* this.#start({ spec, pid: undefined, isRestarting: false })
    } catch (error) {
      return failedStart(spec.id, error)
    }
  }
}

function unknownChild(pid: Pid): ArborError {
  const attempt = { operation: 'terminateChild', target: pid }
  return new ArborError('unknown_child', `${pid} is no child`, 'see whichChildren', attempt)
}
