// What all optimisers must do, and what each is for.
import { describe, expect, it } from 'vitest'
import { EvolutionSettingsError } from '../../../src/evolution/evolution-settings.ts'
import { cmaEs, sepCmaEs } from '../../../src/evolution/optimiser/cma-es.ts'
import { cosyne, permutationProbabilities } from '../../../src/evolution/optimiser/cosyne.ts'
import { evolutionStrategy, oneFifth } from '../../../src/evolution/optimiser/evolution-strategy.ts'
import { snes, xnes } from '../../../src/evolution/optimiser/nes.ts'
import type { Optimiser, OptimiserState } from '../../../src/evolution/optimiser/optimiser.ts'
import { ellipsoid, rosenbrock, round, run, sphere } from './test-functions.ts'

const optimisers: readonly Optimiser<OptimiserState, { readonly sigma0: number }>[] = [
  ...([cmaEs, sepCmaEs, xnes, snes, cosyne, evolutionStrategy, oneFifth] as const),
] as Optimiser<OptimiserState, { readonly sigma0: number }>[]

const x0 = [2, -1, 1, 3]

describe.each(optimisers)('$name', (optimiser) => {
  it('comes near the maximum of a sphere', () => {
    const settings = { sigma0: 1, ftarget: -1e-3, popsize: 20 }
    const state = run(optimiser, optimiser.init(x0, settings, 3), sphere)
    expect(state.stop).toEqual({ ftarget: -1e-3 })
    expect(state.best!.fitness).toBe(sphere(state.best!.x))
    expect(state.best!.evaluations).toBeLessThanOrEqual(state.evaluations)
    expect(state.evaluations).toBe(20 * state.iteration)
    expect(state.name).toBe(optimiser.name)
  })

  it('asks the same again, and continues a copy bit for bit', () => {
    let state = optimiser.init(x0, { sigma0: 1 }, 'seed')
    for (let i = 0; i < 7; i++) state = round(optimiser, state, rosenbrock)
    expect(optimiser.ask(state)).toEqual(optimiser.ask(state))
    let copy = structuredClone(state)
    for (let i = 0; i < 7; i++) {
      state = round(optimiser, state, rosenbrock)
      copy = round(optimiser, copy, rosenbrock)
    }
    expect(copy).toEqual(state)
  })

  it('leaves the state it is told by as it was', () => {
    const state = round(optimiser, optimiser.init(x0, { sigma0: 1 }, 1), sphere)
    const copy = structuredClone(state)
    round(optimiser, state, sphere)
    expect(state).toEqual(copy)
  })

  it('draws otherwise from another seed', () => {
    const settings = { sigma0: 1 }
    const first = round(optimiser, optimiser.init(x0, settings, 1), sphere)
    const second = round(optimiser, optimiser.init(x0, settings, 2), sphere)
    expect(optimiser.ask(first)).not.toEqual(optimiser.ask(second))
  })

  it('survives fitness that is not a number or infinite', () => {
    let state = optimiser.init(x0, { sigma0: 1 }, 1)
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      state = round(optimiser, state, (x) => (x[0]! > 2 ? odd : sphere(x)))
      state = round(optimiser, state, () => odd)
    }
    expect(optimiser.ask(state).every((x) => x.every(Number.isFinite))).toBe(true)
  })

  it('ends by its budget', () => {
    const iterations = { sigma0: 1, maxiter: 3, popsize: 10 }
    expect(run(optimiser, optimiser.init(x0, iterations, 1), sphere).iteration).toBe(3)
    const evaluations = { sigma0: 1, maxfevals: 25, popsize: 10 }
    expect(run(optimiser, optimiser.init(x0, evaluations, 1), sphere).evaluations).toBe(30)
  })

  it('refuses settings out of range', () => {
    const refused = (settings: object): void => {
      const start = (): unknown => optimiser.init(x0, { sigma0: 1, ...settings }, 1)
      expect(start).toThrow(EvolutionSettingsError)
    }
    refused({ sigma0: -1 })
    refused({ popsize: 0 })
    refused({ maxiter: 0 })
    refused({ tolfun: -1 })
    expect(() => optimiser.init([], { sigma0: 1 }, 1)).toThrow('components of x0')
  })
})

