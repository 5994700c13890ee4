// CMA-ES held to two implementations of pycma: default parameters, and runs iteration by iteration.
// They minimise, we maximise: fitness is negated. ARBOR_NEURO_VECTORS names another folder.
import { describe, expect, it } from 'vitest'
import { type CmaState, cmaEs, withMatrix } from '../../src/evolution/optimiser/cma-es.ts'
import {
  type CmaParameters,
  type CmaVariant,
  cmaParameters,
  defaultPopsize,
} from '../../src/evolution/optimiser/cma-parameters.ts'
import { neuroVectors } from './neuro-vectors.ts'

type PeerParameters = Omit<CmaParameters, 'popsize' | 'sigmaRule'> & { readonly lambda_: number }

interface Run {
  readonly n: number
  readonly function: string
  readonly implementation: string
  readonly sigmaRule: CmaParameters['sigmaRule']
  readonly parameters: PeerParameters
  readonly mean0: readonly number[]
  readonly sigma0: number
  readonly C0: readonly (readonly number[])[]
  readonly iterations: readonly {
    readonly samples: readonly (readonly number[])[]
    readonly fitness: readonly number[]
    readonly hsig: boolean
    readonly mean: readonly number[]
    readonly sigma: number
    readonly C: readonly (readonly number[])[]
    readonly ps: readonly number[]
    readonly pc: readonly number[]
  }[]
}

interface Vectors {
  readonly runs: readonly Run[]
  readonly defaults: readonly ({ readonly n: number } & Readonly<
    Record<CmaVariant, PeerParameters>
  >)[]
}

const { runs, defaults } = await neuroVectors<Vectors>('es_cma')
const variants: readonly CmaVariant[] = ['purecma', 'pycma', 'tutorial']

/** Largest difference, relative to the largest element. */
function deviation(actual: ArrayLike<number>, expected: readonly number[]): number {
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300)
  const differences = expected.map((value, i) => Math.abs(actual[i]! - value) / size)
  return Math.max(...differences)
}

function firstState(run: Run): CmaState {
  const { lambda_, weights, ...rates } = run.parameters
  const padded = Array.from({ length: lambda_ }, (_, rank) => weights[rank] ?? 0)
  const parameters = { ...rates, weights: padded, popsize: lambda_, sigmaRule: run.sigmaRule }
  const settings = { sigma0: run.sigma0, popsize: lambda_, active: false, lazyGapEvals: 0 }
  const state = cmaEs.init(run.mean0, { ...settings, parameters }, 0)
  return withMatrix(state, Float64Array.from(run.C0.flat()))
}

function errorsOf(state: CmaState, expected: Run['iterations'][number]): number[] {
  return [
    deviation(state.mean, expected.mean),
    deviation([state.sigma], [expected.sigma]),
    deviation(state.matrix, expected.C.flat()),
    deviation(state.ps, expected.ps),
    deviation(state.pc, expected.pc),
  ]
}

function told(state: CmaState, { samples, fitness }: Run['iterations'][number]): CmaState {
  const candidates = samples.map((sample) => Float64Array.from(sample))
  return cmaEs.tell(
    state,
    candidates,
    fitness.map((value) => -value),
  )
}

describe.each(defaults)('default parameters for n = $n', ({ n, ...peers }) => {
  it.each(variants)('%s', (variant) => {
    const { lambda_, mu, weights, ...rates } = peers[variant]
    expect(defaultPopsize(n)).toBe(lambda_)
    const kind = { variant, isActive: false, isDiagonal: false }
    const ours = cmaParameters(n, lambda_, kind)
    expect(ours.mu).toBe(mu)
    expect(deviation(ours.weights, weights)).toBeLessThan(1e-13)
    for (const [name, value] of Object.entries(rates)) {
      const actual = ours[name as keyof typeof rates]
      expect(Math.abs(actual - value) / value, name).toBeLessThan(1e-12)
    }
  })
})

describe.each(runs)('$implementation on $function, n = $n', (run) => {
  it('agrees after one iteration from each recorded state', () => {
    let state = firstState(run)
    for (const [index, expected] of run.iterations.entries()) {
      const next = told(state, expected)
      for (const error of errorsOf(next, expected)) expect(error).toBeLessThan(1e-10)
      const { mean, sigma, ps, pc, C } = expected
      const recorded = {
        ...next,
        mean: Float64Array.from(mean),
        sigma,
        ps: Float64Array.from(ps),
        pc: Float64Array.from(pc),
      }
      state = withMatrix(recorded, Float64Array.from(C.flat()))
      expect(state.iteration).toBe(index + 1)
    }
  })

  it('agrees running free', () => {
    let state = firstState(run)
    for (const expected of run.iterations) {
      state = told(state, expected)
      for (const error of errorsOf(state, expected)) expect(error).toBeLessThan(1e-6)
    }
  })
})
