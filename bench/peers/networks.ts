// Genotypes as networks of the packages that people evolve networks with in JavaScript, each by the
// fastest of its ordinary calls.
import CarrotNetwork from '@liquid-carrot/carrot/src/architecture/network.js'
import neatJavaScript from 'neat-javascript'
import neataptic from 'neataptic'
import type { Genotype } from '../../src/evolution/index.ts'

/** One pass of a network. */
export type Activate = (input: number[]) => number[]

interface NodeJson {
  bias: number
  type: 'input' | 'hidden' | 'output'
  squash: 'TANH'
  mask: number
}

/** Positions of the ids: inputs, then neurons in their order. */
function positionsOf({ inputs, neurons }: Genotype): Map<number, number> {
  const positions = new Map<number, number>()
  for (let i = 0; i < inputs; i++) positions.set(i, i)
  neurons.forEach(({ id }, i) => {
    positions.set(id, inputs + i)
  })
  return positions
}

function graphOf(genotype: Genotype) {
  const { inputs, neurons, links } = genotype
  const positions = positionsOf(genotype)
  const node = (type: NodeJson['type'], bias: number): NodeJson => {
    return { bias, type, squash: 'TANH', mask: 1 }
  }
  return {
    nodes: [
      ...Array.from({ length: inputs }, () => node('input', 0)),
      ...neurons.map(({ layer, bias }) => node(layer === 1 ? 'output' : 'hidden', bias)),
    ],
    connections: links.map(({ from, to, weight }) => {
      return { from: positions.get(from)!, to: positions.get(to)!, weight, gater: null }
    }),
  }
}

/** neataptic's, which keeps no trace for training. */
export function neatapticOf(genotype: Genotype): Activate {
  const { inputs: input, outputs: output } = genotype
  const network = neataptic.Network.fromJSON({ input, output, dropout: 0, ...graphOf(genotype) })
  return (sample) => network.noTraceActivate(sample)
}

/** carrot's, a descendant of neataptic; without a trace. */
export function carrotOf(genotype: Genotype): Activate {
  const { inputs, outputs, neurons } = genotype
  const size = inputs + neurons.length
  const network = CarrotNetwork.fromJSON({
    input_size: inputs,
    output_size: outputs,
    dropout: 0,
    input_nodes: Array.from({ length: inputs }, (_, i) => i),
    output_nodes: Array.from({ length: outputs }, (_, i) => size - outputs + i),
    ...graphOf(genotype),
  })
  return (sample) => network.activate(sample, { trace: false })
}

/** neat-javascript's; biases are links from its bias node. Adds up in order of arrival. */
export function neatJavaScriptOf(genotype: Genotype): Activate {
  const { Config, Genome, InputNode, HiddenNode, OutputNode, BiasNode, ConnectionGene } =
    neatJavaScript
  const { inputs, outputs, neurons, links } = genotype
  const config = new Config({
    inputSize: inputs,
    outputSize: outputs,
    activationFunction: 'Tanh',
    biasMode: 'WEIGHTED_NODE',
  })
  const hidden = neurons.length - outputs
  const bias = new BiasNode(inputs + neurons.length, config)
  // Its outputs have the ids after the inputs, as ours.
  const nodes = [
    ...Array.from({ length: inputs }, (_, i) => new InputNode(i, config)),
    ...neurons.map(({ id }, i) => new (i < hidden ? HiddenNode : OutputNode)(id, config)),
    bias,
  ]
  const positions = positionsOf(genotype)
  const at = (id: number) => nodes[positions.get(id)!]!
  const genes = links.map(({ from, to, weight }, k) => {
    const isRecurrent = positions.get(to)! <= positions.get(from)!
    return new ConnectionGene(at(from), at(to), weight, true, k, isRecurrent, config)
  })
  neurons.forEach(({ id, bias: weight }, i) => {
    genes.push(new ConnectionGene(bias, at(id), weight, true, links.length + i, false, config))
  })
  const genome = new Genome(nodes, genes, config, 0)
  return (sample) => genome.propagate(sample)
}
