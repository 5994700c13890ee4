// What does a table cost: to put a million rows in, and to look each up? Against ets, and against
// the bare Map that a set is made of. A row has two fields. The order of keys decides for an
// ordered set, so there are three: scattered (a random generator of full period); ascending, as
// time stamps are; and strided, a constant distance apart, which walks a tree along a few paths
// that stay in the processor's cache, and is the worst case for ours.
import { Table, type TableType } from '../src/runtime/table.ts'
import { ask, type Contestant, cpuNs } from './question.ts'

const ROWS = 1_000_000

interface Row {
  readonly id: number
  readonly count: number
}

type Order = 'scattered' | 'ascending' | 'strided'

/** A prime, so that each key comes once. */
const STRIDE = 611_953

/** Each key once; scattered ones by a linear congruence (Knuth, volume 2, 3.2.1.2). */
function eachKey(order: Order, rows: number, act: (key: number, i: number) => void): void {
  const mask = 2 ** Math.ceil(Math.log2(rows)) - 1
  let key = 0
  for (let i = 0; i < rows; i++) {
    if (order === 'scattered') key = (Math.imul(key, 1_664_525) + 1_013_904_223) & mask
    else key = order === 'ascending' ? i : (i * STRIDE) % rows
    act(key, i)
  }
}

function filled(type: TableType, order: Order, rows: number): Table<Row, 'id'> {
  const table = new Table<Row, 'id'>({ key: 'id', type })
  eachKey(order, rows, (id, count) => table.insert({ id, count }))
  return table
}

function filledMap(order: Order, rows: number): Map<number, Row> {
  const map = new Map<number, Row>()
  eachKey(order, rows, (id, count) => map.set(id, { id, count }))
  return map
}

/** Looks up every row; throws when one is not found, so that no work can be left out. */
function lookUp(order: Order, rows: number, get: (id: number) => Row | undefined): void {
  let sum = 0
  eachKey(order, rows, (id) => {
    sum += get(id)?.count ?? Number.NaN
  })
  if (sum !== (rows * (rows - 1)) / 2) throw new Error('a row is missing')
}

/** The bare Map beside a set. */
function mapped(measure: (rows: number) => Promise<number>): Record<string, Contestant> {
  return { map: { units: ROWS, measure, note: 'no access rules, no owner' } }
}

async function askFor(type: TableType, order: Order, suffix: string): Promise<void> {
  const isSet = type === 'set'
  await ask({
    name: `table insert, ${type}, ${order}`,
    unit: 'ns/row',
    contestants: {
      arbor: { units: ROWS, measure: (rows) => cpuNs(rows, () => filled(type, order, rows)) },
      erlang: { units: ROWS, module: `table_insert${suffix}` },
      ...(isSet && mapped((rows) => cpuNs(rows, () => filledMap(order, rows)))),
    },
  })
  await ask({
    name: `table lookup, ${type}, ${order}`,
    unit: 'ns/row',
    contestants: {
      arbor: {
        units: ROWS,
        measure: (rows) => {
          const table = filled(type, order, rows)
          return cpuNs(rows, () => lookUp(order, rows, (id) => table.get(id)))
        },
      },
      erlang: { units: ROWS, module: `table_lookup${suffix}` },
      ...(isSet &&
        mapped((rows) => {
          const map = filledMap(order, rows)
          return cpuNs(rows, () => lookUp(order, rows, (id) => map.get(id)))
        })),
    },
  })
}

await askFor('set', 'scattered', '')
await askFor('ordered_set', 'scattered', '_ordered')
await askFor('ordered_set', 'ascending', '_ascending')
await askFor('ordered_set', 'strided', '_strided')
