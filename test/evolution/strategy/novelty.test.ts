import { describe, expect, it } from 'vitest'
import { noveltiesOf, novelty } from '../../../src/evolution/behaviour.ts'
import type { Evaluation } from '../../../src/evolution/environment/environment.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { EvolutionSettingsError } from '../../../src/evolution/evolution-settings.ts'
import type { Network } from '../../../src/evolution/network/interpreter.ts'
import {
  type NoveltySettings,
  type NoveltyState,
  noveltySearch,
  noveltyStrategy,
} from '../../../src/evolution/strategy/novelty.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { evaluated, settingsOf, shape, solve } from './strategy-run.ts'

const { init, ask, tell } = noveltyStrategy

const begin = (given: Partial<NoveltySettings>): NoveltyState =>
  init(shape, settingsOf(noveltySearch(given)), 2)
const next = (state: NoveltyState): NoveltyState => tell(state, ask(state).map(evaluated))

/** Evaluations of a generation that behave as given. */
const behaving = (behaviours: readonly (readonly number[])[]): Evaluation[] =>
  behaviours.map((behaviour) => ({ fitness: 1, steps: 1, solved: false, behaviour }))

/** XOR, behaving as the network answers its four cases. */
const answering = {
  ...xor,
  behaviourSize: 4,
  evaluate(network: Network): Evaluation {
    const output = new Float64Array(1)
    const behaviour = [0, 1, 2, 3].map((bits) => {
      network.reset()
      network.step(Float64Array.of(bits & 1, bits >> 1), output)
      return output[0]!
    })
    return { ...xor.evaluate(network), behaviour }
  },
}

describe('novelty', () => {
  it('is the mean distance to the k nearest, the archive included, oneself not', () => {
    expect(novelty([0], [[1], [2], [5]], 2)).toBe(1.5)
    expect(novelty([0], [[1]], 15)).toBe(1)
    expect(novelty([0], [], 15)).toBe(0)
    // Two that do the same are neighbours at no distance.
    expect(noveltiesOf([[0], [0], [4]], [[2]], 1)).toEqual([0, 0, 2])
    expect(noveltiesOf([[0], undefined], [[3]], 1)).toEqual([3, Number.NEGATIVE_INFINITY])
  })

  it('is what is selected for: those alone have the children', () => {
    const state = init(shape, { ...settingsOf(noveltySearch({ k: 3 })), populationSize: 30 }, 1)
    const crowd = Array.from({ length: 30 }, (_, i) => [i < 28 ? 0.001 * i : 9, i < 28 ? 0 : i])
    const told = tell(state, behaving(crowd))
    const { parentage } = told.population
    const parents = [...parentage!.first].filter((parent) => parent >= 28)
    expect(parents.length).toBeGreaterThan(2 * (2 / 30) * 30)
  })
})

describe('the archive', () => {
  it('takes what is novel enough, and no more than there is room for', () => {
    let state = begin({ noveltyThreshold: 0.01, archiveMax: 40, k: 5 })
    for (let generation = 0; generation < 30; generation++) {
      const before = state.archive
      state = next(state)
      expect(state.archive.length).toBeLessThanOrEqual(40)
      // The oldest go first.
      const kept = before.filter((one) => state.archive.includes(one))
      expect(kept).toEqual(before.slice(before.length - kept.length))
    }
    expect(state.archive.length).toBeGreaterThan(10)
  })

  it('is harder to enter after many have, easier after none has', () => {
    const eager = next(begin({ noveltyThreshold: 0.001 }))
    expect(eager.noveltyThreshold).toBeCloseTo(0.0012, 12)
    let state = begin({ noveltyThreshold: 100, archivePatience: 3 })
    for (let generation = 0; generation < 3; generation++) state = next(state)
    expect(state.noveltyThreshold).toBeCloseTo(95, 10)
    const least = begin({ noveltyThreshold: 0.5, noveltyThresholdMin: 0.5, archivePatience: 1 })
    const still = tell(least, behaving(ask(least).map(() => [0, 0])))
    expect(still.noveltyThreshold).toBe(0.5)
  })

  it('takes a part of all by chance', () => {
    let state = begin({ archive: 'probability', addProbability: 0.1 })
    for (let generation = 0; generation < 40; generation++) state = next(state)
    expect(state.archive.length).toBeGreaterThan(0.05 * 40 * 24)
    expect(state.archive.length).toBeLessThan(0.15 * 40 * 24)
  })
})

describe('novelty search', () => {
  it('reaches more than a search for fitness does', () => {
    const distinct = (state: NoveltyState): number =>
      new Set(
        ask(state).map((genotype) =>
          evaluated(genotype)
            .behaviour!.map((x) => Math.floor(x * 12))
            .join(),
        ),
      ).size
    const reachedBy = (given: Partial<NoveltySettings>): number => {
      let state = begin({ noveltyThreshold: 0.05, ...given })
      let reached = 0
      for (let generation = 0; generation < 30; generation++) {
        state = next(state)
        reached += distinct(state)
      }
      return reached
    }
    expect(reachedBy({ fitnessWeight: 0 })).toBeGreaterThan(reachedBy({ fitnessWeight: 1 }))
  })

  it('says so when a problem does not tell what networks do', () => {
    const state = begin({})
    const scores = ask(state).map(() => ({ fitness: 1, steps: 1, solved: false }))
    expect(() => tell(state, scores)).toThrow(EvolutionSettingsError)
    expect(() => tell(state, scores)).toThrow('behaviour')
    const failed = scores.map((score) => ({ ...score, fitness: Number.NaN }))
    expect(tell(state, failed).generation).toBe(1)
  })

  it('solves XOR without looking at fitness', () => {
    const settings = { ...settingsFor('xor'), strategy: noveltySearch() }
    expect(solve(answering, settings, 2, 8_000)).toMatchObject({ solved: true })
  })
})
