// Where the rows of a table lie: by key, in a Map or in key order, one row or several to a key.
// Each store can be walked while it changes: rows that stay are met once, deleted ones not at all.
import { isDeepStrictEqual } from 'node:util'
import { OrderedMap } from './ordered-map.ts'
import { checkOrdered, compareKeys, keyId } from './structural-key.ts'

export type TableType = 'set' | 'ordered_set' | 'bag' | 'duplicate_bag'

export interface Store<Row> {
  /** Rows. */
  readonly size: number
  /** Throws `bad_key` for a key that it cannot hold. */
  check(key: unknown): void
  has(key: unknown): boolean
  /** The first row of a key. */
  get(key: unknown): Row | undefined
  /** All rows of a key, oldest first; a copy. */
  rowsOf(key: unknown): Row[]
  add(key: unknown, row: Row): void
  /** Puts rows in place of those of a key. */
  replace(key: unknown, rows: Row[]): void
  /** Deletes the rows of a key; returns how many. */
  delete(key: unknown): number
  clear(): void
  rows(from?: unknown): Iterable<Row>
  first(): unknown
  last(): unknown
  /** Whether `next` knows where a key is. */
  canFollow(key: unknown): boolean
  next(key: unknown): unknown
  previous(key: unknown): unknown
  /** Whether a key comes after another; never without order. */
  isAbove(key: unknown, other: unknown): boolean
}

export function storeOf<Row extends object>(
  type: TableType,
  keyOf: (row: Row) => unknown,
): Store<Row> {
  if (type === 'ordered_set') return new OrderedStore<Row>()
  return type === 'set' ? new SetStore<Row>(keyOf) : new BagStore<Row>(keyOf, type === 'bag')
}

class OrderedStore<Row> implements Store<Row> {
  readonly #map: OrderedMap<unknown, Row> = new OrderedMap(compareKeys)

  get size(): number {
    return this.#map.size
  }
  check(key: unknown): void {
    checkOrdered(key)
  }
  has(key: unknown): boolean {
    return this.#map.get(key) !== undefined
  }
  get(key: unknown): Row | undefined {
    return this.#map.get(key)
  }
  rowsOf(key: unknown): Row[] {
    const row = this.#map.get(key)
    return row === undefined ? [] : [row]
  }
  add(key: unknown, row: Row): void {
    this.#map.set(key, row)
  }
  replace(key: unknown, rows: Row[]): void {
    const row = rows[0]
    if (row === undefined) this.#map.delete(key)
    else this.#map.set(key, row)
  }
  delete(key: unknown): number {
    return this.#map.delete(key) ? 1 : 0
  }
  clear(): void {
    this.#map.clear()
  }
  *rows(from?: unknown): Generator<Row> {
    for (const [, row] of this.#map.entries(from)) yield row
  }
  first(): unknown {
    return this.#map.first()
  }
  last(): unknown {
    return this.#map.last()
  }
  canFollow(): boolean {
    return true
  }
  next(key: unknown): unknown {
    return this.#map.after(key)
  }
  previous(key: unknown): unknown {
    return this.#map.before(key)
  }
  isAbove(key: unknown, other: unknown): boolean {
    return compareKeys(key, other) > 0
  }
}

/** Walks of a Map that `next` can go on with: one for each loop under way. */
const WALKS_MAX = 8

/**
 * What stores without order have in common. A Map cannot be asked for the key after another, but
 * its iterator can, and goes on rightly when keys are deleted or added: the walks under way are
 * kept, each by the key it has come to.
 */
abstract class MapStore<Value> {
  protected readonly map: Map<unknown, Value> = new Map()
  readonly #walks: Map<unknown, MapIterator<[unknown, Value]>> = new Map()

  /** The key as it was given, of an entry. */
  protected abstract keyIn(value: Value): unknown

  check(): void {}

  has(key: unknown): boolean {
    return this.map.has(keyId(key))
  }

  clear(): void {
    this.map.clear()
    this.#walks.clear()
  }

  first(): unknown {
    return this.#step(this.map.entries())
  }

