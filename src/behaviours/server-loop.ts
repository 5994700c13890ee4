// What runs a GenServer: takes its messages, calls its callbacks, applies what they return. The
// synchronous path is a straight line; only a callback that returns a promise leaves it: the
// process is suspended until the promise settles, and when the process has ended meanwhile, the
// result is dropped.
import { ArborError } from '../runtime/arbor-error.ts'
import { PendingCall } from '../runtime/call.ts'
import { type AttemptedCall, type ExitReason, isOrderly } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import { DEAD, type Pid, type Process, RUNNING, SUSPENDED } from '../runtime/pid.ts'
import { enter, post, resume, suspend } from '../runtime/scheduler.ts'
import { Exit, exitProcess, handleCrashesOf, reasonOf } from '../runtime/signal.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import { type Callbacks, classNameOf, type Outcome, type ServerStatus } from './callbacks.ts'

/** A cast on its way. */
export class Cast {
  readonly request: unknown

  constructor(request: unknown) {
    this.request = request
  }
}

/** Asks a server to stop. */
export class StopRequest {
  readonly type = 'stop'
  readonly reason: ExitReason

  constructor(reason: ExitReason) {
    this.reason = reason
  }
}

/** Asks a server to go on with the callbacks of another instance. */
export class CodeChange {
  readonly callbacks: Callbacks
  readonly oldVersion: unknown
  readonly extra: unknown
  readonly done: (failure?: unknown) => void

  constructor(
    callbacks: Callbacks,
    oldVersion: unknown,
    extra: unknown,
    done: (failure?: unknown) => void,
  ) {
    this.callbacks = callbacks
    this.oldVersion = oldVersion
    this.extra = extra
    this.done = done
  }
}

/** What the loop does to a server without its callbacks; see sys.ts. */
export class SystemMessage {
  readonly apply: (server: Server, process: Process) => void

  constructor(apply: (server: Server, process: Process) => void) {
    this.apply = apply
  }
}

/** What a callback left for later. */
export class Continue {
  readonly term: unknown

  constructor(term: unknown) {
    this.term = term
  }
}

/** The loop's record of one server: the state of its process. */
export class Server {
  callbacks: Callbacks
  state: unknown = undefined
  readonly parent: Process | null
  idle: IdleTimeout | null = null

  constructor(callbacks: Callbacks, parent: Process | null) {
    this.callbacks = callbacks
    this.parent = parent
  }
}

/** Armed by `timeoutMs`; posts itself, and is void when another message was faster. */
class IdleTimeout extends WheelTimer {
  isVoid = false
  readonly timeoutMs: number
  readonly #process: Process

  constructor(process: Process, timeoutMs: number) {
    super()
    this.#process = process
    this.timeoutMs = timeoutMs
  }

