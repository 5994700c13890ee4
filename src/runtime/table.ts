// Tables (OTP's ets): rows by key, outside of any process's state, which all processes of a thread
// read and, as allowed, write by plain calls: no message, no waiting for an owner that is busy.
//
//   const users = new Table<User, 'id'>({ key: 'id', access: 'public' })
//   users.insert({ id: 7, name: 'Ada', visits: 0 })
//   users.updateCounter(7, { field: 'visits' })             // 1
//   users.select({ name: 'Ada' })                           // match by example
//
// A table belongs to the process that makes it and is gone with it, unless an heir is named. Rows
// lie there by reference: treat a row as a value, and insert another instead of changing it (that
// is what `updateElement` and `updateCounter` do: a reader keeps the row it has). One call is
// atomic; for several that belong together, or for what other threads need, ask a server: nothing
// of a table crosses threads but rows in messages, which are copied.
import { isDeepStrictEqual } from 'node:util'
import { ArborError } from './arbor-error.ts'
import { addWatch, DEAD, type Pid, type Process, processOf, removeWatch } from './pid.ts'
import { currentProcess, post } from './scheduler.ts'
import {
  counted,
  type Heir,
  OwnerWatch,
  type TableAccess,
  type TableCounter,
  type TableInfo,
  type TableOptions,
  TableTransfer,
} from './table-options.ts'
import { ANY, fixedField, type Match, matcherOf } from './table-pattern.ts'
import { type Store, storeOf, type TableType } from './table-store.ts'

export {
  type Heir,
  type TableAccess,
  type TableCounter,
  type TableInfo,
  type TableOptions,
  TableTransfer,
} from './table-options.ts'
export { ANY, type Match, type Pattern } from './table-pattern.ts'
export type { TableType } from './table-store.ts'

/** Any table, to be told apart, given away or dropped. */
export type AnyTable = Table<object, never>

declare const tabled: unique symbol
/** A table's name, with its type: `const users: TableName<Table<User, 'id'>> = 'users'`. */
export type TableName<T = AnyTable> = string & { readonly [tabled]?: T }

const named = new Map<string, object>()

/** The table of this name, or undefined. */
export function findTable<T>(name: TableName<T>): T | undefined
export function findTable(name: string): object | undefined {
  return named.get(name)
}

export class Table<Row extends object, F extends keyof Row> {
  readonly name: string | undefined
  readonly type: TableType
  readonly access: TableAccess
  readonly key: F
  #owner: Process | null = null
  #heir: Heir | null
  readonly #watch: OwnerWatch
  readonly #store: Store<Row>
  #isGone = false

  /** Throws `already_named` for a taken name, `noproc` for an owner that has ended. */
  constructor({ key, type = 'set', name, access = 'protected', ...options }: TableOptions<F>) {
    this.key = key
    this.type = type
    this.name = name
    this.access = access
    this.#heir = options.heir ?? null
    this.#store = storeOf<Row>(type, (row) => row[key])
    this.#watch = new OwnerWatch((owner) => this.#ownerEnded(owner))
    if (name !== undefined && named.has(name)) {
      throw this.#error('new', 'already_named', 'has a namesake', 'choose another name')
    }
    const owner = options.owner === undefined ? currentProcess() : options.owner
    if (owner !== null) this.#setOwner('new', processOf(owner))
    if (name !== undefined) named.set(name, this)
  }

  // --- Rows ---

  /** Puts in one or several rows, all or none; a set replaces the row of the same key. */
  insert(rows: Row | readonly Row[]): void {
    this.#check('insert', true)
    if (!Array.isArray(rows)) {
      const row = rows as Row
      const key = row[this.key]
      this.#store.check(key)
      this.#store.add(key, row)
      return
    }
    for (const row of rows as readonly Row[]) this.#store.check(row[this.key])
    for (const row of rows as readonly Row[]) this.#store.add(row[this.key], row)
  }

