// What runs a GenStatem on the loop of a GenServer: its event queue, and what one transition does
// after another (Erlang/OTP, gen_statem, "transition actions"). The order within a transition is
// OTP's: actions; the enter call of a new state; the event postponed; on a change of state, what
// was postponed comes first again, and the state's timeout is void; then timeouts begin; inserted
// events go before all others. Timeouts of 0 come when the queue is empty, before the mailbox.
//
// Nearly every event changes state or data and asks for nothing else: that path makes no object.
// Only a transition with actions or an enter call is a `Step`.
import { STATEM_EVENTS_MAX } from '../limits.ts'
import type { PendingCall } from '../runtime/call.ts'
import type { AttemptedCall, ExitReason } from '../runtime/exit-reason.ts'
import { putFront } from '../runtime/mailbox.ts'
import { DEAD, processOf } from '../runtime/pid.ts'
import { bumpReductions } from '../runtime/scheduler.ts'
import { reasonOf } from '../runtime/signal.ts'
import type { Callbacks, Outcome, ServerStatus } from './callbacks.ts'
import { isThrownResult } from './server-loop.ts'
import type { Action } from './statem-action.ts'
import {
  type AnyInit,
  type AnyTransition,
  type EventType,
  isTransition,
  QueuedEvent,
} from './statem-event.ts'
import { isModuleAction, isSame, MachineRecord } from './statem-record.ts'
import {
  addAction,
  answer,
  Begin,
  faultOf,
  Settled,
  type StatemFault,
  Step,
} from './statem-step.ts'
import { Timeout } from './statem-timeout.ts'

/** A message to itself: more events wait than may be handled in one go. */
const GO_ON = Symbol('go on')

/** The record of one state machine, and its callbacks as the loop of a GenServer wants them. */
export class Machine extends MachineRecord implements Callbacks {
  // --- What the loop calls ---

  init(): unknown {
    let returned: unknown
    try {
      returned = this.statem.init()
    } catch (thrown) {
      if (!isThrownResult(thrown)) throw thrown
      returned = thrown
    }
    if (!(returned instanceof Promise)) return this.#begin(returned)
    return returned.then((first) => this.#begin(first))
  }

  handleCall(request: unknown, from: PendingCall): unknown {
    const { handlers } = this
    if (handlers?.call === undefined) return this.#handle('call', request, from)
    let returned: unknown
    try {
      returned = handlers.call(request, from, this.data)
      if (this.#isDone(returned, from)) return this.proceed
    } catch (thrown) {
      this.holdEvent('call', request, from)
      return this.#crash(thrown)
    }
    this.holdEvent('call', request, from)
    return this.#goOn(returned)
  }

  handleCast(request: unknown): unknown {
    const { handlers } = this
    if (handlers?.cast === undefined) return this.#handle('cast', request, null)
    let returned: unknown
    try {
      returned = handlers.cast(request, this.data)
      if (this.#isDone(returned, null)) return this.proceed
    } catch (thrown) {
      this.holdEvent('cast', request, null)
      return this.#crash(thrown)
    }
    this.holdEvent('cast', request, null)
    return this.#goOn(returned)
  }

  handleInfo(message: unknown): unknown {
    if (message === GO_ON) return this.takeNext() ? this.#run() : this.#rest()
    if (!(message instanceof Timeout)) return this.#handle('info', message, null)
    if (this.timeouts?.take(message) !== true) return this.proceed
    this.takeTimeout(message)
    return this.#run()
  }

  handleContinue(term: unknown): unknown {
    if (term instanceof Settled) return this.#goOn(term.returned)
    if (!(term instanceof Begin)) return this.proceed
    this.type = 'internal'
    this.content = 'init_state'
    const step = new Step(this.state, this.data, false)
    try {
      this.#addActions(step, term.actions, false)
      step.isPostponed = false
      if (this.enters(this.handlers)) this.step = step
      else {
        this.keep(step.data, step)
        if (!this.takeNext()) return this.#rest()
      }
    } catch (thrown) {
      return this.#crash(thrown)
    }
    return this.#run()
  }

  terminate(reason: ExitReason): unknown {
    return this.statem.terminate(reason, this.state, this.data)
  }

  /** Takes over from the machine of an older version, with all that waits in it. */
  codeChange(oldVersion: unknown, old: unknown, extra: unknown): unknown {
    if (!(old instanceof Machine)) throw new TypeError('only a GenStatem becomes a GenStatem')
    const changed = this.statem.codeChange(oldVersion, old.state, old.data, extra)
    if (typeof changed !== 'object' || changed === null || !('state' in changed)) {
      throw faultOf('bad_return_from_code_change', this.className, changed)
    }
    const { state, data }: AnyTransition = changed
    this.place(state, data)
    this.below = old.below
    this.queue = old.queue
    this.postponed = old.postponed
    this.timeouts = old.timeouts
    return this
  }

  systemState(): [unknown, unknown] {
    return [this.state, this.data]
  }

  systemReplaceState(replace: (state: unknown) => unknown): unknown {
    const next = replace(this.systemState())
    if (!Array.isArray(next) || next.length !== 2) {
      throw new TypeError('the state of a GenStatem is [state, data]')
    }
    this.place(next[0], next[1])
    return this
  }

  formatStatus(status: ServerStatus): ServerStatus {
    return this.statem.formatStatus({
      ...status,
      state: this.systemState(),
      postponed: this.postponed ?? [],
      timeouts: this.timeouts?.list() ?? [],
    })
  }

  // --- Events without consequences ---

  /**
   * Applies what a handler returned when all that follows is a state and data, and is false
   * otherwise. Such events are done with at once; the record of the event at hand, which is dear to
   * write, stays as it is.
   */
  #isDone(returned: unknown, from: PendingCall | null): boolean {
    if (this.queue !== null || this.postponed !== null || this.timeouts !== null) return false
    if (returned === undefined) return true
    if (typeof returned !== 'object' || returned === null) return false
    const { state, data, reply, actions, stop, repeat }: AnyTransition = returned
    if (actions !== undefined || stop !== undefined || repeat !== undefined) return false
    if (state === undefined) {
      if (data === undefined && reply === undefined) return false
    } else if (state !== this.state) {
      const handlers = this.handlersOf(state)
      if (handlers === undefined || this.enters(handlers)) return false
      this.state = state
      this.handlers = handlers
    }
    if (data !== undefined || 'data' in returned) this.data = data
    if (from !== null && (reply !== undefined || 'reply' in returned)) from.succeed(reply)
    return true
  }

  // --- Events ---

  #begin(returned: unknown): unknown {
    if (typeof returned !== 'object' || returned === null) {
      throw faultOf('bad_return_from_init', this.className, returned)
    }
    const { stop, ignore, state, data, actions }: AnyInit = returned
    if (stop !== undefined || ignore === true) return returned
    if (state === undefined) throw faultOf('bad_return_from_init', this.className, returned)
    this.place(state, data)
    if (actions === undefined && !this.enters(this.handlers)) return this.proceed
    return { state: this, continue: new Begin(actions ?? []) }
  }

  #handle(type: EventType, content: unknown, from: PendingCall | null): unknown {
    this.holdEvent(type, content, from)
    return this.#run()
  }

