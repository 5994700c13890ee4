// Activation functions, by name (in genotypes) and by small integer code (in plans).
//
//   activate(activationCode('tanh'), 0.5)   // 0.46211715726000973
//
// All are built from + - * /, comparison, sqrt and elementary.ts, never from Math.tanh and its kin:
// the same genotype answers the same bits on every machine (Arbor's networks are exchanged between
// nodes and re-evaluated there). network/interpreter.ts carries the frequent bodies inlined,
// because a call costs more than the arithmetic; test/evolution/network/interpreter.test.ts holds
// the two to the same bits.
//
// NaN answers NaN everywhere. -0: odd functions return -0; relu, sgn, bin and trinary
// return 0.
import { cos, exp, log, sin } from './elementary.ts'

/**
 * The names, in the order of their codes: a name keeps its place for ever, new ones are appended,
 * because plans and stored genotypes carry them.
 */
export const activationNames = [
  'tanh',
  'sigmoid',
  'steep_sigmoid',
  'identity',
  'relu',
  'sin',
  'cos',
  'gaussian',
  'softsign',
  'sgn',
  'bin',
  'trinary',
  'multiquadric',
  'absolute',
  'quadratic',
  'cubic',
  'sqrt',
  'log',
] as const

export type ActivationName = (typeof activationNames)[number]

export const TANH = 0
export const SIGMOID = 1
export const STEEP_SIGMOID = 2
export const IDENTITY = 3
export const RELU = 4

/** Slope of NEAT's sigmoid (Stanley & Miikkulainen 2002, section 4.1). */
export const STEEP_SLOPE = 4.9

const codes: ReadonlyMap<string, number> = new Map(
  activationNames.map((name, code) => [name, code]),
)

/** Is this the name of an activation? For data from outside. */
export function isActivationName(name: unknown): name is ActivationName {
  return typeof name === 'string' && codes.has(name)
}

/** The code of a name; the index of the name in `activationNames`. */
export function activationCode(name: ActivationName): number {
  return codes.get(name) ?? -1
}

/**
 * tanh x, relative error below 2e-15 (tested): Lambert's continued fraction of tanh(x / 8), cut
 * after the seventh term, as p / q; then three times tanh 2y = 2 t / (1 + t^2) on the fraction
 * itself, so that one division is enough. Saturates at exactly +-1 beyond 20.
 */
function tanh(x: number): number {
  const y = 0.125 * Math.max(-20, Math.min(20, x))
  const z = y * y
  let p = y * (1 + z * (17325 / 135135 + z * (378 / 135135 + z * (1 / 135135))))
  let q = 1 + z * (62370 / 135135 + z * (3150 / 135135 + z * (28 / 135135)))
  let twice = 2 * p * q
  q = p * p + q * q
  p = twice
  twice = 2 * p * q
  q = p * p + q * q
  p = twice
  const t = (2 * p * q) / (p * p + q * q)
  return Math.max(-1, Math.min(1, t))
}

/**
 * 1 / (1 + e^-x), relative error below 1e-14 for x > -15, absolute below 1e-15 everywhere (tested):
 * with tanh(x / 32) = p / q as above, e^x = ((q + p) / (q - p))^16, so the answer is a^16 / (a^16 +
 * b^16) for a = q + p, b = q - p. Constant beyond +-40.
 */
function sigmoid(x: number): number {
  const y = 0.03125 * Math.max(-40, Math.min(40, x))
  const z = y * y
  const p = y * (1 + z * (17325 / 135135 + z * (378 / 135135 + z * (1 / 135135))))
  const q = 1 + z * (62370 / 135135 + z * (3150 / 135135 + z * (28 / 135135)))
  let a = q + p
  let b = q - p
  a *= a
  b *= b
  a *= a
  b *= b
  a *= a
  b *= b
  a *= a
  b *= b
  return a / (a + b)
}

/** Less frequent activations, by code: called from the interpreter, not inlined there. */
export function activateRare(code: number, x: number): number {
  switch (activationNames[code]) {
    case 'sin':
      return sin(x)
    case 'cos':
      return cos(x)
    case 'gaussian':
      return exp(-x * x)
    case 'softsign':
      return x / (1 + Math.abs(x))
    case 'sgn':
      return Math.sign(x) + 0
    case 'bin':
      return x > 0 ? 1 : Number.isNaN(x) ? x : 0
    case 'trinary':
      return Math.abs(x) >= 0.33 ? Math.sign(x) : Number.isNaN(x) ? x : 0
    case 'multiquadric':
      return Math.sqrt(x * x + 0.01)
    case 'absolute':
      return Math.abs(x)
    case 'quadratic':
      return x * Math.abs(x)
    case 'cubic':
      return x * x * x
    case 'sqrt':
      return x < 0 ? -Math.sqrt(-x) : Math.sqrt(x)
    case 'log':
      return x === 0 ? 0 : x < 0 ? -log(-x) : log(x)
    default:
      return Number.NaN
  }
}

/** The activation with this code at x. NaN for a code that does not exist. */
export function activate(code: number, x: number): number {
  switch (code) {
    case TANH:
      return tanh(x)
    case SIGMOID:
      return sigmoid(x)
    case STEEP_SIGMOID:
      return sigmoid(STEEP_SLOPE * x)
    case IDENTITY:
      return x
    case RELU:
      return Math.max(0, x)
    default:
      return activateRare(code, x)
  }
}
