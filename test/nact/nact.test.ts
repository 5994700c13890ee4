// Where nact breaks what it documents, or what OTP guarantees: here is what this layer does.
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type ActorContext,
  dispatch,
  pidOf,
  type QueryError,
  query,
  type Ref,
  type SupervisionPolicy,
  spawn,
  spawnStateless,
  start,
  stop,
} from '../../src/nact/index.ts'
import { systemClock, VirtualClock } from '../../src/runtime/clock.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import { isAlive } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, waitForExit } from '../../src/runtime/signal.ts'
import { useClock } from '../../src/runtime/timer.ts'

function system(): Ref<never> {
  const started = start()
  onTestFinished(() => stop(started))
  return started
}

type Policy = SupervisionPolicy<Msg, Ref<never>>

/** `add` counts, `fail` throws, `get` answers with the count. */
type Msg =
  | { readonly type: 'add' }
  | { readonly type: 'fail'; readonly replyTo?: Ref<number> }
  | { readonly type: 'get'; readonly replyTo: Ref<number> }

const add: Msg = { type: 'add' }
const fail: Msg = { type: 'fail' }
const get = (replyTo: Ref<number>): Msg => ({ type: 'get', replyTo })

function count(sum: number | undefined, msg: Msg): number {
  const before = sum ?? 0
  if (msg.type === 'fail') throw new RangeError('told to fail')
  if (msg.type === 'get') dispatch(msg.replyTo, before)
  return msg.type === 'add' ? before + 1 : before
}

function counter(parent: Ref<never>, name: string, onCrash?: Policy): Ref<Msg> {
  return spawn(parent, count, name, onCrash === undefined ? {} : { onCrash })
}

/** An actor that passes the crashes of a counting child on to its own policy. */
function family(parent: Ref<never>, onCrash: Policy): { parent: Ref<string>; child: Ref<Msg> } {
  const above = spawn(parent, (state: null, _: string): null => state, 'parent', {
    onCrash: (_msg, error, ctx, child) => onCrash(undefined, error, ctx as never, child),
  })
  return { parent: above, child: counter(above, 'child', (_msg, _error, ctx) => ctx.escalate) }
}

async function failureOf(asked: Promise<unknown>): Promise<QueryError> {
  return asked.then(
    () => expect.unreachable('it has an answer'),
    (error) => error,
  )
}

describe('stop', () => {
  it('stops children before their parent, in reverse start order, each awaited', async () => {
    const ended: string[] = []
    const node = (parent: Ref<never>, name: string): Ref<string> =>
      spawn(parent, (state: null, _: string): null => state, name, {
        afterStop: async () => {
          await null
          ended.push(name)
        },
      })
    const top = node(system(), 'top')
    const first = node(top, 'first')
    node(first, 'grandchild')
    node(top, 'second')
    await stop(top)
    expect(ended).toEqual(['second', 'grandchild', 'first', 'top'])
  })

  it('does not handle what is queued, and frees the name at once', async () => {
    const parent = system()
    const old = counter(parent, 'counter')
    const before = deadLetters().noProcess
    dispatch(old, add)
    const ended = stop(old)
    const successor = counter(parent, 'counter')
    await ended
    expect(deadLetters().noProcess).toBe(before + 1)
    dispatch(old, add)
    expect(await query(successor, get, 1_000)).toBe(1)
  })

  it('lets a message finish first', async () => {
    const seen: string[] = []
    let finish = (): void => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const actor = spawn(
      system(),
      async (_: null, msg: string): Promise<null> => {
        seen.push(`${msg} begun`)
        await finished
        seen.push(`${msg} done`)
        return null
      },
      'slow',
      { afterStop: () => void seen.push('stopped') },
    )
    dispatch(actor, 'work')
    runUntilIdle()
    const ended = stop(actor)
    finish()
    await ended
    expect(seen).toEqual(['work begun', 'work done', 'stopped'])
  })

  it('kills an actor that does not come to an end within five seconds', async () => {
    const clock = new VirtualClock()
    useClock(clock)
    onTestFinished(() => useClock(systemClock))
    const parent = start()
    const actor = spawn(parent, async () => new Promise<never>(() => {}), 'stuck')
    dispatch(actor, null as never)
    runUntilIdle()
    const pid = pidOf(actor)
    const ended = stop(actor)
    clock.advance(4_999)
    expect(pid !== undefined && isAlive(pid)).toBe(true)
    clock.advance(1)
    await ended
    expect(pid !== undefined && isAlive(pid)).toBe(false)
    await stop(parent)
  })

  it('does not wait for itself when an actor awaits its own end', async () => {
    const actor = spawn(
      system(),
      async (_: null, replyTo: Ref<string>, ctx: ActorContext<Ref<string>, Ref<never>>) => {
        await stop(ctx.self)
        dispatch(replyTo, 'went on')
        return null
      },
    )
    expect(await query(actor, (replyTo: Ref<string>) => replyTo, 1_000)).toBe('went on')
  })
})

