// A genotype: the plain data that describes a network, and the check it passes before anyone trusts
// it.
//
//   const weight = () => 0.5
//   const genotype = minimalGenotype({ inputs: 2, outputs: 1, activation: 'sigmoid', weight })
//   const check = checkGenotype(JSON.parse(text))
//   if (!check.ok) console.error(check.reason, check.detail)
//
// It holds numbers, booleans, short names and arrays only, in one order, so that equal genotypes
// have equal bytes in canonical CBOR or JSON. Populations keep genotypes packed (genome-pool.ts).
//
// Layers (section 1.1 of the NEAT descendants' records): inputs are at -1, outputs at +1, a neuron
// that splits a link between them. A link is recurrent when layer(to) <= layer(from); it then
// carries its source's value of the previous tick, so no cycle can arise within one. Neurons act in
// the order (layer, id); each adds its bias first, then its enabled incoming links by ascending
// source position: inputs by id, then neurons in (layer, id) order. That order is part of what a
// genotype means.
//
// A neuron of type `delay` answers, when its turn comes, what it took in one tick ago, and 0 in the
// first tick; it takes in when all neurons have had their turn, from the values of this tick,
// whatever the layers of its sources. So a link into a delay is never recurrent, a link out of it
// is by the rule above, and a loop through a delay takes one tick for the delay. Modulatory links
// carry values as other links do. State, traces and learnt weights begin anew with every episode.
import type { AgentParameters } from './agent.ts'
import { linkInnovation, modulatoryInnovation } from './innovation.ts'
import type { ActivationName } from './network/activation.ts'
import type { AggregationName } from './network/aggregation.ts'
import type { NeuronType } from './network/neuron-type.ts'
import type { PlasticityRuleName } from './network/plasticity-rule.ts'
import type { SubstrateGene } from './substrate.ts'

export interface Genotype {
  /** Inputs have the ids 0 .. inputs-1 and the layer -1. */
  readonly inputs: number
  /** Outputs have the ids inputs .. inputs+outputs-1 and the layer 1. */
  readonly outputs: number
  /** Hidden and output neurons, ascending by (layer, id). */
  readonly neurons: readonly NeuronGene[]
  /** Ascending by innovation. */
  readonly links: readonly LinkGene[]
  /** What the inputs belong to, in order; their lengths add up to `inputs`. */
  readonly sensors?: readonly SensorGene[]
  /** What the outputs belong to, in order; their lengths add up to `outputs`. */
  readonly actuators?: readonly ActuatorGene[]
  /** How this genotype is tuned and mutated: parameters that evolve with it. */
  readonly agent?: AgentParameters
  /** The network is a CPPN that paints the weights of this substrate (HyperNEAT). */
  readonly substrate?: SubstrateGene
}

/** Optional fields are absent when they have their default. */
export interface NeuronGene {
  /**
   * An output's id, or what `splitNeuronId` gave: the same structure has the same id everywhere.
   */
  readonly id: number
  /** In (-1, 1) for a hidden neuron, 1 for an output. */
  readonly layer: number
  readonly activation: ActivationName
  readonly bias: number
  /** How the weighted inputs become one number; default `dot_product`. */
  readonly aggregation?: AggregationName
  /** The aggregate is multiplied by this before the bias is added (neat-python); default 1. */
  readonly response?: number
  /** Default `standard`. */
  readonly neuronType?: NeuronType
  /** Ticks, for `ltc`, `cfc` and `leaky`; in [0.001, 100], default 1. */
  readonly timeConstant?: number
  /** Bound of the state of `ltc` and `cfc`, also LTC's A; in [0.1, 10], default 1. */
  readonly stateBound?: number
  /** Coefficients of the backbone's polynomial of `ltc` and `cfc`; default none. */
  readonly backbone?: readonly number[]
  /** Coefficients of the head's polynomial of `ltc` and `cfc`; default none. */
  readonly head?: readonly number[]
  /** Generation of its lineage in which it was made or last changed (agent.ts); default 0. */
  readonly generation?: number
  /** How incoming weights change while the network runs; default they do not. */
  readonly plasticity?: PlasticityGene
}

export interface PlasticityGene {
  readonly rule: PlasticityRuleName
  /** Those of the neuron, as many as the rule needs (network/plasticity-rule.ts). */
  readonly parameters: readonly number[]
}

