// Messages that found nobody. They are dropped, as in Erlang, but counted, so that a system that
// talks to the dead shows it; the last few are kept as a hint for a person who looks.
import { DEAD_LETTERS_KEPT } from '../limits.ts'
import { DEAD, extensionOf, type Process } from './pid.ts'

/** Why a message found nobody. */
export type DeadLetterKind =
  | 'no_process'
  | 'late_reply'
  | 'unknown_name'
  | 'inactive_alias'
  | 'mailbox_full'
  | 'unhandled'

export interface DeadLetter {
  readonly kind: DeadLetterKind
  /** The dead process or the unknown name. */
  readonly to: string
  /** The message's `type`, or what kind of value it was: never the message itself. */
  readonly messageType: string
}

export interface DeadLetterCounts {
  /** Messages sent to a process that had ended. */
  readonly noProcess: number
  /** Replies to calls that had timed out or been given up. */
  readonly lateReplies: number
  /** Messages sent to a name nobody had. */
  readonly unknownName: number
  /** Messages sent to an alias that had been taken back. */
  readonly inactiveAlias: number
  /** Messages for which a bounded mailbox had no room. */
  readonly mailboxFull: number
  /** Messages a server's `handleInfo` did not expect. */
  readonly unhandled: number
}

/** Told of each dead letter; the process of dead-letter-server.ts, while there is one. */
let listener: ((letter: DeadLetter) => void) | null = null

export function onDeadLetter(told: typeof listener): void {
  listener = told
}

let noProcess = 0
let lateReplies = 0
let unknownName = 0
let inactiveAlias = 0
let mailboxFull = 0
let unhandled = 0
let recent: DeadLetter[] = []

/** Counts since the thread started. */
export function deadLetters(): DeadLetterCounts {
  return { noProcess, lateReplies, unknownName, inactiveAlias, mailboxFull, unhandled }
}

/** The last dead letters, oldest first. */
export function recentDeadLetters(): readonly DeadLetter[] {
  return recent.slice(-DEAD_LETTERS_KEPT)
}

/** Records a dead letter; the runtime's own rooms only. */
export function deadLetter(kind: DeadLetterKind, to: Process | string, message: unknown): void {
  if (kind === 'no_process') noProcess++
  else if (kind === 'late_reply') lateReplies++
  else if (kind === 'unknown_name') unknownName++
  else if (kind === 'inactive_alias') inactiveAlias++
  else if (kind === 'mailbox_full') mailboxFull++
  else {
    unhandled++
    if (typeof to !== 'string' && to.status !== DEAD) extensionOf(to).unhandled++
  }
  const letter = { kind, to: String(to), messageType: typeOf(message) }
  recent.push(letter)
  if (recent.length >= DEAD_LETTERS_KEPT * 2) recent = recent.slice(-DEAD_LETTERS_KEPT)
  if (listener !== null) listener(letter)
}

function typeOf(message: unknown): string {
  if (message === null || typeof message !== 'object') return typeof message
  if ('type' in message && typeof message.type === 'string') return message.type
  return message.constructor?.name ?? 'object'
}
