// Signals between nodes as numbers and terms: the one place where their layout stands. Each begins
// with a number, its kind plus 16 times the process or call it is for.
import type { ExitReason } from './exit-reason.ts'
import type { Pid } from './pid.ts'
import { TermReader, TermWriter, takeDecodeFailure } from './term.ts'

const SEND = 0
const CALL = 1
const REPLY = 2
const CALL_FAILED = 3
const CANCEL = 4
const LINK = 5
const UNLINK = 6
const WATCH = 7
const ENDED = 8
const EXIT = 9
const NEWS = 10
const ALIAS = 11

/** What follows the first number of each kind. */
const OPERANDS: readonly number[] = [1, 2, 1, 1, 0, 1, 2, 0, 1, 1, 1, 1]
const KINDS = 16
/** The next value begins a signal. */
const BETWEEN = -1

/** Carries out the signals of a peer. Processes and calls go by number. */
export interface SignalHandler {
  onSend(to: number, message: unknown): void
  onCall(to: number, call: number, request: unknown): void
  onReply(call: number, value: unknown): void
  onCallFailed(call: number, reason: ExitReason): void
  /** The caller does not wait any more. */
  onCancel(call: number): void
  onLink(to: number, from: number): void
  /** `seen`: how many LINKs the sender had received. */
  onUnlink(to: number, from: number, seen: number): void
  /** The peer wants to hear of the end of a process. */
  onWatch(of: number): void
  /** A process of the peer has ended. */
  onEnded(id: number, reason: ExitReason): void
  onExit(to: number, from: Pid | null, reason: ExitReason): void
  /** A message by way of an alias. */
  onAlias(alias: number, message: unknown): void
  /** What the node itself has to say: remote-groups.ts. */
  onNews(news: unknown): void
  /** A part of a message, or of a request, could not be decoded: it is not delivered. */
  onUndecodable(to: number, call: number | undefined, error: unknown): void
  onUndecodableReply(call: number, error: unknown): void
}

/** Writes signals; `term`s that cannot cross throw and leave nothing behind. */
export class SignalWriter {
  readonly #terms: TermWriter
  /** Signals since the last flush. */
  count = 0

  constructor(emit: (frame: Uint8Array) => void) {
    this.#terms = new TermWriter(emit)
  }

  /** Bytes since the last flush. */
  get length(): number {
    return this.#terms.length
  }

  flush(): void {
    this.count = 0
    this.#terms.flush()
  }

  send(to: number, message: unknown): void {
    this.#begin(SEND, to)
    this.#terms.term(message)
  }

  call(to: number, call: number, request: unknown): void {
    this.#begin(CALL, to)
    this.#terms.number(call)
    this.#terms.term(request)
  }

  reply(call: number, value: unknown): void {
    this.#begin(REPLY, call)
    this.#terms.term(value)
  }

  callFailed(call: number, reason: ExitReason): void {
    this.#begin(CALL_FAILED, call)
    this.#terms.anyTerm(reason)
  }

  cancel(call: number): void {
    this.#begin(CANCEL, call)
  }

  link(to: number, from: number): void {
    this.#begin(LINK, to)
    this.#terms.number(from)
  }

  unlink(to: number, from: number, seen: number): void {
    this.#begin(UNLINK, to)
    this.#terms.number(from)
    this.#terms.number(seen)
  }

  watch(of: number): void {
    this.#begin(WATCH, of)
  }

  ended(id: number, reason: ExitReason): void {
    this.#begin(ENDED, id)
    this.#terms.anyTerm(reason)
  }

  exit(to: number, from: Pid | null, reason: ExitReason): void {
    this.#begin(EXIT, to)
    this.#terms.anyTerm([from, reason])
  }

  alias(alias: number, message: unknown): void {
    this.#begin(ALIAS, alias)
    this.#terms.term(message)
  }

  news(news: unknown): void {
    this.#begin(NEWS, 0)
    this.#terms.term(news)
  }

  #begin(kind: number, id: number): void {
    this.count++
    this.#terms.begin(kind + KINDS * id)
  }
}

/** Reads signals in the order of their writer. */
export class SignalReader {
  readonly #handler: SignalHandler
  readonly #terms: TermReader = new TermReader()
  readonly #take: (value: unknown) => void
  #kind = 0
  #id = 0
  #first = 0
  /** Operands still to come; `BETWEEN` when the next value begins a signal. */
  #left = BETWEEN

  constructor(handler: SignalHandler) {
    this.#handler = handler
    this.#take = (value) => this.#next(value)
  }

  /** Carries out a frame's signals; throws when it is not one of a `SignalWriter`. */
  read(frame: Uint8Array): void {
    this.#terms.read(frame, this.#take)
    if (this.#left !== BETWEEN) throw new TypeError('a frame ends within a signal')
  }

  #next(value: unknown): void {
    if (this.#left === BETWEEN) {
      const head = numberOf(value)
      this.#kind = head % KINDS
      this.#id = (head - this.#kind) / KINDS
      this.#left = OPERANDS[this.#kind] ?? 0
      if (this.#left > 0) return
    } else if (this.#left === 2) {
      this.#first = numberOf(value)
      this.#left = 1
      return
    }
    this.#left = BETWEEN
    const failure = takeDecodeFailure()
    if (failure === undefined) this.#carryOut(value)
    else this.#refuse(failure.error)
  }

  #carryOut(last: unknown): void {
    const handler = this.#handler
    const id = this.#id
    const kind = this.#kind
    if (kind === SEND) handler.onSend(id, last)
    else if (kind === CALL) handler.onCall(id, this.#first, last)
    else if (kind === REPLY) handler.onReply(id, last)
    else if (kind === CALL_FAILED) handler.onCallFailed(id, last as ExitReason)
    else if (kind === CANCEL) handler.onCancel(id)
    else if (kind === LINK) handler.onLink(id, numberOf(last))
    else if (kind === UNLINK) handler.onUnlink(id, this.#first, numberOf(last))
    else if (kind === WATCH) handler.onWatch(id)
    else if (kind === ENDED) handler.onEnded(id, last as ExitReason)
    else if (kind === EXIT) handler.onExit(id, ...(last as [Pid | null, ExitReason]))
    else if (kind === ALIAS) handler.onAlias(id, last)
    else if (kind === NEWS) handler.onNews(last)
    else throw new TypeError(`no signal has kind ${kind}`)
  }

  /** Of messages only; reasons hold nothing that needs a codec its reader may lack. */
  #refuse(error: unknown): void {
    const call = this.#kind === CALL ? this.#first : undefined
    if (this.#kind === REPLY) this.#handler.onUndecodableReply(this.#id, error)
    else this.#handler.onUndecodable(this.#id, call, error)
  }
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  throw new TypeError('a signal has a number where this frame has none')
}
