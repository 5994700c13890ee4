// Solves a problem by changing the weights of one topology, here and now: for the shell, for tests
// and for benchmarks. Where there are workers, checkpoints and reports, the same is a strategy of a
// population (weight-strategy.ts).
//
//   const genotype = layeredGenotype({ shape: doublePole, hidden: [6] })
//   const settings = { optimiser: 'cma_es', sigma0: 0.6, biases: false } as const
//   const { champion, evaluations } = optimise(doublePole, genotype, settings, 42)
import type { Evaluation, Problem, Verification } from '../environment/environment.ts'
import { bestIndex } from '../fitness.ts'
import type { Genotype } from '../genotype.ts'
import { Network } from '../network/interpreter.ts'
import {
  askOptimisation,
  type Optimisation,
  type OptimisationSettings,
  startOptimisation,
  tellOptimisation,
} from './optimisation.ts'
import { type WeightParts, WeightPlan, weightsOf, withWeights } from './weights.ts'

export type WeightSettings = OptimisationSettings & WeightParts

export interface Optimised {
  /** The best genotype: one that passed the problem's full criterion, if any did. */
  readonly champion: Genotype
  readonly evaluation: Evaluation
  readonly verification?: Verification
  /** Of whole rounds, verifications not among them, as the literature counts. */
  readonly evaluations: number
  /** How often the full criterion was tried. */
  readonly tests: number
  /** Where the search stood at the end. */
  readonly state: Optimisation
}

/**
 * Searches until the best candidate of a round passes `problem.verify`, or the optimisation ends.
 * Begins at the genotype's own weights. Throws EvolutionSettingsError for settings out of range.
 */
export function optimise(
  problem: Problem,
  genotype: Genotype,
  { biases = true, timeConstants = false, ...settings }: WeightSettings,
  seed: number | string,
): Optimised {
  const parts = { biases, timeConstants }
  const plan = new WeightPlan(genotype, parts)
  let state = startOptimisation(weightsOf(genotype, parts), settings, seed)
  let top: { x: Float64Array; evaluation: Evaluation } | undefined
  for (let tests = 0; ; ) {
    const candidates = askOptimisation(state)
    const scores = candidates.map((x) => problem.evaluate(new Network(plan.plan(x))))
    const fitnesses = scores.map(({ fitness }) => fitness)
    const best = bestIndex(fitnesses)
    const [x, evaluation] = [candidates[best]!, scores[best]!]
    state = tellOptimisation(state, candidates, fitnesses)
    if (top === undefined || evaluation.fitness > top.evaluation.fitness) top = { x, evaluation }
    const { evaluations } = state
    if (evaluation.solved) {
      tests++
      const verification = problem.verify(new Network(plan.plan(x)))
      const champion = withWeights(genotype, x, parts)
      if (verification.solved) {
        return { champion, evaluation, verification, evaluations, tests, state }
      }
    }
    if (Object.keys(state.stop).length > 0) {
      const champion = withWeights(genotype, top.x, parts)
      return { champion, evaluation: top.evaluation, evaluations, tests, state }
    }
  }
}
