import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DistanceSettings, distance, distanceNames } from '../../src/evolution/distance.ts'
import { packGenotypes } from '../../src/evolution/genome-pool.ts'
import { advance, createPopulation, genotypeAt } from '../../src/evolution/population.ts'
import { speciate } from '../../src/evolution/speciation.ts'
import { speciateByBehaviour } from '../../src/evolution/speciation-behaviour.ts'
import { groupByNearest, speciateByNearest } from '../../src/evolution/speciation-nearest.ts'
import { defaultSettings } from '../../src/evolution/strategy/settings.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { generatedGenotype } from './generated-genotype.ts'
import { evaluated, settingsOf, shape } from './strategy/strategy-run.ts'

const numbers = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
})
const apart = (a: number, b: number): number => Math.abs(a - b)

const settingsBy = (name: DistanceSettings['distance'] = 'paper'): DistanceSettings => ({
  compatibilityExcessCoefficient: 1,
  compatibilityDisjointCoefficient: 1,
  compatibilityWeightCoefficient: 0.4,
  distance: name,
})

describe('groupByNearest', () => {
  it('puts everybody into the nearest group below the threshold, or into a new one', () => {
    fc.assert(
      fc.property(numbers, numbers, (items, old) => {
        const { representatives, groupOf } = groupByNearest(items, old.slice(0, 4), 10, apart)
        for (const [place, item] of items.entries()) {
          const group = groupOf[place]!
          if (representatives[group] === place) continue
          const own = apart(items[representatives[group]!]!, item)
          expect(own).toBeLessThan(10)
        }
        // Those that were founded are far from all that were there before.
        for (const [group, place] of representatives.entries()) {
          if (group < Math.min(4, old.length) || place < 0) continue
          for (const before of representatives.slice(0, group)) {
            if (before >= 0) expect(apart(items[before]!, items[place]!)).toBeGreaterThanOrEqual(10)
          }
        }
      }),
    )
  })

  it('renews representatives by the nearest, first come first served', () => {
    const { representatives, groupOf } = groupByNearest([1, 9, 5], [5, 5, 0, 7], 2, apart)
    expect(representatives).toEqual([2, 0, 1, -1])
    expect([...groupOf]).toEqual([1, 2, 0])
  })

  it('founds no more groups than there may be', () => {
    const { representatives } = groupByNearest([0, 10, 20, 30, 40], [], 1, apart, 3)
    expect(representatives).toEqual([0, 1, 2])
  })
})

describe.each(distanceNames)('distance %s', (name) => {
  it('is 0 to itself, symmetric, and what species are made by', () => {
    const three = fc.array(generatedGenotype(3, 2), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(three, (all) => {
        const settings = settingsBy(name)
        const [a, b] = [all[0]!, all[1]!]
        expect(distance(a, a, settings)).toBe(0)
        expect(distance(a, b, settings)).toBeCloseTo(distance(b, a, settings), 12)
        const { speciesOf } = speciate(packGenotypes(3, 2, all), 0, [], 0, 2, settings)
        const founders: number[] = []
        for (const [i, genotype] of all.entries()) {
          const place = founders.findIndex((f) => distance(all[f]!, genotype, settings) < 2)
          expect(speciesOf[i]).toBe(place >= 0 ? place : founders.push(i) - 1)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('speciateByNearest', () => {
  it('lets species live on under their id, represented by a member', () => {
    fc.assert(
      fc.property(fc.array(generatedGenotype(3, 2), { minLength: 4, maxLength: 12 }), (all) => {
        const pool = packGenotypes(3, 2, all)
        const first = speciateByNearest(pool, 0, [], 0, 1, settingsBy())
        const old = first.species.map((species) => ({
          species,
          pool,
          index: species.representative!,
        }))
        // The same genotypes again: nothing changes.
        const again = speciateByNearest(pool, 1, old, first.nextSpeciesId, 1, settingsBy())
        expect(again.species).toEqual(first.species)
        expect(again.nextSpeciesId).toBe(first.nextSpeciesId)
        for (const { id, representative } of again.species) {
          expect(again.speciesOf[representative!]).toBe(id)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('speciateByBehaviour', () => {
  const points = [[0, 0], [0.1, 0], [5, 5], undefined, [5, 5.2]]

  it('sorts by what networks do, and leaves out those of which nothing is known', () => {
    const found = speciateByBehaviour(points, 3, [], 7, 1, seededRandom(1))
    expect([...found.speciesOf]).toEqual([7, 7, 8, -1, 8])
    expect(found.species.map(({ id, foundedAt }) => [id, foundedAt])).toEqual([
      [7, 3],
      [8, 3],
    ])
    expect(found.nextSpeciesId).toBe(9)
    const later = speciateByBehaviour(
      [
        [5, 5.1],
        [9, 9],
      ],
      4,
      found.species,
      9,
      1,
      seededRandom(2),
    )
    expect([...later.speciesOf]).toEqual([8, 9])
    expect(later.species.map(({ id }) => id)).toEqual([8, 9])
    expect(later.species[0]!.behaviour).toEqual([5, 5.1])
  })
})

describe.each(['nearest', 'behaviour'] as const)('a population in species by %s', (method) => {
  it('evolves, in several species, from a clone as well', () => {
    const speciation = { ...defaultSettings.speciation, method, compatibilityThreshold: 0.4 }
    const settings = { ...settingsOf({ name: 'generational' }), speciation }
    let population = createPopulation(shape, settings, 2)
    const told = () =>
      Array.from({ length: population.genomes.size }, (_, i) =>
        evaluated(genotypeAt(population, i)),
      )
    let most = 0
    let first: number | undefined
    for (let generation = 0; generation < 25; generation++) {
      const scores = told()
      const next = advance(population, scores)
      expect(advance(structuredClone(population), scores)).toEqual(next)
      population = next
      first ??= population.champion!.fitness
      most = Math.max(most, population.species.length)
    }
    expect(most).toBeGreaterThan(2)
    expect(population.champion!.fitness).toBeGreaterThan(first! + 1)
  })
})

describe('objectives and size', () => {
  const bestSize = (change: object): number => {
    let population = createPopulation(
      shape,
      { ...settingsOf({ name: 'generational' }), ...change },
      5,
    )
    for (let generation = 0; generation < 25; generation++) {
      const all = Array.from({ length: 24 }, (_, i) => genotypeAt(population, i))
      // Structure is worth nothing: only parsimony minds it.
      population = advance(
        population,
        all.map((genotype) => ({ ...evaluated(genotype), fitness: 100 })),
      )
    }
    return population.genomes.neuronId.length / population.genomes.size
  }

  it('keep networks small', () => {
    const free = bestSize({})
    expect(bestSize({ postprocessor: { kind: 'size_proportional' } })).toBeLessThan(0.75 * free)
    expect(bestSize({ postprocessor: { kind: 'size_penalty', penalty: 1 } })).toBeLessThan(
      0.75 * free,
    )
    expect(bestSize({ objectives: ['main_fitness', 'inverse_tot_n'] })).toBeLessThan(0.75 * free)
  })
})
