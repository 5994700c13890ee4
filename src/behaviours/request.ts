// A call whose reply is fetched later, so that a process can have many under way and go on
// meanwhile (gen_server's send_request). Nobody waits unless he says so: the response arrives as a
// message, like any other, unless it was received before.
//
//   const id = sendRequest(store, { type: 'get', key: 'a' })
//
//   const response = await receiveResponse(id, { timeoutMs: 1000 })    // in any code
//   if (response !== 'timeout' && 'reply' in response) use(response.reply)
//
//   override handleInfo(message: unknown, state: State) {              // or in a server
//     const response = checkResponse(message, state.id)                // undefined: not this one
//   }
//
// In async code that wants one reply, `call` is simpler: its promise is the request.
import { CallError, type CallFailure, PendingCall } from '../runtime/call.ts'
import { offer } from '../runtime/delivery.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { addWatch, DEAD, type Pid, type Process, removeWatch, type Watch } from '../runtime/pid.ts'
import { removeMessages } from '../runtime/receive.ts'
import { resolve } from '../runtime/registry.ts'
import { currentProcess, post } from '../runtime/scheduler.ts'
import { arm, disarm, WheelTimer } from '../runtime/timer-wheel.ts'
import { tracer } from '../runtime/tracer.ts'
import type { AnyCall, ReplyOf, Request, ServerRef } from './gen-server.ts'

/** A request under way. */
export interface RequestId<out Reply = unknown> {
  /** Only a type: it carries `Reply`. */
  readonly '~response': () => Reply
}

/** What came of a request. */
export type Response<Reply> = { readonly reply: Reply } | { readonly error: CallError }

/** A response as the process receives it that sent the request; see `checkResponse`. */
export class ResponseMessage {
  readonly type = 'response'
  readonly id: RequestId
  readonly response: Response<unknown>

  constructor(id: RequestId, response: Response<unknown>) {
    this.id = id
    this.response = response
  }
}

/** Tells the request of the end of its callee. */
class CalleeWatch implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly #request: SentRequest

  constructor(request: SentRequest) {
    this.#request = request
  }

  onExit(_: Process, reason: ExitReason): void {
    this.#request.fail('exit', reason)
  }
}

/** Who waits for a response, and gets it instead of the mailbox. */
type Waiter = (response: Response<unknown>) => void

class SentRequest extends PendingCall implements RequestId {
  declare readonly '~response': () => unknown
  readonly #owner: Process | null
  readonly #calleeWatch = new CalleeWatch(this)
  #response: Response<unknown> | undefined
  /** Whether the response has come, or will never: somebody has it, or gave it up. */
  #isOver = false
  readonly waiters: Set<Waiter> = new Set()

  constructor(callee: Pid | string, target: Process | undefined, message: unknown) {
    super(callee, target, message, -1)
    this.#owner = currentProcess()
  }