  expire(): void {
    post(this.#process, this)
  }
}

// --- Serve ---

/** Handles one message; the `Receive` of every server. */
export function serve(message: unknown, state: unknown, process: Process): unknown {
  const server = state as Server
  const { callbacks } = server
  if (server.idle !== null) endIdle(server, message)
  if (message instanceof PendingCall) {
    const returned = callbacks.handleCall(message.request, message, server.state)
    if (returned instanceof Promise) awaitCallback(process, server, returned, message)
    else applyCall(process, server, returned, message)
  } else if (message instanceof Cast) {
    settle(process, server, callbacks.handleCast(message.request, server.state), message)
  } else {
    serveOther(process, server, message)
  }
  return server
}

function serveOther(process: Process, server: Server, message: unknown): void {
  const { callbacks, state } = server
  if (message instanceof Continue) {
    settle(process, server, callbacks.handleContinue(message.term, state), message)
  } else if (message instanceof IdleTimeout) {
    if (!message.isVoid) settle(process, server, callbacks.handleInfo('timeout', state), message)
  } else if (!serveSystem(message, server, process)) {
    settle(process, server, callbacks.handleInfo(message, state), message)
  }
}

/** Handles what is the loop's own, suspended or not; whether it was that. */
export function serveSystem(message: unknown, server: Server, process: Process): boolean {
  if (message instanceof StopRequest) terminate(process, server, message.reason)
  else if (message instanceof Exit && message.from === server.parent) {
    terminate(process, server, message.reason)
  } else if (message instanceof CodeChange) changeCallbacks(process, server, message)
  else if (message instanceof SystemMessage) message.apply(server, process)
  else return false
  return true
}

/** Applies what a callback other than `handleCall` returned, now or later. */
function settle(process: Process, server: Server, returned: unknown, message: unknown): void {
  if (returned instanceof Promise) awaitCallback(process, server, returned, message)
  else apply(process, server, returned, message)
}

/** Applies what `handleCall` returned. */
function applyCall(process: Process, server: Server, returned: unknown, call: PendingCall): void {
  if (typeof returned === 'object' && returned !== null) {
    const { reply: value }: Outcome = returned
    if (value !== undefined || 'reply' in returned) call.succeed(value)
  }
  apply(process, server, returned, call)
}

/** Applies what a callback returned: next state, and what to do next. */
function apply(process: Process, server: Server, returned: unknown, message: unknown): void {
  if (typeof returned !== 'object' || returned === null) {
    throw badReturn(server, callbackOf(message), returned)
  }
  const outcome: Outcome = returned
  server.state = outcome.state
  if (outcome.stop !== undefined) terminate(process, server, outcome.stop)
  else if (outcome.continue !== undefined) goOn(process, server, new Continue(outcome.continue))
  else if (outcome.timeoutMs !== undefined) armIdle(process, server, outcome.timeoutMs)
}

/** Calls `handleContinue` in the same turn; what it throws is its own. */
function goOn(process: Process, server: Server, next: Continue): void {
  try {
    settle(process, server, server.callbacks.handleContinue(next.term, server.state), next)
  } catch (thrown) {
    crash(process, thrown, next)
  }
}

export function badReturn(server: Server, callback: string, returned: unknown): ArborError {
  const name = classNameOf(server.callbacks)
  const message = `${name}.${callback} returned ${String(returned)}`
  const advice = 'return an object such as { state } or { reply, state }'
  const attempt = { operation: callback, target: name }
  return new ArborError('bad_return', message, advice, attempt, returned)
}

/** Suspends a process until the promise of its callback settles. */
function awaitCallback(
  process: Process,
  server: Server,
  promise: Promise<unknown>,
  message: unknown,
): void {
  suspend(process)
  const resumeWith = (step: () => void): void => {
    // Ended meanwhile: what the callback brings is nobody's any more.
    if (process.status !== SUSPENDED) return
    process.status = RUNNING
    const interrupted = enter(process)
    try {
      step()
    } catch (thrown) {
      crash(process, thrown, message)
    } finally {
      enter(interrupted)
    }
    if (process.status === RUNNING) resume(process)
  }
  promise.then(
    (returned) =>
      resumeWith(() => {
        if (message instanceof PendingCall) applyCall(process, server, returned, message)
        else apply(process, server, returned, message)
      }),
    (thrown) => resumeWith(() => crash(process, thrown, message)),
  )
}

/** An instance learns whose callbacks it is. */
export function adopt(callbacks: { self: Pid }, process: Process): void {
  callbacks.self = process
}

function changeCallbacks(process: Process, server: Server, change: CodeChange): void {
  try {
    adopt(change.callbacks, process)
    server.state = change.callbacks.codeChange(change.oldVersion, server.state, change.extra)
    server.callbacks = change.callbacks
    change.done()
  } catch (thrown) {
    change.done(thrown)
  }
}

// --- Idle timeout ---

export function armIdle(process: Process, server: Server, timeoutMs: number): void {
  const idle = new IdleTimeout(process, timeoutMs)
  server.idle = idle
  // Behind what waits already: that cancels it, what comes later does not.
  if (timeoutMs === 0) post(process, idle)
  else arm(idle, timeoutMs)
}

/** A message has come: the wait for one is over, unless it is an older wait's void timeout. */
function endIdle(server: Server, message: unknown): void {
  const { idle } = server
  if (idle === null) return
  if (message !== idle) {
    if (message instanceof IdleTimeout || message instanceof SystemMessage) return
    stopIdle(server)
  }
  server.idle = null
}

/** Takes back the timeout of a wait; returns its length, or undefined when there is none. */
export function stopIdle(server: Server): number | undefined {
  const { idle } = server
  if (idle === null) return undefined
  idle.isVoid = true
  disarm(idle)
  server.idle = null
  return idle.timeoutMs
}

// --- End ---

/** Calls `terminate`, then ends the process. */
function terminate(process: Process, server: Server, reason: ExitReason): void {
  let returned: unknown
  try {
    returned = server.callbacks.terminate(reason, server.state)
  } catch (thrown) {
    finish(process, server, reasonOf(thrown, blame(server, 'terminate', reason)))
    return
  }
  if (!(returned instanceof Promise)) {
    finish(process, server, reason)
    return
  }
  suspend(process)
  returned.then(
    () => finish(process, server, reason),
    (thrown) => finish(process, server, reasonOf(thrown, blame(server, 'terminate', reason))),
  )
}

function finish(process: Process, server: Server, reason: ExitReason): void {
  if (process.status === DEAD) return
  if (!isOrderly(reason)) {
    log(() => {
      const name = classNameOf(server.callbacks)
      const status = formatted(server, { state: server.state, reason })
      return { level: 'error', event: 'crash', pid: process, server: name, ...status }
    })
  }
  exitProcess(process, reason)
}

/** A status as the server's `formatStatus` lets it be seen. */
export function formatted({ callbacks }: Server, status: ServerStatus): ServerStatus {
  if (callbacks.formatStatus === undefined) return status
  try {
    return callbacks.formatStatus(status)
  } catch {
    return { ...status, state: 'formatStatus failed' }
  }
}

/** A callback threw while it handled a message. */
export function crash(process: Process, thrown: unknown, message: unknown): void {
  // It ended itself, or was ended by what it did.
  if (process.status === DEAD) return
  const server = process.state as Server
  const interrupted = enter(process)
  try {
    terminate(process, server, reasonOf(thrown, blame(server, callbackOf(message), message)))
  } finally {
    enter(interrupted)
  }
}

handleCrashesOf(serve, crash)

function blame(server: Server, callback: string, message: unknown): AttemptedCall {
  const given =
    message instanceof PendingCall || message instanceof Cast ? message.request : message
  return { server: classNameOf(server.callbacks), callback, message: given }
}

function callbackOf(message: unknown): string {
  if (message instanceof PendingCall) return 'handleCall'
  if (message instanceof Cast) return 'handleCast'
  return message instanceof Continue ? 'handleContinue' : 'handleInfo'
}
