// The bound of a mailbox, as its record: how many messages of users may wait, and how many do. They
// wait in an envelope, so that signals (Exit, Down, what sys sends), which have none, are neither
// counted nor ever refused, and all keep their order in the one queue. How messages get in and
// what happens to those that do not: delivery.ts.
import { BOUNDED, type Process } from './pid.ts'

/** What becomes of a message for which there is no room. */
export type Overflow =
  /** Its sender is told: `send` and `cast` throw `mailbox_full`, a call fails with it. */
  | 'reject'
  /** It is dropped, counted and reported; a call fails with `mailbox_full`. */
  | 'drop_newest'
  /** So is the one that has waited longest, and this takes its place at the end. */
  | 'drop_oldest'

export class MailboxBound {
  readonly max: number
  readonly overflow: Overflow
  /** Messages of users that wait. */
  waiting = 0
  /** Messages refused or dropped, since the process began. */
  lost = 0
  /** Whether the message that was taken last was one of a user. */
  isLastCounted = false

  constructor(max: number, overflow: Overflow) {
    this.max = max
    this.overflow = overflow
  }
}

/** The envelope of a user's message in a bounded mailbox. */
export class UserMessage {
  readonly content: unknown

  constructor(content: unknown) {
    this.content = content
  }
}

/** Takes a message just taken out of a mailbox out of its envelope, too. */
export function opened(process: Process, message: unknown): unknown {
  if ((process.flags & BOUNDED) === 0) return message
  const isCounted = message instanceof UserMessage
  const bound = process.extension?.bound
  if (bound) {
    bound.isLastCounted = isCounted
    if (isCounted) bound.waiting--
  }
  return isCounted ? message.content : message
}

/** Puts the message just taken back into its envelope: it goes on waiting, and counts. */
export function sealed(process: Process, message: unknown): unknown {
  const bound = process.extension?.bound
  if (!bound?.isLastCounted) return message
  bound.waiting++
  return new UserMessage(message)
}
