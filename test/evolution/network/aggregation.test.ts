import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AggregationName,
  aggregate,
  aggregationCode,
  aggregationNames,
  isAggregationName,
} from '../../../src/evolution/network/aggregation.ts'

const of = (name: AggregationName, ...terms: number[]): number => {
  return aggregate(aggregationCode(name), Float64Array.from(terms), terms.length)
}

describe('aggregate', () => {
  it('answers 0 to nothing, and 1 to the empty product', () => {
    const products: readonly string[] = ['product', 'mult_product']
    for (const name of aggregationNames) expect(of(name)).toBe(products.includes(name) ? 1 : 0)
  })

  it('is what its name says', () => {
    expect(of('dot_product', 1, -2, 4)).toBe(3)
    expect(of('diff_product', 1, -2, 4)).toBe(3)
    expect(of('mult_product', 1, -2, 4)).toBe(-8)
    expect(of('min', 1, -2, 4)).toBe(-2)
    expect(of('max', 1, -2, 4)).toBe(4)
    expect(of('mean', 1, -2, 4)).toBe(1)
  })

  it('maxabs keeps the sign, and the first of two of the same size', () => {
    expect(of('maxabs', 1, -5, 4)).toBe(-5)
    expect(of('maxabs', 3, -3)).toBe(3)
    expect(of('maxabs', -3, 3)).toBe(-3)
  })

  it('median is the middle, or the mean of the two there', () => {
    expect(of('median', 9, -2, 4)).toBe(4)
    expect(of('median', 9, -2, 4, 5)).toBe(4.5)
    const terms = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 })
    fc.assert(
      fc.property(terms, (values) => {
        const sorted = [...values].sort((a, b) => a - b)
        const half = Math.floor(values.length / 2)
        const expected =
          values.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
        // Zeros of either sign are equal, and so are sums of two huge numbers.
        expect(of('median', ...values) === expected).toBe(true)
      }),
    )
  })

  it('answers NaN wherever NaN is among the terms', () => {
    for (const name of aggregationNames) {
      for (const terms of [
        [Number.NaN, 1, 2],
        [1, Number.NaN, 2],
        [1, 2, Number.NaN],
      ]) {
        expect(of(name, ...terms)).toBeNaN()
      }
    }
  })

  it('answers NaN for a code that does not exist', () => {
    expect(aggregate(aggregationNames.length, Float64Array.of(1), 1)).toBeNaN()
  })
})

describe('isAggregationName', () => {
  it('knows names from everything else', () => {
    expect(aggregationNames.every(isAggregationName)).toBe(true)
    for (const other of ['toString', 'sum', 3, null]) expect(isAggregationName(other)).toBe(false)
  })
})