  /** The same unless a key is there already; then it puts in nothing and returns false. */
  insertNew(rows: Row | readonly Row[]): boolean {
    this.#check('insertNew', true)
    const list = (Array.isArray(rows) ? rows : [rows]) as readonly Row[]
    if (list.some((row) => this.#store.has(row[this.key]))) return false
    this.insert(list)
    return true
  }

  /** The row of a key, or undefined; of several the oldest. */
  get(key: Row[F]): Readonly<Row> | undefined {
    this.#check('get', false)
    return this.#store.get(key)
  }

  /** All rows of a key. */
  lookup(key: Row[F]): Readonly<Row>[] {
    this.#check('lookup', false)
    return this.#store.rowsOf(key)
  }

  member(key: Row[F]): boolean {
    this.#check('member', false)
    return this.#store.has(key)
  }

  /** Deletes the rows of a key; returns how many. */
  delete(key: Row[F]): number {
    this.#check('delete', true)
    return this.#store.delete(key)
  }

  /** The same, and returns them. */
  take(key: Row[F]): Readonly<Row>[] {
    this.#check('take', true)
    const rows = this.#store.rowsOf(key)
    this.#store.delete(key)
    return rows
  }

  /** Deletes the rows that equal this one (class and content); returns how many. */
  deleteObject(row: Row): number {
    this.#check('deleteObject', true)
    const rows = this.#store.rowsOf(row[this.key])
    const kept = rows.filter((other) => !isDeepStrictEqual(other, row))
    if (kept.length < rows.length) this.#store.replace(row[this.key], kept)
    return rows.length - kept.length
  }

  clear(): void {
    this.#check('clear', true)
    this.#store.clear()
  }

  /** Puts a changed copy in place of a row; false when the key is not there. */
  updateElement(key: Row[F], changes: Partial<Omit<Row, F>>): boolean {
    this.#check('updateElement', true)
    const row = this.#single('updateElement', key)
    if (row === undefined) return false
    this.#store.replace(key, [{ ...row, ...changes, [this.key]: row[this.key] }])
    return true
  }

  /**
   * Adds to a number of a row and returns the result; without such a row, to that of `initial`,
   * which is put in. Throws `bad_key` when there is neither.
   */
  updateCounter(key: Row[F], counter: TableCounter<Row>, initial?: Row): number {
    return this.updateCounters(key, [counter], initial)[0] as number
  }

  /** The same for several numbers of a row, one after the other, all or none. */
  updateCounters(key: Row[F], counters: readonly TableCounter<Row>[], initial?: Row): number[] {
    this.#check('updateCounter', true)
    const row = this.#single('updateCounter', key) ?? initial
    if (row === undefined) throw this.#badKey('updateCounter', key)
    const next = { ...row, [this.key]: key }
    const results = counters.map((counter) => {
      const before = next[counter.field]
      if (typeof before !== 'number' || counter.field === (this.key as PropertyKey)) {
        const message = `has no counter "${String(counter.field)}"`
        throw this.#error('updateCounter', 'bad_field', message, 'name a field that is a number')
      }
      const after = counted(before, counter)
      Object.assign(next, { [counter.field]: after })
      return after
    })
    this.#store.check(key)
    this.#store.replace(key, [next])
    return results
  }

  // --- Many rows ---

  /** Rows that match, at most `limit`; in key order if the table is. */
  select(match: Match<Row>, limit: number = Number.POSITIVE_INFINITY): Readonly<Row>[] {
    const found: Readonly<Row>[] = []
    for (const row of this.rows(match)) {
      if (found.length >= limit) break
      found.push(row)
    }
    return found
  }

  /** How many rows match. */
  selectCount(match: Match<Row>): number {
    let count = 0
    for (const _ of this.rows(match)) count++
    return count
  }

  /** Deletes the rows that match; returns how many. */
  matchDelete(match: Match<Row>): number {
    this.#check('matchDelete', true)
    let count = 0
    const matches = matcherOf(match)
    for (const key of new Set(this.select(match).map((row) => row[this.key]))) {
      const rows = this.#store.rowsOf(key)
      const kept = rows.filter((row) => !matches(row))
      count += rows.length - kept.length
      this.#store.replace(key, kept)
    }
    return count
  }

  /**
   * Rows one by one, all or those that match. The table may change meanwhile (ets needs
   * `safe_fixtable` for that): rows that stay are met once, deleted ones no more.
   */
  rows(match: Match<Row> = {}): Generator<Readonly<Row>> {
    this.#check('rows', false)
    return this.#matching(match)
  }

  *#matching(match: Match<Row>): Generator<Readonly<Row>> {
    const matches = matcherOf(match)
    const key = fixedField(match, this.key)
    const rows = key === ANY ? this.#store.rows() : this.#store.rowsOf(key)
    for (const row of rows) if (matches(row)) yield row
  }

  /** Rows of an ordered set from a key to another, both included. */
  range(from: Row[F], to: Row[F]): Generator<Readonly<Row>> {
    this.#check('range', false)
    if (this.type !== 'ordered_set') {
      throw this.#error('range', 'not_ordered', `is a ${this.type}`, 'make it an ordered_set')
    }
    this.#store.check(from)
    this.#store.check(to)
    return this.#between(from, to)
  }

  *#between(from: Row[F], to: Row[F]): Generator<Readonly<Row>> {
    for (const row of this.#store.rows(from)) {
      if (this.#store.isAbove(row[this.key], to)) return
      yield row
    }
  }

  fold<A>(step: (accumulated: A, row: Readonly<Row>) => A, initial: A): A {
    let accumulated = initial
    for (const row of this.rows()) accumulated = step(accumulated, row)
    return accumulated
  }

  /** All rows (OTP's tab2list). */
  toList(): Readonly<Row>[] {
    return [...this.rows()]
  }

  get size(): number {
    this.#check('size', false)
    return this.#store.size
  }

  // --- Keys ---

  /** The first key, or undefined; without order, any one to begin with. */
  first(): Row[F] | undefined {
    this.#check('first', false)
    return this.#store.first() as Row[F] | undefined
  }

  last(): Row[F] | undefined {
    this.#check('last', false)
    return this.#store.last() as Row[F] | undefined
  }

  /**
   * The key after another, or undefined. Without order the other must be there, or have been met
   * by a walk that is under way: else `bad_key`.
   */
  next(key: Row[F]): Row[F] | undefined {
    return this.#step('next', key)
  }

  /** The key before another, or undefined; without order the same as `next`. */
  prev(key: Row[F]): Row[F] | undefined {
    return this.#step('previous', key)
  }

  #step(operation: 'next' | 'previous', key: Row[F]): Row[F] | undefined {
    this.#check(operation, false)
    if (!this.#store.canFollow(key)) throw this.#badKey(operation, key)
    return this.#store[operation](key) as Row[F] | undefined
  }

  // --- Ownership ---

  info(): TableInfo {
    const { name, type, access, key } = this
    const heir = this.#heir?.pid ?? null
    this.#checkThere('info')
    return { name, type, access, key, owner: this.#owner, heir, size: this.#store.size }
  }

  /** Makes another process the owner; it gets a `TableTransfer` with the data. */
  giveAway(pid: Pid, data?: unknown): void {
    const from = this.#checkOwner('giveAway')
    this.#setOwner('giveAway', processOf(pid))
    post(processOf(pid), new TableTransfer(this, from, data))
  }

  /** Names who inherits the table, or nobody. */
  setHeir(heir: Heir | null): void {
    this.#checkOwner('setHeir')
    this.#heir = heir
  }

  /** Ends the table; whatever is asked of it afterwards throws `no_table`. */
  drop(): void {
    this.#check('drop', true)
    this.#remove()
  }

  #remove(): void {
    removeWatch(this.#watch)
    this.#isGone = true
    this.#owner = null
    this.#store.clear()
    if (this.name !== undefined) named.delete(this.name)
  }

  #setOwner(operation: string, owner: Process): void {
    if (owner.status >= DEAD) {
      throw this.#error(operation, 'noproc', `cannot be ${owner}'s`, 'name a living process')
    }
    removeWatch(this.#watch)
    this.#owner = owner
    addWatch(owner, this.#watch)
  }

  #ownerEnded(owner: Process): void {
    const heir = this.#heir === null ? null : processOf(this.#heir.pid)
    if (heir !== null && heir.status < DEAD) {
      this.#setOwner('inherit', heir)
      post(heir, new TableTransfer(this, owner, this.#heir?.data))
    } else this.#remove()
  }

  // --- Checks ---

  #check(operation: string, writes: boolean): void {
    if (this.#isGone) this.#checkThere(operation)
    if (!writes && this.access !== 'private') return
    const caller = currentProcess() // Throws when it is an async process that was killed.
    if (this.access === 'public' || caller === null || caller === this.#owner) return
    throw this.#error(operation, 'access_denied', `is ${this.access}`, 'ask its owner')
  }

  #checkThere(operation: string): void {
    if (this.#isGone)
      throw this.#error(operation, 'no_table', 'is gone, as its owner is', 'name an heir')
  }

  #checkOwner(operation: string): Process | null {
    this.#checkThere(operation)
    const caller = currentProcess()
    if (caller !== null && caller !== this.#owner) {
      throw this.#error(operation, 'access_denied', 'is not yours', 'let its owner do that')
    }
    return this.#owner
  }

  /** The row of a key, in a table that has one row a key. */
  #single(operation: string, key: Row[F]): Row | undefined {
    if (this.type === 'set' || this.type === 'ordered_set') return this.#store.get(key)
    throw this.#error(operation, 'bad_type', `is a ${this.type}`, 'use deleteObject and insert')
  }

  #badKey(operation: string, key: unknown): ArborError {
    return this.#error(operation, 'bad_key', `has no key ${String(key)}`, 'see member')
  }

  #error(operation: string, code: string, what: string, advice: string): ArborError {
    const target = this.name ?? `of ${String(this.key)}`
    return new ArborError(code, `table ${target} ${what}`, advice, { operation, target })
  }
}
