// A hash of what a genotype is built like, whatever its weights are and however its hidden neurons
// are numbered.
//
//   structuralHash(a) === structuralHash(b)    // the same network but for its numbers
//
// Ids tell the history of a neuron (innovation.ts): two genotypes that came to one structure by
// different ways have different ids and different bytes, but one structural hash. What counts:
// enabled links, which of them are recurrent or modulatory, activation, aggregation, kind and rule
// of each neuron, the morphology. What does not: weights, biases, ids, layers beyond their order
// along links, disabled links, the agent.
//
// Colour refinement (Weisfeiler & Leman 1968): each node is named by its kind, then again and again
// by its name and those of its neighbours, until no more nodes can be told apart. Equal structures
// have equal hashes; different ones have different hashes but for graphs so regular that refinement
// cannot tell them apart, which inputs and outputs with names of their own all but exclude.
import { createHash } from 'node:crypto'
import { type Genotype, INPUT_LAYER, type LinkGene, type NeuronGene } from './genotype.ts'

/** 64 hex digits. Time grows with the links and with how deep the network is. */
export function structuralHash(genotype: Genotype): string {
  const graph = graphOf(genotype)
  let names = graph.kinds
  for (let told = new Set(names).size; ; ) {
    const refined = refine(graph, names)
    const now = new Set(refined).size
    names = refined
    if (now === told) break
    told = now
  }
  const { inputs, outputs, sensors = [], actuators = [], substrate } = genotype
  const shape = [inputs, outputs, sensors, actuators, substrate ?? '']
  return digest([JSON.stringify(shape), ...[...names].sort()])
}

interface Edge {
  readonly from: number
  readonly to: number
  readonly label: string
}

interface Graph {
  /** The name of each node before any refinement; inputs first. */
  readonly kinds: readonly string[]
  readonly edges: readonly Edge[]
}

function graphOf({ inputs, outputs, neurons, links }: Genotype): Graph {
  const places = new Map(neurons.map(({ id }, index) => [id, inputs + index]))
  const placeOf = (id: number): number => (id < inputs ? id : (places.get(id) ?? 0))
  const layerOf = (place: number): number => neurons[place - inputs]?.layer ?? INPUT_LAYER
  const kinds = [
    ...Array.from({ length: inputs }, (_, input) => `input ${input}`),
    ...neurons.map((neuron) => kindOf(neuron, inputs + outputs)),
  ]
  const edges = links
    .filter(({ enabled }) => enabled)
    .map((link) => {
      const [from, to] = [placeOf(link.from), placeOf(link.to)]
      return { from, to, label: labelOf(link, layerOf(to) <= layerOf(from)) }
    })
  return { kinds, edges }
}

function kindOf(neuron: NeuronGene, hiddenFrom: number): string {
  const { id, activation, aggregation, neuronType, backbone = [], head = [], plasticity } = neuron
  const place = id < hiddenFrom ? `output ${id}` : 'hidden'
  const lists = [backbone.length, head.length]
  return JSON.stringify([place, activation, aggregation, neuronType, ...lists, plasticity?.rule])
}

function labelOf({ modulatory }: LinkGene, isRecurrent: boolean): string {
  return `${modulatory === true ? 'modulatory' : ''} ${isRecurrent ? 'recurrent' : ''}`
}

/** Each node named by its name and its neighbours'. */
function refine({ edges }: Graph, names: readonly string[]): string[] {
  const around: string[][] = names.map(() => [])
  for (const { from, to, label } of edges) {
    around[to]?.push(`in ${label} ${names[from]}`)
    around[from]?.push(`out ${label} ${names[to]}`)
  }
  return names.map((name, node) => digest([name, ...(around[node] ?? []).sort()]))
}

function digest(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\n')
  return hash.digest('hex')
}
