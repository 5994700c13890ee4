// The little linear algebra that optimisers of weights need: symmetric matrices of some hundred
// rows, row by row in one Float64Array. Only + - * / and sqrt in a fixed order, so the same bits on
// every machine. Not for large or general matrices: there is no pivoting and no blocking.
//
//   const { values, vectors } = symmetricEigen(matrix, n)
//   // matrix = vectors * diag(values) * transpose(vectors), values ascending

export interface Eigen {
  /** Ascending. */
  readonly values: Float64Array
  /** Orthonormal, in columns: component i of vector k at [i * n + k]. */
  readonly vectors: Float64Array
}

/** A QL sweep that has not isolated an eigenvalue by then never will: the matrix is not finite. */
const SWEEPS_MAX = 64

/** 2^-52, the distance from 1 to the next number. */
const EPSILON = 2.220446049250313e-16

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, of which the lower triangle is read: reduced
 * to tridiagonal form by Householder's reflections, then QL with implicit shifts (EISPACK's tred2
 * and tql2; Martin, Reinsch & Wilkinson 1968). NaN everywhere for a matrix that is not finite.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const vectors = Float64Array.from(matrix)
  const values = new Float64Array(n)
  const offDiagonal = new Float64Array(n)
  if (!matrix.every(Number.isFinite)) {
    return { values: values.fill(Number.NaN), vectors: vectors.fill(Number.NaN) }
  }
  tridiagonalise(vectors, values, offDiagonal, n)
  if (!diagonalise(vectors, values, offDiagonal, n)) values.fill(Number.NaN)
  return ascending(values, vectors, n)
}

/**
 * Householder: afterwards `d` is the diagonal and `e` (from 1 on) the subdiagonal of a tridiagonal
 * matrix, `v` what turns one into the other.
 */
function tridiagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j]!
  for (let i = n - 1; i > 0; i--) {
    let scale = 0
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!)
    if (scale === 0) {
      e[i] = d[i - 1]!
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j]!
        v[i * n + j] = 0
        v[j * n + i] = 0
      }
      d[i] = 0
    } else {
      d[i] = reflect(v, d, e, n, i, scale)
    }
  }
  accumulate(v, d, n)
  e[0] = 0
}

/** One reflection, which clears row i left of the subdiagonal; returns half its squared length. */
function reflect(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  n: number,
  i: number,
  scale: number,
): number {
  let h = 0
  for (let k = 0; k < i; k++) {
    d[k]! /= scale
    h += d[k]! * d[k]!
  }
  const last = d[i - 1]!
  const g = last > 0 ? -Math.sqrt(h) : Math.sqrt(h)
  e[i] = scale * g
  h -= last * g
  d[i - 1] = last - g
  e.fill(0, 0, i)
  for (let j = 0; j < i; j++) {
    const f = d[j]!
    v[j * n + i] = f
    let sum = e[j]! + v[j * n + j]! * f
    for (let k = j + 1; k < i; k++) {
      sum += v[k * n + j]! * d[k]!
      e[k]! += v[k * n + j]! * f
    }
    e[j] = sum
  }
  let f = 0
  for (let j = 0; j < i; j++) {
    e[j]! /= h
    f += e[j]! * d[j]!
  }
  const half = f / (h + h)
  for (let j = 0; j < i; j++) e[j]! -= half * d[j]!
  for (let j = 0; j < i; j++) {
    const fj = d[j]!
    const gj = e[j]!
    for (let k = j; k < i; k++) v[k * n + j]! -= fj * e[k]! + gj * d[k]!
    d[j] = v[(i - 1) * n + j]!
    v[i * n + j] = 0
  }
  return h
}

/** Multiplies the reflections out into `v`. */
function accumulate(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i]!
    v[i * n + i] = 1
    const h = d[i + 1]!
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1]! / h
      for (let j = 0; j <= i; j++) {
        let g = 0
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1]! * v[k * n + j]!
        for (let k = 0; k <= i; k++) v[k * n + j]! -= g * d[k]!
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j]!
    v[(n - 1) * n + j] = 0
  }
  v[n * n - 1] = 1
}

/** QL with implicit shifts; whether it converged. */
function diagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): boolean {
  for (let i = 1; i < n; i++) e[i - 1] = e[i]!
  e[n - 1] = 0
  let shift = 0
  let largest = 0
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!))
    let m = l
    while (m < n - 1 && Math.abs(e[m]!) > EPSILON * largest) m++
    let sweeps = 0
    while (m > l && Math.abs(e[l]!) > EPSILON * largest) {
      if (sweeps++ === SWEEPS_MAX) return false
      const g = d[l]!
      const p = (d[l + 1]! - g) / (2 * e[l]!)
      const r = p < 0 ? -Math.sqrt(p * p + 1) : Math.sqrt(p * p + 1)
      d[l] = e[l]! / (p + r)
      d[l + 1] = e[l]! * (p + r)
      const h = g - d[l]!
      for (let i = l + 2; i < n; i++) d[i]! -= h
      shift += h
      sweep(v, d, e, n, l, m)
    }
    d[l]! += shift
    e[l] = 0
  }
  return true
}

