// Spans of OpenTelemetry for what processes do: a call is one at the caller (kind client) and one
// at the callee (kind server), and whatever the callee causes while it handles the call hangs below
// it. Off unless attached; the program brings the SDK, this file only the API.
//
//   import { attachOpenTelemetry } from 'arbor/open-telemetry'
//   const detach = attachOpenTelemetry()                  // the tracer provider set globally
//   const detach = attachOpenTelemetry({ tracer, messages: true })
//
// The context of a call goes along with calls, casts and messages, also past an `await` in a
// handler; it does not cross to another thread, nor pass through a timer. The only door of
// @opentelemetry/api.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { SENT_CONTEXTS_MAX } from '../limits.ts'
import { behaviourOf, type Handling, typeOfMessage, watchHandling } from './handling.ts'
import { isPid, type Pid } from './pid.ts'
import { whereis } from './registry.ts'
import { attachTracer, type CallEndEvent, type CallStartEvent, type TraceEvent } from './tracer.ts'

export interface OpenTelemetryOptions {
  /** Default: that of the global provider, named `arbor`. */
  readonly tracer?: Tracer
  /** Whether every message handled beside calls is a span, too; default false. */
  readonly messages?: boolean
}

/** An open call. */
interface CallSpans {
  readonly client: Span
  readonly context: Context
  server: Span | null
}

/** A message on its way, with the context it was sent in. */
interface Sent {
  readonly to: Pid
  readonly context: Context
}

/** The context of the message being handled, past an `await` too. */
const handled = new AsyncLocalStorage<Context>()

/**
 * The context of the message being handled, for spans of one's own:
 * `tracer.startSpan('query', {}, activeContext())`. Outside of a handler, OpenTelemetry's own.
 */
export function activeContext(): Context {
  return handled.getStore() ?? context.active()
}

/** Makes spans from now on; returns what stops that and ends the spans that are open. */
export function attachOpenTelemetry(options: OpenTelemetryOptions = {}): () => void {
  const { tracer = trace.getTracer('arbor'), messages = false } = options
  const spans = new Spans(tracer)
  const types = ['call_start', 'call_end', 'send', 'receive'] as const
  const detach = attachTracer((event) => spans.onEvent(event), { types })
  const unwatch = messages
    ? watchHandling({
        onBegin: (handling) => spans.onHandlingBegin(handling),
        onEnd: (handling) => spans.onHandlingEnd(handling),
      })
    : null
  return () => {
    unwatch?.()
    detach()
    spans.endAll()
  }
}

