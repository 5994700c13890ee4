import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startService } from '../../../src/actors/service/service-host.ts'
import {
  type Call,
  call,
  cast,
  GenServer,
  start,
  startLink,
} from '../../../src/behaviours/gen-server.ts'
import { degraded, ok, Service } from '../../../src/behaviours/service.ts'
import { systemClock, VirtualClock } from '../../../src/runtime/clock.ts'
import type { Report } from '../../../src/runtime/logger.ts'
import { setLogger } from '../../../src/runtime/logger.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { isAlive } from '../../../src/runtime/process.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { exit, processCount, waitForExit } from '../../../src/runtime/signal.ts'
import { useClock } from '../../../src/runtime/timer.ts'
import { DynamicSupervisor } from '../../../src/supervisors/dynamic-supervisor.ts'
import { MadeService, recording, serving, until } from './made-service.ts'

/** A child that does nothing. */
class Idle extends GenServer<null> {
  init() {
    return { state: null }
  }
}

describe('a service', () => {
  it('answers calls under its name, and tells its status', async () => {
    const service = await serving()
    expect(service.server).toBe('made')
    expect(await call(service.server, { type: 'echo', text: 'hi' })).toBe('hi')
    expect(await service.status()).toEqual({
      phase: 'ready',
      health: { status: 'ok' },
      info: { name: 'made', version: '1.2.3', description: 'does as it is told' },
    })
    expect(service.port).toBeUndefined()
  })

  it('leaves nothing behind when it stops, and may be stopped twice', async () => {
    const before = processCount()
    const service = await serving()
    expect(processCount()).toBeGreaterThan(before)
    await Promise.all([service.stop(), service.stop()])
    await service.stop()
    expect(processCount()).toBe(before)
    expect(await service.status()).toMatchObject({
      phase: 'stopped',
      health: { status: 'down', reason: 'stopped' },
    })
  })

  it('is given options, environment, logger, supervisor and signal', async () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    onTestFinished(() => setLogger(null))
    let signal: AbortSignal | undefined
    let child: Pid | undefined
    const service = await serving(
      [],
      {
        start: async (context) => {
          expect(context).toMatchObject({
            name: 'made',
            options: { a: 1 },
            environment: { B: '2' },
          })
          context.logger.warning('said', { level: 'not this', fact: 3 })
          child = await context.startChild({ id: 'idle', start: () => startLink(new Idle()) })
          expect(await DynamicSupervisor.countChildren(context.supervisor as never)).toMatchObject({
            active: 1,
          })
          signal = context.signal
        },
      },
      { options: { a: 1 }, environment: { B: '2' } },
    )
    expect(reports).toContainEqual({ level: 'warning', event: 'said', service: 'made', fact: 3 })
    expect([signal?.aborted, child !== undefined && isAlive(child)]).toEqual([false, true])
    await service.stop()
    expect([signal?.aborted, child !== undefined && isAlive(child)]).toEqual([true, false])
  })

  it('may be an instance, a class or a function', async () => {
    class Plain extends Service<null, Call<'ping', object, 'pong'>> {
      info = () => ({ name: 'plain', version: '1', description: 'answers' })
      capabilities = () => []
      identitySpec = () => ({ scope: 'plain', actions: [], resources: [], ttlDays: 1 })
      start = () => null
      stop = () => {}
      health = () => ok()
      override handleCall = () => ({ reply: 'pong' as const, state: null })
    }
    for (const source of [new Plain(), Plain, () => new Plain()]) {
      const service = await startService(source)
      expect(await call(service.server, { type: 'ping' })).toBe('pong')
      // Each of them can be started again.
      const pid = whereis(service.server)
      if (pid !== undefined) exit(pid, 'kill')
      await until(() => whereis(service.server) !== undefined && whereis(service.server) !== pid)
      expect(await call(service.server, { type: 'ping' })).toBe('pong')
      await service.stop()
    }
  })

  it('is not started twice from one instance', async () => {
    const made = new MadeService()
    const service = await startService(made)
    onTestFinished(() => service.stop())
    await expect(startService(made, { name: 'other' })).rejects.toMatchObject({
      code: 'already_started',
    })
    await expect(startService(new MadeService())).rejects.toMatchObject({ code: 'already_started' })
  })
})

