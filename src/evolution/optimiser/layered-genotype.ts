// Topologies as people draw them, for optimisers that change weights only: layers, each fully
// linked with the next, and memory by links back.
//
//   layeredGenotype({ shape: doublePole, hidden: [6] })                        // 6-6-1
//   layeredGenotype({ shape: doublePoleNoVelocity, hidden: [3], memory: 'elman' })
//
// All weights and biases are 0: an optimiser begins there, or where it is told. Not for structures
// that shall grow: evolve those (population.ts).
import type { NetworkShape } from '../first-generation.ts'
import {
  type Genotype,
  genotypeFrom,
  type LinkSketch,
  type NeuronGene,
  OUTPUT_LAYER,
} from '../genotype.ts'
import { splitNeuronId } from '../innovation.ts'
import { namesOf } from '../morphology.ts'

export const memories = ['none', 'elman', 'full'] as const
/**
 * `elman`: every hidden layer sees its own last values (Elman 1990). `full`: every hidden and output
 * neuron sees the last values of all of them (Igel 2003).
 */
export type Memory = (typeof memories)[number]

export interface LayeredSketch {
  readonly shape: NetworkShape
  /** Neurons of each hidden layer, from the inputs on; none: inputs are linked with outputs. */
  readonly hidden: readonly number[]
  readonly memory?: Memory
}

/** The genotype of a layered network, with weights of 0. */
export function layeredGenotype({ shape, hidden, memory = 'none' }: LayeredSketch): Genotype {
  const { inputs, outputs, outputActivation, hiddenActivation } = shape
  const range = (from: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => from + i)
  const layers = [range(0, inputs)]
  const neurons: NeuronGene[] = []
  hidden.forEach((count, depth) => {
    const before = layers[depth]![0] ?? 0
    const ids = range(0, count).map((unit) => splitNeuronId(before, inputs, unit))
    const layer = ((depth + 1) / (hidden.length + 1)) * 2 - 1
    for (const id of ids) neurons.push({ id, layer, activation: hiddenActivation, bias: 0 })
    layers.push(ids.sort((a, b) => a - b))
  })
  for (const id of range(inputs, outputs)) {
    neurons.push({ id, layer: OUTPUT_LAYER, activation: outputActivation, bias: 0 })
  }
  layers.push(range(inputs, outputs))
  const links: LinkSketch[] = []
  const connect = (sources: readonly number[], targets: readonly number[]): void => {
    for (const to of targets) for (const from of sources) links.push({ from, to, weight: 0 })
  }
  for (let depth = 1; depth < layers.length; depth++) connect(layers[depth - 1]!, layers[depth]!)
  if (memory === 'elman') for (const ids of layers.slice(1, -1)) connect(ids, ids)
  if (memory === 'full') {
    for (let to = 1; to < layers.length; to++) {
      for (let from = to; from < layers.length; from++) connect(layers[from]!, layers[to]!)
    }
  }
  const names = namesOf(shape.morphology)
  return genotypeFrom({ inputs, outputs, activation: outputActivation, neurons, links, ...names })
}
