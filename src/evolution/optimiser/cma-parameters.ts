// The numbers by which CMA-ES learns, from the dimension n and the number of candidates alone.
// Three sources give three sets; all share the weights, c_c and c_1:
//
//   tutorial   Hansen 2016, "The CMA Evolution Strategy: A Tutorial", table 1
//   pycma      CMAEvolutionStrategy of pycma: a faster c_sigma, a rank-mu offset of 1/4
//   purecma    purecma.py of pycma: the tutorial's with a damping of its own; its step size follows
//              the squared length of its path
//
// Not for covariance matrices of more than a few hundred rows: see sep-CMA-ES.
import { log } from '../network/elementary.ts'

export const cmaVariants = ['tutorial', 'pycma', 'purecma'] as const
export type CmaVariant = (typeof cmaVariants)[number]

/** Symbols of the tutorial, in pycma's spelling. Plain data. */
export interface CmaParameters {
  /** Candidates of an iteration, lambda. */
  readonly popsize: number
  /** Candidates that move the mean. */
  readonly mu: number
  /** One a candidate, the best first; the first mu are positive and add up to 1. */
  readonly weights: readonly number[]
  /** Variance-effective number of parents. */
  readonly mueff: number
  /** Learning rate of the step size's path. */
  readonly cs: number
  /** Learning rate of the covariance's path. */
  readonly cc: number
  /** Learning rate of the rank-one update. */
  readonly c1: number
  /** Learning rate of the rank-mu update. */
  readonly cmu: number
  /** Damping of the step size. */
  readonly damps: number
  /** Expected length of a normally distributed vector. */
  readonly chiN: number
  /** Whether the step size follows the length of its path or its square. */
  readonly sigmaRule: 'norm' | 'squared'
}

/** The candidates of an iteration if nobody says how many: 4 + floor(3 ln n). */
export function defaultPopsize(n: number): number {
  return 4 + Math.floor(3 * log(n))
}

export interface CmaKind {
  readonly variant: CmaVariant
  /**
   * Whether the worse half of the candidates has negative weights (active CMA: Jastrebski & Arnold
   * 2006; tutorial, equations 49 to 53).
   */
  readonly isActive: boolean
  /**
   * Whether the matrix is diagonal: its rates are then (n + 2) / 3 times as high, because it has n
   * numbers to learn and not n (n + 1) / 2 (Ros & Hansen 2008, equation 3).
   */
  readonly isDiagonal: boolean
}

/** The parameters for a dimension and a number of candidates of at least 2. */
export function cmaParameters(
  n: number,
  popsize: number,
  { variant, isActive, isDiagonal }: CmaKind,
): CmaParameters {
  const raw = rawWeights(popsize)
  const mu = raw.filter((weight) => weight > 0).length
  const positive = normalised(raw.slice(0, mu))
  const negative = normalised(raw.slice(mu))
  const mueff = 1 / positive.reduce((sum, weight) => sum + weight * weight, 0)
  const speed = isDiagonal ? (n + 2) / 3 : 1
  const shrink = variant === 'pycma' ? Math.min(1, popsize / 6) : 1
  const c1 = Math.min(1, (speed * shrink * 2) / ((n + 1.3) * (n + 1.3) + mueff))
  const offset = variant === 'pycma' ? 0.25 : 0
  const rankMu = (2 * (offset + mueff - 2 + 1 / mueff)) / ((n + 2) * (n + 2) + mueff)
  const cmu = Math.min(1 - c1, speed * rankMu)
  const cs = (mueff + 2) / (n + mueff + (variant === 'pycma' ? 3 : 5))
  const most = isActive ? mostNegative(negative, n, mueff, c1, cmu) : 0
  return {
    popsize,
    mu,
    weights: [...positive, ...negative.map((weight) => weight * most)],
    mueff,
    cs,
    cc: (4 + mueff / n) / (n + 4 + (2 * mueff) / n),
    c1,
    cmu,
    damps: damping(variant, n, popsize, mueff) + cs,
    chiN: expectedLength(variant, n),
    sigmaRule: variant === 'purecma' ? 'squared' : 'norm',
  }
}

/** ln((lambda + 1) / 2) - ln(rank): falling, the better half positive. */
function rawWeights(popsize: number): number[] {
  return Array.from({ length: popsize }, (_, rank) => log((popsize + 1) / 2) - log(rank + 1))
}

/** Divided so that they add up to 1, or to -1. */
function normalised(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + Math.abs(weight), 0)
  return weights.map((weight) => (sum === 0 ? 0 : weight / sum))
}

/**
 * What negative weights may add up to (tutorial, equation 53): no decay of the matrix, no more than
 * their own effective number allows, and the matrix stays positive definite.
 */
function mostNegative(
  weights: readonly number[],
  n: number,
  mueff: number,
  c1: number,
  cmu: number,
): number {
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0)
  if (squares === 0 || cmu === 0) return 0
  const effective = 1 / squares
  return Math.min(1 + c1 / cmu, 1 + (2 * effective) / (mueff + 2), (1 - c1 - cmu) / (n * cmu))
}

/** The damping without its c_sigma. */
function damping(variant: CmaVariant, n: number, popsize: number, mueff: number): number {
  if (variant === 'purecma') return (2 * mueff) / popsize + 0.3
  return 1 + 2 * Math.max(0, Math.sqrt(Math.max(0, (mueff - 1) / (n + 1))) - 1)
}

/** pycma's values for one to six dimensions. */
const expectedLengths: readonly number[] = [
  0.7978845608028654, 1.2533141373156, 1.59576912160573, 1.87997120597325, 2.1276921621409746,
  2.3499640074665633,
]

function expectedLength(variant: CmaVariant, n: number): number {
  if (variant === 'pycma') {
    return expectedLengths[n - 1] ?? Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (26 * n * n))
  }
  return Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
}
