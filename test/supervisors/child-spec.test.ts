import { describe, expect, it } from 'vitest'
import type { Pid } from '../../src/runtime/pid.ts'
import {
  type ChildSpec,
  checkSpec,
  isRestarted,
  shutdownOf,
} from '../../src/supervisors/child-spec.ts'

const spec = (rest: Partial<ChildSpec>): ChildSpec => ({
  id: 'child',
  start: (supervisor: Pid) => supervisor,
  ...rest,
})

describe('isRestarted', () => {
  it('is always so for permanent, never for temporary, after a crash for transient', () => {
    const crash = { error: new Error('x'), call: { callback: 'init' } }
    const table = [
      ['permanent', [true, true, true, true, true]],
      ['transient', [false, false, false, true, true]],
      ['temporary', [false, false, false, false, false]],
    ] as const
    for (const [restart, expected] of table) {
      const reasons = ['normal', 'shutdown', { shutdown: 1 }, 'killed', crash]
      expect(reasons.map((reason) => isRestarted(spec({ restart }), reason))).toEqual(expected)
    }
    expect(isRestarted(spec({}), 'normal')).toBe(true)
  })
})

describe('shutdownOf', () => {
  it('gives workers 5 s and supervisors all the time they need', () => {
    expect(shutdownOf(spec({}))).toBe(5000)
    expect(shutdownOf(spec({ type: 'supervisor' }))).toBe('infinity')
    expect(shutdownOf(spec({ type: 'supervisor', shutdown: 10 }))).toBe(10)
    expect(shutdownOf(spec({ shutdown: 'brutal_kill' }))).toBe('brutal_kill')
  })
})

describe('checkSpec', () => {
  it('refuses a child without id and a time that cannot be waited', () => {
    for (const bad of [{ id: '' }, { shutdown: -1 }, { shutdown: Number.NaN }]) {
      expect(() => checkSpec(spec(bad))).toThrow(
        expect.objectContaining({ code: 'bad_child_spec' }),
      )
    }
    expect(() => checkSpec(spec({ shutdown: 0 }))).not.toThrow()
  })

  it('refuses words it does not know, and a significant child that is permanent', () => {
    const never = JSON.parse('{ "restart": "never" }') as object
    const manager = JSON.parse('{ "type": "manager" }') as object
    for (const bad of [never, manager, { significant: true }]) {
      expect(() => checkSpec(spec(bad))).toThrow(
        expect.objectContaining({ code: 'bad_child_spec' }),
      )
    }
    expect(() => checkSpec(spec({ significant: true, restart: 'transient' }))).not.toThrow()
  })
})
