import { describe, expect, it } from 'vitest'
import { xor } from '../../../src/evolution/environment/xor.ts'
import {
  ask,
  type EvolutionState,
  matchesOf,
  measuresOf,
  startEvolution,
  tell,
} from '../../../src/evolution/evolution.ts'
import { EvolutionSettingsError } from '../../../src/evolution/evolution-settings.ts'
import { evaluateAsked, meanScores, standings } from '../../../src/evolution/match.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import {
  type CoevolutionState,
  coevolution,
  coevolutionStrategy,
  sharedScores,
} from '../../../src/evolution/strategy/coevolution.ts'
import {
  type SelfPlayState,
  selfPlay,
  selfPlayStrategy,
} from '../../../src/evolution/strategy/self-play.ts'
import { defaultSettings } from '../../../src/evolution/strategy/settings.ts'
import type { Strategy, StrategySettings } from '../../../src/evolution/strategy/strategy.ts'
import { nim, skillOf } from './nim.ts'

const settings = { ...defaultSettings, populationSize: 30 }

const begin = (strategy: StrategySettings, seed = 1): EvolutionState =>
  startEvolution(nim, { ...settings, strategy }, seed)

function step(state: EvolutionState): EvolutionState {
  return tell(state, evaluateAsked(nim, ask(state), matchesOf(state)))
}

function steps(state: EvolutionState, count: number): EvolutionState {
  let now = state
  for (let i = 0; i < count; i++) now = step(now)
  return now
}

/** As `step`, of the state of a certain strategy. */
function played<State extends EvolutionState>(strategy: Strategy<State>, state: State): State {
  const evaluations = evaluateAsked(nim, strategy.ask(state), strategy.matches?.(state))
  return strategy.tell(state, evaluations)
}

const skill = ({ champion }: EvolutionState): number =>
  skillOf(new Network(compile(champion!.genotype)))

describe.each([
  ['self_play', selfPlay({ opponents: 3, archiveOpponents: 2, archiveMax: 5 })],
  ['self_play, by rating', selfPlay({ fitness: 'elo', archiveSampling: 'elo', bothSides: false })],
  ['coevolution', coevolution({ opponents: 3, hofOpponents: 2, hofMax: 5 })],
  ['coevolution, not shared', coevolution({ fitnessSharing: false })],
])('%s', (_, strategy) => {
  it('repeats a run from its seed, and continues bit for bit from a clone', () => {
    let state = begin(strategy)
    const end = steps(state, 8)
    for (let round = 0; round < 8; round += 2) {
      expect(steps(structuredClone(state), 8 - round)).toEqual(end)
      state = steps(state, 2)
    }
    expect(ask(steps(begin(strategy, 2), 8))).not.toEqual(ask(end))
  })

  it('lets everybody meet somebody, nobody oneself, and counts matches', () => {
    let state = begin(strategy)
    for (let round = 0; round < 4; round++) {
      const [asked, matches] = [ask(state), matchesOf(state)!]
      for (const [first, second] of matches) {
        expect(first).not.toBe(second)
        expect(Math.max(first, second)).toBeLessThan(asked.length)
      }
      const met = new Set(matches.flat())
      for (let player = 0; player < 30; player++) expect(met).toContain(player)
      const { evaluations } = state
      state = step(state)
      expect(state.evaluations - evaluations).toBe(matches.length)
    }
  })

  it('refuses evaluations of another number of matches', () => {
    expect(() => tell(begin(strategy), [])).toThrow(RangeError)
  })
})

