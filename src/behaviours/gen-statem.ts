// A state machine: a process that reacts to the same event differently from state to state (OTP's
// gen_statem). It has a state, usually a word, and data; for each state the handlers of its events.
//
//   type DoorCall = Call<'tries', object, number>
//   type DoorState = 'locked' | 'open'
//
//   class Door extends GenStatem<DoorState, number, DoorCall, string> {
//     override readonly states: States<DoorState, number, DoorCall, string> = {
//       locked: {
//         cast: (code, tries) => (code === '1234' ? { state: 'open', data: 0 } : { data: tries + 1 }),
//         call: (_, __, tries) => ({ reply: tries }),
//       },
//       open: {
//         enter: () => ({ actions: stateTimeout(10_000) }),
//         stateTimeout: () => ({ state: 'locked' }),
//         call: () => ({ actions: 'postpone' }),
//       },
//     }
//     init(): StatemInit<DoorState, number> {
//       return { state: 'locked', data: 0 }
//     }
//   }
//
//   const door = start(new Door())
//   cast(door, '1234')
//   await call(door, { type: 'tries' })                   // 0, when it is locked again
//
// start, startLink, call, cast, stop, changeCode and sys are those of a GenServer. What no handler
// of the state takes goes to `handleEvent`; a machine may have nothing but that, and then its
// states may be any value. A handler that returns nothing keeps state and data; one that is async
// holds the machine until it has settled. When not to use it: when states only say what is stored,
// not what is to be done. That is a GenServer.
import { ArborError } from '../runtime/arbor-error.ts'
import type { From } from '../runtime/call.ts'
import { deadLetter } from '../runtime/dead-letter.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import { processOf } from '../runtime/pid.ts'
import { onExit } from '../runtime/signal.ts'
import type { Callbacks, Driven, ServerStatus } from './callbacks.ts'
import type { AnyCall, MaybePromise, ReplyOf, ServerPid } from './gen-server.ts'
import type { Actions, ReplyAction } from './statem-action.ts'
import type { AnyStatem, StatemEvent, StatemStatus } from './statem-event.ts'
import { Machine } from './statem-loop.ts'

export {
  type Action,
  type Actions,
  changeCallbackModule,
  eventTimeout,
  nextEvent,
  pushCallbackModule,
  type ReplyAction,
  replyTo,
  stateTimeout,
  type TimeoutAction,
  type TimeoutOptions,
  type TimeoutTime,
  timeout,
} from './statem-action.ts'
export type { StatemEvent, StatemStatus } from './statem-event.ts'

/** What a handler may return; each part that is left out stays as it is. */
export type Transition<State, Data, Reply = never> =
  | {
      /** The next state. A state equal to the present one, by content, is no change. */
      readonly state?: State
      readonly data?: Data
      /** Enters the same state again. */
      readonly repeat?: boolean
      /** Answers the call at hand. */
      readonly reply?: Reply
      readonly actions?: Actions
    }
  | {
      /** Ends the machine by way of `terminate`. */
      readonly stop: ExitReason
      readonly data?: Data
      readonly reply?: Reply
      /** Answers other calls first. */
      readonly replies?: ReplyAction | readonly ReplyAction[]
    }

/** A handler without `return`. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is the return type of handlers
type Nothing = void

/** What a handler returns: a transition, or nothing to keep state and data; now or later. */
export type Handled<State, Data, Reply = never> =
  | Transition<State, Data, Reply>
  | undefined
  | Nothing
  | Promise<Transition<State, Data, Reply> | undefined | Nothing>

