// Evaluating genotypes that are tuned whenever they are evaluated: each lives once, trial after
// trial (tuning.ts), and answers the score and the weights of its best. As in evaluate.ts a
// generation is divided into jobs for threads; here the genotypes cross as their canonical bytes,
// since what a genotype is tuned by is no part of a plan.
//
//   const lives = livesOf(state)                              // evolution.ts; what the run says
//   const evaluations = evaluateLives(problem, ask(state), lives)   // here and now
//   const batch = new LivesBatch(problem, ask(state), lives)        // or jobs for threads
//
// The draws of a life come from the stream named by (seed, generation, place): who runs it, and
// with which others, cannot matter.
import { type Random, seededRandom } from '../runtime/random.ts'
import type { AgentParameters } from './agent.ts'
import type {
  Evaluation,
  Problem,
  ProblemReference,
  TunedWeights,
} from './environment/environment.ts'
import { vectorsFrom, vectorsOf, vectorsSize } from './environment/evaluation-vectors.ts'
import { checkedEvaluation, failedEvaluation } from './environment/failed-evaluation.ts'
import { problemOf } from './environment/problem.ts'
import { EvaluationError, type Failure, packImages, scorePlan } from './evaluate.ts'
import type { Genotype } from './genotype.ts'
import { decodeGenotype, encodeGenotype } from './genotype-codec.ts'
import { Network } from './network/interpreter.ts'
import { compile, type Plan } from './network/plan.ts'
import { planFromBytes } from './network/plan-image.ts'
import {
  heirOf,
  keepsLearning,
  startTuning,
  stepTuning,
  type Tuning,
  tunedEvaluation,
  withTunedWeights,
} from './tuning.ts'

/** What the lives of a generation depend on, beside its genotypes. Plain data. */
export interface Lives {
  /** Of genotypes that have no agent of their own. */
  readonly agent: AgentParameters
  /** Of the run. */
  readonly seed: number | string
  readonly generation: number
}

/** The seed of the life at a place of the generation. */
export function lifeSeed({ seed, generation }: Lives, place: number): string {
  return `${seed}/life/${generation}/${place}`
}

/** The genotype with the agent that it is tuned by. */
export function withLifeAgent(genotype: Genotype, { agent }: Lives): Genotype {
  return genotype.agent === undefined ? { ...genotype, agent } : genotype
}

/** One genotype's life: ask for the plan of each trial and tell its score, until it is over. */
export class Life {
  readonly #genotype: Genotype
  readonly #base: Plan
  /** Whether weights and biases of plans are the genotype's own. */
  readonly #isPlain: boolean
  readonly #random: Random
  #tuning: Tuning

  /** Throws a PlanError for a genotype that cannot be compiled. */
  constructor(given: Genotype, lives: Lives, place: number) {
    const genotype = withLifeAgent(given, lives)
    this.#genotype = genotype
    this.#base = compile(genotype)
    this.#isPlain =
      genotype.substrate === undefined &&
      genotype.neurons.every(({ response }) => response === undefined)
    this.#random = seededRandom(lifeSeed(lives, place))
    this.#tuning = startTuning(genotype)
  }

  get isOver(): boolean {
    return this.#tuning.isOver
  }