describe('self-play', () => {
  const init = (given: Parameters<typeof selfPlay>[0]): SelfPlayState =>
    selfPlayStrategy.init(nim, { ...settings, strategy: selfPlay(given) }, 6)

  it('keeps champions of the past, bounded, and meets them again', () => {
    let state = init({ archiveMax: 4, archiveInterval: 2, archiveOpponents: 2 })
    for (let round = 0; round < 20; round++) state = played(selfPlayStrategy, state)
    expect(state.archive).toHaveLength(4)
    const generations = state.archive.map(({ generation }) => generation)
    expect(generations).toEqual([...generations].sort((a, b) => a - b))
    for (const generation of generations) expect(generation % 2).toBe(0)
    const matches = selfPlayStrategy.matches?.(state) ?? []
    expect(matches.some(([, second]) => second >= 30)).toBe(true)
  })

  it('rates by Elo: points pass from one to another, children begin with their parent', () => {
    let state = init({ opponents: 5, archiveOpponents: 0, archiveInterval: 1_000 })
    expect(new Set(state.ratings)).toEqual(new Set([1_500]))
    const before = state
    state = played(selfPlayStrategy, state)
    const { parentage } = state.population
    expect(new Set(state.ratings).size).toBeGreaterThan(1)
    const matches = selfPlayStrategy.matches?.(before) ?? []
    const scores = meanScores(
      30,
      matches,
      evaluateAsked(nim, selfPlayStrategy.ask(before), matches),
    )
    for (const [child, rating] of state.ratings.entries()) {
      // All began alike, and whoever won more than half has more than they began with.
      const score = scores[parentage!.first[child]!]!
      if (score > 0.75) expect(rating).toBeGreaterThan(1_500)
      if (score < 0.25) expect(rating).toBeLessThan(1_500)
    }
  })

  it('draws opponents from the archive as asked', () => {
    let latest = init({ archiveSampling: 'latest', archiveOpponents: 2, bothSides: false })
    for (let round = 0; round < 6; round++) latest = played(selfPlayStrategy, latest)
    const past = (selfPlayStrategy.matches?.(latest) ?? []).map(([, second]) => second)
    expect(new Set(past.filter((place) => place >= 30))).toEqual(new Set([34, 35]))
  })

  it('learns to win at Nim from nobody but itself', () => {
    const strategy = selfPlay({ opponents: 4, archiveOpponents: 3 })
    const first = step(startEvolution(nim, { ...settings, populationSize: 60, strategy }, 3))
    const later = steps(first, 60)
    expect(skill(later)).toBeGreaterThanOrEqual(8 / 9)
    expect(measuresOf(later).bestRating).toBeGreaterThan(1_600)
  })

  it('needs a game', () => {
    const state = startEvolution(xor, { ...settings, strategy: selfPlay() }, 1)
    expect(() => evaluateAsked(xor, ask(state), matchesOf(state))).toThrow('no game')
    const none = { ...settings, strategy: selfPlay({ opponents: 0, archiveOpponents: 0 }) }
    expect(() => startEvolution(nim, none, 1)).toThrow(EvolutionSettingsError)
  })
})

describe('coevolution', () => {
  it('gives more for beating whom few others beat', () => {
    expect(
      sharedScores([
        [1, 1],
        [1, 0],
        [0, 0],
      ]),
    ).toEqual([1.5, 0.5, 0])
  })

  it('plays each side against a sample of the other and of its hall of fame', () => {
    let state: CoevolutionState = coevolutionStrategy.init(
      nim,
      { ...settings, strategy: coevolution({ opponents: 2, hofOpponents: 1, hofMax: 3 }) },
      2,
    )
    for (let round = 0; round < 5; round++) state = played(coevolutionStrategy, state)
    expect(state.sides.map(({ hall }) => hall.length)).toEqual([3, 3])
    const matches = coevolutionStrategy.matches?.(state) ?? []
    expect(matches).toHaveLength(2 * 30 * 3)
    for (const [first, second] of matches) {
      expect(first < 30 || (first >= 60 && first < 63)).toBe(true)
      expect((second >= 30 && second < 60) || second >= 63).toBe(true)
    }
  })

  it('learns to win at Nim', () => {
    const strategy = coevolution({ opponents: 6, hofOpponents: 4 })
    const later = steps(startEvolution(nim, { ...settings, populationSize: 60, strategy }, 1), 50)
    expect(skill(later)).toBeGreaterThanOrEqual(7 / 9)
  })
})

describe('standings', () => {
  it('are the mean scores of what each has played', () => {
    const state = begin(selfPlay({ opponents: 2 }))
    const [asked, matches] = [ask(state), matchesOf(state)]
    const evaluations = evaluateAsked(nim, asked, matches)
    const table = standings(asked, matches, evaluations)
    expect(table).toHaveLength(asked.length)
    expect(table.map(({ fitness }) => fitness)).toEqual([
      ...meanScores(asked.length, matches!, evaluations),
    ])
    expect(standings(asked, undefined, evaluations)).toBe(evaluations)
  })
})
