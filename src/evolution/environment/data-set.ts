// A data set: a table of the user's own, made ready for networks (`--task file.csv --target name`).
//
//   const set = dataSetFromCsv(bytes, { target: 'species' })
//   const problem = dataSetProblem(set)        // data-set-problem.ts
//
// The rules, none of which depends on a seed:
//   kind      regression if every target is a number and there are more than REGRESSION_VALUES_MIN
//             different ones, else classification; `kind` in the options decides otherwise
//   held out  every fourth row, of classes every fourth of each: it trains nothing, neither weights
//             nor scales
//   inputs    a column of numbers becomes one input, (x - mean) / deviation of the training part;
//             any other column becomes one input of 0 or 1 for each of its values (one alone if it
//             has two), at most TABLE_CATEGORIES_MAX; a column that never changes in training is
//             left out
//   missing   an empty cell, or NA, N/A, NaN, null or ?, is refused by row and column
import { TABLE_CATEGORIES_MAX, TABLE_CLASSES_MAX } from '../../limits.ts'
import { type CsvRow, type CsvTable, parseCsv, TableError } from './csv.ts'

export interface DataSetOptions {
  /** The column to predict. */
  readonly target: string
  /** Overrides what the target's values suggest. */
  readonly kind?: 'regression' | 'classification'
}

/** Rows side by side: row r has `inputs[r * width .. (r + 1) * width - 1]` and `targets[r]`. */
export interface DataPart {
  readonly rows: number
  readonly inputs: Float64Array
  /** Index of the class, or the scaled number. */
  readonly targets: Float64Array
}

/**
 * How a network input follows from a cell: (number - mean) / deviation, or 1 if the cell is
 * `category`.
 */
export interface DataInput {
  readonly column: string
  readonly category?: string
  readonly mean: number
  readonly deviation: number
}

export interface DataSet {
  readonly kind: 'regression' | 'classification'
  readonly target: string
  readonly inputs: readonly DataInput[]
  /** In the order of their indices; empty for regression. */
  readonly classes: readonly string[]
  /** Scale of a regression's target; 0 and 1 for classification. */
  readonly targetMean: number
  readonly targetDeviation: number
  readonly training: DataPart
  readonly heldOut: DataPart
}

/** More different numbers than this make a target a quantity rather than the code of a class. */
const REGRESSION_VALUES_MIN = 10
/** Rows below which a quarter of them says nothing. */
const ROWS_MIN = 8
const HELD_OUT_EVERY = 4

/** Whether a row is held out, by its index. */
type Split = readonly boolean[]

/**
 * Every fourth row is held out; of classes, every fourth row of each, because tables are often
 * sorted by them or take turns.
 */
function splitOf(rows: readonly CsvRow[], classColumn: number | undefined): Split {
  const seen = new Map<string, number>()
  return rows.map(({ cells }) => {
    const key = classColumn === undefined ? '' : cells[classColumn]!
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    return count % HELD_OUT_EVERY === 0
  })
}

/** Reads and scales a table. Throws TableError. */
export function dataSetFromCsv(bytes: Uint8Array, options: DataSetOptions): DataSet {
  const table = parseCsv(bytes)
  const targetColumn = table.header.indexOf(options.target)
  if (targetColumn === -1) {
    const names = table.header.slice(0, 20).join(', ')
    const found = `there is no column ${JSON.stringify(options.target)}`
    throw new TableError('no_such_column', `${found}: the target must be one of ${names}`)
  }
  if (table.rows.length < ROWS_MIN) {
    const found = `the table has ${table.rows.length} rows of data`
    throw new TableError('too_few_rows', `${found}: give at least ${ROWS_MIN}`)
  }
  checkComplete(table)
  const kind = options.kind ?? kindOf(table, targetColumn)
  const split = splitOf(table.rows, kind === 'classification' ? targetColumn : undefined)
  const target = readTarget(table, targetColumn, { kind, target: options.target }, split)
  const columns = table.header.flatMap((_, i) => {
    return i === targetColumn ? [] : readInput(table, i, split)
  })
  if (columns.length === 0) {
    const found = 'no column but the target changes from row to row'
    throw new TableError('no_inputs', `${found}: add the columns it depends on`)
  }
  const { values, ...about } = target
  return {
    ...about,
    target: options.target,
    inputs: columns.map(({ input }) => input),
    training: part(columns, values, split, false),
    heldOut: part(columns, values, split, true),
  }
}

const missing = new Set(['', 'na', 'n/a', 'nan', 'null', '?'])

function checkComplete({ header, rows }: CsvTable): void {
  for (const { number, cells } of rows) {
    const column = cells.findIndex((cell) => missing.has(cell.toLowerCase()))
    if (column === -1) continue
    const cell = cells[column] === '' ? 'is empty' : `is ${JSON.stringify(cells[column])}`
    const place = `row ${number}, column ${JSON.stringify(header[column])} ${cell}`
    throw new TableError('missing_cell', `${place}: fill the cell or leave the row out`)
  }
}

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** The cell's number; NaN if it is none, or beyond what a double holds. */
function numberOf(cell: string): number {
  const value = numeral.test(cell) ? Number(cell) : Number.NaN
  return Number.isFinite(value) ? value : Number.NaN
}

interface Column {
  readonly input: DataInput
  /** Of every row, scaled. */
  readonly values: Float64Array
}

