import { describe, expect, it } from 'vitest'
import { GenomeWriter, packGenotypes, unpackGenotype } from '../../../src/evolution/genome-pool.ts'
import { cellCount, cellOf, cvtCells, gridCells } from '../../../src/evolution/strategy/cells.ts'
import {
  isoLine,
  type MapElitesSettings,
  type MapElitesState,
  mapElites,
  mapElitesStrategy,
} from '../../../src/evolution/strategy/map-elites.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { grownGenotype } from '../generated-genotype.ts'
import { evaluated, settingsOf, shape } from './strategy-run.ts'

const { init, ask, tell, measures } = mapElitesStrategy

const begin = (given: Partial<MapElitesSettings> = {}): MapElitesState =>
  init(shape, settingsOf(mapElites(given)), 4)
const next = (state: MapElitesState): MapElitesState => tell(state, ask(state).map(evaluated))

describe('cells', () => {
  it('are boxes: every point belongs to one, those beyond to the outermost', () => {
    const cells = gridCells(
      [
        [0, 1],
        [-2, 2],
      ],
      [4, 5],
    )
    expect(cellCount(cells)).toBe(20)
    expect(cellOf(cells, [0, -2])).toBe(0)
    expect(cellOf(cells, [0.26, -2])).toBe(5)
    expect(cellOf(cells, [0, -1.1])).toBe(1)
    expect(cellOf(cells, [1, 2])).toBe(19)
    expect(cellOf(cells, [9, 99])).toBe(19)
    expect(cellOf(cells, [-9, -99])).toBe(0)
  })

  it('are the surroundings of centroids, which spread evenly', () => {
    const bounds = [
      [0, 1],
      [0, 10],
    ] as const
    const cells = cvtCells(bounds, 25, 'a seed', 5_000, 20)
    expect(cellCount(cells)).toBe(25)
    expect(cvtCells(bounds, 25, 'a seed', 5_000, 20)).toEqual(cells)
    expect(cvtCells(bounds, 25, 'another', 5_000, 20)).not.toEqual(cells)
    const random = seededRandom(1)
    const counts = new Array<number>(25).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const cell = cellOf(cells, [random.next(), 10 * random.next()])
      counts[cell] = counts[cell]! + 1
    }
    // 400 each, were all of one size.
    expect(Math.min(...counts)).toBeGreaterThan(250)
    expect(Math.max(...counts)).toBeLessThan(600)
  })
})

describe('isoLine', () => {
  const [a, b] = [grownGenotype(3, 2, 'a', 12), grownGenotype(3, 2, 'b', 12)]
  const pool = packGenotypes(3, 2, [a, b])
  const childOf = (sigma1: number, sigma2: number, seed: number) => {
    const writer = new GenomeWriter(3, 2)
    writer.copy(pool, 0)
    isoLine(writer, pool, sigma1, sigma2, 50, true, seededRandom(seed))
    return unpackGenotype(writer.finish(), 0)
  }

  it('moves shared weights along one line, and nothing else, without iso', () => {
    const child = childOf(0, 0.2, 5)
    const parts = new Set<number>()
    for (const [i, link] of child.links.entries()) {
      const own = a.links[i]!
      const other = b.links.find(({ innovation }) => innovation === own.innovation)
      if (other === undefined) expect(link.weight).toBe(own.weight)
      else parts.add(Math.round(((link.weight - own.weight) / (other.weight - own.weight)) * 1e9))
    }
    expect(parts.size).toBe(1)
    expect(childOf(0, 0, 5)).toEqual(a)
  })

  it('moves every weight by a normal deviate of sigma 1 without line', () => {
    const moves = Array.from({ length: 300 }, (_, seed) =>
      childOf(0.1, 0, seed).links.map(({ weight }, i) => weight - a.links[i]!.weight),
    ).flat()
    const variance = moves.reduce((sum, move) => sum + move * move, 0) / moves.length
    expect(Math.sqrt(variance)).toBeCloseTo(0.1, 2)
  })
})

describe('MAP-Elites', () => {
  it('only improves its cells, and never empties one', () => {
    let state = begin()
    for (let round = 0; round < 60; round++) {
      const before = state
      state = next(state)
      for (const elite of before.elites) {
        const now = state.elites.find(({ cell }) => cell === elite.cell)
        expect(now?.fitness).toBeGreaterThanOrEqual(elite.fitness)
        if (now!.fitness === elite.fitness) expect(now).toBe(elite)
      }
      expect(measures(state).qdScore).toBeGreaterThanOrEqual(measures(before).qdScore!)
    }
  })

  it('holds in each cell what behaves so', () => {
    let state = begin({ bins: [5, 7] })
    for (let round = 0; round < 40; round++) state = next(state)
    const cells = state.elites.map(({ cell }) => cell)
    expect(cells).toEqual([...new Set(cells)].sort((a, b) => a - b))
    for (const { cell, genotype, fitness, behaviour } of state.elites) {
      expect(evaluated(genotype)).toMatchObject({ fitness, behaviour })
      expect(cellOf(state.cells, behaviour)).toBe(cell)
    }
  })

  it('reports coverage and the sum of all fitness', () => {
    let state = begin({ bins: [4, 4] })
    for (let round = 0; round < 100; round++) state = next(state)
    const { coverage, qdScore, elites } = measures(state)
    expect(coverage).toBe(state.elites.length / 16)
    expect(elites).toBe(state.elites.length)
    expect(qdScore).toBeCloseTo(
      state.elites.reduce((sum, { fitness }) => sum + fitness, 0),
      9,
    )
    expect(coverage).toBeGreaterThan(0.9)
  })

  it('covers more of the space than its first random genotypes, in as many cells', () => {
    const strategy = { cells: 'cvt', centroids: 60, samples: 600 } as const
    const first = next(begin(strategy))
    let state = first
    for (let round = 0; round < 80; round++) state = next(state)
    expect(state.elites.length).toBeGreaterThan(1.5 * first.elites.length)
    expect(state.elites.length).toBeLessThanOrEqual(60)
  })

  it('has no place for what failed', () => {
    const state = begin()
    const scores = ask(state).map((genotype) => ({ ...evaluated(genotype), fitness: Number.NaN }))
    expect(tell(state, scores).elites).toEqual([])
  })
})
