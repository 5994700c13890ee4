// Gives every process its turn. One run queue a thread, first in first out; a turn is a budget of
// reductions (messages handled and messages sent); what a turn uses beyond its budget is owed by
// the turns to come, so that whoever floods others runs less often than those who have to keep up.
// After a slice of a millisecond Node's event loop gets its turn: timers and sockets stay prompt
// under full load.
//
// Three rules decide the speed, all found by measurement: sends count as reductions (without it a
// fan-in grows a backlog of a million messages); slices continue with setImmediate (a
// MessageChannel delays timers by a second); the first message of an idle process lies in its
// record.
import * as limits from '../limits.ts'
import { findAsyncCaller, leaveAsyncCode } from './async-code.ts'
import { systemClock } from './clock.ts'
import { deadLetter } from './dead-letter.ts'
import * as mailbox from './mailbox.ts'
import { put, take } from './mailbox.ts'
import { opened } from './mailbox-bound.ts'
import * as pid from './pid.ts'
import { type Process, remoteOf } from './pid.ts'
import { countReductions, totals } from './reductions.ts'
import { dequeue, enqueue, enqueueFirst, runQueueLength } from './run-queue.ts'
import { beginSlice, isSliceOver, nextCheck } from './slice-clock.ts'
import { currentClock, now, onWheelEmpty, restWheel } from './timer-wheel.ts'
import { tracer } from './tracer.ts'

// V8 compiles constants of this module into its code. Imported ones it reads again each time, and
// it calls a builtin to compare an imported symbol: a quarter of the price of a message.
const { BACKLOG_SHIFT, CLOCK_CHECK_REDUCTIONS, TURN_MESSAGES_MAX, TURN_REDUCTIONS_MAX } = limits
const { BOUNDED, DEAD, IDLE, REMOTE, RUNNABLE, RUNNING, SUSPENDED } = pid
const { NONE } = mailbox

/** The process in its turn; null outside of turns, and after the first `await` of a callback. */
let current: Process | null = null
/** Reductions charged for messages sent since the last turn began. */
let sent = 0
/** Whether a run of the queue is on its way. */
let isScheduled = false
/** Whether a slice belongs to this turn of the event loop; a `setImmediate` will close it. */
let isSliceOpen = false
/** Whether the slice's time is used up. */
let isSliceSpent = false
/** The wheel's clock as read when the slice began, in whole milliseconds. */
let sliceNowMs = 0
/** Reductions left until the next look at the clock. */
let untilCheck: number = CLOCK_CHECK_REDUCTIONS
/** Whose turn waits for a look at the clock; it goes on first, with what is left of it. */
let paused: Process | null = null
/** Messages of a turn; fewer only in tests. */
let turnMessages: number = TURN_MESSAGES_MAX
let handledBefore = 0
let sentBefore = 0

/** What `untilCheck` was charged for beside messages, since the last turns began. */
let notMessages = 0

/** Ends a process whose callback threw; set by signal.ts, which lies above. */
export type CrashHandler = (process: Process, thrown: unknown, message: unknown) => void

let crash: CrashHandler = (_, thrown) => {
  throw thrown
}

export function onCrash(handler: CrashHandler): void {
  crash = handler
}

/** The process whose code runs: the one in its turn, or an async one that has awaited something. */
export function currentProcess(): Process | null {
  return current === null && findAsyncCaller !== null ? findAsyncCaller() : current
}

/**
 * Throws when the code that runs is that of an async process which has ended; every entry of the
 * kernel begins with this, because nothing else can stop it.
 */
export function checkCaller(): void {
  if (findAsyncCaller !== null && current === null) findAsyncCaller()
}

/**
 * Makes a process the current one while another's turn (or none) is interrupted; returns that one.
 */
export function enter(process: Process | null): Process | null {
  const interrupted = current
  current = process
  return interrupted
}

/**
 * Whole milliseconds of the wheel's clock when this slice began, or now when none is open: cheap,
 * and late by a slice at most unless a callback blocks the thread.
 */
export function coarseNow(): number {
  return isSliceOpen && currentClock() === systemClock ? sliceNowMs : Math.ceil(now())
}

/** Puts a message into a mailbox and makes the process runnable. */
export function post(process: Process, message: unknown): void {
  if (tracer !== null) tracer.onSend(current, process, message)
  const status = process.status
  if (status >= DEAD) {
    if (status === REMOTE) sent += 1 + remoteOf(process).post(process, message)
    else deadLetter('no_process', process, message)
    return
  }
  sent += 1 + (put(process, message) >> BACKLOG_SHIFT)
  if (status === IDLE) makeRunnable(process)
}

