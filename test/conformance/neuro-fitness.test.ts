// Fitness arithmetic, held to what faber_tweann and DXNN2 computed: `notes` of the file say what
// each function is. Where the peer is wrong (Pareto fronts beyond the second) the textbook judges.
import { describe, expect, it } from 'vitest'
import { euclidean, manhattan, novelty } from '../../src/evolution/behaviour.ts'
import {
  cumulativeFitness,
  fitnessStatistics,
  histogram,
  normalized,
  rewardComponent,
  shannonEntropy,
  weightedMovingAverage,
} from '../../src/evolution/fitness-statistics.ts'
import { frontNumbers } from '../../src/evolution/pareto.ts'
import { RANKING_EXPONENT, sizePenalty, sizeProportional } from '../../src/evolution/parsimony.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

/** The arguments of all functions together; each has those it needs. */
interface Case {
  readonly fn: string
  readonly fitness: readonly (readonly number[])[]
  readonly neurons: readonly number[]
  readonly penalty: number
  readonly values: readonly number[]
  readonly decay: number
  readonly bins: number
  readonly min: number
  readonly max: number
  readonly history: readonly number[]
  readonly current: number
  readonly target: readonly number[]
  readonly population: readonly (readonly number[])[]
  readonly archive: readonly (readonly number[])[]
  readonly k: number
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly agents: readonly { id: string; fitness: number; size: number }[]
  readonly peer?: unknown
  readonly result: unknown
}

const TOLERANCE = 1e-13

const functions: Readonly<Record<string, (one: Case) => unknown>> = {
  normalize: ({ fitness }) => normalized(fitness),
  pareto: ({ fitness }) => frontNumbers(fitness),
  sizePenalty: ({ fitness, neurons, penalty }) =>
    fitness.map(([first = 0, ...rest], i) => [sizePenalty(first, neurons[i]!, penalty), ...rest]),
  fitnessStats: ({ values }) => {
    const { min, max, mean, variance, std, sum } = fitnessStatistics(values)
    return [min, max, mean, variance, std, sum]
  },
  weightedMovingAverage: ({ values, decay }) => weightedMovingAverage(values, decay),
  shannonEntropy: ({ values }) => shannonEntropy(values),
  histogram: ({ values, bins, min, max }) => histogram(values, bins, min, max),
  rewardComponent: ({ history, current }) => {
    const { score, deviation: z, ...own } = rewardComponent(history, current)
    return [own.current, score, z]
  },
  cumulativeFitness: ({ values }) => {
    const { sums, total } = cumulativeFitness(values)
    return [sums, total]
  },
  noveltyKnn: ({ target, population, archive, k }) => {
    const isEqual = (other: readonly number[]): boolean =>
      other.every((value, i) => value === target[i])
    return novelty(target, [...population.filter((one) => !isEqual(one)), ...archive], k)
  },
  l1: ({ a, b }) => manhattan(a, b),
  l2: ({ a, b }) => euclidean(a, b),
  dxnnSizeProportional: ({ agents }) =>
    agents
      .map(({ id, fitness, size }) => ({
        id,
        ranking: sizeProportional(fitness, size, RANKING_EXPONENT),
      }))
      .sort((one, other) => other.ranking - one.ranking)
      .map(({ id }) => id),
}

/** Ranks, counts and orders are exact. */
const exact = new Set(['pareto', 'histogram', 'dxnnSizeProportional'])

const { cases } = await neuroVectors<{ cases: readonly Case[] }>('neuro_fitness')
const names = [...new Set(cases.map(({ fn }) => fn))]

describe('neuro_fitness', () => {
  it.each(names)('%s', (name) => {
    const compute = functions[name]
    if (compute === undefined) throw new Error(`nothing computes ${name}`)
    for (const one of cases.filter(({ fn }) => fn === name)) {
      const found = compute(one)
      if (exact.has(name)) {
        expect(found).toEqual(one.result)
        continue
      }
      const [own, peer] = [found, one.result].map((value) => [value].flat(2) as number[])
      expect(own).toHaveLength(peer!.length)
      expect(deviation(own!, peer!)).toBeLessThanOrEqual(TOLERANCE)
    }
  })

  it('has cases in which the peer is wrong, or none beyond two fronts', () => {
    for (const { peer, result } of cases.filter(({ fn }) => fn === 'pareto')) {
      if (Math.max(...(result as number[])) <= 2) expect(peer).toEqual(result)
    }
  })
})
