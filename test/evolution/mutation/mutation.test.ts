import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GenomeWriter, unpackGenotype } from '../../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { type MutationSettings, mutate } from '../../../src/evolution/mutation/mutation.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { grownGenotype, wildMutation } from '../generated-genotype.ts'

function mutated(genotype: Genotype, settings: MutationSettings, seed: number): Genotype {
  const writer = new GenomeWriter(genotype.inputs, genotype.outputs)
  writer.append(genotype)
  mutate(writer, settings, seededRandom(seed))
  return unpackGenotype(writer.finish(), 0)
}

const still: MutationSettings = {
  ...wildMutation,
  addNeuron: 0,
  addLink: 0,
  toggleLink: 0,
  weights: { ...wildMutation.weights, probability: 0 },
}

describe('mutate', () => {
  it('keeps genotypes valid through long lineages', () => {
    const shape = fc.integer({ min: 1, max: 5 })
    fc.assert(
      fc.property(shape, shape, fc.integer(), (inputs, outputs, seed) => {
        let genotype = grownGenotype(inputs, outputs, seed, 0)
        for (let step = 0; step < 60; step++) {
          genotype = mutated(genotype, wildMutation, seed + step)
          expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
        }
      }),
      { numRuns: 60 },
    )
  })

  it('changes nothing when every chance is 0', () => {
    const genotype = grownGenotype(3, 2, 1, 20)
    expect(mutated(genotype, still, 1)).toEqual(genotype)
  })

  it('keeps the weights of a child whose structure changed', () => {
    const genotype = grownGenotype(3, 2, 1, 20)
    const weights = { ...wildMutation.weights, probability: 1 }
    const child = mutated(genotype, { ...still, weights, addNeuron: 1 }, 1)
    expect(child.links).toHaveLength(genotype.links.length + 2)
    for (const { innovation, weight } of genotype.links) {
      expect(child.links.find((link) => link.innovation === innovation)?.weight).toBe(weight)
    }
  })

  it('keeps networks feed-forward without recurrent links', () => {
    const settings = { ...wildMutation, recurrent: 0 }
    let genotype = grownGenotype(3, 2, 1, 0)
    for (let step = 0; step < 200; step++) genotype = mutated(genotype, settings, step)
    const layers = new Map(genotype.neurons.map(({ id, layer }) => [id, layer]))
    for (const { from, to } of genotype.links) {
      expect(layers.get(to) ?? -1).toBeGreaterThan(layers.get(from) ?? -1)
    }
    expect(genotype.neurons.length).toBeGreaterThan(20)
  })

  it('draws a new neuron’s activation from the given ones', () => {
    let genotype = grownGenotype(3, 2, 1, 0)
    const settings: MutationSettings = {
      ...still,
      addNeuron: 1,
      hiddenActivations: ['sin', 'relu'],
    }
    for (let step = 0; step < 40; step++) genotype = mutated(genotype, settings, step)
    const names = genotype.neurons.slice(0, -2).map(({ activation }) => activation)
    expect([...new Set(names)].sort()).toEqual(['relu', 'sin'])
  })
})
