// Runs genotypes compiled, in this thread: a process takes one job after the other, tick by tick,
// and ends its turn every millisecond, so that the other processes and the event loop have theirs.
// Only a verification is done in one go (half a second for the double pole): use the pool where
// that matters.
import {
  cast,
  GenServer,
  type Result,
  type ServerPid,
  startLink,
} from '../../behaviours/gen-server.ts'
import type { Evaluation, Problem, Verification } from '../../evolution/environment/environment.ts'
import type { Outcome } from '../../evolution/environment/episode.ts'
import {
  checkedEvaluation,
  failedEvaluation,
} from '../../evolution/environment/failed-evaluation.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { notAGame } from '../../evolution/match.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile, type Plan } from '../../evolution/network/plan.ts'
import type { Match } from '../../evolution/strategy/strategy.ts'
import { SLICE_MS, TURN_REDUCTIONS_MAX } from '../../limits.ts'
import { systemClock } from '../../runtime/clock.ts'
import { send } from '../../runtime/process.ts'
import { bumpReductions } from '../../runtime/scheduler.ts'
import type { Batch, Runner } from './runner.ts'

/**
 * Genotypes of one job: enough to make its cost small, few enough for an urgent one to come
 * between.
 */
const GENOTYPES_PER_JOB = 16
/** Ticks between two looks at the clock. */
const TICKS_PER_LOOK = 16

/** What can be done little by little. */
type Steps<T> = Generator<undefined, T>

/** Runs one genotype. */
function* evaluation(problem: Problem, plan: Plan): Steps<Evaluation> {
  const network = new Network(plan)
  const inputs = new Float64Array(problem.inputs)
  const outputs = new Float64Array(problem.outputs)
  const episode = problem.episode()
  let outcome: Outcome = 'running'
  for (let tick = 1; outcome !== 'ended'; tick++) {
    if (tick % TICKS_PER_LOOK === 0) yield
    if (outcome === 'reset') network.reset()
    episode.sense(inputs)
    network.step(inputs, outputs)
    outcome = episode.act(outputs)
  }
  return episode.evaluation()
}

/** Runs the plans `from` to `to` (exclusive) into their places of `evaluations`. */
function* evaluations(
  problem: Problem,
  plans: readonly Plan[],
  range: { readonly from: number; readonly to: number },
  scores: Evaluation[],
): Steps<void> {
  for (const [i, plan] of plans.slice(range.from, range.to).entries()) {
    try {
      scores[range.from + i] = checkedEvaluation(yield* evaluation(problem, plan), problem)
    } catch (cause) {
      scores[range.from + i] = failedEvaluation(cause)
    }
    yield
  }
}

/** Plays the matches `from` to `to` (exclusive) into their places, one after the other. */
function* encounters(
  problem: Problem,
  plans: readonly Plan[],
  matches: readonly Match[],
  range: { readonly from: number; readonly to: number },
  scores: Evaluation[],
): Steps<void> {
  for (const [i, [first, second]] of matches.slice(range.from, range.to).entries()) {
    if (problem.play === undefined) throw notAGame(problem)
    const players = [new Network(plans[first]!), new Network(plans[second]!)] as const
    scores[range.from + i] = problem.play(players)
    yield
  }
}

interface InlineJob {
  readonly steps: Steps<void>
  readonly succeed: () => void
  readonly fail: (error: unknown) => void
}

/** Tells the worker to go on. */
const NEXT_SLICE = 'next_slice'

class InlineWorker extends GenServer<readonly InlineJob[], never, InlineJob> {
  init(): { state: readonly InlineJob[] } {
    return { state: [] }
  }

  override handleCast(job: InlineJob, jobs: readonly InlineJob[]): Result<readonly InlineJob[]> {
    if (jobs.length === 0) send(this.self, NEXT_SLICE)
    return { state: [...jobs, job] }
  }

  override handleInfo(
    message: unknown,
    jobs: readonly InlineJob[],
  ): Result<readonly InlineJob[]> | Promise<Result<readonly InlineJob[]>> {
    if (message !== NEXT_SLICE) return super.handleInfo(message, jobs)
    const endMs = systemClock.now() + SLICE_MS
    let left = jobs
    for (let job = left[0]; job !== undefined && systemClock.now() < endMs; job = left[0]) {
      if (isOver(job)) left = left.slice(1)
    }
    bumpReductions(TURN_REDUCTIONS_MAX)
    if (left.length > 0) send(this.self, NEXT_SLICE)
    return { state: left }
  }
}

/** Does one step of a job; whether it was the last. */
function isOver({ steps, succeed, fail }: InlineJob): boolean {
  try {
    if (steps.next().done !== true) return false
    succeed()
  } catch (error) {
    fail(error)
  }
  return true
}

export class InlineRunner implements Runner {
  readonly width = 2
  readonly #problem: Problem
  readonly #worker: ServerPid<never, InlineJob>

  /** Starts a worker linked to the calling process. */
  constructor(problem: Problem) {
    this.#problem = problem
    this.#worker = startLink(new InlineWorker())
  }

  batch(genotypes: readonly Genotype[], matches?: readonly Match[]): Batch {
    const problem = this.#problem
    const plans = genotypes.map(compile)
    const count = matches?.length ?? plans.length
    if (matches !== undefined && problem.play === undefined) throw notAGame(problem)
    const scores: Evaluation[] = []
    const jobs: (() => Promise<void>)[] = []
    for (let from = 0; from < count; from += GENOTYPES_PER_JOB) {
      const range = { from, to: from + GENOTYPES_PER_JOB }
      const steps = (): Steps<void> =>
        matches === undefined
          ? evaluations(problem, plans, range, scores)
          : encounters(problem, plans, matches, range, scores)
      jobs.push(() => this.#run(steps()))
    }
    return { jobs, evaluations: () => scores }
  }

  async verify(genotype: Genotype): Promise<Verification> {
    return this.#problem.verify(new Network(compile(genotype)))
  }

  /** The worker ends with the process that made it. */
  async close(): Promise<void> {}

  #run(steps: Steps<void>): Promise<void> {
    return new Promise((succeed, fail) => cast(this.#worker, { steps, succeed, fail }))
  }
}
