// Who may begin a session: the decision about a first packet, from counts alone. Half-open sessions
// are what a stranger can make us spend memory on with packets that need no answer, so they are
// few, fewer for each address, and under load strangers must first prove that they receive at their
// address (Retry).
import {
  HALF_OPEN_MAX,
  HALF_OPEN_PER_ADDRESS_MAX,
  HALF_OPEN_RETRY,
  SESSIONS_MAX,
  SESSIONS_PER_ADDRESS_MAX,
} from '../limits.ts'

/** Bounds on who may begin; each defaults to the limit of its name. */
export interface AdmissionBounds {
  /** Half-open sessions from which on strangers get a Retry; 0 sends one to everybody. */
  readonly halfOpenRetry?: number
  readonly halfOpenMax?: number
  readonly halfOpenPerAddressMax?: number
  readonly sessionsMax?: number
  readonly sessionsPerAddressMax?: number
}

interface Counts {
  halfOpenCount: number
  openCount: number
}

export class Admission {
  readonly #bounds: Required<AdmissionBounds>
  readonly #total: Counts = { halfOpenCount: 0, openCount: 0 }
  readonly #byBlock = new Map<string, Counts>()

  constructor(bounds: AdmissionBounds = {}) {
    this.#bounds = {
      halfOpenRetry: HALF_OPEN_RETRY,
      halfOpenMax: HALF_OPEN_MAX,
      halfOpenPerAddressMax: HALF_OPEN_PER_ADDRESS_MAX,
      sessionsMax: SESSIONS_MAX,
      sessionsPerAddressMax: SESSIONS_PER_ADDRESS_MAX,
      ...bounds,
    }
  }

  get halfOpenCount(): number {
    return this.#total.halfOpenCount
  }

  get openCount(): number {
    return this.#total.openCount
  }

  /**
   * What to do with a first packet; dropping it is no harm, an honest dialler sends another in a
   * second.
   * @param block the sender's address as addressBlock gives it
   * @param isValidated whether it brought a token of ours
   */
  decide(block: string, isValidated: boolean): 'accept' | 'retry' | 'drop' {
    const bounds = this.#bounds
    const of = this.#byBlock.get(block)
    if (this.#total.openCount + this.#total.halfOpenCount >= bounds.sessionsMax) return 'drop'
    const ofBlock = (of?.openCount ?? 0) + (of?.halfOpenCount ?? 0)
    if (ofBlock >= bounds.sessionsPerAddressMax) return 'drop'
    if (!isValidated && this.#total.halfOpenCount >= bounds.halfOpenRetry) return 'retry'
    if (this.#total.halfOpenCount >= bounds.halfOpenMax) return 'drop'
    return (of?.halfOpenCount ?? 0) >= bounds.halfOpenPerAddressMax ? 'drop' : 'accept'
  }

  /** A session began. */
  halfOpened(block: string): void {
    this.#change(block, 1, 0)
  }

  /** A half-open session is open: its peer is proved. */
  opened(block: string): void {
    this.#change(block, -1, 1)
  }

  /** A session has ended. */
  ended(block: string, wasOpen: boolean): void {
    this.#change(block, wasOpen ? 0 : -1, wasOpen ? -1 : 0)
  }

  #change(block: string, halfOpen: number, open: number): void {
    const of = this.#byBlock.get(block) ?? { halfOpenCount: 0, openCount: 0 }
    for (const counts of [this.#total, of]) {
      counts.halfOpenCount += halfOpen
      counts.openCount += open
    }
    if (of.halfOpenCount === 0 && of.openCount === 0) this.#byBlock.delete(block)
    else this.#byBlock.set(block, of)
  }
}
