// How the scenarios write what event managers say: ends of handlers, failures, messages to owners.
import type {
  GenEventExit,
  HandlerEnd,
  HandlerExit,
  HandlerFailure,
  Swapped,
} from '../../../src/behaviours/gen-event.ts'
import type { Term } from './scenario.ts'
import { termOfReason } from './term.ts'
import type { World } from './world.ts'

/** What `terminate` is given. */
export function termOfEnd(end: HandlerEnd): Term {
  switch (end.type) {
    case 'argument':
      return end.argument as Term
    case 'remove':
      return 'remove_handler'
    case 'stop':
      return 'stop'
    case 'owner_ended':
      return ['stop', termOfReason(end.reason)]
    case 'failed':
      return ['error', termOfFailure(end.failure)]
  }
}

/** What the callback returned, or `{'EXIT', Reason}`, as `catch` gives it. */
export function termOfFailure(failure: HandlerFailure): Term {
  if (failure.type === 'crash') return ['EXIT', termOfReason(failure.reason)]
  return failure.type === 'refused' ? ['error', failure.error as Term] : (failure.value as Term)
}

/** What a handler is told of the one it replaces. */
export function termOfSwapped(swapped: Swapped): Term {
  if (swapped.type === 'unknown_handler') return 'error'
  return swapped.type === 'failed' ? termOfFailure(swapped.failure) : (swapped.value as Term)
}

/** The message to the owner of a handler. */
export function termOfHandlerExit({ handler, reason }: GenEventExit, world: World): Term {
  return ['gen_event_EXIT', String(handler), termOfExit(reason, world)]
}

function termOfExit(reason: HandlerExit, world: World): Term {
  if (typeof reason === 'string') return reason
  if (reason.type !== 'swapped') return termOfFailure(reason)
  const { by, owner } = reason
  return ['swapped', String(by), owner === null ? false : world.labelOf(owner)]
}
