// How a GenServer comes to life: name, link, then `init`; and how whoever starts it learns that it
// did not. When `init` is synchronous, so is the start: a supervisor restarts such a child without
// leaving its turn.
import { ArborError } from '../runtime/arbor-error.ts'
import { registerError } from '../runtime/codec.ts'
import { type ExitReason, formatReason } from '../runtime/exit-reason.ts'
import { putFront } from '../runtime/mailbox.ts'
import { DEAD, type Pid, type Process, processOf, RUNNING } from '../runtime/pid.ts'
import { makeProcess } from '../runtime/process.ts'
import { register, whereis } from '../runtime/registry.ts'
import { enter, resume, suspend } from '../runtime/scheduler.ts'
import { exitProcess, exitReasonOf, link, onExit, reasonOf, unlink } from '../runtime/signal.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import { type Callbacks, classNameOf, type Outcome } from './callbacks.ts'
import { armIdle, extend, Hibernation } from './server-extension.ts'
import { adopt, badReturn, Continue, isThrownResult, Server, serve } from './server-loop.ts'

/** How a server is started; behaviours only, programs see `StartOptions`. */
export interface ServerOptions {
  readonly name?: string | undefined
  readonly parent?: Pid | undefined
  readonly timeoutMs?: number | undefined
  readonly hibernateAfterMs?: number | undefined
  /** Given the process when `init` has succeeded, before its first message. */
  readonly onStarted?: (process: Process) => void
}

/**
 * A server did not start: `init` failed (`init_failed`), took too long (`timeout`) or returned
 * `{ ignore: true }` (`ignored`), or its name is taken (`already_started`).
 */
export class StartError extends ArborError {
  override readonly name = 'StartError'
  declare readonly code: 'init_failed' | 'timeout' | 'ignored' | 'already_started'
  /** With what `init` failed; `normal` when ignored. */
  readonly reason: ExitReason
  /** Who has the name already. */
  readonly pid: Pid | undefined

  constructor(
    code: StartError['code'],
    server: string,
    reason: ExitReason,
    name?: string,
    holder?: Pid,
  ) {
    const attempt = { operation: 'start', target: name ?? server }
    const cause = errorIn(reason)
    const [message, advice] = {
      init_failed: [
        `${server} did not start, ${formatReason(reason)}`,
        'see reason, and init of that class',
      ],
      timeout: [
        `init of ${server} took too long`,
        'raise timeoutMs, or leave work to handleContinue',
      ],
      ignored: [`init of ${server} chose not to start`, 'go on without it'],
      already_started: [
        `${holder} is named "${name}" already`,
        'use that one, or start under another name',
      ],
    }[code] as [string, string]
    super(code, message, advice, attempt, cause)
    this.reason = reason
    this.pid = holder
  }
}

registerError(StartError)

/** What was thrown behind a reason, also by the child that kept a supervisor from starting. */
function errorIn(reason: unknown): unknown {
  if (typeof reason !== 'object' || reason === null) return undefined
  if ('error' in reason) return reason.error
  if ('shutdown' in reason) return errorIn(reason.shutdown)
  return 'failedToStartChild' in reason && 'reason' in reason ? errorIn(reason.reason) : undefined
}

/** Told of each server before its `init`; may give it other callbacks. */
let starting: ((process: Process, server: Server) => void) | null = null

/** Sets who is told; the code server only, from its first module on. */
export function onServerStart(told: typeof starting): void {
  starting = told
}

/**
 * Starts a server: at once, or as a promise when `init` returns one. Throws (or rejects with) a
 * `StartError` when it did not start; then nothing is left of it.
 */
export function startServer(
  callbacks: Callbacks,
  options: ServerOptions,
): Process | Promise<Process> {
  const { name } = options
  const className = classNameOf(callbacks)
  refuseSecondStart(callbacks, className)
  const holder = name === undefined ? undefined : whereis(name)
  if (holder !== undefined) {
    throw new StartError('already_started', className, 'already_started', name, holder)
  }
  const parent = options.parent === undefined ? null : processOf(options.parent)
  if (parent?.status === DEAD) throw new StartError('init_failed', className, 'noproc')
  const server = new Server(callbacks, parent)
  const process = makeProcess(serve, server)
  process.status = RUNNING
  adopt(callbacks, process)
  if (name !== undefined) claim(name, process, className)
  if (parent !== null) link(parent, process)
  if (options.hibernateAfterMs !== undefined) {
    const hibernation = new Hibernation(process, options.hibernateAfterMs)
    extend(process, server).hibernation = hibernation
  }
  let outcome: unknown
  const interrupted = enter(process)
  try {
    if (starting !== null) starting(process, server)
    outcome = server.callbacks.init()
  } catch (thrown) {
    if (!isThrownResult(thrown)) throw initFailed(process, server, initReason(server, thrown))
    outcome = thrown
  } finally {
    enter(interrupted)
  }
  if (!(outcome instanceof Promise)) return initialised(process, server, outcome, options)
  suspend(process)
  return awaitInit(process, server, outcome, options)
}

