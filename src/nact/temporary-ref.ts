// The reference that stands for a query: whatever is dispatched to it first is the answer. It hears
// of the end of the actor that was asked, as the caller of a server does.
import { ArborError } from '../runtime/arbor-error.ts'
import { deadLetter } from '../runtime/dead-letter.ts'
import { type ExitReason, formatReason } from '../runtime/exit-reason.ts'
import { addWatch, type Process, removeWatch, type Watch } from '../runtime/pid.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import { type ActorRef, Ref } from './ref.ts'

/** Why a query has no answer. */
export type QueryFailure = 'timeout' | 'noproc' | 'exit' | 'crash'

/** A query without an answer. */
export class QueryError extends ArborError {
  override readonly name = 'QueryError'
  declare readonly code: QueryFailure
  /** With what the actor ended, or what its function threw. */
  readonly reason: ExitReason

  constructor(code: QueryFailure, reason: ExitReason, target: unknown, request: unknown) {
    const [message, advice] = messages[code]
    const detail = code === 'exit' || code === 'crash' ? `, ${formatReason(reason)}` : ''
    const cause = typeof reason === 'object' && 'error' in reason ? reason.error : undefined
    super(code, `${message}${detail}`, advice, { operation: 'query', target, request }, cause)
    this.reason = reason
  }
}

const messages: Readonly<Record<QueryFailure, readonly [message: string, advice: string]>> = {
  timeout: ['Query Timeout', 'raise the timeout, or dispatch to replyTo on every way'],
  noproc: [
    'Actor stopped or never existed. Query can never resolve',
    'spawn it first, or ask another',
  ],
  exit: ['the actor has ended', 'let its parent start it again'],
  crash: ['the actor crashed over it', 'mend its function, or answer with the failure'],
}

export class TemporaryRef<Answer> extends Ref<Answer> {
  readonly type = 'temp'
  readonly #query: Query<Answer>

  constructor(query: Query<Answer>) {
    super()
    this.#query = query
  }

  /** The first answer counts; a later one is a dead letter. */
  static settle<Answer>(ref: TemporaryRef<Answer>, answer: Answer): void {
    ref.#query.succeed(answer)
  }

  static fail<Answer>(ref: TemporaryRef<Answer>, error: unknown, message: unknown): void {
    ref.#query.fail('crash', { error, call: { callback: 'receive', message } })
  }
}

/** An open query: a promise, a timer and a watch on the actor. */
export class Query<Answer> extends WheelTimer implements Watch {
  readonly ref: TemporaryRef<Answer>
  readonly promise: Promise<Answer>
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly #actor: ActorRef
  #request: unknown
  #resolve: (answer: Answer) => void = () => {}
  #reject: (error: QueryError) => void = () => {}
  #isOpen = true

  constructor(actor: ActorRef) {
    super()
    this.#actor = actor
    this.ref = new TemporaryRef(this)
    this.promise = new Promise<Answer>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Waits for the answer to a request on its way to a process. */
  begin(process: Process, request: unknown, timeoutMs: number): void {
    this.#request = request
    addWatch(process, this)
    arm(this, timeoutMs)
  }

  succeed(answer: Answer): void {
    if (!this.#close()) deadLetter('late_reply', this.#actor.path.toString(), answer)
    else this.#resolve(answer)
  }

  fail(code: QueryFailure, reason: ExitReason): void {
    if (!this.#close()) return
    this.#reject(new QueryError(code, reason, this.#actor.path.toString(), this.#request))
  }

  expire(): void {
    this.fail('timeout', 'timeout')
  }

  onExit(_process: Process, reason: ExitReason): void {
    this.fail('exit', reason)
  }

  #close(): boolean {
    if (!this.#isOpen) return false
    this.#isOpen = false
    disarm(this)
    removeWatch(this)
    return true
  }
}
