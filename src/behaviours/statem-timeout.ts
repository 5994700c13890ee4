// The timeouts of one state machine: one for its state, one for the next event, any number by name.
// What is due at once never meets the wheel or the mailbox: such timeouts queue here, and are
// handled before the next message (Erlang/OTP, gen_statem, "Timeouts").
import { addWatch, type Process, type Watch } from '../runtime/pid.ts'
import { post } from '../runtime/scheduler.ts'
import { arm, armAt, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import type { TimeoutAction } from './statem-action.ts'

/** A timeout that runs; as a message, one that has run out. */
export class Timeout extends WheelTimer {
  declare readonly type: TimeoutAction['type']
  declare readonly name: string
  declare content: unknown
  /** Whether it is still to be handled. */
  declare isValid: boolean
  /** In the queue of those due at once, not in the wheel. */
  declare readonly isZero: boolean
  declare readonly process: Process

  constructor(process: Process, { type, name, content }: TimeoutAction, isZero: boolean) {
    super()
    this.type = type
    this.name = name
    this.content = content
    this.isValid = true
    this.isZero = isZero
    this.process = process
  }

  expire(): void {
    post(this.process, this)
  }
}

/** A timeout as a report shows it. */
export interface RunningTimeout {
  readonly type: TimeoutAction['type']
  /** Empty unless generic. */
  readonly name: string
  readonly content: unknown
}

/** All timeouts of a machine. They end with its process, whatever ends that. */
export class Timeouts implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  /** By type, generic ones by type and name. */
  readonly #running: Map<string, Timeout> = new Map()
  /** Those due at once, in order. */
  readonly #zero: Timeout[] = []
  /** The two that events take back; also in the map. */
  #event: Timeout | null = null
  #state: Timeout | null = null

  constructor(process: Process) {
    addWatch(process, this)
  }

  /** Begins, changes or takes back timeouts: of several of one kind or name the last counts. */
  apply(actions: readonly TimeoutAction[], process: Process): void {
    actions.forEach((action, index) => {
      const isLast = !actions.some((other, at) => at > index && keyOf(other) === keyOf(action))
      if (isLast) this.#apply(action, process)
    })
  }

  #apply(action: TimeoutAction, process: Process): void {
    const { time, content, isAbsolute } = action
    const running = this.#running.get(keyOf(action))
    if (time === 'update' && running !== undefined) {
      running.content = content
      return
    }
    if (running !== undefined) this.#takeBack(running)
    if (time === 'infinity' || time === 'cancel') return
    const isZero = time === 0 || time === 'update'
    const timeout = new Timeout(process, action, isZero)
    this.#running.set(keyOf(action), timeout)
    if (action.type === 'eventTimeout') this.#event = timeout
    else if (action.type === 'stateTimeout') this.#state = timeout
    if (time === 0 || time === 'update') this.#zero.push(timeout)
    else if (isAbsolute) armAt(timeout, Math.ceil(time))
    else arm(timeout, time)
  }

  #takeBack(timeout: Timeout): void {
    if (timeout.isZero) this.#zero.splice(this.#zero.indexOf(timeout), 1)
    else disarm(timeout)
    this.#forget(timeout)
  }

  #forget(timeout: Timeout): void {
    timeout.isValid = false
    this.#running.delete(keyOf(timeout))
    if (timeout === this.#event) this.#event = null
    else if (timeout === this.#state) this.#state = null
  }

  /** An event has been handled: nobody waits for it any more. */
  endOfEvent(): void {
    if (this.#event !== null) this.#takeBack(this.#event)
  }

  /** The state has changed. */
  endOfState(): void {
    if (this.#state !== null) this.#takeBack(this.#state)
  }

  /** Takes note that a timeout is handled now; false when it has been taken back. */
  take(timeout: Timeout): boolean {
    if (!timeout.isValid) return false
    this.#forget(timeout)
    return true
  }

  /** Whether any is due at once. */
  get hasZero(): boolean {
    return this.#zero.length > 0
  }

  /** The next of those due at once. */
  takeZero(): Timeout | undefined {
    const timeout = this.#zero.shift()
    if (timeout !== undefined) this.#forget(timeout)
    return timeout
  }

  list(): RunningTimeout[] {
    return Array.from(this.#running.values(), ({ type, name, content }) => ({
      type,
      name,
      content,
    }))
  }

  onExit(): void {
    for (const timeout of this.#running.values()) disarm(timeout)
    this.#running.clear()
  }
}

function keyOf({ type, name }: { readonly type: string; readonly name: string }): string {
  return type === 'timeout' ? `timeout:${name}` : type
}