/** Queues a process for its turn. */
function makeRunnable(process: Process): void {
  process.status = RUNNABLE
  enqueue(process)
  if (!isScheduled) kick()
}

/** Takes a process out of its turns until `resume`; for callbacks that return a promise. */
export function suspend(process: Process): void {
  process.status = SUSPENDED
}

/** Gives a suspended process its turns back. */
export function resume(process: Process): void {
  if (process.first === NONE) process.status = IDLE
  else makeRunnable(process)
}

/**
 * Charges the current turn for work done without messages (Erlang's bump_reductions). A callback
 * that computes for a millisecond charges TURN_REDUCTIONS_MAX: then its turn is over, and the event
 * loop's comes in time.
 */
export function bumpReductions(count: number): void {
  const whole = Math.ceil(count)
  sent += whole
  untilCheck -= whole
  notMessages += whole
}

/** What other threads are told, and when; set by remote-node.ts while there are any. */
export interface SliceHook {
  /** Nothing is runnable any more, or the slice is spent. */
  drained(): void
  /** The event loop had its turn; whether there is more to do as soon as it had the next. */
  closed(): boolean
}

let sliceHook: SliceHook | null = null

export function onSlice(hook: SliceHook | null): void {
  sliceHook = hook
}

/** Sees to it that the slice hook is called soon, also when nothing is runnable. */
export function wake(): void {
  if (!isScheduled) kick()
}

/** Makes turns shorter, for tests that look for what depends on their order; without one as usual. */
export function limitTurns(messages: number = TURN_MESSAGES_MAX): void {
  turnMessages = messages
}

const resolved: Promise<void> = Promise.resolve()

function kick(): void {
  isScheduled = true
  if (!isSliceOpen) openSlice()
  // A spent slice is continued by the immediate that closes it; a microtask would starve the loop.
  if (!isSliceSpent) void resolved.then(drainNow)
}

/**
 * Calls `then` in a microtask that first runs what is runnable by then: one promise kicks the
 * scheduler and carries the result. For call.ts.
 */
export function afterDrain<T>(then: () => T | Promise<T>): Promise<T> {
  if (!isScheduled) {
    isScheduled = true
    if (!isSliceOpen) openSlice()
  }
  return resolved.then(then)
}

/** Runs processes in a microtask, unless the slice is spent and the event loop comes first. */
export function drainNow(): void {
  if (!isSliceSpent) leaveAsyncCode(drain)
}

function openSlice(): void {
  isSliceOpen = true
  isSliceSpent = false
  sliceNowMs = Math.ceil(now())
  untilCheck = beginSlice()
  setImmediate(closeSlice)
  if (tracer !== null) tracer.onSlice('slice_begin', runQueueLength())
}

// Whoever takes out the last timer, perhaps from outside of any slice: its end lets Node exit.
onWheelEmpty(() => {
  if (!isSliceOpen) openSlice()
})

function closeSlice(): void {
  leaveAsyncCode(closeSliceNow)
}

function closeSliceNow(): void {
  isSliceOpen = false
  // Whatever the hook makes runnable runs in the slice that follows.
  isScheduled = true
  const goesOn = sliceHook?.closed() ?? false
  if (tracer !== null) tracer.onSlice('slice_end', runQueueLength())
  if (runQueueLength() === 0 && !goesOn) {
    isScheduled = false
    restWheel()
    return
  }
  openSlice()
  drain()
}

/** Runs processes until none is runnable or the slice is spent. */
function drain(): void {
  while (runQueueLength() > 0) {
    if (untilCheck <= 0 && isOver()) {
      isSliceSpent = true
      if (sliceHook !== null) sliceHook.drained()
      return
    }
    runSome()
  }
  isScheduled = false
  if (sliceHook !== null) sliceHook.drained()
  // Chains of microtasks, such as a loop that awaits calls, never come back to the event loop by
  // themselves.
  if (untilCheck <= 0) isSliceSpent = isOver()
}

/** Looks at the clock; whether the event loop comes first now. */
function isOver(): boolean {
  const over = isSliceOver(untilCheck)
  untilCheck = nextCheck()
  return over
}

/** Turns until the queue is empty or the clock should be looked at. */
function runSome(): void {
  const before = untilCheck
  notMessages = 0
  runTurns()
  totals.messages += before - untilCheck - notMessages
}

