// Real machines of xstate 5 as processes: what they decide is xstate's, what they do is ours.
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import {
  assign,
  cancel,
  createActor,
  createMachine,
  emit,
  fromCallback,
  fromPromise,
  fromTransition,
  log as logAction,
  raise,
  type Snapshot,
  sendParent,
  sendTo,
  setup,
} from 'xstate'
import { call, cast, start, startLink, stop } from '../../src/behaviours/gen-server.ts'
import * as sys from '../../src/behaviours/sys.ts'
import { XstateMachine } from '../../src/behaviours/xstate-machine.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { type Report, setLogger } from '../../src/runtime/logger.ts'
import { isAlive, processInfo, send } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, processCount, waitForExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'
import { armedTimers } from '../../src/runtime/timer-wheel.ts'
import { Supervisor } from '../../src/supervisors/supervisor.ts'

let clock: VirtualClock
let uncaught: unknown[]
const note = (error: unknown): void => void uncaught.push(error)

beforeEach(() => {
  clock = new VirtualClock()
  useClock(clock)
  uncaught = []
  process.on('uncaughtException', note)
})

afterEach(() => {
  process.off('uncaughtException', note)
  setLogger(null)
  useClock(systemClock)
  expect(uncaught).toEqual([])
})

/** Lets promises settle and processes run. */
const settle = (): Promise<void> => clock.advanceAsync(0)

const light = setup({
  types: { events: {} as { type: 'NEXT' } | { type: 'BREAK' }, context: {} as { cars: number } },
}).createMachine({
  id: 'light',
  context: { cars: 0 },
  initial: 'red',
  on: { BREAK: '.broken' },
  states: {
    red: { on: { NEXT: 'green' } },
    green: {
      entry: assign({ cars: ({ context }) => context.cars + 1 }),
      after: { 3000: 'red' },
      on: { NEXT: 'red' },
    },
    broken: {
      entry: () => {
        throw new Error('short circuit')
      },
    },
  },
})

