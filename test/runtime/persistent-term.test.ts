import fc from 'fast-check'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import * as terms from '../../src/runtime/persistent-term.ts'
import { spawn } from '../../src/runtime/process.ts'

afterEach(() => {
  for (const key of terms.keys()) terms.erase(key)
})

describe('a persistent term', () => {
  it('is read by its key, lists by content, until it is erased', () => {
    terms.put(['app', 'routes'], { home: '/' })
    expect(terms.get(['app', 'routes'])).toEqual({ home: '/' })
    expect(terms.get('other', 'default')).toBe('default')
    expect(() => terms.get('other')).toThrow(expect.objectContaining({ code: 'bad_key' }))
    expect([terms.erase(['app', 'routes']), terms.erase(['app', 'routes'])]).toEqual([true, false])
    expect(terms.info()).toEqual({ count: 0, objects: 0 })
  })

  it('may be undefined, which is no default', () => {
    terms.put('nothing', undefined)
    expect(terms.get('nothing', 'default')).toBeUndefined()
  })

  it('cannot be changed at any depth', () => {
    const isFrozen = (value: unknown): boolean => {
      if (typeof value !== 'object' || value === null) return true
      return Object.isFrozen(value) && Object.values(value).every(isFrozen)
    }
    fc.assert(
      fc.property(fc.object(), (value) => {
        terms.put('any', value)
        expect(isFrozen(terms.get('any'))).toBe(true)
      }),
    )
  })

  it('may be a circle, hold pids and functions, and be very deep', () => {
    const circle: { self?: unknown; pid?: unknown; act?: unknown } = { act: () => 1 }
    circle.self = circle
    circle.pid = spawn(() => {})
    terms.put('circle', circle)
    expect([Object.isFrozen(circle), Object.isFrozen(circle.pid)]).toEqual([true, false])
    let deep: unknown[] = []
    for (let i = 0; i < 20_000; i++) deep = [deep]
    expect(terms.put('deep', deep)).toBe(deep)
    expect(terms.info()).toEqual({ count: 2, objects: 20_002 })
  })

  it.each([
    ['a Map', new Map()],
    ['a Date', new Date(0)],
    ['bytes', new Uint8Array(1)],
    ['an instance of a class', new (class Account {})()],
  ])('cannot be %s, and then nothing is frozen', (_, value) => {
    const term = { list: [{ value }] }
    expect(() => terms.put('bad', term)).toThrow(/list\.0\.value is a .*, which changes/)
    expect(Object.isFrozen(term)).toBe(false)
    expect(terms.keys()).toEqual([])
  })

  it('is read-only by its type', () => {
    const routes = terms.put('typed', { home: ['/'] })
    expectTypeOf(routes).toEqualTypeOf<{ readonly home: readonly string[] }>()
    // @ts-expect-error it is frozen
    expect(() => routes.home.push('/home')).toThrow(TypeError)
  })
})
