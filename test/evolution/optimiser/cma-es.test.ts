import { describe, expect, it } from 'vitest'
import { EvolutionSettingsError } from '../../../src/evolution/evolution-settings.ts'
import { type CmaSettings, cmaEs, sepCmaEs } from '../../../src/evolution/optimiser/cma-es.ts'
import { cmaVariants } from '../../../src/evolution/optimiser/cma-parameters.ts'
import { ellipsoid, rosenbrock, round, run, sphere } from './test-functions.ts'

const x0 = [3, -2, 1, 4, -3, 2, 1, -1]

describe.each([cmaEs, sepCmaEs])('$name', (optimiser) => {
  it.each(cmaVariants)('finds the maximum of an ellipsoid with the parameters of %s', (variant) => {
    const settings = { sigma0: 1, variant, ftarget: -1e-10 }
    const state = run(optimiser, optimiser.init(x0, settings, 1), ellipsoid)
    expect(state.stop).toEqual({ ftarget: -1e-10 })
    expect(state.evaluations).toBeLessThan(6_000)
    expect(ellipsoid(state.best!.x)).toBe(state.best!.fitness)
  })

  it('asks the same again, and continues a copy of its state bit for bit', () => {
    let state = optimiser.init(x0, { sigma0: 1 }, 'seed')
    for (let i = 0; i < 10; i++) state = round(optimiser, state, rosenbrock)
    expect(optimiser.ask(state)).toEqual(optimiser.ask(state))
    let copy = structuredClone(state)
    for (let i = 0; i < 10; i++) {
      state = round(optimiser, state, rosenbrock)
      copy = round(optimiser, copy, rosenbrock)
    }
    expect(copy).toEqual(state)
    const other = optimiser.init(x0, { sigma0: 1 }, 'another seed')
    expect(optimiser.ask(other)).not.toEqual(optimiser.ask(optimiser.init(x0, { sigma0: 1 }, 1)))
  })

  it('keeps its step size and its standard deviations within their bounds', () => {
    const settings: CmaSettings = { sigma0: 1, sigmaMin: 0.5, maxiter: 100 }
    const bounded = run(optimiser, optimiser.init(x0, settings, 1), sphere)
    expect(bounded.stop).toEqual({ maxiter: 100 })
    expect(bounded.sigma).toBe(0.5)
    const stds = { sigma0: 1, minstd: 0.1, maxiter: 100 }
    const wide = run(optimiser, optimiser.init(x0, stds, 1), sphere)
    const spread = Math.max(...optimiser.ask(wide).map((x) => Math.abs(x[0]! - wide.mean[0]!)))
    expect(spread).toBeGreaterThan(0.1)
    const small = optimiser.init(x0, { sigma0: 1, maxstd: 0.01 }, 1)
    const next = round(optimiser, small, sphere)
    expect(next.sigma * Math.sqrt(next.matrix[0]!)).toBeLessThanOrEqual(0.01 * (1 + 1e-12))
  })

  it('takes what is no number for the worst', () => {
    const broken = (x: ArrayLike<number>): number => (x[0]! > 0 ? Number.NaN : sphere(x))
    const settings = { sigma0: 1, maxiter: 200 }
    const state = run(optimiser, optimiser.init([-3, 1, 2], settings, 1), broken)
    expect(state.best!.x[0]).toBeLessThanOrEqual(0)
    expect(state.best!.fitness).toBeGreaterThan(-1e-3)
  })

  it.each([
    [{ sigma0: 0 }, 'sigma0 is 0: use a number from'],
    [{ sigma0: 1, popsize: 1 }, 'popsize is 1: use a whole number from 2'],
    [{ sigma0: 1, popsize: 4.5 }, 'popsize is 4.5: use a whole number'],
    [{ sigma0: 1, mindx: -1 }, 'mindx is -1: use a number of 0 or more'],
    [{ sigma0: 1, tolx: Number.NaN }, 'tolx is NaN'],
    [{ sigma0: 1, stds: [1] }, 'number of stds is 1'],
    [{ sigma0: 1, maxfevals: 0 }, 'maxfevals is 0'],
  ])('refuses the settings %o', (settings, message) => {
    expect(() => optimiser.init(x0, settings, 1)).toThrow(EvolutionSettingsError)
    expect(() => optimiser.init(x0, settings, 1)).toThrow(message)
  })

  it('refuses points and candidates that do not fit', () => {
    const settings = { sigma0: 1 }
    expect(() => optimiser.init([], settings, 1)).toThrow('components of x0 is 0')
    expect(() => optimiser.init([Number.NaN], settings, 1)).toThrow('not finite')
    const state = optimiser.init([1, 2], settings, 1)
    const candidates = optimiser.ask(state)
    expect(() => optimiser.tell(state, candidates, [1])).toThrow('told 6 candidates and 1 fitness')
    const short = candidates.map((x) => x.subarray(0, 1))
    expect(() => optimiser.tell(state, short, [1, 2, 3, 4, 5, 6])).toThrow('of 1 components, not 2')
  })
})

describe('cma_es', () => {
  it('learns that components depend on each other, which a diagonal cannot', () => {
    const settings = { sigma0: 1, ftarget: -1e-10 }
    const full = run(cmaEs, cmaEs.init(x0, settings, 1), rosenbrock)
    const diagonal = run(sepCmaEs, sepCmaEs.init(x0, settings, 1), rosenbrock)
    expect(full.stop).toEqual({ ftarget: -1e-10 })
    expect(diagonal.evaluations).toBeGreaterThan(2 * full.evaluations)
  })

  it('decomposes its matrix as often as it is told', () => {
    const settings = { sigma0: 1, lazyGapEvals: 100, maxfevals: 90 }
    const state = run(cmaEs, cmaEs.init(x0, settings, 1), sphere)
    expect(state.decomposedAt).toBe(0)
    expect(round(cmaEs, state, sphere).decomposedAt).toBe(100)
  })

  it('starts with the standard deviations it is given', () => {
    const state = cmaEs.init([0, 0], { sigma0: 1, stds: [1, 1e-3], popsize: 40 }, 1)
    const spread = (i: number): number => Math.max(...cmaEs.ask(state).map((x) => Math.abs(x[i]!)))
    expect(spread(0)).toBeGreaterThan(0.5)
    expect(spread(1)).toBeLessThan(0.005)
  })
})

it('sep_cma_es takes many numbers', () => {
  const many = new Float64Array(5_000).fill(1)
  const first = sepCmaEs.init(many, { sigma0: 0.1 }, 1)
  expect(round(sepCmaEs, first, sphere).best!.fitness).toBeGreaterThan(-5_100)
  expect(() => cmaEs.init(many, { sigma0: 0.1 }, 1)).toThrow('components of x0 is 5000')
})
