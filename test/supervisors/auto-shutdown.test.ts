import { describe, expect, it } from 'vitest'
import { GenServer, start, startLink, stop } from '../../src/behaviours/gen-server.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { isAlive, send } from '../../src/runtime/process.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, waitForExit } from '../../src/runtime/signal.ts'
import type { AutoShutdown, ChildSpec } from '../../src/supervisors/child-spec.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

/** Ends with the reason it is sent. */
class Worker extends GenServer<null> {
  init() {
    return { state: null }
  }
  override handleInfo(message: unknown) {
    return { stop: message as ExitReason, state: null }
  }
}

class Optional extends GenServer<null> {
  init() {
    return { ignore: true as const }
  }
}

const child = (id: string, rest: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  restart: 'transient',
  start: () => startLink(new Worker(), { name: id }),
  ...rest,
})

const tree = async (autoShutdown: AutoShutdown) =>
  start(
    new Supervisor({
      autoShutdown,
      children: [child('a', { significant: true }), child('b', { significant: true }), child('c')],
    }),
  )

function end(name: string, reason: ExitReason): void {
  send<ExitReason>(name, reason)
  runUntilIdle()
}

describe('autoShutdown', () => {
  it('any_significant: the first end of a significant child ends the supervisor', async () => {
    const supervisor = await tree('any_significant')
    end('c', 'normal')
    expect(isAlive(supervisor)).toBe(true)
    const ended = waitForExit(supervisor)
    end('a', 'normal')
    expect(await ended).toBe('shutdown')
    expect(whereis('b')).toBeUndefined()
  })

  it('does not mind a crash that is restarted, nor who is terminated by hand', async () => {
    const supervisor = await tree('any_significant')
    end('a', 'crash')
    await Supervisor.terminateChild(supervisor, 'b')
    expect([isAlive(supervisor), whereis('a') !== undefined]).toEqual([true, true])
    await stop(supervisor)
  })

  it('all_significant: the last one does', async () => {
    const supervisor = await tree('all_significant')
    end('b', 'normal')
    expect(isAlive(supervisor)).toBe(true)
    const ended = waitForExit(supervisor)
    end('a', 'shutdown')
    expect(await ended).toBe('shutdown')
  })

  it('never is the default, and then nobody is significant', () => {
    const children = [child('a', { significant: true })]
    const refused = expect.objectContaining({ code: 'bad_child_spec' })
    expect(() => new Supervisor({ children })).toThrow(refused)
  })

  it('and strategy are words of a list', () => {
    const refused = expect.objectContaining({ code: 'bad_option' })
    for (const bad of ['{ "strategy": "one_for_none" }', '{ "autoShutdown": "sometimes" }']) {
      expect(() => new Supervisor(JSON.parse(bad) as object)).toThrow(refused)
    }
  })
})

describe('a child whose init ignores', () => {
  const none = child('none', { start: () => startLink(new Optional()) })

  it('is kept without a process, unless it is temporary; the others start', async () => {
    const gone: ChildSpec = { ...none, id: 'gone', restart: 'temporary' }
    const supervisor = await start(new Supervisor({ children: [none, gone, child('a')] }))
    const kept = await Supervisor.whichChildren(supervisor)
    expect(kept.map(({ id, pid }) => [id, pid])).toEqual([
      ['none', undefined],
      ['a', whereis('a')],
    ])
    await expect(Supervisor.restartChild(supervisor, 'none')).rejects.toMatchObject({
      code: 'ignored',
    })
    await stop(supervisor)
  })

  it('is kept by startChild too', async () => {
    const supervisor = await start(new Supervisor({}))
    const ignored = { code: 'ignored' }
    await expect(Supervisor.startChild(supervisor, none)).rejects.toMatchObject(ignored)
    await expect(
      Supervisor.startChild(supervisor, { ...none, id: 'gone', restart: 'temporary' }),
    ).rejects.toMatchObject(ignored)
    expect(await Supervisor.countChildren(supervisor)).toMatchObject({ specs: 1, active: 0 })
    await stop(supervisor)
  })

  it('stays down when a restart ignores', async () => {
    let starts = 0
    const once = child('once', {
      restart: 'permanent',
      start: () =>
        starts++ === 0 ? startLink(new Worker(), { name: 'once' }) : startLink(new Optional()),
    })
    const supervisor = await start(new Supervisor({ children: [once] }))
    const pid = whereis('once')
    if (pid !== undefined) exit(pid, 'kill')
    runUntilIdle()
    expect(await Supervisor.countChildren(supervisor)).toMatchObject({ specs: 1, active: 0 })
    expect(starts).toBe(2)
    await stop(supervisor)
  })
})
