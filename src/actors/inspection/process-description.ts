// A process as plain data, for the wire and for a person: pids become numbers, and what a state or
// a message holds becomes text that is cut.
import { inspect } from 'node:util'
import { INSPECTED_CHARACTERS_MAX } from '../../limits.ts'
import type { Pid } from '../../runtime/pid.ts'
import { type ProcessInfo, processInfo } from '../../runtime/process-info.ts'

/** A line of `arbor top`. */
export interface ProcessDescription {
  readonly pid: number
  /** Registered name; null without one. */
  readonly name: string | null
  /** Class of the server, or kind of the process. */
  readonly behaviour: string
  readonly status: string
  readonly mailboxLength: number
  readonly reductions: number
  readonly memoryBytes: number
}

/** All that `arbor inspect` shows. */
export interface ProcessDetails extends ProcessDescription {
  readonly initialCall: string
  readonly priority: string
  readonly trapExit: boolean
  readonly unhandled: number
  readonly links: readonly number[]
  readonly monitors: readonly number[]
  readonly monitoredBy: readonly number[]
  readonly groupLeader: number | null
  readonly dictionary: readonly (readonly [string, string])[]
}

export function describeProcess(pid: Pid): ProcessDescription {
  return descriptionOf(processInfo(pid))
}

function descriptionOf(info: ProcessInfo): ProcessDescription {
  const { id, name = null, behaviour, status, mailboxLength, reductions, memoryBytes } = info
  return { pid: id, name, behaviour, status, mailboxLength, reductions, memoryBytes }
}

export function detailProcess(pid: Pid): ProcessDetails {
  const info = processInfo(pid)
  return {
    ...descriptionOf(info),
    initialCall: info.initialCall,
    priority: info.priority,
    trapExit: info.trapExit,
    unhandled: info.unhandled,
    links: info.links.map(({ id }) => id),
    monitors: info.monitors.map(({ id }) => id),
    monitoredBy: info.monitoredBy.map(({ id }) => id),
    groupLeader: info.groupLeader?.id ?? null,
    dictionary: [...info.dictionary].map(([key, value]) => [textOf(key), textOf(value)] as const),
  }
}

/** Any value as text a person can read, on one line if it fits, and cut. */
export function textOf(value: unknown, depth = 2): string {
  let text: string
  try {
    text = inspect(value, { depth, breakLength: 100, maxArrayLength: 20, maxStringLength: 200 })
  } catch {
    // An object may refuse to be looked at.
    text = Object.prototype.toString.call(value)
  }
  if (text.length <= INSPECTED_CHARACTERS_MAX) return text
  return `${text.slice(0, INSPECTED_CHARACTERS_MAX)} … (${text.length} characters)`
}
