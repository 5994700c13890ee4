import { describe, expect, it } from 'vitest'
import {
  advance,
  createPopulation,
  genotypeAt,
  type Population,
} from '../../../src/evolution/population.ts'
import {
  type AdaptationSettings,
  inheritedScale,
  oneFifthScale,
  type ScaleSettings,
  scaledMutation,
} from '../../../src/evolution/strategy/adaptation.ts'
import { COPY, MUTANT } from '../../../src/evolution/strategy/breeding.ts'
import { defaultSettings } from '../../../src/evolution/strategy/settings.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { shape } from './strategy-run.ts'

const oneFifth: ScaleSettings = { kind: 'one_fifth' }

/** The scale after ten children of which so many were better than their parent. */
function afterSuccesses(better: number, settings: ScaleSettings = oneFifth): number {
  const kind = Uint8Array.from({ length: 12 }, (_, i) => (i < 10 ? MUTANT : COPY))
  const parentage = { kind, first: new Int32Array(12), second: new Int32Array(12).fill(-1) }
  const fitnesses = Array.from({ length: 12 }, (_, i) => (i < better || i >= 10 ? 2 : 0))
  return oneFifthScale(1, parentage, [1], fitnesses, settings)
}

describe('the one-fifth rule', () => {
  it('strengthens mutation above a fifth of successes, weakens it below', () => {
    expect(afterSuccesses(3)).toBeCloseTo(1 / 0.85, 12)
    expect(afterSuccesses(2)).toBe(1)
    expect(afterSuccesses(1)).toBeCloseTo(0.85, 12)
    expect(afterSuccesses(9, { ...oneFifth, max: 1.1 })).toBe(1.1)
    expect(afterSuccesses(0, { ...oneFifth, min: 0.9 })).toBe(0.9)
  })
})

describe('self-adaptation', () => {
  it('changes the scale of a child by a log-normal factor', () => {
    const settings: ScaleSettings = { kind: 'self_adaptive', rate: 0.2 }
    const logs = Array.from({ length: 2_000 }, (_, seed) =>
      Math.log(inheritedScale(1, settings, seededRandom(seed))),
    )
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length
    const variance = logs.reduce((a, b) => a + (b - mean) * (b - mean), 0) / logs.length
    expect(mean).toBeCloseTo(0, 1)
    expect(Math.sqrt(variance)).toBeCloseTo(0.2, 1)
  })
})

describe('scaledMutation', () => {
  const { mutation } = defaultSettings.reproduction

  it('scales steps, and the chances of structure when asked to, up to 1', () => {
    const twice = scaledMutation(mutation, 2, oneFifth)
    expect(twice.weights.step).toBe(2 * mutation.weights.step)
    expect(twice.addLink).toBe(mutation.addLink)
    const all = scaledMutation(mutation, 100, { ...oneFifth, structure: true })
    expect([all.addLink, all.addNeuron]).toEqual([1, 1])
  })
})

/** Distance of the weights to a point: where a small step matters in the end. */
function sphere(population: Population): { fitness: number; steps: number; solved: boolean }[] {
  return Array.from({ length: population.genomes.size }, (_, index) => {
    const { links, neurons } = genotypeAt(population, index)
    const values = [...links.map(({ weight }) => weight), ...neurons.map(({ bias }) => bias)]
    const square = values.reduce((sum, value) => sum + (value - 1) * (value - 1), 0)
    return { fitness: -square, steps: 1, solved: false }
  })
}

function bestAfter(adaptation: AdaptationSettings | undefined, generations: number): number {
  const { mutation } = defaultSettings.reproduction
  const plain = {
    ...mutation,
    addNeuron: 0,
    addLink: 0,
    weights: { ...mutation.weights, replace: 0 },
  }
  const reproduction = {
    ...defaultSettings.reproduction,
    mutation: plain,
    ...(adaptation === undefined ? {} : { adaptation }),
  }
  const settings = { ...defaultSettings, populationSize: 50, reproduction }
  let population = createPopulation(shape, settings, 3)
  for (let i = 0; i < generations; i++) population = advance(population, sphere(population))
  expect(structuredClone(population)).toEqual(population)
  return population.champion!.fitness
}

describe('a population that adapts its mutation', () => {
  it('comes nearer to a point than one of fixed steps', () => {
    const fixed = bestAfter(undefined, 80)
    expect(bestAfter(oneFifth, 80)).toBeGreaterThan(fixed / 2)
    expect(bestAfter({ kind: 'self_adaptive' }, 80)).toBeGreaterThan(fixed / 2)
  })
})
