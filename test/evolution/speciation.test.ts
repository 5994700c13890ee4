import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance } from '../../src/evolution/distance.ts'
import { packGenotypes } from '../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import {
  adjustedThreshold,
  chooseRepresentatives,
  membersOf,
  type Representative,
  type SpeciationSettings,
  type Species,
  speciate,
} from '../../src/evolution/speciation.ts'
import { SPECIES_MAX } from '../../src/limits.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { generatedGenotype, grownGenotype } from './generated-genotype.ts'

const coefficients = {
  compatibilityExcessCoefficient: 1,
  compatibilityDisjointCoefficient: 1,
  compatibilityWeightCoefficient: 0.4,
}
const threshold = fc.double({ min: 0.1, max: 20, noNaN: true })
const genotypes = fc.array(generatedGenotype(3, 1), { minLength: 1, maxLength: 20 })

/** The rule of the paper in its plainest form: place of the species, in order of appearance. */
function plainly(representatives: Genotype[], all: readonly Genotype[], limit: number): number[] {
  const known = [...representatives]
  return all.map((genotype) => {
    const place = known.findIndex((one) => distance(one, genotype, coefficients) < limit)
    if (place >= 0) return place
    return known.push(genotype) - 1
  })
}

describe('speciate', () => {
  it('puts each genotype into the first near species or founds one', () => {
    fc.assert(
      fc.property(genotypes, threshold, (all, limit) => {
        const pool = packGenotypes(3, 1, all)
        const { speciesOf, species, nextSpeciesId } = speciate(pool, 4, [], 7, limit, coefficients)
        const places = plainly([], all, limit)
        expect([...speciesOf]).toEqual(places.map((place) => place + 7))
        expect(species.map(({ id }) => id)).toEqual(
          [...new Set(places)].sort((a, b) => a - b).map((place) => place + 7),
        )
        expect(nextSpeciesId).toBe(7 + new Set(places).size)
        for (const { foundedAt, improvedAt } of species)
          expect([foundedAt, improvedAt]).toEqual([4, 4])
      }),
    )
  })

  it('tries the representatives of the generation before first, and forgets empty species', () => {
    fc.assert(
      fc.property(genotypes, genotypes, threshold, (before, all, limit) => {
        const old = packGenotypes(3, 1, before)
        const representatives: Representative[] = before.map((_, index) => ({
          species: { id: index * 2, foundedAt: 0, bestFitness: index, improvedAt: 1 },
          pool: old,
          index,
        }))
        const pool = packGenotypes(3, 1, all)
        const found = speciate(pool, 9, representatives, 100, limit, coefficients)
        const ids = plainly([...before], all, limit).map((place) =>
          place < before.length ? place * 2 : 100 + place - before.length,
        )
        expect([...found.speciesOf]).toEqual(ids)
        expect(found.species.map(({ id }) => id)).toEqual([...new Set(ids)].sort((a, b) => a - b))
        for (const { id, bestFitness } of found.species) {
          expect(bestFitness).toBe(id < 100 ? id / 2 : Number.NEGATIVE_INFINITY)
        }
      }),
    )
  })

  it('founds no more species than there may be: the rest join the nearest', () => {
    const all = Array.from({ length: SPECIES_MAX + 20 }, (_, seed) => grownGenotype(3, 1, seed, 0))
    const pool = packGenotypes(3, 1, all)
    const { species, speciesOf } = speciate(pool, 0, [], 0, 1e-9, coefficients)
    expect(species).toHaveLength(SPECIES_MAX)
    for (let i = SPECIES_MAX; i < all.length; i++) {
      const distances = all.slice(0, SPECIES_MAX).map((one) => distance(one, all[i]!, coefficients))
      expect(speciesOf[i]).toBe(distances.indexOf(Math.min(...distances)))
    }
  })
})

const species = (...ids: number[]): Species[] =>
  ids.map((id) => ({ id, foundedAt: 0, bestFitness: 0, improvedAt: 0 }))

describe('membersOf', () => {
  it('lists the indices of each species', () => {
    expect(membersOf(species(3, 5), Int32Array.of(5, 3, 5, 5))).toEqual([[1], [0, 2, 3]])
  })
})

describe('chooseRepresentatives', () => {
  const pool = packGenotypes(
    1,
    1,
    [1, 2, 3, 4].map((seed) => grownGenotype(1, 1, seed, 0)),
  )

  it('chooses a member of each species, whatever other species there are', () => {
    const members = [[1], [0, 2, 3]]
    const chosen = chooseRepresentatives(pool, species(3, 5), members, seededRandom(1))
    expect(chosen.map(({ species }) => species.id)).toEqual([3, 5])
    expect(chosen[0]!.index).toBe(1)
    expect(members[1]).toContain(chosen[1]!.index)
    const alone = chooseRepresentatives(pool, species(5), [members[1]!], seededRandom(1))
    expect(alone[0]!.index).toBe(chosen[1]!.index)
  })

  it('chooses every member now and then', () => {
    const chosen = Array.from({ length: 60 }, (_, seed) =>
      chooseRepresentatives(pool, species(5), [[0, 2, 3]], seededRandom(seed)),
    )
    expect(new Set(chosen.map(([one]) => one!.index))).toEqual(new Set([0, 2, 3]))
  })
})

describe('adjustedThreshold', () => {
  const settings: SpeciationSettings = {
    ...coefficients,
    compatibilityThreshold: 3,
    targetNumSpecies: 10,
    thresholdAdjustRate: 0.5,
  }

  it('follows the number of species', () => {
    expect(adjustedThreshold(3, 11, settings)).toBe(4.5)
    expect(adjustedThreshold(3, 9, settings)).toBe(2)
    expect(adjustedThreshold(3, 10, settings)).toBe(3)
    expect(adjustedThreshold(3, 99, { ...settings, targetNumSpecies: 0 })).toBe(3)
  })
})
