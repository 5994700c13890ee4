// Saves the checkpoints of a running population: one at a time, the newest of those that came
// meanwhile next, and no oftener than is good. A disk that fails does not stop evolution: it is
// logged, and the next one is tried.
import { CHECKPOINT_INTERVAL_MS } from '../../limits.ts'
import type { Clock } from '../../runtime/clock.ts'
import { log } from '../../runtime/logger.ts'
import { type Checkpoint, encodeCheckpoint } from './checkpoint.ts'
import type { CheckpointStore } from './checkpoint-file.ts'

export interface CheckpointOptions {
  readonly store: CheckpointStore
  /** Milliseconds between two saves; default CHECKPOINT_INTERVAL_MS, 0 = every generation. */
  readonly intervalMs?: number
  /** Continue from what the store has, if anything; default: begin anew. */
  readonly resume?: boolean
}

export class Checkpointer {
  readonly #store: CheckpointStore
  readonly #intervalMs: number
  readonly #clock: Clock
  #savedAtMs = Number.NEGATIVE_INFINITY
  #next: Checkpoint | undefined
  #saving: Promise<void> | undefined

  constructor({ store, intervalMs = CHECKPOINT_INTERVAL_MS }: CheckpointOptions, clock: Clock) {
    this.#store = store
    this.#intervalMs = intervalMs
    this.#clock = clock
  }

  /** A generation begins: saves where the population stands, if it is time. */
  offer(checkpoint: Checkpoint): void {
    const now = this.#clock.now()
    if (now - this.#savedAtMs < this.#intervalMs) return
    this.#savedAtMs = now
    void this.save(checkpoint)
  }

  /** Resolves when this one, or a newer one, has been saved, or could not be. */
  save(checkpoint: Checkpoint): Promise<void> {
    this.#next = checkpoint
    this.#saving ??= this.#saveAll()
    return this.#saving
  }

  async #saveAll(): Promise<void> {
    while (this.#next !== undefined) {
      const checkpoint = this.#next
      this.#next = undefined
      try {
        await this.#store.save(encodeCheckpoint(checkpoint))
      } catch (error) {
        const { generation } = checkpoint.population
        log(() => ({ level: 'error', event: 'checkpoint_not_saved', generation, error }))
      }
    }
    this.#saving = undefined
  }
}