export interface LinkGene {
  /** `linkInnovation(from, to)`, or `modulatoryInnovation(from, to)`. */
  readonly innovation: number
  readonly from: number
  readonly to: number
  readonly weight: number
  /** A disabled link keeps its place for crossover and carries nothing. */
  readonly enabled: boolean
  /** It feeds the plasticity of its target instead of its sum; default it does not. */
  readonly modulatory?: true
  /** Those of each link, as many as the target's plasticity rule needs; default none. */
  readonly parameters?: readonly number[]
}

/** A sensor of the morphology: some neighbouring inputs with one name. */
export interface SensorGene {
  readonly name: string
  readonly length: number
}

/** An actuator of the morphology: some neighbouring outputs with one name. */
export interface ActuatorGene {
  readonly name: string
  readonly length: number
  /** What becomes of the outputs together; default `identity`. */
  readonly processing?: ActuatorProcessing
}

export const actuatorProcessings = ['identity', 'threshold', 'softmax', 'argmax'] as const
export type ActuatorProcessing = (typeof actuatorProcessings)[number]

/** The layer of every input. */
export const INPUT_LAYER: number = -1
/** The layer of every output. */
export const OUTPUT_LAYER: number = 1

/** A link as an author writes it. */
export type LinkSketch = Pick<LinkGene, 'from' | 'to' | 'weight' | 'modulatory' | 'parameters'> & {
  readonly enabled?: boolean
}

/**
 * Completes and orders hand-written genes: outputs, innovation numbers and order need not be given.
 */
export function genotypeFrom(sketch: {
  readonly inputs: number
  readonly outputs: number
  /** Of the outputs that `neurons` does not list. */
  readonly activation: ActivationName
  readonly neurons?: readonly NeuronGene[]
  readonly links: readonly LinkSketch[]
  readonly sensors?: readonly SensorGene[]
  readonly actuators?: readonly ActuatorGene[]
  readonly agent?: AgentParameters
  readonly substrate?: SubstrateGene
}): Genotype {
  const { inputs, outputs, activation } = sketch
  const neurons = [...(sketch.neurons ?? [])]
  const listed = new Set(neurons.map(({ id }) => id))
  for (let id = inputs; id < inputs + outputs; id++) {
    if (!listed.has(id)) neurons.push({ id, layer: OUTPUT_LAYER, activation, bias: 0 })
  }
  const links = sketch.links.map(({ from, to, weight, enabled = true, ...others }) => {
    const innovation = innovationOf({ from, to, ...others })
    return { innovation, from, to, weight, enabled, ...others }
  })
  return {
    inputs,
    outputs,
    neurons: neurons.sort((a, b) => a.layer - b.layer || a.id - b.id),
    links: links.sort((a, b) => a.innovation - b.innovation),
    ...extrasOf(sketch),
  }
}

/** The genotype NEAT starts from: no hidden neuron, every input linked to every output. */
export function minimalGenotype(options: {
  readonly inputs: number
  readonly outputs: number
  readonly activation: ActivationName
  readonly weight: (from: number, to: number) => number
}): Genotype {
  const { inputs, outputs, activation, weight } = options
  const links: LinkSketch[] = []
  for (let to = inputs; to < inputs + outputs; to++) {
    for (let from = 0; from < inputs; from++) links.push({ from, to, weight: weight(from, to) })
  }
  return genotypeFrom({ inputs, outputs, activation, links })
}

/** The innovation number that a link must have. */
export function innovationOf(link: Pick<LinkGene, 'from' | 'to' | 'modulatory'>): number {
  return link.modulatory === true
    ? modulatoryInnovation(link.from, link.to)
    : linkInnovation(link.from, link.to)
}

/** The parts of a genotype beside its network, without those that are absent. */
export type GenotypeExtras = Pick<Genotype, 'sensors' | 'actuators' | 'agent' | 'substrate'>

export function extrasOf({ sensors, actuators, agent, substrate }: GenotypeExtras): GenotypeExtras {
  return {
    ...(sensors === undefined ? {} : { sensors }),
    ...(actuators === undefined ? {} : { actuators }),
    ...(agent === undefined ? {} : { agent }),
    ...(substrate === undefined ? {} : { substrate }),
  }
}
