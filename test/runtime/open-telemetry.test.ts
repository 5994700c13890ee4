import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  type Call,
  call,
  cast,
  type From,
  GenServer,
  reply,
  type ServerPid,
  start,
} from '../../src/behaviours/gen-server.ts'
import {
  activeContext,
  attachOpenTelemetry,
  type OpenTelemetryOptions,
} from '../../src/runtime/open-telemetry.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { exit } from '../../src/runtime/signal.ts'
import { tracer } from '../../src/runtime/tracer.ts'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const spansOf = provider.getTracer('test')

beforeEach(() => exporter.reset())
let detach = (): void => {}
afterEach(() => {
  detach()
  detach = () => {}
})

function attach(options: OpenTelemetryOptions = {}): void {
  detach = attachOpenTelemetry({ tracer: spansOf, ...options })
}

type RelayCall =
  | Call<'echo', { value: number }, number>
  | Call<'relay', { value: number }, number>
  | Call<'relay_late', { value: number }, number>
  | Call<'later', object, number>
  | Call<'crash', object, never>
type RelayPid = ServerPid<RelayCall, { readonly type: 'tell'; readonly value: number }>

/** Answers, or asks the next one and answers with what that says. */
class Relay extends GenServer<From<number> | null, RelayCall, { type: 'tell'; value: number }> {
  readonly #next: RelayPid | null

