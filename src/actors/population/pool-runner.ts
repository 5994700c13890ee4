// Runs genotypes compiled, in worker threads: plans and scores lie in shared memory, a job is a
// range of them that takes a few milliseconds (evolution/evaluate.ts).
import type { Problem, Verification } from '../../evolution/environment/environment.ts'
import { chunkSize, EvaluationBatch, evaluationWorker } from '../../evolution/evaluate.ts'
import { MatchBatch } from '../../evolution/evaluate-matches.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { compile } from '../../evolution/network/plan.ts'
import type { Match } from '../../evolution/strategy/strategy.ts'
import type { Clock } from '../../runtime/clock.ts'
import { DirtyPool } from '../../runtime/dirty-pool.ts'
import type { Batch, Runner } from './runner.ts'

export interface PoolRunnerOptions {
  readonly problem: Problem
  /** Worker threads. */
  readonly workers: number
  readonly clock: Clock
  /** The module they run; default: the engine's own. */
  readonly worker?: URL
}

/** Jobs under way per thread: one that runs and one that waits, so that no thread waits for us. */
const JOBS_PER_THREAD = 2
/** Parts of a batch per thread, at least: when one takes longer, others take over the rest. */
const PARTS_PER_THREAD = 4
/** Milliseconds an evaluation is taken to last until the first batch has shown it. */
const FIRST_GUESS_MS = 0.1
/** Weight of the latest batch in what an evaluation is taken to last. */
const SMOOTHING = 0.3

export class PoolRunner implements Runner {
  readonly width: number
  readonly #options: PoolRunnerOptions
  readonly #pool: DirtyPool
  #evaluationMs = FIRST_GUESS_MS

  constructor(options: PoolRunnerOptions) {
    const { workers, worker = evaluationWorker } = options
    this.#options = options
    this.#pool = new DirtyPool({ filename: worker, threads: workers })
    this.width = workers * JOBS_PER_THREAD
  }

  batch(genotypes: readonly Genotype[], matches?: readonly Match[]): Batch {
    const { problem, workers, clock } = this.#options
    const plans = genotypes.map(compile)
    const batch =
      matches === undefined
        ? new EvaluationBatch(problem, plans)
        : new MatchBatch(problem, plans, matches)
    const count = matches?.length ?? plans.length
    const parts = workers * PARTS_PER_THREAD
    const jobs = batch.jobs(chunkSize(count, parts, this.#evaluationMs))
    const startedMs = clock.now()
    return {
      jobs: jobs.map((job) => async () => batch.failed(await this.#pool.run(job))),
      evaluations: () => {
        const perEvaluationMs = ((clock.now() - startedMs) * workers) / count
        this.#evaluationMs += SMOOTHING * (perEvaluationMs - this.#evaluationMs)
        return batch.evaluations()
      },
    }
  }

  verify(genotype: Genotype): Promise<Verification> {
    const { reference } = this.#options.problem
    return this.#pool.run({ problem: reference, plan: compile(genotype).bytes })
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}
