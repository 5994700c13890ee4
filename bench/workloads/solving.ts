// One run of a strategy until its problem is solved, as the literature counts: whole generations,
// the tests of champions apart.
import type { Problem } from '../../src/evolution/environment/environment.ts'
import { evaluatePlan } from '../../src/evolution/evaluate-plan.ts'
import { evaluateLives, evaluationsSpent } from '../../src/evolution/evaluate-tuned.ts'
import { ask, livesOf, startEvolution, tell } from '../../src/evolution/evolution.ts'
import type { EvolutionSettings } from '../../src/evolution/evolution-settings.ts'
import { bestIndex } from '../../src/evolution/fitness.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { performerOf } from '../../src/evolution/tuning.ts'

export interface Run {
  readonly solved: boolean
  readonly evaluations: number
  /** How often the full criterion was tried. */
  readonly tests: number
  readonly hidden: number
  readonly generalisation: number
}

/**
 * Runs a strategy until a champion passes `problem.verify`, or `limit` evaluations are made. Of
 * rounds smaller than `window`, only what is better than the last so many is a champion.
 */
export function solve(
  problem: Problem,
  settings: EvolutionSettings,
  seed: number,
  limit: number,
  window = 0,
): Run {
  let state = startEvolution(problem, settings, seed)
  let tested = ''
  /** Fitnesses of the last `window` evaluations. */
  let recent: number[] = []
  for (let tests = 0; ; ) {
    const asked = ask(state)
    const lives = livesOf(state)
    const scores =
      lives === undefined
        ? asked.map((genotype) => evaluatePlan(problem, compile(genotype)))
        : evaluateLives(problem, asked, lives)
    const best = bestIndex(scores.map(({ fitness }) => fitness))
    const evaluations = state.evaluations + evaluationsSpent(scores)
    const genotype = performerOf(asked[best]!, scores[best]!)
    const hidden = genotype.neurons.length - genotype.outputs
    // A champion that was kept unchanged has been tested.
    const name = JSON.stringify(genotype)
    const fitness = scores[best]!.fitness
    const isChampion = asked.length >= window || recent.every((before) => fitness > before)
    recent = [...recent, ...scores.map((score) => score.fitness)].slice(-Math.max(1, window))
    if (scores[best]!.solved && isChampion && name !== tested) {
      tested = name
      tests++
      const { solved, generalisation = 0 } = problem.verify(new Network(compile(genotype)))
      if (solved) return { solved, evaluations, tests, hidden, generalisation }
    }
    state = tell(state, scores)
    if (evaluations + asked.length > limit) {
      return { solved: false, evaluations, tests, hidden, generalisation: 0 }
    }
  }
}
