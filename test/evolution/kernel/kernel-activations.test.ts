import { describe, expect, it } from 'vitest'
import { threadKernel } from '../../../src/evolution/kernel/kernel-memory.ts'
import { activateSingle } from '../../../src/evolution/kernel/single-precision.ts'
import { activate, activationNames } from '../../../src/evolution/network/activation.ts'
import { seededRandom } from '../../../src/runtime/random.ts'

const kernel = threadKernel()!
const SEED = 11

const special = [
  0,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2.2250738585072014e-308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  1e6,
  -1e6,
  1_000_000.5,
  -4.9e9,
  19.0615,
  -19.0615,
  40,
  709.782712893384,
  -745.1332191019412,
  0.33,
  -0.33,
  0.34,
  0.7853981633974483,
]

/** Special numbers, ordinary ones, and ones of every magnitude; an even number of them. */
function inputs(): Float64Array {
  const random = seededRandom(SEED)
  const numbers = [...special]
  for (let i = 0; i < 3_000; i++) numbers.push(6 * random.gaussian())
  for (let i = 0; i < 3_000; i++) numbers.push((random.next() - 0.5) * 2e3)
  for (let exponent = -320; exponent < 308; exponent += 0.5) {
    const magnitude = (1 + 9 * random.next()) * Number(`1e${Math.floor(exponent)}`)
    numbers.push(magnitude, -magnitude)
  }
  while (numbers.length % 4 !== 0) numbers.push(0)
  return Float64Array.from(numbers)
}

describe.each(activationNames.map((name, code) => [name, code] as const))('%s', (name, code) => {
  it('has the bits of the interpreter in f64', () => {
    const xs = inputs()
    const region = kernel.allocate(8 * xs.length)!
    const place = new Float64Array(kernel.buffer, region.address, xs.length)
    place.set(xs)
    kernel.function('activate_f64')(code, region.address, xs.length)
    const wrong = [...xs].filter((x, i) => !Object.is(place[i], activate(code, x)))
    expect(wrong, name).toEqual([])
    kernel.release(region)
  })

  it('has the bits of its reference in f32', () => {
    const xs = Float32Array.from(inputs())
    const region = kernel.allocate(4 * xs.length)!
    const place = new Float32Array(kernel.buffer, region.address, xs.length)
    place.set(xs)
    kernel.function('activate_f32')(code, region.address, xs.length)
    const wrong = [...xs].filter((x, i) => !Object.is(place[i], activateSingle(code, x)))
    expect(wrong, name).toEqual([])
    kernel.release(region)
  })

  it('in f32 is near the one in f64', () => {
    for (let i = 0; i < 20_000; i++) {
      const x = Math.fround((i - 10_000.3) / 500)
      const exact = activate(code, x)
      const error = Math.abs(activateSingle(code, x) - exact)
      if (error > 3e-7 * Math.max(1, Math.abs(exact)))
        expect.fail(`${name} at ${x} is off ${error}`)
    }
  })
})

describe('the f32 tanh and sigmoid', () => {
  const at = (name: 'tanh' | 'sigmoid', x: number): number =>
    activateSingle(activationNames.indexOf(name), Math.fround(x))

  it('stay within their bounds, reach them, and keep the sign of zero', () => {
    for (let i = 0; i < 40_000; i++) {
      const x = i / 2_000
      expect(at('tanh', x) <= 1 && at('tanh', x) === -at('tanh', -x)).toBe(true)
      expect(at('sigmoid', x) <= 1 && at('sigmoid', -x) >= 0).toBe(true)
    }
    expect([at('tanh', 9.02), at('tanh', -Infinity), at('sigmoid', 40)]).toEqual([1, -1, 1])
    expect(at('tanh', -0)).toBe(-0)
    expect(at('sigmoid', 0)).toBe(0.5)
  })

  it('have a relative error below 3e-7 near 0', () => {
    for (let exponent = -30; exponent < 0; exponent += 0.01) {
      const x = Math.fround(2 ** exponent)
      expect(Math.abs(at('tanh', x) / Math.tanh(x) - 1)).toBeLessThan(3e-7)
    }
  })
})
