// Why a process ended, as data. `normal`, `shutdown` and `{ shutdown: term }` are orderly ends;
// everything else is a crash, and a supervisor treats it as one (Erlang/OTP, "Processes", error
// handling).
//
//   'normal'              its work is done; linked processes do not mind
//   'shutdown'            its supervisor, or whoever owns it, told it to stop
//   { shutdown: 'idle' }  the same, with a word why
//   'killed'              somebody sent it `kill`, which nothing can trap
//   'noproc'              it was not there to begin with
//   { error, call }       a callback threw `error` while it handled `call`

/** What a callback was busy with when it threw. */
export interface AttemptedCall {
  /** Class of the server, e.g. `Counter`; absent for a plain process. */
  readonly server?: string
  /** The callback, e.g. `handleCall`. */
  readonly callback: string
  /** The message, request or term it had been given. */
  readonly message?: unknown
}

/** A callback threw. */
export interface CrashReason {
  /** What was thrown: an `Error` with its stack, or any other value. */
  readonly error: unknown
  readonly call: AttemptedCall
}

/** An orderly end that says why. */
export interface ShutdownReason {
  readonly shutdown: unknown
}

/** Any word of a program's own; the known ones keep their completion in an editor. */
type OtherWord = string & Record<never, never>

export type ExitReason =
  | 'normal'
  | 'shutdown'
  | 'kill'
  | 'killed'
  | 'noproc'
  | ShutdownReason
  | CrashReason
  | OtherWord
  | { readonly [key: string]: unknown }

/** Whether a supervisor need not worry: `normal`, `shutdown` or `{ shutdown: term }`. */
export function isOrderly(reason: ExitReason): boolean {
  if (typeof reason === 'string') return reason === 'normal' || reason === 'shutdown'
  return 'shutdown' in reason
}

/** A reason in one line, for logs and error messages. */
export function formatReason(reason: ExitReason): string {
  if (typeof reason === 'string') return reason
  if ('error' in reason) return formatError(reason.error)
  const entries = Object.entries(reason).map(([key, value]) => `${key}: ${formatTerm(value)}`)
  return `{ ${entries.join(', ')} }`
}

function formatError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : formatTerm(error)
}

/** Plain objects inside a reason that are written out; what lies deeper is named only. */
const DEPTH_MAX = 4
/** Elements of a list that are written out. */
const ELEMENTS_MAX = 10

function formatTerm(term: unknown, depth = 0): string {
  if (term === null || typeof term !== 'object') return String(term)
  if (term instanceof Error) return formatError(term)
  if (Array.isArray(term) && depth < DEPTH_MAX) return formatArray(term, depth)
  const isPlain = Object.getPrototypeOf(term) === Object.prototype
  if (!isPlain || depth >= DEPTH_MAX) return String(term)
  if ('error' in term && 'call' in term) return formatTerm(term.error, depth)
  const entries = Object.entries(term)
  return `{ ${entries.map(([key, value]) => `${key}: ${formatTerm(value, depth + 1)}`).join(', ')} }`
}

function formatArray(terms: readonly unknown[], depth: number): string {
  const shown = terms.slice(0, ELEMENTS_MAX).map((term) => formatTerm(term, depth + 1))
  if (terms.length > ELEMENTS_MAX) shown.push(`… of ${terms.length}`)
  return shown.length === 0 ? '[]' : `[ ${shown.join(', ')} ]`
}
