import { describe, expect, it } from 'vitest'
import { packGenotypes, unpackGenotype } from '../../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import type { Species } from '../../../src/evolution/speciation.ts'
import { COPY, CROSSED, IMMIGRANT } from '../../../src/evolution/strategy/breeding.ts'
import {
  type Generation,
  generational,
  type ReproductionSettings,
} from '../../../src/evolution/strategy/generational.ts'
import { defaultSettings } from '../../../src/evolution/strategy/settings.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { grownGenotype } from '../generated-genotype.ts'

const settings: ReproductionSettings = {
  ...defaultSettings.reproduction,
  championAbove: 3,
  mutateOnly: 1,
}

/** Two families by their number of inputs linked; children keep the family of their parent. */
function genotypeOf(family: number, index: number): Genotype {
  const full = grownGenotype(4, 1, index, 0)
  return { ...full, links: full.links.slice(0, family + 1) }
}

const familyOf = ({ links }: Genotype): number => Math.min(links.length - 1, 2)

function generationOf(
  fitnesses: readonly number[],
  sizes: readonly number[],
  change: Partial<Generation> = {},
): Generation {
  let from = 0
  const members = sizes.map((size) => Array.from({ length: size }, () => from++))
  const genotypes = members.flatMap((indices, family) => indices.map((i) => genotypeOf(family, i)))
  const species: Species[] = members.map((indices, id) => ({
    id,
    foundedAt: 0,
    bestFitness: Math.max(...indices.map((i) => fitnesses[i] ?? 0)),
    improvedAt: 10,
  }))
  return {
    generation: 10,
    genomes: packGenotypes(4, 1, genotypes),
    fitnesses,
    species,
    members,
    immigrants: [],
    ...change,
  }
}

const growing = {
  ...settings,
  mutateOnly: 0.5,
  mutation: { ...settings.mutation, hiddenActivations: ['tanh'] as const },
}
const noNews = { ...settings.mutation, addNeuron: 0, addLink: 0 }
const still = { ...settings, mutation: noNews }

function families(generation: Generation, how = still): number[] {
  const { genomes: children } = generational(generation, how, seededRandom(1))
  const counts = [0, 0, 0]
  for (let i = 0; i < children.size; i++) counts[familyOf(unpackGenotype(children, i))]!++
  return counts
}

