// The process that hears of every dead letter: for whoever wants to be told, and for a line in the
// log now and then. Without it dead letters are counted all the same (runtime/dead-letter.ts).
//
//   const letters = start(new DeadLetterServer(), { name: DEAD_LETTERS })
//   await DeadLetterServer.subscribe(letters, self())   // gets { type: 'dead_letter', … }
//   await DeadLetterServer.counts(letters)
//
// A flood of letters costs each subscriber at most DEAD_LETTERS_TOLD_MAX messages a turn; what is
// beyond is counted, and told as `missed`. The log has a line for the first letter, the second, the
// fourth, the eighth and so on. One for each thread.
import { DEAD_LETTERS_TOLD_MAX } from '../limits.ts'
import {
  type DeadLetter,
  type DeadLetterCounts,
  deadLetters,
  onDeadLetter,
} from '../runtime/dead-letter.ts'
import { log } from '../runtime/logger.ts'
import { DEAD, type Name, type Pid, processOf } from '../runtime/pid.ts'
import { post } from '../runtime/scheduler.ts'
import { onExit } from '../runtime/signal.ts'
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type Result,
  type ServerPid,
} from './gen-server.ts'

/** What a subscriber receives. */
export interface DeadLetterMessage {
  readonly type: 'dead_letter'
  readonly letter: DeadLetter
  /** Letters between this one and the last that nobody was told of. */
  readonly missed: number
}

export type DeadLetterCall =
  | Call<'subscribe', { pid: Pid<DeadLetterMessage> }, undefined>
  | Call<'unsubscribe', { pid: Pid<DeadLetterMessage> }, undefined>
  | Call<'counts', object, DeadLetterCounts>

export type DeadLetterPid = ServerPid<DeadLetterCall>
export type DeadLetterRef = DeadLetterPid | Name<DeadLetterPid>

/** The name under which the process is registered. */
export const DEAD_LETTERS: Name<DeadLetterPid> = 'dead_letters'

/** Posted to itself: letters wait to be told. */
const WAITING = Symbol('letters wait')

const KEEP: { readonly state: undefined } = { state: undefined }

export class DeadLetterServer extends GenServer<undefined, DeadLetterCall> {
  readonly #subscribers: Map<Pid<DeadLetterMessage>, () => void> = new Map()
  #waiting: DeadLetter[] = []
  #missed = 0
  #heard = 0

  // --- Client functions ---

  /** Sends each dead letter from now on to a process, until it ends. */
  static subscribe(server: DeadLetterRef, pid: Pid<DeadLetterMessage>): Promise<undefined> {
    return call(server, { type: 'subscribe', pid })
  }

  static unsubscribe(server: DeadLetterRef, pid: Pid<DeadLetterMessage>): Promise<undefined> {
    return call(server, { type: 'unsubscribe', pid })
  }

  /** Counts since the thread started, by kind. */
  static counts(server: DeadLetterRef): Promise<DeadLetterCounts> {
    return call(server, { type: 'counts' })
  }

  // --- Callbacks ---

  init(): InitResult<undefined> {
    const hear = (letter: DeadLetter): void => this.#hear(letter)
    onDeadLetter(hear)
    onExit(this.self, () => onDeadLetter(null))
    return KEEP
  }

  override handleCall(
    request: DeadLetterCall,
    _from: From<undefined | DeadLetterCounts>,
  ): CallResult<undefined, undefined | DeadLetterCounts> {
    if (request.type === 'counts') return { reply: deadLetters(), state: undefined }
    const { pid } = request
    this.#subscribers.get(pid)?.()
    this.#subscribers.delete(pid)
    if (request.type === 'subscribe') {
      this.#subscribers.set(
        pid,
        onExit(pid, () => this.#subscribers.delete(pid)),
      )
    }
    return { reply: undefined, state: undefined }
  }

  override handleInfo(message: unknown, state: undefined): Result<undefined> {
    // Whatever else is sent to it is nobody's, and would be one more letter.
    if (message !== WAITING) return { state }
    const letters = this.#waiting
    this.#waiting = []
    for (const letter of letters) this.#tell(letter)
    return { state }
  }

  /** Runs within whoever has sent the letter: notes it and returns. */
  #hear(letter: DeadLetter): void {
    if (this.#waiting.length >= DEAD_LETTERS_TOLD_MAX) {
      this.#missed++
      this.#heard++
      return
    }
    this.#waiting.push(letter)
    if (this.#waiting.length === 1) post(processOf(this.self), WAITING)
  }

  #tell(letter: DeadLetter): void {
    const missed = this.#missed
    this.#missed = 0
    this.#heard++
    const count = this.#heard
    if ((count & (count - 1)) === 0) {
      log(() => ({ level: 'warning', event: 'dead_letter', ...letter, missed, count }))
    }
    for (const pid of this.#subscribers.keys()) {
      const subscriber = processOf(pid)
      if (subscriber.status !== DEAD) post(subscriber, { type: 'dead_letter', letter, missed })
    }
  }
}
