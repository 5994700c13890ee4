// Genotypes of faber_tweann as ours: its node lists (any acyclic topology, with delays, leaky and
// cfc neurons) and its stacks of dense layers. They keep their numbers, or are refused.
//
//   const genotype = faberGenotype({ sensors, neurons, outputs })
//   const genotype = faberLayers({ layers, activation: 'tanh', outputActivation: 'linear' })
import { type Genotype, genotypeFrom, type LinkSketch, type NeuronGene } from '../genotype.ts'
import type { ActivationName } from '../network/activation.ts'
import { activationOf } from '../network/peer-names.ts'

export interface FaberSensor {
  readonly id: number
  readonly length: number
}

export interface FaberNeuron {
  readonly id: number
  /** standard, delay, leaky or cfc. */
  readonly type: string
  readonly tau: number
  readonly bound: number
  readonly activation: string
  /** From `s1`, `n1` or `bias`; one weight for each component of the source. */
  readonly inputs: readonly { readonly source: string; readonly weights: readonly number[] }[]
}

export interface FaberGenotype {
  readonly sensors: readonly FaberSensor[]
  readonly neurons: readonly FaberNeuron[]
  /** The neurons that actuators read, as `n1`. */
  readonly outputs: readonly string[]
}

/** Why faber's compiler declines a genotype; ours does for the same reasons. */
export type FaberRefusal =
  | 'no_neurons'
  /** Of ltc: nothing in its genotype says by how much time it steps. */
  | 'unsupported_neuron_type'
  | 'non_positive_time_constant'
  /** Without a delay in the cycle. */
  | 'cyclic'
  | 'unknown_source'
  | 'weight_count_mismatch'
  | 'unknown_activation'

export class FaberImportError extends Error {
  readonly code: FaberRefusal
  constructor(code: FaberRefusal, message: string) {
    super(message)
    this.name = 'FaberImportError'
    this.code = code
  }
}

function refuse(code: FaberRefusal, message: string): never {
  throw new FaberImportError(code, message)
}

/**
 * A node list as a genotype: the components of all sensors are its inputs, all neurons hidden ones
 * in the layers of their order, and identity outputs read the listed ones. Throws a
 * FaberImportError for what faber declines.
 */
export function faberGenotype({ sensors, neurons, outputs }: FaberGenotype): Genotype {
  if (neurons.length === 0) refuse('no_neurons', 'a genotype has neurons')
  for (const neuron of neurons) checkType(neuron)
  const depths = depthsOf(neurons)
  const deepest = Math.max(...depths.values())
  const firstInputs = new Map<string, { first: number; length: number }>()
  let inputs = 0
  for (const { id, length } of sensors) {
    firstInputs.set(`s${id}`, { first: inputs, length })
    inputs += length
  }
  const read = outputs.filter((name) => depths.has(name))
  const hidden = inputs + read.length
  const ids = new Map(neurons.map(({ id }, i) => [`n${id}`, hidden + i]))
  const links: LinkSketch[] = neurons.flatMap((neuron) => {
    const to = ids.get(`n${neuron.id}`)!
    const weights = weightsOf(neuron, firstInputs, ids)
    return [...weights].map(([from, weight]) => ({ from, to, weight }))
  })
  read.forEach((name, output) => {
    links.push({ from: ids.get(name)!, to: inputs + output, weight: 1 })
  })
  const genes = neurons.map((neuron): NeuronGene => {
    const layer = -1 + (2 * (depths.get(`n${neuron.id}`)! + 1)) / (deepest + 2)
    return geneOf(neuron, ids.get(`n${neuron.id}`)!, layer)
  })
  const shape = { inputs, outputs: read.length, activation: 'identity' as const }
  return genotypeFrom({ ...shape, neurons: genes, links })
}

const types = new Set(['standard', 'delay', 'leaky', 'cfc'])

function checkType({ id, type, tau }: FaberNeuron): void {
  if (!types.has(type)) refuse('unsupported_neuron_type', `neuron ${id} is a ${type} neuron`)
  if ((type === 'leaky' || type === 'cfc') && !(tau > 0)) {
    refuse('non_positive_time_constant', `neuron ${id} has the time constant ${tau}`)
  }
}

function activationNamed(name: string, id: number): ActivationName {
  const activation = activationOf('faber', name)
  if (activation !== undefined) return activation
  return refuse('unknown_activation', `neuron ${id} has the activation ${name}`)
}

