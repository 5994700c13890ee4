// What supervisors report, as data, through the one logger; the logger limits the rate, and nothing
// is built when nobody listens.
import type { ExitReason } from '../runtime/exit-reason.ts'
import { isOrderly } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import type { Pid } from '../runtime/pid.ts'
import { now } from '../runtime/timer-wheel.ts'
import { type ChildPolicy, isRestarted } from './child-spec.ts'
import type { RestartIntensity } from './restart-intensity.ts'

type Reported = Partial<ChildPolicy> & { readonly id: string }

/** A child runs: progress, which only a logger of level `debug` gets. */
export function reportStart(supervisor: Pid, id: string, pid: Pid): void {
  log(() => ({ level: 'debug', event: 'child_started', supervisor, id, pid }))
}

/** A child that was told to stop ended otherwise: it had to be killed, or it crashed. */
export function reportShutdownError(
  supervisor: Pid,
  id: string,
  pid: Pid,
  reason: ExitReason,
): void {
  log(() => ({ level: 'error', event: 'shutdown_error', supervisor, id, pid, reason }))
}

/** A child ended by itself: `child_restarts` or `child_ended`. */
export function reportEnd(
  supervisor: Pid,
  spec: Reported,
  pid: Pid | undefined,
  reason: ExitReason,
  strategy: string,
  intensity: RestartIntensity,
): void {
  log(() => {
    const { id } = spec
    const facts = { supervisor, id, pid, reason, strategy, restartsLeft: intensity.left(now()) }
    if (isRestarted(spec, reason)) return { level: 'error', event: 'child_restarts', ...facts }
    return { level: isOrderly(reason) ? 'info' : 'error', event: 'child_ended', ...facts }
  })
}

/** A child did not start, the first time or again. */
export function reportFailedStart(supervisor: Pid, id: string, reason: ExitReason): void {
  log(() => ({ level: 'error', event: 'start_failed', supervisor, id, reason }))
}

/** A supervisor gives up. */
export function reportIntensity(supervisor: Pid, id: string, limits: RestartIntensity): void {
  const { intensity, periodMs } = limits
  log(() => {
    const facts = { supervisor, id, intensity, periodMs }
    return { level: 'error', event: 'restart_intensity_reached', ...facts }
  })
}
