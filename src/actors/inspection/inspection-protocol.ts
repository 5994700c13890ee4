// What is said over the socket of a node that can be inspected: one JSON object a line, requests
// in, answers out, each answer with the request's id. A trace has many answers.
import type { ProcessDescription, ProcessDetails } from './process-description.ts'
import type { ProcessTree } from './process-tree.ts'

/** Column by which `processes` sorts, most first. */
export const sortColumns = ['mailboxLength', 'reductions', 'memoryBytes'] as const
export type SortColumn = (typeof sortColumns)[number]

export type InspectionRequest =
  | { readonly op: 'node' }
  | { readonly op: 'processes'; readonly sort: SortColumn; readonly limit: number }
  | { readonly op: 'tree' }
  | { readonly op: 'inspect'; readonly pid: number | string }
  | { readonly op: 'trace'; readonly pid: number | string }

/** What a node says of itself. */
export interface NodeSummary {
  readonly name: string
  /** Of the operating system. */
  readonly osPid: number
  readonly nodeVersion: string
  readonly uptimeMs: number
  readonly processes: number
  readonly runQueue: number
  readonly heapBytes: number
  readonly deadLetters: number
}

export interface ProcessesAnswer {
  readonly node: NodeSummary
  readonly processes: readonly ProcessDescription[]
}

export interface InspectAnswer extends ProcessDetails {
  /** The server's state as its `formatStatus` lets it be seen; null for what is no server. */
  readonly state: string | null
}

/** One event of a traced process. */
export interface TraceLine {
  readonly atMs: number
  readonly type: string
  readonly pid: number | null
  readonly text: string
}

/** What each request is answered with. */
export interface InspectionAnswers {
  readonly node: NodeSummary
  readonly processes: ProcessesAnswer
  readonly tree: readonly ProcessTree[]
  readonly inspect: InspectAnswer
  readonly trace: TraceLine | { readonly dropped: number }
}

/** Why a request has no answer: the parts of an `ArborError`. */
export interface InspectionRefusal {
  readonly code: string
  readonly message: string
  readonly advice: string
}

export interface AnswerLine {
  readonly id: number
  readonly answer?: unknown
  readonly error?: InspectionRefusal
  /** The traced process has ended: no more answers. */
  readonly end?: true
}

export interface RequestLine {
  readonly id: number
  readonly request: InspectionRequest
}

/** A request as it came over the socket; null when it is none. */
export function parseRequest(line: string): RequestLine | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { id, request } = value as { id?: unknown; request?: unknown }
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return null
  const checked = checkRequest(request)
  return checked === null ? null : { id, request: checked }
}

function checkRequest(request: unknown): InspectionRequest | null {
  if (typeof request !== 'object' || request === null) return null
  const { op, sort, limit, pid } = request as { [field: string]: unknown }
  if (op === 'node' || op === 'tree') return { op }
  if (op === 'processes') {
    const column = sortColumns.find((name) => name === sort)
    if (column === undefined || typeof limit !== 'number' || !(limit >= 1)) return null
    return { op, sort: column, limit: Math.floor(limit) }
  }
  if (op !== 'inspect' && op !== 'trace') return null
  return typeof pid === 'number' || typeof pid === 'string' ? { op, pid } : null
}
