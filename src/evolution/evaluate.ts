// Evaluating many genotypes: a generation's plans as bytes that cross threads, split into jobs,
// scores in shared memory. Pure: who runs the jobs, here or in a pool of workers, is not decided
// here.
//
//   const batch = new EvaluationBatch(problem, plans)
//   const pool = new DirtyPool({ filename: evaluationWorker, threads: 2 })
//   const jobs = batch.jobs(chunkSize(plans.length, 2, 0.1))
//   await Promise.all(jobs.map(async (job) => batch.failed(await pool.run(job))))
//   const scores = batch.evaluations()   // the same whatever the number of threads and jobs
//
// Only bytes cross: cloning the genes of one genotype as objects costs more than evaluating it.
import { EVALUATION_JOB_MS } from '../limits.ts'
import type {
  Evaluation,
  Problem,
  ProblemReference,
  Verification,
} from './environment/environment.ts'
import { vectorsFrom, vectorsOf, vectorsSize } from './environment/evaluation-vectors.ts'
import { checkedEvaluation, failedEvaluation } from './environment/failed-evaluation.ts'
import { problemOf } from './environment/problem.ts'
import { evaluatePlan } from './evaluate-plan.ts'
import { Network } from './network/interpreter.ts'
import type { Plan } from './network/plan.ts'
import { planFromBytes } from './network/plan-image.ts'

/** What a worker needs to score plans `from` to `to` (exclusive) of a batch. Plain data. */
export interface EvaluationJob {
  readonly problem: ProblemReference
  /**
   * Shared. Int32 count, count + 1 Int32 offsets in bytes, then the images (network/plan-image.ts).
   */
  readonly plans: SharedArrayBuffer
  readonly from: number
  readonly to: number
  /** Shared. `resultFields` numbers a plan: fitness, steps, 1 if solved, then the vectors. */
  readonly results: SharedArrayBuffer
}

/** What a worker needs to verify a champion. Plain data. */
export interface VerificationJob {
  readonly problem: ProblemReference
  /** The image of its plan. */
  readonly plan: Uint8Array
}

/** Numbers of an evaluation before its vectors. */
const SCORE_FIELDS = 3

/** Numbers of an evaluation of a problem. */
function resultFields(problem: Problem): number {
  return SCORE_FIELDS + vectorsSize(problem)
}

/** The worker's module, in source as in the built package. */
export const evaluationWorker: URL = new URL(
  import.meta.url.endsWith('.ts') ? './evaluation-worker.ts' : './evaluation-worker.js',
  import.meta.url,
)

/** A batch that cannot be evaluated, or was not. */
export class EvaluationError extends Error {
  readonly code: 'wrong_shape' | 'batch_too_large' | 'incomplete'
  constructor(code: EvaluationError['code'], message: string) {
    super(message)
    this.name = 'EvaluationError'
    this.code = code
  }
}

/** Plans to be scored on one problem. */
export class EvaluationBatch {
  readonly #problem: ProblemReference
  readonly #sizes: Pick<Problem, 'behaviourSize' | 'objectivesSize'>
  readonly #fields: number
  readonly #count: number
  readonly #plans: SharedArrayBuffer
  readonly #results: SharedArrayBuffer
  readonly #failures: Map<number, string> = new Map()