  /** Handles the event at hand, and all that come before the mailbox. */
  #run(): unknown {
    for (let left = STATEM_EVENTS_MAX; ; left--) {
      try {
        const returned = this.#invoke()
        if (returned instanceof Promise) return this.#later(returned)
        const outcome = this.#settle(returned, left)
        if (outcome !== null) return outcome
      } catch (thrown) {
        return this.#crash(thrown)
      }
    }
  }

  /** Goes on with what a handler returned. */
  #goOn(returned: unknown): unknown {
    if (returned instanceof Promise) return this.#later(returned)
    try {
      return this.#settle(returned, STATEM_EVENTS_MAX) ?? this.#run()
    } catch (thrown) {
      return this.#crash(thrown)
    }
  }

  #invoke(): unknown {
    const { step, handlers, data, content } = this
    if (step !== null) return this.#enter(step)
    if (handlers !== undefined) {
      switch (this.type) {
        case 'cast':
          if (handlers.cast !== undefined) return handlers.cast(content, data)
          break
        case 'call':
          if (handlers.call !== undefined) return handlers.call(content, this.from, data)
          break
        case 'timeout':
          if (handlers.timeout !== undefined) return handlers.timeout(this.name, content, data)
          break
        default: {
          const type = this.type === 'enter' ? 'internal' : this.type
          if (handlers[type] !== undefined) return handlers[type](content, data)
        }
      }
    }
    return this.statem.handleEvent(this.event(), this.state, data)
  }

  #enter({ state, data }: Step): unknown {
    const handlers = this.handlersOf(state)
    if (handlers?.enter !== undefined) return handlers.enter(this.state, data)
    return this.statem.handleEvent(new QueuedEvent('enter', this.state, null, ''), state, data)
  }

  /** Waits for an async handler: the loop takes no message until it has settled. */
  #later(promise: Promise<unknown>): Promise<Outcome> {
    return promise.then(
      (returned) => ({ state: this, continue: new Settled(returned) }),
      (thrown) => {
        if (!isThrownResult(thrown)) return this.#crash(thrown) as Outcome
        return { state: this, continue: new Settled(thrown) }
      },
    )
  }

  /** Applies what a handler returned; null when there is more to do at once. */
  #settle(returned: unknown, left: number): Outcome | null {
    const end = this.#take(returned)
    if (end !== null) return end
    if (this.step !== null) return null
    if (left <= 0 && this.hasNext()) {
      // Others get their turn, and signals theirs, before this machine goes on.
      putFront(processOf(this.self), GO_ON)
      bumpReductions(STATEM_EVENTS_MAX)
      return this.proceed
    }
    return this.takeNext() ? null : this.#rest()
  }

  #take(returned: unknown): Outcome | null {
    const { step } = this
    const from = step === null ? this.state : step.state
    let state = from
    let data = step === null ? this.data : step.data
    let mustEnter = false
    let actions: unknown
    if (returned !== undefined) {
      if (typeof returned !== 'object' || returned === null) {
        return this.#fail('bad_return', returned, state, data)
      }
      const transition: AnyTransition = returned
      if (!isTransition(returned)) return this.#fail('bad_return', returned, state, data)
      if (transition.data !== undefined || 'data' in transition) data = transition.data
      if (this.type === 'call' && (transition.reply !== undefined || 'reply' in transition)) {
        this.from?.succeed(transition.reply)
      }
      if (transition.stop !== undefined) return this.#stop(transition, transition.stop, state, data)
      if (transition.state !== undefined && !isSame(transition.state, from)) {
        if (step !== null) return this.#fail('bad_state_enter_return', returned, state, data)
        state = transition.state
        mustEnter = true
      } else if (transition.repeat === true) mustEnter = true
      actions = transition.actions
    }
    if (step !== null || actions !== undefined) {
      this.#advance(step ?? new Step(state, data, state !== from), data, actions, mustEnter)
    } else if (!mustEnter) this.keep(data, null)
    else {
      const handlers = this.handlersOf(state)
      if (this.enters(handlers)) this.step = new Step(state, data, state !== from)
      else if (state === from) this.keep(data, null)
      else this.change(state, data, handlers, null)
    }
    return null
  }

  /** Does actions; then the state is to be entered, or the transition is complete. */
  #advance(step: Step, data: unknown, actions: unknown, mustEnter: boolean): void {
    step.data = data
    if (actions !== undefined) this.#addActions(step, actions, this.step !== null)
    const handlers = this.handlersOf(step.state)
    if (mustEnter && this.enters(handlers)) {
      this.step = step
      return
    }
    this.step = null
    if (step.isChange) this.change(step.state, data, handlers, step)
    else this.keep(data, step)
  }

  /** The mailbox's turn. What has been handled is kept no longer. */
  #rest(): Outcome {
    this.content = undefined
    this.from = null
    return this.hibernates ? { state: this, hibernate: true } : this.proceed
  }

  // --- Actions ---

  #addActions(step: Step, actions: unknown, inEnter: boolean): void {
    if (!Array.isArray(actions)) this.#addAction(step, actions as Action, inEnter)
    else for (const action of actions) this.#addAction(step, action as Action, inEnter)
  }

  #addAction(step: Step, action: Action, inEnter: boolean): void {
    const fault =
      action === 'popCallbackModule' || isModuleAction(action)
        ? this.changeStatem(action, inEnter)
        : addAction(step, action, inEnter)
    if (fault !== null) this.#fail(fault, action, step.state, step.data)
  }

  // --- End ---

  #stop(transition: AnyTransition, stop: ExitReason, state: unknown, data: unknown): Outcome {
    this.place(state, data)
    const { replies = [] } = transition
    for (const action of Array.isArray(replies) ? replies : [replies]) {
      const isReply = action?.type === 'reply' && answer(action.from, action.reply)
      if (!isReply) this.#fail('bad_reply_action', action, state, data)
    }
    return { state: this, stop }
  }

  /** Ends the machine because of what its callbacks did, in the state they had brought it to. */
  #fail(fault: StatemFault, value: unknown, state: unknown, data: unknown): never {
    this.place(state, data)
    throw faultOf(fault, this.className, value)
  }

  /** A handler threw: a value that is no error counts as returned, as in Erlang. */
  #crash(thrown: unknown): unknown {
    // It ended itself, or was ended by what it did.
    if (processOf(this.self).status === DEAD) throw thrown
    if (isThrownResult(thrown)) return this.#goOn(thrown)
    return { state: this, stop: reasonOf(thrown, this.#blame()) }
  }

  /** What travels to links, monitors and reports: without the secrets of a message. */
  #shown(message: unknown): unknown {
    try {
      return this.formatStatus({ state: undefined, message }).message
    } catch {
      return 'formatStatus failed'
    }
  }

  #blame(): AttemptedCall {
    const { step, type, content } = this
    const state = step === null ? this.state : step.state
    const event = step === null ? type : 'enter'
    const callback =
      this.handlersOf(state)?.[event] === undefined ? 'handleEvent' : `${state}.${event}`
    return { server: this.className, callback, message: this.#shown(content) }
  }
}
