import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Pid } from '../../src/runtime/pid.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { runUntilIdle } from '../../src/runtime/scheduler.ts'
import { exit } from '../../src/runtime/signal.ts'
import {
  ANY,
  type AnyTable,
  findTable,
  Table,
  type TableName,
  type TableOptions,
  TableTransfer,
  type TableType,
} from '../../src/runtime/table.ts'

interface User {
  readonly id: number
  readonly name: string
  readonly visits: number
  readonly address?: { readonly city: string; readonly tags: readonly string[] }
}

const user = (id: number, name = `user ${id}`, visits = 0): User => ({ id, name, visits })

function users(options: Partial<TableOptions<'id'>> = {}): Table<User, 'id'> {
  return new Table<User, 'id'>({ key: 'id', ...options })
}

/** A process that does what it is sent, and keeps what that throws or returns. */
function worker(): { pid: Pid<() => unknown>; results: unknown[] } {
  const results: unknown[] = []
  const pid = spawn((act: (() => unknown) | TableTransfer) => {
    if (act instanceof TableTransfer) {
      results.push(act)
      return
    }
    try {
      results.push(act())
    } catch (error) {
      results.push((error as { code: string }).code)
    }
  })
  return { pid, results }
}

/** Does something within a process, and returns what came of it. */
function within({ pid, results }: ReturnType<typeof worker>, act: () => unknown): unknown {
  send(pid, act)
  runUntilIdle()
  return results.pop()
}

// --- Against a model ---

type Row = { readonly k: number; readonly v: number }
const row = fc.record({ k: fc.nat(8), v: fc.nat(3) }, { noNullPrototype: true })
const operation = fc.oneof(
  fc.record({ type: fc.constant('insert' as const), rows: fc.array(row, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('insertNew' as const), rows: fc.array(row, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('delete' as const), key: fc.nat(8) }),
  fc.record({ type: fc.constant('take' as const), key: fc.nat(8) }),
  fc.record({ type: fc.constant('deleteObject' as const), row }),
  fc.record({ type: fc.constant('matchDelete' as const), v: fc.nat(3) }),
)
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never

const isEqual = (a: Row, b: Row): boolean => a.k === b.k && a.v === b.v

/** A table as a list of rows. */
class ListModel {
  rows: Row[] = []
  readonly #type: TableType

  constructor(type: TableType) {
    this.#type = type
  }

  insert(row: Row): void {
    const isBag = this.#type === 'bag' || this.#type === 'duplicate_bag'
    if (!isBag) this.rows = this.rows.filter(({ k }) => k !== row.k)
    if (this.#type === 'bag' && this.rows.some((other) => isEqual(other, row))) return
    this.rows.push(row)
  }

  #without(isGone: (row: Row) => boolean): Row[] {
    const gone = this.rows.filter(isGone)
    this.rows = this.rows.filter((row) => !isGone(row))
    return gone
  }

  apply(operation: Operation): unknown {
    switch (operation.type) {
      case 'insert':
        for (const one of operation.rows) this.insert(one)
        return undefined
      case 'insertNew': {
        const keys = operation.rows.map(({ k }) => k)
        if (this.rows.some(({ k }) => keys.includes(k))) return false
        for (const one of operation.rows) this.insert(one)
        return true
      }
      case 'delete':
        return this.#without(({ k }) => k === operation.key).length
      case 'take':
        return this.#without(({ k }) => k === operation.key)
      case 'deleteObject':
        return this.#without((one) => isEqual(one, operation.row)).length
      case 'matchDelete':
        return this.#without(({ v }) => v === operation.v).length
    }
  }
}

function applyTo(table: Table<Row, 'k'>, operation: Operation): unknown {
  switch (operation.type) {
    case 'insert':
      return table.insert(operation.rows)
    case 'insertNew':
      return table.insertNew(operation.rows)
    case 'delete':
      return table.delete(operation.key)
    case 'take':
      return table.take(operation.key)
    case 'deleteObject':
      return table.deleteObject(operation.row)
    case 'matchDelete':
      return table.matchDelete({ v: operation.v })
  }
}

const order = (a: Row, b: Row): number => a.k - b.k || a.v - b.v

describe.each(['set', 'ordered_set', 'bag', 'duplicate_bag'] as const)('a %s', (type) => {
  it('holds what a list of rows would', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const table = new Table<Row, 'k'>({ key: 'k', type })
        const model = new ListModel(type)
        for (const one of operations) expect(applyTo(table, one)).toEqual(model.apply(one))
        expect(table.toList().toSorted(order)).toEqual(model.rows.toSorted(order))
        expect(table.size).toBe(model.rows.length)
        for (let k = 0; k <= 8; k++) {
          const rows = model.rows.filter((one) => one.k === k)
          expect(table.lookup(k)).toEqual(rows)
          expect([table.member(k), table.get(k)]).toEqual([rows.length > 0, rows[0]])
        }
        const keys: number[] = []
        for (let k = table.first(); k !== undefined; k = table.next(k)) keys.push(k)
        const expected = [...new Set(model.rows.map(({ k }) => k))].sort()
        expect(type === 'ordered_set' ? keys : keys.sort()).toEqual(expected)
      }),
    )
  })

  it('can be walked by keys while each is deleted and others come', () => {
    const table = new Table<Row, 'k'>({ key: 'k', type })
    for (let k = 0; k < 100; k++) table.insert({ k, v: 0 })
    const met: number[] = []
    for (let k = table.first(); k !== undefined && met.length < 500; k = table.next(k)) {
      met.push(k)
      table.delete(k)
      table.insert({ k: 1000 + k, v: 0 })
      if (k >= 1000) table.delete(1000 + k)
    }
    expect(met.filter((k) => k < 100).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, k) => k),
    )
  })

  it('can be walked by rows while it changes', () => {
    const table = new Table<Row, 'k'>({ key: 'k', type })
    for (let k = 0; k < 200; k++) table.insert({ k, v: 0 })
    const met = new Set<number>()
    for (const { k } of table.rows()) {
      expect(table.member(k)).toBe(true)
      met.add(k)
      if (k % 2 === 0) table.delete(k + 1)
    }
    expect([...met].filter((k) => k % 2 === 0)).toHaveLength(100)
    expect([...met].filter((k) => k % 2 === 1)).toHaveLength(0)
  })
})