/** The network inputs that a column becomes. */
function readInput({ header, rows }: CsvTable, column: number, split: Split): Column[] {
  const name = header[column]!
  const numbers = Float64Array.from(rows, ({ cells }) => numberOf(cells[column]!))
  const notNumber = numbers.findIndex((value) => Number.isNaN(value))
  if (notNumber === -1) {
    const { mean, deviation } = scaleOf(numbers, split)
    if (deviation === 0) return []
    const values = numbers.map((value) => (value - mean) / deviation)
    return [{ input: { column: name, mean, deviation }, values }]
  }
  const categories = valuesOf(rows, column, TABLE_CATEGORIES_MAX)
  if (categories === undefined) {
    const row = rows[notNumber]!
    const cell = JSON.stringify(row.cells[column]!.slice(0, 40))
    throw new TableError(
      'too_many_categories',
      `row ${row.number}, column ${JSON.stringify(name)}: ${cell} is not a number, and the column has ` +
        `more than ${TABLE_CATEGORIES_MAX} different values: correct the cell or leave the column out`,
    )
  }
  // Of two values, one says all: the other input would be its complement.
  const shown = categories.length === 2 ? categories.slice(1) : categories
  return shown.flatMap((category) => {
    const values = Float64Array.from(rows, ({ cells }) => (cells[column] === category ? 1 : 0))
    if (scaleOf(values, split).deviation === 0) return []
    return [{ input: { column: name, category, mean: 0, deviation: 1 }, values }]
  })
}

/** Mean and population deviation over the training rows. */
function scaleOf(values: Float64Array, split: Split): { mean: number; deviation: number } {
  const training = values.filter((_, index) => !split[index])
  const mean = training.reduce((sum, value) => sum + value / training.length, 0)
  const variance = training.reduce((sum, value) => {
    return sum + ((value - mean) * (value - mean)) / training.length
  }, 0)
  // A constant column can have a variance of rounding errors; nothing real is that still.
  const isStill = training.every((value) => value === training[0])
  return { mean, deviation: isStill ? 0 : Math.sqrt(variance) }
}

/** The different cells of a column, sorted; undefined if there are more than `max`. */
function valuesOf(rows: readonly CsvRow[], column: number, max: number): string[] | undefined {
  const found = new Set<string>()
  for (const { cells } of rows) {
    found.add(cells[column]!)
    if (found.size > max) return undefined
  }
  return [...found].sort()
}

type Target = Pick<DataSet, 'kind' | 'classes' | 'targetMean' | 'targetDeviation'> & {
  readonly values: Float64Array
}

/** What the target's values suggest. */
function kindOf({ rows }: CsvTable, column: number): DataSet['kind'] {
  const numbers = rows.map(({ cells }) => numberOf(cells[column]!))
  const isNumeric = !numbers.some((value) => Number.isNaN(value))
  const isQuantity = isNumeric && new Set(numbers).size > REGRESSION_VALUES_MIN
  return isQuantity ? 'regression' : 'classification'
}

function readTarget(
  table: CsvTable,
  column: number,
  { kind, target }: DataSetOptions,
  split: Split,
): Target {
  if (kind === 'classification') return classesOf(table, column, target)
  const numbers = Float64Array.from(table.rows, ({ cells }) => numberOf(cells[column]!))
  const notNumber = numbers.findIndex((value) => Number.isNaN(value))
  if (notNumber !== -1) {
    const { number, cells } = table.rows[notNumber]!
    const cell = JSON.stringify(cells[column]!.slice(0, 40))
    const found = `row ${number}, target ${JSON.stringify(target)}: ${cell} is not a number`
    throw new TableError('not_numeric', `${found}: correct it, or choose classification`)
  }
  const { mean, deviation } = scaleOf(numbers, split)
  if (deviation === 0) refuseConstant(target)
  const values = numbers.map((value) => (value - mean) / deviation)
  return {
    kind: 'regression',
    classes: [],
    targetMean: mean,
    targetDeviation: deviation,
    values,
  }
}

function classesOf({ rows }: CsvTable, column: number, target: string): Target {
  const classes = valuesOf(rows, column, TABLE_CLASSES_MAX)
  if (classes === undefined) {
    const found = `the target ${JSON.stringify(target)} has more than ${TABLE_CLASSES_MAX} classes`
    throw new TableError('too_many_classes', `${found}: join some, or choose another target`)
  }
  if (classes.length < 2) refuseConstant(target)
  const values = Float64Array.from(rows, ({ cells }) => classes.indexOf(cells[column]!))
  return { kind: 'classification', classes, targetMean: 0, targetDeviation: 1, values }
}

function refuseConstant(target: string): never {
  const found = `the target ${JSON.stringify(target)} has the same value in every row`
  throw new TableError('constant_target', `${found}: choose another column`)
}

/** The training part, or the held-out one. */
function part(
  columns: readonly Column[],
  targets: Float64Array,
  split: Split,
  heldOut: boolean,
): DataPart {
  const rows: number[] = []
  for (let row = 0; row < targets.length; row++) if (split[row] === heldOut) rows.push(row)
  const width = columns.length
  const inputs = new Float64Array(rows.length * width)
  rows.forEach((row, r) => {
    columns.forEach(({ values }, i) => {
      inputs[r * width + i] = values[row]!
    })
  })
  return { rows: rows.length, inputs, targets: Float64Array.from(rows, (row) => targets[row]!) }
}
