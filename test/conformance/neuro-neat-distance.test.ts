// Alignment and compatibility distance, held to three other NEAT programs, each by its own formula.
// ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import { align } from '../../src/evolution/alignment.ts'
import { type DistanceSettings, distance } from '../../src/evolution/distance.ts'
import type { Genotype, LinkGene } from '../../src/evolution/genotype.ts'
import { alignable, type NeatPythonGenome, withLinks } from './neat-genome.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface AlignmentCase {
  readonly a: readonly [number, number, number, number, boolean][]
  readonly b: readonly [number, number, number, number, boolean][]
  readonly c1: number
  readonly c2: number
  readonly c3: number
  readonly distance: number
  readonly distanceAllDisjoint: number
  readonly matching: readonly number[]
  readonly disjointA: readonly number[]
  readonly disjointB: readonly number[]
  readonly excessA: readonly number[]
  readonly excessB: readonly number[]
}

interface OriginalCase {
  readonly a: { readonly genes: readonly LinkGene[] }
  readonly b: { readonly genes: readonly LinkGene[] }
  readonly disjointCoefficient: number
  readonly excessCoefficient: number
  readonly weightCoefficient: number
  readonly matching: readonly number[]
  readonly disjoint: readonly number[]
  readonly excess: readonly number[]
  readonly distance: number
  readonly paperDistance: number
  readonly paperDistanceAlwaysN: number
}

interface NeatPythonCase {
  readonly a: NeatPythonGenome
  readonly b: NeatPythonGenome
  readonly coefficients: {
    readonly disjoint: number
    readonly excess: number
    readonly weight: number
    readonly includeNodes: boolean
    readonly enablePenalty: number
  }
  readonly distance: number
  readonly reverse: number
  readonly matching: readonly number[]
  readonly disjoint: readonly number[]
  readonly excess: readonly number[]
}

const alignment = await neuroVectors<{ cases: readonly AlignmentCase[] }>('neat_alignment')
const original = await neuroVectors<{ distance: readonly OriginalCase[] }>('neat_original')
const python = await neuroVectors<{ cases: readonly NeatPythonCase[] }>('neat_distance')

const settingsOf = (
  excess: number,
  disjoint: number,
  weight: number,
  change: Partial<DistanceSettings> = {},
): DistanceSettings => ({
  compatibilityExcessCoefficient: excess,
  compatibilityDisjointCoefficient: disjoint,
  compatibilityWeightCoefficient: weight,
  ...change,
})

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)

describe('neat_alignment', () => {
  const genotypes = ({ a, b }: AlignmentCase): readonly [Genotype, Genotype] => {
    const plain = (genes: AlignmentCase['a']): Genotype =>
      withLinks(
        genes.map(([innovation, from, to, weight, enabled]) => {
          return { innovation, from, to, weight, enabled }
        }),
      )
    return [plain(a), plain(b)]
  }

  it('aligns the same links', () => {
    for (const one of alignment.cases) {
      const { matching, disjointA, disjointB, excessA, excessB } = align(...genotypes(one))
      expect(matching).toEqual(sorted(one.matching))
      expect([disjointA, disjointB]).toEqual([sorted(one.disjointA), sorted(one.disjointB)])
      expect([excessA, excessB]).toEqual([sorted(one.excessA), sorted(one.excessB)])
    }
    expect(alignment.cases.length).toBeGreaterThan(0)
  })

  it('has the distance of faber_tweann when always divided by the size', () => {
    for (const one of alignment.cases) {
      const change = { distance: 'always_divided' } as const
      const found = distance(...genotypes(one), settingsOf(one.c1, one.c2, one.c3, change))
      expect(deviation([found], [one.distance])).toBeLessThanOrEqual(1e-14)
      const flat = distance(...genotypes(one), settingsOf(one.c2, one.c2, one.c3, change))
      expect(deviation([flat], [one.distanceAllDisjoint])).toBeLessThanOrEqual(1e-14)
    }
  })
})

describe('neat_original', () => {
  const variants = [
    ['distance', 'undivided'],
    ['paperDistance', 'paper'],
    ['paperDistanceAlwaysN', 'always_divided'],
  ] as const

  it.each(variants)('%s is what we call %s', (field, name) => {
    for (const one of original.distance) {
      const { excessCoefficient, disjointCoefficient, weightCoefficient } = one
      const change = { distance: name }
      const found = distance(
        withLinks(one.a.genes),
        withLinks(one.b.genes),
        settingsOf(excessCoefficient, disjointCoefficient, weightCoefficient, change),
      )
      expect(deviation([found], [one[field]])).toBeLessThanOrEqual(1e-13)
    }
    expect(original.distance.length).toBeGreaterThan(0)
  })

  it('aligns the same links', () => {
    for (const one of original.distance) {
      const found = align(withLinks(one.a.genes), withLinks(one.b.genes))
      expect(found.matching).toEqual(sorted(one.matching))
      expect(sorted([...found.disjointA, ...found.disjointB])).toEqual(sorted(one.disjoint))
      expect(sorted([...found.excessA, ...found.excessB])).toEqual(sorted(one.excess))
    }
  })
})

describe('neat_distance', () => {
  it('has the distance of neat-python, neurons and flags included', () => {
    for (const one of python.cases) {
      const { excess, disjoint, weight, includeNodes, enablePenalty } = one.coefficients
      const settings = settingsOf(excess, disjoint, weight, {
        distance: 'neat_python',
        compatibilityIncludeNodeGenes: includeNodes,
        compatibilityEnablePenalty: enablePenalty,
      })
      const found = distance(alignable(one.a), alignable(one.b), settings)
      const reverse = distance(alignable(one.b), alignable(one.a), settings)
      expect(deviation([found, reverse], [one.distance, one.reverse])).toBeLessThanOrEqual(1e-13)
    }
    expect(python.cases.length).toBeGreaterThan(0)
  })

  it('aligns the same links', () => {
    for (const one of python.cases) {
      const found = align(alignable(one.a), alignable(one.b))
      expect(found.matching).toEqual(sorted(one.matching))
      expect(sorted([...found.disjointA, ...found.disjointB])).toEqual(sorted(one.disjoint))
      expect(sorted([...found.excessA, ...found.excessB])).toEqual(sorted(one.excess))
    }
  })
})
