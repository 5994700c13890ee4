import { afterEach, describe, expect, it } from 'vitest'
import type { ServerStatus } from '../../src/behaviours/callbacks.ts'
import {
  type Call,
  type CallResult,
  call,
  cast,
  GenServer,
  type InitResult,
  type Result,
  start,
  stop,
} from '../../src/behaviours/gen-server.ts'
import { getState, getStatus } from '../../src/behaviours/sys.ts'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { formatReport, type Report, setLogger } from '../../src/runtime/logger.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit, waitForExit } from '../../src/runtime/signal.ts'

type Ask = Call<'ask', { throws: unknown }, string>

/** Throws what it is told to. */
class Thrower extends GenServer<number, Ask, unknown> {
  init(): InitResult<number> {
    return { state: 0 }
  }
  override handleCall({ throws }: Ask): CallResult<number, string> {
    throw throws
  }
  override handleCast(throws: unknown): Result<number> {
    throw throws
  }
  override terminate(_: ExitReason, state: number) {
    if (state === 13) throw 'whatever'
  }
}

describe('what a callback throws', () => {
  it('counts as returned when it is no Error', async () => {
    const thrower = start(new Thrower())
    expect(await call(thrower, { type: 'ask', throws: { reply: 'yes', state: 1 } })).toBe('yes')
    cast(thrower, { state: 2 })
    expect(await getState(thrower)).toBe(2)
    cast(thrower, { stop: 'shutdown', state: 3 })
    expect(await waitForExit(thrower)).toBe('shutdown')
  })

  it('counts as returned from an async callback, too', async () => {
    class Async extends GenServer<number, never, unknown> {
      init() {
        return { state: 0 }
      }
      override async handleCast(throws: unknown): Promise<never> {
        throw await Promise.resolve(throws)
      }
    }
    const thrower = start(new Async())
    cast(thrower, { state: 5 })
    expect(await getState(thrower)).toBe(5)
  })

  it('counts as what init returned', () => {
    class Early extends Thrower {
      override init(): InitResult<number> {
        throw { state: 7 }
      }
    }
    class Wrong extends Thrower {
      override init(): InitResult<number> {
        throw 'junk'
      }
    }
    expect(start(new Early())).toBeDefined()
    let failure: unknown
    try {
      start(new Wrong())
    } catch (error) {
      failure = error
    }
    const reason = { error: { code: 'bad_return', cause: 'junk' } }
    expect(failure).toMatchObject({ code: 'init_failed', reason })
  })

  it('is a bad return when it is no result either', async () => {
    const thrower = start(new Thrower())
    const failed = await call(thrower, { type: 'ask', throws: 'junk' }).catch((error) => error)
    expect(failed).toMatchObject({
      code: 'exit',
      reason: { error: { code: 'bad_return', cause: 'junk' } },
    })
  })

  it('is a crash when it is an Error', async () => {
    const thrower = start(new Thrower())
    const error = new Error('broken')
    cast(thrower, error)
    expect(await waitForExit(thrower)).toMatchObject({ error, call: { callback: 'handleCast' } })
  })

  it('changes no reason in terminate, unless it is an Error', async () => {
    const thrower = start(new Thrower())
    cast(thrower, { state: 13 })
    await stop(thrower, 'shutdown')
  })

  it('ends the server when it comes from exit', async () => {
    class Leaving extends Thrower {
      override handleCast(): never {
        exit('left')
      }
    }
    const leaving = start(new Leaving())
    cast(leaving, 'x')
    expect(await waitForExit(leaving)).toBe('left')
  })
})

describe('formatStatus', () => {
  afterEach(() => setLogger(null))

  interface Secrets {
    readonly key: string
    readonly uses: number
  }

  /** Keeps a key, and is sent passwords. */
  class Vault extends GenServer<Secrets, never, { readonly password: string }> {
    init() {
      return { state: { key: 'hunter2', uses: 3 } }
    }
    override handleCast(): never {
      throw new Error('jammed')
    }
    override formatStatus(status: ServerStatus<Secrets>): ServerStatus {
      return { ...status, state: { ...status.state, key: '***' }, message: '***' }
    }
  }

  it('keeps secrets out of the status, the report of a crash and its exit reason', async () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    const vault = start(new Vault())
    expect((await getStatus(vault)).state).toEqual({ key: '***', uses: 3 })
    cast(vault, { password: 'swordfish' })
    const reason = await waitForExit(vault)
    expect(reports).toMatchObject([{ event: 'crash', state: { key: '***', uses: 3 } }])
    for (const told of [reports, reason]) {
      expect(JSON.stringify(told)).not.toMatch(/hunter2|swordfish/)
    }
    expect(reports.map(formatReport).join()).not.toMatch(/hunter2|swordfish/)
  })

  it('that throws lets nothing through', async () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    class Broken extends Vault {
      override formatStatus(): never {
        throw new Error('cannot format')
      }
    }
    const broken = start(new Broken())
    expect((await getStatus(broken)).state).toBe('formatStatus failed')
    cast(broken, { password: 'swordfish' })
    runUntilIdle()
    const reason = await waitForExit(broken)
    expect(reports).toHaveLength(1)
    for (const told of [reports, reason]) {
      expect(JSON.stringify(told)).not.toMatch(/hunter2|swordfish/)
    }
  })
})

describe('{ reply, stop }', () => {
  it.each([
    ['done', false],
    ['crashed', true],
  ])('answers when an async terminate has %s, as OTP does', async (_, crashes) => {
    const ending = Promise.withResolvers<void>()
    const seen: string[] = []
    class Closing extends GenServer<null, Call<'close', object, string>> {
      init() {
        return { state: null }
      }
      override handleCall() {
        return { reply: 'closed', stop: 'normal' as const, state: null }
      }
      override async terminate() {
        await ending.promise
        seen.push('terminated')
        if (crashes) throw new Error('in terminate')
      }
    }
    const closing = call(start(new Closing()), { type: 'close' }).then((answer) => {
      seen.push(answer)
    })
    seen.push('asked')
    ending.resolve()
    await closing
    expect(seen).toEqual(['asked', 'terminated', 'closed'])
  })
})
