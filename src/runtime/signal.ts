// What processes tell each other beside messages: links (two-way, "we end together"), monitors
// (one-way, "tell me when you end") and exit signals. Signals act on arrival, not behind queued
// messages; between two processes all signals and messages keep their order (Erlang reference
// manual, "Processes", signals).
//
//   link(worker)                       // if worker crashes, so do we, unless we trap exits
//   const ref = monitor(worker)        // Down { ref, pid, reason } arrives once, whatever happens
//   exit(worker, 'shutdown')           // an orderly end; 'kill' cannot be trapped
//
// A crash that takes a million linked processes along is a loop over a work list, never recursion.
import { ArborError } from './arbor-error.ts'
import { leaveAsyncCode } from './async-code.ts'
import { type AttemptedCall, type ExitReason, isOrderly } from './exit-reason.ts'
import { log } from './logger.ts'
import { NONE } from './mailbox.ts'
import { DEAD, type Pid, type Process, processOf, REMOTE, type Receive, remoteOf } from './pid.ts'
import { removeMessages, Selective } from './receive.ts'
import { release } from './registry.ts'
import { type CrashHandler, checkCaller, currentProcess, onCrash, post } from './scheduler.ts'
import { caller } from './self.ts'
import { tracer } from './tracer.ts'

/** An exit signal, as a process that traps exits receives it. */
export class Exit {
  readonly type = 'EXIT'
  /** Who ended, or who sent the signal; null when it came from outside of any process. */
  readonly from: Pid | null
  readonly reason: ExitReason
  readonly #isOfLink: boolean

  /** `isOfLink`: a link brought it, not somebody's `exit`; the kernel only. */
  constructor(from: Pid | null, reason: ExitReason, isOfLink = false) {
    this.from = from
    this.reason = reason
    this.#isOfLink = isOfLink
  }

  /** Whether a message is what the end of a linked process has brought. */
  static isOfLink(message: unknown, other: Pid): boolean {
    return message instanceof Exit && message.from === other && message.#isOfLink
  }
}

export { onExit, waitForExit } from './exit-hook.ts'
export { Down, demonitor, Monitor, type MonitorRef, monitor } from './monitor.ts'
export { self } from './self.ts'

/** Thrown to leave the callback of a process that has just ended itself; carries its reason. */
class ExitThrow {
  readonly reason: ExitReason

  constructor(reason: ExitReason) {
    this.reason = reason
  }
}

let processes = 0

/** Living processes of this thread. */
export function processCount(): number {
  return processes
}

/** A process has been made; process.ts and behaviours only. */
export function countProcess(): void {
  processes++
}

/**
 * Whether the calling process shall receive exit signals as `Exit` messages; returns what was
 * before.
 */
export function trapExit(on = true, pid: Pid = caller('trapExit')): boolean {
  checkCaller()
  const process = processOf(pid)
  const before = process.trapExit
  process.trapExit = on
  return before
}

// --- Links ---

/**
 * Links the calling process (or `owner`) with another: when one crashes, the other gets its exit
 * signal. To a dead process: an `Exit` with `noproc` for who traps exits; otherwise it throws.
 */
export function link(pid: Pid, owner: Pid = caller('link')): void {
  checkCaller()
  const a = processOf(owner)
  const b = processOf(pid)
  if (a === b || a.status === DEAD) return
  if (b.status === DEAD) {
    if (!a.trapExit) throw deadLink(b)
    post(a, new Exit(b, 'noproc', true))
    return
  }
  if (a.status === REMOTE && b.status === REMOTE) throw notLocal('link', a)
  addLink(a, b)
  addLink(b, a)
  if (b.status === REMOTE) remoteOf(b).link(b, a)
  else if (a.status === REMOTE) remoteOf(a).link(a, b)
  if (tracer !== null) tracer.onLink('link', a, b)
}

/** What only the thread of a process can do. */
export function notLocal(
  operation: string,
  pid: Process,
  advice = 'let a process of that thread do it',
): ArborError {
  const attempt = { operation, target: pid }
  return new ArborError('not_local', `${pid} lives in another thread`, advice, attempt)
}

function deadLink(pid: Process): ArborError {
  const attempt = { operation: 'link', target: pid }
  const advice = 'start it again, or trap exits to be told by a message'
  return new ArborError('noproc', `${pid} has ended`, advice, attempt)
}

/**
 * Removes a link; no exit signal of it arrives from now on, nor an `Exit` message not yet received.
 */
export function unlink(pid: Pid, owner: Pid = caller('unlink')): void {
  checkCaller()
  const a = processOf(owner)
  const b = processOf(pid)
  deleteLink(a, b)
  deleteLink(b, a)
  if (b.status === REMOTE) remoteOf(b).unlink(b, a)
  else if (a.status === REMOTE) remoteOf(a).unlink(a, b)
  if (tracer !== null) tracer.onLink('unlink', a, b)
  removeMessages(a, (message) => Exit.isOfLink(message, b))
}

/**
 * Removes a link of this thread and leaves the mailbox alone, however long it is; for supervisors,
 * which know their children and drop an `Exit` of anybody else.
 */
export function severLink(pid: Pid, owner: Pid): void {
  const a = processOf(owner)
  const b = processOf(pid)
  deleteLink(a, b)
  deleteLink(b, a)
}

/** The processes linked to one. */
export function linksOf(pid: Pid): Pid[] {
  const { links } = processOf(pid)
  if (links === null) return []
  return links instanceof Set ? [...links] : [links]
}

/** The other side has taken back the link between two processes; remote-peer.ts. */
export function dropLink(a: Process, b: Process): void {
  deleteLink(a, b)
  deleteLink(b, a)
}