describe('an xstate machine', () => {
  it('is a server with typed events and calls', async () => {
    const pid = start(new XstateMachine(light))
    cast(pid, { type: 'NEXT' })
    const snapshot = await call(pid, { type: 'snapshot' })
    expect(snapshot.value).toBe('green')
    expectTypeOf(snapshot.context).toEqualTypeOf<{ cars: number }>()
    const compiled = (): void => {
      // @ts-expect-error no event of a light
      cast(pid, { type: 'PREVIOUS' })
    }
    expect(compiled).toBeTypeOf('function')
    send(pid, { type: 'NEXT' })
    expect(await sys.getState(pid)).toMatchObject({ value: 'red', context: { cars: 1 } })
    await stop(pid)
  })

  it('waits on the clock in use, and a state that is left waits no more', async () => {
    const pid = start(new XstateMachine(light))
    cast(pid, { type: 'NEXT' })
    runUntilIdle()
    await clock.advanceAsync(2999)
    expect((await call(pid, { type: 'snapshot' })).value).toBe('green')
    await clock.advanceAsync(2)
    expect((await call(pid, { type: 'snapshot' })).value).toBe('red')
    const before = armedTimers()
    cast(pid, { type: 'NEXT' })
    runUntilIdle()
    expect(armedTimers()).toBe(before + 1)
    cast(pid, { type: 'NEXT' })
    runUntilIdle()
    expect(armedTimers()).toBe(before)
    cast(pid, { type: 'NEXT' })
    runUntilIdle()
    exit(pid, 'kill')
    expect(armedTimers()).toBe(before)
  })

  it('ends with what its action threw, and nothing reaches the Node process', async () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    const pid = start(new XstateMachine(light))
    const ended = waitForExit(pid)
    cast(pid, { type: 'BREAK' })
    expect(await ended).toMatchObject({ error: { message: 'short circuit' } })
    expect(reports).toMatchObject([
      { event: 'crash', server: 'light', state: { context: { cars: 0 } } },
    ])
    await settle()
  })

  it('is restarted by its supervisor, in its first state or from a snapshot', async () => {
    let saved: Snapshot<unknown> | undefined
    const spec = (id: string, isKept: boolean) => ({
      id,
      start: () =>
        startLink(
          new XstateMachine(light, {
            snapshot: isKept ? saved : undefined,
            onSnapshot: (snapshot) => {
              if (isKept && snapshot.status === 'active')
                saved = light.getPersistedSnapshot(snapshot)
            },
          }),
        ),
    })
    const supervisor = await start(
      new Supervisor({ children: [spec('fresh', false), spec('kept', true)] }),
    )
    const pids = (await Supervisor.whichChildren(supervisor)).map(({ pid }) => pid)
    for (const pid of pids) {
      cast(pid as never, { type: 'NEXT' } as never)
      cast(pid as never, { type: 'BREAK' } as never)
    }
    runUntilIdle()
    const [fresh, kept] = (await Supervisor.whichChildren(supervisor)).map(({ pid }) => pid)
    if (fresh === undefined || kept === undefined) throw new Error('not restarted')
    expect(pids).not.toContain(fresh)
    expect(await sys.getState(fresh)).toMatchObject({ value: 'red', context: { cars: 0 } })
    expect(await sys.getState(kept)).toMatchObject({ value: 'green', context: { cars: 1 } })
    // The delay of the restored state has begun anew.
    await clock.advanceAsync(3001)
    expect(await sys.getState(kept)).toMatchObject({ value: 'red' })
    await stop(supervisor, 'shutdown')
  })

  it('goes through parallel and history states as xstate does', async () => {
    const player = createMachine({
      id: 'player',
      type: 'parallel',
      states: {
        power: {
          initial: 'on',
          states: {
            on: {
              initial: 'stopped',
              states: {
                stopped: { on: { PLAY: 'playing' } },
                playing: {},
                last: { type: 'history' },
              },
              on: { OFF: 'off' },
            },
            off: { on: { ON: 'on.last' } },
          },
        },
        volume: { initial: 'low', states: { low: { on: { LOUD: 'high' } }, high: {} } },
      },
    })
    const events = ['PLAY', 'LOUD', 'OFF', 'ON'].map((type) => ({ type }))
    const pid = start(new XstateMachine(player))
    const reference = createActor(player).start()
    for (const event of events) {
      cast(pid, event)
      reference.send(event)
      expect((await call(pid, { type: 'snapshot' })).value).toEqual(reference.getSnapshot().value)
    }
    expect(reference.getSnapshot().value).toEqual({ power: { on: 'playing' }, volume: 'high' })
  })

  it('ends normally in its final state, and gives its output to who waits for it', async () => {
    const sum = createMachine({
      id: 'sum',
      types: {} as { input: { start: number }; context: { total: number }; output: number },
      context: ({ input }) => ({ total: input.start }),
      initial: 'adding',
      states: {
        adding: {
          on: {
            ADD: { actions: assign({ total: ({ context, event }) => context.total + event.by }) },
            DONE: 'done',
          },
        },
        done: { type: 'final' },
      },
      output: ({ context }) => context.total,
    })
    const pid = start(new XstateMachine(sum, { input: { start: 1 } }))
    const output = call(pid, { type: 'output' })
    const ended = waitForExit(pid)
    cast(pid, { type: 'ADD', by: 2 })
    cast(pid, { type: 'DONE' })
    expect(await output).toBe(3)
    expect(await ended).toBe('normal')
  })

  it('that is done at once starts all the same', async () => {
    const pid = start(
      new XstateMachine(createMachine({ initial: 'end', states: { end: { type: 'final' } } })),
    )
    expect(await waitForExit(pid)).toBe('normal')
  })

  it('that cannot make its first state does not start', () => {
    const broken = createMachine({
      context: () => {
        throw new Error('no context')
      },
    })
    const before = processCount()
    expect(() => start(new XstateMachine(broken))).toThrow('no context')
    expect(processCount()).toBe(before)
  })

  it('raises, cancels, emits and logs', async () => {
    const seen: unknown[] = []
    setLogger((report) => seen.push(report))
    const machine = createMachine({
      id: 'busy',
      initial: 'a',
      states: {
        a: {
          entry: [
            raise({ type: 'SOON' }, { delay: 10 }),
            raise({ type: 'NEVER' }, { delay: 20, id: 'never' }),
            emit({ type: 'hello' }),
            logAction('logged', 'label'),
          ],
          on: { SOON: { target: 'b', actions: cancel('never') } },
        },
        b: { on: { NEVER: 'c' } },
        c: {},
      },
    })
    const pid = start(new XstateMachine(machine, { onEmit: (event) => seen.push(event) }))
    await clock.advanceAsync(100)
    expect((await call(pid, { type: 'snapshot' })).value).toBe('b')
    expect(seen).toMatchObject([
      { type: 'hello' },
      { level: 'info', event: 'xstate_log', label: 'label', value: 'logged' },
    ])
  })

  it('hears what it sends to itself, also by self.send in an action', async () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { entry: ({ self }) => self.send({ type: 'GO' }), on: { GO: 'b' } },
        b: {},
      },
    })
    const pid = start(new XstateMachine(machine))
    expect((await call(pid, { type: 'snapshot' })).value).toBe('b')
  })
})

