// Looks into any running server, and holds it still (Erlang/OTP, sys): for a person who debugs, and
// for an upgrade that needs several servers at rest. What a program needs it asks by `call`.
//
//   await suspend(counter)                                  // messages wait from now on
//   await replaceState(counter, (count) => Number(count) + 1)
//   await resume(counter)                                   // and are handled now, in order
//
// These requests take their turn in the mailbox, also that of a supervisor. A suspended server
// still obeys `stop`, `changeCode` and its parent's exit. They have no timeout of their own: a
// server that never comes to its mailbox never answers.
import { ArborError } from '../runtime/arbor-error.ts'
import { CallError } from '../runtime/call.ts'
import { DEAD, type Destination, type Pid, type Process } from '../runtime/pid.ts'
import { nameOf, resolve } from '../runtime/registry.ts'
import { post } from '../runtime/scheduler.ts'
import { onExit } from '../runtime/signal.ts'
import { classNameOf } from './callbacks.ts'
import { hold, isHeld, isServer, release } from './hold.ts'
import { armIdle, formatted, type Server, SystemMessage, stopIdle } from './server-loop.ts'

/** Lets a server take no further message until `resume`; does nothing when it is suspended. */
export function suspend(destination: Destination): Promise<void> {
  return ask('suspend', destination, (_, process) => {
    hold(process)
  })
}

/** Lets a suspended server go on, with what has come meanwhile, in order. */
export function resume(destination: Destination): Promise<void> {
  return ask('resume', destination, (_, process) => release(process))
}

/** Whether a server runs or is suspended. */
export function status(destination: Destination): Promise<'running' | 'suspended'> {
  return ask('status', destination, (_, process) => (isHeld(process) ? 'suspended' : 'running'))
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
}

/** All that may be shown of a server. */
export function getStatus(destination: Destination): Promise<Status> {
  return ask('getStatus', destination, (server, process) => ({
    pid: process,
    name: nameOf(process),
    parent: server.parent,
    behaviour: classNameOf(server.callbacks),
    status: isHeld(process) ? 'suspended' : 'running',
    ...formatted(server, { state: stateOf(server) }),
  }))
}

/** The state of a server as it is between two messages. */
export function getState(destination: Destination): Promise<unknown> {
  return ask('getState', destination, stateOf)
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
): Promise<unknown> {
  return ask('replaceState', destination, (server) => {
    const { callbacks, state } = server
    server.state =
      callbacks.systemReplaceState === undefined
        ? replace(state)
        : callbacks.systemReplaceState(replace, state)
    return stateOf(server)
  })
}

/** Does something to a server in its own turn; an idle timeout begins anew after it. */
function ask<T>(
  operation: string,
  destination: Destination,
  answer: (server: Server, process: Process) => T,
): Promise<T> {
  const process = resolve(destination)
  return new Promise((done, fail) => {
    const request = { type: operation }
    if (process === undefined || process.status === DEAD) {
      fail(new CallError('noproc', 'noproc', destination, request))
      return
    }
    if (!isServer(process)) {
      const advice = 'ask a GenServer or a supervisor; processInfo shows any process'
      const attempt = { operation, target: process }
      fail(new ArborError('not_a_server', `${process} is no server`, advice, attempt))
      return
    }
    const unhook = onExit(process, (reason) => {
      fail(new CallError('exit', reason, destination, request))
    })
    const message = new SystemMessage((server) => {
      unhook()
      const idleMs = stopIdle(server)
      try {
        done(answer(server, process))
      } catch (error) {
        fail(error)
      }
      if (idleMs !== undefined) armIdle(process, server, idleMs)
    })
    post(process, message)
  })
}