describe('xnes', () => {
  it('learns that components depend on each other', () => {
    const settings = { sigma0: 0.5, ftarget: -1e-8 }
    expect(run(xnes, xnes.init([0, 0, 0], settings, 1), rosenbrock).stop).toEqual({
      ftarget: -1e-8,
    })
  })

  it('ends when its distribution has shrunk to nothing', () => {
    const settings = { sigma0: 1, tolx: 1e-3, tolfun: 0, tolfunhist: 0 }
    expect(run(xnes, xnes.init([1, 1], settings, 1), sphere).stop).toEqual({ tolx: 1e-3 })
  })
})

describe('snes', () => {
  it('learns the scale of each of many components', () => {
    const start = new Float64Array(100).fill(1)
    const state = run(snes, snes.init(start, { sigma0: 1 }, 1), ellipsoid, 20_000)
    expect(state.best!.fitness).toBeGreaterThan(ellipsoid(start) / 100)
  })
})

describe('cosyne', () => {
  it('keeps the best row, and permutes within columns only', () => {
    const settings = { sigma0: 1, popsize: 12, mutation: 0 }
    const first = cosyne.init(x0, settings, 1)
    const next = round(cosyne, first, sphere)
    expect(next.rows[0]).toEqual(next.best!.x)
    for (const column of x0.keys()) {
      const values = new Set(first.rows.map((row) => row[column]))
      for (const row of next.rows) expect(values).toContain(row[column])
    }
    const still = cosyne.init(x0, { ...settings, permute: false, parents: 0 }, 1)
    const same = round(cosyne, still, sphere).rows.map((row) => [...row].join())
    expect(same.sort()).toEqual(still.rows.map((row) => [...row].join()).sort())
  })

  it('permutes all of a row whose fitness cannot be ranked, and all of equals', () => {
    const chances = permutationProbabilities([3, Number.NaN, 1, 2], 4, 'paper')
    expect(chances[0]).toBe(0)
    expect(chances[1]).toBe(1)
    expect(chances[2]).toBe(1)
    expect([...permutationProbabilities([2, 2, 2], 4, 'paper')]).toEqual([1, 1, 1])
  })
})

describe('es', () => {
  it('keeps parents that are better than their children only with plus', () => {
    const worse = (state: OptimiserState): number => (state.evaluations === 0 ? 1 : 0)
    for (const [selection, fitness] of [
      ['comma', 0],
      ['plus', 1],
    ] as const) {
      let state = evolutionStrategy.init(x0, { selection, mu: 2, popsize: 6 }, 1)
      for (let i = 0; i < 3; i++) {
        const candidates = evolutionStrategy.ask(state)
        state = evolutionStrategy.tell(
          state,
          candidates,
          candidates.map(() => worse(state)),
        )
      }
      expect(state.parents.map((parent) => parent.fitness)).toEqual([fitness, fitness])
    }
  })

  it('adapts its step sizes', () => {
    const state = run(evolutionStrategy, evolutionStrategy.init(x0, {}, 1), sphere, 7_000)
    expect(state.parents[0]!.sigma).toBeLessThan(1e-4)
  })
})

describe('one_fifth', () => {
  it('grows its step where all succeed, and shrinks it where none does', () => {
    let climbing = oneFifth.init([0, 0], {}, 1)
    let stuck = oneFifth.init([0, 0], {}, 1)
    for (let i = 0; i < 60; i++) {
      climbing = round(oneFifth, climbing, (x) => x[0]!)
      const iteration = i
      stuck = round(oneFifth, stuck, () => -iteration)
    }
    expect(climbing.sigma).toBeGreaterThan(10)
    expect(stuck.sigma).toBeLessThan(0.1)
    expect(stuck.mean).toEqual(Float64Array.of(0, 0))
  })
})

it('computes the same bits on every machine', () => {
  const bits = optimisers.map((optimiser) => {
    let state = optimiser.init(x0, { sigma0: 1 }, 11)
    for (let i = 0; i < 12; i++) state = round(optimiser, state, sphere)
    return [optimiser.name, state.mean[0]]
  })
  expect(Object.fromEntries(bits)).toEqual({
    cma_es: -0.06138239228172397,
    cosyne: -0.007106284805243369,
    es: 0.0014603251652697518,
    one_fifth: 0.6503655928237455,
    sep_cma_es: -0.07785041174379287,
    snes: -0.157364496747263,
    xnes: 0.007989276428190528,
  })
})
