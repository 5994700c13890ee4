// Timers that are known by a name: each process has its own, and arming one again replaces it, so
// that nobody has to keep references and cancel them. For timeouts that are pushed back, and ticks
// that are set anew.
//
//   namedTimers.sendAfter('idle', self(), { type: 'idle' }, 60_000)    // on every message: again
//   namedTimers.cancel('idle', self())
//
// A message that is in the mailbox already is not taken back: a receiver that cannot have a late
// one writes a GenStatem, whose timeouts promise that.
import { NAMED_TIMERS_SWEEP_MIN } from '../limits.ts'
import { type Pid, type Process, processOf } from './pid.ts'
import * as timers from './timer.ts'

/** The timers of one process; those that have sent are forgotten when there are twice as many. */
class NamedTimers extends Map<string, timers.TimerRef> {
  #sweepAt = NAMED_TIMERS_SWEEP_MIN

  override set(name: string, ref: timers.TimerRef): this {
    if (this.size >= this.#sweepAt) this.#sweep()
    return super.set(name, ref)
  }

  #sweep(): void {
    for (const [name, ref] of this) if (timers.readTimer(ref) === null) this.delete(name)
    this.#sweepAt = Math.max(NAMED_TIMERS_SWEEP_MIN, this.size * 2)
  }
}

/** Of the living; with a dead receiver its timers go. */
const named = new WeakMap<Process, NamedTimers>()

/**
 * Sends a message once, `delayMs` from now, in place of what was armed under this name for the
 * receiver. Throws `bad_delay` as `sendAfter` does, and then leaves the old timer.
 */
export function sendAfter<M>(
  name: string,
  pid: Pid<M>,
  message: NoInfer<M>,
  delayMs: number,
): timers.TimerRef {
  return replace(name, pid, timers.sendAfter(pid, message, delayMs))
}

/** The same every `intervalMs`. */
export function sendInterval<M>(
  name: string,
  pid: Pid<M>,
  message: NoInfer<M>,
  intervalMs: number,
): timers.TimerRef {
  return replace(name, pid, timers.sendInterval(pid, message, intervalMs))
}

function replace(name: string, pid: Pid, ref: timers.TimerRef): timers.TimerRef {
  const process = processOf(pid)
  let own = named.get(process)
  if (own === undefined) {
    own = new NamedTimers()
    named.set(process, own)
  }
  const old = own.get(name)
  if (old !== undefined) timers.cancelTimer(old)
  own.set(name, ref)
  return ref
}

/** Stops a timer; whether it had still something to send. */
export function cancel(name: string, pid: Pid): boolean {
  const own = named.get(processOf(pid))
  const ref = own?.get(name)
  if (ref === undefined) return false
  own?.delete(name)
  return timers.cancelTimer(ref)
}

/** Milliseconds until a timer sends; null when it never will. */
export function read(name: string, pid: Pid): number | null {
  const ref = named.get(processOf(pid))?.get(name)
  return ref === undefined ? null : timers.readTimer(ref)
}

/** Names of the timers that a process still has to hear from. */
export function names(pid: Pid): string[] {
  const own = named.get(processOf(pid)) ?? new Map<string, timers.TimerRef>()
  return [...own].filter(([, ref]) => timers.readTimer(ref) !== null).map(([name]) => name)
}