describe('two walks of a set', () => {
  it('do not disturb each other', () => {
    const table = users()
    table.insert(Array.from({ length: 50 }, (_, id) => user(id)))
    const met: number[] = []
    for (let a = table.first(); a !== undefined; a = table.next(a)) {
      for (let b = table.first(); b !== undefined; b = table.next(b)) met.push(b)
    }
    expect(met).toHaveLength(2500)
  })

  it('cannot begin at a key that is not there', () => {
    expect(() => users().next(1)).toThrow(expect.objectContaining({ code: 'bad_key' }))
  })
})

describe('an ordered set', () => {
  const table = users({ type: 'ordered_set' })
  table.insert([30, 10, 20, 40].map((id) => user(id)))

  it('knows first, last and neighbours, also of keys that are not there', () => {
    expect([table.first(), table.last()]).toEqual([10, 40])
    expect([table.next(15), table.next(40), table.prev(30), table.prev(10)]).toEqual([
      20,
      undefined,
      20,
      undefined,
    ])
  })

  it('lists a range of keys', () => {
    expect([...table.range(15, 30)].map(({ id }) => id)).toEqual([20, 30])
    expect(() => users().range(1, 2)).toThrow(expect.objectContaining({ code: 'not_ordered' }))
  })

  it('takes lists as keys, and all that begins alike by a range', () => {
    const links = new Table<{ readonly pair: [string, number] }, 'pair'>({
      key: 'pair',
      type: 'ordered_set',
    })
    links.insert([{ pair: ['b', 1] }, { pair: ['a', 2] }, { pair: ['a', 1] }])
    expect(links.member(['a', 2])).toBe(true)
    const range = links.range(['a', Number.NEGATIVE_INFINITY], ['a', Number.POSITIVE_INFINITY])
    expect([...range].map(({ pair }) => pair)).toEqual([
      ['a', 1],
      ['a', 2],
    ])
  })

  it('refuses keys without an order, and then inserts nothing', () => {
    expect(() => table.insert([user(50), user(Number.NaN)])).toThrow(
      expect.objectContaining({ code: 'bad_key' }),
    )
    expect(table.member(50)).toBe(false)
  })
})

