// Where the runtime says what happened: reports are data, handed to one logger that the program
// sets. Rooms never print; without a logger nothing is even built. Reports beyond a rate are
// counted, not sent: a crash loop must not take the machine down with its own log.
//
//   setLogger((report) => console.error(formatReport(report)))
import { LOG_REPORTS_PER_SECOND_MAX } from '../limits.ts'
import { type Clock, systemClock } from './clock.ts'
import { formatReason } from './exit-reason.ts'

export type Level = 'error' | 'warning' | 'info'

export interface Report {
  readonly level: Level
  /** What happened, as a stable word: `crash`, `child_restarts`, `unhandled_info`, … */
  readonly event: string
  /** Facts: pids, reasons, counts. */
  readonly [fact: string]: unknown
}

export type Logger = (report: Report) => void

/** A report in one line: level, event, facts. */
export function formatReport({ level, event, ...facts }: Report): string {
  return `${level} ${event} ${formatReason(facts)}`
}

let logger: Logger | null = null
let clock: Clock = systemClock
let windowStartMs = 0
let reportsInWindow = 0
let suppressed = 0

/** Sets who receives reports; null for nobody (the default). */
export function setLogger(next: Logger | null, options: { clock?: Clock } = {}): void {
  logger = next
  clock = options.clock ?? systemClock
  windowStartMs = clock.now()
  reportsInWindow = 0
  suppressed = 0
}

/** Reports what `build` returns; it is called only when somebody listens and the rate allows. */
export function log(build: () => Report): void {
  if (logger === null) return
  const now = clock.now()
  if (now - windowStartMs >= 1000) {
    const missing = suppressed
    windowStartMs = now
    reportsInWindow = 0
    suppressed = 0
    if (missing > 0) hand({ level: 'warning', event: 'reports_suppressed', count: missing })
  }
  if (reportsInWindow >= LOG_REPORTS_PER_SECOND_MAX) {
    suppressed++
    return
  }
  reportsInWindow++
  hand(build())
}

/** A logger that throws is its own problem, never that of the process that reports. */
function hand(report: Report): void {
  try {
    logger?.(report)
  } catch {
    logger = null
  }
}
