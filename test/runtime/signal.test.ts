import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExitReason } from '../../src/runtime/exit-reason.ts'
import { setLogger } from '../../src/runtime/logger.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive, send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import {
  Down,
  demonitor,
  Exit,
  exit,
  link,
  linksOf,
  type MonitorRef,
  monitor,
  onExit,
  self,
  trapExit,
  unlink,
  waitForExit,
} from '../../src/runtime/signal.ts'

type Task = () => void

/** A process that does what it is sent, and keeps everything else it receives. */
function actor(received: unknown[] = []): Pid<unknown> {
  return spawn((message: unknown) => {
    if (typeof message === 'function') (message as Task)()
    else received.push(message)
  })
}

/** Lets a process do something, to the end. */
function as(pid: Pid<unknown>, task: Task): void {
  send(pid, task)
  runUntilIdle()
}

/** A process that traps exits, and what it receives. */
function trapper(): { readonly pid: Pid<unknown>; readonly received: unknown[] } {
  const received: unknown[] = []
  const pid = actor(received)
  trapExit(true, pid)
  return { pid, received }
}

const reasonsOf = (received: unknown[]): unknown[] =>
  received.map((m) => (m instanceof Exit || m instanceof Down ? m.reason : m))

describe('link', () => {
  it('takes the linked process along when one crashes, with the same reason', async () => {
    const [a, b] = [actor(), actor()]
    as(a, () => link(b))
    const ended = waitForExit(b)
    as(a, () => {
      throw new Error('crash')
    })
    expect(isAlive(b)).toBe(false)
    expect(await ended).toMatchObject({ error: new Error('crash') })
  })

  it('works both ways, and once', () => {
    const [a, b] = [actor(), actor()]
    as(a, () => {
      link(b)
      link(b)
    })
    expect(linksOf(a)).toEqual([b])
    expect(linksOf(b)).toEqual([a])
    exit(b, 'crash')
    expect(isAlive(a)).toBe(false)
  })

  it('does not take it along when one ends normally', () => {
    const [a, b] = [actor(), actor()]
    as(a, () => link(b))
    as(a, () => exit('normal'))
    expect(isAlive(a)).toBe(false)
    expect(isAlive(b)).toBe(true)
    expect(linksOf(b)).toEqual([])
  })

  it('to the dead tells noproc who traps exits, and throws to others', () => {
    const dead = actor()
    exit(dead, 'kill')
    const { pid, received } = trapper()
    as(pid, () => link(dead))
    expect(received).toEqual([new Exit(dead, 'noproc')])
    const other = actor()
    const noproc = expect.objectContaining({
      code: 'noproc',
      attempt: { operation: 'link', target: dead },
    })
    as(other, () => expect(() => link(dead)).toThrow(noproc))
    expect(isAlive(other)).toBe(true)
  })

  it('to oneself does nothing', () => {
    const a = actor()
    as(a, () => link(self()))
    expect(linksOf(a)).toEqual([])
  })

  it('carries a crash through 200,000 processes without spending the stack', () => {
    const first = actor()
    let last = first
    for (let i = 0; i < 200_000; i++) {
      const next = spawn(noop)
      link(next, last)
      last = next
    }
    exit(first, 'crash')
    expect(isAlive(last)).toBe(false)
  })
})

const noop = (): void => {}

describe('unlink', () => {
  it('ends the link: no exit signal of it arrives later', () => {
    const [a, b] = [actor(), actor()]
    as(a, () => link(b))
    as(b, () => unlink(a))
    exit(a, 'crash')
    expect(isAlive(b)).toBe(true)
    expect(linksOf(b)).toEqual([])
  })

  it('takes an exit message back that has not been read', () => {
    const { pid, received } = trapper()
    const other = actor()
    as(pid, () => link(other))
    as(pid, () => {
      exit(other, 'crash')
      unlink(other)
    })
    expect(received).toEqual([])
  })
})