  constructor(next: RelayPid | null = null) {
    super()
    this.#next = next
  }
  init() {
    return { state: null }
  }
  override handleCall(request: RelayCall, from: From<number>, state: From<number> | null) {
    const next = this.#next
    if (request.type === 'crash') throw new RangeError('told to')
    if (request.type === 'later') return { state: from }
    if (request.type === 'echo' || next === null) return { reply: request.value * 2, state }
    const asked = { type: 'echo', value: request.value } as const
    if (request.type === 'relay') {
      return call(next, asked).then((value) => ({ reply: value + 1, state }))
    }
    return tick()
      .then(() => call(next, asked))
      .then((value) => ({ reply: value + 1, state }))
  }
  override handleCast({ value }: { value: number }, state: From<number> | null) {
    if (this.#next !== null) void call(this.#next, { type: 'echo', value })
    if (state !== null) reply(state, value)
    return { state: null }
  }
  override handleInfo(message: unknown, state: From<number> | null) {
    if (this.#next !== null) void call(this.#next, { type: 'echo', value: Number(message) })
    return { state }
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Spans that have ended, as `kind name`, each with its parent's. */
function tree(): [string, string | undefined][] {
  const spans = exporter.getFinishedSpans()
  const titles = new Map(spans.map((span) => [span.spanContext().spanId, titleOf(span)]))
  return spans.map((span) => [titleOf(span), titles.get(span.parentSpanContext?.spanId ?? '')])
}

function titleOf(span: ReadableSpan): string {
  return `${SpanKind[span.kind].toLowerCase()} ${span.name}`
}

describe('attachOpenTelemetry', () => {
  it('makes a span at the caller and one at the callee of a call', async () => {
    const server = start(new Relay())
    attach()
    expect(await call(server, { type: 'echo', value: 2 })).toBe(4)
    expect(tree()).toEqual([
      ['server Relay.echo', 'client Relay.echo'],
      ['client Relay.echo', undefined],
    ])
    const [serverSpan, clientSpan] = exporter.getFinishedSpans()
    expect(clientSpan?.attributes).toEqual({
      'rpc.system': 'arbor',
      'rpc.service': 'Relay',
      'rpc.method': 'echo',
      'arbor.callee': String(server),
      'arbor.behaviour': 'Relay',
      'arbor.request': 'echo',
      'arbor.outcome': 'reply',
    })
    expect(serverSpan?.attributes).toMatchObject({ 'arbor.outcome': 'reply' })
    expect(clientSpan?.status.code).toBe(SpanStatusCode.UNSET)
  })

  it.each(['relay', 'relay_late'] as const)(
    'hangs what a callee asks below it (%s)',
    async (type) => {
      const last = start(new Relay())
      const first = start(new Relay(last))
      attach()
      expect(await call(first, { type, value: 2 })).toBe(5)
      expect(tree()).toEqual([
        ['server Relay.echo', 'client Relay.echo'],
        ['client Relay.echo', `server Relay.${type}`],
        [`server Relay.${type}`, `client Relay.${type}`],
        [`client Relay.${type}`, undefined],
      ])
      const ids = exporter.getFinishedSpans().map((span) => span.spanContext().traceId)
      expect(new Set(ids).size).toBe(1)
    },
  )

  it('does not mix up what several callees await at a time', async () => {
    const last = start(new Relay())
    const firsts = Array.from({ length: 20 }, () => start(new Relay(last)))
    attach()
    await Promise.all(firsts.map((first, value) => call(first, { type: 'relay_late', value })))
    expect(tree()).toHaveLength(80)
    const spans = exporter.getFinishedSpans()
    const traces = Map.groupBy(spans, (span) => span.spanContext().traceId)
    expect([...traces.values()].map(({ length }) => length)).toEqual(Array(20).fill(4))
    for (const own of traces.values()) {
      const relay = own.find(
        ({ name, kind }) => name === 'Relay.relay_late' && kind === SpanKind.SERVER,
      )
      const asked = own.find(({ name, kind }) => name === 'Relay.echo' && kind === SpanKind.CLIENT)
      expect(asked?.parentSpanContext?.spanId).toBe(relay?.spanContext().spanId)
    }
  })

  it('takes the context along with casts and messages', async () => {
    const last = start(new Relay())
    const middle = start(new Relay(last))
    class Teller extends GenServer<null, Call<'go', { how: string }, null>> {
      init() {
        return { state: null }
      }
      override handleCall({ how }: { how: string }) {
        if (how === 'cast') cast(middle, { type: 'tell', value: 1 })
        else send<unknown>(middle as never, new Number(3))
        return { reply: null, state: null }
      }
    }
    const teller = start(new Teller())
    attach()
    for (const how of ['cast', 'send']) {
      exporter.reset()
      await call(teller, { type: 'go', how })
      await tick()
      expect(tree()).toContainEqual(['client Relay.echo', 'server Teller.go'])
    }
    // What is sent from outside of any handler belongs to nothing.
    exporter.reset()
    cast(middle, { type: 'tell', value: 1 })
    await tick()
    expect(tree()).toContainEqual(['client Relay.echo', undefined])
  })

  it('begins anew after a call has returned', async () => {
    const server = start(new Relay())
    attach()
    await call(server, { type: 'echo', value: 1 })
    await call(server, { type: 'echo', value: 2 })
    expect(tree().filter(([, parent]) => parent === undefined)).toHaveLength(2)
    expect(activeContext()).toBe(context.active())
  })

  it('ends the spans of a late reply with the reply', async () => {
    const server = start(new Relay())
    attach()
    const open = call(server, { type: 'later' })
    await tick()
    expect(tree()).toEqual([])
    cast(server, { type: 'tell', value: 7 })
    expect(await open).toBe(7)
    expect(tree()).toEqual([
      ['server Relay.later', 'client Relay.later'],
      ['client Relay.later', undefined],
    ])
  })

  it('records why a call failed, with what the callee threw', async () => {
    const server = start(new Relay())
    attach()
    await expect(call(server, { type: 'crash' })).rejects.toThrow()
    await expect(call(server, { type: 'echo', value: 1 })).rejects.toThrow()
    const other = start(new Relay())
    const late = call(other, { type: 'later' }, { timeoutMs: 5 })
    await expect(late).rejects.toThrow()
    exit(other, 'kill')
    const failed = exporter
      .getFinishedSpans()
      .map((span) => [
        titleOf(span),
        span.attributes['arbor.outcome'],
        span.status,
        span.events.map(({ attributes }) => attributes?.['exception.type']),
      ])
    const status = (message: string): object => ({ code: SpanStatusCode.ERROR, message })
    expect(failed).toEqual([
      ['server Relay.crash', 'exit', status('exit'), ['exit', 'RangeError']],
      ['client Relay.crash', 'exit', status('exit'), ['exit', 'RangeError']],
      ['client callback.echo', 'noproc', status('noproc'), ['noproc']],
      ['server Relay.later', 'timeout', status('timeout'), ['timeout']],
      ['client Relay.later', 'timeout', status('timeout'), ['timeout']],
    ])
  })

  it('makes a span of every message when asked to', async () => {
    const last = start(new Relay())
    const middle = start(new Relay(last))
    attach({ messages: true })
    const plain = spawn((_: object) => cast(middle, { type: 'tell', value: 1 }))
    send(plain, { type: 'go' })
    await tick()
    await tick()
    detach()
    expect(tree()).toEqual(
      expect.arrayContaining([
        ['consumer callback go', undefined],
        ['consumer Relay tell', 'consumer callback go'],
        ['client Relay.echo', 'consumer Relay tell'],
        ['server Relay.echo', 'client Relay.echo'],
      ]),
    )
    expect(tree()).toHaveLength(4)
  })

  it('hangs calls from outside below the span that is active there', async () => {
    const server = start(new Relay())
    const active = trace.setSpan(ROOT_CONTEXT, spansOf.startSpan('request'))
    const manager = {
      active: () => active,
      with: <A extends unknown[], R>(
        _: unknown,
        run: (...args: A) => R,
        self?: object,
        ...args: A
      ) => run.apply(self, args),
      bind: <T>(_: unknown, target: T) => target,
      enable() {
        return this
      },
      disable() {
        return this
      },
    }
    context.setGlobalContextManager(manager as never)
    onTestFinished(() => context.disable())
    attach()
    await call(server, { type: 'echo', value: 1 })
    trace.getSpan(active)?.end()
    expect(tree()).toContainEqual(['client Relay.echo', 'internal request'])
  })

  it('leaves nothing attached, and no span open, when it is taken off', async () => {
    const server = start(new Relay())
    attach({ messages: true })
    const open = call(server, { type: 'later' })
    await tick()
    detach()
    expect(tracer).toBeNull()
    const outcomes = exporter.getFinishedSpans().map((span) => span.attributes['arbor.outcome'])
    expect(outcomes).toEqual(['detached', 'detached'])
    cast(server, { type: 'tell', value: 1 })
    await open
    expect(exporter.getFinishedSpans()).toHaveLength(2)
  })
})
