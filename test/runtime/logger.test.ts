import { spawnSync } from 'node:child_process'
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

describe('the logger that is there from the beginning', () => {
  /** What a program with these lines writes to stderr. */
  function stderrOf(...lines: readonly string[]): string[] {
    const program = [
      "import { runUntilIdle, send, setLogger, spawn, stderrLogger } from 'arbor'",
      "const broken = spawn(() => { throw new Error('first\\nsecond') })",
      ...lines,
      "send(broken, 'secret')",
      'runUntilIdle()',
    ].join('\n')
    const options = ['--conditions=arbor-source', '--input-type=module', '--eval', program]
    const { stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' })
    return stderr.split('\n').slice(0, -1)
  }

  it('writes a line for a crash, without its message', () => {
    const lines = stderrOf()
    expect(lines).toEqual([expect.stringMatching(/^error crash \{ pid: Pid<\d+>, reason: Error: /)])
    expect(lines[0]).toContain('first second')
    expect(lines[0]).not.toContain('secret')
  })

  it('adds stacks when it is verbose', () => {
    const [line, ...stack] = stderrOf('setLogger(stderrLogger({ verbose: true }))')
    expect(line).toMatch(/^error crash/)
    expect(stack.join('\n')).toMatch(/^Error: first\nsecond\n +at /)
  })

  it('is silenced by null', () => {
    expect(stderrOf('setLogger(null)')).toEqual([])
  })
})

describe('a logger with a level', () => {
  it('gets nothing below it, and has the rate for what it gets', () => {
    const events: string[] = []
    setLogger(({ event }) => events.push(event), { level: 'warning' })
    for (let i = 0; i < 150; i++) log(() => ({ level: 'info', event: 'low' }))
    log(() => ({ level: 'warning', event: 'middle' }))
    log(() => ({ level: 'error', event: 'high' }))
    expect(events).toEqual(['middle', 'high'])
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
