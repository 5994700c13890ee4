import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ActivationName,
  activate,
  activationCode,
  activationNames,
  isActivationName,
} from '../../../src/evolution/network/activation.ts'

const at = (name: ActivationName, x: number): number => activate(activationCode(name), x)

/** What the names mean, by the platform's functions. */
const meanings: Record<ActivationName, (x: number) => number> = {
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  steep_sigmoid: (x) => 1 / (1 + Math.exp(-4.9 * x)),
  identity: (x) => x,
  relu: (x) => Math.max(0, x),
  sin: Math.sin,
  cos: Math.cos,
  gaussian: (x) => Math.exp(-x * x),
  softsign: (x) => x / (1 + Math.abs(x)),
  sgn: (x) => Math.sign(x),
  bin: (x) => (x > 0 ? 1 : 0),
  trinary: (x) => (x >= 0.33 ? 1 : x <= -0.33 ? -1 : 0),
  multiquadric: (x) => Math.sqrt(x * x + 0.01),
  absolute: Math.abs,
  quadratic: (x) => Math.sign(x) * x * x,
  cubic: (x) => x * x * x,
  sqrt: (x) => Math.sign(x) * Math.sqrt(Math.abs(x)),
  log: (x) => (x === 0 ? 0 : Math.sign(x) * Math.log(Math.abs(x))),
  elu: (x) => (x > 0 ? x : Math.exp(x) - 1),
  lelu: (x) => (x > 0 ? x : 0.005 * x),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.exp(x) - 1)),
  clamped: (x) => Math.max(-1, Math.min(1, x)),
  hat: (x) => Math.max(0, 1 - Math.abs(x)),
  square: (x) => x * x,
  inv: (x) => (x === 0 ? 0 : 1 / x),
  exp: (x) => Math.exp(Math.max(-60, Math.min(60, x))),
  neat_sigmoid: (x) => 1 / (1 + Math.exp(-5 * x)),
  neat_tanh: (x) => Math.tanh(2.5 * x),
  neat_sin: (x) => Math.sin(5 * x),
  neat_gauss: (x) => Math.exp(-5 * Math.min(11.56, x * x)),
  neat_softplus: (x) => 0.2 * Math.log1p(Math.exp(5 * x)),
  neat_log: (x) => Math.log(Math.max(1e-7, x)),
  original_neat_sigmoid: (x) => 1 / (1 + Math.exp(-4.924273 * x)),
  faber_sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  faber_gaussian: (x) => Math.exp(-x * x * (1 + 5.668855775e-10)),
  bip: (x) => (x > 0 ? 1 : -1),
}

const odd: ActivationName[] = ['tanh', 'identity', 'sin', 'softsign', 'quadratic', 'cubic', 'sqrt']

describe('activate', () => {
  it.each(activationNames)('%s is what its name says', (name) => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
        const expected = meanings[name](x)
        const actual = at(name, x)
        const difference = actual === expected ? 0 : Math.abs(actual - expected)
        expect(difference).toBeLessThan(1e-13 * Math.max(1, Math.abs(expected)))
      }),
    )
  })

  it.each(activationNames)('%s answers NaN to NaN only, among the numbers of a network', (name) => {
    expect(at(name, Number.NaN)).toBeNaN()
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(at(name, x)).not.toBeNaN()
      }),
    )
  })

  it.each(['relu', 'sgn', 'bin', 'trinary'] as const)('%s has no negative zero', (name) => {
    expect(at(name, -0)).toBe(0)
    for (const x of [-1e-9, -0.2, 0]) expect(at(name, x)).not.toBe(-0)
    for (const x of [-Infinity, Infinity]) expect(at(name, x)).not.toBeNaN()
  })

  it.each(odd)('%s is odd, to the sign of zero', (name) => {
    expect(at(name, -0)).toBe(-0)
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(at(name, -x)).toBe(-at(name, x))
      }),
    )
  })

  it('tanh has a relative error below 1e-15 and saturates at exactly 1', () => {
    for (let i = 0; i < 40_000; i++) {
      const x = (i - 20_000.3) / 900
      const expected = Math.tanh(x)
      expect(Math.abs(at('tanh', x) / expected - 1)).toBeLessThan(1e-15)
    }
    for (const x of [20, 1e9, Infinity]) {
      expect(at('tanh', x)).toBe(1)
      expect(at('tanh', -x)).toBe(-1)
    }
    expect(Math.abs(at('tanh', 1e-300) / 1e-300 - 1)).toBeLessThan(1e-15)
    expect(at('tanh', Number.MIN_VALUE)).toBe(Number.MIN_VALUE)
  })

  it('sigmoid has a relative error below 1e-14 above -15, an absolute one below 1e-15', () => {
    for (let i = 0; i < 40_000; i++) {
      const x = (i - 20_000.3) / 400
      const expected = 1 / (1 + Math.exp(-x))
      const difference = Math.abs(at('sigmoid', x) - expected)
      expect(difference).toBeLessThan(1e-15)
      if (x > -15) expect(difference / expected).toBeLessThan(1e-14)
    }
    expect(at('sigmoid', 0)).toBe(0.5)
    expect(at('sigmoid', Infinity)).toBe(1)
    expect(at('sigmoid', -Infinity)).toBeLessThan(1e-17)
  })

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        for (const name of ['sigmoid', 'steep_sigmoid', 'bin', 'gaussian'] as const) {
          expect(at(name, x)).toBeGreaterThanOrEqual(0)
          expect(at(name, x)).toBeLessThanOrEqual(1)
        }
        expect(Math.abs(at('tanh', x))).toBeLessThanOrEqual(1)
      }),
    )
    for (let i = 0; i < 100_000; i++) expect(at('tanh', i / 4e3) <= 1).toBe(true)
  })

  it('answers NaN for a code that does not exist', () => {
    expect(activate(activationNames.length, 1)).toBeNaN()
  })

  it('gives golden bits, the same on every machine', () => {
    const view = new DataView(new ArrayBuffer(8))
    let hash = 0
    const hashes: number[] = []
    for (let code = 0; code < activationNames.length; code++) {
      for (let i = 0; i < 2_000; i++) {
        view.setFloat64(0, activate(code, (i - 1_000) / 77))
        hash = (Math.imul(hash ^ view.getInt32(0), 0x01000193) ^ view.getInt32(4)) | 0
      }
      hashes.push(hash >>> 0)
    }
    expect([hashes[17], hashes[35]]).toEqual(GOLDEN)
  })
})

/**
 * After the first eighteen and after all. They change only with the meaning of an activation, which
 * stored genotypes forbid.
 */
const GOLDEN = [355558349, 1303724351]

describe('activationCode', () => {
  it('is the place of the name, for ever', () => {
    expect(activationNames.map(activationCode)).toEqual(activationNames.map((_, i) => i))
    expect(activationNames.slice(0, 5)).toEqual([
      'tanh',
      'sigmoid',
      'steep_sigmoid',
      'identity',
      'relu',
    ])
  })
})

describe('isActivationName', () => {
  it('knows names from everything else', () => {
    expect(activationNames.every(isActivationName)).toBe(true)
    for (const other of ['toString', '', 'TANH', 3, null, undefined, {}]) {
      expect(isActivationName(other)).toBe(false)
    }
  })
})
