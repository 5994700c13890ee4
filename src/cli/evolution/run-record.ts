// What a run leaves line by line: its history and, where that is wanted, its lineage. It also
// stands in front of the run's checkpoints: one is saved only when the lines of all generations
// before it are on disk, so that a run that was killed at any moment goes on without a gap in them.
import type { CheckpointFile, CheckpointStore } from '../../actors/population/checkpoint-file.ts'
import type { GenerationReport } from '../../actors/population/population-report.ts'
import type { LineageRow } from '../../evolution/lineage.ts'
import { GenerationLines } from './generation-lines.ts'
import { type HistoryRow, historyRow } from './run-history.ts'

export interface RunFiles {
  readonly historyPath: string
  readonly lineagePath: string
  readonly checkpoints: CheckpointFile
}

interface Waiting {
  readonly generation: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

export class RunRecord {
  readonly #history: GenerationLines<HistoryRow>
  readonly #lineage: GenerationLines<LineageRow> | undefined
  /** The last generation whose lines are written. */
  #last: number
  #waiting: Waiting[] = []
  #failure: { readonly reason: unknown } | undefined
  readonly checkpoints: CheckpointStore

  /** Goes on from a generation that is still to be evaluated; 0 begins anew. */
  constructor(files: RunFiles, generation: number, options: { readonly hasLineage: boolean }) {
    this.#history = GenerationLines.continuing(files.historyPath, generation)
    this.#lineage = options.hasLineage
      ? GenerationLines.continuing(files.lineagePath, generation)
      : undefined
    this.#last = generation - 1
    this.checkpoints = {
      load: () => files.checkpoints.load(),
      save: async (bytes, about) => {
        await this.#written(about.generation - 1)
        await this.#history.sync()
        await this.#lineage?.sync()
        await files.checkpoints.save(bytes)
      },
    }
  }

  /** A generation has been evaluated. */
  add(report: GenerationReport): void {
    const { generation, lineage } = report
    try {
      this.#history.add(generation, [historyRow(report)])
      this.#lineage?.add(generation, lineage ?? [])
    } catch (reason) {
      this.fail(reason)
      throw reason
    }
    this.#last = Math.max(this.#last, generation)
    const isReached = (waiting: Waiting): boolean => waiting.generation <= this.#last
    for (const { resolve } of this.#waiting.filter(isReached)) resolve()
    this.#waiting = this.#waiting.filter((waiting) => !isReached(waiting))
  }

  /** No more lines will come: what waits for them is not saved. */
  fail(reason: unknown): void {
    this.#failure ??= { reason }
    for (const { reject } of this.#waiting) reject(reason)
    this.#waiting = []
  }

  close(): void {
    this.#history.close()
    this.#lineage?.close()
  }

  /** Resolves when the lines of a generation are written. */
  #written(generation: number): Promise<void> {
    if (generation <= this.#last) return Promise.resolve()
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ generation, resolve, reject })
    return promise
  }
}
