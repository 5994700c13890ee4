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
//
// Other programs call other functions by the same names (neat-python's sigmoid is five times as
// steep as the logistic function). Here a name has one meaning for ever; theirs carry a prefix, and
// network/peer-names.ts translates.
import { cos, exp, expm1, log, sin } from './elementary.ts'

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
  'elu',
  'lelu',
  'selu',
  'clamped',
  'hat',
  'square',
  'inv',
  'exp',
  'neat_sigmoid',
  'neat_tanh',
  'neat_sin',
  'neat_gauss',
  'neat_softplus',
  'neat_log',
  'original_neat_sigmoid',
  'faber_sigmoid',
  'faber_gaussian',
  'bip',
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
 * tanh x, relative error below 1e-15 (tested), exactly +-1 beyond 19.0615: a rational function p /
 * q of x, near tanh x / 4, then twice tanh 2y = 2 t / (1 + t^2) on the fraction itself, so that one
 * division is enough.
 *
 * The coefficients are those with the least relative error of the answer (1.3e-16; none at 0, where
 * q is 4 p / x). p^2 + q^2 is written 2 |p| q + (q - |p|)^2, which no rounding makes less than its
 * first part: so no answer exceeds 1.
 */
export function tanh(x: number): number {
  const y = Math.max(-19.0615, Math.min(19.0615, x))
  const z = y * y
  const p = y * (238958476.1132344 + z * (1986661.3865718788 + z * (3156.033500950221 + z)))
  const q =
    955833904.4529376 +
    z *
      (27859851.88905634 +
        z * (95207.55645751175 + z * (71.06893553841122 + z * 0.00677352838123639)))
  const gap = q - Math.abs(p)
  const rest = gap * gap
  const twice = 2 * p * q
  const four = 2 * twice * (Math.abs(twice) + rest)
  return four / (Math.abs(four) + rest * rest)
}

/**
 * 1 / (1 + e^-x), relative error below 1e-14 for x > -15, absolute below 1e-15 everywhere (tested):
 * with tanh(x / 32) = p / q, Lambert's continued fraction cut after the seventh term, e^x = ((q +
 * p) / (q - p))^16, so the answer is a^16 / (a^16 + b^16) for a = q + p, b = q - p. Constant beyond
 * +-40.
 */
export function sigmoid(x: number): number {
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

/** Values of x within +-limit; NaN stays NaN. */
function clip(x: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, x))
}

/** ln 2.71828183 - 1: how far faber's base of the gaussian is from e. */
const FABER_BASE_EXCESS = 5.668855775254493e-10

/** Klambauer et al. 2017, Self-normalizing neural networks, section 2; digits of neat-python. */
const SELU_SCALE = 1.0507009873554805
const SELU_ALPHA = 1.6732632423543772

/** What each name means. */
const meanings: Readonly<Record<ActivationName, (x: number) => number>> = {
  tanh,
  sigmoid,
  // NEAT's, with the slope of the paper.
  steep_sigmoid: (x) => sigmoid(STEEP_SLOPE * x),
  identity: (x) => x,
  relu: (x) => Math.max(0, x),
  sin,
  cos,
  gaussian: (x) => exp(-x * x),
  softsign: (x) => x / (1 + Math.abs(x)),
  sgn: (x) => Math.sign(x) + 0,
  bin: (x) => (x > 0 ? 1 : Number.isNaN(x) ? x : 0),
  trinary: (x) => (Math.abs(x) >= 0.33 ? Math.sign(x) : Number.isNaN(x) ? x : 0),
  multiquadric: (x) => Math.sqrt(x * x + 0.01),
  absolute: (x) => Math.abs(x),
  quadratic: (x) => x * Math.abs(x),
  cubic: (x) => x * x * x,
  sqrt: (x) => (x < 0 ? -Math.sqrt(-x) : Math.sqrt(x)),
  log: (x) => (x === 0 ? 0 : x < 0 ? -log(-x) : log(x)),
  // Those of neat-python (activations.py) that nobody else calls otherwise.
  elu: (x) => (x > 0 ? x : 1 + expm1(x) - 1),
  lelu: (x) => (x > 0 ? x : 0.005 * x),
  selu: (x) => (x > 0 ? SELU_SCALE * x : SELU_SCALE * SELU_ALPHA * (1 + expm1(x) - 1)),
  clamped: (x) => clip(x, 1),
  hat: (x) => Math.max(0, 1 - Math.abs(x)),
  square: (x) => x * x,
  inv: (x) => (x === 0 ? 0 : 1 / x),
  exp: (x) => exp(clip(x, 60)),
  // Those whose plain name means something else above, or to another program.
  neat_sigmoid: (x) => 1 / (1 + exp(-clip(5 * x, 60))),
  neat_tanh: (x) => tanh(clip(2.5 * x, 60)),
  neat_sin: (x) => sin(clip(5 * x, 60)),
  neat_gauss: (x) => {
    const z = clip(x, 3.4)
    return exp(-5 * (z * z))
  },
  neat_softplus: (x) => 0.2 * log(1 + exp(clip(5 * x, 60))),
  neat_log: (x) => log(Math.max(1e-7, x)),
  // The slope in the code of Stanley's own program, instead of the 4.9 of the paper.
  original_neat_sigmoid: (x) => 1 / (1 + exp(-(4.924273 * x))),
  faber_sigmoid: (x) => 1 / (1 + exp(-clip(x, 10))),
  // The base is 2.71828183, not e.
  faber_gaussian: (x) => {
    const z = clip(x, 10)
    const y = z * z
    return exp(-y) * exp(-y * FABER_BASE_EXCESS)
  },
  // DXNN2's for binary problems.
  bip: (x) => (x > 0 ? 1 : Number.isNaN(x) ? x : -1),
}

const byCode = activationNames.map((name) => meanings[name])

/** The activation with this code at x. NaN for a code that does not exist. */
export function activate(code: number, x: number): number {
  const meaning = byCode[code]
  return meaning === undefined ? Number.NaN : meaning(x)
}