function geneOf(neuron: FaberNeuron, id: number, layer: number): NeuronGene {
  const { type, tau, bound, inputs } = neuron
  const activation = activationNamed(neuron.activation, neuron.id)
  const bias = inputs.find(({ source }) => source === 'bias')?.weights[0] ?? 0
  const gene = { id, layer, activation, bias }
  if (type === 'delay') return { ...gene, neuronType: 'delay' }
  if (type === 'leaky') return { ...gene, neuronType: 'leaky', timeConstant: tau }
  if (type !== 'cfc') return gene
  return { ...gene, neuronType: 'cfc', timeConstant: tau, stateBound: bound }
}

/** Rounds of neurons whose sources are placed, from 0; a delay waits for nobody. */
function depthsOf(neurons: readonly FaberNeuron[]): ReadonlyMap<string, number> {
  const names = new Set(neurons.map(({ id }) => `n${id}`))
  const depths = new Map<string, number>()
  for (let depth = 0; depths.size < names.size; depth++) {
    const ready = neurons.filter(({ id, type, inputs }) => {
      if (depths.has(`n${id}`)) return false
      if (type === 'delay') return true
      return inputs.every(({ source }) => !names.has(source) || depths.has(source))
    })
    if (ready.length === 0) refuse('cyclic', 'a cycle without a delay has no order')
    for (const { id } of ready) depths.set(`n${id}`, depth)
  }
  return depths
}

/** Weights by source of ours; those of a source that is listed twice are added. */
function weightsOf(
  { id, inputs }: FaberNeuron,
  sensors: ReadonlyMap<string, { first: number; length: number }>,
  neurons: ReadonlyMap<string, number>,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  for (const { source, weights } of inputs) {
    if (source === 'bias') continue
    const neuron = neurons.get(source)
    const { first, length } =
      neuron === undefined
        ? (sensors.get(source) ?? refuse('unknown_source', `neuron ${id} reads ${source}`))
        : { first: neuron, length: 1 }
    if (weights.length !== length) {
      const count = `${weights.length} weights for ${length} components`
      refuse('weight_count_mismatch', `neuron ${id} has ${count} of ${source}`)
    }
    weights.forEach((weight, i) => {
      found.set(first + i, (found.get(first + i) ?? 0) + weight)
    })
  }
  return found
}

export interface FaberLayers {
  /** `weights[j]` are those of the inputs of neuron j. */
  readonly layers: readonly {
    readonly weights: readonly (readonly number[])[]
    readonly biases: readonly number[]
  }[]
  readonly activation: string
  readonly outputActivation: string
  /** By layer; default standard ones. */
  readonly neurons?: readonly (readonly {
    readonly type: string
    readonly tau: number
    readonly bound: number
  }[])[]
}

/** What its evaluator of dense layers knows; there sigmoid is not clipped. */
const denseActivations = new Map<string, ActivationName>([
  ['tanh', 'tanh'],
  ['sigmoid', 'sigmoid'],
  ['relu', 'relu'],
  ['linear', 'identity'],
])

/**
 * A stack of dense layers as a genotype, its last layer the outputs. Throws a FaberImportError for
 * an activation beyond tanh, sigmoid, relu and linear, which faber silently computes as tanh.
 */
export function faberLayers(network: FaberLayers): Genotype {
  const { layers } = network
  const inputs = layers[0]?.weights[0]?.length ?? 0
  const outputs = layers.at(-1)?.biases.length ?? 0
  const neurons: NeuronGene[] = []
  const links: LinkSketch[] = []
  let sources = Array.from({ length: inputs }, (_, i) => i)
  let nextHidden = inputs + outputs
  layers.forEach(({ weights, biases }, depth) => {
    const isLast = depth === layers.length - 1
    const layer = isLast ? 1 : -1 + (2 * (depth + 1)) / layers.length
    const name = isLast ? network.outputActivation : network.activation
    const ids = biases.map((_, j) => (isLast ? inputs + j : nextHidden++))
    biases.forEach((bias, j) => {
      const id = ids[j]!
      const { type = 'standard', tau = 1, bound = 1 } = network.neurons?.[depth]?.[j] ?? {}
      checkType({ id, type, tau, bound, activation: name, inputs: [] })
      const activation =
        denseActivations.get(name) ??
        refuse('unknown_activation', `${name} is no activation of dense layers`)
      const gene = { id, layer, activation, bias }
      const isCfc = type === 'cfc'
      neurons.push(
        isCfc ? { ...gene, neuronType: 'cfc', timeConstant: tau, stateBound: bound } : gene,
      )
      sources.forEach((from, i) => {
        links.push({ from, to: id, weight: weights[j]![i]! })
      })
    })
    sources = ids
  })
  return genotypeFrom({ inputs, outputs, activation: 'identity', neurons, links })
}
