import { describe, expect, it } from 'vitest'
import { alias, unalias } from '../../src/runtime/alias.ts'
import { deadLetters } from '../../src/runtime/dead-letter.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { processInfo, send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { Down, demonitor, exit, monitor } from '../../src/runtime/signal.ts'

function listener(heard: unknown[]): Pid<unknown> {
  return spawn((m: unknown) => void heard.push(typeof m === 'function' ? m() : m))
}

describe('alias', () => {
  it('is an address until it is taken back; later messages are dropped and counted', () => {
    const heard: unknown[] = []
    const address = alias({}, listener(heard))
    send(address, 1)
    const { inactiveAlias } = deadLetters()
    expect(unalias(address)).toBe(true)
    expect(unalias(address)).toBe(false)
    send(address, 2)
    runUntilIdle()
    expect(heard).toEqual([1])
    expect(deadLetters().inactiveAlias).toBe(inactiveAlias + 1)
  })

  it('once takes one message', () => {
    const heard: unknown[] = []
    const address = alias({ once: true }, listener(heard))
    send(address, 1)
    send(address, 2)
    runUntilIdle()
    expect(heard).toEqual([1])
    expect(unalias(address)).toBe(false)
  })

  it('is taken back by its owner only', () => {
    const heard: unknown[] = []
    const address = alias({}, listener(heard))
    const results: unknown[] = []
    send(listener(results), () => unalias(address))
    runUntilIdle()
    send(address, 'still')
    runUntilIdle()
    expect([results, heard]).toEqual([[false], ['still']])
  })

  it('of a dead process drops everything', () => {
    const process = listener([])
    const address = alias({}, process)
    exit(process, 'kill')
    send(address, 1)
    expect(unalias(address)).toBe(false)
  })
})

describe('a monitor with an alias', () => {
  it('explicit_unalias outlives the Down', () => {
    const heard: unknown[] = []
    const target = listener([])
    const ref = monitor(target, { watcher: listener(heard), alias: 'explicit_unalias' })
    exit(target, 'kill')
    send(ref, 'after')
    runUntilIdle()
    expect(heard).toEqual([expect.any(Down), 'after'])
    expect(unalias(ref)).toBe(true)
  })

  it('demonitor ends with the monitor', () => {
    const heard: unknown[] = []
    const ref = monitor(listener([]), { watcher: listener(heard), alias: 'demonitor' })
    send(ref, 'before')
    demonitor(ref)
    send(ref, 'after')
    runUntilIdle()
    expect(heard).toEqual(['before'])
  })

  it('reply_demonitor ends, monitor and alias, with the first message that comes by it', () => {
    const heard: unknown[] = []
    const target = listener([])
    const watcher = listener(heard)
    const ref = monitor(target, { watcher, alias: 'reply_demonitor' })
    send(ref, 'reply')
    send(ref, 'second')
    expect(processInfo(watcher).monitors).toEqual([])
    exit(target, 'kill')
    runUntilIdle()
    expect(heard).toEqual(['reply'])
  })
})

describe('monitor', () => {
  it('with a tag brings a message of that type', () => {
    const heard: unknown[] = []
    const target = listener([])
    const ref = monitor(target, { watcher: listener(heard), tag: 'worker_gone' })
    exit(target, 'kill')
    runUntilIdle()
    expect(heard).toEqual([
      expect.objectContaining({ type: 'worker_gone', ref, pid: target, reason: 'killed' }),
    ])
  })

  it('leaves nothing at whom it watches when the watcher ends', () => {
    const target = listener([])
    for (let i = 0; i < 10; i++) {
      const watcher = listener([])
      monitor(target, watcher)
      exit(watcher, 'kill')
    }
    expect(processInfo(target).monitoredBy).toEqual([])
  })

  it('is ended by its watcher only: what another process tries changes nothing', () => {
    const heard: unknown[] = []
    const results: unknown[] = []
    const target = listener([])
    const ref = monitor(target, listener(heard))
    send(listener(results), () => demonitor(ref, { flush: true }))
    runUntilIdle()
    exit(target, 'kill')
    runUntilIdle()
    expect(results).toEqual([false])
    expect(heard).toEqual([expect.any(Down)])
  })
})
