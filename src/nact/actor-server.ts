// The process behind an actor: a server that hands each dispatched message to the actor's function,
// keeps what it returns as the state, supervises the actor's children, and asks the policy when the
// function throws.
import {
  GenServer,
  type InitResult,
  type MaybePromise,
  type Result,
} from '../behaviours/gen-server.ts'
import { run, type Steps } from '../behaviours/steps.ts'
import { deadLetter } from '../runtime/dead-letter.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import { remove } from '../runtime/mailbox.ts'
import { processOf } from '../runtime/pid.ts'
import { send } from '../runtime/process.ts'
import { Exit, onExit, trapExit } from '../runtime/signal.ts'
import type { Actor, ActorSystem, Behaviour, Verdict } from './actor.ts'
import { Context } from './context.ts'
import { nobody, type Ref } from './ref.ts'
import { runAs } from './running-actor.ts'
import { actions, type SupervisionAction } from './supervision.ts'
import { TemporaryRef } from './temporary-ref.ts'

/** A dispatched message on its way. */
export class Envelope {
  readonly message: unknown
  readonly sender: Ref<unknown>

  constructor(message: unknown, sender: Ref<unknown>) {
    this.message = message
    this.sender = sender
  }
}

/** A function threw: what it was handling, and which child it was, when that escalated it. */
class Fault {
  readonly envelope: Envelope
  readonly error: unknown
  readonly child: Actor | undefined

  constructor(envelope: Envelope, error: unknown, child?: Actor) {
    this.envelope = envelope
    this.error = error
    this.child = child
  }

  get reason(): ExitReason {
    return { error: this.error, call: { callback: 'receive', message: this.envelope.message } }
  }
}

/** Tells an actor to look at `isResetDue`. */
const RESET = Symbol('reset')

/** What an actor whose initial state could not be made was handling. */
const beginning = new Envelope(undefined, nobody)

const next: { readonly state: undefined } = { state: undefined }

export class ActorServer extends GenServer<unknown> {
  readonly #actor: Actor
  /** Messages that a stateless actor has not finished. */
  #pending: Set<Promise<void>> | null = null

  constructor(actor: Actor) {
    super()
    this.#actor = actor
  }

  /** Who it is, in reports. */
  get className(): string {
    return this.#actor.path.toString()
  }

