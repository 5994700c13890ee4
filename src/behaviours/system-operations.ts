// What sys can do to a server, as a table: an operation is done in the server's own turn, with one
// argument. Their names and arguments are what a request to another thread consists of
// (system-request.ts); sys.ts says what each is for.
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log as report } from '../runtime/logger.ts'
import type { Pid, Process } from '../runtime/pid.ts'
import { nameOf } from '../runtime/registry.ts'
import { type Callbacks, classNameOf } from './callbacks.ts'
import { hold, isHeld, release } from './hold.ts'
import { Debug, type DebugFunction, type Statistics, type SystemEvent } from './server-debug.ts'
import { extend, shrink } from './server-extension.ts'
import { changeCallbacks, formatted, type Server, terminate } from './server-loop.ts'

/** What `getStatus` tells. */
export interface Status {
  readonly pid: Pid
  readonly name: string | undefined
  readonly parent: Pid | null
  /** Class of the server. */
  readonly behaviour: string
  readonly status: 'running' | 'suspended'
  /** As its `formatStatus` lets it be seen. */
  readonly state: unknown
  /** Its last events, when `log` is on. */
  readonly log?: readonly unknown[] | undefined
}

/** Receives the events of a traced server. */
export type TraceSink = (event: SystemEvent, server: Pid) => void

/** What becomes of a state: what the function makes of it, or another. */
export type Replacement = ((state: unknown) => unknown) | { readonly state: unknown }

/** What `changeCode` takes. */
export interface NewCode {
  readonly callbacks: Callbacks
  readonly oldVersion: unknown
  readonly extra: unknown
}

/** What `install` takes. */
export interface Installation {
  readonly id: unknown
  readonly run: DebugFunction<unknown>
  readonly state: unknown
}

export const operations = {
  suspend(_: Server, process: Process): void {
    hold(process, 'sys')
  },

  resume(_: Server, process: Process): void {
    release(process, 'sys')
  },

  status(_: Server, process: Process): 'running' | 'suspended' {
    return isHeld(process) ? 'suspended' : 'running'
  },

  getStatus(server: Server, process: Process): Status {
    const events = debugOf(server)?.events ?? []
    const state = stateOf(server)
    const shown = formatted(server, events.length > 0 ? { state, log: events } : { state })
    return {
      pid: process,
      name: nameOf(process),
      parent: server.parent,
      behaviour: classNameOf(server.callbacks),
      status: operations.status(server, process),
      ...shown,
    }
  },

  getState(server: Server): unknown {
    return stateOf(server)
  },

  replaceState(server: Server, _: Process, replacement: Replacement): unknown {
    const { callbacks, state } = server
    const isFunction = typeof replacement === 'function'
    const replace = isFunction ? replacement : (): unknown => replacement.state
    server.state =
      callbacks.systemReplaceState === undefined
        ? replace(state)
        : callbacks.systemReplaceState(replace, state)
    return stateOf(server)
  },

  changeCode(server: Server, process: Process, code: NewCode): void {
    if (!isHeld(process)) throw notSuspended(process)
    changeCallbacks(process, server, code.callbacks, code.oldVersion, code.extra)
  },

  terminate(server: Server, process: Process, reason: ExitReason): void {
    terminate(process, server, reason)
  },

  install(server: Server, process: Process, { id, run, state }: Installation): void {
    debug(server, process, (debugging) => debugging.install(id, run, state))
  },

  remove(server: Server, process: Process, id: unknown): void {
    debug(server, process, (debugging) => debugging.remove(id))
  },

  trace(server: Server, process: Process, sink: TraceSink | boolean): void {
    debug(server, process, (debugging) => {
      debugging.remove(traceId)
      if (sink === false) return
      const tell = sink === true ? traceToLogger : sink
      debugging.install(traceId, (_, event, traced) => tell(event, traced), undefined)
    })
  },

  log(server: Server, process: Process, count: number): void {
    debug(server, process, (debugging) => debugging.setLog(count))
  },

  getLog(server: Server): readonly SystemEvent[] {
    return debugOf(server)?.events ?? []
  },

  statistics(server: Server, process: Process, on: boolean): void {
    debug(server, process, (debugging) => debugging.setStatistics(on, process))
  },

  getStatistics(server: Server, process: Process): Statistics | undefined {
    return debugOf(server)?.statisticsOf(process)
  },

  noDebug(server: Server): void {
    if (server.extension !== null) server.extension.debug = null
    shrink(server)
  },
}

export type Operations = typeof operations
export type Operation = keyof Operations

/** What an operation takes beside the server; undefined for most. */
export type ArgumentOf<O extends Operation> = Parameters<Operations[O]>[2]

/** The state as a person is to see it. */
function stateOf({ callbacks, state }: Server): unknown {
  return callbacks.systemState === undefined ? state : callbacks.systemState(state)
}

function notSuspended(process: Process): ArborError {
  const attempt = { operation: 'sys.changeCode', target: process }
  const advice = 'suspend it first, or use changeCode, which needs no suspension'
  return new ArborError('not_suspended', `${process} is running`, advice, attempt)
}

// --- Debug functions ---

const traceId = Symbol('trace')

function traceToLogger(event: SystemEvent, server: Pid): void {
  report(() => ({ level: 'info', event: 'trace', pid: server, traced: event }))
}

function debugOf({ extension }: Server): Debug | undefined {
  return extension?.debug ?? undefined
}

/** Changes what watches a server; what watches nothing any more is dropped. */
function debug(server: Server, process: Process, change: (debugging: Debug) => void): void {
  const debugging = debugOf(server) ?? new Debug()
  change(debugging)
  if (debugging.isIdle) {
    if (server.extension !== null) server.extension.debug = null
    shrink(server)
  } else extend(process, server).debug = debugging
}
