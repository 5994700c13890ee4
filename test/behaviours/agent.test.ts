import { describe, expect, expectTypeOf, it } from 'vitest'
import { Agent, type AgentPid, type AgentRef } from '../../src/behaviours/agent.ts'
import { start, stop } from '../../src/behaviours/gen-server.ts'
import { getState } from '../../src/behaviours/sys.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { waitForExit } from '../../src/runtime/signal.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

describe('Agent', () => {
  it('keeps a state, and runs functions on it in order', async () => {
    const counter = Agent.start(() => 1)
    Agent.cast(counter, (n) => n + 1)
    const updated = Agent.update(counter, (n) => n * 10)
    const taken = Agent.getAndUpdate(counter, (n) => [`was ${n}`, n + 1])
    expect(await Agent.get(counter, (n) => n)).toBe(21)
    expect([await updated, await taken]).toEqual([undefined, 'was 20'])
    expectTypeOf(taken).toEqualTypeOf<Promise<string>>()
    await Agent.stop(counter)
  })

  it('waits for async functions before it runs the next', async () => {
    const log = Agent.start((): readonly string[] => [])
    Agent.cast(log, async (entries) => [...(await Promise.resolve(entries)), 'first'])
    await Agent.update(log, async (entries) => [...entries, 'second'])
    const [last, size] = await Promise.all([
      Agent.get(log, async (entries) => entries.at(-1)),
      Agent.get(log, (entries) => entries.length),
    ])
    expect([last, size]).toEqual(['second', 2])
  })

  it('ends with what a function throws; the caller hears why', async () => {
    const agent = Agent.start(() => 0)
    const ended = waitForExit(agent)
    const error = new Error('broken')
    const failing = Agent.get(agent, () => {
      throw error
    })
    await expect(failing).rejects.toMatchObject({ code: 'exit', reason: { error } })
    expect(await ended).toMatchObject({ error })
  })

  it('does not start when its first state cannot be made', () => {
    const failing = (): never => {
      throw new Error('no luck')
    }
    expect(() => Agent.start(failing)).toThrow('did not start')
  })

  it('is restarted by a supervisor, and seen by sys', async () => {
    const name: AgentRef<number> = 'visits'
    const children = [Agent.childSpec('visits', () => 0, { name })]
    const tree = await start(new Supervisor({ children }))
    await Agent.update(name, (n) => n + 1)
    expect(await getState(name)).toBe(1)
    const first = whereis(name) as AgentPid<number>
    const ended = waitForExit(first)
    await Agent.stop(first, 'upset')
    expect(await ended).toBe('upset')
    expect(await Agent.get(name, (n) => n)).toBe(0)
    await stop(tree)
  })
})
