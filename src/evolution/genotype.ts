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
import {
  GENOTYPE_LINKS_MAX,
  GENOTYPE_NEURONS_MAX,
  GENOTYPE_SENSORS_MAX,
  GENOTYPE_WEIGHT_MAX,
} from '../limits.ts'
import { linkInnovation } from './innovation.ts'
import { type ActivationName, activationNames } from './network/activation.ts'

export interface Genotype {
  /** Inputs have the ids 0 .. inputs-1 and the layer -1. */
  readonly inputs: number
  /** Outputs have the ids inputs .. inputs+outputs-1 and the layer 1. */
  readonly outputs: number
  /** Hidden and output neurons, ascending by (layer, id). */
  readonly neurons: readonly NeuronGene[]
  /** Ascending by innovation. */
  readonly links: readonly LinkGene[]
}

export interface NeuronGene {
  /**
   * An output's id, or what `splitNeuronId` gave: the same structure has the same id everywhere.
   */
  readonly id: number
  /** In (-1, 1) for a hidden neuron, 1 for an output. */
  readonly layer: number
  readonly activation: ActivationName
  readonly bias: number
}

export interface LinkGene {
  /** `linkInnovation(from, to)`. */
  readonly innovation: number
  readonly from: number
  readonly to: number
  readonly weight: number
  /** A disabled link keeps its place for crossover and carries nothing. */
  readonly enabled: boolean
}

/** The layer of every input. */
export const INPUT_LAYER: number = -1
/** The layer of every output. */
export const OUTPUT_LAYER: number = 1

