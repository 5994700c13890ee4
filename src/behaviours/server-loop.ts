// What runs a GenServer: takes its messages, calls its callbacks, applies what they return. The
// synchronous path is a straight line; only a promise leaves it: the process is suspended until it
// settles, and when the process has ended meanwhile, the result is dropped.
import { ArborError } from '../runtime/arbor-error.ts'
import { PendingCall } from '../runtime/call.ts'
import { registerCodec } from '../runtime/codec.ts'
import { type AttemptedCall, type ExitReason, isOrderly } from '../runtime/exit-reason.ts'
import { log } from '../runtime/logger.ts'
import { DEAD, type Pid, type Process, RUNNING, SUSPENDED } from '../runtime/pid.ts'
import { hibernate } from '../runtime/process-flag.ts'
import { type Description, describeProcessesOf } from '../runtime/process-info.ts'
import { enter, resume, suspend } from '../runtime/scheduler.ts'
import { Exit, exitProcess, handleCrashesOf, isExitThrow, reasonOf } from '../runtime/signal.ts'
import { disarm } from '../runtime/timer-wheel.ts'
import { type Callbacks, classNameOf, type Outcome, type ServerStatus } from './callbacks.ts'
import type { SystemEvent } from './server-debug.ts'
import { armIdle, IdleTimeout, type ServerExtension } from './server-extension.ts'
import { StopRequest } from './stop-request.ts'

/** A cast on its way. */
export class Cast {
  readonly request: unknown

  constructor(request: unknown) {
    this.request = request
  }
}

// To a server in another thread.
registerCodec({ name: 'Cast', class: Cast, encode: (c) => c.request, decode: (r) => new Cast(r) })

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
  extension: ServerExtension | null = null
  /** Done just before the end: OTP gives the reply of { reply, stop } when `terminate` is done. */
  declare last?: () => void

  constructor(callbacks: Callbacks, parent: Process | null) {
    this.callbacks = callbacks
    this.parent = parent
  }
}

// --- Serve ---

/** Handles one message; the `Receive` of every server. */
export function serve(message: unknown, state: unknown, process: Process): unknown {
  const server = state as Server
  const { callbacks } = server
  if (server.extension !== null) attend(process, server.extension, message)
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

/** A message has come for a server with an extension. */
function attend(process: Process, extension: ServerExtension, message: unknown): void {
  const { idle, hibernation, debug } = extension
  const isSystem = message instanceof SystemMessage
  const isVoid = message instanceof IdleTimeout && message !== idle
  if (hibernation !== null) hibernation.noteActivity()
  if (isSystem || isVoid) return
  // The wait for a message is over.
  if (idle !== null) {
    if (message !== idle) {
      idle.isVoid = true
      disarm(idle)
    }
    extension.idle = null
  }
  if (debug !== null && !(message instanceof Continue)) debug.notify(process, arrivalOf(message))
}

function arrivalOf(message: unknown): SystemEvent {
  if (message instanceof PendingCall) {
    return { type: 'in', kind: 'call', message: message.request, from: message }
  }
  if (message instanceof Cast) return { type: 'in', kind: 'cast', message: message.request }
  const isTimeout = message instanceof IdleTimeout
  return { type: 'in', kind: 'info', message: isTimeout ? 'timeout' : message }
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
  } else if (message instanceof CodeChange) applyCodeChange(process, server, message)
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
  const outcome = outcomeOf(server, returned, call)
  const isReply = outcome.reply !== undefined || 'reply' in outcome
  if (isReply && outcome.stop !== undefined) server.last = () => call.succeed(outcome.reply)
  else if (isReply) call.succeed(outcome.reply)
  proceed(process, server, outcome, call)
}

/** Applies what another callback returned. */
function apply(process: Process, server: Server, returned: unknown, message: unknown): void {
  proceed(process, server, outcomeOf(server, returned, message), message)
}

function outcomeOf(server: Server, returned: unknown, message: unknown): Outcome {
  if (typeof returned !== 'object' || returned === null) {
    throw badReturn(server, callbackOf(message), returned)
  }
  const outcome: Outcome = returned
  if (outcome.state === undefined && !('state' in outcome || 'stop' in outcome)) {
    throw badReturn(server, callbackOf(message), returned)
  }
  return outcome
}

