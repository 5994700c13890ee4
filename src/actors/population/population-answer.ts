// What comes back to a population server from those it has asked: its evaluator, its checkpointer.
import type { Evaluation, Verification } from '../../evolution/environment/environment.ts'
import type { Individual } from './immigrants.ts'

/** The generation has its scores. */
export class Evaluated {
  readonly evaluations: readonly Evaluation[]

  constructor(evaluations: readonly Evaluation[]) {
    this.evaluations = evaluations
  }
}

/** A champion was held to the full criterion. */
export class Verified {
  readonly champion: Individual
  readonly verification: Verification

  constructor(champion: Individual, verification: Verification) {
    this.champion = champion
    this.verification = verification
  }
}

/** The last checkpoint is on disk, or could not be written. */
export class Saved {}

/** The evaluator has failed twice. */
export class Failed {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}