describe('select', () => {
  const table = users()
  table.insert([
    { ...user(1, 'Ada', 3), address: { city: 'London', tags: ['a', 'b'] } },
    { ...user(2, 'Bob', 9), address: { city: 'Oslo', tags: [] } },
    user(3, 'Ada', 5),
  ])
  const ids = (match: Parameters<typeof table.select>[0]): number[] =>
    table.select(match).map(({ id }) => id)

  it('matches by example: fields, nested fields, lists, any value, guards', () => {
    expect(ids({})).toEqual([1, 2, 3])
    expect(ids({ name: 'Ada' })).toEqual([1, 3])
    expect(ids({ name: 'Ada', id: 3 })).toEqual([3])
    expect(ids({ address: { city: 'Oslo' } })).toEqual([2])
    expect(ids({ address: { tags: ['a', 'b'] } })).toEqual([1])
    expect(ids({ address: ANY })).toEqual([1, 2])
    expect(ids({ visits: (visits) => visits > 4 })).toEqual([2, 3])
    expect(ids({ id: (id) => id > 1 })).toEqual([2, 3])
  })

  it('matches by predicate, counts, and stops at a limit', () => {
    expect(ids(({ id, visits }) => id + visits > 7)).toEqual([2, 3])
    expect(table.selectCount({ name: 'Ada' })).toBe(2)
    expect(table.select({}, 2)).toHaveLength(2)
    expect(table.select({}, 0)).toEqual([])
    expect(table.fold((sum, { visits }) => sum + visits, 0)).toBe(17)
  })
})

describe('a counter', () => {
  it('adds, within a bound, in either direction', () => {
    const table = users()
    table.insert(user(1))
    expect(table.updateCounter(1, { field: 'visits' })).toBe(1)
    expect(table.updateCounter(1, { field: 'visits', by: 5, threshold: 4, setTo: 0 })).toBe(0)
    expect(table.updateCounter(1, { field: 'visits', by: -9, threshold: -3 })).toBe(-3)
    expect(table.updateCounter(1, { field: 'visits', by: 3, threshold: 0 })).toBe(0)
  })

  it('begins with a row that is given', () => {
    const table = users()
    expect(() => table.updateCounter(1, { field: 'visits' })).toThrow(
      expect.objectContaining({ code: 'bad_key' }),
    )
    expect(table.updateCounter(1, { field: 'visits' }, user(0, 'new', 10))).toBe(11)
    expect(table.get(1)).toEqual(user(1, 'new', 11))
  })

  it('changes all of several or none, and no row that a reader has', () => {
    const table = users()
    table.insert(user(1))
    const before = table.get(1)
    expect(table.updateCounters(1, [{ field: 'visits' }, { field: 'visits', by: 2 }])).toEqual([
      1, 3,
    ])
    const bad = { field: 'name' } as never
    expect(() => table.updateCounters(1, [{ field: 'visits' }, bad])).toThrow(
      expect.objectContaining({ code: 'bad_field' }),
    )
    expect([before?.visits, table.get(1)?.visits]).toEqual([0, 3])
  })
})