/** Next state, and what to do next. */
function proceed(process: Process, server: Server, outcome: Outcome, message: unknown): void {
  server.state = outcome.state
  if (server.extension !== null) tellOutcome(process, server.extension, outcome, message)
  if (outcome.stop !== undefined) terminate(process, server, outcome.stop)
  else if (outcome.continue !== undefined) goOn(process, server, new Continue(outcome.continue))
  else if (outcome.timeoutMs !== undefined) armIdle(process, server, outcome.timeoutMs)
  else if (outcome.hibernate === true) hibernate(process)
}

function tellOutcome(
  process: Process,
  { debug }: ServerExtension,
  outcome: Outcome,
  message: unknown,
): void {
  if (debug === null) return
  const { state } = outcome
  if (message instanceof PendingCall && 'reply' in outcome) {
    debug.notify(process, { type: 'out', reply: outcome.reply, to: message, state })
  } else debug.notify(process, { type: 'noreply', state })
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
  const message = `${name}.${callback} returned or threw ${String(returned)}`
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

/** Goes on with other callbacks; when their `codeChange` throws, all is as it was. */
export function changeCallbacks(
  process: Process,
  server: Server,
  callbacks: Callbacks,
  oldVersion: unknown,
  extra: unknown,
): void {
  adopt(callbacks, process)
  server.state = callbacks.codeChange(oldVersion, server.state, extra)
  server.callbacks = callbacks
}

function applyCodeChange(process: Process, server: Server, change: CodeChange): void {
  try {
    changeCallbacks(process, server, change.callbacks, change.oldVersion, change.extra)
    change.done()
  } catch (thrown) {
    change.done(thrown)
  }
}

// --- End ---

/** Calls `terminate`, then ends the process. */
export function terminate(process: Process, server: Server, reason: ExitReason): void {
  let returned: unknown
  const failed = (thrown: unknown): void => {
    const isResult = isThrownResult(thrown)
    const ended = isResult ? reason : reasonOf(thrown, blame(server, 'terminate', reason))
    finish(process, server, ended)
  }
  try {
    returned = server.callbacks.terminate(reason, server.state)
  } catch (thrown) {
    failed(thrown)
    return
  }
  if (!(returned instanceof Promise)) {
    finish(process, server, reason)
    return
  }
  suspend(process)
  returned.then(() => finish(process, server, reason), failed)
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
  server.last?.()
  exitProcess(process, reason)
}

/** A status as the server's `formatStatus` lets it be seen. */
export function formatted({ callbacks }: Server, status: ServerStatus): ServerStatus {
  if (callbacks.formatStatus === undefined) return status
  try {
    return callbacks.formatStatus(status)
  } catch {
    // Nothing of it: who knows what was to be struck out.
    const state = 'formatStatus failed'
    return status.message === undefined ? { state } : { state, message: state }
  }
}

/** A callback threw while it handled a message. */
export function crash(process: Process, thrown: unknown, message: unknown): void {
  // It ended itself, or was ended by what it did.
  if (process.status === DEAD) return
  const server = process.state as Server
  const interrupted = enter(process)
  try {
    if (isThrownResult(thrown)) applyThrown(process, server, thrown, message)
    else terminate(process, server, reasonOf(thrown, blame(server, callbackOf(message), message)))
  } finally {
    enter(interrupted)
  }
}

/**
 * Whether a callback threw its result: what is no Error counts as returned, as in OTP. So a
 * function deep within a callback can end it with `throw { reply, state }`.
 */
export function isThrownResult(thrown: unknown): boolean {
  return !(thrown instanceof Error || isExitThrow(thrown))
}

function applyThrown(process: Process, server: Server, thrown: unknown, message: unknown): void {
  try {
    if (message instanceof PendingCall) applyCall(process, server, thrown, message)
    else apply(process, server, thrown, message)
  } catch (error) {
    terminate(process, server, reasonOf(error, blame(server, callbackOf(message), message)))
  }
}

handleCrashesOf(serve, crash)
describeProcessesOf(serve, describeServer)

/** A server is known by its class. */
export function describeServer(state: unknown): Description {
  const behaviour = classNameOf((state as Server).callbacks)
  return { behaviour, initialCall: `${behaviour}.init` }
}

function blame(server: Server, callback: string, message: unknown): AttemptedCall {
  const given =
    message instanceof PendingCall || message instanceof Cast ? message.request : message
  // The reason travels to links, monitors and reports: secrets of the message do not.
  const { message: shown } = formatted(server, { state: server.state, message: given })
  return { server: classNameOf(server.callbacks), callback, message: shown }
}

function callbackOf(message: unknown): string {
  if (message instanceof PendingCall) return 'handleCall'
  if (message instanceof Cast) return 'handleCast'
  return message instanceof Continue ? 'handleContinue' : 'handleInfo'
}
