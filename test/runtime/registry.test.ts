import { describe, expect, it } from 'vitest'
import { send, spawn } from '../../src/runtime/process.ts'
import { nameOf, register, registered, unregister, whereis } from '../../src/runtime/registry.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { Down, Exit, exit, link, monitor, trapExit } from '../../src/runtime/signal.ts'

describe('register', () => {
  it('makes a process known by name', () => {
    const process = spawn(() => {})
    register('a', process)
    expect(whereis('a')).toBe(process)
    expect(nameOf(process)).toBe('a')
    expect(registered()).toContain('a')
  })

  it('refuses a taken name, a second name and the dead, each with its code', () => {
    const process = spawn(() => {})
    register('b', process)
    const other = spawn(() => {})
    expect(() => register('b', other)).toThrow(
      expect.objectContaining({ code: 'already_registered' }),
    )
    expect(() => register('b2', process)).toThrow(
      expect.objectContaining({ code: 'already_named' }),
    )
    exit(other, 'kill')
    expect(() => register('b3', other)).toThrow(expect.objectContaining({ code: 'noproc' }))
  })
})

describe('unregister', () => {
  it('frees the name, and says whether somebody had it', () => {
    const process = spawn(() => {})
    register('c', process)
    expect(unregister('c')).toBe(true)
    expect(unregister('c')).toBe(false)
    expect(whereis('c')).toBeUndefined()
    register(
      'c',
      spawn(() => {}),
    )
    register('c2', process)
    expect(nameOf(process)).toBe('c2')
  })
})

describe('the name of a process that ends', () => {
  it('vanishes before links and monitors hear of it', () => {
    const seen: unknown[] = []
    const watcher = spawn((message: unknown) => {
      if (message === 'watch') {
        trapExit()
        link(process)
        monitor(process)
      } else if (message instanceof Exit || message instanceof Down) {
        seen.push([message.type, whereis('d')])
      }
    })
    const process = spawn(() => {})
    register('d', process)
    send(watcher, 'watch')
    runUntilIdle()
    exit(process, 'kill')
    runUntilIdle()
    expect(seen).toHaveLength(2)
    expect(seen).toContainEqual(['EXIT', undefined])
    expect(seen).toContainEqual(['DOWN', undefined])
  })
})
