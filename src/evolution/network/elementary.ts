// The elementary functions of evolution: exp, log, sin and cos from + - * /, comparison and exact
// powers of two alone, so that every machine and every release of the engine computes the same
// bits. (ECMAScript leaves Math.exp and its family implementation-approximated, and Math.pow did
// change between releases.) Coefficients come from series that can be checked by hand: Lambert's
// continued fraction and Taylor's. NaN answers NaN. Not for general numerics: outside src/evolution
// the platform's own are fine.

/** 2^n for n from -1074 to 1023, at index n + 1074; built by exact doubling. */
const powersOfTwo: Float64Array = (() => {
  const table = new Float64Array(2098)
  let power = Number.MIN_VALUE
  for (let index = 0; index < table.length; index++, power *= 2) table[index] = power
  return table
})()

/** ln 2 in two parts: the upper has 32 bits, so n times it is exact for every exponent. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/**
 * e^x, relative error below 1e-15 in the normal range (tested). Infinity above 709.79, 0 below
 * -745.2.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, then e^r = (q + p) / (q - p) where p / q is Lambert's
 * continued fraction of tanh(r / 2) cut after the seventh term, then an exact scaling by 2^n.
 */
export function exp(x: number): number {
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY
  if (x < -745.1332191019412) return 0
  const n = Math.floor(x / Math.LN2 + 0.5)
  if (Number.isNaN(n)) return x
  const y = 0.5 * (x - n * LN2_HIGH - n * LN2_LOW)
  const z = y * y
  const p = y * (135135 + z * (17325 + z * (378 + z)))
  const q = 135135 + z * (62370 + z * (3150 + z * 28))
  // Two factors, because 2^1024 and the subnormal results need an intermediate within range.
  const half = n >> 1
  return ((q + p) / (q - p)) * powersOfTwo[half + 1074]! * powersOfTwo[n - half + 1074]!
}

/**
 * e^x - 1, relative error below 4e-15 (tested), also where e^x is nearly 1. -1 below -745.2.
 *
 * As exp, without the scaling: (q + p) / (q - p) - 1 = 2 p / (q - p) for |x| <= ln 2 / 2.
 */
export function expm1(x: number): number {
  if (!(x > -0.34 && x < 0.34)) return exp(x) - 1
  const y = 0.5 * x
  const z = y * y
  const p = y * (135135 + z * (17325 + z * (378 + z)))
  const q = 135135 + z * (62370 + z * (3150 + z * 28))
  return (2 * p) / (q - p)
}

const bits = new DataView(new ArrayBuffer(8))

/**
 * Natural logarithm, relative error below 1e-15 away from 1 (absolute 1e-16 near it). NaN below 0,
 * -Infinity at 0.
 *
 * x = 2^n m with m between sqrt(1/2) and sqrt(2), then ln m = 2 atanh(s), s = (m - 1) / (m + 1), by
 * its Taylor series up to s^21 (|s| < 0.1716, so the rest is below 1e-17).
 */
export function log(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY)
    return x === 0 ? Number.NEGATIVE_INFINITY : x < 0 ? Number.NaN : x
  let n = -1022
  let m = x
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984 // 2^54 makes a subnormal normal
    n -= 54
  }
  bits.setFloat64(0, m)
  const high = bits.getInt32(0)
  n += (high >> 20) - 1
  bits.setInt32(0, (high & 0xfffff) | 0x3ff00000)
  m = bits.getFloat64(0)
  if (m > Math.SQRT2) {
    m *= 0.5
    n += 1
  }
  const s = (m - 1) / (m + 1)
  const z = s * s
  const tail =
    z *
    (1 / 3 +
      z *
        (1 / 5 +
          z *
            (1 / 7 +
              z *
                (1 / 9 +
                  z *
                    (1 / 11 +
                      z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z / 21)))))))))
  return n * LN2_HIGH + (2 * s + (2 * s * tail + n * LN2_LOW))
}

/**
 * Beyond this magnitude the angle is first reduced by % (exact in ECMAScript) with the double
 * nearest to 2 pi: still a sine-like function of period 6.283185307179586, bounded and the same
 * everywhere, but no longer the sine of the exact angle.
 */
const ANGLE_MAX = 1e6
const TURN = 6.283185307179586
const QUARTER = 0.7853981633974483
const TWO_OVER_PI = 0.6366197723675814
/**
 * pi / 2 in three parts of 33, 33 and 53 bits, so that k times each of the first two is exact for k
 * < 2^20.
 */
const HALF_PI_1 = 1.5707963267341256
const HALF_PI_2 = 6.077100506303966e-11
const HALF_PI_3 = 2.0222662487959506e-21

/** Taylor's sine up to x^15 for |x| <= pi / 4 (rest below 5e-17). */
function sinNear(x: number): number {
  const z = x * x
  return (
    x *
    (1 -
      z *
        (1 / 6 -
          z *
            (1 / 120 -
              z *
                (1 / 5040 -
                  z *
                    (1 / 362880 - z * (1 / 39916800 - z * (1 / 6227020800 - z / 1307674368000)))))))
  )
}

/** Taylor's cosine up to x^16 for |x| <= pi / 4 (rest below 3e-18). */
function cosNear(x: number): number {
  const z = x * x
  const tail =
    z *
    z *
    (1 / 24 -
      z *
        (1 / 720 -
          z *
            (1 / 40320 -
              z *
                (1 / 3628800 - z * (1 / 479001600 - z * (1 / 87178291200 - z / 20922789888000))))))
  const half = 0.5 * z
  const rest = 1 - half
  return rest + (1 - rest - half + tail)
}

/**
 * sin x, absolute error below 3e-16 for |x| <= 1e6 (tested; see ANGLE_MAX beyond); NaN for NaN and
 * infinities.
 */
export function sin(x: number): number {
  if (x >= -QUARTER && x <= QUARTER) return sinNear(x)
  const angle = x >= -ANGLE_MAX && x <= ANGLE_MAX ? x : x % TURN
  const k = Math.floor(angle * TWO_OVER_PI + 0.5)
  const r = angle - k * HALF_PI_1 - k * HALF_PI_2 - k * HALF_PI_3
  const quadrant = k & 3
  const value = (quadrant & 1) === 0 ? sinNear(r) : cosNear(r)
  return quadrant < 2 ? value : -value
}

/**
 * cos x, absolute error below 3e-16 for |x| <= 1e6 (tested; see ANGLE_MAX beyond); NaN for NaN and
 * infinities.
 */
export function cos(x: number): number {
  if (x >= -QUARTER && x <= QUARTER) return cosNear(x)
  const angle = x >= -ANGLE_MAX && x <= ANGLE_MAX ? x : x % TURN
  const k = Math.floor(angle * TWO_OVER_PI + 0.5)
  const r = angle - k * HALF_PI_1 - k * HALF_PI_2 - k * HALF_PI_3
  const quadrant = k & 3
  const value = (quadrant & 1) === 0 ? cosNear(r) : sinNear(r)
  return quadrant === 0 || quadrant === 3 ? value : -value
}
