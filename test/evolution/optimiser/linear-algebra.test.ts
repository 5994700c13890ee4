import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  identityMatrix,
  matrixProduct,
  recompose,
  symmetricEigen,
  times,
  transposedTimes,
} from '../../../src/evolution/optimiser/linear-algebra.ts'
import { seededRandom } from '../../../src/runtime/random.ts'

function symmetric(n: number, seed: number, spread: number): Float64Array {
  const random = seededRandom(seed)
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      // Rows of very different size, some zeros, as a covariance matrix late in a run has.
      const value = random.integer(5) === 0 ? 0 : random.gaussian() * spread ** -((i + j) / n)
      matrix[i * n + j] = value
      matrix[j * n + i] = value
    }
  }
  return matrix
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function difference(a: Float64Array, b: Float64Array): number {
  return largest(a.map((value, i) => value - b[i]!))
}

describe('symmetricEigen', () => {
  it('takes every symmetric matrix apart into what makes it up again', () => {
    const matrices = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer(), fc.integer())
    fc.assert(
      fc.property(matrices, ([n, seed, spread]) => {
        const matrix = symmetric(n, seed, 1 + (Math.abs(spread) % 100))
        const { values, vectors } = symmetricEigen(matrix, n)
        const error = difference(recompose(vectors, values, n), matrix)
        expect(error).toBeLessThanOrEqual(1e-13 * Math.max(largest(matrix), 1e-300))
        const transposed = new Float64Array(n * n)
        for (let i = 0; i < n * n; i++) transposed[(i % n) * n + Math.floor(i / n)] = vectors[i]!
        const product = matrixProduct(transposed, vectors, n)
        expect(difference(product, identityMatrix(n))).toBeLessThan(1e-13)
        expect([...values]).toEqual([...values].sort((a, b) => a - b))
      }),
    )
  })

  it('finds the known values of a known matrix', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2)
    expect(values[0]).toBeCloseTo(1, 15)
    expect(values[1]).toBeCloseTo(3, 15)
    expect(vectors[1]).toBeCloseTo(Math.SQRT1_2, 15)
  })

  it('answers NaN, and ends, for a matrix that is not finite', () => {
    const matrix = identityMatrix(4)
    matrix[5] = Number.NaN
    expect(symmetricEigen(matrix, 4).values.every(Number.isNaN)).toBe(true)
    matrix[5] = Number.POSITIVE_INFINITY
    expect(symmetricEigen(matrix, 4).values.every(Number.isNaN)).toBe(true)
  })
})

it('multiplies matrices with vectors from both sides', () => {
  const matrix = Float64Array.of(1, 2, 3, 4)
  expect([...times(matrix, [5, 6], 2)]).toEqual([17, 39])
  expect([...transposedTimes(matrix, [5, 6], 2)]).toEqual([23, 34])
})
