import { describe, expect, it } from 'vitest'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { unpackGenotypes } from '../../../src/evolution/genome-pool.ts'
import type { Genotype } from '../../../src/evolution/genotype.ts'
import {
  type Archipelago,
  type IslandSettings,
  islandStrategy,
  islands,
  type Topology,
} from '../../../src/evolution/strategy/islands.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { evaluated, settingsOf, shape, solve } from './strategy-run.ts'

const { init, ask, tell } = islandStrategy

const begin = (given: Partial<IslandSettings>): Archipelago =>
  init(shape, settingsOf(islands({ islands: 4, migrants: 1, ...given })), 8)
const next = (state: Archipelago): Archipelago => tell(state, ask(state).map(evaluated))

const genotypesOf = (state: Archipelago): Genotype[][] =>
  state.islands.map(({ genomes }) => unpackGenotypes(genomes))
const nameOf = (genotype: Genotype): string => JSON.stringify(genotype)

/**
 * The ways that were taken: an island has, in its first places, what lived on another one and did
 * not live on itself.
 */
function waysTaken(before: Archipelago, after: Archipelago, migrants: number): [number, number][] {
  const [old, young] = [genotypesOf(before), genotypesOf(after)]
  const ways: [number, number][] = []
  for (const [to, own] of young.entries()) {
    for (const genotype of own.slice(0, 3 * migrants)) {
      for (const [from, others] of old.entries()) {
        const isFrom = others.some((other) => nameOf(other) === nameOf(genotype))
        if (isFrom && from !== to) ways.push([from, to])
      }
    }
  }
  return ways
}

describe('islands', () => {
  it('divide the population among them', () => {
    const sizes = init(shape, settingsOf(islands({ islands: 5 })), 1).islands.map(
      ({ genomes }) => genomes.size,
    )
    expect(sizes).toEqual([5, 5, 5, 5, 4])
  })

  it('begin differently and are left alone between migrations', () => {
    let state = begin({ migrationInterval: 4 })
    const all = genotypesOf(state).flat().map(nameOf)
    expect(new Set(all).size).toBe(all.length)
    for (let generation = 1; generation <= 12; generation++) {
      const before = state
      state = next(state)
      const isTime = generation % 4 === 0
      expect(waysTaken(before, state, 1).length > 0).toBe(isTime)
      expect(state.migrations).toBe(4 * Math.floor(generation / 4))
    }
  })

  const topologies: readonly (readonly [Topology, IslandSettings['ways'], [number, number][]])[] = [
    [
      'ring',
      [],
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
      ],
    ],
    [
      'custom',
      [
        [0, 3],
        [2, 1],
      ],
      [
        [0, 3],
        [2, 1],
      ],
    ],
    [
      'full',
      [],
      [0, 1, 2, 3].flatMap((from) =>
        [0, 1, 2, 3].filter((to) => to !== from).map((to): [number, number] => [from, to]),
      ),
    ],
  ]

  it.each(topologies)('send genotypes along every way: %s', (topology, ways, expected) => {
    const before = begin({ migrationInterval: 1, topology, ways })
    const after = next(before)
    const sorted = (all: readonly (readonly [number, number])[]): string[] =>
      all.map(([from, to]) => `${from}-${to}`).sort()
    expect(sorted(waysTaken(before, after, 1))).toEqual(sorted(expected))
  })

  it('send each to one other island, another every time: random', () => {
    let state = begin({ migrationInterval: 1, topology: 'random' })
    const seen = new Set<string>()
    for (let generation = 0; generation < 12; generation++) {
      const before = state
      state = next(state)
      for (const [from, to] of waysTaken(before, state, 1)) seen.add(`${from}-${to}`)
      expect(state.migrations).toBe(4 * (generation + 1))
    }
    expect(seen.size).toBeGreaterThan(8)
  })

  it('send the best, bit for bit, and keep them', () => {
    const before = begin({ migrationInterval: 1, migrants: 2 })
    const after = next(before)
    for (const [from, own] of genotypesOf(before).entries()) {
      const best = [...own].sort((a, b) => evaluated(b).fitness - evaluated(a).fitness)
      const arrived = genotypesOf(after)[(from + 1) % 4]!.slice(0, 2)
      expect(arrived).toEqual(best.slice(0, 2))
      expect(genotypesOf(after)[from]!.map(nameOf)).toContain(nameOf(best[0]!))
    }
  })

  it('send different ones when those shall be diverse', () => {
    const before = begin({ migrationInterval: 1, migrants: 3, emigrants: 'diverse' })
    const after = next(before)
    for (let island = 0; island < 4; island++) {
      const arrived = genotypesOf(after)[island]!.slice(0, 3).map(nameOf)
      expect(new Set(arrived).size).toBe(3)
      const old = genotypesOf(before)[(island + 3) % 4]!.map(nameOf)
      for (const name of arrived) expect(old).toContain(name)
    }
  })

  it('keep their numbers', () => {
    let state = begin({ migrationInterval: 1, topology: 'full' })
    for (let generation = 0; generation < 15; generation++) state = next(state)
    expect(state.islands.map(({ genomes }) => genomes.size)).toEqual([6, 6, 6, 6])
    expect(state.evaluations).toBe(15 * 24)
  })

  it('solve XOR', () => {
    const settings = { ...settingsFor('xor'), strategy: islands() }
    expect(solve(xor, settings, 4, 8_000)).toMatchObject({ solved: true })
  })
})