/** A link as an author writes it. */
export type LinkSketch = Pick<LinkGene, 'from' | 'to' | 'weight'> & { readonly enabled?: boolean }

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
}): Genotype {
  const { inputs, outputs, activation } = sketch
  const neurons = [...(sketch.neurons ?? [])]
  const listed = new Set(neurons.map(({ id }) => id))
  for (let id = inputs; id < inputs + outputs; id++) {
    if (!listed.has(id)) neurons.push({ id, layer: OUTPUT_LAYER, activation, bias: 0 })
  }
  const links = sketch.links.map(({ from, to, weight, enabled = true }) => {
    return { innovation: linkInnovation(from, to), from, to, weight, enabled }
  })
  return {
    inputs,
    outputs,
    neurons: neurons.sort((a, b) => a.layer - b.layer || a.id - b.id),
    links: links.sort((a, b) => a.innovation - b.innovation),
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

/** Why data is not a genotype; stable names, for counting refusals. */
export type GenotypeFault =
  | 'not-an-object'
  | 'unknown-field'
  | 'size'
  | 'not-a-number'
  | 'activation'
  | 'id'
  | 'layer'
  | 'order'
  | 'dangling-link'
  | 'innovation'

export type GenotypeCheck =
  | { readonly ok: true; readonly genotype: Genotype }
  | { readonly ok: false; readonly reason: GenotypeFault; readonly detail: string }

/**
 * Whether anything at all, e.g. data from the network, is a genotype. The answer holds a fresh copy
 * with exactly the fields of the type; nothing of the given value is kept. Never throws on plain
 * data.
 */
export function checkGenotype(value: unknown): GenotypeCheck {
  try {
    return { ok: true, genotype: genotypeOf(value) }
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault
    return { ok: false, reason: fault.reason, detail: fault.message }
  }
}

class Refusal extends Error {
  readonly reason: GenotypeFault

  constructor(reason: GenotypeFault, detail: string) {
    super(detail)
    this.reason = reason
  }
}

function genotypeOf(value: unknown): Genotype {
  const fields = fieldsOf(value, 'a genotype', ['inputs', 'outputs', 'neurons', 'links'])
  const inputs = sizeOf(fields.inputs, 'inputs', 1)
  const outputs = sizeOf(fields.outputs, 'outputs', 1)
  const neurons = listOf(fields.neurons, 'neurons', GENOTYPE_NEURONS_MAX).map(neuronOf)
  const links = listOf(fields.links, 'links', GENOTYPE_LINKS_MAX).map(linkOf)
  const ids = checkNeurons(neurons, inputs, outputs)
  checkLinks(links, inputs, ids)
  return { inputs, outputs, neurons, links }
}

function checkNeurons(
  neurons: readonly NeuronGene[],
  inputs: number,
  outputs: number,
): ReadonlySet<number> {
  const ids = new Set<number>()
  let before: NeuronGene | undefined
  for (const neuron of neurons) {
    const { id, layer } = neuron
    if (id < inputs || ids.has(id)) throw new Refusal('id', `neuron ${id} is not unique`)
    const inside = id < inputs + outputs ? layer === OUTPUT_LAYER : Math.abs(layer) < OUTPUT_LAYER
    if (!inside) throw new Refusal('layer', `neuron ${id} cannot be in layer ${layer}`)
    if (before !== undefined && (before.layer - layer || before.id - id) > 0) {
      throw new Refusal('order', `neuron ${id} stands behind neuron ${before.id}`)
    }
    ids.add(id)
    before = neuron
  }
  for (let id = inputs; id < inputs + outputs; id++) {
    if (!ids.has(id)) throw new Refusal('id', `output ${id} is missing`)
  }
  return ids
}

function checkLinks(links: readonly LinkGene[], inputs: number, ids: ReadonlySet<number>): void {
  let before = -1
  for (const { innovation, from, to } of links) {
    if (!ids.has(to) || !(from < inputs || ids.has(from))) {
      throw new Refusal('dangling-link', `the link ${from} to ${to} has an end that does not exist`)
    }
    if (innovation !== linkInnovation(from, to)) {
      throw new Refusal('innovation', `the link ${from} to ${to} is not number ${innovation}`)
    }
    if (innovation <= before)
      throw new Refusal('order', `link ${innovation} is not after ${before}`)
    before = innovation
  }
}

function neuronOf(value: unknown): NeuronGene {
  const fields = fieldsOf(value, 'a neuron', ['id', 'layer', 'activation', 'bias'])
  const activation = activationNames.find((name) => name === fields.activation)
  if (activation === undefined) throw new Refusal('activation', 'an activation is unknown')
  const layer = fields.layer
  if (typeof layer !== 'number' || Number.isNaN(layer)) throw new Refusal('layer', 'no layer')
  return { id: idOf(fields.id), layer, activation, bias: weightOf(fields.bias) }
}

function linkOf(value: unknown): LinkGene {
  const fields = fieldsOf(value, 'a link', ['innovation', 'from', 'to', 'weight', 'enabled'])
  const enabled = fields.enabled
  if (typeof enabled !== 'boolean') throw new Refusal('not-a-number', 'enabled is true or false')
  return {
    innovation: idOf(fields.innovation),
    from: idOf(fields.from),
    to: idOf(fields.to),
    weight: weightOf(fields.weight),
    enabled,
  }
}

function fieldsOf(
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

function listOf(value: unknown, what: string, sizeMax: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new Refusal('not-an-object', `${what} is a list`)
  if (value.length > sizeMax)
    throw new Refusal('size', `${value.length} ${what}, at most ${sizeMax}`)
  return value
}

function sizeOf(value: unknown, what: string, sizeMin: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new Refusal('not-a-number', `${what} is an integer`)
  }
  if (value < sizeMin || value > GENOTYPE_SENSORS_MAX) {
    throw new Refusal('size', `${value} ${what}, between ${sizeMin} and ${GENOTYPE_SENSORS_MAX}`)
  }
  return value
}

function idOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Refusal('id', 'an id or innovation number is an integer in [0, 2^53)')
  }
  return value
}

function weightOf(value: unknown): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= GENOTYPE_WEIGHT_MAX)) {
    throw new Refusal('not-a-number', `a weight is a number within ±${GENOTYPE_WEIGHT_MAX}`)
  }
  return value
}
