// Saves the checkpoints of a running population: one at a time, the newest of those that came
// meanwhile next, and no oftener than is good. A disk that fails does not stop evolution: it is
// logged, and the next one is tried.
import { CHECKPOINT_INTERVAL_MS } from '../../limits.ts'
import type { Clock } from '../../runtime/clock.ts'
import { log } from '../../runtime/logger.ts'
import { type Checkpoint, encodeCheckpoint } from './checkpoint.ts'
import type { CheckpointReason, CheckpointStore, SavedCheckpoint } from './checkpoint-file.ts'

export interface CheckpointOptions {
  readonly store: CheckpointStore
  /** Milliseconds between two saves; default CHECKPOINT_INTERVAL_MS, 0 = every generation. */
  readonly intervalMs?: number
  /** Saves after so many generations as well, whatever the clock says; default: no. */
  readonly everyGenerations?: number
  /** Saves after so many evaluations as well, at the end of a generation; default: no. */
  readonly everyEvaluations?: number
  /** Saves after a generation that had the best fitness so far; default false. */
  readonly onFitnessRecord?: boolean
  /** Continue from what the store has, if anything; default: begin anew. */
  readonly resume?: boolean
}

/** What is to be saved, and why. */
interface Wanted {
  readonly checkpoint: Checkpoint
  readonly reason: CheckpointReason
}

/** Where the population stood at the last save, or at its start. */
interface Mark {
  readonly atMs: number
  readonly generation: number
  readonly evaluations: number
  readonly best: number
}

const nothing = Number.NEGATIVE_INFINITY

export class Checkpointer {
  readonly #options: CheckpointOptions
  readonly #clock: Clock
  readonly #saved: (saved: SavedCheckpoint) => void
  #mark: Mark = { atMs: nothing, generation: 0, evaluations: 0, best: nothing }
  #next: Wanted | undefined
  #saving: Promise<void> | undefined

  /** Calls `saved` for each checkpoint that is on disk. */
  constructor(
    options: CheckpointOptions,
    clock: Clock,
    saved: (saved: SavedCheckpoint) => void = () => {},
  ) {
    this.#options = options
    this.#clock = clock
    this.#saved = saved
  }

  /** A generation begins: saves where the population stands, if it is time. */
  offer(checkpoint: Checkpoint): void {
    const now = this.#markOf(checkpoint)
    const reason = this.#reasonNow(now)
    if (reason === undefined) {
      // A record that nobody asked to keep is no reason later.
      this.#mark = { ...this.#mark, best: now.best }
      return
    }
    this.#mark = now
    void this.save(checkpoint, reason)
  }

  /** Resolves when this one, or a newer one, has been saved, or could not be. */
  save(checkpoint: Checkpoint, reason: CheckpointReason): Promise<void> {
    this.#next = { checkpoint, reason }
    this.#saving ??= this.#saveAll()
    return this.#saving
  }

  #markOf({ population, best }: Checkpoint): Mark {
    const { generation, evaluations } = population
    // What could not be scored is no record to beat.
    const fitness = best === undefined || Number.isNaN(best.fitness) ? nothing : best.fitness
    return { atMs: this.#clock.now(), generation, evaluations, best: fitness }
  }

  #reasonNow({ atMs, generation, evaluations, best }: Mark): CheckpointReason | undefined {
    const { intervalMs = CHECKPOINT_INTERVAL_MS, onFitnessRecord = false } = this.#options
    const { everyGenerations = Infinity, everyEvaluations = Infinity } = this.#options
    const before = this.#mark
    // The first: from now on there is something to go on from.
    if (before.atMs === nothing) return 'time_interval'
    if (onFitnessRecord && best > before.best) return 'fitness_record'
    if (generation - before.generation >= everyGenerations) return 'generation_interval'
    if (evaluations - before.evaluations >= everyEvaluations) return 'evaluation_interval'
    return atMs - before.atMs >= intervalMs ? 'time_interval' : undefined
  }

  async #saveAll(): Promise<void> {
    while (this.#next !== undefined) {
      const { checkpoint, reason } = this.#next
      const { generation } = checkpoint.population
      this.#next = undefined
      try {
        await this.#options.store.save(encodeCheckpoint(checkpoint), { generation, reason })
        this.#saved({ generation, reason })
      } catch (error) {
        log(() => ({ level: 'error', event: 'checkpoint_not_saved', generation, error }))
      }
    }
    this.#saving = undefined
  }
}
