import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv, TableError } from '../../../src/evolution/environment/csv.ts'
import { TABLE_COLUMNS_MAX } from '../../../src/limits.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const cellsOf = (text: string): (readonly string[])[] => {
  return parseCsv(bytesOf(text)).rows.map(({ cells }) => cells)
}

describe('parseCsv', () => {
  it('reads rows and numbers them as a spreadsheet does', () => {
    expect(parseCsv(bytesOf('x,y\n1,2\n\n3,4\n'))).toEqual({
      header: ['x', 'y'],
      rows: [
        { number: 2, cells: ['1', '2'] },
        { number: 4, cells: ['3', '4'] },
      ],
    })
  })

  it.each([
    ['CRLF', 'a,b\r\n1,2\r\n'],
    ['LF, none at the end', 'a,b\n1,2'],
    ['a byte order mark', '\ufeffa,b\n1,2\n'],
    ['spaces around cells', ' a , b \n 1 , 2 \n'],
    ['quotes', '"a","b"\n"1","2"\n'],
  ])('takes %s', (_what, text) => {
    expect(parseCsv(bytesOf(text))).toMatchObject({ header: ['a', 'b'] })
    expect(cellsOf(text)).toEqual([['1', '2']])
  })

  it('takes commas, line breaks and doubled quotes in quoted cells', () => {
    expect(cellsOf('a,b\n"x, ""y""\r\nz",2\n3,""\n')).toEqual([
      ['x, "y"\r\nz', '2'],
      ['3', ''],
    ])
  })

  it('gives back whatever was quoted', () => {
    const cell = fc.string({ unit: 'binary' }).map((text) => text.trim())
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, lineEnd) => {
        const quoted = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`))
        const text = [['a', 'b', 'c'], ...quoted].map((row) => row.join()).join(lineEnd)
        const expected = rows.map((row) => row.map((cell) => cell.toWellFormed()))
        expect(cellsOf(text)).toEqual(expected)
      }),
    )
  })

  it('throws nothing but TableErrors, whatever the bytes', () => {
    const part = fc.constantFrom('"', ',', '\n', '\r', 'a', '1', ' ', '\ufeff', ';')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        try {
          const { header, rows } = parseCsv(bytesOf(parts.join('')))
          for (const { cells } of rows) expect(cells).toHaveLength(header.length)
        } catch (error) {
          expect(error).toBeInstanceOf(TableError)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['bad_header', '', /empty/],
    ['bad_header', 'a,,c\n1,2,3', /column 2 has no name/],
    ['bad_header', 'a,b,a\n1,2,3', /two columns are named "a"/],
    ['bad_header', '5.1,3.5\n4.9,3.0', /row 1 holds numbers: put a row of column names above/],
    ['bad_header', 'a;b\n1;2', /separated by ";": save the table with commas/],
    ['bad_header', 'a\tb\n1\t2', /separated by "\\t"/],
    ['ragged_row', 'a,b\n1,2\n3\n', /row 3 has 1 cells, the header 2/],
    ['malformed_csv', 'a,b\n1,"2\n', /in row 2 a quoted cell does not end/],
    ['malformed_csv', 'a,b\n1,"2"3\n', /in row 2 text follows a closing quote/],
    ['malformed_csv', 'a,b\n1,2"3\n', /in row 2 a quote stands inside an unquoted cell/],
    ['too_large', Array.from({ length: TABLE_COLUMNS_MAX + 1 }, (_, i) => `c${i}`).join(), /1024/],
  ])('refuses with %s: %j', (code, text, message) => {
    const read = (): unknown => parseCsv(bytesOf(text))
    expect(read).toThrow(expect.objectContaining({ name: 'TableError', code }))
    expect(read).toThrow(message)
  })

  it('refuses what is not UTF-8', () => {
    expect(() => parseCsv(Uint8Array.of(97, 10, 0xff))).toThrow(
      expect.objectContaining({ code: 'not_utf8' }),
    )
  })
})
