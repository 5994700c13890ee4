// What comes out of a run, of a brain or of one population: the champion, the files, the last
// event.
import { type Champion, writeResults } from '../results.ts'
import type { Task } from '../task.ts'
import type { History } from './history.ts'
import { type Progress, totals } from './progress.ts'
import type { BrainView } from './view.ts'

export interface Run {
  readonly task: Task
  readonly seed: number
  readonly progress: Progress
  readonly history: History
}

/** The last event of a run. */
export interface Done {
  readonly event: 'done'
  readonly solved: boolean
  readonly evaluations: number
  /** Of the node that has had most. */
  readonly generations: number
  readonly bestFitness: number | null
  /**
   * Passed starts of the generalisation test; null where the task has none or nothing was solved.
   */
  readonly generalisation: number | null
  /** Of a game: what its champion is worth by the full criterion of the task. */
  readonly detail?: string
  readonly seconds: number
  readonly imports: number
  readonly refused: number
  readonly restarts: number
}

/** Writes the files of a run into a folder and tells its end, written or not. */
export function concludeRun(run: Run, view: BrainView, folder: string, seconds: number): void {
  const champion = championOf(run)
  let files: readonly string[] = []
  try {
    if (champion !== undefined) {
      files = writeResults(folder, champion, run.history.series(), run.task.labels)
    }
  } finally {
    view.finished(doneEvent(run.progress, seconds), files)
  }
}

/** The solution, or the best of a run that ended without one. */
export function championOf({ task, seed, progress, history }: Run): Champion | undefined {
  const { solution } = progress
  const about = {
    task: task.name,
    seed,
    ...(task.table === undefined ? {} : { table: task.table }),
  }
  if (solution === undefined) {
    const { best } = history
    return best === undefined ? undefined : { ...about, solved: false, ...best }
  }
  const { event: _event, id: _id, ...found } = solution
  return { ...about, solved: true, ...found }
}

export function doneEvent(progress: Progress, seconds: number): Done {
  const { evaluations, generations, bestFitness, imports, refused, restarts } = totals(progress)
  return {
    event: 'done',
    solved: progress.solution !== undefined,
    evaluations,
    generations,
    // Of the champion that is written, which need not be the fittest: others may not have solved.
    bestFitness: progress.solution?.fitness ?? bestFitness ?? null,
    generalisation: progress.solution?.generalisation ?? null,
    seconds,
    imports,
    refused,
    restarts,
  }
}
