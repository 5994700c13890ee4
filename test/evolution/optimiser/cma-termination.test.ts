import { describe, expect, it } from 'vitest'
import { type CmaSettings, cmaEs } from '../../../src/evolution/optimiser/cma-es.ts'
import { type Objective, rosenbrock, round, run, sphere } from './test-functions.ts'

/** Off, all that is not in question. */
const off: CmaSettings = {
  sigma0: 1,
  tolx: 0,
  tolfun: 0,
  tolfunhist: 0,
  tolstagnation: 0,
  tolflatfitness: Number.POSITIVE_INFINITY,
  tolfacupx: Number.POSITIVE_INFINITY,
  tolupsigma: 0,
  tolconditioncov: 0,
  tolxstagnation: false,
}

const flat: Objective = () => 1
const slope: Objective = (x) => x[0]!
/** One part in 10^16 of what the step size is: lost in rounding. */
const far: Objective = (x) => -((x[0]! - 1e6) ** 2) - (x[1]! - 1e6) ** 2
const ravine: Objective = (x) => -(1e18 * x[0]! * x[0]!) - x[1]! * x[1]!

describe('CMA-ES ends', () => {
  const cases: readonly [string, CmaSettings, Objective, readonly number[]][] = [
    ['tolx', { ...off, tolx: 1e-6 }, sphere, [1, 1]],
    ['tolfun', { ...off, tolfun: 1e-6 }, sphere, [1, 1]],
    ['tolfunhist', { ...off, tolfunhist: 1e-6 }, sphere, [1, 1]],
    ['tolfunrel', { ...off, tolfunrel: 1e-6 }, sphere, [1, 1]],
    ['tolflatfitness', { ...off, tolflatfitness: 1 }, flat, [1, 1]],
    ['tolstagnation', { ...off, minstd: 0.5, tolstagnation: 120 }, sphere, [1, 1]],
    ['tolxstagnation', { ...off, tolxstagnation: [1, 20, 0.1] }, sphere, [1, 1]],
    ['tolfacupx', { ...off, tolfacupx: 1e3 }, slope, [1, 1]],
    ['tolupsigma', { ...off, tolupsigma: 1e2, parameters: { c1: 0, cmu: 0 } }, slope, [1, 1]],
    ['tolconditioncov', { ...off, tolconditioncov: 1e14 }, ravine, [1, 1]],
    ['noeffectcoord', off, far, [1e6, 1e6]],
    ['noeffectaxis', off, far, [1e6, 1e6]],
    ['maxiter', { ...off, maxiter: 3 }, rosenbrock, [1, 1]],
    ['maxfevals', { ...off, maxfevals: 30 }, rosenbrock, [0, 0]],
    ['ftarget', { ...off, ftarget: -1 }, sphere, [9, 9]],
  ]
  it.each(cases)('by %s', (name, settings, objective, x0) => {
    let state = cmaEs.init(x0, settings, 1)
    while (!(name in state.stop) && state.evaluations < 20_000) {
      state = round(cmaEs, state, objective)
    }
    expect(Object.keys(state.stop)).toContain(name)
  })

  it('after the iterations of pycma, when nobody says otherwise', () => {
    const state = cmaEs.init([1, 1], off, 1)
    const late = { ...state, iteration: 100 + Math.floor((150 * 25) / Math.sqrt(6)) - 1 }
    const candidates = cmaEs.ask(late)
    expect(cmaEs.tell(late, candidates, candidates.map(sphere)).stop).toEqual({ maxiter: 1_630 })
  })

  it('not while it is making progress', () => {
    const state = run(cmaEs, cmaEs.init([3, 3, 3], { sigma0: 1 }, 1), rosenbrock, 400)
    expect(state.stop).toEqual({})
  })
})
