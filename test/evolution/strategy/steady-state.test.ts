import { describe, expect, it } from 'vitest'
import { doublePole } from '../../../src/evolution/environment/double-pole.ts'
import { unpackGenotypes } from '../../../src/evolution/genome-pool.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import {
  type SteadyState,
  type SteadyStateSettings,
  steadyState,
  steadyStateStrategy,
} from '../../../src/evolution/strategy/steady-state.ts'
import { evaluated, settingsOf, shape, solve } from './strategy-run.ts'

const { init, ask, tell } = steadyStateStrategy

function begin(given: Partial<SteadyStateSettings>): SteadyState {
  const first = init(shape, settingsOf(steadyState(given)), 3)
  return tell(first, ask(first).map(evaluated))
}

const next = (state: SteadyState): SteadyState => tell(state, ask(state).map(evaluated))

/** Of each that lives, its bytes. */
const namesOf = ({ living }: SteadyState): string[] =>
  unpackGenotypes(living).map((genotype) => JSON.stringify(genotype))

describe('steady state', () => {
  it('lets everybody of the first round live, then replaces one by each child', () => {
    let state = begin({ replace: 1, victim: 'random' })
    expect(state.living.size).toBe(24)
    for (let round = 0; round < 30; round++) {
      expect(ask(state)).toHaveLength(1)
      const before = namesOf(state)
      state = next(state)
      const after = namesOf(state)
      expect(after.filter((name, place) => name !== before[place]).length).toBeLessThanOrEqual(1)
      expect(state.living.size).toBe(24)
    }
  })

  it('knows the fitness of everybody who lives', () => {
    let state = begin({ replace: 4 })
    for (let round = 0; round < 20; round++) state = next(state)
    expect([...state.fitnesses]).toEqual(
      unpackGenotypes(state.living).map((genotype) => evaluated(genotype).fitness),
    )
  })

  it('replaces the worst, by what is better only', () => {
    let state = begin({ replace: 1, victim: 'worst', maxAge: 0 })
    for (let round = 0; round < 60; round++) {
      const worst = Math.min(...state.fitnesses)
      const [child] = ask(state)
      const isBetter = evaluated(child!).fitness > worst
      const before = [...state.fitnesses].sort((a, b) => a - b)
      state = next(state)
      const after = [...state.fitnesses].sort((a, b) => a - b)
      expect(after).toEqual(
        isBetter ? [...before.slice(1), evaluated(child!).fitness].sort((a, b) => a - b) : before,
      )
    }
  })

  it.each(['worst', 'oldest', 'random', 'tournament'] as const)('keeps the best: %s', (victim) => {
    let state = begin({ replace: 3, victim, maxAge: 50 })
    let best = Math.max(...state.fitnesses)
    for (let round = 0; round < 60; round++) {
      state = next(state)
      const now = Math.max(...state.fitnesses)
      expect(now).toBeGreaterThanOrEqual(best)
      best = now
    }
  })

  it('replaces the oldest', () => {
    let state = begin({ replace: 1, victim: 'oldest', elitism: false })
    for (let round = 0; round < 50; round++) {
      const oldest = Math.min(...state.bornAt)
      state = next(state)
      expect(Math.min(...state.bornAt)).toBeGreaterThan(oldest)
    }
  })

  it('lets nobody live longer than may be', () => {
    let state = begin({ replace: 1, victim: 'worst', maxAge: 30, elitism: false })
    for (let round = 0; round < 100; round++) state = next(state)
    for (const born of state.bornAt) expect(state.evaluations - born).toBeLessThanOrEqual(31 + 24)
  })

  it('balances two poles', () => {
    const settings = { ...settingsFor('dpv'), strategy: steadyState() }
    expect(solve(doublePole, settings, 1, 3_000)).toMatchObject({ solved: true })
  })
})
