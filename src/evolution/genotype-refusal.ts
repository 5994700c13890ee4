// How the parts of a genotype are read from data that may be anything: each reader answers the
// value or throws a `Refusal`, which `checkGenotype` turns into its answer.
import { GENOTYPE_COEFFICIENTS_MAX, GENOTYPE_WEIGHT_MAX } from '../limits.ts'

/** Why data is not a genotype; stable names, for counting refusals. */
export type GenotypeFault =
  | 'not-an-object'
  | 'unknown-field'
  | 'size'
  | 'not-a-number'
  | 'activation'
  | 'aggregation'
  | 'neuron-type'
  | 'plasticity'
  | 'morphology'
  | 'agent'
  | 'substrate'
  | 'id'
  | 'layer'
  | 'order'
  | 'dangling-link'
  | 'innovation'

/** Internal to the check: the first thing that is wrong. */
export class Refusal extends Error {
  readonly reason: GenotypeFault

  constructor(reason: GenotypeFault, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/** The own fields of a plain object that has no others than these. */
export function fieldsOf(
  value: unknown,
  what: string,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('not-an-object', `${what} is an object`)
  }
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) throw new Refusal('unknown-field', `${what} has no such field`)
  }
  return { ...value }
}

export function listOf(value: unknown, what: string, sizeMax: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new Refusal('not-an-object', `${what} is a list`)
  if (value.length > sizeMax) {
    throw new Refusal('size', `${value.length} ${what}, at most ${sizeMax}`)
  }
  return value
}

export function sizeOf(value: unknown, what: string, sizeMin: number, sizeMax: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new Refusal('not-a-number', `${what} is an integer`)
  }
  if (value < sizeMin || value > sizeMax) {
    throw new Refusal('size', `${value} ${what}, between ${sizeMin} and ${sizeMax}`)
  }
  return value
}

export function idOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Refusal('id', 'an id or innovation number is an integer in [0, 2^53)')
  }
  return value
}

export function weightOf(value: unknown): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= GENOTYPE_WEIGHT_MAX)) {
    throw new Refusal('not-a-number', `a weight is a number within ±${GENOTYPE_WEIGHT_MAX}`)
  }
  return value
}

export function within(value: unknown, what: string, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new Refusal('not-a-number', `${what} is a number in [${min}, ${max}]`)
  }
  return value
}

/** A short list of weights. */
export function coefficientsOf(value: unknown, what: string): readonly number[] {
  return listOf(value, what, GENOTYPE_COEFFICIENTS_MAX).map(weightOf)
}

/** One of some names. */
export function nameOf<Name extends string>(
  value: unknown,
  names: readonly Name[],
  fault: GenotypeFault,
): Name {
  const known = names.find((name) => name === value)
  if (known === undefined) throw new Refusal(fault, `there is no such ${fault}`)
  return known
}
