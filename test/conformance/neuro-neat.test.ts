// Compatibility distance and multipoint crossover, held to what two other NEAT programs computed.
// ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import { betterParent, crossover } from '../../src/evolution/crossover.ts'
import { distance } from '../../src/evolution/distance.ts'
import { GenomeWriter, packGenotypes, unpackGenotype } from '../../src/evolution/genome-pool.ts'
import type { Genotype, LinkGene } from '../../src/evolution/genotype.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { neuroVectors } from './neuro-vectors.ts'

interface Alignment {
  readonly cases: readonly {
    readonly a: readonly [number, number, number, number, boolean][]
    readonly b: readonly [number, number, number, number, boolean][]
    readonly matching: readonly number[]
    readonly disjointA: readonly number[]
    readonly disjointB: readonly number[]
    readonly excessA: readonly number[]
    readonly excessB: readonly number[]
  }[]
}

interface Genome {
  readonly nodes: readonly { readonly id: number; readonly kind: string }[]
  readonly genes: readonly LinkGene[]
}

interface Original {
  readonly distance: readonly {
    readonly a: Genome
    readonly b: Genome
    readonly disjointCoefficient: number
    readonly excessCoefficient: number
    readonly weightCoefficient: number
    readonly paperDistance: number
  }[]
  readonly mating: readonly {
    readonly a: Genome
    readonly b: Genome
    readonly fitnessA: number
    readonly fitnessB: number
    readonly childInnovations: readonly number[]
    readonly equalsFitterParent: boolean
  }[]
}

const alignment = await neuroVectors<Alignment>('neat_alignment')
const original = await neuroVectors<Original>('neat_original')

/** The peers number links by age; distance and crossover do not mind whose numbers they align. */
function withLinks(links: readonly LinkGene[]): Genotype {
  const sorted = [...links].sort((a, b) => a.innovation - b.innovation)
  return { inputs: 1, outputs: 1, neurons: [], links: sorted }
}

describe('neat_alignment', () => {
  it('counts the same excess and disjoint links', () => {
    for (const { a, b, disjointA, disjointB, excessA, excessB } of alignment.cases) {
      const [left, right] = [a, b].map((genes) =>
        withLinks(
          genes.map(([innovation, from, to, weight, enabled]) => {
            return { innovation, from, to, weight, enabled }
          }),
        ),
      ) as [Genotype, Genotype]
      const size = Math.max(a.length, b.length)
      const n = size < 20 ? 1 : size
      const excess = distance(left, right, {
        compatibilityExcessCoefficient: n,
        compatibilityDisjointCoefficient: 0,
        compatibilityWeightCoefficient: 0,
      })
      const disjoint = distance(left, right, {
        compatibilityExcessCoefficient: 0,
        compatibilityDisjointCoefficient: n,
        compatibilityWeightCoefficient: 0,
      })
      expect(excess).toBeCloseTo(excessA.length + excessB.length, 10)
      expect(disjoint).toBeCloseTo(disjointA.length + disjointB.length, 10)
    }
    expect(alignment.cases.length).toBeGreaterThan(0)
  })
})

describe('neat_original', () => {
  it('has the distance of the paper', () => {
    for (const one of original.distance) {
      const found = distance(withLinks(one.a.genes), withLinks(one.b.genes), {
        compatibilityExcessCoefficient: one.excessCoefficient,
        compatibilityDisjointCoefficient: one.disjointCoefficient,
        compatibilityWeightCoefficient: one.weightCoefficient,
      })
      expect(Math.abs(found - one.paperDistance)).toBeLessThan(
        1e-13 * Math.max(1, one.paperDistance),
      )
    }
    expect(original.distance.length).toBeGreaterThan(0)
  })

  it('gives the child the links of the fitter, at equal fitness of the smaller parent', () => {
    for (const one of original.mating) {
      // Where the peer dropped a gene, and between parents of equal fitness and size, it does its
      // own thing.
      const isTie = one.fitnessA === one.fitnessB && one.a.genes.length === one.b.genes.length
      if (!one.equalsFitterParent || isTie) continue
      const pool = packGenotypes(1, 1, [withLinks(one.a.genes), withLinks(one.b.genes)])
      const better = betterParent(pool, [one.fitnessA, one.fitnessB], 0, 1)
      const writer = new GenomeWriter(1, 1)
      crossover(writer, pool, better, 1 - better, { disabledInherited: 0.75 }, seededRandom(1))
      const { links } = unpackGenotype(writer.finish(), 0)
      expect(links.map(({ innovation }) => innovation)).toEqual(one.childInnovations)
    }
    expect(original.mating.length).toBeGreaterThan(0)
  })
})
