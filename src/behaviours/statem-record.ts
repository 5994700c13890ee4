// The record of one state machine: where it is, what waits to be handled before the mailbox, and
// what a transition leaves behind. What decides about transitions is statem-loop.ts.
import { isDeepStrictEqual } from 'node:util'
import type { PendingCall } from '../runtime/call.ts'
import { type Pid, processOf } from '../runtime/pid.ts'
import type { Outcome } from './callbacks.ts'
import { adopt } from './server-loop.ts'
import type { ModuleAction } from './statem-action.ts'
import { type AnyHandlers, type AnyStatem, type EventType, QueuedEvent } from './statem-event.ts'
import type { StatemFault, Step } from './statem-step.ts'
import { type Timeout, Timeouts } from './statem-timeout.ts'

export class MachineRecord {
  /** Whose callbacks are in charge. */
  declare statem: AnyStatem
  /** Those that are again when the ones above them are popped. */
  declare below: AnyStatem[] | null
  declare state: unknown
  declare data: unknown
  /** Those of `state`. */
  declare handlers: AnyHandlers | undefined
  // The event at hand.
  declare type: EventType
  declare content: unknown
  /** Who called; of a call only. */
  declare from: PendingCall | null
  declare name: string
  /** Events to be handled before the mailbox; the next one is the last. */
  declare queue: QueuedEvent[] | null
  /** Oldest first. */
  declare postponed: QueuedEvent[] | null
  declare timeouts: Timeouts | null
  /** Set while the state of a transition is being entered. */
  declare step: Step | null
  declare hibernates: boolean
  /** What the loop is told after an event: one object for all events. */
  declare readonly proceed: Outcome

  constructor(statem: AnyStatem) {
    this.statem = statem
    this.below = null
    this.state = undefined
    this.data = undefined
    this.handlers = undefined
    this.type = 'internal'
    this.content = undefined
    this.from = null
    this.name = ''
    this.queue = null
    this.postponed = null
    this.timeouts = null
    this.step = null
    this.hibernates = false
    this.proceed = { state: this }
  }

  get self(): Pid {
    return this.statem.self
  }

  set self(pid: Pid) {
    adopt(this.statem, processOf(pid))
  }

  get className(): string {
    return this.statem.constructor.name
  }

  // --- State ---

  place(state: unknown, data: unknown): void {
    this.state = state
    this.data = data
    this.handlers = this.handlersOf(state)
  }

  handlersOf(state: unknown): AnyHandlers | undefined {
    const { states } = this.statem
    if (states === undefined || typeof state !== 'string') return undefined
    const handlers = states[state]
    // A state may have the name of a method that every object has.
    return typeof handlers === 'object' ? handlers : undefined
  }

  /** Whether a state is to be entered by a call. */
  enters(handlers: AnyHandlers | undefined): boolean {
    return this.statem.stateEnter === true || handlers?.enter !== undefined
  }

  changeStatem(action: 'popCallbackModule' | ModuleAction, inEnter: boolean): StatemFault | null {
    if (action === 'popCallbackModule') {
      const next = this.below?.at(-1)
      if (next === undefined) return 'bad_action'
      if (inEnter) return 'bad_state_enter_action'
      this.below?.pop()
      this.statem = next
    } else {
      if (inEnter) return 'bad_state_enter_action'
      const next = action.module as AnyStatem
      const { self } = this
      if (next.self !== undefined && next.self !== self) return 'bad_action'
      if (action.type === 'pushCallbackModule') {
        this.below ??= []
        this.below.push(this.statem)
      }
      adopt(next, processOf(self))
      this.statem = next
    }
    this.handlers = this.handlersOf(this.state)
    return null
  }

  // --- Events ---

  /** Makes an event the one at hand. */
  holdEvent(type: EventType, content: unknown, from: PendingCall | null): void {
    this.type = type
    this.content = content
    this.from = from
  }

  /** The event at hand, to be kept or handed over. */
  event(): QueuedEvent {
    const { type, content, from, name } = this
    return new QueuedEvent(type, content, type === 'call' ? from : null, name)
  }

  /** The end of a transition that leaves the state as it is. */
  keep(data: unknown, step: Step | null): void {
    this.data = data
    if (this.timeouts !== null) this.timeouts.endOfEvent()
    if (step === null) this.hibernates = false
    else this.finish(step)
  }

  /** The end of a transition to another state. */
  change(
    state: unknown,
    data: unknown,
    handlers: AnyHandlers | undefined,
    step: Step | null,
  ): void {
    this.state = state
    this.data = data
    this.handlers = handlers
    if (this.timeouts !== null) {
      this.timeouts.endOfEvent()
      this.timeouts.endOfState()
    }
    if (step?.isPostponed === true) this.postpone(step)
    if (this.postponed !== null) {
      this.insert(this.postponed)
      this.postponed = null
    }
    if (step === null) this.hibernates = false
    else this.finish(step)
  }

  postpone(step: Step): void {
    step.isPostponed = false
    this.postponed ??= []
    this.postponed.push(this.event())
  }

  finish(step: Step): void {
    if (step.isPostponed) this.postpone(step)
    this.hibernates = step.hibernates
    if (step.timeouts.length > 0) {
      const process = processOf(this.self)
      this.timeouts ??= new Timeouts(process)
      this.timeouts.apply(step.timeouts, process)
    }
    this.insert(step.events)
  }

  /** Puts events before all others. */
  insert(events: readonly QueuedEvent[]): void {
    if (events.length === 0) return
    this.queue ??= []
    for (let i = events.length - 1; i >= 0; i--) this.queue.push(events[i] as QueuedEvent)
  }

  /** The next event that comes before the mailbox; false when there is none. */
  takeNext(): boolean {
    if (this.queue === null && this.timeouts === null) return false
    const event = this.queue?.pop()
    if (event !== undefined) {
      if (this.queue?.length === 0) this.queue = null
      this.type = event.type
      this.content = event.content
      this.from = event.from
      this.name = event.name
      return true
    }
    const timeout = this.timeouts?.takeZero()
    if (timeout === undefined) return false
    this.takeTimeout(timeout)
    return true
  }

  hasNext(): boolean {
    return this.queue !== null || this.timeouts?.hasZero === true
  }

  takeTimeout({ type, name, content }: Timeout): void {
    this.type = type
    this.name = name
    this.content = content
  }
}

/** Whether an action is about callbacks. */
export function isModuleAction(action: unknown): action is ModuleAction {
  if (typeof action !== 'object' || action === null || !('type' in action)) return false
  return action.type === 'pushCallbackModule' || action.type === 'changeCallbackModule'
}

/** Whether two states are the same one: states may be any value, and are compared by content. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && isDeepStrictEqual(a, b))
}
