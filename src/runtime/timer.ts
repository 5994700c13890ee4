// Messages that arrive later. A timer to a pid dies with its receiver; one to a name finds out who
// has it when its time comes. It keeps the Node process alive, as setTimeout does: cancel what
// ticks for ever, or stop its owner.
//
//   const tick = sendAfter(self(), 'tick', 1000)
//   cancelTimer(tick)
import { TIMER_MS_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { type Clock, VirtualClock } from './clock.ts'
import { deadLetter } from './dead-letter.ts'
import { offer } from './delivery.ts'
import {
  addWatch,
  DEAD,
  type Destination,
  type Pid,
  type Process,
  processOf,
  removeWatch,
  type Sendable,
  type Watch,
} from './pid.ts'
import { resolve } from './registry.ts'
import { checkCaller, runUntilIdle } from './scheduler.ts'
import { arm, disarm, remainingMs, setWheelClock, WheelTimer } from './timer-wheel.ts'

/** Names one timer. */
export interface TimerRef {
  /** Who gets the message. */
  readonly destination: Pid | string
}

class MessageTimer extends WheelTimer implements Watch, TimerRef {
  readonly destination: Process | string
  readonly message: unknown
  /** Milliseconds between messages; 0 for a single one. */
  readonly intervalMs: number
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null

  constructor(destination: Process | string, message: unknown, intervalMs: number) {
    super()
    this.destination = destination
    this.message = message
    this.intervalMs = intervalMs
  }

  expire(): void {
    if (this.intervalMs > 0) arm(this, this.intervalMs)
    else removeWatch(this)
    const process = resolve(this.destination)
    if (process !== undefined) offer(process, this.message)
    else deadLetter('unknown_name', String(this.destination), this.message)
  }

  onExit(): void {
    disarm(this)
  }
}

/**
 * Sends a message once, `delayMs` from now; at once when that is 0. A name is looked up then, not
 * now: if nobody has it, the message is a dead letter.
 */
export function sendAfter<M>(
  destination: Destination<Pid<M>>,
  message: Sendable<M>,
  delayMs: number,
): TimerRef {
  return startTimer('sendAfter', destination, message, delayMs, 0)
}

/**
 * Sends a message every `intervalMs`, first after that time; the next is not sent before the last
 * was.
 */
export function sendInterval<M>(pid: Pid<M>, message: Sendable<M>, intervalMs: number): TimerRef {
  return startTimer('sendInterval', pid, message, intervalMs, Math.max(1, intervalMs))
}

function startTimer(
  operation: string,
  destination: Pid | string,
  message: unknown,
  delayMs: number,
  intervalMs: number,
): TimerRef {
  checkCaller()
  if (!(delayMs >= 0 && delayMs <= TIMER_MS_MAX)) {
    const attempt = { operation, target: destination, request: delayMs }
    const advice = `give 0 to ${TIMER_MS_MAX} milliseconds`
    throw new ArborError('bad_delay', `${operation} cannot wait ${delayMs} ms`, advice, attempt)
  }
  const receiver = typeof destination === 'string' ? destination : processOf(destination)
  const timer = new MessageTimer(receiver, message, intervalMs)
  if (typeof receiver !== 'string') {
    if (receiver.status === DEAD) return timer
    addWatch(receiver, timer)
  }
  // Now is now: the wheel's next tick would be a millisecond late.
  if (delayMs === 0 && intervalMs === 0) timer.expire()
  else arm(timer, delayMs)
  return timer
}

/**
 * Stops a timer; whether it had still something to send. A message already sent is not taken back.
 */
export function cancelTimer(ref: TimerRef): boolean {
  checkCaller()
  if (!(ref instanceof MessageTimer)) return false
  removeWatch(ref)
  return disarm(ref)
}

/** Milliseconds until a timer sends; null when it never will. */
export function readTimer(ref: TimerRef): number | null {
  return ref instanceof MessageTimer ? remainingMs(ref) : null
}

/**
 * Exchanges the clock of all timers and timeouts of this thread; what is armed keeps its remaining
 * time. With a `VirtualClock`, `advance` also runs the processes that its timers wake, in a fixed
 * order.
 */
export function useClock(clock: Clock): void {
  setWheelClock(clock)
  if (clock instanceof VirtualClock) clock.afterWake = runUntilIdle
}