class Spans {
  readonly #tracer: Tracer
  readonly #calls: Map<object, CallSpans> = new Map()
  /** One message object may be under way to many, and more than once. */
  readonly #sent: WeakMap<object, Sent[]> = new WeakMap()
  /** The context of the message each process handles, or handled last. */
  readonly #contexts: WeakMap<Pid, Context> = new WeakMap()
  readonly #handlings: Map<Handling, Span> = new Map()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  onEvent(event: TraceEvent): void {
    switch (event.type) {
      case 'call_start':
        this.#callStarts(event)
        return
      case 'call_end':
        this.#callEnds(event)
        return
      case 'send':
        this.#remember(event.pid, event.to, event.message)
        return
      case 'receive':
        this.#receives(event.pid, event.message)
    }
  }

  /** Beside calls, which are spans already. */
  onHandlingBegin(handling: Handling): void {
    const { pid, message } = handling
    if (typeof message === 'object' && message !== null && this.#calls.has(message)) return
    const behaviour = behaviourOf(pid)
    const type = typeOfMessage(message)
    const parent = this.#contexts.get(pid) ?? context.active()
    const attributes = {
      'arbor.pid': String(pid),
      'arbor.behaviour': behaviour,
      'arbor.message': type,
    }
    const options = { kind: SpanKind.CONSUMER, attributes, root: !this.#contexts.has(pid) }
    const span = this.#tracer.startSpan(`${behaviour} ${type}`, options, parent)
    this.#handlings.set(handling, span)
    this.#enter(pid, trace.setSpan(parent, span))
  }

  onHandlingEnd(handling: Handling): void {
    this.#handlings.get(handling)?.end()
    this.#handlings.delete(handling)
  }

  endAll(): void {
    for (const { client, server } of this.#calls.values()) {
      for (const span of [server, client]) span?.setAttribute('arbor.outcome', 'detached').end()
    }
    for (const span of this.#handlings.values()) span.end()
    this.#calls.clear()
    this.#handlings.clear()
  }

  #callStarts({ call, pid, callee, request }: CallStartEvent): void {
    const parent = this.#contextOf(pid)
    const target = isPid(callee) ? callee : whereis(callee)
    const behaviour = target === undefined ? String(callee) : behaviourOf(target)
    const type = typeOfMessage(request)
    const attributes: Attributes = {
      'rpc.system': 'arbor',
      'rpc.service': behaviour,
      'rpc.method': type,
      'arbor.callee': String(callee),
      'arbor.behaviour': behaviour,
      'arbor.request': type,
      ...(pid === null ? {} : { 'arbor.caller': String(pid) }),
    }
    const options = { kind: SpanKind.CLIENT, attributes }
    const client = this.#tracer.startSpan(`${behaviour}.${type}`, options, parent)
    this.#calls.set(call, { client, context: trace.setSpan(parent, client), server: null })
  }

  #callEnds({ call, outcome, value }: CallEndEvent): void {
    const spans = this.#calls.get(call)
    if (spans === undefined) return
    this.#calls.delete(call)
    for (const span of [spans.server, spans.client]) {
      if (span === null) continue
      span.setAttribute('arbor.outcome', outcome)
      if (outcome !== 'reply') fail(span, outcome, value)
      span.end()
    }
  }

  /** The context in which a message is sent waits for its receiver. */
  #remember(pid: Pid | null, to: Pid, message: unknown): void {
    if (typeof message !== 'object' || message === null || this.#calls.has(message)) return
    const sentIn = pid === null ? handled.getStore() : this.#contexts.get(pid)
    if (sentIn === undefined && !this.#sent.has(message)) return
    const sent = this.#sent.get(message) ?? []
    // Also one without a context, so that each receiver is given its own.
    sent.push({ to, context: sentIn ?? context.active() })
    // What was sent to the dead is never taken.
    if (sent.length > SENT_CONTEXTS_MAX) sent.shift()
    this.#sent.set(message, sent)
  }

  #receives(pid: Pid, message: unknown): void {
    const isObject = typeof message === 'object' && message !== null
    const call = isObject ? this.#calls.get(message) : undefined
    if (call !== undefined) {
      const behaviour = behaviourOf(pid)
      call.server = this.#startServer(pid, behaviour, message, call.context)
      this.#enter(pid, trace.setSpan(call.context, call.server))
      return
    }
    this.#enter(pid, isObject ? this.#take(pid, message) : undefined)
  }

  #startServer(pid: Pid, behaviour: string, message: unknown, parent: Context): Span {
    const type = typeOfMessage(message)
    const attributes = {
      'rpc.system': 'arbor',
      'rpc.service': behaviour,
      'rpc.method': type,
      'arbor.pid': String(pid),
      'arbor.behaviour': behaviour,
      'arbor.request': type,
    }
    const options = { kind: SpanKind.SERVER, attributes }
    return this.#tracer.startSpan(`${behaviour}.${type}`, options, parent)
  }

  #take(pid: Pid, message: object): Context | undefined {
    const sent = this.#sent.get(message)
    const index = sent?.findIndex(({ to }) => to === pid) ?? -1
    if (sent === undefined || index < 0) return undefined
    const [taken] = sent.splice(index, 1)
    if (sent.length === 0) this.#sent.delete(message)
    return taken?.context
  }

  /** The process handles a message from now on, in this context or in none. */
  #enter(pid: Pid, next: Context | undefined): void {
    if (next === undefined) this.#contexts.delete(pid)
    else this.#contexts.set(pid, next)
    // Handlers that await go on in it.
    handled.enterWith(next as Context)
  }

  #contextOf(pid: Pid | null): Context {
    return (pid === null ? undefined : this.#contexts.get(pid)) ?? activeContext()
  }
}

function fail(span: Span, outcome: string, value: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
  span.recordException(value instanceof Error ? value : String(value))
  // With what the callee crashed says more than that it did.
  const cause = errorIn(value)
  if (cause !== undefined) span.recordException(cause)
}

function errorIn(value: unknown): Error | undefined {
  if (typeof value !== 'object' || value === null || !('reason' in value)) return undefined
  const { reason } = value
  if (typeof reason !== 'object' || reason === null || !('error' in reason)) return undefined
  return reason.error instanceof Error ? reason.error : undefined
}