  /** Whether `tell` wants the weights at the end of the trial. */
  get keepsLearning(): boolean {
    return keepsLearning(this.#tuning)
  }

  /** Of the trial; a new one each time. */
  plan(): Plan {
    const { trial } = this.#tuning
    if (!this.#isPlain) return compile(withTunedWeights(this.#genotype, trial))
    // Much faster than compiling once more: all but the weights stays as it is.
    const plan = planFromBytes(this.#base.bytes.slice())
    plan.weight.set(trial.weight)
    plan.bias.set(trial.bias)
    return plan
  }

  tell(evaluation: Evaluation, learnt?: Float64Array): void {
    this.#tuning = stepTuning(this.#tuning, evaluation, this.#random, learnt)
  }

  /** The score of its best, with `tuned`. */
  evaluation(): Evaluation {
    return tunedEvaluation(this.#tuning)
  }
}

/** Scores genotypes over their lives, here and now. Throws for what cannot be compiled. */
export function evaluateLives(
  problem: Problem,
  genotypes: readonly Genotype[],
  lives: Lives,
): Evaluation[] {
  return genotypes.map((genotype, place) => lived(problem, new Life(genotype, lives, place)))
}

/** A life from beginning to end. */
function lived(problem: Problem, life: Life): Evaluation {
  while (!life.isOver) {
    const plan = life.plan()
    if (life.keepsLearning) {
      const network = new Network(plan)
      life.tell(scoreNetwork(problem, network), network.captureWeights())
    } else life.tell(scorePlan(problem, plan))
  }
  return life.evaluation()
}

function scoreNetwork(problem: Problem, network: Network): Evaluation {
  try {
    return checkedEvaluation(problem.evaluate(network), problem)
  } catch (cause) {
    return failedEvaluation(cause)
  }
}

/** Evaluations that were spent on these: one each, or those of their lives. */
export function evaluationsSpent(evaluations: readonly Evaluation[]): number {
  return evaluations.reduce((sum, { tuned }) => sum + (tuned?.evaluations ?? 1), 0)
}

/** The genotypes that reproduce after these evaluations. */
export function heirsOf(
  genotypes: readonly Genotype[],
  evaluations: readonly Evaluation[],
): Genotype[] {
  return genotypes.map((genotype, place) => {
    const evaluation = evaluations[place]
    return evaluation === undefined ? genotype : heirOf(genotype, evaluation)
  })
}

// --- In threads ---

/** What a worker needs to let genotypes `from` to `to` (exclusive) of a batch live. Plain data. */
export interface LivesJob {
  readonly problem: ProblemReference
  readonly lives: Lives
  /** Shared. As `EvaluationJob.plans`, with canonical bytes of genotypes for images. */
  readonly genotypes: SharedArrayBuffer
  readonly from: number
  readonly to: number
  /** Shared. A genotype's numbers begin at `starts[place]`, in the order of SCORE and after it. */
  readonly results: SharedArrayBuffer
  readonly starts: SharedArrayBuffer
}

/**
 * Fitness, steps, 1 if solved, evaluations, 1 if weights are inherited; then the vectors, the
 * weights, the biases, the inherited weights.
 */
const SCORE_FIELDS = 5

/** Genotypes to be tuned and scored on one problem, as `EvaluationBatch` has plans. */
export class LivesBatch {
  readonly #problem: Problem
  readonly #lives: Lives
  readonly #sizes: readonly Size[]
  readonly #genotypes: SharedArrayBuffer
  readonly #results: SharedArrayBuffer
  readonly #starts: SharedArrayBuffer
  readonly #failures: Map<number, string> = new Map()

  /** Copies the genotypes into shared memory. */
  constructor(problem: Problem, genotypes: readonly Genotype[], lives: Lives) {
    this.#problem = problem
    this.#lives = lives
    this.#sizes = genotypes.map(({ neurons, links }) => {
      return { neurons: neurons.length, links: links.filter(({ enabled }) => enabled).length }
    })
    this.#genotypes = packImages(genotypes.map(encodeGenotype))
    this.#starts = new SharedArrayBuffer(4 * (genotypes.length + 1))
    const starts = new Int32Array(this.#starts)
    const fields = SCORE_FIELDS + vectorsSize(problem)
    this.#sizes.forEach(({ links, neurons }, i) => {
      starts[i + 1] = starts[i]! + fields + 2 * links + neurons
    })
    this.#results = new SharedArrayBuffer(8 * starts[genotypes.length]!)
    new Float64Array(this.#results).fill(Number.NaN)
  }

  /** Jobs of `chunk` genotypes each (the last may have fewer). */
  jobs(chunk: number): LivesJob[] {
    const jobs: LivesJob[] = []
    const memory = { genotypes: this.#genotypes, results: this.#results, starts: this.#starts }
    const common = { problem: this.#problem.reference, lives: this.#lives, ...memory }
    const count = this.#sizes.length
    for (let from = 0; from < count; from += chunk) {
      jobs.push({ ...common, from, to: Math.min(from + chunk, count) })
    }
    return jobs
  }

  /** Takes what a job has answered. */
  failed(failures: readonly Failure[]): void {
    for (const [place, reason] of failures) this.#failures.set(place, reason)
  }

  /** A genotype that no thread survives: it has no score, and needs none. */
  lost(place: number, reason: string): void {
    const start = new Int32Array(this.#starts)[place]!
    new Float64Array(this.#results)[start + 1] = 0
    this.#failures.set(place, reason)
  }

  /**
   * The scores in the order of the genotypes. Throws EvaluationError `incomplete` before all jobs
   * have run.
   */
  evaluations(): Evaluation[] {
    const results = Float64Array.from(new Float64Array(this.#results))
    const starts = new Int32Array(this.#starts)
    return this.#sizes.map((size, place) => {
      const own = results.subarray(starts[place], starts[place + 1])
      if (Number.isNaN(own[1])) {
        const message = `genotype ${place} has no score: await every job first`
        throw new EvaluationError('incomplete', message)
      }
      const failure = this.#failures.get(place)
      const failed = failure === undefined ? {} : failedEvaluation(failure)
      // Who has ended a thread has no weights to tell.
      if (Number.isNaN(own[3])) return failedEvaluation(failure)
      return { ...readEvaluation(own, size, this.#problem), ...failed }
    })
  }
}

type Size = Pick<Plan, 'links' | 'neurons'>

function readEvaluation(
  numbers: Float64Array,
  { links, neurons }: Size,
  problem: Problem,
): Evaluation {
  const [fitness = Number.NaN, steps = 0, solved, evaluations = 1, isInherited] = numbers
  const weights = SCORE_FIELDS + vectorsSize(problem)
  const biases = weights + links
  const tuned: TunedWeights = {
    evaluations,
    weight: numbers.slice(weights, biases),
    bias: numbers.slice(biases, biases + neurons),
    ...(isInherited === 1 ? { inherited: numbers.slice(biases + neurons) } : {}),
  }
  const vectors = vectorsFrom(numbers.subarray(SCORE_FIELDS), problem)
  return { fitness, steps, solved: solved === 1, tuned, ...vectors }
}

/** Lets the genotypes of a job live; answers those that have no score. */
export function runLives(job: LivesJob): readonly Failure[] {
  const problem = problemOf(job.problem)
  const header = new Int32Array(job.genotypes)
  const results = new Float64Array(job.results)
  const starts = new Int32Array(job.starts)
  const failures: Failure[] = []
  for (let place = job.from; place < job.to; place++) {
    const [begin, end] = [header[1 + place]!, header[2 + place]!]
    const bytes = Uint8Array.from(new Uint8Array(job.genotypes, begin, end - begin))
    const decoded = decodeGenotype(bytes)
    // The engine's own bytes: anything else is no fault of the genotype's.
    if (!decoded.ok) throw new RangeError(`genotype ${place}: ${decoded.detail}`)
    const evaluation = lived(problem, new Life(decoded.genotype, job.lives, place))
    writeEvaluation(results, starts[place]!, evaluation, problem)
    if (evaluation.failure !== undefined) failures.push([place, evaluation.failure])
  }
  return failures
}

function writeEvaluation(
  results: Float64Array,
  start: number,
  evaluation: Evaluation,
  problem: Problem,
): void {
  const { fitness, steps, solved, tuned } = evaluation
  if (tuned === undefined) throw new RangeError('a life ended without weights')
  const { evaluations, weight, bias, inherited } = tuned
  results.set([fitness, steps, solved ? 1 : 0, evaluations, inherited ? 1 : 0], start)
  let at = start + SCORE_FIELDS
  for (const [part, length] of [
    [vectorsOf(evaluation), vectorsSize(problem)],
    [weight, weight.length],
    [bias, bias.length],
    [inherited ?? [], weight.length],
  ] as const) {
    results.set(part, at)
    at += length
  }
}
