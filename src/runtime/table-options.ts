// What belongs to a table (table.ts) beside its rows: how it is made, who owns and inherits it, and
// what its counters do.
import type { Pid, Process, Watch } from './pid.ts'
import type { TableType } from './table-store.ts'

/**
 * `protected` (default): all read, the owner writes. Enforced when a process is running; code
 * outside of processes may do everything.
 */
export type TableAccess = 'public' | 'protected' | 'private'

/** Who gets a table when its owner ends. */
export interface Heir {
  readonly pid: Pid
  /** Comes with the `TableTransfer`. */
  readonly data?: unknown
}

export interface TableOptions<F> {
  /** The field that is the key. Arrays are keys by content, other objects by identity. */
  readonly key: F
  /**
   * Rows a key may have: one (`set`, default; `ordered_set` keeps them in key order), several that
   * differ (`bag`), or any (`duplicate_bag`).
   */
  readonly type?: TableType
  /** Makes it known to `findTable`. */
  readonly name?: string
  readonly access?: TableAccess
  /** Default: the calling process. Null: nobody, it stays until `drop`. */
  readonly owner?: Pid | null
  readonly heir?: Heir
}

/** The new owner of a table is told (OTP's `'ETS-TRANSFER'`). */
export class TableTransfer<T = unknown> {
  readonly type = 'ETS-TRANSFER'
  readonly table: T
  /** Null: nobody had it. */
  readonly from: Pid | null
  readonly data: unknown

  constructor(table: T, from: Pid | null, data: unknown) {
    this.table = table
    this.from = from
    this.data = data
  }
}

/** Adds to a number in a row. */
export interface TableCounter<Row> {
  readonly field: { [F in keyof Row]: Row[F] extends number ? F : never }[keyof Row]
  /** Default 1. */
  readonly by?: number
  /** A bound that the result must not pass in the direction of `by`; else it becomes `setTo`. */
  readonly threshold?: number
  /** Default: the threshold. */
  readonly setTo?: number
}

export interface TableInfo {
  readonly name: string | undefined
  readonly type: TableType
  readonly access: TableAccess
  readonly key: PropertyKey
  readonly owner: Pid | null
  readonly heir: Pid | null
  readonly size: number
}

/** Leads from the end of the owner to the table. */
export class OwnerWatch implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly #ended: (owner: Process) => void

  constructor(ended: (owner: Process) => void) {
    this.#ended = ended
  }

  onExit(owner: Process): void {
    this.#ended(owner)
  }
}

/** What a counter comes to. */
export function counted<Row>(
  before: number,
  { by = 1, threshold, setTo = threshold }: TableCounter<Row>,
): number {
  const after = before + by
  if (threshold === undefined || setTo === undefined) return after
  return (by >= 0 ? after > threshold : after < threshold) ? setTo : after
}