describe('query', () => {
  it('fails at once when the actor crashes over it, with what was thrown', async () => {
    const actor = counter(system(), 'counter', (_msg, _error, ctx) => ctx.resume)
    const failure = await failureOf(
      query(actor, (replyTo: Ref<number>): Msg => ({ type: 'fail', replyTo }), 60_000),
    )
    expect(failure).toMatchObject({ name: 'QueryError', code: 'crash' })
    expect(failure.cause).toEqual(new RangeError('told to fail'))
    expect(await query(actor, get, 1_000)).toBe(0)
  })

  it('fails at once when the actor ends, or is not there', async () => {
    const silent = spawn(system(), (state: null, _: Ref<string>): null => state, 'silent')
    const asked = query(silent, (replyTo: Ref<string>) => replyTo, 60_000)
    await stop(silent)
    expect(await failureOf(asked)).toMatchObject({ code: 'exit', reason: 'shutdown' })
    const late = query(silent, (replyTo: Ref<string>) => replyTo, 60_000)
    expect(await failureOf(late)).toMatchObject({ code: 'noproc' })
  })

  it('fails with "Query Timeout" when the answer is late, which is then a dead letter', async () => {
    const clock = new VirtualClock()
    useClock(clock)
    onTestFinished(() => useClock(systemClock))
    const parent = start()
    let asker: Ref<string> | undefined
    const silent = spawn(parent, (_: null, replyTo: Ref<string>): null => {
      asker = replyTo
      return null
    })
    const asked = query(silent, (replyTo: Ref<string>) => replyTo, 100)
    clock.advance(100)
    expect(await failureOf(asked)).toMatchObject({ code: 'timeout', message: /Query Timeout/ })
    const before = deadLetters().lateReplies
    if (asker !== undefined) dispatch(asker, 'late')
    expect(deadLetters().lateReplies).toBe(before + 1)
    await stop(parent)
  })

  it('takes a plain message, too, whose sender is who asks', async () => {
    const echo = spawnStateless(system(), (msg: string, ctx) => dispatch(ctx.sender, msg))
    expect(await query(echo, 'hello', 1_000)).toBe('hello')
  })

  it('needs a timeout', () => {
    const actor = counter(system(), 'counter')
    expect(() => query(actor, get, Number.NaN)).toThrow(/A timeout is required to be specified/)
  })
})

