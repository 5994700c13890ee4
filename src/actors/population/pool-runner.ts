// Runs genotypes compiled, in worker threads: plans and scores lie in shared memory, a job is a
// range of them that takes a few milliseconds (evolution/evaluate.ts).
import type { Problem, Verification } from '../../evolution/environment/environment.ts'
import {
  chunkSize,
  EvaluationBatch,
  type EvaluationJob,
  evaluationWorker,
} from '../../evolution/evaluate.ts'
import { MatchBatch, type MatchJob } from '../../evolution/evaluate-matches.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { compile } from '../../evolution/network/plan.ts'
import type { Match } from '../../evolution/strategy/strategy.ts'
import type { Clock } from '../../runtime/clock.ts'
import { DirtyPool, JobError } from '../../runtime/dirty-pool.ts'
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

/** Genotypes of one job that may end a thread each. */
const DEADLY_MAX = 3

function isThreadEnd(failure: unknown): failure is JobError {
  return failure instanceof JobError && failure.code === 'thread_ended'
}

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
    const count = matches?.length ?? plans.length
    const chunk = chunkSize(count, workers * PARTS_PER_THREAD, this.#evaluationMs)
    const startedMs = clock.now()
    let batch: EvaluationBatch | MatchBatch
    let jobs: (() => Promise<void>)[]
    if (matches === undefined) {
      const alone = new EvaluationBatch(problem, plans)
      jobs = alone.jobs(chunk).map((job) => this.#surviving(job, alone))
      batch = alone
    } else {
      const games = new MatchBatch(problem, plans, matches)
      jobs = games.jobs(chunk).map((job) => () => this.#pool.run<MatchJob, void>(job))
      batch = games
    }
    return {
      jobs,
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

  /**
   * A job that may be run again. When its thread ends of it a second time, its genotypes are run
   * one by one: whichever ends a thread then has no score.
   */
  #surviving(job: EvaluationJob, batch: EvaluationBatch): () => Promise<void> {
    let ends = 0
    return async () => {
      try {
        batch.failed(await this.#pool.run(job))
      } catch (failure) {
        if (!isThreadEnd(failure) || ++ends < 2) throw failure
        await this.#oneByOne(job, batch)
      }
    }
  }

  async #oneByOne(job: EvaluationJob, batch: EvaluationBatch): Promise<void> {
    let ends = 0
    for (let plan = job.from; plan < job.to; plan++) {
      try {
        batch.failed(await this.#pool.run({ ...job, from: plan, to: plan + 1 }))
      } catch (failure) {
        // No genotype is to blame where all end their threads.
        if (!isThreadEnd(failure) || ++ends > DEADLY_MAX) throw failure
        batch.lost(plan, failure.message)
      }
    }
    if (ends === job.to - job.from && ends > 1) throw new RangeError('every thread ends at once')
  }
}
