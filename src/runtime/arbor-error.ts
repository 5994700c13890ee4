// The base class of what is thrown when the runtime is misused or a call fails. What ends a process
// is not an error but an exit reason (exit-reason.ts).

/** What was attempted when an error arose, as data for a log line. */
export interface Attempt {
  /** The function, e.g. `call`. */
  readonly operation: string
  /** What it was applied to: a pid, a name, an id. */
  readonly target?: unknown
  readonly request?: unknown
}

/** An error that a program can tell by its `code` and a person can mend by its `advice`. */
export class ArborError extends Error {
  override readonly name: string = 'ArborError'
  /** Stable across versions; compare this, not the message. */
  readonly code: string
  /** One sentence: what to do instead. */
  readonly advice: string
  readonly attempt: Attempt

  constructor(code: string, message: string, advice: string, attempt: Attempt, cause?: unknown) {
    super(`${message}: ${advice}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.advice = advice
    this.attempt = attempt
  }
}
