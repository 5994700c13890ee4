// All waits of the runtime in one wheel (Varghese and Lauck 1987, scheme 6): a slot a millisecond,
// a timer in the slot of its deadline, longer waits by rounds. Arming and disarming are two pointer
// writes, so that a call can afford a timeout; one timer of the clock drives the whole wheel, and
// only while something is armed.
import { TIMER_WHEEL_SLOTS } from '../limits.ts'
import { leaveAsyncCode } from './async-code.ts'
import { type Cancel, type Clock, systemClock } from './clock.ts'
import { log } from './logger.ts'

const MASK = TIMER_WHEEL_SLOTS - 1
const DISARMED = -1

/**
 * A node of the wheel; a subclass says what happens when its time has come. Fields are declared and
 * then set in the constructor: class fields would be defined first and set again, which doubles the
 * price of a call's record.
 */
export abstract class WheelTimer {
  /** Millisecond of the wheel's clock at which to expire; `DISARMED` when not in the wheel. */
  declare deadline: number
  declare slotPrevious: WheelTimer | null
  declare slotNext: WheelTimer | null

  constructor() {
    this.deadline = DISARMED
    this.slotPrevious = null
    this.slotNext = null
  }

  /** The time has come; the timer is disarmed already. */
  abstract expire(): void
}

const slots: (WheelTimer | null)[] = new Array<WheelTimer | null>(TIMER_WHEEL_SLOTS).fill(null)
let clock: Clock = systemClock
let armed = 0
/** Every millisecond up to and including this one has been expired. */
let tick: number = Math.floor(systemClock.now())
/** The clock's timer, and the millisecond for which it is set. */
let alarm: Cancel | null = null
let alarmAt = Number.POSITIVE_INFINITY

/** Milliseconds of the clock in use. */
export function now(): number {
  return clock.now()
}

/** The clock in use. */
export function currentClock(): Clock {
  return clock
}

/** Timers in the wheel. */
export function armedTimers(): number {
  return armed
}

/** Puts a timer into the wheel, to expire no earlier than `delayMs` from now. */
export function arm(timer: WheelTimer, delayMs: number): void {
  armAt(timer, Math.ceil(clock.now() + delayMs))
}

/** Puts a timer into the wheel, to expire at a whole millisecond of the wheel's clock. */
export function armAt(timer: WheelTimer, deadline: number): void {
  armed++
  // One NaN in the wheel would stop it for the whole thread: it is due at once.
  const due = deadline > tick ? deadline : tick + 1
  insert(timer, due)
  if (due < alarmAt) setAlarm(due)
}

/** Takes a timer out; whether it was still in. */
export function disarm(timer: WheelTimer): boolean {
  if (timer.deadline === DISARMED) return false
  const { slotPrevious: previous, slotNext: next } = timer
  if (next !== null) next.slotPrevious = previous
  if (previous !== null) previous.slotNext = next
  else slots[timer.deadline & MASK] = next
  timer.deadline = DISARMED
  timer.slotPrevious = null
  timer.slotNext = null
  armed--
  if (armed === 0) whenEmpty()
  return true
}

/** Told when nothing is armed any more; the scheduler rests the wheel at the end of its slice. */
let whenEmpty: () => void = () => {}

export function onWheelEmpty(handler: () => void): void {
  whenEmpty = handler
}

/** Milliseconds until a timer expires; null when it is not armed. */
export function remainingMs(timer: WheelTimer): number | null {
  return timer.deadline === DISARMED ? null : Math.max(0, timer.deadline - clock.now())
}

/** Stops the clock's timer when nothing is armed, so that a Node process can exit. */
export function restWheel(): void {
  if (armed > 0 || alarm === null) return
  alarm.cancel()
  alarm = null
  alarmAt = Number.POSITIVE_INFINITY
}

/** Exchanges the clock; what is armed keeps its remaining time. */
export function setWheelClock(next: Clock): void {
  const waiting: { timer: WheelTimer; delayMs: number }[] = []
  const nowMs = clock.now()
  for (let head of slots) {
    for (; head !== null; head = head.slotNext) {
      waiting.push({ timer: head, delayMs: head.deadline - nowMs })
    }
  }
  for (const { timer } of waiting) disarm(timer)
  restWheel()
  clock = next
  tick = Math.floor(next.now())
  for (const { timer, delayMs } of waiting) arm(timer, delayMs)
}

function insert(timer: WheelTimer, deadline: number): void {
  const slot = deadline & MASK
  const head = slots[slot] ?? null
  timer.deadline = deadline
  timer.slotNext = head
  timer.slotPrevious = null
  if (head !== null) head.slotPrevious = timer
  slots[slot] = timer
}

function setAlarm(deadline: number): void {
  alarm?.cancel()
  alarmAt = deadline
  alarm = clock.timer(Math.max(0, deadline - clock.now()), onAlarm)
}

function onAlarm(): void {
  // Time is not the code of who set the alarm.
  leaveAsyncCode(expireDue)
}

function expireDue(): void {
  alarm = null
  alarmAt = Number.POSITIVE_INFINITY
  expireUntil(Math.floor(clock.now()))
  if (armed === 0) return
  const next = nextOccupied()
  if (next < alarmAt) setAlarm(next)
}

/**
 * Heads the list of what expires in this millisecond: there, too, a timer can still be disarmed.
 */
class DueList extends WheelTimer {
  expire(): void {}
}

const dueList = new DueList()

/** Expires every millisecond in order; within one, first armed first. */
function expireUntil(end: number): void {
  if (end - tick > TIMER_WHEEL_SLOTS) tick = firstDueTick(end) - 1
  while (tick < end && armed > 0) {
    tick++
    let timer = slots[tick & MASK] ?? null
    while (timer !== null) {
      const next: WheelTimer | null = timer.slotNext
      if (timer.deadline <= tick) moveToDue(timer)
      timer = next
    }
    for (let due = dueList.slotNext; due !== null; due = dueList.slotNext) {
      disarm(due)
      expire(due)
    }
  }
  tick = Math.max(tick, end)
}

/** What one timer throws is reported, and stops no other. */
function expire(timer: WheelTimer): void {
  try {
    timer.expire()
  } catch (error) {
    log(() => ({ level: 'error', event: 'timer_failed', error }))
  }
}

/**
 * Slots hold the latest first; put to the front one after the other, the earliest comes out first.
 */
function moveToDue(timer: WheelTimer): void {
  const { deadline } = timer
  disarm(timer)
  armed++
  timer.deadline = deadline
  const next = dueList.slotNext
  timer.slotNext = next
  timer.slotPrevious = dueList
  if (next !== null) next.slotPrevious = timer
  dueList.slotNext = timer
}

/**
 * After a long sleep: the earliest deadline, found by one walk instead of a walk of every
 * millisecond.
 */
function firstDueTick(end: number): number {
  let first = end
  for (let timer of slots) {
    for (; timer !== null; timer = timer.slotNext) first = Math.min(first, timer.deadline)
  }
  return first
}

/** The next millisecond whose slot is not empty; what lies there may belong to a later round. */
function nextOccupied(): number {
  for (let distance = 1; distance <= TIMER_WHEEL_SLOTS; distance++) {
    if (slots[(tick + distance) & MASK] !== null) return tick + distance
  }
  return tick + TIMER_WHEEL_SLOTS
}
