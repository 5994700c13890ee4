// What watches a server from within its loop: debug functions, a log of its last events, counts of
// its messages (Erlang/OTP, sys). sys.ts switches it on; a server that nobody watches has no `Debug`.
import type { From } from '../runtime/call.ts'
import { log as report } from '../runtime/logger.ts'
import type { Process } from '../runtime/pid.ts'
import { processInfo } from '../runtime/process-info.ts'
import { now } from '../runtime/timer-wheel.ts'

/** What a server does, as its debug functions see it. */
export type SystemEvent =
  | { readonly type: 'in'; readonly kind: 'call'; readonly message: unknown; readonly from: From }
  | { readonly type: 'in'; readonly kind: 'cast' | 'info'; readonly message: unknown }
  /** It has returned the reply to a call. */
  | { readonly type: 'out'; readonly reply: unknown; readonly to: From; readonly state: unknown }
  /** It has returned without one. */
  | { readonly type: 'noreply'; readonly state: unknown }

/**
 * Gets each event and the state it returned last time; `'done'` takes it away, and so does a throw.
 */
export type DebugFunction<State = unknown> = (
  state: State,
  event: SystemEvent,
  server: Process,
) => State | 'done'

/** Counts since statistics were switched on. */
export interface Statistics {
  /** On the clock of timers, in milliseconds. */
  readonly startTimeMs: number
  readonly currentTimeMs: number
  /** As `processInfo` counts them. */
  readonly reductions: number
  readonly messagesIn: number
  /** Replies returned by callbacks. */
  readonly messagesOut: number
}

/** A debug function at work. */
class Installed {
  readonly id: unknown
  readonly run: DebugFunction<unknown>
  state: unknown

  constructor(id: unknown, run: DebugFunction<unknown>, state: unknown) {
    this.id = id
    this.run = run
    this.state = state
  }
}

export class Debug {
  #installed: Installed[] = []
  #events: SystemEvent[] = []
  /** Events kept; 0: no log. */
  #logSize = 0
  #startTimeMs: number | undefined
  #reductionsBefore = 0
  #messagesIn = 0
  #messagesOut = 0

  /** Whether nothing is switched on. */
  get isIdle(): boolean {
    return this.#installed.length === 0 && this.#logSize === 0 && this.#startTimeMs === undefined
  }

  install(id: unknown, run: DebugFunction<unknown>, state: unknown): void {
    if (this.#installed.some((installed) => installed.id === id)) return
    this.#installed.push(new Installed(id, run, state))
  }

  remove(id: unknown): void {
    this.#installed = this.#installed.filter((installed) => installed.id !== id)
  }

  setLog(size: number): void {
    this.#logSize = size
    this.#events = size === 0 ? [] : this.#events.slice(-size)
  }

  /** The last events, oldest first. */
  get events(): readonly SystemEvent[] {
    return this.#events.slice(-this.#logSize)
  }

  setStatistics(on: boolean, process: Process): void {
    this.#reductionsBefore = processInfo(process).reductions
    this.#startTimeMs = on ? now() : undefined
    this.#messagesIn = 0
    this.#messagesOut = 0
  }

  statisticsOf(process: Process): Statistics | undefined {
    if (this.#startTimeMs === undefined) return undefined
    return {
      startTimeMs: this.#startTimeMs,
      currentTimeMs: now(),
      reductions: processInfo(process).reductions - this.#reductionsBefore,
      messagesIn: this.#messagesIn,
      messagesOut: this.#messagesOut,
    }
  }

  /** Tells all that watch. */
  notify(process: Process, event: SystemEvent): void {
    if (event.type === 'in') this.#messagesIn++
    else if (event.type === 'out') this.#messagesOut++
    if (this.#logSize > 0) {
      this.#events.push(event)
      if (this.#events.length >= this.#logSize * 2)
        this.#events = this.#events.slice(-this.#logSize)
    }
    for (const installed of this.#installed) {
      try {
        installed.state = installed.run(installed.state, event, process)
        if (installed.state === 'done') this.remove(installed.id)
      } catch (error) {
        report(() => ({ level: 'error', event: 'debug_function_failed', pid: process, error }))
        this.remove(installed.id)
      }
    }
  }
}
