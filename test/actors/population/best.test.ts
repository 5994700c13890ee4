import { describe, expect, it } from 'vitest'
import { bestAfter } from '../../../src/actors/population/best.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { ask, startEvolution } from '../../../src/evolution/evolution.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { spawn } from '../../../src/runtime/process.ts'

const population = startEvolution(xor, settingsFor('xor', 4), 1)
const self = spawn(() => undefined)
const genotype = ask(population)[0]!

/** The best fitness after generations whose best have these. */
function bestOf(...fitnesses: number[]): number | undefined {
  let best: ReturnType<typeof bestAfter> | undefined
  for (const [generation, fitness] of fitnesses.entries()) {
    const progress = { population: self, generation, evaluations: 4 * (generation + 1) }
    best = bestAfter(best, { genotype, fitness }, progress, population)
  }
  return best?.fitness
}

describe('bestAfter', () => {
  it('is the highest of all generations', () => {
    expect(bestOf(1, 3, 2)).toBe(3)
  })

  it('forgets a generation in which nobody could be scored, whenever it was', () => {
    expect(bestOf(Number.NaN, 1, Number.NaN)).toBe(1)
    expect(bestOf(Number.NaN, Number.NaN)).toBeNaN()
  })
})
