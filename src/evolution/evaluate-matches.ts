// Evaluating matches of many genotypes, as evaluate.ts does genotypes alone: plans and pairs in
// shared memory, a job is a range of pairs.
//
//   const batch = new MatchBatch(problem, plans, [[0, 1], [1, 0]])
import type { Evaluation, Problem, ProblemReference } from './environment/environment.ts'
import { failedEvaluation } from './environment/failed-evaluation.ts'
import { problemOf } from './environment/problem.ts'
import { EvaluationError, type Failure, packPlans } from './evaluate.ts'
import { notAGame, playedMatch } from './match.ts'
import { Network } from './network/interpreter.ts'
import type { Plan } from './network/plan.ts'
import { planFromBytes } from './network/plan-image.ts'
import type { Match } from './strategy/strategy.ts'

/** What a worker needs to play matches `from` to `to` (exclusive) of a batch. Plain data. */
export interface MatchJob {
  readonly problem: ProblemReference
  /** Shared: as those of an `EvaluationJob`. */
  readonly plans: SharedArrayBuffer
  /** Shared. Int32 places of two plans a match. */
  readonly matches: SharedArrayBuffer
  readonly from: number
  readonly to: number
  /** Shared. RESULT_FIELDS numbers a match: fitness, steps, 1 if solved, both scores. */
  readonly results: SharedArrayBuffer
}

const RESULT_FIELDS = 5

/** Matches to be played on one problem. */
export class MatchBatch {
  readonly #problem: ProblemReference
  readonly #count: number
  readonly #plans: SharedArrayBuffer
  readonly #matches: SharedArrayBuffer
  readonly #results: SharedArrayBuffer
  readonly #failures: Map<number, string> = new Map()

  /** Copies plans and matches into shared memory. Throws a RangeError when nobody can play. */
  constructor(problem: Problem, plans: readonly Plan[], matches: readonly Match[]) {
    if (problem.play === undefined) throw notAGame(problem)
    this.#problem = problem.reference
    this.#count = matches.length
    this.#plans = packPlans(plans)
    this.#matches = new SharedArrayBuffer(8 * matches.length)
    new Int32Array(this.#matches).set(matches.flat())
    this.#results = new SharedArrayBuffer(8 * RESULT_FIELDS * matches.length)
    new Float64Array(this.#results).fill(Number.NaN)
  }

  /** Jobs of `chunk` matches each (the last may have fewer). */
  jobs(chunk: number): MatchJob[] {
    const jobs: MatchJob[] = []
    const memory = { plans: this.#plans, matches: this.#matches, results: this.#results }
    for (let from = 0; from < this.#count; from += chunk) {
      const to = Math.min(from + chunk, this.#count)
      jobs.push({ problem: this.#problem, ...memory, from, to })
    }
    return jobs
  }

  /** Takes what a job has answered. */
  failed(failures: readonly Failure[]): void {
    for (const [match, reason] of failures) this.#failures.set(match, reason)
  }

  /** A match that no thread survives: it was not played. */
  lost(match: number, reason: string): void {
    new Float64Array(this.#results)[RESULT_FIELDS * match + 1] = 0
    this.#failures.set(match, reason)
  }

  /** In the order of the matches. Throws EvaluationError `incomplete` before all jobs have run. */
  evaluations(): Evaluation[] {
    const results = new Float64Array(this.#results)
    return Array.from({ length: this.#count }, (_, i) => {
      const [fitness, steps, solved, ...scores] = results.subarray(
        RESULT_FIELDS * i,
        RESULT_FIELDS * (i + 1),
      )
      if (Number.isNaN(steps)) {
        throw new EvaluationError('incomplete', `match ${i} has no score: await every job first`)
      }
      const failure = this.#failures.get(i)
      if (failure !== undefined) return failedEvaluation(failure)
      return { fitness: fitness!, steps: steps!, solved: solved === 1, scores }
    })
  }
}

/** Plays the matches of a job into its results; answers those that could not be played. */
export function playJob(
  job: MatchJob,
  problem: Problem = problemOf(job.problem),
): readonly Failure[] {
  const failures: Failure[] = []
  const header = new Int32Array(job.plans)
  const matches = new Int32Array(job.matches)
  const results = new Float64Array(job.results)
  // A copy out of shared memory: the interpreter stays fast as long as it meets one kind only.
  const networkAt = (place: number): Network => {
    const [begin, end] = [header[1 + place]!, header[2 + place]!]
    const image = new Uint8Array(new Uint8Array(job.plans, begin, end - begin))
    return new Network(planFromBytes(image))
  }
  for (let i = job.from; i < job.to; i++) {
    const players = [networkAt(matches[2 * i]!), networkAt(matches[2 * i + 1]!)] as const
    const { fitness, steps, solved, scores = [], failure } = playedMatch(problem, players)
    const [first = Number.NaN, second = Number.NaN] = scores
    results.set([fitness, steps, solved ? 1 : 0, first, second], RESULT_FIELDS * i)
    if (failure !== undefined) failures.push([i, failure])
  }
  return failures
}
