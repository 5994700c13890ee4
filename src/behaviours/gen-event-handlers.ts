// The handlers of one event manager, and what becomes of them: each callback is run so that its
// failure takes only its handler away. Written as steps (steps.ts), because any callback may return
// a promise; while none does, an event takes one loop and no allocation.
import type { AttemptedCall, ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import { DEAD, type Pid, type Process, processOf } from '../runtime/pid.ts'
import { post } from '../runtime/scheduler.ts'
import { link, reasonOf, unlink } from '../runtime/signal.ts'
import {
  type AnyHandler,
  GenEventExit,
  type HandlerEnd,
  type HandlerExit,
  type HandlerFailure,
  type HandlerId,
  type HandlerStatus,
  isSameHandler,
  type Swap,
  type Swapped,
} from './gen-event-handler.ts'
import { run, type Steps } from './steps.ts'

/** A handler in its manager. A swap exchanges it in place. */
export class Installed {
  id: HandlerId
  handler: AnyHandler
  state: unknown = undefined
  /** Told of the handler's end, and takes it along with its own. */
  readonly owner: Process | null

  constructor(id: HandlerId, handler: AnyHandler, owner: Process | null) {
    this.id = id
    this.handler = handler
    this.owner = owner
  }
}

/** What became of a request. */
export interface Answer {
  readonly value?: unknown
  readonly failure?: HandlerFailure | 'unknown_handler'
  readonly hibernate?: boolean
}

/** A request to replace a handler. */
export interface Exchange {
  readonly from: HandlerId
  readonly argument: unknown
  readonly to: HandlerId
  readonly handler: AnyHandler
  /** `inherited`: whoever owned the old one. */
  readonly owner: Pid | 'inherited'
}

/** A callback threw. */
class Failed {
  readonly failure: HandlerFailure

  constructor(failure: HandlerFailure) {
    this.failure = failure
  }
}

/** What a callback for events, messages and calls returned; its own type allows less. */
interface Returned {
  readonly state?: unknown
  readonly hibernate?: boolean
  readonly remove?: boolean
  readonly swap?: Swap
  readonly reply?: unknown
}

const UNKNOWN_HANDLER: Answer = { failure: 'unknown_handler' }

export class Handlers {
  /** Newest first: the order in which they hear of an event. */
  installed: Installed[] = []
  readonly #manager: Process

  constructor(manager: Pid) {
    this.#manager = processOf(manager)
  }

  // --- Events ---

  /** Tells all handlers; whether one of them wants to hibernate. */
  notify(callback: 'handleEvent' | 'handleInfo', event: unknown): boolean | Promise<boolean> {
    const { installed } = this
    for (let index = 0; index < installed.length; index++) {
      const one = installed[index] as Installed
      let returned: unknown
      try {
        returned = one.handler[callback](event, one.state)
      } catch (thrown) {
        returned = this.#failed(thrown, blame(one, callback, event))
      }
      if (!isPlain(returned)) return this.#run(this.#notifyOn(callback, event, index, returned))
      one.state = returned.state
    }
    return false
  }

  /** The same, from a handler on whose result is not merely its next state. */
  *#notifyOn(
    callback: 'handleEvent' | 'handleInfo',
    event: unknown,
    start: number,
    first: unknown,
  ): Steps<boolean> {
    const rest = this.installed.slice(start)
    let hibernate = false
    for (const one of rest) {
      const call = blame(one, callback, event)
      const act = (): unknown => one.handler[callback](event, one.state)
      const returned = yield* this.#attempt(call, one === rest[0] ? () => first : act)
      const answer = yield* this.#settle(one, returned, event)
      hibernate ||= answer.hibernate === true
    }
    return hibernate
  }

  /** An exit signal has come: the handlers of its sender end, the others hear it. */
  *exited(from: Pid | null, exit: unknown, reason: ExitReason): Steps<boolean> {
    for (const one of this.installed.filter(({ owner }) => owner !== null && owner === from)) {
      this.#remove(one)
      yield* this.#end(one, { type: 'owner_ended', reason }, 'shutdown')
    }
    const notified = this.notify('handleInfo', exit)
    return notified instanceof Promise ? ((yield notified) as boolean) : notified
  }

  // --- Requests ---

  *call(id: HandlerId, request: unknown): Steps<Answer> {
    const one = this.#find(id)
    if (one === undefined) return UNKNOWN_HANDLER
    const call = blame(one, 'handleCall', request)
    const act = (): unknown => one.handler.handleCall(request, one.state)
    const returned = yield* this.#attempt(call, act)
    const hasReply = returned instanceof Failed || (isReturned(returned) && 'reply' in returned)
    const accepted = hasReply ? returned : new Failed({ type: 'bad_return', value: returned })
    const answer = yield* this.#settle(one, accepted, request)
    return isReturned(accepted) && answer.failure === undefined
      ? { ...answer, value: accepted.reply }
      : answer
  }

  *add(id: HandlerId, handler: AnyHandler, owner: Pid | null, swapped?: Swapped): Steps<Answer> {
    // Also for a handler that is not to be: OTP links first.
    if (owner !== null) link(owner, this.#manager)
    const one = new Installed(id, handler, owner === null ? null : processOf(owner))
    const answer = yield* this.#init(one, swapped)
    if (answer.failure === undefined) this.installed.unshift(one)
    return answer
  }

  *delete(id: HandlerId, argument: unknown): Steps<Answer> {
    const one = this.#find(id)
    if (one === undefined) return UNKNOWN_HANDLER
    this.#remove(one)
    return yield* this.#end(one, { type: 'argument', argument }, 'normal')
  }

  *swap({ from, argument, to, handler, owner }: Exchange): Steps<Answer> {
    const old = this.#find(from)
    const next = owner === 'inherited' ? (old?.owner ?? null) : owner
    let swapped: Swapped = { type: 'unknown_handler' }
    if (old !== undefined) {
      this.#remove(old)
      const exit: HandlerExit = { type: 'swapped', by: to, owner: next }
      swapped = swappedOf(yield* this.#end(old, { type: 'argument', argument }, exit))
    }
    return yield* this.add(to, handler, next, swapped)
  }

  /** The manager ends, so all do. The owners need not hear it twice, by their links. */
  *stop(parent: Pid | null): Steps<void> {
    const { installed } = this
    this.installed = []
    for (const one of installed) yield* this.#end(one, { type: 'stop' }, 'shutdown')
    for (const { owner } of installed) {
      if (owner !== null && owner !== parent) unlink(owner, this.#manager)
    }
  }

  // --- One handler ---

  #find(id: HandlerId): Installed | undefined {
    return this.installed.find((one) => isSameHandler(one.id, id))
  }

  #remove(one: Installed): void {
    this.installed = this.installed.filter((other) => other !== one)
  }

  *#init(one: Installed, swapped?: Swapped): Steps<Answer> {
    const call = blame(one, 'init', swapped)
    const returned = yield* this.#attempt(call, () => one.handler.init(swapped))
    if (returned instanceof Failed) return { failure: returned.failure }
    if (typeof returned === 'object' && returned !== null) {
      if ('error' in returned) return { failure: { type: 'refused', error: returned.error } }
      if (isReturned(returned) && 'state' in returned) {
        one.state = returned.state
        return { hibernate: returned.hibernate === true }
      }
    }
    return { failure: { type: 'bad_return', value: returned } }
  }

  /** Does what a callback returned. */
  *#settle(one: Installed, returned: unknown, message: unknown): Steps<Answer> {
    if (isReturned(returned)) {
      if (returned.remove === true) {
        this.#remove(one)
        yield* this.#end(one, { type: 'remove' }, 'normal')
        return {}
      }
      if ('state' in returned) {
        one.state = returned.state
        if (returned.swap !== undefined) return yield* this.#replace(one, returned.swap)
        return { hibernate: returned.hibernate === true }
      }
    }
    const failure: HandlerFailure =
      returned instanceof Failed ? returned.failure : { type: 'bad_return', value: returned }
    this.#remove(one)
    yield* this.#end(one, { type: 'failed', failure }, failure, message)
    return { failure }
  }

  /** A handler wants to be another from now on. */
  *#replace(one: Installed, { argument, id, handler }: Swap): Steps<Answer> {
    const exit: HandlerExit = { type: 'swapped', by: id, owner: one.owner }
    const ended = yield* this.#end(one, { type: 'argument', argument }, exit)
    one.id = id
    one.handler = handler
    const { failure, hibernate = false } = yield* this.#init(one, swappedOf(ended))
    if (failure === undefined) return { hibernate }
    this.#remove(one)
    this.#report(one, failure, undefined)
    this.#tell(one, 'crash')
    return {}
  }

  /** Calls `terminate`, and tells who has to know. */
  *#end(one: Installed, end: HandlerEnd, exit: HandlerExit, message?: unknown): Steps<Answer> {
    const call = blame(one, 'terminate', end)
    const returned = yield* this.#attempt(call, () => one.handler.terminate(end, one.state))
    if (end.type === 'failed') this.#report(one, end.failure, message)
    this.#tell(one, exit)
    if (!(returned instanceof Failed)) return { value: returned }
    const { failure } = returned
    return failure.type === 'bad_return' ? { value: failure.value } : { failure }
  }

  #tell({ owner, id }: Installed, reason: HandlerExit): void {
    if (owner === null || owner.status === DEAD) return
    post(owner, new GenEventExit(this.#manager, id, reason))
  }

  #report({ id, handler, state }: Installed, failure: HandlerFailure | string, message: unknown) {
    log(() => {
      const status = formatted(handler, { state, message, reason: failure as HandlerFailure })
      return { level: 'error', event: 'handler_failed', manager: this.#manager, id, ...status }
    })
  }

  // --- Callbacks ---

  /** Calls a callback, waits for its promise, and turns what it throws into a `Failed`. */
  *#attempt(call: AttemptedCall, act: () => unknown): Steps<unknown> {
    try {
      const returned = act()
      return returned instanceof Promise ? yield returned : returned
    } catch (thrown) {
      return this.#failed(thrown, call)
    }
  }

  #failed(thrown: unknown, call: AttemptedCall): Failed {
    // The callback has ended the manager.
    if (this.#manager.status === DEAD) throw thrown
    const reason = reasonOf(thrown, call)
    const isCrash = typeof reason !== 'object' || !('error' in reason) || reason.error !== thrown
    return isCrash || thrown instanceof Error
      ? new Failed({ type: 'crash', reason })
      : new Failed({ type: 'bad_return', value: thrown })
  }

  #run<T>(steps: Steps<T>): T | Promise<T> {
    return run(steps, this.#manager)
  }
}

function blame({ handler }: Installed, callback: string, message: unknown): AttemptedCall {
  return { server: handler.constructor.name, callback, message }
}

function isReturned(value: unknown): value is Returned {
  return typeof value === 'object' && value !== null && !(value instanceof Failed)
}

/** Whether a callback returned its next state and wants nothing else. */
function isPlain(returned: unknown): returned is { readonly state: unknown } {
  if (typeof returned !== 'object' || returned === null || !('state' in returned)) return false
  const { hibernate, remove, swap }: Returned = returned
  return hibernate !== true && remove === undefined && swap === undefined
}

function swappedOf({ value, failure }: Answer): Swapped {
  if (failure === undefined || failure === 'unknown_handler') return { type: 'terminated', value }
  return { type: 'failed', failure }
}

/** A handler's status as it lets it be seen. */
export function formatted(handler: AnyHandler, status: HandlerStatus): HandlerStatus {
  try {
    return handler.formatStatus(status)
  } catch {
    return { ...status, state: 'formatStatus failed' }
  }
}