/** One implicit QL sweep from row m up to row l. */
function sweep(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  n: number,
  l: number,
  m: number,
): void {
  const next = d[l + 1]!
  const nextOff = e[l + 1]!
  let p = d[m]!
  let c = 1
  let c2 = 1
  let c3 = 1
  let s = 0
  let s2 = 0
  for (let i = m - 1; i >= l; i--) {
    c3 = c2
    c2 = c
    s2 = s
    const g = c * e[i]!
    const h = c * p
    const r = Math.sqrt(p * p + e[i]! * e[i]!)
    e[i + 1] = s * r
    s = e[i]! / r
    c = p / r
    p = c * d[i]! - s * g
    d[i + 1] = h + s * (c * g + s * d[i]!)
    for (let k = 0; k < n; k++) {
      const old = v[k * n + i + 1]!
      const other = v[k * n + i]!
      v[k * n + i + 1] = s * other + c * old
      v[k * n + i] = c * other - s * old
    }
  }
  p = (-s * s2 * c3 * nextOff * e[l]!) / next
  e[l] = s * p
  d[l] = c * p
}

function ascending(values: Float64Array, vectors: Float64Array, n: number): Eigen {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b)
  const sorted = new Float64Array(n * n)
  order.forEach((from, to) => {
    // Of the two signs of a vector the one with a largest component above 0.
    let largest = 0
    for (let i = 0; i < n; i++) {
      const component = vectors[i * n + from]!
      if (Math.abs(component) > Math.abs(largest)) largest = component
    }
    const sign = largest < 0 ? -1 : 1
    for (let i = 0; i < n; i++) sorted[i * n + to] = sign * vectors[i * n + from]!
  })
  return { values: Float64Array.from(order, (from) => values[from]!), vectors: sorted }
}

/** vectors * diag(scales) * transpose(vectors): a function of a symmetric matrix. */
export function recompose(vectors: Float64Array, scales: Float64Array, n: number): Float64Array {
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += vectors[i * n + k]! * scales[k]! * vectors[j * n + k]!
      matrix[i * n + j] = sum
      matrix[j * n + i] = sum
    }
  }
  return matrix
}

/** matrix * vector. */
export function times(matrix: Float64Array, vector: ArrayLike<number>, n: number): Float64Array {
  const product = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let k = 0; k < n; k++) sum += matrix[i * n + k]! * vector[k]!
    product[i] = sum
  }
  return product
}

/** transpose(matrix) * vector. */
export function transposedTimes(
  matrix: Float64Array,
  vector: ArrayLike<number>,
  n: number,
): Float64Array {
  const product = new Float64Array(n)
  for (let k = 0; k < n; k++) {
    const factor = vector[k]!
    for (let i = 0; i < n; i++) product[i]! += matrix[k * n + i]! * factor
  }
  return product
}

/** a * b. */
export function matrixProduct(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!
      for (let j = 0; j < n; j++) product[i * n + j]! += factor * b[k * n + j]!
    }
  }
  return product
}

export function identityMatrix(n: number): Float64Array {
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1
  return matrix
}

/** Sum of squares. */
export function squaredLength(vector: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!
  return sum
}

/** The inverse, by Gauss and Jordan with partial pivoting; not finite for a singular matrix. */
export function inverted(matrix: Float64Array, n: number): Float64Array {
  // Both halves of each row side by side: the matrix, and what becomes its inverse.
  const width = 2 * n
  const rows = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(width)
    row.set(matrix.subarray(i * n, (i + 1) * n))
    row[n + i] = 1
    return row
  })
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i
    }
    const row = rows[pivot]!
    rows[pivot] = rows[column]!
    const divisor = row[column]!
    rows[column] = row.map((value) => value / divisor)
    eliminate(rows, column)
  }
  const inverse = new Float64Array(n * n)
  rows.forEach((row, i) => {
    inverse.set(row.subarray(n), i * n)
  })
  return inverse
}

/** Clears a column in all rows but its own. */
function eliminate(rows: readonly Float64Array[], column: number): void {
  const own = rows[column]!
  for (const row of rows) {
    const factor = row[column]!
    if (row === own || factor === 0) continue
    for (let j = column; j < own.length; j++) row[j]! -= factor * own[j]!
  }
}
