// Comma-separated values after RFC 4180: cells may be quoted, quoted cells may hold commas, line
// breaks and doubled quotes; lines end in CRLF or LF; a byte order mark is skipped, as are empty
// lines.
//
//   parseCsv(bytes).rows   // [{ number: 1, cells: ['x', 'y'] }, { number: 2, cells: ['1', '2'] }]
//
// Not for files beyond TABLE_BYTES_MAX, and not for other separators: those are refused with
// advice.
import { TABLE_BYTES_MAX, TABLE_COLUMNS_MAX, TABLE_ROWS_MAX } from '../../limits.ts'

/** Why a table cannot be used; the message names the place, the cause and the mend. */
export class TableError extends Error {
  readonly code: TableFault
  constructor(code: TableFault, message: string) {
    super(message)
    this.name = 'TableError'
    this.code = code
  }
}

export type TableFault =
  | 'too_large'
  | 'not_utf8'
  | 'malformed_csv'
  | 'ragged_row'
  | 'bad_header'
  | 'no_such_column'
  | 'missing_cell'
  | 'too_many_categories'
  | 'too_many_classes'
  | 'constant_target'
  | 'not_numeric'
  | 'no_inputs'
  | 'too_few_rows'

export interface CsvRow {
  /** As a spreadsheet numbers it: the header is row 1. */
  readonly number: number
  readonly cells: readonly string[]
}

export interface CsvTable {
  /** Names of the columns, unique, not empty. */
  readonly header: readonly string[]
  readonly rows: readonly CsvRow[]
}

/** Reads a table with a header. Throws TableError. */
export function parseCsv(bytes: Uint8Array): CsvTable {
  if (bytes.length > TABLE_BYTES_MAX) {
    const size = `${bytes.length} bytes, more than ${TABLE_BYTES_MAX}`
    throw new TableError('too_large', `the table has ${size}: use a sample of its rows`)
  }
  const rows = new RowReader(decode(bytes)).rows()
  const first = rows[0]
  if (first === undefined) {
    throw new TableError('bad_header', 'the table is empty: its first row must name the columns')
  }
  checkHeader(first.cells)
  for (const { number, cells } of rows) {
    if (cells.length === first.cells.length) continue
    const found = `row ${number} has ${cells.length} cells, the header ${first.cells.length}`
    throw new TableError('ragged_row', `${found}: complete the row, or quote the cell with a comma`)
  }
  return { header: first.cells, rows: rows.slice(1) }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new TableError('not_utf8', 'the table is not UTF-8 text: save it as CSV in UTF-8')
  }
}

function checkHeader(names: readonly string[]): void {
  const [first = ''] = names
  const separator = [';', '\t', '|'].find((mark) => names.length === 1 && first.includes(mark))
  if (separator !== undefined) {
    const found = `row 1 is separated by ${JSON.stringify(separator)}`
    throw new TableError('bad_header', `${found}: save the table with commas`)
  }
  names.forEach((name, i) => {
    if (name === '') {
      throw new TableError('bad_header', `column ${i + 1} has no name: give it one in row 1`)
    }
    if (names.indexOf(name) !== i) {
      const found = `two columns are named ${JSON.stringify(name)}`
      throw new TableError('bad_header', `${found}: rename one of them in row 1`)
    }
  })
  if (names.every((name) => name !== '' && Number.isFinite(Number(name)))) {
    throw new TableError('bad_header', 'row 1 holds numbers: put a row of column names above it')
  }
}

/** A cursor over the text. */
class RowReader {
  readonly #text: string
  #at = 0
  #number = 0

  constructor(text: string) {
    this.#text = text
  }

  rows(): CsvRow[] {
    const rows: CsvRow[] = []
    while (this.#at < this.#text.length) {
      const cells = this.#row()
      if (cells.length === 1 && cells[0] === '') continue
      if (rows.length > TABLE_ROWS_MAX) {
        const found = `the table has more than ${TABLE_ROWS_MAX} rows`
        throw new TableError('too_large', `${found}: use a sample of them`)
      }
      rows.push({ number: this.#number, cells })
    }
    return rows
  }

  #row(): string[] {
    this.#number += 1
    const cells: string[] = []
    for (;;) {
      cells.push(this.#text[this.#at] === '"' ? this.#quoted() : this.#plain())
      if (cells.length > TABLE_COLUMNS_MAX) {
        const found = `row ${this.#number} has more than ${TABLE_COLUMNS_MAX} columns`
        throw new TableError('too_large', `${found}: keep those that matter`)
      }
      const next = this.#text[this.#at]
      this.#at += 1
      if (next === ',') continue
      if (next === '\r' && this.#text[this.#at] === '\n') this.#at += 1
      if (next === undefined || next === '\n' || next === '\r') return cells
      this.#refuse('text follows a closing quote', 'double the quotes inside a quoted cell')
    }
  }

  #plain(): string {
    const begin = this.#at
    while (this.#at < this.#text.length && !',\r\n'.includes(this.#text[this.#at]!)) {
      if (this.#text[this.#at] === '"') {
        this.#refuse(
          'a quote stands inside an unquoted cell',
          'quote the cell and double the quote',
        )
      }
      this.#at += 1
    }
    return this.#text.slice(begin, this.#at).trim()
  }

  #quoted(): string {
    let cell = ''
    this.#at += 1
    for (;;) {
      const close = this.#text.indexOf('"', this.#at)
      if (close === -1) this.#refuse('a quoted cell does not end', 'close it with a quote')
      cell += this.#text.slice(this.#at, close)
      this.#at = close + 1
      if (this.#text[this.#at] !== '"') return cell.trim()
      cell += '"'
      this.#at += 1
    }
  }

  #refuse(found: string, mend: string): never {
    throw new TableError('malformed_csv', `in row ${this.#number} ${found}: ${mend}`)
  }
}
