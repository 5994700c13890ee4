// The faults of state machines as OTP writes them.
import type { ArborError } from '../../../src/runtime/arbor-error.ts'
import type { Term } from './scenario.ts'

/** OTP's names of actions that are words. */
export const OTP_ACTIONS: Readonly<Record<string, string>> = {
  pop_callback_module: 'popCallbackModule',
}

/** What an action or a transition was in the scenario. */
const terms = new WeakMap<object, Term>()

/** Remembers from which term a value was made. */
export function noteFault<T extends object>(value: T, term: Term): T {
  terms.set(value, term)
  return value
}

const faults = new Set([
  'bad_return',
  'bad_state_enter_return',
  'bad_action',
  'bad_state_enter_action',
  'bad_reply_action',
])

/** The reason with which OTP's machine would end, or undefined for other errors. */
export function statemFailure({ code, attempt, cause }: ArborError): Term | undefined {
  if (code === 'bad_return_from_init') return [code, termOf(cause)]
  if (attempt.operation !== 'transition' || !faults.has(code)) return undefined
  return { crash: [`${code}_from_state_function`, termOf(cause)] }
}

function termOf(value: unknown): Term {
  if (typeof value === 'object' && value !== null) return terms.get(value) ?? (value as Term)
  const word = Object.keys(OTP_ACTIONS).find((name) => OTP_ACTIONS[name] === value)
  return word ?? (value as Term)
}
