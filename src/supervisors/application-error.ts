// What the application controller refuses, and why.
import { ArborError } from '../runtime/arbor-error.ts'
import { type ExitReason, formatReason } from '../runtime/exit-reason.ts'

export function refuse(
  code: string,
  name: string,
  message: string,
  advice: string,
  request?: unknown,
): ArborError {
  const attempt = { operation: 'application', target: name }
  return new ArborError(
    code,
    message,
    advice,
    request === undefined ? attempt : { ...attempt, request },
  )
}

/** `path`: who depends on whom down to it. */
export function notLoaded(name: string, path: readonly string[] = []): ArborError {
  const message = `application ${[...path, name].join(' → ')} is not loaded`
  return refuse('not_loaded', name, message, 'load it, or correct dependencies', path)
}

export function dependencyCycle(name: string, path: readonly string[]): ArborError {
  const cycle = [...path, name]
  const message = `applications depend on themselves: ${cycle.join(' → ')}`
  return refuse('dependency_cycle', name, message, 'take one of the dependencies out', cycle)
}

export function alreadyStarted(name: string): ArborError {
  return refuse('already_started', name, `application "${name}" runs`, 'stop it first')
}

/** The callbacks of an application did not start it. */
export class ApplicationError extends ArborError {
  override readonly name = 'ApplicationError'
  /** With what its start failed. */
  readonly reason: ExitReason

  constructor(name: string, reason: ExitReason, cause: unknown) {
    const attempt = { operation: 'start', target: name }
    const message = `application "${name}" did not start, ${formatReason(reason)}`
    super('start_failed', message, 'see cause, and start of its module', attempt, cause)
    this.reason = reason
  }
}

export function startFailed(name: string, reason: ExitReason, cause: unknown): ApplicationError {
  return new ApplicationError(name, reason, cause)
}
