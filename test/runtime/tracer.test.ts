import { afterEach, describe, expect, it } from 'vitest'
import { type Call, call, GenServer, start } from '../../src/behaviours/gen-server.ts'
import { setLogger } from '../../src/runtime/logger.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { send, spawn, spawnLink } from '../../src/runtime/process.ts'
import { register } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, unlink } from '../../src/runtime/signal.ts'
import {
  attachTracer,
  type TraceEvent,
  type TraceOptions,
  tracer,
} from '../../src/runtime/tracer.ts'

const attached: (() => void)[] = []
afterEach(() => {
  for (const detach of attached.splice(0)) detach()
})

function trace(options?: TraceOptions): TraceEvent[] {
  const seen: TraceEvent[] = []
  attached.push(attachTracer((event) => void seen.push(event), options))
  return seen
}

type EchoCall = Call<'echo', { value: number }, number> | Call<'crash', object, never>

class Echo extends GenServer<undefined, EchoCall> {
  init() {
    return { state: undefined }
  }
  override handleCall(request: EchoCall) {
    if (request.type === 'crash') throw new Error('asked to')
    return { reply: request.value, state: undefined }
  }
}

describe('attachTracer', () => {
  it('shows the life of a process, as data, in order', () => {
    const seen = trace({ types: ['spawn', 'register', 'send', 'receive', 'unregister', 'exit'] })
    const process = spawn((_: string) => exit('normal'))
    register('traced', process)
    send(process, 'hello')
    runUntilIdle()
    expect(seen.map(({ atMs, ...event }) => event)).toEqual([
      { type: 'spawn', pid: process, parent: null },
      { type: 'register', pid: process, name: 'traced' },
      { type: 'send', pid: null, to: process, message: 'hello' },
      { type: 'receive', pid: process, message: 'hello' },
      { type: 'exit', pid: process, reason: 'normal' },
      { type: 'unregister', pid: process, name: 'traced' },
    ])
  })

  it('names the parent of a process, and its links', () => {
    const seen = trace({ types: ['spawn', 'link', 'unlink'] })
    const parent = spawn((_: string) => {
      const child = spawnLink((_: string, state: number) => state, 0)
      unlink(child)
    })
    send(parent, 'go')
    runUntilIdle()
    const linked = seen[2]
    const child = linked?.type === 'link' ? linked.other : undefined
    expect(seen.map(({ atMs, ...event }) => event)).toEqual([
      { type: 'spawn', pid: parent, parent: null },
      { type: 'spawn', pid: child, parent },
      { type: 'link', pid: parent, other: child },
      { type: 'unlink', pid: parent, other: child },
    ])
  })

  it('shows a call as a span: start and end are of the same call, which the callee receives', async () => {
    const server = start(new Echo())
    const seen = trace({ types: ['call_start', 'receive', 'call_end'] })
    await call(server, { type: 'echo', value: 3 })
    const [begun, received, ended] = seen
    expect(begun).toMatchObject({ type: 'call_start', pid: null, callee: server })
    expect(begun).toMatchObject({ request: { type: 'echo', value: 3 } })
    expect(ended).toMatchObject({ type: 'call_end', outcome: 'reply', value: 3 })
    const span = begun?.type === 'call_start' ? begun.call : undefined
    expect(received?.type === 'receive' && received.message).toBe(span)
    expect(ended?.type === 'call_end' && ended.call).toBe(span)
    expect(ended?.type === 'call_end' && ended.durationMs >= 0).toBe(true)
  })

  it('shows why a call had no reply', async () => {
    const server = start(new Echo())
    const seen = trace({ types: ['call_end'] })
    await expect(call(server, { type: 'crash' })).rejects.toMatchObject({ code: 'exit' })
    await expect(call(server, { type: 'crash' })).rejects.toMatchObject({ code: 'noproc' })
    expect(seen.map((event) => event.type === 'call_end' && event.outcome)).toEqual([
      'exit',
      'noproc',
    ])
  })

  it('shows when processes run, and how many wait', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    const seen = trace({ types: ['slice_begin', 'slice_end'] })
    send(
      spawn(() => {}),
      'go',
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen.map(({ type }) => type)).toEqual(['slice_begin', 'slice_end'])
    expect(seen[1]).toMatchObject({ runQueueLength: 0 })
  })

  it('of one pid shows only that, and with `follow` whom it spawns', () => {
    const children: Pid<string>[] = []
    const parent = spawn((_: string) => void children.push(spawn((_: string) => {})))
    const other = spawn((_: string) => {})
    const alone = trace({ types: ['receive', 'spawn'], pids: [parent] })
    const family = trace({ types: ['receive'], pids: [parent], follow: true })
    send(parent, 'a')
    send(other, 'b')
    runUntilIdle()
    for (const child of children) send(child, 'c')
    runUntilIdle()
    expect(alone.map(({ type }) => type)).toEqual(['receive', 'spawn'])
    expect(family.map((event) => event.type === 'receive' && event.message)).toEqual(['a', 'c'])
  })

  it('serves several subscribers, each what it wants, until they detach', () => {
    const sends = trace({ types: ['send'] })
    const all = trace()
    const process = spawn((_: string) => {})
    send(process, 'a')
    attached.shift()?.()
    send(process, 'b')
    expect(sends).toHaveLength(1)
    expect(all.filter(({ type }) => type === 'send')).toHaveLength(2)
    attached.shift()?.()
    expect(tracer).toBe(null)
  })

  it('does not trace what a sink does', () => {
    const process = spawn((_: string) => {})
    let count = 0
    attached.push(
      attachTracer(
        () => {
          count++
          send(process, 'noise')
        },
        { types: ['send'] },
      ),
    )
    send(process, 'a')
    expect(count).toBe(1)
  })

  it('detaches a sink that throws, says so, and lets the process go on', () => {
    const reports: string[] = []
    setLogger(({ event }) => void reports.push(event))
    const heard: string[] = []
    attachTracer(() => {
      throw new Error('a bad sink')
    })
    const process = spawn((m: string) => void heard.push(m))
    send(process, 'a')
    runUntilIdle()
    setLogger(null)
    expect([heard, reports, tracer]).toEqual([['a'], ['trace_sink_failed'], null])
  })
})