describe('monitor', () => {
  it('brings one Down with reason, ref and pid, whatever the reason', () => {
    const received: unknown[] = []
    const watcher = actor(received)
    const target = actor()
    const refs: MonitorRef[] = []
    as(watcher, () => refs.push(monitor(target)))
    as(target, () => exit('normal'))
    runUntilIdle()
    expect(received).toHaveLength(1)
    const [down] = received
    expect(down).toBeInstanceOf(Down)
    expect(down).toMatchObject({ type: 'DOWN', pid: target, reason: 'normal' })
    expect(down instanceof Down && down.ref).toBe(refs[0])
    expect(isAlive(watcher)).toBe(true)
  })

  it('of the dead brings noproc', () => {
    const received: unknown[] = []
    const watcher = actor(received)
    const dead = actor()
    exit(dead, 'kill')
    as(watcher, () => monitor(dead))
    runUntilIdle()
    expect(reasonsOf(received)).toEqual(['noproc'])
  })

  it('stands as often as it is made', () => {
    const received: unknown[] = []
    const watcher = actor(received)
    const target = actor()
    as(watcher, () => {
      monitor(target)
      monitor(target)
    })
    exit(target, 'shutdown')
    runUntilIdle()
    expect(reasonsOf(received)).toEqual(['shutdown', 'shutdown'])
  })

  it('of a name that nobody has brings a Down with noproc that carries the name', () => {
    const received: unknown[] = []
    const watcher = actor(received)
    const ref = monitor('nobody', watcher)
    runUntilIdle()
    expect(received).toEqual([expect.objectContaining({ ref, reason: 'noproc', name: 'nobody' })])
    const [down] = received as Down[]
    expect(down === undefined || isAlive(down.pid)).toBe(false)
  })
})

describe('monitor of oneself', () => {
  it('makes none', () => {
    const watcher = actor()
    as(watcher, () => expect(demonitor(monitor(watcher))).toBe(false))
  })
})

describe('demonitor', () => {
  it('returns whether there was still a monitor', () => {
    const watcher = actor()
    const target = actor()
    as(watcher, () => {
      const ref = monitor(target)
      expect(demonitor(ref)).toBe(true)
      expect(demonitor(ref)).toBe(false)
      const reported = monitor(target)
      exit(target, 'kill')
      expect(demonitor(reported)).toBe(false)
    })
  })

  it('stops it', () => {
    const received: unknown[] = []
    const watcher = actor(received)
    const target = actor()
    as(watcher, () => {
      const [first, second, third] = [monitor(target), monitor(target), monitor(target)]
      demonitor(second)
      demonitor(first)
      demonitor(first)
      void third
    })
    exit(target, 'kill')
    runUntilIdle()
    expect(reasonsOf(received)).toEqual(['killed'])
  })

  it('with flush takes back a Down that has not been read', () => {
    const received: unknown[] = []
    const watcher = actor(received)
    const target = actor()
    as(watcher, () => {
      const ref = monitor(target)
      const other = monitor(target)
      exit(target, 'kill')
      demonitor(ref, { flush: true })
      void other
    })
    expect(received).toHaveLength(1)
  })
})

describe('exit', () => {
  it('without a pid ends the calling process at once, with that reason', async () => {
    const a = actor()
    let isPassed = false
    const ended = waitForExit(a)
    as(a, () => {
      exit({ shutdown: 'idle' })
      isPassed = true
    })
    expect(await ended).toEqual({ shutdown: 'idle' })
    expect(isPassed).toBe(false)
  })

  it('with normal is ignored by others that do not trap', () => {
    const a = actor()
    exit(a, 'normal')
    expect(isAlive(a)).toBe(true)
  })

  it('with normal to itself ends the process', () => {
    const a = actor()
    as(a, () => exit(self(), 'normal'))
    expect(isAlive(a)).toBe(false)
  })

  it('acts on arrival, not behind queued messages', () => {
    const received: unknown[] = []
    const a = actor(received)
    send(a, 'queued')
    exit(a, 'shutdown')
    runUntilIdle()
    expect(received).toEqual([])
    expect(isAlive(a)).toBe(false)
  })

  it('becomes a message when trapped, normal included', () => {
    const { pid, received } = trapper()
    const sender = actor()
    as(sender, () => {
      exit(pid, 'normal')
      exit(pid, 'shutdown')
    })
    runUntilIdle()
    expect(received).toEqual([new Exit(sender, 'normal'), new Exit(sender, 'shutdown')])
    expect(isAlive(pid)).toBe(true)
  })

  it('with kill cannot be trapped, and arrives at others as killed', async () => {
    const { pid: victim } = trapper()
    const { pid: other, received } = trapper()
    as(other, () => link(victim))
    const ended = waitForExit(victim)
    exit(victim, 'kill')
    runUntilIdle()
    expect(await ended).toBe('killed')
    expect(received).toEqual([new Exit(victim, 'killed')])
  })

  it('with kill as the reason of a link can be trapped: only the signal is untrappable', () => {
    const { pid, received } = trapper()
    const other = actor()
    as(pid, () => link(other))
    as(other, () => exit('kill'))
    runUntilIdle()
    expect(reasonsOf(received)).toEqual(['kill'])
  })

  it('that ends the sender through a link leaves its callback', () => {
    const [a, b] = [actor(), actor()]
    let isPassed = false
    as(a, () => {
      link(b)
      exit(b, 'crash')
      isPassed = true
    })
    expect([isAlive(a), isAlive(b), isPassed]).toEqual([false, false, false])
  })

  it('is harmless to the dead', () => {
    const a = actor()
    exit(a, 'kill')
    exit(a, 'kill')
    exit(a, 'shutdown')
    expect(isAlive(a)).toBe(false)
  })
})

