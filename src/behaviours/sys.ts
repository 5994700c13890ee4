// Looks into any running server, and holds it still (Erlang/OTP, sys): for a person who debugs, and
// for an upgrade that needs several servers at rest. What a program needs it asks by `call`.
//
//   await suspend(counter)                                  // messages wait from now on
//   await replaceState(counter, (count) => Number(count) + 1)
//   await resume(counter)                                   // and are handled now, in order
//
//   await trace(counter, (event) => console.log(event))     // each message and each reply
//   await log(counter, 100)                                 // keep the last 100 events
//   await getLog(counter)
//
// These requests take their turn in the mailbox, also that of a supervisor or a state machine. A
// suspended server still obeys `stop`, `changeCode` and its parent's exit. A server that does not
// come to its mailbox in time (5 s, or `timeoutMs`) makes them reject with code `timeout`. Nothing
// switched on costs nothing.
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { log as report } from '../runtime/logger.ts'
import type { Destination, Pid, Process } from '../runtime/pid.ts'
import { nameOf } from '../runtime/registry.ts'
import { type Callbacks, callbacksOf, classNameOf } from './callbacks.ts'
import type { ServerRef, Startable } from './gen-server.ts'
import { hold, isHeld, release } from './hold.ts'
import { Debug, type DebugFunction, type Statistics, type SystemEvent } from './server-debug.ts'
import { extend, shrink } from './server-extension.ts'
import {
  changeCallbacks,
  formatted,
  type Server,
  terminate as terminateServer,
} from './server-loop.ts'
import { askServer, type SystemOptions } from './system-request.ts'

export type { DebugFunction, Statistics, SystemEvent } from './server-debug.ts'
export type { SystemOptions } from './system-request.ts'

/** Lets a server take no further message until `resume`; does nothing when it is suspended. */
export function suspend(destination: Destination, options?: SystemOptions): Promise<void> {
  const suspended = (_: Server, process: Process): void => {
    hold(process)
  }
  return askServer('suspend', destination, suspended, options)
}

/** Lets a suspended server go on, with what has come meanwhile, in order. */
export function resume(destination: Destination, options?: SystemOptions): Promise<void> {
  return askServer('resume', destination, (_, process) => release(process), options)
}

/** Whether a server runs or is suspended. */
export function status(
  destination: Destination,
  options?: SystemOptions,
): Promise<'running' | 'suspended'> {
  return askServer('status', destination, (_, process) => statusOf(process), options)
}

function statusOf(process: Process): 'running' | 'suspended' {
  return isHeld(process) ? 'suspended' : 'running'
}

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

/** All that may be shown of a server. */
export function getStatus(destination: Destination, options?: SystemOptions): Promise<Status> {
  const describe = (server: Server, process: Process): Status => {
    const events = debugOf(server)?.events ?? []
    const state = stateOf(server)
    const shown = formatted(server, events.length > 0 ? { state, log: events } : { state })
    return {
      pid: process,
      name: nameOf(process),
      parent: server.parent,
      behaviour: classNameOf(server.callbacks),
      status: statusOf(process),
      ...shown,
    }
  }
  return askServer('getStatus', destination, describe, options)
}

/** The state of a server as it is between two messages. */
export function getState(destination: Destination, options?: SystemOptions): Promise<unknown> {
  return askServer('getState', destination, stateOf, options)
}

/** The state as a person is to see it. */
function stateOf({ callbacks, state }: Server): unknown {
  return callbacks.systemState === undefined ? state : callbacks.systemState(state)
}

/**
 * Exchanges the state of a server; returns the new one. Rejects with what `replace` throws, and
 * then leaves the state as it was.
 */
export function replaceState(
  destination: Destination,
  replace: (state: unknown) => unknown,
  options?: SystemOptions,
): Promise<unknown> {
  const exchange = (server: Server): unknown => {
    const { callbacks, state } = server
    server.state =
      callbacks.systemReplaceState === undefined
        ? replace(state)
        : callbacks.systemReplaceState(replace, state)
    return stateOf(server)
  }
  return askServer('replaceState', destination, exchange, options)
}

/**
 * Lets a suspended server go on with the callbacks of another instance; its `codeChange` turns the
 * state over. Rejects with code `not_suspended` when the server runs, and with what `codeChange`
 * throws; then all is as it was. The function `changeCode` beside `call` does it at any time.
 */
export function changeCode<C extends { readonly type: string }, K>(
  destination: ServerRef<C, K>,
  callbacks: Startable<C, K, unknown>,
  options: SystemOptions & { readonly oldVersion?: unknown; readonly extra?: unknown } = {},
): Promise<void> {
  const next: Callbacks = callbacksOf(callbacks)
  const change = (server: Server, process: Process): void => {
    if (!isHeld(process)) throw notSuspended(process)
    changeCallbacks(process, server, next, options.oldVersion, options.extra)
  }
  return askServer('changeCode', destination, change, options)
}

