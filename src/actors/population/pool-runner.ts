// Runs genotypes compiled, in worker threads: plans and scores lie in shared memory, a job is a
// range of them that takes a few milliseconds (evolution/evaluate.ts).
import type { Evaluation, Problem, Verification } from '../../evolution/environment/environment.ts'
import {
  chunkSize,
  EvaluationBatch,
  evaluationWorker,
  type Failure,
} from '../../evolution/evaluate.ts'
import { MatchBatch } from '../../evolution/evaluate-matches.ts'
import { LivesBatch } from '../../evolution/evaluate-tuned.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { compile } from '../../evolution/network/plan.ts'
import type { Clock } from '../../runtime/clock.ts'
import { DirtyPool, JobError } from '../../runtime/dirty-pool.ts'
import type { Batch, HowToScore, Runner } from './runner.ts'

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

/** A part of a batch, as a worker gets it: places `from` to `to` (exclusive). */
interface Part {
  readonly from: number
  readonly to: number
}

/** A batch that workers do part by part: of genotypes, of lives or of matches. */
interface Divisible<J extends Part> {
  jobs(chunk: number): readonly J[]
  failed(failures: readonly Failure[]): void
  lost(place: number, reason: string): void
  evaluations(): readonly Evaluation[]
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

  batch(genotypes: readonly Genotype[], { matches, lives }: HowToScore = {}): Batch {
    const { problem } = this.#options
    if (matches !== undefined) {
      return this.#divided(new MatchBatch(problem, genotypes.map(compile), matches), matches.length)
    }
    return lives === undefined
      ? this.#compiled(genotypes)
      : this.#divided(new LivesBatch(problem, genotypes, lives), genotypes.length)
  }

  /**
   * Each job compiles its genotypes when its turn comes: meanwhile the threads work on those before
   * it.
   */
  #compiled(genotypes: readonly Genotype[]): Batch {
    const { length } = genotypes
    const chunk = this.#chunk(length)
    const parts: Batch[] = []
    for (let from = 0; from < length; from += chunk) {
      parts.push(this.#part(genotypes.slice(from, from + chunk)))
    }
    return this.#timed(length, {
      jobs: parts.flatMap(({ jobs }) => jobs),
      evaluations: () => parts.flatMap((part) => part.evaluations()),
    })
  }

  /** Genotypes of one job. */
  #part(genotypes: readonly Genotype[]): Batch {
    let work: EvaluationBatch | undefined
    let run: (() => Promise<void>) | undefined
    const job = async (): Promise<void> => {
      if (run === undefined) {
        work = new EvaluationBatch(this.#options.problem, genotypes.map(compile))
        const [whole] = work.jobs(genotypes.length)
        if (whole !== undefined) run = this.#surviving(whole, work)
      }
      await run?.()
    }
    return { jobs: [job], evaluations: () => work?.evaluations() ?? [] }
  }

  #divided<J extends Part>(work: Divisible<J>, count: number): Batch {
    const jobs = work.jobs(this.#chunk(count)).map((job) => this.#surviving(job, work))
    return this.#timed(count, { jobs, evaluations: () => work.evaluations() })
  }

  /** How many of so many make a job of a size that the last batches have shown to be good. */
  #chunk(count: number): number {
    return chunkSize(count, this.#options.workers * PARTS_PER_THREAD, this.#evaluationMs)
  }

  /** The batch, from which the runner learns how long an evaluation lasts. */
  #timed(count: number, { jobs, evaluations }: Batch): Batch {
    const { workers, clock } = this.#options
    const startedMs = clock.now()
    return {
      jobs,
      evaluations: () => {
        const perEvaluationMs = ((clock.now() - startedMs) * workers) / count
        this.#evaluationMs += SMOOTHING * (perEvaluationMs - this.#evaluationMs)
        return evaluations()
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
   * A job that may be run again. When its thread ends of it a second time, its parts are run one by
   * one: whichever ends a thread then has no score.
   */
  #surviving<J extends Part>(job: J, work: Divisible<J>): () => Promise<void> {
    let ends = 0
    return async () => {
      try {
        work.failed(await this.#pool.run(job))
      } catch (failure) {
        if (!isThreadEnd(failure) || ++ends < 2) throw failure
        await this.#oneByOne(job, work)
      }
    }
  }

  async #oneByOne<J extends Part>(job: J, work: Divisible<J>): Promise<void> {
    let ends = 0
    for (let place = job.from; place < job.to; place++) {
      try {
        work.failed(await this.#pool.run({ ...job, from: place, to: place + 1 }))
      } catch (failure) {
        // No genotype is to blame where all end their threads.
        if (!isThreadEnd(failure) || ++ends > DEADLY_MAX) throw failure
        work.lost(place, failure.message)
      }
    }
    if (ends === job.to - job.from && ends > 1) throw new RangeError('every thread ends at once')
  }
}
