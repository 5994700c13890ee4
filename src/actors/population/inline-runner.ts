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
import { Life, type Lives } from '../../evolution/evaluate-tuned.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { notAGame, playedMatch } from '../../evolution/match.ts'
import { Network } from '../../evolution/network/interpreter.ts'
import { compile, type Plan } from '../../evolution/network/plan.ts'
import type { Match } from '../../evolution/strategy/strategy.ts'
import { SLICE_MS, TURN_REDUCTIONS_MAX } from '../../limits.ts'
import { systemClock } from '../../runtime/clock.ts'
import { send } from '../../runtime/process.ts'
import { bumpReductions } from '../../runtime/scheduler.ts'
import type { Batch, HowToScore, Runner } from './runner.ts'

/**
 * Genotypes of one job: enough to make its cost small, few enough for an urgent one to come
 * between.
 */
const GENOTYPES_PER_JOB = 16
/** Ticks between two looks at the clock. */
const TICKS_PER_LOOK = 16

/** What can be done little by little. */
type Steps<T> = Generator<undefined, T>

/** Runs one network. */
function* evaluation(problem: Problem, network: Network): Steps<Evaluation> {
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

/** The same, with what there is to check; never throws. */
function* scored(problem: Problem, network: Network): Steps<Evaluation> {
  try {
    return checkedEvaluation(yield* evaluation(problem, network), problem)
  } catch (cause) {
    return failedEvaluation(cause)
  }
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Runs the plans `from` to `to` (exclusive) into their places of `scores`. */
function* evaluations(
  problem: Problem,
  plans: readonly Plan[],
  { from, to }: Range,
  scores: Evaluation[],
): Steps<void> {
  for (const [i, plan] of plans.slice(from, to).entries()) {
    scores[from + i] = yield* scored(problem, new Network(plan))
    yield
  }
}

/** Lets genotypes live, likewise. */
function* lifetimes(
  problem: Problem,
  genotypes: readonly Genotype[],
  lives: Lives,
  { from, to }: Range,
  scores: Evaluation[],
): Steps<void> {
  for (const [i, genotype] of genotypes.slice(from, to).entries()) {
    const life = new Life(genotype, lives, from + i)
    while (!life.isOver) {
      const network = new Network(life.plan())
      life.tell(yield* scored(problem, network), network.captureWeights())
      yield
    }
    scores[from + i] = life.evaluation()
  }
}

/** Plays the matches `from` to `to` (exclusive) into their places, one after the other. */
function* encounters(
  problem: Problem,
  plans: readonly Plan[],
  matches: readonly Match[],
  { from, to }: Range,
  scores: Evaluation[],
): Steps<void> {
  for (const [i, [first, second]] of matches.slice(from, to).entries()) {
    const players = [new Network(plans[first]!), new Network(plans[second]!)] as const
    scores[from + i] = playedMatch(problem, players)
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

  batch(genotypes: readonly Genotype[], { matches, lives }: HowToScore = {}): Batch {
    const problem = this.#problem
    const plans = genotypes.map(compile)
    const count = matches?.length ?? plans.length
    if (matches !== undefined && problem.play === undefined) throw notAGame(problem)
    const scores: Evaluation[] = []
    const stepsOf = (range: Range): Steps<void> => {
      if (matches !== undefined) return encounters(problem, plans, matches, range, scores)
      if (lives !== undefined) return lifetimes(problem, genotypes, lives, range, scores)
      return evaluations(problem, plans, range, scores)
    }
    const jobs: (() => Promise<void>)[] = []
    for (let from = 0; from < count; from += GENOTYPES_PER_JOB) {
      jobs.push(() => this.#run(stepsOf({ from, to: from + GENOTYPES_PER_JOB })))
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
