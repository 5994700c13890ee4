// How a neuron makes one number of its weighted inputs, by name (in genotypes) and by small integer
// code (in plans).

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