describe('trapExit', () => {
  it('returns what was before', () => {
    const a = actor()
    const seen: boolean[] = []
    as(a, () => seen.push(trapExit(), trapExit(false), trapExit()))
    expect(seen).toEqual([false, true, false])
  })
})

describe('self', () => {
  it('outside of a process throws with advice', () => {
    expect(() => self()).toThrow(/before the first await/)
  })
})

describe('onExit', () => {
  it('runs in the moment the process ends, killed or not', () => {
    const a = actor()
    const reasons: ExitReason[] = []
    onExit(a, (reason) => reasons.push(reason))
    const remove = onExit(a, () => reasons.push('removed'))
    remove()
    exit(a, 'kill')
    expect(reasons).toEqual(['killed'])
    onExit(a, (reason) => reasons.push(reason))
    expect(reasons).toEqual(['killed', 'noproc'])
  })

  it('reports a hook that throws, and goes on', () => {
    const events: string[] = []
    setLogger(({ event }) => events.push(event))
    const a = actor()
    let isRun = false
    onExit(a, () => {
      isRun = true
    })
    onExit(a, () => {
      throw new Error('hook')
    })
    exit(a, 'kill')
    setLogger(null)
    expect(isRun).toBe(true)
    expect(events).toEqual(['exit_hook_failed'])
  })
})

describe('waitForExit', () => {
  it('resolves with noproc when the process has ended', async () => {
    const a = actor()
    exit(a, 'kill')
    await expect(waitForExit(a)).resolves.toBe('noproc')
  })

  it('resolves with undefined when it takes too long', async () => {
    await expect(waitForExit(actor(), 5)).resolves.toBeUndefined()
  })
})

describe('the order of signals', () => {
  const players = 4
  interface Step {
    readonly what: 'send' | 'exit' | 'link' | 'unlink' | 'monitor' | 'die' | 'run'
    readonly from: number
    readonly to: number
  }

  const player = fc.nat({ max: players - 1 })
  const what = fc.constantFrom<Step['what'][]>(
    ...(['send', 'send', 'exit', 'link', 'unlink', 'monitor', 'run', 'run', 'die'] as const),
  )
  const steps = fc.array(fc.record<Step>({ what, from: player, to: player }), { maxLength: 80 })

  interface Sent {
    readonly from: number
    readonly n: number
  }

  it('is kept between each two processes, for messages, exits and downs alike', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const heard: Sent[][] = Array.from({ length: players }, () => [])
        const last = (): { at: number } => ({ at: -1 })
        const pids = heard.map((received) => {
          const pid = spawn((message: unknown) => {
            if (typeof message === 'function') (message as Task)()
            else received.push(sentOf(message))
          })
          trapExit(true, pid)
          return pid
        })
        const pidOf = (i: number): Pid<unknown> => pids[i] ?? raise()
        const sentOf = (message: unknown): Sent => {
          if (message instanceof Exit || message instanceof Down) return message.reason as never
          return message as Sent
        }
        for (const [n, { what, from, to }] of script.entries()) {
          const target = pidOf(to)
          if (what === 'run') runUntilIdle()
          else {
            send(pidOf(from), () => {
              if (what === 'die') exit({ from, n })
              else if (what === 'send') send(target, { from, n })
              else if (what === 'exit' && from !== to) exit(target, { from, n })
              else if (what === 'link' && isAlive(target)) link(target)
              else if (what === 'unlink') unlink(target)
              else if (what === 'monitor' && isAlive(target)) monitor(target)
            })
          }
        }
        runUntilIdle()
        for (const received of heard) {
          const latest = pids.map(last)
          for (const { from, n } of received) {
            const of = latest[from] ?? raise()
            expect(n).toBeGreaterThanOrEqual(of.at)
            of.at = n
          }
        }
        for (const pid of pids) exit(pid, 'kill')
      }),
      { numRuns: 300 },
    )
  })
})

function raise(): never {
  throw new Error('no such player')
}

describe('exit of another without a reason', () => {
  it('is refused, and ends neither', () => {
    const victim = actor()
    const caller = actor()
    const lost: { reason?: ExitReason } = {}
    let error: unknown
    send(caller, () => {
      try {
        exit(victim, lost.reason as ExitReason)
      } catch (thrown) {
        error = thrown
      }
    })
    runUntilIdle()
    expect(error).toMatchObject({ code: 'bad_reason' })
    expect([isAlive(victim), isAlive(caller)]).toEqual([true, true])
  })
})