  /** Without order, the last is as good as the first (as in ets). */
  last(): unknown {
    return this.first()
  }

  canFollow(key: unknown): boolean {
    const id = keyId(key)
    return this.#walks.has(id) || this.map.has(id)
  }

  isAbove(): boolean {
    return false
  }

  next(key: unknown): unknown {
    const id = keyId(key)
    const walk = this.#walks.get(id)
    if (walk !== undefined) {
      this.#walks.delete(id)
      return this.#step(walk)
    }
    const entries = this.map.entries()
    for (const [other] of entries) if (other === id) break
    // A loop that is left closes nothing of a Map's iterator: it goes on behind that key.
    return this.#step(entries)
  }

  previous(key: unknown): unknown {
    return this.next(key)
  }

  #step(walk: MapIterator<[unknown, Value]>): unknown {
    const step = walk.next()
    if (step.done === true) return undefined
    const [id, value] = step.value
    this.#walks.set(id, walk)
    if (this.#walks.size > WALKS_MAX) {
      for (const oldest of this.#walks.keys()) {
        this.#walks.delete(oldest)
        break
      }
    }
    return this.keyIn(value)
  }
}

class SetStore<Row extends object> extends MapStore<Row> implements Store<Row> {
  readonly #keyOf: (row: Row) => unknown

  constructor(keyOf: (row: Row) => unknown) {
    super()
    this.#keyOf = keyOf
  }

  protected keyIn(row: Row): unknown {
    return this.#keyOf(row)
  }
  get size(): number {
    return this.map.size
  }
  get(key: unknown): Row | undefined {
    return this.map.get(keyId(key))
  }
  rowsOf(key: unknown): Row[] {
    const row = this.map.get(keyId(key))
    return row === undefined ? [] : [row]
  }
  add(key: unknown, row: Row): void {
    this.map.set(keyId(key), row)
  }
  replace(key: unknown, rows: Row[]): void {
    const row = rows[0]
    if (row === undefined) this.map.delete(keyId(key))
    else this.map.set(keyId(key), row)
  }
  delete(key: unknown): number {
    return this.map.delete(keyId(key)) ? 1 : 0
  }
  rows(): Iterable<Row> {
    return this.map.values()
  }
}

class BagStore<Row extends object> extends MapStore<Row[]> implements Store<Row> {
  readonly #keyOf: (row: Row) => unknown
  /** Equal rows are one. */
  readonly #isUnique: boolean
  size = 0

  constructor(keyOf: (row: Row) => unknown, isUnique: boolean) {
    super()
    this.#keyOf = keyOf
    this.#isUnique = isUnique
  }

  protected keyIn(rows: Row[]): unknown {
    return this.#keyOf(rows[0] as Row)
  }
  get(key: unknown): Row | undefined {
    return this.map.get(keyId(key))?.[0]
  }
  rowsOf(key: unknown): Row[] {
    return this.map.get(keyId(key))?.slice() ?? []
  }
  add(key: unknown, row: Row): void {
    const id = keyId(key)
    const rows = this.map.get(id)
    if (rows === undefined) this.map.set(id, [row])
    else if (this.#isUnique && rows.some((other) => isDeepStrictEqual(other, row))) return
    else rows.push(row)
    this.size++
  }
  replace(key: unknown, rows: Row[]): void {
    const count = this.map.get(keyId(key))?.length ?? 0
    // In its place: a walk does not meet it again.
    if (rows.length === 0) this.map.delete(keyId(key))
    else this.map.set(keyId(key), rows)
    this.size += rows.length - count
  }
  delete(key: unknown): number {
    const id = keyId(key)
    const count = this.map.get(id)?.length ?? 0
    this.map.delete(id)
    this.size -= count
    return count
  }
  override clear(): void {
    super.clear()
    this.size = 0
  }
  *rows(): Generator<Row> {
    for (const [id, rows] of this.map) {
      for (const row of rows.slice()) if (this.map.get(id)?.includes(row) === true) yield row
    }
  }
}