  init(): InitResult<unknown> {
    trapExit()
    this.#actor.isResetDue = false
    try {
      return { ...this.#proceed(this.#initialState()) }
    } catch (error) {
      return { state: undefined, continue: new Fault(beginning, error) }
    }
  }

  override handleContinue(fault: unknown, state: unknown): MaybePromise<Result<unknown>> {
    return fault instanceof Fault ? this.#judge(fault, state) : this.#proceed(state)
  }

  override handleInfo(message: unknown, state: unknown): MaybePromise<Result<unknown>> {
    const actor = this.#actor
    if (message instanceof Envelope) {
      if (actor.isResetDue) return this.#resetFirst(message)
      return this.#receive(message, state)
    }
    if (message instanceof Fault) return this.#judge(message, state)
    if (message instanceof Exit) actor.startAgain()
    else if (message === RESET) {
      if (actor.isResetDue) return run(this.#reset(), processOf(this.self))
    } else if (message === 'timeout') {
      if (this.#isAtRest()) return { stop: 'normal', state }
    } else return this.#receive(new Envelope(message, nobody), state)
    return this.#proceed(state)
  }

  override terminate(_reason: ExitReason, state: unknown): Promise<void> | void {
    return run(this.#end(state))
  }

  *#end(state: unknown): Steps<void> {
    const actor = this.#actor
    actor.leave()
    if (actor.hasChildren()) yield actor.stopChildren()
    if (this.#pending !== null) yield Promise.all(this.#pending)
    const { afterStop } = actor.properties
    if (afterStop === undefined) return
    const ended = afterStop(state, this.#contextWithMailbox(nobody))
    if (ended instanceof Promise) yield ended
  }

  // --- Messages ---

  #receive(envelope: Envelope, state: unknown): MaybePromise<Result<unknown>> {
    const actor = this.#actor
    const { message, sender } = envelope
    if (actor.isStopped) {
      deadLetter('no_process', actor.path.toString(), message)
      return { state }
    }
    const ctx = sender === nobody ? actor.context : new Context(actor, sender)
    let returned: unknown
    try {
      returned = actor.isAsync
        ? runAs(actor, () => actor.behaviour.call(ctx, state, message, ctx))
        : actor.behaviour.call(ctx, state, message, ctx)
    } catch (error) {
      return this.#judge(new Fault(envelope, error), state)
    }
    if (!isThenable(returned)) return this.#proceed(returned)
    actor.isAsync = true
    if (!actor.isStateless)
      return run(this.#settle(envelope, returned, state), processOf(this.self))
    this.#keepPending(envelope, returned)
    return this.#proceed(state)
  }

  *#settle(
    envelope: Envelope,
    returned: PromiseLike<unknown>,
    state: unknown,
  ): Steps<Result<unknown>> {
    let settled: unknown
    try {
      settled = yield Promise.resolve(returned)
    } catch (error) {
      return yield* this.#decide(new Fault(envelope, error), state)
    }
    return this.#proceed(settled)
  }

  /** A stateless actor takes the next message while this one is being handled. */
  #keepPending(envelope: Envelope, returned: PromiseLike<unknown>): void {
    const pending = Promise.resolve(returned).then(
      () => {},
      (error) => send(processOf(this.self), new Fault(envelope, error)),
    )
    this.#pending ??= new Set()
    this.#pending.add(pending)
    void pending.finally(() => this.#pending?.delete(pending))
  }

  #isAtRest(): boolean {
    return this.#pending === null || this.#pending.size === 0
  }

  #proceed(state: unknown): { readonly state: unknown; readonly timeoutMs?: number } {
    const { shutdownAfter } = this.#actor.properties
    if (shutdownAfter !== undefined) return { state, timeoutMs: shutdownAfter }
    return state === undefined ? next : { state }
  }

  #initialState(): unknown {
    const { initialState, initialStateFunc } = this.#actor.properties
    return initialStateFunc === undefined ? initialState : initialStateFunc(this.#actor.context)
  }

  #contextWithMailbox(sender: Ref<unknown>): object {
    const { self, parent, path, name, children, log } = new Context(this.#actor, sender)
    const mailbox: unknown[] = []
    remove(processOf(this.self), (message) => {
      if (message instanceof Envelope) mailbox.push(message.message)
      return false
    })
    return { self, parent, path, name, children, sender, log, mailbox }
  }

  // --- Crashes ---

  #judge(fault: Fault, state: unknown): MaybePromise<Result<unknown>> {
    return run(this.#decide(fault, state), processOf(this.self))
  }

  /** Lets the policy decide, and does what it says. */
  *#decide(fault: Fault, state: unknown): Steps<Result<unknown>> {
    const { envelope, error, child } = fault
    const actor = this.#actor
    // Who asked learns it at once, whatever is decided.
    if (envelope.sender instanceof TemporaryRef) {
      TemporaryRef.fail(envelope.sender, error, envelope.message)
    }
    if (actor.isStopped) return { stop: fault.reason, state }
    const policy = actor.properties.onCrash
    let action: unknown = actor.isStateless ? actions.resume : actions.stop
    if (policy !== undefined) {
      const ctx = { ...this.#contextWithMailbox(envelope.sender), ...actions }
      action = policy(envelope.message, error, ctx as Parameters<typeof policy>[2], child?.ref)
      if (isThenable(action)) action = yield Promise.resolve(action)
    }
    try {
      return yield* this.#act(action as SupervisionAction, fault, state)
    } finally {
      // Whatever the decision was about: a child that is to live goes on.
      child?.verdict?.('resume')
    }
  }

  *#act(action: SupervisionAction, fault: Fault, state: unknown): Steps<Result<unknown>> {
    const actor = this.#actor
    const { child } = fault
    switch (action) {
      case actions.stop:
        child?.verdict?.('stop')
        return { stop: fault.reason, state }
      case actions.stopAll:
        child?.verdict?.('stop')
        yield* stopEach(siblingsOf(actor))
        return { stop: fault.reason, state }
      case actions.stopAllChildren:
        child?.verdict?.('stop')
        yield* stopEach(actor.children().filter((other) => other !== child))
        return this.#proceed(state)
      case actions.resume:
        log(() => {
          const { error, envelope } = fault
          const facts = { actor: this.className, error, message: envelope.message }
          return { level: 'warning', event: 'actor_resumes', ...facts }
        })
        return this.#proceed(state)
      case actions.reset:
        return yield* this.#beginAgain(fault, state, 'reset')
      case actions.restart:
        return yield* this.#beginAgain(fault, state, 'restart')
      case actions.resetAll:
        resetEach(siblingsOf(actor))
        return yield* this.#beginAgain(fault, state, 'reset')
      case actions.resetAllChildren:
        resetEach(actor.children().filter((other) => other !== child))
        child?.verdict?.('reset')
        return this.#proceed(state)
    }
    const verdict = verdicts.get(action)
    if (child !== undefined && verdict !== undefined) {
      child.verdict?.(verdict)
      return this.#proceed(state)
    }
    return yield* this.#escalate(fault, state)
  }

  /** In place or in a new process; when that happens too often, it is the parent's affair. */
  *#beginAgain(fault: Fault, state: unknown, how: 'reset' | 'restart'): Steps<Result<unknown>> {
    const actor = this.#actor
    if (!actor.mayBeginAgain()) {
      log(() => ({ level: 'error', event: 'restart_intensity_reached', actor: this.className }))
      return yield* this.#escalate(fault, state)
    }
    fault.child?.verdict?.('stop')
    return how === 'reset' ? yield* this.#reset() : this.#restart(fault, state)
  }