  send(): void {
    const { target } = this
    if (tracer !== null) tracer.onCallStart(this, this.#owner)
    if (target === undefined || target.status === DEAD) this.fail('noproc', 'noproc')
    else {
      addWatch(target, this.#calleeWatch)
      if (!offer(target, this)) this.onLost()
    }
  }

  override succeed(value: unknown): void {
    super.succeed(value)
    this.#settle({ reply: value })
  }

  override fail(code: CallFailure, reason: ExitReason): void {
    super.fail(code, reason)
    if (this.outcome instanceof CallError) this.#settle({ error: this.outcome })
  }

  #settle(response: Response<unknown>): void {
    if (this.#response !== undefined || this.#isOver) return
    removeWatch(this.#calleeWatch)
    this.#response = response
    const [waiter] = this.waiters
    if (waiter !== undefined) waiter(response)
    else if (this.#owner !== null && this.#owner.status !== DEAD) {
      post(this.#owner, new ResponseMessage(this, response))
    }
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The response, which nobody else gets; undefined when there is none (any more). */
  take(): Response<unknown> | undefined {
    if (this.#response === undefined || this.#isOver) return undefined
    this.#isOver = true
    const owner = this.#owner
    if (owner !== null && owner.status !== DEAD) {
      removeMessages(owner, (message) => message instanceof ResponseMessage && message.id === this)
    }
    return this.#response
  }

  /** A response that comes from now on is dropped. */
  abandon(): void {
    this.#isOver = true
    removeWatch(this.#calleeWatch)
    super.fail('timeout', 'timeout')
  }
}

/**
 * Sends a request; its response is fetched by `receiveResponse`, `waitResponse` or `checkResponse`.
 * It never fails: that nobody is there is a response, too.
 */
export function sendRequest<C extends AnyCall, Type extends C['type']>(
  destination: ServerRef<C>,
  message: Request<C, Type>,
): RequestId<ReplyOf<Extract<C, { readonly type: Type }>>>
export function sendRequest(destination: Pid | string, message: unknown): RequestId {
  const request = new SentRequest(destination, resolve(destination), message)
  request.send()
  return request
}

export interface ResponseOptions {
  /** Milliseconds to wait; default for ever. */
  readonly timeoutMs?: number | 'infinity'
}

/**
 * Waits for the response of a request. When that takes too long, the request is given up: its
 * response is dropped, should it still come.
 */
export async function receiveResponse<Reply>(
  id: RequestId<Reply>,
  options: ResponseOptions = {},
): Promise<Response<Reply> | 'timeout'> {
  const response = await waitResponse(id, options)
  if (response === 'timeout') sentRequest(id).abandon()
  return response
}

/** Waits for the response of a request, which stays open when that takes too long. */
export async function waitResponse<Reply>(
  id: RequestId<Reply>,
  options: ResponseOptions = {},
): Promise<Response<Reply> | 'timeout'> {
  const found = await firstOf([sentRequest(id)], options)
  return found === 'timeout' ? found : (found.response as Response<Reply>)
}

/** The response to a request, when a message is that; otherwise undefined. */
export function checkResponse<Reply>(
  message: unknown,
  id: RequestId<Reply>,
): Response<Reply> | undefined {
  if (!(message instanceof ResponseMessage) || message.id !== id) return undefined
  sentRequest(id).take()
  return message.response as Response<Reply>
}

function sentRequest(id: RequestId): SentRequest {
  if (id instanceof SentRequest) return id
  throw new TypeError('a request id is made by sendRequest, never by hand')
}

class ResponseTimeout extends WheelTimer {
  readonly #giveUp: () => void

  constructor(giveUp: () => void) {
    super()
    this.#giveUp = giveUp
  }

  expire(): void {
    this.#giveUp()
  }
}

interface Found {
  readonly request: SentRequest
  readonly response: Response<unknown>
}

/** The first response to one of some requests. */
function firstOf(
  requests: readonly SentRequest[],
  { timeoutMs = 'infinity' }: ResponseOptions,
): Promise<Found | 'timeout'> {
  for (const request of requests) {
    const response = request.take()
    if (response !== undefined) return Promise.resolve({ request, response })
  }
  return new Promise((done) => {
    const waiters = new Map<SentRequest, Waiter>()
    const end = (found: Found | 'timeout'): void => {
      for (const [request, waiter] of waiters) request.waiters.delete(waiter)
      disarm(timeout)
      done(found)
    }
    const timeout = new ResponseTimeout(() => end('timeout'))
    if (timeoutMs !== 'infinity') arm(timeout, timeoutMs)
    for (const request of requests) {
      const waiter = (response: Response<unknown>): void => {
        request.take()
        end({ request, response })
      }
      waiters.set(request, waiter)
      request.waiters.add(waiter)
    }
  })
}

/**
 * Requests under way, each with a label: the first response is fetched, whosever it is.
 *
 *   const requests = new RequestIds<string, number>()
 *   for (const shard of shards) requests.add(shard.name, sendRequest(shard.pid, { type: 'count' }))
 *   for (;;) {
 *     const answer = await requests.receive({ timeoutMs: 1000 })
 *     if (answer === 'no_request' || answer === 'timeout') break
 *     console.log(answer.label, answer.response)
 *   }
 */
export class RequestIds<Label, Reply> {
  readonly #labels: Map<SentRequest, Label> = new Map()

  /** Requests whose response has not been fetched. */
  get size(): number {
    return this.#labels.size
  }

  add(label: Label, id: RequestId<Reply>): void {
    this.#labels.set(sentRequest(id), label)
  }

  /** Waits for the next response; when that takes too long, all the requests are given up. */
  async receive(options?: ResponseOptions): Promise<LabelledResponse<Label, Reply>> {
    const found = await this.wait(options)
    if (found === 'timeout') {
      for (const request of this.#labels.keys()) request.abandon()
      this.#labels.clear()
    }
    return found
  }

  /** Waits for the next response; when that takes too long, the requests stay open. */
  async wait(options: ResponseOptions = {}): Promise<LabelledResponse<Label, Reply>> {
    if (this.#labels.size === 0) return 'no_request'
    const found = await firstOf([...this.#labels.keys()], options)
    return found === 'timeout' ? found : this.#labelled(found)
  }

  /** The response to one of the requests, when a message is that; otherwise undefined. */
  check(message: unknown): LabelledResponse<Label, Reply> | undefined {
    if (!(message instanceof ResponseMessage)) return undefined
    const request = sentRequest(message.id)
    if (!this.#labels.has(request)) return undefined
    request.take()
    return this.#labelled({ request, response: message.response })
  }

  #labelled({ request, response }: Found): LabelledResponse<Label, Reply> {
    const label = this.#labels.get(request) as Label
    this.#labels.delete(request)
    return { label, response: response as Response<Reply> }
  }
}

/** A response and the label of its request; `no_request` when none is under way. */
export type LabelledResponse<Label, Reply> =
  | { readonly label: Label; readonly response: Response<Reply> }
  | 'timeout'
  | 'no_request'
