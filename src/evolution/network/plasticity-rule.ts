// The plasticity rules, by name (in genotypes) and by small integer code (in plans), and how many
// parameters each needs. What each does to a weight stands in plasticity.ts.

/** A rule: its name, and the parameters a genotype holds for it. */
export interface PlasticityRule {
  readonly name: string
  /** Parameters of the neuron, in this order. */
  readonly neuron: readonly string[]
  /** Parameters of each of its incoming links, in this order. */
  readonly link: readonly string[]
}

/**
 * In the order of their codes: a rule keeps its place for ever, new ones are appended. From
 * `hebbian_w` on they are DXNN's (Sher 2013, chapter 15); `hebb` to `abcd_w` are faber's,
 * `stdp` is that of its Rust crate.
 */
export const plasticityRules = [
  { name: 'none', neuron: [], link: [] },
  { name: 'hebbian_w', neuron: [], link: ['h'] },
  { name: 'hebbian', neuron: ['h'], link: [] },
  { name: 'ojas_w', neuron: [], link: ['h'] },
  { name: 'ojas', neuron: ['h'], link: [] },
  { name: 'self_modulation_v1', neuron: [], link: ['h'] },
  { name: 'self_modulation_v2', neuron: ['a'], link: ['h'] },
  { name: 'self_modulation_v3', neuron: ['a', 'b', 'c', 'd'], link: ['h'] },
  { name: 'self_modulation_v4', neuron: [], link: ['h', 'a'] },
  { name: 'self_modulation_v5', neuron: ['b', 'c', 'd'], link: ['h', 'a'] },
  { name: 'self_modulation_v6', neuron: [], link: ['h', 'a', 'b', 'c', 'd'] },
  { name: 'neuromodulation', neuron: ['h', 'a', 'b', 'c', 'd'], link: [] },
  { name: 'hebb', neuron: ['rate', 'decay', 'bound'], link: [] },
  { name: 'oja', neuron: ['rate'], link: [] },
  { name: 'modulated', neuron: ['rate', 'baseline', 'scale'], link: [] },
  { name: 'eligibility_trace', neuron: ['rate', 'decay'], link: [] },
  { name: 'abcd', neuron: ['rate', 'a', 'b', 'c', 'd'], link: [] },
  { name: 'abcd_w', neuron: ['rate'], link: ['a', 'b', 'c', 'd'] },
  { name: 'stdp', neuron: ['aPlus', 'aMinus', 'tau', 'threshold'], link: [] },
] as const

export type PlasticityRuleName = (typeof plasticityRules)[number]['name']

/** Most parameters that a rule wants of a neuron or of a link. */
export const PLASTICITY_PARAMETERS_MAX = 5

const codes: ReadonlyMap<string, number> = new Map(
  plasticityRules.map(({ name }, code) => [name, code]),
)

/** Is this the name of a rule? For data from outside. */
export function isPlasticityRuleName(name: unknown): name is PlasticityRuleName {
  return typeof name === 'string' && codes.has(name)
}

/** The code of a name; the index of the rule in `plasticityRules`. */
export function plasticityCode(name: PlasticityRuleName): number {
  return codes.get(name) ?? -1
}

/** The rule of a name. */
export function plasticityRule(name: PlasticityRuleName): PlasticityRule {
  return plasticityRules[plasticityCode(name)]!
}
