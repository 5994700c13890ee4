import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Call,
  GenServer,
  type ServerPid,
  start,
  stop,
} from '../../src/behaviours/gen-server.ts'
import { abcast, LOCAL_NODE, multiCall } from '../../src/behaviours/multi-call.ts'
import { getState } from '../../src/behaviours/sys.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import type { Name } from '../../src/runtime/pid.ts'
import { useClock } from '../../src/runtime/timer.ts'

let clock = new VirtualClock()
beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
})
afterEach(() => useClock(systemClock))

type Ask = Call<'get', object, number> | Call<'never', object, number>

class Counter extends GenServer<number, Ask, number> {
  init() {
    return { state: 0 }
  }
  override handleCall({ type }: Ask, _from: unknown, state: number) {
    return type === 'get' ? { reply: state, state } : { state }
  }
  override handleCast(by: number, state: number) {
    return { state: state + by }
  }
}

const counter: Name<ServerPid<Ask, number>> = 'counter'

describe('multiCall', () => {
  it('collects the reply of each node, and lists those without', async () => {
    const pid = start(new Counter(), { name: counter })
    const nodes = [LOCAL_NODE, 'elsewhere']
    expect(await multiCall(counter, { type: 'get' }, { nodes })).toEqual({
      replies: [{ node: 'local', reply: 0 }],
      badNodes: ['elsewhere'],
    })
    await stop(pid)
    expect(await multiCall(counter, { type: 'get' })).toEqual({ replies: [], badNodes: ['local'] })
  })

  it('lists a node whose server is late', async () => {
    const pid = start(new Counter(), { name: counter })
    const asked = multiCall(counter, { type: 'never' }, { timeoutMs: 50 })
    await clock.advanceAsync(60)
    expect(await asked).toEqual({ replies: [], badNodes: ['local'] })
    await stop(pid)
  })
})

describe('abcast', () => {
  it('casts to the name where there is one, and is silent where there is none', async () => {
    const pid = start(new Counter(), { name: counter })
    abcast(counter, 2)
    abcast(counter, 3, { nodes: [LOCAL_NODE, 'elsewhere'] })
    abcast('nobody' as typeof counter, 4)
    expect(await getState(pid)).toBe(5)
    await stop(pid)
  })
})
