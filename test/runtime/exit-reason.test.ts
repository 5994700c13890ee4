import { describe, expect, it } from 'vitest'
import { formatReason, isOrderly } from '../../src/runtime/exit-reason.ts'

describe('isOrderly', () => {
  it('holds for normal, shutdown and { shutdown }, and for nothing else', () => {
    for (const reason of ['normal', 'shutdown', { shutdown: 'idle' }]) {
      expect(isOrderly(reason)).toBe(true)
    }
    const call = { callback: 'init' }
    for (const reason of ['killed', 'noproc', 'own', { error: 1, call }, { exitStatus: 0 }]) {
      expect(isOrderly(reason)).toBe(false)
    }
  })
})

describe('formatReason', () => {
  it('fits any reason into a line', () => {
    expect(formatReason('killed')).toBe('killed')
    expect(formatReason({ shutdown: 'idle' })).toBe('{ shutdown: idle }')
    expect(formatReason({ exitStatus: 3 })).toBe('{ exitStatus: 3 }')
    const call = { callback: 'init' }
    expect(formatReason({ error: new TypeError('bad'), call })).toBe('TypeError: bad')
    expect(formatReason({ error: 42, call })).toBe('42')
    expect(formatReason({ data: { deep: true } })).toBe('{ data: { deep: true } }')
    expect(formatReason({ data: new Map() })).toBe('{ data: [object Map] }')
    expect(formatReason({ postponed: [], timeouts: ['pay', 2] })).toBe(
      '{ postponed: [], timeouts: [ pay, 2 ] }',
    )
    expect(formatReason({ data: Array(12).fill(1) })).toMatch(/, 1, … of 12 \] \}$/)
    const reason = { error: new Error('no database'), call }
    expect(formatReason({ shutdown: { failedToStartChild: 'db', reason } })).toBe(
      '{ shutdown: { failedToStartChild: db, reason: Error: no database } }',
    )
  })
})