function runTurns(): void {
  while (untilCheck > 0) {
    const process = dequeue()
    if (process === null) return
    // Killed while it waited for its turn.
    if (process.status !== RUNNABLE) continue
    if (process.debt > 0) {
      process.debt -= TURN_REDUCTIONS_MAX >> 1
      untilCheck--
      notMessages++
      enqueue(process)
      continue
    }
    current = process
    process.status = RUNNING
    if (process === paused) runTurn(process, handledBefore, sentBefore)
    else if (process.queue === null || process.queue.isEmpty) runMessage(process)
    else runTurn(process, 0, 0)
    current = null
  }
}

/**
 * A turn of a process that has one message, as most have: a straight line, which makes a fifth of
 * the price of a message. Goes over into `runTurn` when there is more to do.
 */
function runMessage(process: Process): void {
  let message = process.first
  process.first = NONE
  sent = 0
  untilCheck--
  if ((process.flags & BOUNDED) !== 0) message = opened(process, message)
  if (tracer !== null) tracer.onReceive(process, message)
  try {
    const state = process.receive(message, process.state, process)
    if (process.status === DEAD) return
    process.state = state
  } catch (thrown) {
    crash(process, thrown, message)
  }
  if (process.status !== RUNNING || process.first !== NONE || sent >= TURN_REDUCTIONS_MAX) {
    goOn(process)
    return
  }
  process.status = IDLE
  countReductions(process, 1 + sent)
}

/** After a first message: the rest of the turn, or what its end asks for. */
function goOn(process: Process): void {
  const isOver = turnMessages === 1 || sent >= TURN_REDUCTIONS_MAX || untilCheck <= 0
  if (process.status === RUNNING && !isOver) {
    countReductions(process, 1 + sent)
    runTurn(process, 1, sent)
    return
  }
  if (process.status === RUNNING) endTurn(process, 1)
  settleTurn(process, 1 + sent, 1 + sent)
}

/** A turn, or the rest of one in which so many messages were handled and sent already. */
function runTurn(process: Process, handledFirst: number, sentFirst: number): void {
  paused = null
  sent = sentFirst
  const limit = Math.min(turnMessages, handledFirst + untilCheck)
  const handled = runMessages(process, handledFirst, limit)
  untilCheck -= handled - handledFirst
  if (process.status === RUNNING) endTurn(process, handled)
  const used = handled + sent
  settleTurn(process, used, used - handledFirst - sentFirst)
}

/** What a turn has used in all, and since it was counted last. */
function settleTurn(process: Process, used: number, uncounted: number): void {
  if (used > TURN_REDUCTIONS_MAX) process.debt = used - TURN_REDUCTIONS_MAX
  countReductions(process, uncounted)
}

/**
 * Handles messages up to a limit; returns how many that makes. What a callback throws ends its
 * process and goes no further.
 */
function runMessages(process: Process, before: number, limit: number): number {
  let handled = before
  let message: unknown = NONE
  try {
    for (message = take(process); message !== NONE; message = take(process)) {
      handled++
      if ((process.flags & BOUNDED) !== 0) message = opened(process, message)
      if (tracer !== null) tracer.onReceive(process, message)
      const old = process.state
      const state = process.receive(message, old, process)
      if (process.status === DEAD) return handled
      // Storing costs the collector's write barrier.
      if (state !== old) process.state = state
      if (process.status !== RUNNING || handled >= limit || sent >= TURN_REDUCTIONS_MAX) {
        return handled
      }
    }
    process.status = IDLE
  } catch (thrown) {
    crash(process, thrown, message)
  }
  return handled
}

/** The budget is used up, or the clock wants a look. */
function endTurn(process: Process, handled: number): void {
  if (process.first === NONE) process.status = IDLE
  else if (handled >= turnMessages || sent >= TURN_REDUCTIONS_MAX) makeRunnable(process)
  else {
    paused = process
    handledBefore = handled
    sentBefore = sent
    process.status = RUNNABLE
    enqueueFirst(process)
  }
}

/**
 * Runs processes here and now until none is runnable, however long that takes. For tests with a
 * virtual clock, and for a program that is about to exit.
 */
export function runUntilIdle(): void {
  if (current !== null) return
  leaveAsyncCode(runAll)
}

function runAll(): void {
  while (runQueueLength() > 0) {
    untilCheck = CLOCK_CHECK_REDUCTIONS
    runSome()
  }
  if (sliceHook !== null) sliceHook.drained()
}
