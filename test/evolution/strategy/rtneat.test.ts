import { describe, expect, it } from 'vitest'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { unpackGenotypes } from '../../../src/evolution/genome-pool.ts'
import {
  type RtneatSettings,
  type RtneatState,
  replacementInterval,
  rtneat,
  rtneatStrategy,
} from '../../../src/evolution/strategy/rtneat.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { evaluated, settingsOf, shape, solve } from './strategy-run.ts'

const { init, ask, tell } = rtneatStrategy

const begin = (given: Partial<RtneatSettings>): RtneatState =>
  init(shape, settingsOf(rtneat({ agentsPerTick: 0, ...given })), 5)
const next = (state: RtneatState): RtneatState => tell(state, ask(state).map(evaluated))
const namesOf = ({ living }: RtneatState): string[] =>
  unpackGenotypes(living).map((genotype) => JSON.stringify(genotype))

describe('rtNEAT', () => {
  it('keeps to the law of eligibility', () => {
    // The game of the paper: 50 agents, 500 ticks, half of them too young: one goes in 20 ticks.
    expect(replacementInterval(rtneat({ minimumAge: 500, ineligible: 0.5 }), 50)).toBe(20)
    expect(replacementInterval(rtneat({ minimumAge: 500, ticksPerReplacement: 7 }), 50)).toBe(7)
    expect(replacementInterval(rtneat({ minimumAge: 1 }), 100)).toBe(1)
  })

  it('replaces one agent at a time, in its interval, and lets all others live on', () => {
    let state = begin({ minimumAge: 2, ticksPerReplacement: 3 })
    for (let tick = 1; tick <= 30; tick++) {
      const before = namesOf(state)
      const { replacements } = state
      state = next(state)
      const changed = namesOf(state).filter((name, place) => name !== before[place]).length
      expect(changed).toBeLessThanOrEqual(tick % 3 === 0 ? 1 : 0)
      expect(state.replacements - replacements).toBe(tick % 3 === 0 ? 1 : 0)
      expect(state.living.size).toBe(24)
    }
  })

  it('judges nobody before the minimum age, and then the worst by shared fitness', () => {
    let state = begin({ minimumAge: 4, ticksPerReplacement: 1 })
    for (let tick = 0; tick < 60; tick++) {
      const before = state
      state = next(state)
      if (state.replacements === before.replacements) continue
      const newborn = state.ages.indexOf(0)
      expect(before.ages[newborn]! + 1).toBeGreaterThanOrEqual(4)
      const sizeOf = (agent: number): number =>
        before.speciesOf.filter((id) => id === before.speciesOf[agent]).length
      const shared = (agent: number): number => before.fitnesses[agent]! / sizeOf(agent)
      for (let agent = 0; agent < 24; agent++) {
        if (before.ages[agent]! + 1 < 4) continue
        expect(shared(agent)).toBeGreaterThanOrEqual(shared(newborn) - 1e-12)
      }
    }
    expect(state.replacements).toBeGreaterThan(30)
  })

  it('means by fitness the mean of a life', () => {
    let state = begin({ minimumAge: 1_000 })
    const told: number[][] = Array.from({ length: 24 }, () => [])
    for (let tick = 0; tick < 10; tick++) {
      const scores = ask(state).map((genotype, agent) => {
        const fitness = evaluated(genotype).fitness + ((tick * 31 + agent * 7) % 11)
        told[agent]!.push(fitness)
        return { fitness, steps: 1, solved: false }
      })
      state = tell(state, scores)
    }
    for (const [agent, values] of told.entries()) {
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      expect(state.fitnesses[agent]).toBeCloseTo(mean, 10)
    }
  })

  it('lets the young act first, then all others in turn', () => {
    let state = begin({ minimumAge: 2, agentsPerTick: 5, ticksPerReplacement: 1_000 })
    for (let tick = 0; tick < 100; tick++) state = next(state)
    expect(Math.max(...state.ages) - Math.min(...state.ages)).toBeLessThanOrEqual(2)
    expect(state.evaluations).toBe(500)
  })

  it('holds the number of species', () => {
    let state = begin({ minimumAge: 1, ticksPerReplacement: 1 })
    for (let tick = 0; tick < 200; tick++) state = next(state)
    const { species, settings } = state
    expect(Math.abs(species.length - settings.speciation.targetNumSpecies)).toBeLessThanOrEqual(4)
    const ids = new Set(state.speciesOf)
    expect(new Set(species.map(({ id }) => id))).toEqual(ids)
  })

  it('solves XOR', () => {
    const strategy = rtneat()
    const settings = { ...settingsFor('xor'), strategy }
    expect(solve(xor, settings, 4, 8_000)).toMatchObject({ solved: true })
  })
})
