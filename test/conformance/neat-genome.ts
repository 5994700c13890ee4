// Genomes of the golden vectors as genotypes of ours. The peers number links by age, outputs from 0
// and inputs below; distance, crossover and speciation do not mind whose numbers they align.
import type { Genotype, LinkGene } from '../../src/evolution/genotype.ts'

/** A genome as neat-python's vectors write it. */
export interface NeatPythonGenome {
  readonly nodes: readonly {
    readonly id: number
    readonly bias: number
    readonly response: number
    readonly timeConstant?: number
    readonly activation: string
    readonly aggregation: string
  }[]
  readonly connections: readonly LinkGene[]
}

/** What of it a distance sees. */
export function alignable({ nodes, connections }: NeatPythonGenome): {
  readonly neurons: NeatPythonGenome['nodes']
  readonly links: readonly LinkGene[]
} {
  return { neurons: nodes, links: ascending(connections) }
}

/** Links alone. */
export function withLinks(links: readonly LinkGene[]): Genotype {
  return { inputs: 1, outputs: 1, neurons: [], links: ascending(links) }
}

/** Neurons and links, as far as crossover looks at them. */
export function crossable({ nodes, connections }: NeatPythonGenome): Genotype {
  const neurons = nodes
    .map(({ id, bias }) => ({ id, layer: 0, activation: 'sigmoid' as const, bias }))
    .sort((a, b) => a.id - b.id)
  return { inputs: 1, outputs: 1, neurons, links: ascending(connections) }
}

function ascending(links: readonly LinkGene[]): LinkGene[] {
  return [...links].sort((a, b) => a.innovation - b.innovation)
}