function notSuspended(process: Process): ArborError {
  const attempt = { operation: 'sys.changeCode', target: process }
  const advice = 'suspend it first, or use changeCode, which needs no suspension'
  return new ArborError('not_suspended', `${process} is running`, advice, attempt)
}

/** Ends a server by way of its `terminate`, suspended or not; resolves when that has begun. */
export function terminate(
  destination: Destination,
  reason: ExitReason,
  options?: SystemOptions,
): Promise<void> {
  const end = (server: Server, process: Process): void => terminateServer(process, server, reason)
  return askServer('terminate', destination, end, options)
}

// --- Debug functions ---

/**
 * Has a function called with each event of a server: what it receives, what it replies. It gets the
 * state it returned last time, at first `state`; `'done'` takes it away, and so does a throw. It is
 * known by `id` (default: the function itself); a second one of an id is not installed.
 */
export function install<State>(
  destination: Destination,
  run: DebugFunction<State>,
  state: State,
  options: SystemOptions & { readonly id?: unknown } = {},
): Promise<void> {
  return debug('install', destination, options, (debugging) => {
    debugging.install(options.id ?? run, run as DebugFunction<unknown>, state)
  })
}

/** Takes a debug function away, by its id. */
export function remove(
  destination: Destination,
  id: unknown,
  options?: SystemOptions,
): Promise<void> {
  return debug('remove', destination, options, (debugging) => debugging.remove(id))
}

/** Receives the events of a traced server. */
export type TraceSink = (event: SystemEvent, server: Pid) => void

/**
 * Hands each event of a server to `sink`, or with `true` to the logger as `info` reports named
 * `trace`; `false` ends that. Events hold messages and states as they are, secrets too.
 */
export function trace(
  destination: Destination,
  sink: TraceSink | boolean,
  options?: SystemOptions,
): Promise<void> {
  return debug('trace', destination, options, (debugging) => {
    debugging.remove(traceId)
    if (sink === false) return
    const tell = sink === true ? traceToLogger : sink
    debugging.install(traceId, (_, event, server) => tell(event, server), undefined)
  })
}

const traceId = Symbol('trace')

function traceToLogger(event: SystemEvent, server: Pid): void {
  report(() => ({ level: 'info', event: 'trace', pid: server, traced: event }))
}

/** Keeps the last events of a server, so many; `false` for none. */
export async function log(
  destination: Destination,
  size: number | false,
  options?: SystemOptions,
): Promise<void> {
  const count = size === false ? 0 : size
  if (!Number.isInteger(count) || count < 0) {
    const attempt = { operation: 'sys.log', target: destination, request: size }
    const advice = 'give the number of events to keep, or false'
    throw new ArborError('bad_option', `a log of ${size} events`, advice, attempt)
  }
  await debug('log', destination, options, (debugging) => debugging.setLog(count))
}

/** The events that `log` kept, oldest first. */
export function getLog(
  destination: Destination,
  options?: SystemOptions,
): Promise<readonly SystemEvent[]> {
  return askServer('getLog', destination, (server) => debugOf(server)?.events ?? [], options)
}

/** Counts the messages of a server from now on, or no more. */
export function statistics(
  destination: Destination,
  on: boolean,
  options?: SystemOptions,
): Promise<void> {
  return debug('statistics', destination, options, (debugging, process) => {
    debugging.setStatistics(on, process)
  })
}

/** The counts since `statistics` was switched on; undefined when it is off. */
export function getStatistics(
  destination: Destination,
  options?: SystemOptions,
): Promise<Statistics | undefined> {
  const counts = (server: Server, process: Process): Statistics | undefined =>
    debugOf(server)?.statisticsOf(process)
  return askServer('getStatistics', destination, counts, options)
}

/** Switches all of it off: debug functions, trace, log, statistics. */
export function noDebug(destination: Destination, options?: SystemOptions): Promise<void> {
  const off = (server: Server): void => {
    if (server.extension !== null) server.extension.debug = null
    shrink(server)
  }
  return askServer('noDebug', destination, off, options)
}

function debugOf({ extension }: Server): Debug | undefined {
  return extension?.debug ?? undefined
}

/** Changes what watches a server; what watches nothing any more is dropped. */
function debug(
  operation: string,
  destination: Destination,
  options: SystemOptions | undefined,
  change: (debugging: Debug, process: Process) => void,
): Promise<void> {
  const apply = (server: Server, process: Process): void => {
    const debugging = debugOf(server) ?? new Debug()
    change(debugging, process)
    if (debugging.isIdle) {
      if (server.extension !== null) server.extension.debug = null
      shrink(server)
    } else extend(process, server).debug = debugging
  }
  return askServer(operation, destination, apply, options)
}
