import { describe, expect, it } from 'vitest'
import { type Call, call, GenServer, start } from '../../src/behaviours/gen-server.ts'
import { runtimeMetrics } from '../../src/runtime/metrics.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { traceMetrics } from '../../src/runtime/traced-metrics.ts'
import { tracer } from '../../src/runtime/tracer.ts'

type WaitCall = Call<'wait', { ms: number }, null> | Call<'crash', object, never>

class Waiter extends GenServer<null, WaitCall> {
  init() {
    return { state: null }
  }
  override async handleCall(request: WaitCall) {
    if (request.type === 'crash') throw new Error('told to')
    await new Promise((resolve) => setTimeout(resolve, request.ms))
    return { reply: null, state: null }
  }
}

/** The value of a series in a text of metrics; 0 when it is not there. */
function sampleOf(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length + 1))
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('traceMetrics', () => {
  it('observes calls by behaviour, request and outcome, as long as somebody asks for it', async () => {
    const server = start(new Waiter())
    const detach = [traceMetrics(), traceMetrics({ messages: true })]
    await call(server, { type: 'wait', ms: 20 })
    await call(server, { type: 'crash' }).catch(() => {})
    detach[0]?.()
    detach[0]?.()
    await call(server, { type: 'wait', ms: 0 }).catch(() => {})
    const text = await runtimeMetrics().text()
    const waited = '{behaviour="Waiter",request="wait",outcome="reply"}'
    expect(sampleOf(text, `arbor_call_duration_seconds_count${waited}`)).toBe(1)
    expect(sampleOf(text, `arbor_call_duration_seconds_sum${waited}`)).toBeGreaterThan(0.015)
    expect(sampleOf(text, `arbor_call_duration_seconds_sum${waited}`)).toBeLessThan(10)
    const series = 'arbor_call_duration_seconds_count'
    const crashed = '{behaviour="Waiter",request="crash",outcome="exit"}'
    // A server that has ended is a process without a behaviour.
    const ended = '{behaviour="callback",request="crash",outcome="exit"}'
    expect(sampleOf(text, series + crashed) + sampleOf(text, series + ended)).toBe(1)
    const gone = '{behaviour="callback",request="wait",outcome="noproc"}'
    expect(sampleOf(text, series + gone)).toBe(1)
    detach[1]?.()
    expect(tracer).toBeNull()
    expect(await runtimeMetrics().text()).not.toContain('arbor_call_duration')
  })

  it('observes messages, those of handlers that await from begin to end', async () => {
    const server = start(new Waiter())
    const process = spawn((_: { type: string }) => {})
    const detach = traceMetrics({ messages: true })
    const before = await runtimeMetrics().text()
    const waited = call(server, { type: 'wait', ms: 20 })
    send(process, { type: 'hello' })
    send(process, { type: 'hello' })
    await waited
    await tick()
    await tick()
    const after = await runtimeMetrics().text()
    const grown = (series: string): number => {
      const name = `arbor_message_duration_seconds_${series}`
      return sampleOf(after, name) - sampleOf(before, name)
    }
    const hello = '{behaviour="callback",message="hello"}'
    expect(grown(`count${hello}`)).toBe(2)
    expect(grown(`sum${hello}`)).toBeLessThan(0.015)
    const wait = '{behaviour="Waiter",message="wait"}'
    expect(grown(`count${wait}`)).toBe(1)
    expect(grown(`sum${wait}`)).toBeGreaterThan(0.015)
    detach()
  })
})