  /**
   * Copies the plans into shared memory. Throws EvaluationError `wrong_shape` for a plan whose
   * inputs or outputs are not the problem's, `batch_too_large` beyond 2 GiB of plans.
   */
  constructor(problem: Problem, plans: readonly Plan[]) {
    for (const { inputs, outputs } of plans) {
      if (inputs !== problem.inputs || outputs !== problem.outputs) {
        const shape = `${inputs} inputs and ${outputs} outputs`
        const wanted = `${problem.inputs} and ${problem.outputs}`
        throw new EvaluationError('wrong_shape', `a plan has ${shape}, ${problem.name} ${wanted}`)
      }
    }
    this.#problem = problem.reference
    this.#sizes = problem
    this.#fields = resultFields(problem)
    this.#count = plans.length
    this.#plans = packPlans(plans)
    this.#results = new SharedArrayBuffer(8 * this.#fields * plans.length)
    new Float64Array(this.#results).fill(Number.NaN)
  }

  /** Jobs of `chunk` plans each (the last may have fewer). */
  jobs(chunk: number): EvaluationJob[] {
    const jobs: EvaluationJob[] = []
    const common = { problem: this.#problem, plans: this.#plans, results: this.#results }
    for (let from = 0; from < this.#count; from += chunk) {
      jobs.push({ ...common, from, to: Math.min(from + chunk, this.#count) })
    }
    return jobs
  }

  /** Takes what a job has answered. */
  failed(failures: readonly Failure[]): void {
    for (const [plan, reason] of failures) this.#failures.set(plan, reason)
  }

  /** A plan that no thread survives: it has no score, and needs none. */
  lost(plan: number, reason: string): void {
    new Float64Array(this.#results)[this.#fields * plan + 1] = 0
    this.#failures.set(plan, reason)
  }

  /**
   * The scores in the order of the plans. Throws EvaluationError `incomplete` before all jobs have
   * run.
   */
  evaluations(): Evaluation[] {
    const results = new Float64Array(this.#results)
    return Array.from({ length: this.#count }, (_, i) => {
      const at = this.#fields * i
      const steps = results[at + 1]!
      if (Number.isNaN(steps)) {
        throw new EvaluationError('incomplete', `plan ${i} has no score: await every job first`)
      }
      const failure = this.#failures.get(i)
      if (failure !== undefined) return failedEvaluation(failure)
      const score = { fitness: results[at]!, steps, solved: results[at + 2] === 1 }
      if (this.#fields === SCORE_FIELDS) return score
      return { ...score, ...vectorsFrom(results.subarray(at + SCORE_FIELDS), this.#sizes) }
    })
  }
}

/**
 * How many plans one job should hold: enough for EVALUATION_JOB_MS of work when one evaluation
 * takes `evaluationMs`, but no more than lets every thread have a part.
 */
export function chunkSize(count: number, threads: number, evaluationMs: number): number {
  const enough = evaluationMs > 0 ? Math.ceil(EVALUATION_JOB_MS / evaluationMs) : count
  return Math.max(1, Math.min(enough, Math.ceil(count / threads)))
}

/** A plan of a batch that has no score, and why. */
export type Failure = readonly [plan: number, reason: string]

/** The work of a worker: either kind of job; good in any thread. */
export function runJob(job: EvaluationJob | VerificationJob): Verification | readonly Failure[] {
  return 'plan' in job ? verifyJob(job) : evaluateJob(job)
}

/** Holds a plan to the full criterion of its problem. */
export function verifyJob({ problem, plan }: VerificationJob): Verification {
  return problemOf(problem).verify(new Network(planFromBytes(plan)))
}

/** Scores the plans of a job into its results; answers those that could not be scored. */
export function evaluateJob(job: EvaluationJob): readonly Failure[] {
  const failures: Failure[] = []
  const problem = problemOf(job.problem)
  const header = new Int32Array(job.plans)
  const results = new Float64Array(job.results)
  const first = header[1 + job.from]!
  // One copy out of shared memory: the interpreter stays fast as long as it meets one kind of
  // memory only.
  const bytes = new Uint8Array(new Uint8Array(job.plans, first, header[1 + job.to]! - first))
  for (let i = job.from; i < job.to; i++) {
    const image = bytes.subarray(header[1 + i]! - first, header[2 + i]! - first)
    const evaluation = scoreOf(problem, image)
    const { fitness, steps, solved, failure } = evaluation
    const numbers = [fitness, steps, solved ? 1 : 0, ...vectorsOf(evaluation)]
    results.set(numbers, resultFields(problem) * i)
    if (failure !== undefined) failures.push([i, failure])
  }
  return failures
}

function scoreOf(problem: Problem, image: Uint8Array): Evaluation {
  // A plan that is none is no fault of the genotype's.
  return scorePlan(problem, planFromBytes(image))
}

/** The score of a plan, or why it has none. */
export function scorePlan(problem: Problem, plan: Plan): Evaluation {
  try {
    return checkedEvaluation(evaluatePlan(problem, plan), problem)
  } catch (cause) {
    return failedEvaluation(cause)
  }
}

/** Plans as an `EvaluationJob` has them. */
export function packPlans(plans: readonly Plan[]): SharedArrayBuffer {
  return packImages(plans.map(({ bytes }) => bytes))
}

/** The same of any images. */
export function packImages(images: readonly Uint8Array[]): SharedArrayBuffer {
  const begin = (4 * (images.length + 2) + 7) & ~7
  const size = images.reduce((sum, { length }) => sum + length, begin)
  if (size > 0x7fff_ffff) {
    throw new EvaluationError('batch_too_large', `${size} bytes of plans: evaluate fewer at once`)
  }
  const packed = new SharedArrayBuffer((size + 7) & ~7)
  const header = new Int32Array(packed, 0, images.length + 2)
  const bytes = new Uint8Array(packed)
  header[0] = images.length
  let offset = begin
  for (const [i, image] of images.entries()) {
    header[1 + i] = offset
    bytes.set(image, offset)
    offset += image.length
  }
  header[1 + images.length] = offset
  return packed
}
