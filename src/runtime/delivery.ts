// How messages of users get into mailboxes, which may be bounded. Unlike in Erlang, where a mailbox
// that nobody empties takes all memory, a process can say how much it will hold:
//
//   spawn(receive, state, { mailbox: { max: 10_000 } })              // or, in a server's init:
//   boundMailbox({ max: 10_000, overflow: 'drop_oldest' })
//
// Overflow is loud: the sender is told or the loss is counted (`processInfo().lost`), reported as
// `mailbox_overflow` and a dead letter. The kernel's own messages take no room and are never
// refused. Nobody is made to wait: a sender that should is better asked by a call.
import { MAILBOX_MESSAGES_MAX } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { deadLetter } from './dead-letter.ts'
import { log } from './logger.ts'
import { takeFirst } from './mailbox.ts'
import { MailboxBound, type Overflow, UserMessage } from './mailbox-bound.ts'
import { BOUNDED, DEAD, extensionOf, type Pid, type Process, processOf, REMOTE } from './pid.ts'
import { Selective } from './receive.ts'
import { checkCaller, post } from './scheduler.ts'
import { caller } from './self.ts'

export interface MailboxOptions {
  /** Messages that may wait. */
  readonly max: number
  /** What becomes of more, default `reject`. */
  readonly overflow?: Overflow
}

/**
 * Bounds the mailbox of the calling process (or of `pid`) from now on; what waits already stays and
 * is not counted.
 */
export function boundMailbox(options: MailboxOptions, pid?: Pid): void {
  checkCaller()
  const process = pid === undefined ? caller('boundMailbox') : processOf(pid)
  const { max, overflow = 'reject' } = options
  if (!(Number.isInteger(max) && max >= 1 && max <= MAILBOX_MESSAGES_MAX)) {
    const attempt = { operation: 'boundMailbox', target: process, request: options }
    const advice = `give 1 to ${MAILBOX_MESSAGES_MAX} messages`
    throw new ArborError('bad_bound', `a mailbox cannot hold ${max}`, advice, attempt)
  }
  if (process.status >= DEAD) return
  const { bound } = extensionOf(process)
  const next = new MailboxBound(max, overflow)
  next.waiting = bound?.waiting ?? 0
  next.lost = bound?.lost ?? 0
  extensionOf(process).bound = next
  process.flags |= BOUNDED
}

/** Puts a user's message into a mailbox; throws `mailbox_full` if its bound says so. */
export function deliver(process: Process, message: unknown): void {
  if (process.status === REMOTE) {
    post(process, message)
    return
  }
  if (offer(process, message)) return
  if (process.extension?.bound?.overflow !== 'reject') return
  const attempt = { operation: 'send', target: process, request: message }
  const advice = 'send less, or let it hold more; a call waits until it is answered'
  throw new ArborError('mailbox_full', `the mailbox of ${process} is full`, advice, attempt)
}

/** The same for who cannot be told: whether it got in, or on its way to another thread. */
export function offer(process: Process, message: unknown): boolean {
  if (process.status === REMOTE) return offerElsewhere(process, message)
  const bound = (process.flags & BOUNDED) === 0 ? null : (process.extension?.bound ?? null)
  if (bound === null) {
    post(process, message)
    return true
  }
  if (bound.waiting + passedOver(process) >= bound.max && !makeRoom(process, bound)) {
    lose(process, bound, message)
    return false
  }
  bound.waiting++
  post(process, new UserMessage(message))
  return true
}

/** What cannot cross, or finds its connection full, is a dead letter here. */
function offerElsewhere(process: Process, message: unknown): boolean {
  try {
    post(process, message)
    return true
  } catch (error) {
    deadLetter('no_process', process, message)
    log(() => ({ level: 'error', event: 'not_sent', pid: process, error }))
    return false
  }
}

/** A process that receives selectively has taken these out of the queue, but they wait. */
function passedOver({ state }: Process): number {
  return state instanceof Selective ? (state.passedOver?.count ?? 0) : 0
}

/** Drops the oldest message that nobody has looked at, if that is what to do. */
function makeRoom(process: Process, bound: MailboxBound): boolean {
  if (bound.overflow !== 'drop_oldest') return false
  const oldest = takeFirst(process, (message) => message instanceof UserMessage)
  if (!(oldest instanceof UserMessage)) return false
  bound.waiting--
  lose(process, bound, oldest.content)
  if (isLosable(oldest.content)) oldest.content.onLost()
  return true
}

/** A message whose sender waits for something: it has to be told that this will not come. */
export interface Losable {
  onLost(): void
}

function isLosable(message: unknown): message is Losable {
  return typeof message === 'object' && message !== null && 'onLost' in message
}

/** Counts a message that is gone; reports the first, the second, the fourth, the eighth ... */
function lose(process: Process, bound: MailboxBound, message: unknown): void {
  bound.lost++
  const { max, overflow, lost } = bound
  deadLetter('mailbox_full', process, message)
  if ((lost & (lost - 1)) !== 0) return
  log(() => ({ level: 'warning', event: 'mailbox_overflow', pid: process, max, overflow, lost }))
}
