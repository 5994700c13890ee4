// xNES and SNES held to PyBrain, iteration by iteration, and CoSyNE's permutation to its formula.
// They minimise, we maximise: fitness is negated. ARBOR_NEURO_VECTORS names another folder.
import { describe, expect, it } from 'vitest'
import { permutationProbabilities } from '../../src/evolution/optimiser/cosyne.ts'
import { snes, utilities, xnes } from '../../src/evolution/optimiser/nes.ts'
import { neuroVectors } from './neuro-vectors.ts'

interface Told {
  readonly samples: readonly (readonly number[])[]
  readonly fitness: readonly number[]
  readonly utilities: readonly number[]
  readonly mean: readonly number[]
}

interface Common {
  readonly n: number
  readonly function: string
  readonly lambda_: number
  readonly etaMean: number
  readonly etaSigma: number
  readonly mean0: readonly number[]
}

interface XnesRun extends Common {
  readonly algorithm: 'xnes'
  readonly etaB: number
  readonly iterations: readonly (Told & {
    readonly A: readonly (readonly number[])[]
    readonly sigma: number
    readonly B: readonly (readonly number[])[]
  })[]
}

interface SnesRun extends Common {
  readonly algorithm: 'snes'
  readonly iterations: readonly (Told & { readonly sigmas: readonly number[] })[]
}

interface Cosyne {
  readonly cases: readonly {
    readonly weights: number
    readonly fitness: readonly number[]
    readonly paper: readonly number[]
    readonly rank: readonly number[]
  }[]
}

const { runs } = await neuroVectors<{ readonly runs: readonly (XnesRun | SnesRun)[] }>('es_nes')
const { cases } = await neuroVectors<Cosyne>('es_cosyne')

/** Largest difference, relative to the largest element. */
function deviation(actual: ArrayLike<number>, expected: readonly number[]): number {
  const size = Math.max(1e-300, ...expected.map(Math.abs))
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / size))
}

const negated = (fitness: readonly number[]): number[] => fitness.map((value) => -value)
const vectors = ({ samples }: Told): Float64Array[] => samples.map((x) => Float64Array.from(x))

/** With the given rates, which are the defaults or not. */
function settingsOf(run: XnesRun | SnesRun): Parameters<typeof xnes.init>[1] {
  const { lambda_, etaMean, etaSigma } = run
  const common = { sigma0: 1, popsize: lambda_, etaMean, etaSigma }
  return run.algorithm === 'xnes' ? { ...common, etaB: run.etaB } : common
}

describe.each(runs.filter((run) => run.algorithm === 'xnes'))(
  'xNES on $function, n = $n',
  (run) => {
    it.each([
      ['from each recorded state', 1e-11, true],
      ['running free', 1e-8, false],
    ])('agrees %s', (_, tolerance, isStepwise) => {
      let state = xnes.init(run.mean0, settingsOf(run), 0)
      for (const expected of run.iterations) {
        state = xnes.tell(state, vectors(expected), negated(expected.fitness))
        const whole = state.shape.map((value) => state.sigma * value)
        expect(deviation(utilities(negated(expected.fitness)), expected.utilities)).toBeLessThan(
          1e-13,
        )
        expect(deviation(state.mean, expected.mean)).toBeLessThan(tolerance)
        expect(deviation([state.sigma], [expected.sigma])).toBeLessThan(tolerance)
        expect(deviation(state.shape, expected.B.flat())).toBeLessThan(tolerance)
        expect(deviation(whole, expected.A.flat())).toBeLessThan(tolerance)
        if (isStepwise) {
          const mean = Float64Array.from(expected.mean)
          const shape = Float64Array.from(expected.B.flat())
          state = { ...state, mean, sigma: expected.sigma, shape }
        }
      }
    })
  },
)

describe.each(runs.filter((run) => run.algorithm === 'snes'))(
  'SNES on $function, n = $n',
  (run) => {
    it.each([
      ['from each recorded state', 1e-11, true],
      ['running free', 1e-8, false],
    ])('agrees %s', (_, tolerance, isStepwise) => {
      let state = snes.init(run.mean0, settingsOf(run), 0)
      for (const expected of run.iterations) {
        state = snes.tell(state, vectors(expected), negated(expected.fitness))
        expect(deviation(utilities(negated(expected.fitness)), expected.utilities)).toBeLessThan(
          1e-13,
        )
        expect(deviation(state.mean, expected.mean)).toBeLessThan(tolerance)
        expect(deviation(state.sigmas, expected.sigmas)).toBeLessThan(tolerance)
        if (isStepwise) {
          const mean = Float64Array.from(expected.mean)
          state = { ...state, mean, sigmas: Float64Array.from(expected.sigmas) }
        }
      }
    })
  },
)

it('NES has the default rates of the paper', () => {
  for (const run of runs) {
    const optimiser = run.algorithm === 'xnes' ? xnes : snes
    const { settings } = optimiser.init(run.mean0, { sigma0: 1 }, 0)
    expect(settings.popsize).toBe(run.lambda_)
    expect(settings.etaMean).toBe(run.etaMean)
    expect(Math.abs(settings.etaSigma - run.etaSigma)).toBeLessThan(1e-13)
    if (run.algorithm === 'xnes') expect(Math.abs(settings.etaB - run.etaB)).toBeLessThan(1e-13)
  }
})

describe.each(cases)(
  'CoSyNE with $weights columns permutes',
  ({ weights, fitness, ...expected }) => {
    it.each(['paper', 'rank'] as const)('as %s has it', (scaling) => {
      const actual = permutationProbabilities(fitness, weights, scaling)
      const errors = expected[scaling].map((value, i) => Math.abs(actual[i]! - value))
      expect(Math.max(...errors)).toBeLessThan(1e-13)
    })
  },
)
