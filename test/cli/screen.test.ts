import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Screen, type Terminal } from '../../src/cli/screen.ts'

/** A stream that looks like a terminal, and what was written to it. */
function terminal(size: { columns?: number; rows?: number } = {}) {
  const stream: Terminal = Object.assign(new PassThrough(), size)
  return { stream, written: () => String((stream as PassThrough).read() ?? '') }
}

const ESCAPE = '\u001b'

describe('Screen', () => {
  it('writes plain lines where there is no terminal, and no block', () => {
    const { stream, written } = terminal()
    const screen = new Screen(stream, { live: false })
    screen.show(() => ['a table'])
    screen.line('a fact')
    screen.end()
    expect(written()).toBe('a fact\n')
  })

  it('keeps lines above the block, which is drawn anew', () => {
    const { stream, written } = terminal()
    const screen = new Screen(stream, { live: true })
    let rows = ['one']
    screen.show(() => rows)
    screen.line('a fact')
    expect(written()).toBe('a fact\none\n')
    rows = ['one', 'two']
    screen.end()
    expect(written()).toBe(`${ESCAPE}[1A${ESCAPE}[Jone\ntwo\n`)
    screen.line('after it')
    expect(written()).toBe('after it\n')
  })

  it('cuts lines to the width without counting colours', () => {
    const { stream, written } = terminal({ columns: 5 })
    const screen = new Screen(stream, { live: true })
    screen.show((columns) => [`${ESCAPE}[31m1234567${ESCAPE}[39m`, '#'.repeat(columns)])
    screen.end()
    expect(written()).toBe(`${ESCAPE}[31m12345${ESCAPE}[39m\n#####\n`)
  })

  it('draws no more lines than can be erased again', () => {
    const { stream, written } = terminal({ rows: 4 })
    const screen = new Screen(stream, { live: true })
    screen.show(() => Array.from({ length: 30 }, (_, index) => String(index)))
    screen.end()
    expect(written()).toBe('0\n1\n2\n')
  })
})
