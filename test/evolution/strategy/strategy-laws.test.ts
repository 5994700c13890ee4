// What holds for every strategy, whatever it does.
import { describe, expect, it } from 'vitest'
import {
  ask,
  type EvolutionState,
  inject,
  measuresOf,
  startEvolution,
  tell,
} from '../../../src/evolution/evolution.ts'
import { EvolutionSettingsError } from '../../../src/evolution/evolution-settings.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { hallOfFame } from '../../../src/evolution/strategy/hall-of-fame.ts'
import { islands } from '../../../src/evolution/strategy/islands.ts'
import { mapElites } from '../../../src/evolution/strategy/map-elites.ts'
import { noveltySearch } from '../../../src/evolution/strategy/novelty.ts'
import { rtneat } from '../../../src/evolution/strategy/rtneat.ts'
import { steadyState } from '../../../src/evolution/strategy/steady-state.ts'
import type { StrategySettings } from '../../../src/evolution/strategy/strategy.ts'
import { grownGenotype } from '../generated-genotype.ts'
import { evaluated, settingsOf, shape, step, steps } from './strategy-run.ts'

const strategies: readonly (readonly [what: string, strategy: StrategySettings])[] = [
  ['generational', { name: 'generational' }],
  ['steady_state', steadyState({ replace: 3 })],
  ['steady_state, the oldest goes', steadyState({ victim: 'oldest', maxAge: 40 })],
  ['rtneat', rtneat({ minimumAge: 2, agentsPerTick: 5, ticksPerReplacement: 1 })],
  ['rtneat, all act', rtneat({ agentsPerTick: 0 })],
  ['islands', islands({ islands: 3, migrationInterval: 2 })],
  [
    'islands, diverse',
    islands({ topology: 'random', emigrants: 'diverse', migrants: 1, migrationInterval: 1 }),
  ],
  ['novelty', noveltySearch({ noveltyThreshold: 0.05, fitnessWeight: 0.3 })],
  ['hall_of_fame', hallOfFame({ selection: { name: 'hof_rank' } })],
  ['hall_of_fame, in part', hallOfFame({ shofRatio: 0.5, hofDistinguishers: ['structure'] })],
  ['map_elites', mapElites()],
  ['map_elites, cvt', mapElites({ cells: 'cvt', centroids: 30, samples: 500, variation: 'neat' })],
]

const rounds = 16
const begin = (strategy: StrategySettings, seed = 1): EvolutionState =>
  startEvolution(shape, settingsOf(strategy), seed)

describe.each(strategies)('%s', (_, strategy) => {
  it('repeats a run from its seed, and no other', () => {
    const one = steps(begin(strategy), rounds)
    expect(steps(begin(strategy), rounds)).toEqual(one)
    expect(ask(steps(begin(strategy, 2), rounds))).not.toEqual(ask(one))
  })

  it('continues bit for bit from a structured clone, taken at any round', () => {
    let state = begin(strategy)
    const end = steps(state, rounds)
    for (let round = 0; round < rounds; round += 4) {
      expect(steps(structuredClone(state), rounds - round)).toEqual(end)
      state = steps(state, 4)
    }
  })

  it('asks for the same when asked again, and is not changed by being told', () => {
    const state = steps(begin(strategy), 5)
    const [before, asked] = [structuredClone(state), ask(state)]
    step(state)
    expect(state).toEqual(before)
    expect(ask(state)).toEqual(asked)
  })

  it('does not mind in which order genotypes are evaluated', () => {
    const state = steps(begin(strategy), 5)
    const asked = ask(state)
    const backwards = asked
      .map((genotype, place) => ({ genotype, place }))
      .reverse()
      .map(({ genotype, place }) => ({ place, evaluation: evaluated(genotype) }))
    const scores = backwards.sort((a, b) => a.place - b.place).map(({ evaluation }) => evaluation)
    expect(tell(state, scores)).toEqual(step(state))
  })

  it('asks for valid genotypes, counts them, and never forgets its champion', () => {
    let state = begin(strategy)
    let [evaluations, best] = [0, Number.NEGATIVE_INFINITY]
    for (let round = 0; round < rounds; round++) {
      const asked = ask(state)
      expect(asked.length).toBeGreaterThan(0)
      for (const genotype of asked) {
        expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
        best = Math.max(best, evaluated(genotype).fitness)
      }
      evaluations += asked.length
      state = step(state)
      expect(state).toMatchObject({ generation: round + 1, evaluations })
      expect(state.champion?.fitness).toBe(best)
      expect(evaluated(state.champion!.genotype).fitness).toBe(best)
      for (const value of Object.values(measuresOf(state))) expect(value).not.toBeNaN()
    }
  })

  it('makes progress', () => {
    const first = step(begin(strategy)).champion!.fitness
    const later = steps(begin(strategy), 60).champion!.fitness
    expect(later).toBeGreaterThan(first + 1)
  })

  it('lives through fitness that is no number, infinite, zero or negative', () => {
    const odd = [Number.NaN, Infinity, -Infinity, 0, -5, 1e300]
    let state = begin(strategy)
    for (let round = 0; round < 12; round++) {
      const scores = ask(state).map((genotype, place) => {
        return { ...evaluated(genotype), fitness: odd[(place * 7 + round) % odd.length]! }
      })
      state = tell(state, scores)
    }
    expect(ask(state).length).toBeGreaterThan(0)
  })

  it('asks for an immigrant as it is, and only once', () => {
    const foreign = grownGenotype(3, 2, 'elsewhere', 12)
    let state = steps(begin(strategy), 3)
    const admission = inject(state, foreign)
    if (!admission.ok) throw new Error(admission.reason)
    expect(inject(admission.state, foreign)).toEqual({ ok: false, reason: 'duplicate' })
    expect(inject(state, grownGenotype(2, 2, 1, 1))).toEqual({ ok: false, reason: 'shape' })
    state = admission.state
    let asked = 0
    for (let round = 0; round < 20 && asked === 0; round++) {
      state = step(state)
      const same = ask(state).filter((one) => JSON.stringify(one) === JSON.stringify(foreign))
      asked += same.length
    }
    expect(asked).toBe(1)
    expect(state.immigrants).toEqual([])
  })

  it('refuses evaluations of another number of genotypes', () => {
    const state = begin(strategy)
    expect(() => tell(state, [])).toThrow(RangeError)
  })
})

