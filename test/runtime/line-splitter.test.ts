import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter } from '../../src/runtime/line-splitter.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('LineSplitter.push', () => {
  it('finds the same lines however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((s) => s.replace(/[\r\n]/g, ''))
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat({ max: 30 })), (lines, cuts) => {
        const all = bytes(lines.map((text) => `${text}\n`).join(''))
        const splitter = new LineSplitter(1000)
        const found: string[] = []
        let at = 0
        for (const cut of [...cuts, all.length]) {
          found.push(...splitter.push(all.subarray(at, at + cut)).map((l) => l.line))
          at += cut
        }
        expect(found).toEqual(lines)
      }),
    )
  })

  it('ends lines by \\n and \\r\\n', () => {
    const splitter = new LineSplitter(10)
    expect(splitter.push(bytes('a\r\nb\n\nc')).map(({ line }) => line)).toEqual(['a', 'b', ''])
    expect(splitter.end()).toEqual([{ line: 'c', isCut: false }])
    expect(splitter.end()).toEqual([])
  })

  it('cuts a line beyond the bound, says so, and finds the next one', () => {
    const splitter = new LineSplitter(4)
    const lines = [
      ...splitter.push(bytes('abcd\r\nabcdef')),
      ...splitter.push(bytes('ghi')),
      ...splitter.push(bytes('jkl\nxy\n')),
    ]
    expect(lines).toEqual([
      { line: 'abcd', isCut: false },
      { line: 'abcd', isCut: true },
      { line: 'xy', isCut: false },
    ])
  })
})
