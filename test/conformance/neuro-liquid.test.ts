// Liquid neurons, held to the published equations and to what faber_tweann computed.
// ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import { distance } from '../../src/evolution/distance.ts'
import type { Genotype } from '../../src/evolution/genotype.ts'
import { cfcBlend, cfcStep, ltcClosedForm, ltcFused } from '../../src/evolution/network/liquid.ts'
import {
  type FaberLiquid,
  faberLiquid,
  isFaberLiquidForm,
} from '../../src/evolution/network/liquid-peers.ts'
import { stdpDelta } from '../../src/evolution/network/plasticity.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface Temporal extends FaberLiquid {
  readonly fn: string
  readonly state0: number
  readonly inputs: readonly number[]
  /** State and output after each tick. */
  readonly results: readonly (readonly [number, number])[]
}

interface Rust {
  readonly temporal: readonly Temporal[]
  readonly stdp: readonly {
    readonly weight: number
    readonly deltaT: number
    readonly aPlus: number
    readonly aMinus: number
    readonly tau: number
    readonly result: number
  }[]
  readonly distance: readonly {
    readonly a: readonly (readonly [number, number])[]
    readonly b: readonly (readonly [number, number])[]
    readonly c1: number
    readonly c2: number
    readonly c3: number
    readonly distance: number
  }[]
}

interface Reference {
  readonly fused: readonly {
    readonly tau: number
    readonly A: number
    readonly dt: number
    readonly x0: number
    readonly f: readonly number[]
    readonly x: readonly number[]
  }[]
  readonly closedForm: readonly {
    readonly tau: number
    readonly A: number
    readonly x0: number
    readonly fOfInput: number
    readonly fOfMinusInput: number
    readonly t: number
    readonly x: number
  }[]
  readonly cfc: readonly {
    readonly f: number
    readonly g: number
    readonly h: number
    readonly t: number
    readonly x: number
  }[]
}

const reference = await neuroVectors<Reference>('ltc_reference')
const faber = await neuroVectors<{ readonly cases: readonly Temporal[] }>('neuro_ltc_cfc')
const rust = await neuroVectors<Rust>('neuro_rust')

function checkTemporal({ fn, state0, inputs, results, ...neuron }: Temporal): void {
  if (!isFaberLiquidForm(fn)) throw new Error(`${fn} is unknown here`)
  let x = state0
  inputs.forEach((u, tick) => {
    const { state, output } = faberLiquid(fn, u, x, neuron)
    expect(deviation([state, output], results[tick]!)).toBeLessThan(1e-13)
    x = state
  })
}

describe('ltc_reference', () => {
  it('fused steps', () => {
    for (const { tau, A, dt, x0, f, x } of reference.fused) {
      let state = x0
      const states = f.map((now) => {
        state = ltcFused(state, now, A, tau, dt)
        return state
      })
      expect(deviation(states, x)).toBeLessThan(1e-13)
    }
  })

  it('closed form', () => {
    for (const { tau, A, x0, t, fOfInput, fOfMinusInput, x } of reference.closedForm) {
      const state = ltcClosedForm(x0, A, tau, t, fOfInput, fOfMinusInput)
      expect(deviation([state], [x])).toBeLessThan(1e-13)
    }
  })

  it('cfc', () => {
    for (const { f, g, h, t, x } of reference.cfc) {
      expect(deviation([cfcBlend(f, g, h, t)], [x])).toBeLessThan(1e-13)
    }
  })
})

describe('neuro_ltc_cfc', () => {
  it.each(faber.cases.map((one, i) => ({ ...one, i })))('neuron $i, $fn', ({ i, ...one }) => {
    checkTemporal(one)
  })

  it('our own cfc without weights is the mirror of the crate', () => {
    const empty = new Float64Array(0)
    for (const { fn, tau, bound, state0, inputs, results } of faber.cases) {
      if (fn !== 'mirror.cfc') continue
      const neuron = { timeConstant: tau, stateBound: bound, backbone: empty, head: empty }
      let x = state0
      const states = inputs.map((u) => {
        x = cfcStep(u, x, neuron, 1)
        return x
      })
      expect(
        deviation(
          states,
          results.map(([state]) => state),
        ),
      ).toBeLessThan(1e-13)
    }
  })
})

describe('neuro_rust', () => {
  it.each(rust.temporal.map((one, i) => ({ ...one, i })))('neuron $i, $fn', ({ i, ...one }) => {
    checkTemporal(one)
  })

  it('stdp', () => {
    for (const { weight, deltaT, aPlus, aMinus, tau, result } of rust.stdp) {
      const ours = weight + stdpDelta(aPlus, aMinus, tau, deltaT)
      expect(deviation([ours], [result])).toBeLessThan(1e-13)
    }
  })

  it('distance', () => {
    const genotype = (genes: Rust['distance'][number]['a']): Genotype => {
      const links = genes.map(([innovation, weight]) => {
        return { innovation, from: 0, to: 1, weight, enabled: true }
      })
      links.sort((a, b) => a.innovation - b.innovation)
      return { inputs: 1, outputs: 1, neurons: [], links }
    }
    for (const { a, b, c1, c2, c3, distance: expected } of rust.distance) {
      const ours = distance(genotype(a), genotype(b), {
        distance: 'always_divided',
        compatibilityExcessCoefficient: c1,
        compatibilityDisjointCoefficient: c2,
        compatibilityWeightCoefficient: c3,
      })
      expect(deviation([ours], [expected])).toBeLessThan(1e-13)
    }
  })
})
