// Where the runtime says what happened: reports are data, handed to one logger. Unless the program
// sets its own, warnings and errors go to stderr, a line each: the one place of the runtime that
// prints. Without a logger nothing is even built. Reports beyond a rate are counted, not sent: a
// crash loop must not take the machine down with its own log.
//
//   setLogger(stderrLogger({ verbose: true }))                 // with stacks, states and messages
//   setLogger((report) => journal.write(formatReport(report))) // somewhere else
//   setLogger(null)                                            // silence
import { LOG_LINE_CHARACTERS_MAX, LOG_REPORTS_PER_SECOND_MAX } from '../limits.ts'
import { type Clock, systemClock } from './clock.ts'
import { formatReason } from './exit-reason.ts'

/** `debug` is for progress, such as each start of a child: only for who asks for it. */
export type Level = 'error' | 'warning' | 'info' | 'debug'

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

/**
 * A logger that writes a line for each report to stderr, without what may be long or secret: states
 * and messages. `verbose` adds those, and the stacks of errors.
 */
export function stderrLogger({ verbose = false }: { readonly verbose?: boolean } = {}): Logger {
  return (report) => {
    const stack = verbose ? stackIn(report) : ''
    process.stderr.write(`${lineOf(verbose ? report : withoutContents(report))}\n${stack}`)
  }
}

function withoutContents({ state: _, message: __, log: ___, ...report }: Report): Report {
  return report
}

function lineOf(report: Report): string {
  const line = formatReport(report).replaceAll(/\s*\n\s*/g, ' ')
  if (line.length <= LOG_LINE_CHARACTERS_MAX) return line
  return `${line.slice(0, LOG_LINE_CHARACTERS_MAX - 1)}…`
}

function stackIn({ error, reason }: Report): string {
  const isCrash = typeof reason === 'object' && reason !== null && 'error' in reason
  const thrown = isCrash ? reason.error : error
  return thrown instanceof Error && thrown.stack !== undefined ? `${thrown.stack}\n` : ''
}

const rank: Readonly<Record<Level, number>> = { error: 3, warning: 2, info: 1, debug: 0 }

let logger: Logger | null = stderrLogger()
let lowest: Level = 'warning'
let clock: Clock = systemClock
let windowStartMs = 0
let reportsInWindow = 0
let suppressed = 0

export interface LoggerOptions {
  /** The least of what the logger receives; default `info`. */
  readonly level?: Level
  /** Counts the reports of a second. */
  readonly clock?: Clock
}

/** Sets who receives reports; null for nobody. At first warnings and errors go to stderr. */
export function setLogger(next: Logger | null, options: LoggerOptions = {}): void {
  logger = next
  lowest = options.level ?? 'info'
  clock = options.clock ?? systemClock
  windowStartMs = clock.now()
  reportsInWindow = 0
  suppressed = 0
}

/** Whether reports of level `debug` are received: ask before making one, as they are many. */
export function debugs(): boolean {
  return logger !== null && lowest === 'debug'
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
  const report = build()
  if (rank[report.level] < rank[lowest]) return
  reportsInWindow++
  hand(report)
}

/** A logger that throws is its own problem, never that of the process that reports. */
function hand(report: Report): void {
  try {
    logger?.(report)
  } catch {
    logger = null
  }
}
