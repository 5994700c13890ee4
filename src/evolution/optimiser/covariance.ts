// The shape of a normal distribution: its covariance matrix C, full or diagonal, with the
// decomposition C = B D² Bᵀ by which one draws from it and measures in it. Plain data.
//
//   const step = stretched(covariance, normalVector)   // B D z: distributed as C says
//   whitened(covariance, step)                         // B D⁻¹ Bᵀ y: the length in its own units
import { identityMatrix, symmetricEigen, times, transposedTimes } from './linear-algebra.ts'

export interface Covariance {
  readonly isDiagonal: boolean
  /** The matrix, n * n, or its diagonal, n. */
  readonly matrix: Float64Array
  /** Eigenvectors in columns; of no length for a diagonal matrix. */
  readonly basis: Float64Array
  /** Square roots of the eigenvalues: ascending, or in the order of a diagonal. */
  readonly scales: Float64Array
}

/** The same in all directions. */
export function unitCovariance(n: number, isDiagonal: boolean): Covariance {
  const scales = new Float64Array(n).fill(1)
  if (isDiagonal) return { isDiagonal, matrix: scales.slice(), basis: new Float64Array(0), scales }
  return { isDiagonal, matrix: identityMatrix(n), basis: identityMatrix(n), scales }
}

/** A matrix (or diagonal) with its decomposition, which takes some 10 n³ operations if full. */
export function decomposed(matrix: Float64Array, isDiagonal: boolean): Covariance {
  if (isDiagonal) {
    return { isDiagonal, matrix, basis: new Float64Array(0), scales: matrix.map(Math.sqrt) }
  }
  const { values, vectors } = symmetricEigen(matrix, Math.sqrt(matrix.length))
  return { isDiagonal, matrix, basis: vectors, scales: values.map(Math.sqrt) }
}

/** B D z. */
export function stretched({ basis, scales }: Covariance, z: Float64Array): Float64Array {
  const scaled = z.map((value, i) => value * scales[i]!)
  return basis.length === 0 ? scaled : times(basis, scaled, scales.length)
}

/** B D⁻¹ Bᵀ y, which is C^(-1/2) y. */
export function whitened({ basis, scales }: Covariance, y: Float64Array): Float64Array {
  const n = scales.length
  if (basis.length === 0) return y.map((value, i) => value / scales[i]!)
  const rotated = transposedTimes(basis, y, n)
  for (let i = 0; i < n; i++) rotated[i]! /= scales[i]!
  return times(basis, rotated, n)
}

/** The variance of component i. */
export function varianceOf({ isDiagonal, matrix, scales }: Covariance, i: number): number {
  return isDiagonal ? matrix[i]! : matrix[i * scales.length + i]!
}

/** decay * C + c * y yᵀ for each of the (c, y), as a new matrix. */
export function updated(
  { isDiagonal, matrix, scales }: Covariance,
  decay: number,
  terms: readonly (readonly [c: number, y: Float64Array])[],
): Float64Array {
  const n = scales.length
  const next = matrix.map((value) => decay * value)
  for (const [c, y] of terms) {
    for (let i = 0; i < n; i++) {
      const factor = c * y[i]!
      if (isDiagonal) {
        next[i]! += factor * y[i]!
      } else {
        for (let j = 0; j <= i; j++) next[i * n + j]! += factor * y[j]!
      }
    }
  }
  if (!isDiagonal) {
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) next[j * n + i] = next[i * n + j]!
  }
  return next
}
