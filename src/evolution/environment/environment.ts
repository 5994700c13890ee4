// What evolution is for: a problem scores networks. `--task` on the command line names one
// (problem.ts lists them).
//
//   const problem = problemNamed('xor')
//   const { fitness, solved } = problem.evaluate(new Network(compile(genotype)))
//
// A problem is a pure function of the network. Start states belong to the problem, never to the
// caller's seed, so a genotype has the same fitness, bit for bit, on every machine: a node can
// check another's claim.
import type { ProblemMorphology } from '../morphology.ts'
import type { ActivationName } from '../network/activation.ts'
import type { Network } from '../network/interpreter.ts'
import type { Geometry } from '../substrate/settings.ts'
import type { Episode, LaneEpisode } from './episode.ts'

/** One evaluation: what selection works with. */
export interface Evaluation {
  /** Higher is better; finite, never below 0. */
  readonly fitness: number
  /** Control steps, or cases, that the network was run for. */
  readonly steps: number
  /** The fitness says that `verify` is worth its time. */
  readonly solved: boolean
  /**
   * What the network did, as a point: what novelty search and MAP-Elites tell genotypes apart by.
   * Of one length for all evaluations of a problem.
   */
  readonly behaviour?: readonly number[]
  /** Several fitnesses to be weighed against each other, higher is better. */
  readonly objectives?: readonly number[]
  /** Why the genotype has no score, e.g. what its environment threw; its fitness is then NaN. */
  readonly failure?: string
  /** After a match: each player's score; 1 won, 0.5 drawn, 0 lost. */
  readonly scores?: readonly number[]
  /** Where the genotype was tuned before it had this score: what came of it. */
  readonly tuned?: TunedWeights
}

/** What tuning has made of the weights of a genotype (tuning.ts), in the order of its plan. */
export interface TunedWeights {
  /** Those that tuning took, all told. */
  readonly evaluations: number
  /** With these the genotype has its score. */
  readonly weight: Float64Array
  readonly bias: Float64Array
  /** The weights its offspring gets, with the same biases; absent: those it had before. */
  readonly inherited?: Float64Array
}

/** The full criterion of the literature, for champions; its runs are not counted as evaluations. */
export interface Verification {
  readonly solved: boolean
  /**
   * Passed starts of a generalisation test (of 625 for the double pole), where the problem has one.
   */
  readonly generalisation?: number
  /** What was reached, for a person to read. */
  readonly detail: string
}

/**
 * Plain data by which another thread finds the same problem: a built-in's name, a module of the
 * program's own and the name of its export, or a packed table.
 */
export type ProblemReference =
  | { readonly task: string }
  | { readonly module: string; readonly export: string }
  | { readonly name: string; readonly table: SharedArrayBuffer }

/** An evaluation whose every tick is a sample of its own, whatever was answered before. */
export interface ProblemSamples {
  /** What the network perceives, sample after sample, in the order of the episode. */
  readonly values: Float64Array
  /** The episode from its start, whose `act` takes the answers in that order. */
  begin(): Episode
}

/** An evaluation of several episodes that do not depend on each other. */
export interface ProblemLanes {
  readonly episodes: number
  /** The evaluation from its start, so many episodes at a time. */
  begin(lanes: number): LaneEpisode
}

/** What the numbers of a behaviour are: what MAP-Elites divides, and what pictures show. */
export interface BehaviourSpace {
  /** One a number, with the range in which it lies. */
  readonly axes: readonly BehaviourAxis[]
  /** Lines to find one's way by in a picture of the first two, e.g. walls: x and y of both ends. */
  readonly lines?: readonly (readonly [x1: number, y1: number, x2: number, y2: number])[]
}

export interface BehaviourAxis {
  readonly name: string
  readonly low: number
  readonly high: number
}

export interface Problem {
  /** Equal names mean equal problems, on every machine. */
  readonly name: string
  /** `await loadProblem(reference)` is this problem, in any thread. */
  readonly reference: ProblemReference
  /** Width of the network's input and output. */
  readonly inputs: number
  readonly outputs: number
  /** What they are, by index, for pictures and tables. */
  readonly inputNames?: readonly string[]
  readonly outputNames?: readonly string[]
  /** The body: sensors and actuators with names, which all genotypes carry. */
  readonly morphology?: ProblemMorphology
  /** What output neurons must use for their values to mean what `evaluate` takes them for. */
  readonly outputActivation: ActivationName
  /** What hidden neurons start with. */
  readonly hiddenActivation: ActivationName
  /**
   * Whether the inputs alone do not determine the right output, so that recurrent links are needed.
   */
  readonly needsMemory: boolean
  /** Where inputs and outputs lie, for substrates; default: on a line each, in their order. */
  readonly geometry?: Geometry
  /** Length of `Evaluation.behaviour`, for problems that have one. */
  readonly behaviourSize?: number
  readonly behaviourSpace?: BehaviourSpace
  /** Length of `Evaluation.objectives`, for problems that have several. */
  readonly objectivesSize?: number
  /**
   * For problems that reset the network before every tick: plans are then scored many samples at
   * once, to the bits of `evaluate`.
   */
  readonly samples?: ProblemSamples
  /** For problems of several episodes: plans may then be run in all at once, to the same bits. */
  readonly lanes?: ProblemLanes
  /** Runs a compiled network through an episode. */
  evaluate(network: Network): Evaluation
  /** A new episode: the same evaluation tick by tick, for whoever runs the network otherwise. */
  episode(): Episode
  verify(network: Network): Verification
  /** For games: one match of two networks; the first moves first. Answers with `scores`. */
  play?(players: readonly [Network, Network]): Evaluation
}
