// Properties of a process that can be changed while it lives: flags, the group leader, how much it
// keeps while it sleeps.
import { ArborError } from './arbor-error.ts'
import { NONE } from './mailbox.ts'
import {
  DEAD,
  extensionOf,
  type Pid,
  PRIORITY_BITS,
  PRIORITY_SHIFT,
  type Priority,
  type Process,
  priorities,
  processOf,
} from './pid.ts'
import { checkCaller } from './scheduler.ts'
import { caller } from './self.ts'

/**
 * Sets a flag of the calling process (or of `pid`) and returns what was before (process_flag/2,3).
 *
 * - `trapExit`: exit signals come as `Exit` messages, except `kill`.
 * - `priority`: while a `max` or `high` process has something to do, all others wait, so it must have
 *   little; `low` ones get every eighth turn while normal ones wait. Most programs need neither.
 */
export function processFlag(flag: 'trapExit', value: boolean, pid?: Pid): boolean
export function processFlag(flag: 'priority', value: Priority, pid?: Pid): Priority
export function processFlag(
  flag: 'trapExit' | 'priority',
  value: boolean | Priority,
  pid?: Pid,
): boolean | Priority {
  checkCaller()
  const process = pid === undefined ? caller('processFlag') : processOf(pid)
  if (flag === 'priority') return setPriority(process, value as Priority)
  const before = process.trapExit
  process.trapExit = value === true
  return before
}

/** Sets the priority, from the next turn on; returns what was before. */
export function setPriority(process: Process, priority: Priority): Priority {
  const bits = priorities.indexOf(priority)
  if (bits < 0) {
    const attempt = { operation: 'processFlag', target: process, request: priority }
    const advice = `use one of ${priorities.join(', ')}`
    throw new ArborError('bad_priority', `"${priority}" is no priority`, advice, attempt)
  }
  const before = priorityOf(process)
  process.flags = (process.flags & ~PRIORITY_BITS) | (bits << PRIORITY_SHIFT)
  return before
}

export function priorityOf(process: Process): Priority {
  return priorities[(process.flags & PRIORITY_BITS) >> PRIORITY_SHIFT] ?? 'normal'
}

/**
 * The group leader of the calling process (or of `pid`): to whose program it belongs. Processes have
 * that of whoever spawned them; undefined when nobody has set one.
 */
export function groupLeader(pid?: Pid): Pid | undefined {
  checkCaller()
  const process = pid === undefined ? caller('groupLeader') : processOf(pid)
  return process.extension?.groupLeader ?? undefined
}

/** Sets the group leader of the calling process (or of `pid`), and of all it spawns from now on. */
export function setGroupLeader(leader: Pid, pid?: Pid): void {
  checkCaller()
  const process = pid === undefined ? caller('setGroupLeader') : processOf(pid)
  if (process.status !== DEAD) extensionOf(process).groupLeader = processOf(leader)
}

/**
 * Gives back the memory that the calling process (or `pid`) does not need while it waits long: the
 * ring of an empty mailbox, the set of no links. The next messages get a new ring. For a process
 * that expects to sleep for minutes: it costs more than it saves otherwise (erlang:hibernate/3).
 */
export function hibernate(pid?: Pid): void {
  checkCaller()
  const process = pid === undefined ? caller('hibernate') : processOf(pid)
  if (process.first === NONE) process.queue = null
  const { links, extension } = process
  if (links instanceof Set && links.size < 2) process.links = links.values().next().value ?? null
  if (extension?.isEmpty() === true) process.extension = null
}