describe('a service that cannot start', () => {
  it('leaves nothing running and nothing announced, and says why', async () => {
    const before = processCount()
    const events: string[] = []
    const broken = startService(
      () =>
        new MadeService(events, {
          start: () => {
            throw new RangeError('no database')
          },
        }),
      { port: 0, announcer: recording(events) },
    )
    await expect(broken).rejects.toMatchObject({
      code: 'not_started',
      message: expect.stringContaining('made did not start, RangeError: no database'),
      cause: expect.any(RangeError),
    })
    expect(events).toEqual(['starting'])
    expect(processCount()).toBe(before)
  })

  it('in time is given up', async () => {
    const before = processCount()
    const clock = new VirtualClock()
    useClock(clock)
    onTestFinished(() => useClock(systemClock))
    const start = () => new Promise<void>(() => {})
    const broken = startService(new MadeService([], { start }), { startTimeoutMs: 500 })
    const failed = broken.catch((error: unknown) => error)
    await clock.advanceAsync(510)
    expect(await failed).toMatchObject({ code: 'start_timeout' })
    expect(processCount()).toBe(before)
  })

  it.each([
    ['port', { port: 65_536 }],
    ['port', { port: 1.5 }],
    ['drainTimeoutMs', { drainTimeoutMs: -1 }],
    ['healthTimeoutMs', { healthTimeoutMs: Number.NaN }],
    ['announceIntervalMs', { announceIntervalMs: 0 }],
  ])('names the option %s', async (name, options) => {
    await expect(startService(new MadeService(), options)).rejects.toMatchObject({
      code: 'bad_option',
      message: expect.stringContaining(name),
    })
  })

  it('is refused for what it declares before its start is called', async () => {
    const events: string[] = []
    const capabilities = () => [{ name: 'info', version: 1 }]
    await expect(startService(new MadeService(events, { capabilities }))).rejects.toMatchObject({
      code: 'bad_service',
    })
    expect(events).toEqual([])
  })

  it('is refused as a bare server, and what is no service at all', async () => {
    expect(() => start(new MadeService())).toThrow(/use startService/)
    const none = startService((() => 'service') as never)
    await expect(none).rejects.toMatchObject({ code: 'bad_service' })
  })
})

