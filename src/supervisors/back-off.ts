// How long a supervisor waits before it restarts a child that ended: an addition to Erlang/OTP, where
// a restart is immediate and a database that is away for ten seconds costs the whole tree. Waits
// grow with each restart in a row, up to a limit, and chance keeps a thousand children of one
// accident from coming back as one. Off unless asked for:
//
//   new Supervisor({ backOff: { firstMs: 100, mostMs: 10_000 }, children })
//
// A restart counts towards the intensity when it happens. So a back-off makes restarts rarer, and
// the supervisor more patient: choose the period by how long a trouble may last.
import { BACK_OFF_FACTOR, BACK_OFF_JITTER } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { type Random, secureRandomBytes, seededRandom } from '../runtime/random.ts'

export interface BackOffOptions {
  /** Milliseconds before the first restart of a row. */
  readonly firstMs: number
  /** Milliseconds that no wait exceeds. */
  readonly mostMs: number
  /** Each wait is so many times the one before; default 2, at least 1. */
  readonly factor?: number
  /** The part of a wait, 0 to 1, that chance may take away; default 0.5. */
  readonly jitter?: number
  /** A child that ran for so many milliseconds begins a new row; default `mostMs`. */
  readonly resetMs?: number
  /** Where the chance comes from: `seededRandom(42)` makes a run repeatable. */
  readonly random?: Random
}

interface Row {
  restarts: number
  /** When the last restart of the row was due. */
  dueMs: number
}

/** The waits of one supervisor. */
export class BackOff {
  readonly #firstMs: number
  readonly #mostMs: number
  readonly #factor: number
  readonly #jitter: number
  readonly #resetMs: number
  readonly #random: Random
  readonly #rows: WeakMap<object, Row> = new WeakMap()

  constructor(options: BackOffOptions) {
    const { firstMs, mostMs, factor = BACK_OFF_FACTOR, jitter = BACK_OFF_JITTER } = options
    const { resetMs = mostMs } = options
    const isTime = firstMs >= 0 && mostMs >= firstMs && mostMs < Number.POSITIVE_INFINITY
    if (!(isTime && factor >= 1 && jitter >= 0 && jitter <= 1 && resetMs >= 0)) {
      const attempt = { operation: 'back-off', request: { firstMs, mostMs, factor, jitter } }
      const advice = 'give 0 <= firstMs <= mostMs, factor >= 1 and jitter from 0 to 1'
      throw new ArborError('bad_back_off', 'a back-off that cannot be meant', advice, attempt)
    }
    this.#firstMs = firstMs
    this.#mostMs = mostMs
    this.#factor = factor
    this.#jitter = jitter
    this.#resetMs = resetMs
    this.#random = options.random ?? seededRandom(secureRandomBytes(16).join())
  }

  /** Milliseconds until the restart of a child that ended, or failed to start, at `nowMs`. */
  delayMs(child: object, nowMs: number): number {
    const row = this.#rows.get(child)
    const goesOn = row !== undefined && nowMs - row.dueMs < this.#resetMs
    const restarts = goesOn ? row.restarts + 1 : 1
    const wait = Math.min(this.#mostMs, this.#firstMs * this.#factor ** (restarts - 1))
    const delayMs = wait * (1 - this.#jitter * this.#random.next())
    this.#rows.set(child, { restarts, dueMs: nowMs + delayMs })
    return delayMs
  }
}
