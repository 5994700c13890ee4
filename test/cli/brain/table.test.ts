import { describe, expect, it } from 'vitest'
import { newProgress } from '../../../src/cli/brain/progress.ts'
import { brainTable, formatFitness } from '../../../src/cli/brain/table.ts'

describe('brainTable', () => {
  const rows = newProgress(['node-1', 'node-10']).nodes.map((row) => ({
    ...row,
    generation: 12_345,
    bestFitness: 9_999.5,
    evaluationsPerSecond: 34_567,
  }))

  it('has all columns in a terminal of 80', () => {
    const [titles = ''] = brainTable(rows, 80)
    expect(titles.split(/ {2,}/)).toEqual([
      'node',
      'state',
      'generation',
      'best',
      'evals/s',
      'sent',
      'received',
      'let in',
      'refused',
    ])
  })

  it('has of one population alone what it shares with nobody', () => {
    const [titles = ''] = brainTable(rows.slice(0, 1), 80, true)
    expect(titles.split(/ {2,}/).filter((title) => title !== '')).toEqual([
      'generation',
      'best',
      'evals/s',
    ])
  })

  it('keeps what matters most in a narrow one', () => {
    for (const width of [79, 72, 60, 50, 40]) {
      const lines = brainTable(rows, width)
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width)
      expect(lines[0]).toMatch(/node.*generation.*best.*evals\/s/)
    }
  })
})

describe('formatFitness', () => {
  it('shows five digits, and a dash for none', () => {
    expect([undefined, 0.123456789, 15.9999, 100_000].map(formatFitness)).toEqual([
      '-',
      '0.12346',
      '16.000',
      '100,000',
    ])
  })
})
