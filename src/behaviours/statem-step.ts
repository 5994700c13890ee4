// One transition of a state machine in the making: what its actions, and those of its enter call,
// have asked for so far. What they ask for is done at the end of the transition, save replies and
// changes of callbacks, which happen at once.
import { TIMER_MS_MAX } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { type From, PendingCall } from '../runtime/call.ts'
import type { Action, NextEventAction, TimeoutAction } from './statem-action.ts'
import { QueuedEvent } from './statem-event.ts'

export class Step {
  /** The state it leads to. */
  state: unknown
  data: unknown
  /** Whether that is another one. */
  isChange: boolean
  isPostponed = false
  hibernates = false
  /** To be handled before all that wait. */
  readonly events: QueuedEvent[] = []
  readonly timeouts: TimeoutAction[] = []

  constructor(state: unknown, data: unknown, isChange: boolean) {
    this.state = state
    this.data = data
    this.isChange = isChange
  }
}

/** Left for `handleContinue`: the first state is to be entered. */
export class Begin {
  readonly actions: unknown

  constructor(actions: unknown) {
    this.actions = actions
  }
}

/** Left for `handleContinue`: what an async handler came to. */
export class Settled {
  readonly returned: unknown

  constructor(returned: unknown) {
    this.returned = returned
  }
}

/** What a machine did that it must not; OTP's words, with `_from_state_function` left off. */
export type StatemFault =
  | 'bad_return_from_init'
  | 'bad_return'
  | 'bad_state_enter_return'
  | 'bad_action'
  | 'bad_state_enter_action'
  | 'bad_reply_action'
  | 'bad_return_from_code_change'

const advices: Readonly<Record<StatemFault, string>> = {
  bad_return_from_init: 'return { state, data, actions? }, { stop } or { ignore: true }',
  bad_return: 'return { state?, data?, actions? }, { stop }, or nothing to keep both',
  bad_state_enter_return: 'change the state in the handler of an event, not while entering one',
  bad_action: 'use the functions of statem-action, and a `from` that a call brought',
  bad_state_enter_action:
    'an enter call cannot postpone, insert events or change callbacks: it has no event',
  bad_reply_action: 'replies of a stop are made by replyTo(from, value)',
  bad_return_from_code_change: 'return { state, data }',
}

/** The error for a fault; its cause is the value that was wrong. */
export function faultOf(fault: StatemFault, className: string, value: unknown): ArborError {
  const attempt = { operation: 'transition', target: className, request: value }
  const message = `${className} made a ${fault.replaceAll('_', ' ')}`
  return new ArborError(fault, message, advices[fault], attempt, value)
}

/**
 * Adds what one action asks for. Returns what is wrong with it, or null; what concerns callbacks is
 * the machine's own to do.
 */
export function addAction(step: Step, action: Action, inEnter: boolean): StatemFault | null {
  if (action === 'hibernate') {
    step.hibernates = true
    return null
  }
  if (action === 'postpone') {
    step.isPostponed = true
    return inEnter ? 'bad_state_enter_action' : null
  }
  if (typeof action === 'number' || action === 'infinity') {
    return addTimeout(step, {
      type: 'eventTimeout',
      name: '',
      time: action,
      content: action,
      isAbsolute: false,
    })
  }
  if (typeof action !== 'object' || action === null) return 'bad_action'
  switch (action.type) {
    case 'reply':
      return answer(action.from, action.reply) ? null : 'bad_action'
    case 'nextEvent':
      return addEvent(step, action, inEnter)
    case 'stateTimeout':
    case 'eventTimeout':
    case 'timeout':
      return addTimeout(step, action)
    default:
      return 'bad_action'
  }
}

/** Replies to a call; false for what is no call. */
export function answer(from: From<never>, value: unknown): boolean {
  if (!(from instanceof PendingCall)) return false
  from.succeed(value)
  return true
}

const insertable = new Set([
  'internal',
  'cast',
  'info',
  'call',
  'stateTimeout',
  'eventTimeout',
  'timeout',
])

function addEvent(step: Step, action: NextEventAction, inEnter: boolean): StatemFault | null {
  if (inEnter) return 'bad_state_enter_action'
  const { event, content, from, name } = action
  const caller = from instanceof PendingCall ? from : null
  if (!insertable.has(event) || (event === 'call' && caller === null)) return 'bad_action'
  step.events.push(new QueuedEvent(event, content, caller, name))
  return null
}

function addTimeout(step: Step, action: TimeoutAction): StatemFault | null {
  const { time, isAbsolute } = action
  const isWord = time === 'infinity' || time === 'cancel' || time === 'update'
  const isMs = typeof time === 'number' && time <= Number.MAX_SAFE_INTEGER
  if (!isWord && !(isMs && (isAbsolute || (time >= 0 && time <= TIMER_MS_MAX)))) return 'bad_action'
  step.timeouts.push(action)
  return null
}
