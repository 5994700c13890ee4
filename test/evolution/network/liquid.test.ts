import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cfcBlend,
  cfcStep,
  type LiquidNeuron,
  leakyStep,
  ltcClosedForm,
  ltcFused,
  ltcStep,
  polynomial,
} from '../../../src/evolution/network/liquid.ts'

const number = (min: number, max: number): fc.Arbitrary<number> => {
  return fc.double({ min, max, noNaN: true })
}

const neuron: fc.Arbitrary<LiquidNeuron> = fc.record({
  timeConstant: number(0.001, 100),
  stateBound: number(0.1, 10),
  backbone: fc.float64Array({ maxLength: 3, min: -4, max: 4, noNaN: true }),
  head: fc.float64Array({ maxLength: 3, min: -4, max: 4, noNaN: true }),
})

describe('ltcFused', () => {
  it('stays between its ends for every step, however long', () => {
    fc.assert(
      fc.property(
        number(0, 3),
        number(0, 50),
        number(0.001, 100),
        number(0, 1e6),
        (x, f, tau, dt) => {
          const next = ltcFused(x, f, 3, tau, dt)
          expect(next).toBeGreaterThanOrEqual(0)
          expect(next).toBeLessThanOrEqual(3 * (1 + 1e-12))
        },
      ),
    )
  })

  it('comes to rest where the equation does, f A / (1 / tau + f)', () => {
    let x = 0
    for (let i = 0; i < 1000; i++) x = ltcFused(x, 0.7, 2, 1.5, 1)
    expect(x).toBeCloseTo((0.7 * 2) / (1 / 1.5 + 0.7), 12)
  })

  it('follows the equation as the step goes to 0', () => {
    let x = 0.3
    for (let i = 0; i < 100_000; i++) x = ltcFused(x, 0.7, 2, 1.5, 1e-5)
    const rest = (0.7 * 2) / (1 / 1.5 + 0.7)
    expect(x).toBeCloseTo(rest + (0.3 - rest) * Math.exp(-(1 / 1.5 + 0.7)), 4)
  })
})

describe('ltcClosedForm', () => {
  it('begins at A + (x0 - A) f(-I) and ends at A', () => {
    expect(ltcClosedForm(0.5, 2, 1, 0, 0.6, 1)).toBeCloseTo(0.5, 14)
    expect(ltcClosedForm(0.5, 2, 1, 1e3, 0.6, 1)).toBe(2)
  })
})

describe('cfcBlend', () => {
  it('is the mean of its heads at once, and goes to h (or g) with time', () => {
    expect(cfcBlend(0.5, 1, 3, 0)).toBe(2)
    expect(cfcBlend(0.5, 1, 3, 1e3)).toBeCloseTo(3, 12)
    expect(cfcBlend(-0.5, 1, 3, 1e3)).toBeCloseTo(1, 12)
  })
})

describe('the neurons of a genotype', () => {
  it('stay within their bound whatever comes in', () => {
    fc.assert(
      fc.property(neuron, number(-1e6, 1e6), number(0.01, 10), (one, u, dt) => {
        let x = 0
        for (let tick = 0; tick < 4; tick++) {
          x = cfcStep(u, x, one, dt)
          expect(Math.abs(x)).toBeLessThanOrEqual(one.stateBound)
        }
        x = 0
        for (let tick = 0; tick < 4; tick++) {
          x = ltcStep(u, x, one, dt)
          expect(Math.abs(x)).toBeLessThanOrEqual(one.stateBound * (1 + 1e-12))
        }
      }),
    )
  })

  it('a leaky neuron comes to what comes in, in 1 tick with a time constant of 1', () => {
    expect(leakyStep(3, -1, 1, 1)).toBe(3)
    let x = 0
    for (let tick = 0; tick < 400; tick++) x = leakyStep(3, x, 5, 1)
    expect(x).toBeCloseTo(3, 12)
  })
})

describe('polynomial', () => {
  it('begins with u, and is u without coefficients', () => {
    expect(polynomial(Float64Array.of(), 7)).toBe(7)
    expect(polynomial(Float64Array.of(2), 7)).toBe(14)
    expect(polynomial(Float64Array.of(2, 3, 5), 7)).toBe(2 * 7 + 3 * 49 + 5 * 343)
  })
})
