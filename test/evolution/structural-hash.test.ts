import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom } from '../../src/evolution/genotype.ts'
import { structuralHash } from '../../src/evolution/structural-hash.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { richGenotype } from './generated-genotype.ts'

/** The same network with hidden neurons numbered anew, and other numbers everywhere. */
function renumbered(genotype: Genotype, seed: number): Genotype {
  const random = seededRandom(seed)
  const { inputs, outputs, neurons, links } = genotype
  const hidden = neurons.filter(({ id }) => id >= inputs + outputs)
  const drawn = hidden.map(() => 2 ** 33 + random.integer(2 ** 31))
  const ids = new Map(hidden.map(({ id }, i) => [id, (drawn[i] ?? 0) * 64 + i]))
  const idOf = (id: number): number => ids.get(id) ?? id
  return genotypeFrom({
    ...genotype,
    activation: 'tanh',
    neurons: neurons.map((neuron) => ({ ...neuron, id: idOf(neuron.id), bias: random.next() })),
    links: links.map(({ innovation: _, from, to, ...link }) => {
      return { ...link, from: idOf(from), to: idOf(to), weight: random.gaussian() }
    }),
  })
}

const genotypes = fc.tuple(fc.integer(), fc.nat(30))

describe('structuralHash', () => {
  it('is the same whatever the ids and the weights are', () => {
    fc.assert(
      fc.property(genotypes, fc.integer(), ([seed, steps], other) => {
        const genotype = richGenotype(3, 2, seed, steps)
        expect(structuralHash(renumbered(genotype, other))).toBe(structuralHash(genotype))
      }),
      { numRuns: 50 },
    )
  })

  it('tells a link, its direction and its end apart', () => {
    const base = { inputs: 2, outputs: 1, activation: 'tanh' } as const
    const neurons = [5, 6].map((id) => ({ id, layer: 0, activation: 'tanh' as const, bias: 0 }))
    const hashOf = (...links: readonly (readonly [number, number])[]): string => {
      const sketches = links.map(([from, to]) => ({ from, to, weight: 1 }))
      return structuralHash(genotypeFrom({ ...base, neurons, links: sketches }))
    }
    const hashes = [
      hashOf(),
      hashOf([0, 5], [5, 2]),
      hashOf([1, 5], [5, 2]),
      hashOf([0, 5], [0, 6], [5, 2]),
      hashOf([0, 5], [1, 6], [5, 2]),
      hashOf([0, 5], [5, 6], [5, 2]),
      hashOf([0, 5], [6, 5], [5, 2]),
      hashOf([0, 5], [2, 5], [5, 2]),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(hashOf([0, 6], [6, 2])).toBe(hashes[1])
  })

  it('tells kinds and rules of neurons apart, and says nothing of disabled links', () => {
    const genotype = richGenotype(2, 1, 3, 12)
    const [first, ...others] = genotype.neurons
    const changed = {
      ...genotype,
      neurons: [{ ...first!, activation: 'cubic' as const }, ...others],
    }
    expect(structuralHash(changed)).not.toBe(structuralHash(genotype))
    const enabled = genotype.links.filter((link) => link.enabled)
    expect(structuralHash({ ...genotype, links: enabled })).toBe(structuralHash(genotype))
  })
})