  *#reset(): Steps<Result<unknown>> {
    const actor = this.#actor
    actor.isResetDue = false
    if (actor.hasChildren()) yield actor.stopChildren()
    let state: unknown
    try {
      state = this.#initialState()
    } catch (error) {
      return yield* this.#decide(new Fault(beginning, error), undefined)
    }
    return this.#proceed(state)
  }

  #restart(fault: Fault, state: unknown): Result<unknown> {
    // Told to stop while its policy, or its parent, was deciding.
    if (!this.#actor.isStopped) this.#actor.parent.awaitRestart(this.#actor)
    return { stop: fault.reason, state }
  }

  /** A reset that a sibling or the parent has asked for comes before the next message. */
  async #resetFirst(envelope: Envelope): Promise<Result<unknown>> {
    const begun = await run(this.#reset(), processOf(this.self))
    if ('stop' in begun) return begun
    return this.#receive(envelope, begun.state)
  }

  /** Waits for what the parent decides; above a top-level actor nobody knows better than to stop. */
  *#escalate(fault: Fault, state: unknown): Steps<Result<unknown>> {
    const actor = this.#actor
    const { parent } = actor
    if (parent.ref.type === 'system') return { stop: fault.reason, state }
    let unhook = (): void => {}
    const verdict = (yield new Promise<Verdict>((decided) => {
      actor.verdict = decided
      // A parent that ends will not decide.
      unhook = onExit(parent.pid, () => decided('stop'))
      send(processOf(parent.pid), new Fault(fault.envelope, fault.error, actor))
    })) as Verdict
    unhook()
    actor.verdict = null
    if (verdict === 'resume') return this.#proceed(state)
    if (verdict === 'stop') return { stop: fault.reason, state }
    return yield* this.#beginAgain(fault, state, verdict)
  }
}

/** The process of a system: it only supervises. */
export class SystemServer extends GenServer<undefined> {
  readonly #system: ActorSystem

  constructor(system: ActorSystem) {
    super()
    this.#system = system
  }

  get className(): string {
    return this.#system.path.toString()
  }

  init(): { readonly state: undefined } {
    trapExit()
    return next
  }

  override handleInfo(message: unknown): Result<undefined> {
    if (message instanceof Exit && message.from === this.self) {
      return { stop: message.reason, state: undefined }
    }
    if (message instanceof Exit) this.#system.startAgain()
    else deadLetter('unhandled', processOf(this.self), message)
    return next
  }

  override terminate(): Promise<void> {
    return this.#system.stopChildren()
  }
}

const verdicts: ReadonlyMap<SupervisionAction, Verdict> = new Map([
  [actions.stopChild, 'stop'],
  [actions.resetChild, 'reset'],
  [actions.restartChild, 'restart'],
])

function siblingsOf(actor: Actor): Actor[] {
  return actor.parent.children().filter((other) => other !== actor)
}

function* stopEach(actors: readonly Actor[]): Steps<void> {
  for (const actor of actors.toReversed()) yield actor.stop()
}

function resetEach(actors: readonly Actor[]): void {
  for (const actor of actors) {
    actor.isResetDue = true
    send(processOf(actor.pid), RESET)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value instanceof Promise) return true
  return typeof value === 'object' && value !== null && 'then' in value && isFunction(value.then)
}

function isFunction(value: unknown): value is Behaviour {
  return typeof value === 'function'
}
