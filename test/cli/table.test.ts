import { describe, expect, it } from 'vitest'
import { formatDuration, groupDigits, renderTable } from '../../src/cli/table.ts'

describe('renderTable', () => {
  it('aligns columns by their widest cell', () => {
    const lines = renderTable(
      [
        { title: 'name', align: 'left', cell: ({ name }) => name },
        { title: 'n', align: 'right', cell: ({ count }) => String(count) },
      ],
      [
        { name: 'a', count: 7 },
        { name: 'longer', count: 1234 },
      ],
    )
    expect(lines).toEqual(['name       n', 'a          7', 'longer  1234'])
  })
})

describe('groupDigits', () => {
  it('groups by thousands', () => {
    expect([0, 999, 1000, 1234567, 1e6 - 0.4].map(groupDigits)).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
      '1,000,000',
    ])
  })
})

describe('formatDuration', () => {
  it('says seconds, then minutes', () => {
    expect([0.25, 42.4, 59.9, 60, 125].map(formatDuration)).toEqual([
      '0.3 s',
      '42 s',
      '60 s',
      '1 min 00 s',
      '2 min 05 s',
    ])
  })
})