describe('updateElement', () => {
  it('changes fields of a row but its key', () => {
    const table = users({ type: 'ordered_set' })
    table.insert(user(1))
    expect(table.updateElement(1, { name: 'Eve' })).toBe(true)
    expect(table.updateElement(2, { name: 'Eve' })).toBe(false)
    expect(table.get(1)).toEqual(user(1, 'Eve'))
  })

  it('is refused where a key has several rows', () => {
    const table = users({ type: 'bag' })
    expect(() => table.updateElement(1, { name: 'Eve' })).toThrow(
      expect.objectContaining({ code: 'bad_type' }),
    )
  })
})

describe('a table of a process', () => {
  it('is gone with it, and its name is free', () => {
    const owner = worker()
    const table = within(owner, () => users({ name: 'mine' })) as Table<User, 'id'>
    const name: TableName<Table<User, 'id'>> = 'mine'
    expect(findTable(name)).toBe(table)
    expect(() => users({ name })).toThrow(expect.objectContaining({ code: 'already_named' }))
    exit(owner.pid, 'kill')
    expect(findTable(name)).toBeUndefined()
    expect(() => table.get(1)).toThrow(expect.objectContaining({ code: 'no_table' }))
    users({ name }).drop()
  })

  it('goes to its heir with its rows, who is told', () => {
    const [owner, heir] = [worker(), worker()]
    const table = within(owner, () => users({ heir: { pid: heir.pid, data: 'yours' } })) as Table<
      User,
      'id'
    >
    within(owner, () => table.insert(user(1)))
    exit(owner.pid, 'boom')
    runUntilIdle()
    expect(heir.results.pop()).toEqual(new TableTransfer(table, owner.pid, 'yours'))
    expect(table.info()).toMatchObject({ owner: heir.pid, size: 1 })
    expect(within(heir, () => table.insert(user(2)))).toBeUndefined()
    exit(heir.pid, 'kill')
    expect(() => table.size).toThrow(expect.objectContaining({ code: 'no_table' }))
  })

  it('is gone when its heir has ended before', () => {
    const [owner, heir] = [worker(), worker()]
    const table = within(owner, () => users({ heir: { pid: heir.pid } })) as AnyTable
    exit(heir.pid, 'kill')
    exit(owner.pid, 'kill')
    expect(() => table.info()).toThrow(expect.objectContaining({ code: 'no_table' }))
  })

  it('is given away by its owner only', () => {
    const [owner, other] = [worker(), worker()]
    const table = within(owner, () => users()) as AnyTable
    expect(within(other, () => table.giveAway(other.pid))).toBe('access_denied')
    expect(within(owner, () => table.giveAway(other.pid, 'here'))).toBeUndefined()
    expect(other.results.pop()).toEqual(new TableTransfer(table, owner.pid, 'here'))
    exit(owner.pid, 'kill')
    expect(table.info().owner).toBe(other.pid)
  })
})

describe('access', () => {
  it.each([
    ['public', 'ok', 'ok'],
    ['protected', 'ok', 'access_denied'],
    ['private', 'access_denied', 'access_denied'],
  ] as const)('%s: others read %s, write %s', (access, reads, writes) => {
    const [owner, other] = [worker(), worker()]
    const table = within(owner, () => users({ access })) as Table<User, 'id'>
    const read = (): string => {
      table.lookup(1)
      table.select({})
      table.first()
      return 'ok'
    }
    const write = (): string => {
      table.insert(user(1))
      table.delete(1)
      return 'ok'
    }
    expect([within(owner, read), within(owner, write)]).toEqual(['ok', 'ok'])
    expect([within(other, read), within(other, write)]).toEqual([reads, writes])
    expect([read(), write()]).toEqual(['ok', 'ok'])
  })
})

describe('the types of a table', () => {
  it('are those of its rows', () => {
    const table = users()
    expectTypeOf(table.get(1)).toEqualTypeOf<Readonly<User> | undefined>()
    // @ts-expect-error the key is a number
    table.get('1')
    // @ts-expect-error no such field
    table.select({ nom: 'Ada' })
    // @ts-expect-error no counter
    expect(() => table.updateCounter(1, { field: 'name' })).toThrow()
    // @ts-expect-error not of this type
    table.select({ visits: 'many' })
  })
})
