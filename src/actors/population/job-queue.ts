// Which job of an evaluator runs next. A task is a batch of jobs with one end; jobs of urgent tasks
// go before all others, so that a foreign genotype is measured while a generation is under way. A
// job that fails runs once more; when it fails again, its task has failed and the rest of it is
// dropped.

/**
 * Jobs that belong together, and who is told of their end: exactly one of the functions is called,
 * once.
 */
export interface Task {
  /** Each does a part of the work, in any order, beside others. */
  readonly jobs: readonly (() => Promise<void>)[]
  readonly isUrgent: boolean
  readonly succeed: () => void
  readonly fail: (error: unknown) => void
}

/** A job handed out by `next`, to be given back to `done` or `failed`. */
export interface Job {
  readonly run: () => Promise<void>
  readonly task: Task
  readonly attempt: number
}

/**
 * Runs of a job before its task fails: a thread that died deserves a second chance, a bad genotype
 * no third.
 */
const ATTEMPTS_MAX = 2

export class JobQueue {
  #urgent: Job[] = []
  #ordinary: Job[] = []
  /** Jobs not yet done, by task. */
  readonly #left: Map<Task, number> = new Map()

  add(task: Task): void {
    if (task.jobs.length === 0) {
      task.succeed()
      return
    }
    this.#left.set(task, task.jobs.length)
    const lane = task.isUrgent ? this.#urgent : this.#ordinary
    for (const run of task.jobs) lane.push({ run, task, attempt: 1 })
  }

  /** Whether no job waits. */
  get isEmpty(): boolean {
    return this.#urgent.length === 0 && this.#ordinary.length === 0
  }

  /** Takes the job to run next, or undefined when none waits. */
  next(): Job | undefined {
    return this.#urgent.shift() ?? this.#ordinary.shift()
  }

  done({ task }: Job): void {
    const left = this.#left.get(task)
    if (left === undefined) return
    if (left > 1) this.#left.set(task, left - 1)
    else {
      this.#left.delete(task)
      task.succeed()
    }
  }

  failed({ run, task, attempt }: Job, error: unknown): void {
    if (!this.#left.has(task)) return
    if (attempt < ATTEMPTS_MAX) {
      const lane = task.isUrgent ? this.#urgent : this.#ordinary
      lane.unshift({ run, task, attempt: attempt + 1 })
      return
    }
    this.#left.delete(task)
    if (task.isUrgent) this.#urgent = this.#urgent.filter((job) => job.task !== task)
    else this.#ordinary = this.#ordinary.filter((job) => job.task !== task)
    task.fail(error)
  }
}
