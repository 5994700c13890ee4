// Species over generations, stagnation, how many children each gets, and which structures count as
// the same innovation: held to neat-python.
import { describe, expect, it } from 'vitest'
import { distance } from '../../src/evolution/distance.ts'
import { linkInnovation, splitNeuronId } from '../../src/evolution/innovation.ts'
import { roughSpawnAmounts, type SpawnMethod, spawnAmounts } from '../../src/evolution/selection.ts'
import { groupByNearest } from '../../src/evolution/speciation-nearest.ts'
import {
  type SpeciesFitnessName,
  speciesFitness,
  stagnant,
} from '../../src/evolution/stagnation.ts'
import { alignable, type NeatPythonGenome } from './neat-genome.ts'
import { neuroVectors } from './neuro-vectors.ts'

interface Speciation {
  readonly threshold: number
  readonly coefficients: {
    readonly disjoint: number
    readonly excess: number
    readonly weight: number
    readonly includeNodes: boolean
    readonly enablePenalty: number
  }
  readonly generations: readonly {
    readonly genomes: readonly (NeatPythonGenome & { readonly key: number })[]
    readonly species: readonly {
      readonly id: number
      readonly representative: number
      readonly members: readonly number[]
    }[]
  }[]
}

interface Spawn {
  readonly adjusted: readonly number[]
  readonly previousSizes: readonly number[]
  readonly populationSize: number
  readonly minimum: number
  readonly smoothed: readonly number[]
  readonly smoothedExact: readonly number[] | 'raises'
  readonly proportional: readonly number[]
  readonly proportionalExact: readonly number[] | 'raises'
}

interface Stagnation {
  readonly maxStagnation: number
  readonly speciesElitism: number
  readonly speciesFitness: SpeciesFitnessName
  readonly initialSpecies: readonly number[]
  readonly generations: readonly {
    readonly generation: number
    readonly fitness: Readonly<Record<string, readonly number[]>>
    readonly order: readonly number[]
    readonly stagnant: readonly number[]
  }[]
}

type Innovation =
  | readonly ['link', generation: number, from: number, to: number, number: number]
  | readonly [
      'split',
      generation: number,
      from: number,
      to: number,
      node: number,
      into: number,
      out: number,
    ]

const speciation = await neuroVectors<{ cases: readonly Speciation[] }>('neat_speciation')
const reproduction = await neuroVectors<{
  spawn: readonly Spawn[]
  stagnation: readonly Stagnation[]
  innovation: readonly (readonly Innovation[])[]
}>('neat_reproduction')

describe('neat_speciation', () => {
  it('sorts genotypes into the species of neat-python over the generations', () => {
    for (const { threshold, coefficients, generations } of speciation.cases) {
      const settings = {
        distance: 'neat_python' as const,
        compatibilityExcessCoefficient: coefficients.excess,
        compatibilityDisjointCoefficient: coefficients.disjoint,
        compatibilityWeightCoefficient: coefficients.weight,
        compatibilityIncludeNodeGenes: coefficients.includeNodes,
        compatibilityEnablePenalty: coefficients.enablePenalty,
      }
      let old: { id: number; genome: NeatPythonGenome }[] = []
      let nextId = 1
      for (const { genomes, species } of generations) {
        const items = [...genomes].sort((a, b) => a.key - b.key)
        const { representatives, groupOf } = groupByNearest<NeatPythonGenome>(
          items,
          old.map(({ genome }) => genome),
          threshold,
          (a, b) => distance(alignable(a), alignable(b), settings),
        )
        const ids = representatives.map((_, group) => old[group]?.id ?? nextId++)
        const found = representatives.map((representative, group) => ({
          id: ids[group]!,
          representative: items[representative]!.key,
          members: items.filter((_, i) => groupOf[i] === group).map(({ key }) => key),
        }))
        const byId = [...species].sort((a, b) => a.id - b.id)
        expect(found).toEqual(
          byId.map((one) => ({ ...one, members: [...one.members].sort((a, b) => a - b) })),
        )
        old = representatives.map((place, group) => ({ id: ids[group]!, genome: items[place]! }))
      }
    }
    expect(speciation.cases.length).toBeGreaterThan(0)
  })
})

describe('neat_reproduction', () => {
  it('spawns as many children', () => {
    for (const one of reproduction.spawn) {
      const { adjusted, previousSizes, populationSize, minimum } = one
      for (const method of ['smoothed', 'proportional'] satisfies SpawnMethod[]) {
        const given = [adjusted, previousSizes, populationSize, minimum, method] as const
        expect(roughSpawnAmounts(...given)).toEqual(one[method])
        const wanted = one[`${method}Exact`]
        const isImpossible = adjusted.length * minimum > populationSize
        if (isImpossible) {
          expect(() => spawnAmounts(...given)).toThrow(RangeError)
          continue
        }
        const exact = spawnAmounts(...given)
        if (wanted !== 'raises') expect(exact).toEqual(wanted)
        expect(exact.reduce((a, b) => a + b, 0)).toBe(populationSize)
        expect(Math.min(...exact)).toBeGreaterThanOrEqual(minimum)
      }
    }
    expect(reproduction.spawn.length).toBeGreaterThan(0)
  })

  it('calls the same species stagnant', () => {
    for (const one of reproduction.stagnation) {
      const { maxStagnation, speciesElitism } = one
      const best = new Map(one.initialSpecies.map((id) => [id, Number.NEGATIVE_INFINITY]))
      const improvedAt = new Map(one.initialSpecies.map((id) => [id, 0]))
      for (const { generation, fitness, order, stagnant: wanted } of one.generations) {
        const ids = Object.keys(fitness).map(Number)
        const told = ids.map((id) => {
          const values = fitness[id]!
          const members = values.map((_, index) => index)
          const now = speciesFitness(members, values, one.speciesFitness)
          if (now > best.get(id)!) improvedAt.set(id, generation)
          best.set(id, Math.max(now, best.get(id)!))
          return { fitness: now, unimproved: generation - improvedAt.get(id)! }
        })
        const flags = stagnant(told, { maxStagnation, speciesElitism })
        const found = ids.filter((_, place) => flags[place])
        expect(found.sort((a, b) => a - b)).toEqual([...wanted].sort((a, b) => a - b))
        expect(ids.map((id) => told[ids.indexOf(id)]!.fitness)).toHaveLength(order.length)
      }
    }
    expect(reproduction.stagnation.length).toBeGreaterThan(0)
  })

  it('takes the same structures for one innovation within a generation', () => {
    for (const history of reproduction.innovation) {
      // neat-python counts; ours are functions of the structure. What must agree is which are equal
      // (we go on recognising them in later generations, as faber_tweann does).
      const ids = new Map<number, number>()
      const ours = (id: number): number => ids.get(id) ?? id + 1_000
      const numbers = new Map<string, number>()
      const same = (generation: number, theirs: number, own: number): void => {
        for (const [key, number] of numbers) {
          const [then, other] = key.split('/').map(Number)
          if (then === generation) expect(number === own).toBe(other === theirs)
        }
        numbers.set(`${generation}/${theirs}`, own)
      }
      for (const entry of history) {
        const [, generation, from, to, number] = entry
        if (entry[0] === 'link') {
          same(generation, number, linkInnovation(ours(from), ours(to)))
          continue
        }
        const [, , , , node, into, out] = entry
        const own = splitNeuronId(ours(from), ours(to), 0)
        ids.set(node, own)
        same(generation, into, linkInnovation(ours(from), own))
        same(generation, out, linkInnovation(own, ours(to)))
      }
    }
    expect(reproduction.innovation.length).toBeGreaterThan(0)
  })
})
