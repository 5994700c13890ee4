// The settings that ship solve their tasks, and a seed decides a run to the last bit: the numbers
// of evaluations below are the same on every machine.
import { describe, expect, it } from 'vitest'
import { problemOf } from '../../../src/evolution/environment/problem.ts'
import { bestIndex } from '../../../src/evolution/fitness.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { createPopulation, genotypeAt, nextGeneration } from '../../../src/evolution/population.ts'
import { defaultSettings, settingsFor } from '../../../src/evolution/strategy/settings.ts'

/** Evaluations until the literature's criterion is met; Infinity beyond 60,000. */
function evaluationsToSolve(task: string, seed: number): number {
  const problem = problemOf({ task })
  let population = createPopulation(problem, settingsFor(task), seed)
  while (population.evaluations < 60_000) {
    const networks = Array.from(
      { length: population.genomes.size },
      (_, index) => new Network(compile(genotypeAt(population, index))),
    )
    const scores = networks.map((network) => problem.evaluate(network))
    const fitnesses = scores.map(({ fitness }) => fitness)
    const best = bestIndex(fitnesses)
    if (scores[best]!.solved && problem.verify(networks[best]!).solved) {
      return population.evaluations + networks.length
    }
    population = nextGeneration(population, fitnesses)
  }
  return Number.POSITIVE_INFINITY
}

const runs: Readonly<Record<string, readonly number[]>> = {
  xor: [1950, 2250, 900, 3000],
  cartpole: [300, 300, 150, 150],
  dpv: [180, 660, 540],
  dpnv: [5400, 720, 1020],
}

describe('settingsFor', () => {
  it('knows a task, or gives the default, with the wanted size', () => {
    expect(settingsFor('dpnv')).not.toEqual(defaultSettings)
    expect(settingsFor('something else')).toBe(defaultSettings)
    expect(settingsFor('dpnv', 7)).toEqual({ ...settingsFor('dpnv'), populationSize: 7 })
  })

  for (const [task, expected] of Object.entries(runs)) {
    it(`solves ${task}`, () => {
      expect(expected.map((_, i) => evaluationsToSolve(task, i + 1))).toEqual(expected)
    })
  }
})