describe('order', () => {
  it('is start, announce; withdraw, drain, stop, children', async () => {
    const events: string[] = []
    const service = await serving(
      events,
      {
        start: async ({ startChild }) => {
          const child = await startChild({ id: 'idle', start: () => startLink(new Idle()) })
          void waitForExit(child).then(() => events.push('child ended'))
        },
      },
      { announcer: recording(events) },
    )
    await until(() => events.length === 3)
    expect(events).toEqual(['starting', 'started', 'announce made made.echo@1'])
    const open = call(service.server, { type: 'later' })
    const stopped = service.stop()
    await until(() => events.includes('withdraw made.echo@1'))
    // The call in flight holds up the stop, and a new one is refused.
    await until(() => events.at(-1) !== 'call waits')
    const refused = call(service.server, { type: 'echo', text: 'hi' })
    await expect(refused).rejects.toMatchObject({ code: 'refused', reason: 'draining' })
    expect(await service.status()).toMatchObject({
      phase: 'draining',
      health: { status: 'down', reason: 'draining' },
    })
    cast(service.server, { type: 'answer', text: 'done' })
    expect(await open).toBe('done')
    await stopped
    expect(events.slice(3)).toEqual([
      'call waits',
      'withdraw made.echo@1',
      'answers done',
      'stopping',
      'stopped',
      'child ended',
    ])
  })

  it('announces only what has started, and not while it starts', async () => {
    const events: string[] = []
    let go = (): void => {}
    const ready = new Promise<void>((resolve) => {
      go = resolve
    })
    const starting = serving(events, { start: () => ready }, { announcer: recording(events) })
    await until(() => events.length === 1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(events).toEqual(['starting'])
    go()
    await starting
    await until(() => events.length === 3)
    expect(events.slice(1)).toEqual(['started', 'announce made made.echo@1'])
  })
})

describe('drain', () => {
  let clock = new VirtualClock()
  beforeEach(() => {
    clock = new VirtualClock()
    useClock(clock)
  })
  afterEach(() => useClock(systemClock))

  it('lasts no longer than drainTimeoutMs, then the callers hear of the end', async () => {
    const events: string[] = []
    const service = await startService(() => new MadeService(events), { drainTimeoutMs: 400 })
    const open = call(service.server, { type: 'later' }, { timeoutMs: 'infinity' })
    const failed = open.catch((error: unknown) => error)
    await clock.advanceAsync(10)
    const stopped = service.stop()
    await clock.advanceAsync(399)
    expect(events).not.toContain('stopping')
    await clock.advanceAsync(10)
    await stopped
    expect(events.slice(-2)).toEqual(['stopping', 'stopped'])
    expect(await failed).toMatchObject({ code: 'exit', reason: 'shutdown' })
  })

  it('answers all that waited in the mailbox', async () => {
    const service = await startService(() => new MadeService())
    const open = ['a', 'b', 'c'].map((text) => call(service.server, { type: 'echo', text }))
    const stopped = service.stop()
    await clock.advanceAsync(100)
    expect(await Promise.all(open)).toEqual(['a', 'b', 'c'])
    await stopped
  })

  it('does not wait for calls whose callers have given up', async () => {
    const service = await startService(() => new MadeService(), { drainTimeoutMs: 10_000 })
    const open = call(service.server, { type: 'later' }, { timeoutMs: 50 })
    const failed = open.catch((error: unknown) => error)
    await clock.advanceAsync(10)
    const stopped = service.stop()
    await clock.advanceAsync(100)
    await stopped
    expect(await failed).toMatchObject({ code: 'timeout' })
  })

  it('is followed by a stop that lasts no longer than stopTimeoutMs', async () => {
    const events: string[] = []
    const stop = () => new Promise<void>(() => {})
    const service = await startService(() => new MadeService(events, { stop }), {
      stopTimeoutMs: 300,
    })
    const pid = whereis(service.server)
    const stopped = service.stop()
    await clock.advanceAsync(299)
    expect([events.at(-1), pid !== undefined && isAlive(pid)]).toEqual(['stopping', true])
    await clock.advanceAsync(10)
    await stopped
    expect(pid !== undefined && isAlive(pid)).toBe(false)
  })
})

describe('announcing', () => {
  let clock = new VirtualClock()
  beforeEach(() => {
    clock = new VirtualClock()
    useClock(clock)
  })
  afterEach(() => useClock(systemClock))

  it('is repeated on the interval, with what is listed now', async () => {
    const events: string[] = []
    let listed = [
      { name: 'a', version: 1 },
      { name: 'b', version: 1 },
    ]
    const service = await startService(() => new MadeService([], { capabilities: () => listed }), {
      announcer: recording(events),
      announceIntervalMs: 1_000,
    })
    await clock.advanceAsync(2_000)
    listed = [
      { name: 'b', version: 2 },
      { name: 'a', version: 1 },
    ]
    await clock.advanceAsync(1_000)
    listed = []
    await clock.advanceAsync(1_000)
    expect(events).toEqual([
      'announce made a@1 b@1',
      'announce made a@1 b@1',
      'announce made a@1 b@1',
      'withdraw b@1',
      'announce made b@2 a@1',
      'withdraw b@2 a@1',
    ])
    const stopped = service.stop()
    await clock.advanceAsync(100)
    await stopped
    expect(events).toHaveLength(6)
  })

  it('goes on with the last list while a new one cannot be meant', async () => {
    const events: string[] = []
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    onTestFinished(() => setLogger(null))
    let version = 1
    const service = await startService(
      () => new MadeService([], { capabilities: () => [{ name: 'a', version }] }),
      { announcer: recording(events), announceIntervalMs: 1_000 },
    )
    await clock.advanceAsync(500)
    version = -1
    await clock.advanceAsync(1_000)
    expect(events).toEqual(['announce made a@1'])
    expect(reports.map(({ event }) => event)).toContain('bad_capabilities')
    const stopped = service.stop()
    await clock.advanceAsync(100)
    await stopped
    expect(events).toEqual(['announce made a@1', 'withdraw a@1'])
  })

  it('that fails is tried again, and harms nobody', async () => {
    const events: string[] = []
    const announcer = recording(events, { announce: () => Promise.reject(new Error('dark')) })
    const options = { announcer, announceIntervalMs: 1_000 }
    const service = await startService(() => new MadeService(), options)
    await clock.advanceAsync(1_500)
    expect(events).toEqual(['announce made made.echo@1', 'announce made made.echo@1'])
    const echo = call(service.server, { type: 'echo', text: 'hi' })
    expect(await echo).toBe('hi')
    const stopped = service.stop()
    await clock.advanceAsync(100)
    await stopped
  })

  it('that hangs is aborted, and the withdrawal has its time, too', async () => {
    const events: string[] = []
    const hanging = (): Promise<void> => new Promise(() => {})
    const announcer = recording(events, {
      announce: (_, __, signal) => {
        signal.addEventListener('abort', () => events.push('aborted'))
        return hanging()
      },
      withdraw: hanging,
    })
    const service = await startService(() => new MadeService(events), {
      announcer,
      announceIntervalMs: 1_000,
      withdrawTimeoutMs: 200,
    })
    await clock.advanceAsync(3_500)
    const stopped = service.stop()
    await clock.advanceAsync(1_000)
    await stopped
    expect(events.slice(2)).toEqual([
      'announce made made.echo@1',
      'aborted',
      'withdraw made.echo@1',
      'stopping',
      'stopped',
    ])
  })
})

describe('a crash', () => {
  it('withdraws, starts everything afresh, and announces again', async () => {
    const events: string[] = []
    const children: Pid[] = []
    const service = await serving(
      events,
      {
        start: async ({ startChild }) => {
          children.push(await startChild({ id: 'idle', start: () => startLink(new Idle()) }))
        },
      },
      { announcer: recording(events) },
    )
    await until(() => events.length === 3)
    await expect(call(service.server, { type: 'crash' })).rejects.toMatchObject({ code: 'exit' })
    await until(() => events.filter((event) => event.startsWith('announce')).length === 2)
    expect(events.slice(3)).toEqual([
      'stopping',
      'stopped',
      'withdraw made.echo@1',
      'starting',
      'started',
      'announce made made.echo@1',
    ])
    expect(children.map((child) => isAlive(child))).toEqual([false, true])
    expect(await call(service.server, { type: 'echo', text: 'again' })).toBe('again')
    expect((await service.status()).phase).toBe('ready')
  })

  it('of a linked process takes the service along', async () => {
    let linked: Pid | undefined
    const events: string[] = []
    const service = await serving(events, {
      start: ({ supervisor: _ }) => {
        linked ??= startLink(new Idle())
      },
    })
    if (linked !== undefined) exit(linked, 'broken')
    await until(() => events.filter((event) => event === 'started').length === 2)
    expect((await service.status()).phase).toBe('ready')
  })

  it('again and again ends the tree', async () => {
    let starts = 0
    const service = await serving([], {
      start: () => {
        if (++starts > 1) throw new Error('broken for good')
      },
    })
    const ended = waitForExit(service.pid)
    await call(service.server, { type: 'crash' }).catch(() => {})
    expect(await ended).toBe('shutdown')
    expect(starts).toBe(11)
    expect((await service.status()).phase).toBe('stopped')
  })
})

describe('status', () => {
  it.each([
    [
      'throws',
      () => {
        throw new TypeError('no pulse')
      },
      'TypeError: no pulse',
    ],
    ['rejects', () => Promise.reject(new RangeError('late')), 'RangeError: late'],
    [
      'throws what is no error',
      () => {
        throw 42
      },
      '42',
    ],
    [
      'throws what cannot be shown',
      () => {
        throw Object.create(null)
      },
      'cannot be shown',
    ],
    ['returns nothing', () => null, 'health returned null'],
    ['returns a word', () => 'ok', 'health returned "ok"'],
    ['gives no reason', () => ({ status: 'down' }), 'without a reason'],
    ['invents a status', () => ({ status: 'fine' }), 'status "fine"'],
  ])('is down when health %s', async (_, health, reason) => {
    const service = await serving([], { health })
    const { health: seen } = await service.status()
    expect(seen).toMatchObject({ status: 'down', reason: expect.stringContaining(reason) })
    expect(await call(service.server, { type: 'echo', text: 'lives' })).toBe('lives')
  })

  it('is down when health does not answer in time, and one question is asked at a time', async () => {
    const clock = new VirtualClock()
    useClock(clock)
    onTestFinished(() => useClock(systemClock))
    let asked = 0
    const service = await startService(
      () =>
        new MadeService([], {
          health: () => {
            asked++
            return new Promise(() => {})
          },
        }),
      { healthTimeoutMs: 100 },
    )
    const all = Promise.all([service.status(), service.status(), service.status()])
    await clock.advanceAsync(150)
    for (const { health } of await all) {
      expect(health).toEqual({ status: 'down', reason: 'health gave no answer within 100 ms' })
    }
    expect(asked).toBe(1)
    const stopped = service.stop()
    await clock.advanceAsync(100)
    await stopped
  })

  it('is asked anew every time, with info', async () => {
    let version = 0
    const info = () => ({ name: 'made', version: `${version}`, description: 'changes' })
    let asked = 0
    const service = await serving([], {
      info,
      health: () => (++asked === 2 ? degraded('tired') : ok()),
    })
    version = 7
    expect((await service.status()).info.version).toBe('7')
    expect((await service.status()).health).toEqual({ status: 'degraded', reason: 'tired' })
    expect(asked).toBe(2)
  })
})
