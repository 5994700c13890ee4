// The kinds of neuron, by name (in genotypes) and by small integer code (in plans). What each
// computes stands in liquid.ts.

/**
 * The names, in the order of their codes: a name keeps its place for ever, new ones are appended.
 *
 * - `standard`: the activation of the aggregate.
 * - `ltc`: liquid time-constant neuron (Hasani et al. 2021).
 * - `cfc`: closed-form continuous-time neuron (Hasani et al. 2022).
 * - `leaky`: leaky integrator, x' = x + (u - x) / timeConstant.
 * - `delay`: answers what it took in one tick ago.
 */
export const neuronTypes = ['standard', 'ltc', 'cfc', 'leaky', 'delay'] as const

export const STANDARD = 0
export const LTC = 1
export const CFC = 2
export const LEAKY = 3
export const DELAY = 4

export type NeuronType = (typeof neuronTypes)[number]

/** Is this the name of a kind of neuron? For data from outside. */
export function isNeuronType(name: unknown): name is NeuronType {
  return neuronTypes.some((known) => known === name)
}

/** The code of a name; the index of the name in `neuronTypes`. */
export function neuronTypeCode(name: NeuronType): number {
  return neuronTypes.indexOf(name)
}