/** Registers a server about to start. Another thread may have been faster since we looked. */
function claim(name: string, process: Process, className: string): void {
  try {
    register(name, process)
  } catch (error) {
    exitProcess(process, 'normal')
    const holder = whereis(name)
    if (holder === undefined) throw error
    throw new StartError('already_started', className, 'already_started', name, holder)
  }
}

function refuseSecondStart({ self }: Callbacks, className: string): void {
  if (self === undefined) return
  const attempt = { operation: 'start', target: className }
  const advice = 'an instance serves one process: make a new one for each start'
  throw new ArborError('already_started', `this ${className} has been started`, advice, attempt)
}

/** What `init` threw, as an exit reason. */
function initReason(server: Server, thrown: unknown): ExitReason {
  return reasonOf(thrown, { server: classNameOf(server.callbacks), callback: 'init' })
}

/** Ends a start whose `init` takes too long. */
class InitTimeout extends WheelTimer {
  readonly #giveUp: () => void

  constructor(giveUp: () => void) {
    super()
    this.#giveUp = giveUp
  }

  expire(): void {
    this.#giveUp()
  }
}

function awaitInit(
  process: Process,
  server: Server,
  init: Promise<unknown>,
  options: ServerOptions,
): Promise<Process> {
  return new Promise((resolve, reject) => {
    const className = classNameOf(server.callbacks)
    const timeout = new InitTimeout(() => {
      unhook()
      reject(new StartError('timeout', className, 'timeout'))
      // Its link would tell the starter a second time.
      if (server.parent !== null) unlink(process, server.parent)
      exitProcess(process, 'killed')
    })
    // Whatever ends the process before init has returned, the starter is answered.
    const unhook = onExit(process, (reason) => {
      disarm(timeout)
      reject(new StartError('init_failed', className, reason))
    })
    if (options.timeoutMs !== undefined) arm(timeout, options.timeoutMs)
    const settle = (settled: () => Process): void => {
      unhook()
      disarm(timeout)
      if (process.status === DEAD) return
      try {
        resolve(settled())
      } catch (error) {
        reject(error)
      }
    }
    init.then(
      (outcome) => settle(() => initialised(process, server, outcome, options)),
      (thrown) =>
        settle(() => {
          if (isThrownResult(thrown)) return initialised(process, server, thrown, options)
          throw initFailed(process, server, initReason(server, thrown))
        }),
    )
  })
}

function initialised(
  process: Process,
  server: Server,
  returned: unknown,
  options: ServerOptions,
): Process {
  const className = classNameOf(server.callbacks)
  // Its own init may have ended it.
  if (process.status === DEAD) throw endedInInit(process, className)
  if (typeof returned !== 'object' || returned === null || !isInitResult(returned)) {
    const call = { server: className, callback: 'init' }
    throw initFailed(process, server, { error: badReturn(server, 'init', returned), call })
  }
  const outcome: Outcome = returned
  if (outcome.stop !== undefined) throw initFailed(process, server, outcome.stop)
  if (outcome.ignore === true) throw initFailed(process, server, 'normal', 'ignored')
  server.state = outcome.state
  if (outcome.timeoutMs !== undefined) armIdle(process, server, outcome.timeoutMs)
  server.extension?.hibernation?.noteActivity()
  if (outcome.continue !== undefined) putFront(process, new Continue(outcome.continue))
  options.onStarted?.(process)
  resume(process)
  return process
}

function isInitResult(returned: object): boolean {
  return 'state' in returned || 'stop' in returned || 'ignore' in returned
}

function endedInInit(process: Process, className: string): StartError {
  return new StartError('init_failed', className, exitReasonOf(process))
}

function initFailed(
  process: Process,
  server: Server,
  reason: ExitReason,
  code: 'init_failed' | 'ignored' = 'init_failed',
): StartError {
  const error = new StartError(code, classNameOf(server.callbacks), reason)
  // The starter is answered by the error; its link would tell it a second time.
  if (server.parent !== null) unlink(process, server.parent)
  exitProcess(process, reason)
  return error
}