/** The handlers of one state, by the kind of event. What is missing goes to `handleEvent`. */
export interface StateHandlers<State, Data, C extends AnyCall = never, K = never> {
  /** The machine has come into this state; `old` is the same one at the start and on `repeat`. */
  enter?(old: State, data: Data): Handled<State, Data>
  call?(request: C, from: From<ReplyOf<C>>, data: Data): Handled<State, Data, ReplyOf<C>>
  cast?(request: K, data: Data): Handled<State, Data>
  /** Any other message: `Down`, `Exit` when exits are trapped, what others `send`. */
  info?(message: unknown, data: Data): Handled<State, Data>
  /** An event the machine inserted by `nextEvent('internal', content)`. */
  internal?(content: unknown, data: Data): Handled<State, Data>
  stateTimeout?(content: unknown, data: Data): Handled<State, Data>
  eventTimeout?(content: unknown, data: Data): Handled<State, Data>
  timeout?(name: string, content: unknown, data: Data): Handled<State, Data>
}

/** The handlers of all states that are words. */
export type States<State, Data, C extends AnyCall = never, K = never> = {
  readonly [Name in State & string]: StateHandlers<State, Data, C, K>
}

/** What `init` returns; see `InitResult` of a GenServer. */
export type StatemInit<State, Data> =
  | { readonly state: State; readonly data: Data; readonly actions?: Actions }
  | { readonly stop: ExitReason }
  | { readonly ignore: true }

/**
 * The contract of a state machine: its states, its data, the union `C` of its calls and `K` of its
 * casts. An instance serves one process: make a new one for each start.
 */
export abstract class GenStatem<State, Data, C extends AnyCall = never, K = never>
  implements Driven
{
  /** The machine's own pid; set before `init`. */
  declare readonly self: ServerPid<C, K>
  /**
   * The handlers of states by name. Called as methods of this table: a machine of which there are
   * many shares one, made outside of the class.
   */
  declare readonly states?: Partial<States<State, Data, C, K>>
  /** Whether `handleEvent` is told of each new state by an event `enter`. */
  declare readonly stateEnter?: boolean
  #abort: AbortController | null = null

  /** Makes the first state and data. Until it has returned, whoever starts the machine waits. */
  abstract init(): MaybePromise<StatemInit<State, Data>>

  /**
   * Handles what the state has no handler for. Unless overridden it drops messages that are neither
   * call nor cast, with a report, and throws for any other event.
   */
  handleEvent(
    event: StatemEvent<State, C, K>,
    state: State,
    _data: Data,
  ): Handled<State, Data, ReplyOf<C>> {
    if (event.type === 'enter') return
    const { name } = this.constructor
    if (event.type !== 'info') {
      const attempt = { operation: event.type, target: name, request: event.content }
      const advice = `give the state a handler "${event.type}", or override handleEvent`
      const what = `${name} has no handler for "${event.type}" in ${String(state)}`
      throw new ArborError('missing_callback', what, advice, attempt)
    }
    const message = event.content
    deadLetter('unhandled', processOf(this.self), message)
    log(() => ({ level: 'warning', event: 'unhandled_info', pid: this.self, state, message }))
  }

  /** Cleans up; when it is called, see `terminate` of a GenServer. */
  terminate(_reason: ExitReason, _state: State, _data: Data): void | Promise<void> {}

  /** Turns state and data of an older version of this class into those of this; see `changeCode`. */
  codeChange(
    _oldVersion: unknown,
    state: State,
    data: Data,
    _extra: unknown,
  ): { readonly state: State; readonly data: Data } {
    return { state, data }
  }

  /** Strikes out what must not be seen; see `formatStatus` of a GenServer. `state` is both. */
  formatStatus(status: StatemStatus<State, Data>): ServerStatus {
    return status
  }

  /** Aborted when the process ends, however it ends: pass it to what a handler awaits. */
  get signal(): AbortSignal {
    if (this.#abort === null) {
      const abort = new AbortController()
      this.#abort = abort
      onExit(this.self, (reason) => abort.abort(reason))
    }
    return this.#abort.signal
  }

  /** For the loop of server-loop.ts. */
  '~callbacks'(): Callbacks {
    return new Machine(this as AnyStatem)
  }
}
