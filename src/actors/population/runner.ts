// How an evaluator runs genotypes. Whichever way, a genotype has the same score, bit for bit.
//
//   pool-runner.ts     compiled, in worker threads: for evolving
//   inline-runner.ts   compiled, in this thread, in slices: for small problems
//   process-runner.ts  as neuron processes: for looking inside
import type { Evaluation, Verification } from '../../evolution/environment/environment.ts'
import type { Lives } from '../../evolution/evaluate-tuned.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { Match } from '../../evolution/strategy/strategy.ts'

/** Genotypes divided into jobs. */
export interface Batch {
  /** Each scores a part; a job may be run again. */
  readonly jobs: readonly (() => Promise<void>)[]
  /** The scores in the order of the genotypes, once every job has run. */
  evaluations(): readonly Evaluation[]
}

/** How genotypes are scored where each is not simply run once. */
export interface HowToScore {
  /** By matches of two instead of each alone. */
  readonly matches?: readonly Match[] | undefined
  /** Each is tuned first, and answers `Evaluation.tuned`. */
  readonly lives?: Lives | undefined
}

export interface Runner {
  /** Jobs worth having under way at a time. */
  readonly width: number
  /**
   * Every genotype, or every match. Throws when a genotype cannot be run on the problem, or the
   * problem is no game.
   */
  batch(genotypes: readonly Genotype[], how?: HowToScore): Batch
  /** Holds a genotype to the problem's full criterion. */
  verify(genotype: Genotype): Promise<Verification>
  /** Frees what it owns; jobs under way may fail. */
  close(): Promise<void>
}
