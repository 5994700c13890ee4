import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/runtime/clock.ts'
import { formatReport, log, type Report, setLogger } from '../../src/runtime/logger.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'

afterEach(() => setLogger(null))

describe('log', () => {
  it('builds no report that nobody reads', () => {
    let isBuilt = false
    log(() => {
      isBuilt = true
      return { level: 'info', event: 'x' }
    })
    expect(isBuilt).toBe(false)
  })

  it('hands over 100 reports a second, and counts the rest', () => {
    const clock = new VirtualClock()
    const reports: Report[] = []
    setLogger((report) => reports.push(report), { clock })
    for (let i = 0; i < 150; i++) log(() => ({ level: 'info', event: 'x', i }))
    expect(reports).toHaveLength(100)
    clock.advance(1000)
    log(() => ({ level: 'info', event: 'y' }))
    expect(reports.slice(100)).toEqual([
      { level: 'warning', event: 'reports_suppressed', count: 50 },
      { level: 'info', event: 'y' },
    ])
  })

  it('drops a logger that throws', () => {
    let calls = 0
    setLogger(() => {
      calls++
      throw new Error('disk full')
    })
    log(() => ({ level: 'info', event: 'x' }))
    log(() => ({ level: 'info', event: 'x' }))
    expect(calls).toBe(1)
  })
})

describe('a crash', () => {
  it('is reported with pid and reason, an orderly end is not', () => {
    const reports: Report[] = []
    setLogger((report) => reports.push(report))
    const error = new Error('broken')
    const process = spawn((_: string) => {
      throw error
    })
    send(process, 'x')
    runUntilIdle()
    expect(reports).toEqual([
      {
        level: 'error',
        event: 'crash',
        pid: process,
        reason: { error, call: { callback: 'receive', message: 'x' } },
      },
    ])
  })
})

describe('formatReport', () => {
  it('says what happened in one line', () => {
    const reason = { error: new Error('no database'), call: { callback: 'init' } }
    const report = { level: 'error', event: 'crash', id: 'db', reason } as const
    expect(formatReport(report)).toBe('error crash { id: db, reason: Error: no database }')
  })
})
