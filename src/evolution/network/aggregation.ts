// Aggregation functions: what a neuron makes of its weighted inputs, before bias and activation. By
// name in genotypes, by small integer code in plans.
//
//   neuron = activation(bias + response * aggregation(input * weight of every link))
//
// Two are different. mult_product multiplies by the bias instead of adding it; a bias of 0 is none.
// dot_product and diff_product are summed from the bias on, link by link, each term being
// input * (weight * response): so a network without responses, and one whose plan has them in its
// weights, adds the same numbers in the same order.
//
// An empty aggregation is 0, except the empty product: 1. The order of the links is that of the
// genotype; it matters to the last bit of sums, products and means, and to nothing else but which
// of two values of the same size with unlike signs is maxabs (the first).

/**
 * The names, in the order of their codes: a name keeps its place for ever, new ones are appended,
 * because plans and stored genotypes carry them. The first three are DXNN's (Sher 2013, section
 * 6.5), the others neat-python's.
 */
export const aggregationNames = [
  'dot_product',
  'mult_product',
  'diff_product',
  'product',
  'max',
  'min',
  'maxabs',
  'median',
  'mean',
] as const

export type AggregationName = (typeof aggregationNames)[number]

export const DOT_PRODUCT = 0
export const MULT_PRODUCT = 1
const PRODUCT = 3
/**
 * The dot product of what changed since the last firing; the first firing after a reset takes the
 * inputs as they are. Its caller hands in the differences.
 */
export const DIFF_PRODUCT = 2

const codes: ReadonlyMap<string, number> = new Map(
  aggregationNames.map((name, code) => [name, code]),
)

/** Is this the name of an aggregation? For data from outside. */
export function isAggregationName(name: unknown): name is AggregationName {
  return typeof name === 'string' && codes.has(name)
}

/** The code of a name; the index of the name in `aggregationNames`. */
export function aggregationCode(name: AggregationName): number {
  return codes.get(name) ?? -1
}

function product(terms: Float64Array, count: number): number {
  let result = 1
  for (let i = 0; i < count; i++) result *= terms[i]!
  return result
}

function least(terms: Float64Array, count: number): number {
  let result = terms[0]!
  for (let i = 1; i < count; i++) result = Math.min(result, terms[i]!)
  return result
}

function greatest(terms: Float64Array, count: number): number {
  let result = terms[0]!
  for (let i = 1; i < count; i++) result = Math.max(result, terms[i]!)
  return result
}

function furthest(terms: Float64Array, count: number): number {
  let result = terms[0]!
  for (let i = 1; i < count; i++) {
    if (Math.abs(terms[i]!) <= Math.abs(result) || Number.isNaN(result)) continue
    result = terms[i]!
  }
  return result
}

/** Sorts the terms; insertion, because they are few and mostly the same order as the last time. */
function median(terms: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) {
    const term = terms[i]!
    if (Number.isNaN(term)) return term
    let at = i
    for (; at > 0 && terms[at - 1]! > term; at--) terms[at] = terms[at - 1]!
    terms[at] = term
  }
  const half = count >> 1
  return (count & 1) === 1 ? terms[half]! : (terms[half - 1]! + terms[half]!) / 2
}

function sum(terms: Float64Array, count: number): number {
  let result = 0
  for (let i = 0; i < count; i++) result += terms[i]!
  return result
}

/**
 * The aggregation with this code of the first `count` of `terms` (input times weight, link by
 * link), which it may reorder. NaN among the terms is an answer of NaN, and so is a code that does
 * not exist.
 */
export function aggregate(code: number, terms: Float64Array, count: number): number {
  if (count === 0) return code === MULT_PRODUCT || code === PRODUCT ? 1 : 0
  switch (aggregationNames[code]) {
    case 'dot_product':
    case 'diff_product':
      return sum(terms, count)
    case 'mult_product':
    case 'product':
      return product(terms, count)
    case 'min':
      return least(terms, count)
    case 'max':
      return greatest(terms, count)
    case 'maxabs':
      return furthest(terms, count)
    case 'median':
      return median(terms, count)
    case 'mean':
      return sum(terms, count) / count
    default:
      return Number.NaN
  }
}
