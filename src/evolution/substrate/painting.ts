// The network that a CPPN paints on its substrate.
//
//   const { neurons, links } = painted(genotype.substrate, network, genotype)
//
// For everybody else there is `phenotypeOf` (network/plan.ts), which compiles the CPPN itself.
import { type Genotype, type LinkGene, type NeuronGene, OUTPUT_LAYER } from '../genotype.ts'
import type { ActivationName } from '../network/activation.ts'
import type { SubstrateGene } from '../substrate.ts'
import { type Asked, Cppn } from './cppn.ts'
import { discovered } from './es-hyperneat.ts'
import { endsOf, layoutOf, type SubstrateNode } from './layout.ts'

/** What acts: the network of a genotype, or the one that it paints. */
export interface Phenotype extends Genotype {
  /** Whose answers change its weights while it acts (`iterative`). */
  readonly painter?: Painter
}

/** A CPPN that is asked each tick. */
export interface Painter {
  readonly cppn: Genotype
  readonly gene: SubstrateGene
  /** Of inputs by id, then of neurons in their order. */
  readonly places: readonly (readonly number[])[]
}

interface Painted {
  readonly hidden: readonly SubstrateNode[]
  readonly links: readonly LinkGene[]
}

/** The phenotype of a genotype with a substrate, whose own network is compiled as `network`. */
export function painted(gene: SubstrateGene, network: Asked, genotype: Genotype): Phenotype {
  const cppn = new Cppn(network, gene, genotype)
  const { inputs, outputs } = endsOf(gene)
  const { hidden, links } = gene.evolvable === undefined ? onLayout(gene, cppn) : found(gene, cppn)
  const { hiddenActivation = 'tanh', outputActivation = 'tanh' } = gene
  const neuronOf = (node: SubstrateNode, layer: number, activation: ActivationName): NeuronGene => {
    const plain = { id: node.id, layer, activation, bias: cppn.bias(node.place) }
    if (gene.plasticity !== 'abcn') return plain
    return { ...plain, plasticity: { rule: 'abcd_w', parameters: [1] } }
  }
  const neurons = [
    ...hidden.map((node) => neuronOf(node, node.place.at(-1)!, hiddenActivation)),
    ...outputs.map((node) => neuronOf(node, OUTPUT_LAYER, outputActivation)),
  ]
  const phenotype = { inputs: inputs.length, outputs: outputs.length, neurons, links }
  if (gene.plasticity !== 'iterative') return phenotype
  const places = [...inputs, ...hidden, ...outputs].map(({ place }) => place)
  return { ...phenotype, painter: { cppn: genotype, gene, places } }
}

/** Nodes are given: the CPPN is asked for each link that may be. */
function onLayout(gene: SubstrateGene, cppn: Cppn): Painted {
  const { hidden, candidates } = layoutOf(gene)
  const links: LinkGene[] = []
  for (const { innovation, from, to } of candidates) {
    const link = cppn.link(from.place, to.place)
    if (link === undefined) continue
    links.push({ innovation, from: from.id, to: to.id, enabled: true, ...link })
  }
  return { hidden, links }
}

/** Nodes and links are where the pattern has information. */
function found(gene: SubstrateGene, cppn: Cppn): Painted {
  const { hidden, links } = discovered(gene, cppn)
  return {
    hidden,
    links: links.map(({ from, to, ...link }) => {
      return { ...link, from: from.id, to: to.id, enabled: true }
    }),
  }
}
