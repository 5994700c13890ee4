// Runs for tests of strategies: on a task of the engine's own, or by a fitness that every genotype
// has by itself.
import type { Evaluation, Problem } from '../../../src/evolution/environment/environment.ts'
import { ask, type EvolutionState, startEvolution, tell } from '../../../src/evolution/evolution.ts'
import type { EvolutionSettings } from '../../../src/evolution/evolution-settings.ts'
import type { NetworkShape } from '../../../src/evolution/first-generation.ts'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { defaultSettings } from '../../../src/evolution/strategy/settings.ts'
import type { StrategySettings } from '../../../src/evolution/strategy/strategy.ts'
import { wildMutation } from '../generated-genotype.ts'

export const shape: NetworkShape = {
  inputs: 3,
  outputs: 2,
  outputActivation: 'tanh',
  hiddenActivation: 'relu',
}

/** Small and wild. */
export function settingsOf(
  strategy: StrategySettings,
  change: Partial<EvolutionSettings> = {},
): EvolutionSettings {
  return {
    ...defaultSettings,
    populationSize: 24,
    reproduction: { ...defaultSettings.reproduction, mutation: wildMutation },
    ...change,
    strategy,
  }
}

/** Rewards structure and certain weights; behaves by what the first weights are. */
export function evaluated({ neurons, links }: Genotype): Evaluation {
  const weights = links.reduce((sum, { weight }) => sum + Math.min(1, Math.abs(weight)), 0)
  const squashed = (weight = 0): number => 0.5 + weight / (2 * (1 + Math.abs(weight)))
  return {
    fitness: weights + neurons.length,
    steps: 1,
    solved: false,
    behaviour: [squashed(links[0]?.weight), squashed(links[1]?.weight)],
    objectives: [weights, -links.length],
  }
}

/** The next state, by that fitness. */
export function step(state: EvolutionState): EvolutionState {
  return tell(state, ask(state).map(evaluated))
}

export function steps(state: EvolutionState, count: number): EvolutionState {
  let now = state
  for (let i = 0; i < count; i++) now = step(now)
  return now
}

export interface Solution {
  readonly solved: boolean
  readonly evaluations: number
}

/** Evolves until the full criterion of a problem is met, or the evaluations are used up. */
export function solve(
  problem: Problem,
  settings: EvolutionSettings,
  seed: number,
  evaluationsMax: number,
): Solution {
  let state = startEvolution(problem, settings, seed)
  let tested = ''
  for (;;) {
    const asked = ask(state)
    const scores = asked.map((genotype) => problem.evaluate(new Network(compile(genotype))))
    state = tell(state, scores)
    for (const [i, { solved }] of scores.entries()) {
      const name = solved ? JSON.stringify(asked[i]) : tested
      if (name === tested) continue
      tested = name
      const isSolution = problem.verify(new Network(compile(asked[i]!))).solved
      if (isSolution) return { solved: true, evaluations: state.evaluations }
    }
    if (state.evaluations >= evaluationsMax) {
      return { solved: false, evaluations: state.evaluations }
    }
  }
}
