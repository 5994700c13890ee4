// A request to the loop of a server rather than to its callbacks: one of system-operations.ts, done
// in the server's own turn. To a server of another thread it goes as data: the name of the
// operation and its argument.
import { CALL_TIMEOUT_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { CallError, request, WAITING } from '../runtime/call.ts'
import { registerCodec } from '../runtime/codec.ts'
import { LoopRequest } from '../runtime/loop-message.ts'
import { DEAD, type Destination, type Process, REMOTE } from '../runtime/pid.ts'
import { resolve } from '../runtime/registry.ts'
import type { RemoteCall } from '../runtime/remote-call.ts'
import { post } from '../runtime/scheduler.ts'
import { notLocal, onExit } from '../runtime/signal.ts'
import { sanitized } from '../runtime/term-check.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import { isServer } from './hold.ts'
import { armIdle, stopIdle } from './server-extension.ts'
import { type Server, SystemMessage } from './server-loop.ts'
import {
  type ArgumentOf,
  type Operation,
  type Operations,
  operations,
} from './system-operations.ts'

export interface SystemOptions {
  /** Milliseconds to wait for the server to come to its mailbox, default `CALL_TIMEOUT_MS`. */
  readonly timeoutMs?: number | 'infinity'
}

class RequestTimeout extends WheelTimer {
  readonly #giveUp: () => void

  constructor(giveUp: () => void) {
    super()
    this.#giveUp = giveUp
  }

  expire(): void {
    this.#giveUp()
  }
}

/**
 * Does something to a server in its own turn, suspended or not; an idle timeout begins anew after
 * it. Rejects with what the operation throws; with a `CallError` when the server is not there, ends
 * first or is late; with an `ArborError` `not_a_server`, or `not_local` when a server of another
 * thread is to be given a function.
 */
export function askServer<O extends Operation>(
  operation: O,
  destination: Destination,
  argument: ArgumentOf<O>,
  options?: SystemOptions,
): Promise<ReturnType<Operations[O]>>
export function askServer(
  operation: Operation,
  destination: Destination,
  argument: unknown,
  { timeoutMs = CALL_TIMEOUT_MS }: SystemOptions = {},
): Promise<unknown> {
  const process = resolve(destination)
  if (process?.status === REMOTE) {
    return askElsewhere(operation, destination, process, argument, timeoutMs)
  }
  return new Promise((done, fail) => {
    const request = { type: operation }
    if (process === undefined || process.status === DEAD) {
      fail(new CallError('noproc', 'noproc', destination, request))
      return
    }
    if (!isServer(process)) {
      fail(notAServer(operation, process))
      return
    }
    let isGivenUp = false
    const timeout = new RequestTimeout(() => {
      isGivenUp = true
      unhook()
      fail(new CallError('timeout', 'timeout', destination, request))
    })
    const unhook = onExit(process, (reason) => {
      disarm(timeout)
      fail(new CallError('exit', reason, destination, request))
    })
    if (timeoutMs !== 'infinity') arm(timeout, timeoutMs)
    const apply = (server: Server): void => {
      // What a person asked for and no longer waits for is better not done.
      if (isGivenUp) return
      unhook()
      disarm(timeout)
      const outcome = perform(server, process, operation, argument)
      if ('error' in outcome) fail(outcome.error)
      else done(outcome.ok)
    }
    post(process, new SystemMessage(apply))
  })
}

type Result = { readonly ok: unknown } | { readonly error: unknown }

function perform(server: Server, process: Process, name: Operation, argument: unknown): Result {
  const operation: (server: Server, process: Process, argument: never) => unknown = operations[name]
  const idleMs = stopIdle(server)
  let outcome: Result
  try {
    outcome = { ok: operation(server, process, argument as never) }
  } catch (error) {
    outcome = { error }
  }
  if (idleMs !== undefined && process.status !== DEAD) armIdle(process, server, idleMs)
  return outcome
}

function notAServer(operation: string, process: Process): ArborError {
  const advice = 'ask a GenServer or a supervisor; processInfo shows any process'
  const attempt = { operation, target: process }
  return new ArborError('not_a_server', `${process} is no server`, advice, attempt)
}

// --- Other threads ---

/** What to do where an instance of this thread's cannot go. */
export const codeElsewhere = 'change code in all threads with upgradeEverywhere'

/** What to do in place of an operation whose argument is a function. */
const adviceElsewhere: Partial<Record<Operation, string>> = {
  changeCode: codeElsewhere,
  install: 'let a process of that thread do it; log, statistics and trace with true are data',
  replaceState: 'give { state } in place of a function',
  trace: 'give true, for the logger of its thread, or use log and getLog',
}

async function askElsewhere(
  operation: Operation,
  destination: Destination,
  process: Process,
  argument: unknown,
  timeoutMs: number | 'infinity',
): Promise<unknown> {
  const isCode = operation === 'changeCode' || operation === 'install'
  if (isCode || typeof argument === 'function') {
    throw notLocal(`sys.${operation}`, process, adviceElsewhere[operation])
  }
  const message = new SystemRequest(operation, argument)
  const outcome = (await request(destination, message, { timeoutMs })) as Result
  if ('error' in outcome) throw outcome.error
  return outcome.ok
}

/**
 * An operation on its way to another thread. When nobody waits for it any more it is done all the
 * same, as in OTP: the news of that may come too late.
 */
export class SystemRequest extends LoopRequest {
  readonly type: Operation
  readonly argument: unknown

  constructor(type: Operation, argument: unknown) {
    super()
    this.type = type
    this.argument = argument
  }

  arrive(process: Process, call: RemoteCall): void {
    const { type, argument } = this
    if (!isServer(process)) {
      call.succeed({ error: notAServer(type, process) })
      return
    }
    const apply = (server: Server): void => {
      if (call.status !== WAITING) return
      // What ends the server by being done is done.
      call.unwatch()
      answer(call, type, perform(server, process, type, argument))
    }
    post(process, new SystemMessage(apply))
  }
}

registerCodec<SystemRequest, readonly [Operation, unknown]>({
  name: 'SystemRequest',
  class: SystemRequest,
  encode: ({ type, argument }) => [type, argument],
  decode: ([type, argument]) => new SystemRequest(type, argument),
})

/** Answers with what came of it, as far as that can cross. */
function answer(call: RemoteCall, operation: Operation, outcome: Result): void {
  try {
    call.succeed(outcome)
  } catch (error) {
    const isShown = operation === 'getStatus' || operation === 'getLog'
    call.succeed(isShown ? sanitized(outcome) : { error: stateStays(operation, call, error) })
  }
}

function stateStays(operation: Operation, { target }: RemoteCall, cause: unknown): ArborError {
  const attempt = { operation: `sys.${operation}`, target: String(target) }
  const advice = 'getStatus shows it, with words for what cannot cross'
  const message = `the state of ${target} cannot cross to another thread`
  return new ArborError('cannot_cross', message, advice, attempt, cause)
}
