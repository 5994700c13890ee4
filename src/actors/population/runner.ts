// How an evaluator runs genotypes. Whichever way, a genotype has the same score, bit for bit.
//
//   pool-runner.ts     compiled, in worker threads: for evolving
//   inline-runner.ts   compiled, in this thread, in slices: for small problems
//   process-runner.ts  as neuron processes: for looking inside
import type { Evaluation, Verification } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { Match } from '../../evolution/strategy/strategy.ts'

/** Genotypes divided into jobs. */
export interface Batch {
  /** Each scores a part; a job may be run again. */
  readonly jobs: readonly (() => Promise<void>)[]
  /** The scores in the order of the genotypes, once every job has run. */
  evaluations(): readonly Evaluation[]
}

export interface Runner {
  /** Jobs worth having under way at a time. */
  readonly width: number
  /**
   * Every genotype alone, or every match of two. Throws when a genotype cannot be run on the
   * problem, or the problem is no game.
   */
  batch(genotypes: readonly Genotype[], matches?: readonly Match[]): Batch
  /** Holds a genotype to the problem's full criterion. */
  verify(genotype: Genotype): Promise<Verification>
  /** Frees what it owns; jobs under way may fail. */
  close(): Promise<void>
}
