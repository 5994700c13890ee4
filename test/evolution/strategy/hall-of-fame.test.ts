import { describe, expect, it } from 'vitest'
import { doublePole } from '../../../src/evolution/environment/double-pole.ts'
import { selectionNames } from '../../../src/evolution/parent-selection.ts'
import {
  admitted,
  type HallChampion,
  type HallOfFameSettings,
  type HallOfFameState,
  hallOfFame,
  hallOfFameStrategy,
} from '../../../src/evolution/strategy/hall-of-fame.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { grownGenotype } from '../generated-genotype.ts'
import { evaluated, settingsOf, shape, solve } from './strategy-run.ts'

const { init, ask, tell } = hallOfFameStrategy

const begin = (given: Partial<HallOfFameSettings> = {}): HallOfFameState =>
  init(shape, settingsOf(hallOfFame(given)), 4)
const next = (state: HallOfFameState): HallOfFameState => tell(state, ask(state).map(evaluated))

const champion = (distinction: string, fitness: number): HallChampion => ({
  genotype: grownGenotype(3, 2, distinction, 1),
  fitness,
  distinction,
  generation: 0,
})

describe('admitted', () => {
  it('keeps the best of each distinction, best first, and so many only', () => {
    const hall = [champion('3', 9), champion('2', 5)]
    const told = [champion('2', 7), champion('3', 9), champion('4', 1), champion('5', -Infinity)]
    const now = admitted(hall, told, 9)
    expect(now).toEqual([hall[0], told[0], told[2]])
    expect(admitted(hall, told, 2)).toEqual([hall[0], told[0]])
  })
})

describe('the hall of fame', () => {
  it('has one champion for each number of neurons, and only gets better', () => {
    let state = begin()
    for (let round = 0; round < 30; round++) {
      const before = state.hall
      state = next(state)
      const sizes = state.hall.map(({ genotype }) => genotype.neurons.length)
      expect(new Set(sizes).size).toBe(sizes.length)
      for (const { distinction, fitness } of before) {
        const now = state.hall.find((one) => one.distinction === distinction)
        expect(now?.fitness).toBeGreaterThanOrEqual(fitness)
      }
    }
    expect(state.hall.length).toBeGreaterThan(4)
  })

  it('tells structures apart when asked to, within its bound', () => {
    let state = begin({ hofDistinguishers: ['structure'], hofMax: 12 })
    for (let round = 0; round < 10; round++) state = next(state)
    expect(state.hall).toHaveLength(12)
    expect(new Set(state.hall.map(({ distinction }) => distinction)).size).toBe(12)
  })

  it.each(selectionNames)('has parents by %s', (name) => {
    let state = begin({ selection: { name }, children: 12 })
    for (let round = 0; round < 12; round++) state = next(state)
    expect(ask(state)).toHaveLength(12)
    expect(state.champion!.fitness).toBe(state.hall[0]!.fitness)
  })

  it('balances two poles', () => {
    const settings = { ...settingsFor('dpv'), strategy: hallOfFame() }
    expect(solve(doublePole, settings, 1, 3_000)).toMatchObject({ solved: true })
  })
})
