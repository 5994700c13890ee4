import { describe, expect, it } from 'vitest'
import * as dictionary from '../../src/runtime/dictionary.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'

describe('the process dictionary', () => {
  it('belongs to one process, and vanishes with it', () => {
    const seen: unknown[] = []
    const one = spawn((_: string) => {
      seen.push(dictionary.put('key', 1), dictionary.put('key', 2), dictionary.get('key'))
    })
    const other = spawn((_: string) => void seen.push(dictionary.get('key')))
    send(one, 'go')
    send(other, 'go')
    runUntilIdle()
    expect(seen).toEqual([undefined, 1, 2, undefined])
    expect(dictionary.entries(one)).toEqual(new Map([['key', 2]]))
    expect(dictionary.erase('key', one)).toBe(2)
    expect(dictionary.get('key', one)).toBe(undefined)
    dictionary.put('key', 3, one)
    exit(one, 'kill')
    expect(dictionary.get('key', one)).toBe(undefined)
    expect(dictionary.put('key', 4, one)).toBe(undefined)
    expect(dictionary.get('key', one)).toBe(undefined)
  })

  it('needs a process', () => {
    expect(() => dictionary.get('key')).toThrow(expect.objectContaining({ code: 'not_a_process' }))
  })
})