describe('generational', () => {
  it('gives species children by shared fitness', () => {
    const generation = generationOf([3, 3, 3, 3, 1, 1, 1, 1], [4, 4])
    expect(families(generation)).toEqual([6, 2, 0])
    // Twice the members with the same mean: the same number of children.
    expect(families(generationOf([2, 2, 2, 2, 2, 2, 2, 2], [6, 2]))).toEqual([4, 4, 0])
  })

  it('copies the champion of every large species, and the best of all', () => {
    const generation = generationOf([1, 4, 2, 3, 9, 5, 1, 2], [4, 1, 3])
    const { genomes: children } = generational(generation, still, seededRandom(1))
    const all = Array.from({ length: 8 }, (_, i) => JSON.stringify(unpackGenotype(children, i)))
    const isKept = (index: number): boolean =>
      all.includes(JSON.stringify(unpackGenotype(generation.genomes, index)))
    expect(isKept(1)).toBe(true)
    expect(isKept(4)).toBe(true)
    expect([0, 2, 3, 5, 6, 7].map(isKept)).toEqual(new Array(6).fill(false))
  })

  it('has no children from stagnant species, except from the best one', () => {
    const base = generationOf([3, 3, 3, 3, 9, 9, 5, 5], [4, 2, 2])
    const stale = base.species.map((one) => ({ ...one, improvedAt: one.id === 0 ? 10 : -90 }))
    expect(families({ ...base, species: stale })[2]).toBe(0)
    expect(families({ ...base, species: stale })[1]).toBeGreaterThan(0)
  })

  it('puts immigrants first, unchanged, within the size of the population', () => {
    const immigrants = [grownGenotype(4, 1, 'far', 9), grownGenotype(4, 1, 'away', 4)]
    const generation = generationOf([1, 2, 3, 4], [4], { immigrants })
    const { genomes: children } = generational(generation, settings, seededRandom(1))
    expect(children.size).toBe(4)
    expect([0, 1].map((index) => unpackGenotype(children, index))).toEqual(immigrants)
  })

  it('takes parents from the best part only', () => {
    const generation = generationOf([9, 1, 1, 1, 1, 1, 1, 1, 1, 1], [10])
    const weights = { ...noNews.weights, probability: 0 }
    const exact = { ...still, survivalThreshold: 0.1, mutation: { ...noNews, weights } }
    const { genomes: children } = generational(generation, exact, seededRandom(1))
    const best = unpackGenotype(generation.genomes, 0)
    for (let i = 0; i < 10; i++) expect(unpackGenotype(children, i)).toEqual(best)
  })

  it('makes a child that depends on its place and the seed alone', () => {
    const generation = generationOf([1, 2, 3, 4, 5, 6, 7, 8], [4, 4])
    const random = seededRandom(9)
    const one = generational(generation, growing, random)
    random.uint32()
    expect(generational(generation, growing, random)).toEqual(one)
    expect(generational(generation, growing, seededRandom(8))).not.toEqual(one)
  })

  it('copies as many elites as it is told to, of every species large enough', () => {
    const generation = generationOf([1, 4, 2, 3, 9, 5, 1, 2], [4, 4])
    const keptBy = (change: Partial<ReproductionSettings>): number[] => {
      const { genomes, parentage } = generational(
        generation,
        { ...still, ...change },
        seededRandom(1),
      )
      expect(genomes.size).toBe(8)
      return [...parentage.first].filter((_, child) => parentage.kind[child] === COPY)
    }
    expect(keptBy({ elitism: 2, championAbove: 0 })).toEqual([1, 3, 4, 5])
    expect(keptBy({ elitism: 0 })).toEqual([4])
    expect(keptBy({ championAbove: 4 })).toEqual([4])
  })

  it('tells where every child comes from', () => {
    const generation = generationOf([1, 2, 3, 4, 5, 6, 7, 8], [4, 4], {
      immigrants: [grownGenotype(4, 1, 'far', 9)],
    })
    const { genomes, parentage } = generational(
      generation,
      { ...growing, survivalThreshold: 1 },
      seededRandom(2),
    )
    const { kind, first, second } = parentage
    expect([kind[0], first[0], second[0]]).toEqual([IMMIGRANT, -1, -1])
    for (let child = 1; child < genomes.size; child++) {
      expect(first[child]).toBeGreaterThanOrEqual(0)
      expect(second[child]! >= 0).toBe(kind[child] === CROSSED)
      if (kind[child] !== COPY) continue
      expect(unpackGenotype(genomes, child)).toEqual(
        unpackGenotype(generation.genomes, first[child]!),
      )
    }
    expect(new Set(kind).size).toBe(4)
  })

  it('divides children as neat-python does when told to', () => {
    const generation = generationOf([3, 3, 3, 3, 1, 1, 1, 1], [4, 4])
    expect(families(generation, { ...still, spawnMethod: 'proportional' })).toEqual([6, 2, 0])
    expect(families(generation, { ...still, spawnMethod: 'smoothed' })).toEqual([5, 3, 0])
    const poor = generationOf([9, 9, 9, 9, 0, 0, 0, 0], [4, 4])
    const least = { ...still, spawnMethod: 'proportional', minSpeciesSize: 2 } as const
    expect(families(poor, least)).toEqual([6, 2, 0])
    expect(families(poor)).toEqual([8, 0, 0])
  })

  it('spares the best species from stagnation, by the fitness it is told to look at', () => {
    const base = generationOf([9, 9, 8, 1, 5, 5], [2, 2, 2])
    const stale = { ...base, species: base.species.map((one) => ({ ...one, improvedAt: -90 })) }
    const childless = (change: Partial<ReproductionSettings>): number[] =>
      families(stale, { ...still, ...change }).flatMap((count, family) =>
        count === 0 ? [family] : [],
      )
    expect(childless({})).toEqual([1, 2])
    expect(childless({ speciesElitism: 2, speciesFitnessFunc: 'max' })).toEqual([2])
    expect(childless({ speciesElitism: 2, speciesFitnessFunc: 'min' })).toEqual([1])
  })

  it('draws parents by a selection function when told to', () => {
    const generation = generationOf([1, 1, 1, 1, 1, 1, 1, 9, 1, 1], [10])
    const selection = { name: 'tournament', tournamentSize: 60 } as const
    const { parentage } = generational(generation, { ...still, selection }, seededRandom(1))
    expect(new Set(parentage.first)).toEqual(new Set([7]))
  })
})
