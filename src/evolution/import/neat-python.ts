// Genomes of neat-python as genotypes: for whoever brings champions along, and for holding our
// networks to its.
//
//   const network = new Network(compile(feedForwardOf(genome)))       // neat.nn.FeedForwardNetwork
//   const network = new Network(compile(recurrentOf(genome)))         // neat.nn.RecurrentNetwork
//   const network = new ContinuousNetwork(continuousOf(genome))       // neat.ctrnn.CTRNN
//
// neat-python has three meanings for one genome, so there are three functions. In the first two its
// outputs, which may feed other neurons there, become hidden neurons that identity outputs read.
import { type Genotype, genotypeFrom, type LinkSketch, type NeuronGene } from '../genotype.ts'
import { activationOf, aggregationOf } from '../network/peer-names.ts'

/** Inputs are -1, -2, ..., outputs 0, 1, ... */
export interface NeatPythonGenome {
  readonly inputs: number
  readonly outputs: number
  readonly nodes: readonly NeatPythonNode[]
  readonly connections: readonly NeatPythonConnection[]
}

export interface NeatPythonNode {
  readonly id: number
  readonly bias: number
  readonly response: number
  readonly activation: string
  readonly aggregation: string
  /** Seconds, for continuous time. */
  readonly timeConstant?: number
}

export interface NeatPythonConnection {
  readonly from: number
  readonly to: number
  readonly weight: number
  readonly enabled: boolean
}

/** A node as a gene. Throws a RangeError where its functions have no name of ours. */
function geneOf(node: NeatPythonNode, id: number, layer: number): NeuronGene {
  const activation = activationOf('neat-python', node.activation)
  const aggregation = aggregationOf('neat-python', node.aggregation)
  if (activation === undefined || aggregation === undefined) {
    const wanted = `${node.activation} and ${node.aggregation}`
    throw new RangeError(`node ${node.id} wants ${wanted}, which neat-python does not have`)
  }
  const { bias, response, timeConstant } = node
  return {
    id,
    layer,
    activation,
    bias,
    ...(aggregation === 'dot_product' ? {} : { aggregation }),
    ...(response === 1 ? {} : { response }),
    ...(timeConstant === undefined ? {} : { timeConstant }),
  }
}

/** A neuron that always answers 0: one that neat-python never evaluates. */
function silent(id: number, layer: number): NeuronGene {
  return { id, layer, activation: 'identity', bias: 0 }
}

/** Our id of an input, or of a node as a hidden neuron. */
function idOf({ inputs, outputs }: NeatPythonGenome, id: number): number {
  return id < 0 ? -id - 1 : inputs + outputs + id
}

/** Hidden neurons, and the identity outputs that read those of neat-python's outputs. */
function withOutputs(
  genome: NeatPythonGenome,
  neurons: readonly NeuronGene[],
  links: readonly LinkSketch[],
): Genotype {
  const { inputs, outputs } = genome
  const there = new Set(neurons.map(({ id }) => id))
  const readers: LinkSketch[] = []
  for (let output = 0; output < outputs; output++) {
    const from = idOf(genome, output)
    if (there.has(from)) readers.push({ from, to: inputs + output, weight: 1 })
  }
  const shape = { inputs, outputs, activation: 'identity' as const }
  return genotypeFrom({ ...shape, neurons, links: [...links, ...readers] })
}

/**
 * What `neat.nn.FeedForwardNetwork` makes of a genome: nodes without a way to an output are
 * dropped, those in or behind a cycle are never evaluated, and an output among these answers 0.
 */
export function feedForwardOf(genome: NeatPythonGenome): Genotype {
  const enabled = genome.connections.filter(({ enabled }) => enabled)
  const depths = depthsOf(genome, enabled)
  const deepest = Math.max(0, ...depths.values())
  const neurons = genome.nodes.flatMap((node) => {
    const depth = depths.get(node.id)
    if (depth === undefined) return []
    return [geneOf(node, idOf(genome, node.id), -1 + (2 * (depth + 1)) / (deepest + 2))]
  })
  const links = enabled
    .filter(({ from, to }) => depths.has(to) && (from < 0 || depths.has(from)))
    .map(({ from, to, weight }) => ({ from: idOf(genome, from), to: idOf(genome, to), weight }))
  return withOutputs(genome, neurons, links)
}

/** The layers in which the nodes that an output needs can be evaluated, from 0. */
function depthsOf(
  { nodes, outputs }: NeatPythonGenome,
  links: readonly NeatPythonConnection[],
): ReadonlyMap<number, number> {
  const required = new Set(nodes.map(({ id }) => id).filter((id) => id < outputs))
  for (let before = -1; before !== required.size; ) {
    before = required.size
    for (const { from, to } of links) if (required.has(to) && from >= 0) required.add(from)
  }
  const depths = new Map<number, number>()
  for (let depth = 0, isDone = false; !isDone; depth++) {
    const ready = nodes.filter(({ id }) => {
      if (!required.has(id) || depths.has(id)) return false
      return links.every(({ from, to }) => to !== id || from < 0 || depths.has(from))
    })
    for (const { id } of ready) depths.set(id, depth)
    isDone = ready.length === 0
  }
  return depths
}

/**
 * What `neat.nn.RecurrentNetwork` makes of it: every link between nodes carries the value of the
 * tick before, and nodes that nothing leads to stay 0.
 */
export function recurrentOf(genome: NeatPythonGenome): Genotype {
  const enabled = genome.connections.filter(({ enabled }) => enabled)
  const reached = new Set(enabled.map(({ to }) => to))
  // In one layer, where links carry the value before in all directions.
  const neurons = genome.nodes.map((node) => {
    const id = idOf(genome, node.id)
    return reached.has(node.id) ? geneOf(node, id, 0) : silent(id, 0)
  })
  const links = enabled.map(({ from, to, weight }) => {
    return { from: idOf(genome, from), to: idOf(genome, to), weight }
  })
  return withOutputs(genome, neurons, links)
}

/** What `neat.ctrnn.CTRNN` makes of it, for network/continuous-network.ts. */
export function continuousOf(genome: NeatPythonGenome): Genotype {
  const { inputs, outputs } = genome
  const ours = (id: number): number => {
    return id >= 0 && id < outputs ? inputs + id : idOf(genome, id)
  }
  const enabled = genome.connections.filter(({ enabled }) => enabled)
  const reached = new Set(enabled.map(({ to }) => to))
  const neurons = genome.nodes.map((node) => {
    const layer = node.id < outputs ? 1 : 0
    return reached.has(node.id) ? geneOf(node, ours(node.id), layer) : silent(ours(node.id), layer)
  })
  const links = enabled.map(({ from, to, weight }) => ({ from: ours(from), to: ours(to), weight }))
  return genotypeFrom({ inputs, outputs, activation: 'identity', neurons, links })
}