describe('a crash', () => {
  it('ends the actor, and its process with the reason, unless a policy says otherwise', async () => {
    const parent = system()
    const actor = counter(parent, 'counter')
    const pid = pidOf(actor)
    if (pid === undefined) throw new Error('it runs')
    const ended = waitForExit(pid)
    dispatch(actor, fail)
    expect(await ended).toMatchObject({ error: new RangeError('told to fail') })
    expect(pidOf(actor)).toBeUndefined()
    counter(parent, 'counter')
  })

  it('resumed, keeps state and what is queued', async () => {
    const actor = counter(system(), 'counter', async (_msg, _error, ctx) => ctx.resume)
    for (const msg of [add, fail, add]) dispatch(actor, msg)
    expect(await query(actor, get, 1_000)).toBe(2)
  })

  it('reset, begins again in place and keeps what is queued', async () => {
    const actor = counter(system(), 'counter', (_msg, _error, ctx) => ctx.reset)
    const pid = pidOf(actor)
    for (const msg of [add, add, fail, add]) dispatch(actor, msg)
    expect(await query(actor, get, 1_000)).toBe(1)
    expect(pidOf(actor)).toBe(pid)
  })

  it('restarted, begins again as a new process under the same reference, without what was queued', async () => {
    const actor = counter(system(), 'counter', (_msg, _error, ctx) => ctx.restart)
    const pid = pidOf(actor)
    for (const msg of [add, fail, add, add]) dispatch(actor, msg)
    runUntilIdle()
    expect(pidOf(actor)).not.toBe(pid)
    expect(await query(actor, get, 1_000)).toBe(0)
  })

  it('is not repeated for ever: after three times in five seconds it is escalated', async () => {
    const parent = system()
    let resets = 0
    const actor = counter(parent, 'counter', (_msg, _error, ctx) => {
      resets++
      return ctx.reset
    })
    for (let i = 0; i < 100; i++) dispatch(actor, fail)
    runUntilIdle()
    expect(resets).toBe(4)
    expect(await failureOf(query(actor, get, 1_000))).toMatchObject({ code: expect.any(String) })
  })

  it('tells the policy what was handled, what waits, and who it is', async () => {
    const told: unknown[] = []
    const actor = counter(system(), 'counter', (msg, error, ctx, child) => {
      told.push([msg, error instanceof RangeError, ctx.name, String(ctx.path), ctx.mailbox, child])
      return ctx.resume
    })
    dispatch(actor, fail)
    dispatch(actor, add)
    runUntilIdle()
    expect(told).toMatchObject([[fail, true, 'counter', /:\/\/counter$/, [add], undefined]])
  })

  it('while making the initial state is one, too, with no message', () => {
    const told: unknown[] = []
    let attempts = 0
    spawn(system(), count, 'counter', {
      initialStateFunc: () => {
        if (++attempts === 1) throw new Error('not yet')
        return 7
      },
      onCrash: (msg, _error, ctx) => {
        told.push(msg)
        return ctx.reset
      },
    })
    runUntilIdle()
    expect([told, attempts]).toEqual([[undefined], 2])
  })

  it('kills the process of an actor without harming its siblings or its parent', async () => {
    const parent = system()
    const [one, other] = [counter(parent, 'one'), counter(parent, 'other')]
    const pid = pidOf(one)
    if (pid !== undefined) exit(pid, 'kill')
    expect(await query(other, get, 1_000)).toBe(0)
    counter(parent, 'one')
  })
})

describe('a policy that takes its time', () => {
  it('does not bring back an actor that has been stopped meanwhile', async () => {
    let begun = 0
    const deciding = Promise.withResolvers<void>()
    const initialStateFunc = () => ++begun
    const onCrash: Policy = async (_msg, _error, ctx) => {
      await deciding.promise
      return ctx.restart
    }
    const actor = spawn(system(), count, 'a', { initialStateFunc, onCrash })
    dispatch(actor, fail)
    runUntilIdle()
    const stopped = stop(actor)
    deciding.resolve()
    await stopped
    runUntilIdle()
    expect(pidOf(actor)).toBeUndefined()
    expect(begun).toBe(1)
  })
})

describe('an escalated crash', () => {
  it('stops the child when the policy of the parent says stopChild', async () => {
    const { parent, child } = family(system(), (_msg, _error, ctx) => ctx.stopChild)
    dispatch(child, fail)
    runUntilIdle()
    await expect.poll(() => pidOf(child)).toBeUndefined()
    expect(pidOf(parent)).toBeDefined()
  })

  it('resets it when that says resetChild', async () => {
    const { child } = family(system(), (_msg, _error, ctx) => ctx.resetChild)
    for (const msg of [add, add, fail, add]) dispatch(child, msg)
    expect(await query(child, get, 1_000)).toBe(1)
  })

  it('lets it go on when that resumes; in nact it hangs for ever', async () => {
    const { child } = family(system(), (_msg, _error, ctx) => ctx.resume)
    for (const msg of [add, add, fail, add]) dispatch(child, msg)
    expect(await query(child, get, 1_000)).toBe(3)
  })

  it('stops both when that stops, the child first', async () => {
    const { parent, child } = family(system(), (_msg, _error, ctx) => ctx.stop)
    const pid = pidOf(parent)
    dispatch(child, fail)
    if (pid !== undefined)
      expect(await waitForExit(pid)).toMatchObject({ error: new RangeError('told to fail') })
    expect(pidOf(child)).toBeUndefined()
  })

  it('stops the child when its parent ends before it has decided', async () => {
    const { parent, child } = family(system(), () => new Promise(() => {}))
    const process = pidOf(child)
    const above = pidOf(parent)
    if (process === undefined || above === undefined) return expect.unreachable()
    dispatch(child, fail)
    runUntilIdle()
    const ended = waitForExit(process)
    exit(above, 'kill')
    expect(await ended).toMatchObject({ error: new RangeError('told to fail') })
  })

  it('stops a top-level actor: above it nobody decides', async () => {
    const actor = counter(system(), 'counter', (_msg, _error, ctx) => ctx.escalate)
    dispatch(actor, fail)
    runUntilIdle()
    await expect.poll(() => pidOf(actor)).toBeUndefined()
  })
})