describe('actors that a machine invokes or spawns', () => {
  const fetcher = setup({
    types: { context: {} as { result: unknown; tries: number } },
    actors: {
      load: fromPromise(async ({ input }: { input: number }) => {
        if (input < 2) throw new Error(`try ${input}`)
        return `loaded at try ${input}`
      }),
    },
  }).createMachine({
    id: 'fetcher',
    context: { result: null, tries: 0 },
    initial: 'loading',
    states: {
      loading: {
        entry: assign({ tries: ({ context }) => context.tries + 1 }),
        invoke: {
          src: 'load',
          input: ({ context }) => context.tries,
          onDone: { target: 'done', actions: assign({ result: ({ event }) => event.output }) },
          onError: 'failed',
        },
      },
      failed: { after: { 100: 'loading' } },
      done: {},
    },
  })

  it('are linked processes whose results come as xstate expects', async () => {
    const before = processCount()
    const pid = start(new XstateMachine(fetcher))
    runUntilIdle()
    expect(processInfo(pid).links).toHaveLength(1)
    await settle()
    expect((await call(pid, { type: 'snapshot' })).value).toBe('failed')
    await clock.advanceAsync(101)
    await settle()
    expect(await call(pid, { type: 'snapshot' })).toMatchObject({
      value: 'done',
      context: { result: 'loaded at try 2' },
    })
    expect(processCount()).toBe(before + 1)
  })

  it('that fail end the machine when it does not handle that', async () => {
    const machine = createMachine({
      invoke: { src: fromPromise(() => Promise.reject(new Error('unheard'))) },
    })
    const pid = start(new XstateMachine(machine))
    expect(await waitForExit(pid)).toMatchObject({ error: { message: 'unheard' } })
    await settle()
  })

  it('that are killed are an error event to the machine', async () => {
    const machine = createMachine({
      initial: 'working',
      states: {
        working: {
          invoke: { id: 'forever', src: fromPromise(() => new Promise(() => {})), onError: 'lost' },
        },
        lost: {},
      },
    })
    const pid = start(new XstateMachine(machine))
    const [child] = processInfo(pid).links
    if (child === undefined) throw new Error('no child')
    exit(child, 'kill')
    expect((await call(pid, { type: 'snapshot' })).value).toBe('lost')
  })

  it('end with the state that invoked them, and are told', async () => {
    const aborted: string[] = []
    const machine = createMachine({
      initial: 'working',
      states: {
        working: {
          invoke: {
            src: fromPromise(
              ({ signal }) =>
                new Promise(() => signal.addEventListener('abort', () => aborted.push('promise'))),
            ),
          },
          on: { LEAVE: 'idle' },
        },
        idle: {},
      },
    })
    const before = processCount()
    const pid = start(new XstateMachine(machine))
    runUntilIdle()
    expect(processCount()).toBe(before + 2)
    cast(pid, { type: 'LEAVE' })
    runUntilIdle()
    expect(processCount()).toBe(before + 1)
    expect(aborted).toEqual(['promise'])
  })

  it('end with the machine, whatever ends it', async () => {
    const machine = createMachine({
      invoke: { src: fromPromise(() => new Promise(() => {})) },
      on: { DONE: '.end' },
      initial: 'a',
      states: { a: {}, end: { type: 'final' } },
    })
    const before = processCount()
    const ends = [
      (pid: ReturnType<typeof begin>) => exit(pid, 'kill'),
      (pid: ReturnType<typeof begin>) => cast(pid, { type: 'DONE' }),
      (pid: ReturnType<typeof begin>) => void stop(pid, 'shutdown'),
      (pid: ReturnType<typeof begin>) => exit(pid, 'boom'),
    ]
    function begin() {
      return start(new XstateMachine(machine))
    }
    for (const end of ends) {
      const pid = begin()
      runUntilIdle()
      expect(processCount()).toBe(before + 2)
      end(pid)
      runUntilIdle()
      expect([isAlive(pid), processCount()]).toEqual([false, before])
    }
  })

  it('may be callbacks and transitions that talk with their parent', async () => {
    const heard: string[] = []
    const machine = createMachine({
      types: {} as { context: { pings: number } },
      context: { pings: 0 },
      invoke: [
        {
          id: 'echo',
          src: fromCallback(({ sendBack, receive }) => {
            receive((event) => sendBack({ type: `${event.type}.back` }))
            return () => heard.push('cleaned up')
          }),
        },
        {
          id: 'adder',
          src: fromTransition((total: number, { type }) => {
            if (type !== 'ADD') return total
            heard.push(`total ${total + 1}`)
            return total + 1
          }, 0),
        },
      ],
      on: {
        PING: { actions: [sendTo('echo', { type: 'PING' }), sendTo('adder', { type: 'ADD' })] },
        'PING.back': { actions: assign({ pings: ({ context }) => context.pings + 1 }) },
      },
    })
    const pid = start(new XstateMachine(machine))
    cast(pid, { type: 'PING' })
    cast(pid, { type: 'PING' })
    runUntilIdle()
    expect((await call(pid, { type: 'snapshot' })).context).toEqual({ pings: 2 })
    await stop(pid)
    runUntilIdle()
    expect(heard).toEqual(['total 1', 'total 2', 'cleaned up'])
  })

  const worker = setup({
    types: { input: {} as { name: string }, context: {} as { name: string } },
  }).createMachine({
    id: 'worker',
    context: ({ input }) => input,
    initial: 'idle',
    entry: sendParent({ type: 'READY' }),
    states: {
      idle: {
        on: {
          WORK: { actions: sendParent(({ context }) => ({ type: 'WORKED', name: context.name })) },
          REST: 'done',
          FAIL: {
            actions: () => {
              throw new Error('worn out')
            },
          },
        },
      },
      done: { type: 'final' },
    },
    output: ({ context }) => `${context.name} rests`,
  })
  const boss = setup({
    types: { context: {} as { log: string[] } },
    actors: { worker },
  }).createMachine({
    id: 'boss',
    context: { log: [] },
    invoke: {
      id: 'w',
      src: 'worker',
      input: { name: 'Ada' },
      onDone: {
        actions: assign({ log: ({ context, event }) => [...context.log, String(event.output)] }),
      },
      onError: {
        actions: assign({
          log: ({ context, event }) => [...context.log, (event.error as Error).message],
        }),
      },
    },
    on: {
      READY: { actions: assign({ log: ({ context }) => [...context.log, 'ready'] }) },
      TELL: { actions: sendTo('w', ({ event }) => ({ type: event.what })) },
      WORKED: { actions: assign({ log: ({ context, event }) => [...context.log, event.name] }) },
    },
  })

  it('may be machines, which are processes of this kind', async () => {
    const pid = start(new XstateMachine(boss))
    const [child] = processInfo(pid).links
    if (child === undefined) throw new Error('no worker')
    expect(await sys.getState(child)).toMatchObject({ value: 'idle' })
    cast(pid, { type: 'TELL', what: 'WORK' })
    runUntilIdle()
    cast(pid, { type: 'TELL', what: 'REST' })
    runUntilIdle()
    expect((await call(pid, { type: 'snapshot' })).context.log).toEqual([
      'ready',
      'Ada',
      'Ada rests',
    ])
    expect([isAlive(child), processInfo(pid).links]).toEqual([false, []])
  })

  it('crash alone: the machine is told the error', async () => {
    const pid = start(new XstateMachine(boss))
    cast(pid, { type: 'TELL', what: 'FAIL' })
    runUntilIdle()
    expect((await call(pid, { type: 'snapshot' })).context.log).toEqual(['ready', 'worn out'])
  })

  it('are persisted and started again with their machine', async () => {
    const pid = start(new XstateMachine(boss))
    runUntilIdle()
    const persisted = await call(pid, { type: 'persist' })
    await stop(pid)
    const copy = JSON.parse(JSON.stringify(persisted)) as Snapshot<unknown>
    const again = start(new XstateMachine(boss, { snapshot: copy }))
    cast(again, { type: 'TELL', what: 'WORK' })
    runUntilIdle()
    expect((await call(again, { type: 'snapshot' })).context.log).toEqual(['ready', 'Ada'])
  })

  it('may be spawned by assign, and be found by their system id', async () => {
    const machine = createMachine({
      types: {} as { context: { answers: number } },
      context: { answers: 0 },
      initial: 'a',
      states: { a: {} },
      on: {
        SPAWN: {
          actions: assign(({ spawn, context }) => {
            spawn(
              fromCallback(({ sendBack, receive }) => receive(() => sendBack({ type: 'ANSWER' }))),
              { id: 'spawned', systemId: 'answerer' },
            )
            return context
          }),
        },
        ASK: { actions: sendTo(({ system }) => system.get('answerer'), { type: 'QUESTION' }) },
        ANSWER: { actions: assign({ answers: ({ context }) => context.answers + 1 }) },
      },
    })
    const pid = start(new XstateMachine(machine))
    cast(pid, { type: 'SPAWN' })
    cast(pid, { type: 'ASK' })
    runUntilIdle()
    expect((await call(pid, { type: 'snapshot' })).context).toEqual({ answers: 1 })
  })
})
