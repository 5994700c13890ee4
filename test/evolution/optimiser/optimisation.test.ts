import { describe, expect, it } from 'vitest'
import { EvolutionSettingsError } from '../../../src/evolution/evolution-settings.ts'
import {
  askOptimisation,
  type Optimisation,
  type OptimisationSettings,
  optimiserNames,
  startOptimisation,
  tellOptimisation,
} from '../../../src/evolution/optimiser/optimisation.ts'
import { type Objective, rastrigin, sphere } from './test-functions.ts'

function round(state: Optimisation, objective: Objective): Optimisation {
  const candidates = askOptimisation(state)
  return tellOptimisation(state, candidates, candidates.map(objective))
}

/** Runs to the end; the number of candidates of each run, in order. */
function popsizes(settings: OptimisationSettings, objective: Objective): number[] {
  let state = startOptimisation([3, 3], settings, 5)
  const sizes: number[] = [askOptimisation(state).length]
  while (Object.keys(state.stop).length === 0) {
    const before = state.restarts
    state = round(state, objective)
    if (state.restarts > before) sizes.push(askOptimisation(state).length)
  }
  return sizes
}

const flat: Objective = () => 0
const cma = { optimiser: 'cma_es', sigma0: 1 } as const

describe('an optimisation', () => {
  it('ends with its run when nobody wants restarts', () => {
    let state = startOptimisation([3, 3], cma, 1)
    while (Object.keys(state.stop).length === 0) state = round(state, sphere)
    expect(state.restarts).toBe(0)
    expect(Object.keys(state.stop)).toContain('tolfun')
    expect(state.best!.fitness).toBeGreaterThan(-1e-9)
  })

  it('has as many candidates again with same, more and more with IPOP', () => {
    const settings = { ...cma, maxrestarts: 3 }
    expect(popsizes({ ...settings, restarts: 'same' }, flat)).toEqual([6, 6, 6, 6])
    expect(popsizes({ ...settings, restarts: 'ipop' }, flat)).toEqual([6, 12, 24, 48])
    const slowly = { ...settings, restarts: 'ipop', incpopsize: 1.5 } as const
    expect(popsizes(slowly, flat)).toEqual([6, 9, 13, 20])
  })

  it('has many and few in turn with BIPOP, so that both spend alike', () => {
    const sizes = popsizes({ ...cma, maxrestarts: 4, restarts: 'bipop' }, rastrigin)
    const records = sizes.filter((size, i) => size > Math.max(0, ...sizes.slice(0, i)))
    expect(records).toEqual([6, 12, 24, 48, 96])
    expect(sizes.length).toBeGreaterThan(records.length)
    let state = startOptimisation([3, 3], { ...cma, restarts: 'bipop', maxfevals: 60_000 }, 5)
    while (Object.keys(state.stop).length === 0) state = round(state, rastrigin)
    expect(state.smallRuns).toBeGreaterThan(2)
    const share = state.spentSmall / (state.spentSmall + state.spentLarge)
    expect(share).toBeGreaterThan(0.25)
    expect(share).toBeLessThan(0.75)
  })

  it('finds by restarts what one run does not', () => {
    const target = { ...cma, sigma0: 0.5, ftarget: -1e-6, maxfevals: 50_000 }
    let state = startOptimisation([4, -4, 3, -3], { ...target, restarts: 'ipop' }, 1)
    while (Object.keys(state.stop).length === 0) state = round(state, rastrigin)
    expect(state.stop).toEqual({ ftarget: -1e-6 })
    expect(state.restarts).toBeGreaterThan(0)
    expect(state.best!.evaluations).toBeLessThanOrEqual(state.evaluations)
    expect(rastrigin(state.best!.x)).toBe(state.best!.fitness)
  })

  it('counts evaluations and budgets over all runs', () => {
    const settings = { ...cma, restarts: 'same', maxrestarts: 99, maxfevals: 100 } as const
    let state = startOptimisation([3, 3], settings, 1)
    while (Object.keys(state.stop).length === 0) state = round(state, flat)
    expect(state.stop).toEqual({ maxfevals: 100 })
    expect(state.evaluations).toBe(102)
    expect(state.restarts).toBeGreaterThan(3)
  })

  it('begins anew around x0 as widely as it is told', () => {
    const settings = { ...cma, restarts: 'same' } as const
    const meanAfter = (spread: number): number => {
      let state = startOptimisation([3, 3], { ...settings, spread }, 1)
      while (state.restarts === 0) state = round(state, flat)
      return state.run.mean[0]!
    }
    expect(meanAfter(0)).toBe(3)
    expect(Math.abs(meanAfter(2) - 3)).toBeGreaterThan(0.01)
  })

  it.each(optimiserNames)('with %s continues a copy bit for bit, through restarts', (name) => {
    const settings = { optimiser: name, sigma0: 1, maxiter: 4, popsize: 12, restarts: 'bipop' }
    let state = startOptimisation([1, 2, 3], settings as OptimisationSettings, 'seed')
    for (let i = 0; i < 10; i++) state = round(state, sphere)
    let copy = structuredClone(state)
    for (let i = 0; i < 10; i++) {
      state = round(state, sphere)
      copy = round(copy, sphere)
    }
    expect(copy).toEqual(state)
    expect(state.restarts).toBeGreaterThan(2)
  })

  it('refuses settings out of range', () => {
    const start = (change: object) => () =>
      startOptimisation([1], { ...cma, ...change } as OptimisationSettings, 1)
    expect(start({ optimiser: 'adam' })).toThrow('optimiser is adam: use one of cma_es, cosyne')
    expect(start({ restarts: 'often' })).toThrow(EvolutionSettingsError)
    expect(start({ incpopsize: 0 })).toThrow('incpopsize is 0')
    expect(start({ spread: -1 })).toThrow('spread is -1')
  })
})