describe.each([steadyState(), rtneat()])('$name', (strategy) => {
  it('begins anew after so many populations without progress, and keeps its champion', () => {
    const restart = { patience: 2, gain: 0.1 }
    let state = startEvolution(shape, settingsOf(strategy, { restart }), 3)
    const restartsAt: number[] = []
    for (let restarts = 0; state.evaluations < 400; ) {
      // The first is the best, and nothing ever comes near it.
      const scores = ask(state).map((genotype, place) => {
        const isFirst = state.evaluations + place === 0
        return { ...evaluated(genotype), fitness: isFirst ? 100 : 50 + (place % 3) }
      })
      state = tell(state, scores)
      const now = measuresOf(state).restarts!
      if (now > restarts) restartsAt.push(state.evaluations)
      restarts = now
    }
    expect(restartsAt.length).toBeGreaterThan(3)
    for (const [i, at] of restartsAt.entries()) {
      expect(at - (restartsAt[i - 1] ?? 0)).toBeGreaterThan(2 * 24)
      expect(at - (restartsAt[i - 1] ?? 0)).toBeLessThan(4 * 24)
    }
    expect(state.champion!.fitness).toBe(100)
  })
})

describe('the settings of strategies', () => {
  const refused: readonly (readonly [name: string, strategy: StrategySettings])[] = [
    ['replace', steadyState({ replace: 0 })],
    ['tournamentSize', steadyState({ tournamentSize: 0.5 })],
    ['minimumAge', rtneat({ minimumAge: 0 })],
    ['ineligible', rtneat({ ineligible: 2 })],
    ['islands', islands({ islands: 99 })],
    ['migrants', islands({ migrants: 6, topology: 'full' })],
    ['ways', islands({ topology: 'custom', ways: [[0, 4]] })],
    ['k', noveltySearch({ k: 0 })],
    ['fitnessWeight', noveltySearch({ fitnessWeight: -1 })],
    ['bins', mapElites({ bins: [10, 0] })],
    ['bins.length', mapElites({ bins: [10] })],
    ['cells', mapElites({ bins: [200, 200] })],
    [
      'bounds',
      mapElites({
        bounds: [
          [1, 0],
          [0, 1],
        ],
      }),
    ],
    ['sigma2', mapElites({ sigma2: Number.NaN })],
  ]

  it.each(refused)('%s out of range is refused by its name', (name, strategy) => {
    expect(() => begin(strategy)).toThrow(EvolutionSettingsError)
    expect(() => begin(strategy)).toThrow(name)
  })

  it('have defaults for what is left out, as a name alone', () => {
    const named = steps(begin({ name: 'islands' }), 3)
    expect(measuresOf(named)).toMatchObject({ islands: 4 })
  })
})