describe('actions on all', () => {
  it('stopAll ends the siblings with the actor', async () => {
    const parent = system()
    const [one, other] = [
      counter(parent, 'one', (_msg, _error, ctx) => ctx.stopAll),
      counter(parent, 'other'),
    ]
    dispatch(one, fail)
    await expect.poll(() => [pidOf(one), pidOf(other)]).toEqual([undefined, undefined])
  })

  it('resetAll resets them before their next message', async () => {
    const parent = system()
    const one = counter(parent, 'one', (_msg, _error, ctx) => ctx.resetAll)
    const other = counter(parent, 'other')
    for (const msg of [add, add]) dispatch(other, msg)
    runUntilIdle()
    dispatch(one, fail)
    runUntilIdle()
    expect(await query(other, get, 1_000)).toBe(0)
  })
})

describe('a stateless actor', () => {
  it('handles messages concurrently', async () => {
    const open: (() => void)[] = []
    const answers: string[] = []
    const actor = spawnStateless(system(), async (msg: string) => {
      await new Promise<void>((resolve) => open.push(resolve))
      answers.push(msg)
    })
    dispatch(actor, 'first')
    dispatch(actor, 'second')
    runUntilIdle()
    expect(open).toHaveLength(2)
    for (const go of open.toReversed()) go()
    await stop(actor)
    expect(answers).toEqual(['second', 'first'])
  })

  it('goes on after a crash, also of a promise', async () => {
    const echo = spawnStateless(system(), async (msg: string, ctx) => {
      if (msg === 'fail') throw new Error('told to fail')
      dispatch(ctx.sender, msg)
    })
    expect(await failureOf(query(echo, 'fail', 60_000))).toMatchObject({ code: 'crash' })
    expect(await query(echo, 'hello', 1_000)).toBe('hello')
  })
})

describe('an actor', () => {
  it('cannot send what its function comes to after its end', async () => {
    const parent = system()
    const heard: string[] = []
    const listener = spawnStateless(parent, (msg: string) => void heard.push(msg), 'listener')
    let go = (): void => {}
    let thrown: unknown
    const actor = spawn(parent, async (_: null, msg: string): Promise<null> => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      try {
        dispatch(listener, msg)
      } catch (error) {
        thrown = error
      }
      return null
    })
    dispatch(actor, 'from the grave')
    runUntilIdle()
    const pid = pidOf(actor)
    if (pid !== undefined) exit(pid, 'kill')
    go()
    await expect.poll(() => thrown).toMatchObject({ code: 'noproc' })
    runUntilIdle()
    expect(heard).toEqual([])
  })

  it('stops when no message has come for shutdownAfter', () => {
    const clock = new VirtualClock()
    useClock(clock)
    onTestFinished(() => useClock(systemClock))
    const actor = spawn(system(), count, 'counter', { shutdownAfter: 100 })
    clock.advance(99)
    dispatch(actor, add)
    clock.advance(99)
    expect(pidOf(actor)).toBeDefined()
    clock.advance(1)
    expect(pidOf(actor)).toBeUndefined()
  })

  it('has a name unique among its siblings, and one that can be part of a path', () => {
    const parent = system()
    counter(parent, 'counter')
    expect(() => counter(parent, 'counter')).toThrow(/child actor of name counter already exists/)
    expect(() => counter(parent, 'a/b')).toThrow(/Invalid argument/)
  })

  it('cannot be spawned under a parent that has stopped', async () => {
    const parent = counter(system(), 'parent')
    await stop(parent)
    expect(() => counter(parent, 'child')).toThrow(/Actor has stopped or never even existed/)
  })

  it('knows itself, its parent, its children and its path', async () => {
    const parent = system()
    const top = spawn(
      parent,
      (state: null, replyTo: Ref<unknown>, ctx): null => {
        const { self, name, path, children } = ctx
        const isKnown = self === top && ctx.parent === parent
        dispatch(replyTo, { isKnown, name, parts: path.parts, children: [...children.keys()] })
        return state
      },
      'top',
    )
    counter(top, 'one')
    counter(top, 'two')
    expect(await query(top, (replyTo: Ref<unknown>) => replyTo, 1_000)).toEqual({
      isKnown: true,
      name: 'top',
      parts: ['top'],
      children: ['one', 'two'],
    })
  })
})
