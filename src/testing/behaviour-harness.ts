// Feeds the callbacks of one server, without a server: no mailbox, no turn, nothing in between.
// What a callback returns is applied to the state and shown; what it sends to itself is collected;
// time does not pass. For tests of the rules inside a server.
//
//   const counter = harness(new Counter())
//   counter.init()
//   counter.call({ type: 'add', by: 2 }).reply            // 2
//   counter.state                                          // 2
//
// When not to use it: for what a server does with others. Start it, and use a virtual clock.
import type { AnyCall, GenServer, ReplyOf, RequestOf } from '../behaviours/gen-server.ts'
import { adopt } from '../behaviours/server-loop.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { PendingCall } from '../runtime/call.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { DEAD, type Process } from '../runtime/pid.ts'
import { makeProcess } from '../runtime/process.ts'
import { enter } from '../runtime/scheduler.ts'
import { exitProcess, reasonOf } from '../runtime/signal.ts'

/** What a callback returned, without the state. */
export interface Returned {
  /** Resolves to the rest when the callback is async; until then nothing is applied. */
  readonly pending?: Promise<Returned>
  readonly continue?: unknown
  readonly timeoutMs?: number
  readonly hibernate?: boolean
  readonly ignore?: boolean
  /** With what the server would end. */
  readonly stop?: ExitReason
}

/** The callbacks of one server, to be called one at a time. */
export class BehaviourHarness<State, C extends AnyCall, K> {
  /** What the server has sent to itself. */
  readonly mailbox: unknown[] = []
  readonly #callbacks: GenServer<State, C, K>
  readonly #process: Process
  #state: State | undefined
  #hasBegun = false

  constructor(callbacks: GenServer<State, C, K>) {
    this.#callbacks = callbacks
    this.#process = makeProcess((message) => {
      this.mailbox.push(message)
      return undefined
    }, undefined)
    adopt(callbacks, this.#process)
  }

  /** The state after the last callback. */
  get state(): State {
    if (this.#hasBegun) return this.#state as State
    const attempt = { operation: 'harness', target: this.#callbacks.constructor.name }
    throw new ArborError('not_started', 'there is no state yet', 'call init() first', attempt)
  }

  init(): Returned {
    return this.#apply(this.#run(() => this.#callbacks.init()))
  }

  /** Calls; a reply given later, by `reply(from, …)`, shows in the outcome's getters. */
  call<Type extends C['type']>(
    request: { readonly type: Type } & NoInfer<RequestOf<C, Type>>,
  ): HarnessCall<ReplyOf<Extract<C, { readonly type: Type }>>> {
    const from = new PendingCall(this.#process, this.#process, request, -1)
    const returned = this.#run(() =>
      this.#callbacks.handleCall(request as never, from as never, this.state),
    )
    const applied = this.#apply(returned, (outcome) => {
      if ('reply' in outcome) from.succeed(outcome.reply)
    })
    return new HarnessCall(from, applied)
  }

  cast(request: K): Returned {
    return this.#apply(this.#run(() => this.#callbacks.handleCast(request, this.state)))
  }

  info(message: unknown): Returned {
    return this.#apply(this.#run(() => this.#callbacks.handleInfo(message, this.state)))
  }

  continue(term: unknown): Returned {
    return this.#apply(this.#run(() => this.#callbacks.handleContinue(term, this.state)))
  }

  terminate(reason: ExitReason): void | Promise<void> {
    const ended = this.#run(() => this.#callbacks.terminate(reason, this.state))
    const end = (): void => this.end(reason)
    if (ended instanceof Promise) return ended.then(end)
    end()
  }

  /** Lets go of what the server holds: its pid ends, and its `signal` aborts. */
  end(reason: ExitReason = 'normal'): void {
    exitProcess(this.#process, reason)
  }

  /** Runs a callback as the server; a crash ends its pid and is thrown on. */
  #run<T>(callback: () => T): T {
    if (this.#process.status === DEAD) {
      const attempt = { operation: 'harness', target: this.#callbacks.constructor.name }
      throw new ArborError('noproc', 'this server has ended', 'make a new harness', attempt)
    }
    const interrupted = enter(this.#process)
    try {
      return callback()
    } catch (thrown) {
      exitProcess(this.#process, reasonOf(thrown, { callback: 'harness' }))
      throw thrown
    } finally {
      enter(interrupted)
    }
  }

  #apply(returned: unknown, also: (outcome: object) => void = () => {}): Returned {
    if (returned instanceof Promise) {
      return { pending: returned.then((value) => this.#apply(value, also)) }
    }
    if (typeof returned !== 'object' || returned === null) {
      const attempt = { operation: 'harness', target: this.#callbacks.constructor.name }
      const advice = 'return an object such as { state } or { reply, state }'
      throw new ArborError('bad_return', `a callback returned ${returned}`, advice, attempt)
    }
    also(returned)
    const { state, reply: _reply, ...rest } = returned as { state?: State; reply?: unknown }
    if ('state' in returned) this.#state = state
    this.#hasBegun = true
    return rest
  }
}

/** A call and what has come of it so far. */
export class HarnessCall<Reply> {
  /** What the callback returned. */
  readonly returned: Returned
  readonly #from: PendingCall

  constructor(from: PendingCall, returned: Returned) {
    this.#from = from
    this.returned = returned
  }

  /** False while the callback leaves the answer for later. */
  get isReplied(): boolean {
    return this.#from.hasReply
  }

  /** The reply; undefined while there is none. */
  get reply(): Reply | undefined {
    return this.#from.hasReply ? (this.#from.outcome as Reply) : undefined
  }

  get stop(): ExitReason | undefined {
    return this.returned.stop
  }
}

/** The callbacks of a server that does not run. */
export function harness<State, C extends AnyCall = never, K = never>(
  callbacks: GenServer<State, C, K>,
): BehaviourHarness<State, C, K> {
  return new BehaviourHarness(callbacks)
}
