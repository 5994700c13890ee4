// Inheritance, held to the original NEAT program and to neat-python: which genes a child has at
// unequal and at equal fitness, where its weights come from, how often a gene stays disabled.
import { describe, expect, it } from 'vitest'
import { type CrossoverSettings, mate } from '../../src/evolution/crossover.ts'
import { GenomeWriter, packGenotypes, unpackGenotype } from '../../src/evolution/genome-pool.ts'
import type { Genotype, LinkGene } from '../../src/evolution/genotype.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { crossable, type NeatPythonGenome, withLinks } from './neat-genome.ts'
import { neuroVectors } from './neuro-vectors.ts'

interface Mating {
  readonly a: { readonly genes: readonly LinkGene[] }
  readonly b: { readonly genes: readonly LinkGene[] }
  readonly fitnessA: number
  readonly fitnessB: number
  readonly childInnovations: readonly number[]
  readonly sameInAll60: boolean
  readonly equalsFitterParent: boolean
}

interface Crossing {
  readonly a: NeatPythonGenome
  readonly b: NeatPythonGenome
  readonly fitnessA: number
  readonly fitnessB: number
  readonly childInnovations: readonly number[]
  readonly childNodes: readonly number[]
  readonly alwaysDisabledPossible: readonly number[]
}

interface GeneCrossover {
  readonly enabledA: boolean
  readonly enabledB: boolean
  readonly n: number
  readonly enabledFraction: number
  readonly weightFromA: number
}

const { mating } = await neuroVectors<{ mating: readonly Mating[] }>('neat_original')
const { cases } = await neuroVectors<{ cases: readonly Crossing[] }>('neat_crossover')
const { geneCrossover } = await neuroVectors<{ geneCrossover: readonly GeneCrossover[] }>(
  'neat_reproduction',
)

const neatPython: CrossoverSettings = { disabledInherited: 0.75, equalFitness: 'second' }

function childOf(
  [a, b]: readonly [Genotype, Genotype],
  fitnesses: readonly number[],
  settings: CrossoverSettings,
  seed: number,
): Genotype {
  const writer = new GenomeWriter(1, 1)
  const genomes = packGenotypes(1, 1, [a, b])
  mate(writer, { genomes, fitnesses }, 0, 1, settings, seededRandom(seed))
  return unpackGenotype(writer.finish(), 0)
}

const innovationsOf = ({ links }: Genotype): number[] => links.map(({ innovation }) => innovation)
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)

describe('neat_original', () => {
  it('gives the child the links of the fitter, at equal fitness of the smaller parent', () => {
    for (const one of mating) {
      // Where the peer dropped a gene it does its own thing; between equals it takes the second.
      if (!one.equalsFitterParent || !one.sameInAll60) continue
      const isTie = one.fitnessA === one.fitnessB && one.a.genes.length === one.b.genes.length
      const settings = isTie ? neatPython : { disabledInherited: 0.75 }
      const parents = [withLinks(one.a.genes), withLinks(one.b.genes)] as const
      const child = childOf(parents, [one.fitnessA, one.fitnessB], settings, 1)
      expect(innovationsOf(child)).toEqual(sorted(one.childInnovations))
    }
    expect(mating.length).toBeGreaterThan(0)
  })
})

describe('neat_crossover', () => {
  it('gives children the genes and neurons they have in neat-python', () => {
    for (const [seed, one] of cases.entries()) {
      const parents = [crossable(one.a), crossable(one.b)] as const
      for (let child = 0; child < 40; child++) {
        const fitnesses = [one.fitnessA, one.fitnessB]
        const born = childOf(parents, fitnesses, neatPython, seed * 100 + child)
        expect(innovationsOf(born)).toEqual(sorted(one.childInnovations))
        expect(sorted(born.neurons.map(({ id }) => id))).toEqual(sorted(one.childNodes))
        const disabled = born.links.filter(({ enabled }) => !enabled)
        for (const { innovation } of disabled) {
          expect(one.alwaysDisabledPossible).toContain(innovation)
        }
      }
    }
    expect(cases.length).toBeGreaterThan(0)
  })
})

describe('neat_reproduction', () => {
  it('crosses a gene at the rates that were measured', () => {
    for (const { enabledA, enabledB, n, enabledFraction, weightFromA } of geneCrossover) {
      const gene = (weight: number, enabled: boolean): Genotype =>
        withLinks(
          Array.from({ length: n }, (_, innovation) => {
            return { innovation, from: 0, to: 1, weight, enabled }
          }),
        )
      const child = childOf([gene(1, enabledA), gene(2, enabledB)], [1, 0], neatPython, n)
      const rateOf = (matches: (link: LinkGene) => boolean): number =>
        child.links.filter(matches).length / n
      // Both rates are samples: the difference has twice the variance of one.
      const near = (measured: number, expected: number): void => {
        const error = Math.sqrt((2 * expected * (1 - expected)) / n)
        expect(Math.abs(measured - expected)).toBeLessThanOrEqual(3 * error)
      }
      near(
        rateOf(({ enabled }) => enabled),
        enabledFraction,
      )
      near(
        rateOf(({ weight }) => weight === 1),
        weightFromA,
      )
    }
    expect(geneCrossover.length).toBeGreaterThan(0)
  })
})