function addLink(a: Process, b: Process): void {
  const links = a.links
  if (links === null) a.links = b
  else if (links instanceof Set) links.add(b)
  else if (links !== b) a.links = new Set([links, b])
}

function deleteLink(a: Process, b: Process): void {
  const links = a.links
  if (links === b) a.links = null
  else if (links instanceof Set) links.delete(b)
}

// --- Exits ---

/** Ends the calling process with a reason; its callback is left at once. */
export function exit(reason: ExitReason): never
/**
 * Sends an exit signal. `normal` from another process is ignored unless trapped; `kill` cannot be
 * trapped and arrives at others as `killed`; any other reason ends the process, or arrives as a
 * message if it traps.
 */
export function exit(pid: Pid, reason: ExitReason): void
export function exit(target: Pid | ExitReason, ...given: [reason?: ExitReason]): void {
  checkCaller()
  if (given.length === 0) throw new ExitThrow(target as ExitReason)
  const [reason] = given
  if (reason === undefined) throw noReason(target)
  const from = currentProcess()
  // Whoever hears of it, hears of it outside of the code that ends its own process by this.
  leaveAsyncCode(() => signalExit(processOf(target as Pid), from, reason))
  leaveIfDead(from)
}

/** A reason that got lost must not end the caller instead, with a pid for its reason. */
function noReason(target: unknown): ArborError {
  const attempt = { operation: 'exit', target: String(target) }
  const advice = "give a reason, such as 'shutdown'"
  return new ArborError('bad_reason', `exit of ${target} without a reason`, advice, attempt)
}

/** A process that has just ended its own must not go on with its callback. */
function leaveIfDead(process: Process | null): void {
  if (process !== null && process.status === DEAD) throw new ExitThrow('killed')
}

/** Delivers an exit signal; `from` may be null. */
export function signalExit(target: Process, from: Process | null, reason: ExitReason): void {
  if (target.status >= DEAD) {
    if (target.status === REMOTE) remoteOf(target).exit(target, from, reason)
    return
  }
  if (reason === 'kill') exitProcess(target, 'killed')
  else if (target.trapExit) post(target, new Exit(from, reason))
  else if (reason !== 'normal' || target === from) exitProcess(target, reason)
}

/** With what a dead process ended; its record keeps that in place of the state. */
export function exitReasonOf(process: Process): ExitReason {
  return process.status === DEAD ? (process.state as ExitReason) : 'normal'
}

interface Pending {
  readonly process: Process
  readonly reason: ExitReason
}

const ended: Receive = () => undefined

/** Ends a process: name, watchers, links, in this order; and whoever that takes along. */
export function exitProcess(first: Process, firstReason: ExitReason): void {
  const work: Pending[] = [{ process: first, reason: firstReason }]
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const { process, reason } = next
    if (process.status === DEAD) continue
    const { extension, links } = process
    if (process.status !== REMOTE) processes--
    process.status = DEAD
    process.first = NONE
    process.queue = null
    if (process.state instanceof Selective) process.state.abandon()
    // A call made in this slice may not watch it yet: it finds the reason here.
    process.state = reason
    process.receive = ended
    process.links = null
    if (tracer !== null) tracer.onExit(process, reason)
    if (extension !== null) {
      if (extension.name !== null) release(extension.name)
      process.extension = null
      for (let edge = extension.monitors; edge !== null; edge = edge.ownNext) edge.abandon()
      for (let watch = extension.watches; watch !== null; watch = extension.watches) {
        extension.watches = watch.watchNext
        if (watch.watchNext !== null) watch.watchNext.watchPrevious = null
        watch.watchNext = null
        watch.target = null
        watch.onExit(process, reason)
      }
    }
    if (links instanceof Set) for (const other of links) propagate(other, process, reason, work)
    else if (links !== null) propagate(links, process, reason, work)
  }
}

/** The end of one of two linked processes reaches the other. */
function propagate(to: Process, from: Process, reason: ExitReason, work: Pending[]): void {
  deleteLink(to, from)
  if (to.status >= DEAD) {
    if (to.status === REMOTE) remoteOf(to).linkBroken(to, from)
    return
  }
  if (to.trapExit) post(to, new Exit(from, reason, true))
  else if (reason !== 'normal') work.push({ process: to, reason })
}

// --- Crashes ---

const crashHandlers = new Map<Receive, CrashHandler>()

/** Who ends a process of a behaviour after a crash: it may have to be told first (`terminate`). */
export function handleCrashesOf(receive: Receive, handler: CrashHandler): void {
  crashHandlers.set(receive, handler)
}

/** Whether what a callback threw comes from `exit(reason)`. */
export function isExitThrow(thrown: unknown): boolean {
  return thrown instanceof ExitThrow
}

/** What a callback threw, as an exit reason. */
export function reasonOf(thrown: unknown, call: AttemptedCall): ExitReason {
  return thrown instanceof ExitThrow ? thrown.reason : { error: thrown, call }
}

/** Reports a crash and ends the process with it. */
export function endByCrash(process: Process, thrown: unknown, call: AttemptedCall): void {
  if (process.status === DEAD) return
  const reason = reasonOf(thrown, call)
  if (!isOrderly(reason)) log(() => ({ level: 'error', event: 'crash', pid: process, reason }))
  exitProcess(process, reason)
}

onCrash((process, thrown, message) => {
  // It ended itself, or was ended by what it did, in the middle of its callback.
  if (process.status === DEAD) return
  const handler = crashHandlers.get(process.receive)
  if (handler !== undefined) {
    handler(process, thrown, message)
    return
  }
  endByCrash(process, thrown, { callback: 'receive', message })
})
