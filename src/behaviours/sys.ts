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
//
// A server may live in another thread. What takes a function cannot be done to it (`not_local`),
// and a state that cannot cross (`cannot_cross`) is shown by `getStatus` only.
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { Destination } from '../runtime/pid.ts'
import { callbacksOf } from './callbacks.ts'
import type { ServerRef, Startable } from './gen-server.ts'
import type { DebugFunction, Statistics, SystemEvent } from './server-debug.ts'
import type { Replacement, Status, TraceSink } from './system-operations.ts'
import { askServer, type SystemOptions } from './system-request.ts'

export type { DebugFunction, Statistics, SystemEvent } from './server-debug.ts'
export type { Replacement, Status, TraceSink } from './system-operations.ts'
export type { SystemOptions } from './system-request.ts'

/** Lets a server take no further message until `resume`; does nothing when it is suspended. */
export function suspend(destination: Destination, options?: SystemOptions): Promise<void> {
  return askServer('suspend', destination, undefined, options)
}

/** Lets a suspended server go on, with what has come meanwhile, in order. */
export function resume(destination: Destination, options?: SystemOptions): Promise<void> {
  return askServer('resume', destination, undefined, options)
}

/** Whether a server runs or is suspended. */
export function status(
  destination: Destination,
  options?: SystemOptions,
): Promise<'running' | 'suspended'> {
  return askServer('status', destination, undefined, options)
}

/** All that may be shown of a server. */
export function getStatus(destination: Destination, options?: SystemOptions): Promise<Status> {
  return askServer('getStatus', destination, undefined, options)
}

/** The state of a server as it is between two messages. */
export function getState(destination: Destination, options?: SystemOptions): Promise<unknown> {
  return askServer('getState', destination, undefined, options)
}

/**
 * Exchanges the state of a server, by a function or for another: `{ state }`. Returns the new one.
 * Rejects with what the function throws, and then leaves the state as it was.
 */
export function replaceState(
  destination: Destination,
  replacement: Replacement,
  options?: SystemOptions,
): Promise<unknown> {
  return askServer('replaceState', destination, replacement, options)
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
  const { oldVersion, extra } = options
  const code = { callbacks: callbacksOf(callbacks), oldVersion, extra }
  return askServer('changeCode', destination, code, options)
}

/** Ends a server by way of its `terminate`, suspended or not; resolves when that has begun. */
export function terminate(
  destination: Destination,
  reason: ExitReason,
  options?: SystemOptions,
): Promise<void> {
  return askServer('terminate', destination, reason, options)
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
  const installation = { id: options.id ?? run, run: run as DebugFunction<unknown>, state }
  return askServer('install', destination, installation, options)
}

/** Takes a debug function away, by its id. */
export function remove(
  destination: Destination,
  id: unknown,
  options?: SystemOptions,
): Promise<void> {
  return askServer('remove', destination, id, options)
}

/**
 * Hands each event of a server to `sink`, or with `true` to the logger of its thread as `info`
 * reports named `trace`; `false` ends that. Events hold messages and states as they are, secrets
 * too.
 */
export function trace(
  destination: Destination,
  sink: TraceSink | boolean,
  options?: SystemOptions,
): Promise<void> {
  return askServer('trace', destination, sink, options)
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
  await askServer('log', destination, count, options)
}

/** The events that `log` kept, oldest first. */
export function getLog(
  destination: Destination,
  options?: SystemOptions,
): Promise<readonly SystemEvent[]> {
  return askServer('getLog', destination, undefined, options)
}

/** Counts the messages of a server from now on, or no more. */
export function statistics(
  destination: Destination,
  on: boolean,
  options?: SystemOptions,
): Promise<void> {
  return askServer('statistics', destination, on, options)
}

/** The counts since `statistics` was switched on; undefined when it is off. */
export function getStatistics(
  destination: Destination,
  options?: SystemOptions,
): Promise<Statistics | undefined> {
  return askServer('getStatistics', destination, undefined, options)
}

/** Switches all of it off: debug functions, trace, log, statistics. */
export function noDebug(destination: Destination, options?: SystemOptions): Promise<void> {
  return askServer('noDebug', destination, undefined, options)
}
