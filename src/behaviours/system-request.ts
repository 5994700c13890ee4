// A request to the loop of a server rather than to its callbacks; sys.ts has those that exist.
import { CALL_TIMEOUT_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { CallError } from '../runtime/call.ts'
import { DEAD, type Destination, type Process, REMOTE } from '../runtime/pid.ts'
import { resolve } from '../runtime/registry.ts'
import { post } from '../runtime/scheduler.ts'
import { notLocal, onExit } from '../runtime/signal.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import { isServer } from './hold.ts'
import { armIdle, stopIdle } from './server-extension.ts'
import { type Server, SystemMessage } from './server-loop.ts'

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
 * it. Rejects with what `answer` throws; with a `CallError` when the server is not there, ends first
 * or is late; with an `ArborError` `not_a_server`.
 */
export function askServer<T>(
  operation: string,
  destination: Destination,
  answer: (server: Server, process: Process) => T,
  { timeoutMs = CALL_TIMEOUT_MS }: SystemOptions = {},
): Promise<T> {
  const process = resolve(destination)
  return new Promise((done, fail) => {
    const request = { type: operation }
    if (process === undefined || process.status === DEAD) {
      fail(new CallError('noproc', 'noproc', destination, request))
      return
    }
    if (process.status === REMOTE) {
      fail(notLocal(operation, process))
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
      const idleMs = stopIdle(server)
      try {
        done(answer(server, process))
      } catch (error) {
        fail(error)
      }
      if (idleMs !== undefined && process.status !== DEAD) armIdle(process, server, idleMs)
    }
    post(process, new SystemMessage(apply))
  })
}

function notAServer(operation: string, process: Process): ArborError {
  const advice = 'ask a GenServer or a supervisor; processInfo shows any process'
  const attempt = { operation, target: process }
  return new ArborError('not_a_server', `${process} is no server`, advice, attempt)
}
