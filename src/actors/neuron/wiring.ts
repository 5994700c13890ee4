// How the processes of a network are joined, read from its genotype: which links a neuron collects,
// in the canonical order in which it adds them, and to whom each node sends. Pure. It reads the
// genotype itself and not the compiled plan, so that the two ways of running one check each other
// (test/conformance/bit-identity).
import {
  type Genotype,
  INPUT_LAYER,
  type LinkGene,
  type NeuronGene,
} from '../../evolution/genotype.ts'
import type { Synapse } from './neuron.ts'

/** Where a node sends: a neuron of `Wiring.neurons`, and which of its slots. */
export interface Axon {
  readonly neuron: number
  readonly slot: number
}

export interface SensorWiring {
  readonly axons: readonly Axon[]
}

export interface NeuronWiring {
  readonly gene: NeuronGene
  /**
   * Enabled incoming links, ascending by the position of their source, modulatory ones behind the
   * others: one slot each.
   */
  readonly synapses: readonly Synapse[]
  readonly axons: readonly Axon[]
  /** Index of the output it is, or undefined. */
  readonly output: number | undefined
  /** It waits for no value of the cycle: it fires when the cortex says so. */
  readonly isClocked: boolean
  /** No node of the same cycle waits for what it does last: it reports to the cortex. */
  readonly isLast: boolean
}

export interface Wiring {
  readonly sensors: readonly (SensorWiring & { readonly isLast: boolean })[]
  /** In the order of the genotype. */
  readonly neurons: readonly NeuronWiring[]
}

/** The wiring of a genotype that has passed `checkGenotype`. */
export function wire(genotype: Genotype): Wiring {
  const { inputs, outputs, neurons } = genotype
  const positions = new Map(neurons.map(({ id }, index) => [id, inputs + index]))
  const positionOf = (id: number): number => (id < inputs ? id : (positions.get(id) ?? 0))
  const layerOf = (position: number): number => neurons[position - inputs]?.layer ?? INPUT_LAYER

  const incoming: { link: LinkGene; source: number }[][] = neurons.map(() => [])
  for (const link of genotype.links) {
    if (!link.enabled) continue
    incoming[positionOf(link.to) - inputs]?.push({ link, source: positionOf(link.from) })
  }
  const axons: Axon[][] = Array.from({ length: inputs + neurons.length }, () => [])
  /** Whether some node of the same cycle waits for the node at a position. */
  const isAwaited: boolean[] = axons.map(() => false)
  const synapses = incoming.map((links, neuron) => {
    const isLate = ({ modulatory }: LinkGene): number => Number(modulatory === true)
    links.sort((a, b) => isLate(a.link) - isLate(b.link) || a.source - b.source)
    // A delay takes in the values of the cycle, wherever they come from.
    const isDelay = isDelayGene(neurons[neuron])
    return links.map(({ link, source }, slot): Synapse => {
      const isRecurrent = !isDelay && layerOf(inputs + neuron) <= layerOf(source)
      axons[source]?.push({ neuron, slot })
      if (!isRecurrent) isAwaited[source] = true
      const { weight, modulatory, parameters = [] } = link
      return { weight, isRecurrent, isModulatory: modulatory === true, parameters, source }
    })
  })
  return {
    sensors: Array.from({ length: inputs }, (_, input) => {
      return { axons: axons[input] ?? [], isLast: isAwaited[input] === false }
    }),
    neurons: neurons.map((gene, index): NeuronWiring => {
      const own = synapses[index] ?? []
      const output = gene.id < inputs + outputs ? gene.id - inputs : undefined
      return {
        gene,
        synapses: own,
        axons: axons[inputs + index] ?? [],
        output,
        isClocked: isDelayGene(gene) || own.every(({ isRecurrent }) => isRecurrent),
        isLast: isDelayGene(gene) || (output === undefined && isAwaited[inputs + index] === false),
      }
    }),
  }
}

function isDelayGene(gene: NeuronGene | undefined): boolean {
  return gene?.neuronType === 'delay'
}
