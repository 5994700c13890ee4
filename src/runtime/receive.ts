// Selective receive: a generator or async process says which message it wants next, and all others
// wait. It is for conversations in which one answer is due before anything else; who takes messages
// as they come is a callback process, which is faster.
//
//   const pong = yield* receive({ type: 'pong' })                     // by tag
//   const down = yield* receive({ type: 'DOWN', ref })                // by tag and reference
//   const even = yield* receive(isEven, { timeoutMs: 100 })           // or TIMEOUT
//   const next = yield* receive([{ type: 'stop' }, isEven])           // the first that fits any
//   const any = yield* receive()
//
// A message that does not fit is passed over once and kept in order; while the process waits for
// the same thing, only what is new is looked at. Specs are faster than predicates, and one that is
// made once and yielded again, `const pong = receive({ type: 'pong' })`, makes no garbage and goes
// on looking where it left off.
import { TIMER_MS_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { mailboxLength, NONE, putFront, remove, take } from './mailbox.ts'
import { opened } from './mailbox-bound.ts'
import type { Down } from './monitor.ts'
import { PassedOver, type Wanted } from './passed-over.ts'
import { DEAD, IDLE, type Process, SUSPENDED } from './pid.ts'
import { resume } from './scheduler.ts'
import type { Exit } from './signal.ts'
import { arm, disarm, WheelTimer } from './timer-wheel.ts'

/** What `receive` returns when its time is up. */
export const TIMEOUT: unique symbol = Symbol('timeout')

/** Messages whose `type` is this, and whose `ref` is that one if given. */
export interface Tag<Type extends string = string> {
  readonly type: Type
  readonly ref?: unknown
}

/** Which messages are wanted: a tag, or a function that tells; it must not send or throw. */
export type Clause = Tag | ((message: unknown) => boolean)

/** The message of a tag; the runtime's own are known. */
export type Tagged<Type extends string> = Type extends 'DOWN'
  ? Down
  : Type extends 'EXIT'
    ? Exit
    : { readonly type: Type }

/** What a generator process yields to wait; `yield*` gives it its type, `yield` is faster. */
export abstract class Wait<out T> {
  /** Only a type: it carries `T`. */
  declare readonly '~value': T;

  [Symbol.iterator](): Iterator<unknown, T, unknown> {
    return new WaitIterator<T>(this)
  }
}

/**
 * A wait for something that is no message. It wakes its process with itself; messages queue up
 * meanwhile.
 */
export abstract class Pause<out T> extends Wait<T> {
  value: unknown = undefined
  isFailure = false

  /** Begins to wait; false when what it waits for is there already. */
  abstract begin(process: Process): boolean

  /** The process has ended. */
  abandon(): void {}
}

/** Yields a wait, then returns what it brought. */
class WaitIterator<T> implements Iterator<unknown, T, unknown> {
  readonly #wait: Wait<T>
  #isWaiting = false

  constructor(wait: Wait<T>) {
    this.#wait = wait
  }

  next(value?: unknown): IteratorResult<unknown, T> {
    // What comes back is what this wait brings: the process's loop sees to that.
    if (this.#isWaiting) return { done: true, value: value as T }
    this.#isWaiting = true
    return { done: false, value: this.#wait }
  }

  /** The wait has failed. */
  throw(error?: unknown): never {
    throw error
  }
}

const ANY = 0
const BY_TYPE = 1
const BY_REF = 2
const BY_PREDICATE = 3
const BY_CLAUSES = 4

/** Milliseconds of a receive that waits for ever. */
export const FOR_EVER = -1

export interface ReceiveOptions {
  /** Milliseconds to wait, default for ever; 0 looks once at what is there. */
  readonly timeoutMs?: number | 'infinity'
}

/** A wait for a message; made by `receive`. */
export class ReceiveWait<out T> extends Wait<T> implements Wanted {
  readonly timeoutMs: number
  readonly #kind: number
  readonly #type: string
  readonly #ref: unknown
  readonly #predicate: ((message: unknown) => boolean) | null
  readonly #clauses: readonly ReceiveWait<unknown>[]

  constructor(wanted: Clause | readonly Clause[] | undefined, timeoutMs: number) {
    super()
    this.timeoutMs = timeoutMs
    this.#type = isTag(wanted) ? wanted.type : ''
    this.#ref = isTag(wanted) ? wanted.ref : undefined
    this.#predicate = typeof wanted === 'function' ? wanted : null
    this.#clauses = Array.isArray(wanted)
      ? wanted.map((clause: Clause) => new ReceiveWait(clause, timeoutMs))
      : []
    if (wanted === undefined) this.#kind = ANY
    else if (typeof wanted === 'function') this.#kind = BY_PREDICATE
    else if (!isTag(wanted)) this.#kind = BY_CLAUSES
    else this.#kind = wanted.ref === undefined ? BY_TYPE : BY_REF
  }

  /** Whether it matches the same messages whenever it is asked. */
  get isFixed(): boolean {
    return this.#kind === BY_TYPE || this.#kind === BY_REF
  }

  matches(message: unknown): boolean {
    switch (this.#kind) {
      case ANY:
        return true
      case BY_TYPE:
        return isRecord(message) && message.type === this.#type
      case BY_REF:
        return isRecord(message) && message.ref === this.#ref && message.type === this.#type
      case BY_PREDICATE:
        return this.#predicate?.(message) === true
      default:
        return this.#clauses.some((clause) => clause.matches(message))
    }
  }

  /** Where the oldest message that fits lies, or -1. Each kind has a loop of its own, for speed. */
  indexIn(messages: readonly unknown[], from: number): number {
    const type = this.#type
    const ref = this.#ref
    const { length } = messages
    if (this.#kind === BY_REF) {
      for (let i = from; i < length; i++) {
        const message = messages[i]
        if (isRecord(message) && message.ref === ref && message.type === type) return i
      }
    } else if (this.#kind === BY_TYPE) {
      for (let i = from; i < length; i++) {
        const message = messages[i]
        if (isRecord(message) && message.type === type) return i
      }
    } else {
      for (let i = from; i < length; i++) {
        const message = messages[i]
        if (message !== NONE && this.matches(message)) return i
      }
    }
    return -1
  }
}

function isTag(wanted: Clause | readonly Clause[] | undefined): wanted is Tag {
  return typeof wanted === 'object' && 'type' in wanted
}

function isRecord(message: unknown): message is { type?: unknown; ref?: unknown } {
  return typeof message === 'object' && message !== null
}

/**
 * What to wait for, for the next `yield` of a generator process or for `receive` of an async one.
 * Several clauses are tried for each message in turn: the oldest message that fits any is taken.
 */
export function receive<M = unknown>(): ReceiveWait<M>
export function receive<const Type extends string>(tag: Tag<Type>): ReceiveWait<Tagged<Type>>
export function receive<M>(predicate: (message: unknown) => message is M): ReceiveWait<M>
export function receive<M = unknown>(wanted: Clause | readonly Clause[]): ReceiveWait<M>
export function receive<const Type extends string>(
  tag: Tag<Type>,
  options: ReceiveOptions,
): ReceiveWait<Tagged<Type> | typeof TIMEOUT>
export function receive<M>(
  predicate: (message: unknown) => message is M,
  options: ReceiveOptions,
): ReceiveWait<M | typeof TIMEOUT>
export function receive<M = unknown>(
  wanted: Clause | readonly Clause[] | undefined,
  options: ReceiveOptions,
): ReceiveWait<M | typeof TIMEOUT>
export function receive(
  wanted?: Clause | readonly Clause[],
  options: ReceiveOptions = {},
): ReceiveWait<unknown> {
  const { timeoutMs = 'infinity' } = options
  return new ReceiveWait(wanted, timeoutMs === 'infinity' ? FOR_EVER : delayOf(timeoutMs))
}

function delayOf(timeoutMs: number): number {
  if (timeoutMs >= 0 && timeoutMs <= TIMER_MS_MAX) return timeoutMs
  const attempt = { operation: 'receive', request: timeoutMs }
  const advice = `give 0 to ${TIMER_MS_MAX} milliseconds, or infinity`
  throw new ArborError('bad_delay', `receive cannot wait ${timeoutMs} ms`, advice, attempt)
}

/** Throws `bad_delay` for what is no time to wait. */
export function checkDelay(operation: string, ms: number): void {
  if (ms >= 0) return
  const attempt = { operation, request: ms }
  const advice = 'give milliseconds, 0 or more'
  throw new ArborError('bad_delay', `${operation} cannot wait ${ms} ms`, advice, attempt)
}

// --- Processes that receive selectively ---

/** What a process that waits is woken with; it stands before all messages, and is none. */
export interface Awakening {
  /** What the wait brought. */
  readonly value: unknown
  /** Whether that is to be thrown. */
  readonly isFailure: boolean
}

/** The end of a `timeoutMs`. */
class ReceiveTimer extends WheelTimer {
  readonly #process: Process
  readonly #selective: Selective

  constructor(process: Process, selective: Selective) {
    super()
    this.#process = process
    this.#selective = selective
  }

  expire(): void {
    this.#selective.timer = null
    // What has arrived before the time was up comes first, though it has not had its turn yet.
    if (this.#process.first === NONE) this.#selective.giveUp(this.#process)
    else this.#selective.isOverdue = true
  }
}

/** The state of a process that receives selectively, whatever its kind. */
export abstract class Selective {
  /** Messages passed over; null for who has never passed over one. */
  passedOver: PassedOver | null = null
  /** What it waits for now; null when it does not wait for a message. */
  waiting: ReceiveWait<unknown> | null = null
  timer: ReceiveTimer | null = null
  /** The time of the wait is up, but there are messages it has not looked at. */
  isOverdue = false

  /** The time of the wait is up: the process goes on. */
  abstract giveUp(process: Process): void

  /** The process has ended. */
  abandon(): void {
    if (this.timer !== null) disarm(this.timer)
    this.timer = null
    this.waiting = null
    this.passedOver = null
  }

  passOver(process: Process, message: unknown): void {
    this.passedOver ??= new PassedOver()
    this.passedOver.push(message)
    if (this.isOverdue && process.first === NONE) this.giveUp(process)
  }

  /** Takes a message that fits from all that are there, or returns `NONE`. */
  look(process: Process, wait: ReceiveWait<unknown>): unknown {
    if (this.passedOver !== null && this.passedOver.count > 0) {
      const found = this.passedOver.takeMatch(wait)
      if (found !== NONE) return found
    }
    for (;;) {
      const message = opened(process, take(process))
      if (message === NONE || wait.matches(message)) return message
      this.passedOver ??= new PassedOver()
      this.passedOver.push(message)
    }
  }

  /** From now on messages are compared with this wait. */
  begin(process: Process, wait: ReceiveWait<unknown>): void {
    this.waiting = wait
    if (wait.timeoutMs === FOR_EVER) return
    const timer = new ReceiveTimer(process, this)
    this.timer = timer
    arm(timer, wait.timeoutMs)
  }

  /** The wait is over. */
  end(): void {
    this.waiting = null
    if (this.timer !== null) disarm(this.timer)
    this.timer = null
    this.isOverdue = false
  }
}

/** Lets a waiting process go on; before any message. */
export function awaken(process: Process, awakening: Awakening): void {
  if (process.status === DEAD) return
  putFront(process, awakening)
  const { status } = process
  if (status === IDLE || status === SUSPENDED) resume(process)
}

/** Messages that wait at a process, passed over or not. */
export function messagesWaiting(process: Process): number {
  const { state } = process
  const passedOver = state instanceof Selective ? (state.passedOver?.count ?? 0) : 0
  return mailboxLength(process) + passedOver
}

/** Takes out all messages of a process that match; for `flush`, not for hot paths. */
export function removeMessages(process: Process, matches: (message: unknown) => boolean): void {
  if (process.first !== NONE) remove(process, matches)
  const { state } = process
  if (!(state instanceof Selective)) return
  state.passedOver?.remove(matches)
  if (state.isOverdue && process.first === NONE) state.giveUp(process)
}
