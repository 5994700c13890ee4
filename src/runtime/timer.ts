// Messages that arrive later. A timer dies with its receiver, and it keeps the Node process alive,
// as setTimeout does: cancel what ticks for ever, or stop its owner.
//
//   const tick = sendAfter(self(), 'tick', 1000)
//   cancelTimer(tick)
import { TIMER_MS_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { type Clock, VirtualClock } from './clock.ts'
import {
  addWatch,
  DEAD,
  type Pid,
  type Process,
  processOf,
  removeWatch,
  type Watch,
} from './pid.ts'
import { post, runUntilIdle } from './scheduler.ts'
import { arm, disarm, remainingMs, setWheelClock, WheelTimer } from './timer-wheel.ts'

/** Names one timer. */
export interface TimerRef {
  readonly pid: Pid
}

class MessageTimer extends WheelTimer implements Watch, TimerRef {
  readonly pid: Process
  readonly message: unknown
  /** Milliseconds between messages; 0 for a single one. */
  readonly intervalMs: number
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null

  constructor(pid: Process, message: unknown, intervalMs: number) {
    super()
    this.pid = pid
    this.message = message
    this.intervalMs = intervalMs
  }

  expire(): void {
    if (this.intervalMs > 0) arm(this, this.intervalMs)
    else removeWatch(this)
    post(this.pid, this.message)
  }

  onExit(): void {
    disarm(this)
  }
}

/** Sends a message once, `delayMs` from now. */
export function sendAfter<M>(pid: Pid<M>, message: M, delayMs: number): TimerRef {
  return startTimer('sendAfter', pid, message, delayMs, 0)
}

/**
 * Sends a message every `intervalMs`, first after that time; the next is not sent before the last
 * was.
 */
export function sendInterval<M>(pid: Pid<M>, message: M, intervalMs: number): TimerRef {
  return startTimer('sendInterval', pid, message, intervalMs, Math.max(1, intervalMs))
}

function startTimer(
  operation: string,
  pid: Pid,
  message: unknown,
  delayMs: number,
  intervalMs: number,
): TimerRef {
  if (!(delayMs >= 0 && delayMs <= TIMER_MS_MAX)) {
    const attempt = { operation, target: pid, request: delayMs }
    const advice = `give 0 to ${TIMER_MS_MAX} milliseconds`
    throw new ArborError('bad_delay', `${operation} cannot wait ${delayMs} ms`, advice, attempt)
  }
  const process = processOf(pid)
  const timer = new MessageTimer(process, message, intervalMs)
  if (process.status === DEAD) return timer
  addWatch(process, timer)
  arm(timer, delayMs)
  return timer
}

/**
 * Stops a timer; whether it had still something to send. A message already sent is not taken back.
 */
export function cancelTimer(ref: TimerRef): boolean {
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
