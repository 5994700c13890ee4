// Multipoint crossover (Stanley & Miikkulainen 2002, section 3.2): links aligned by innovation
// number.
//
// The child has the structure of the better parent: of the links both have, each weight comes from
// either parent with equal chance; the better parent's further links come as they are. A link that
// is disabled in either parent is disabled in the child with `disabledInherited`. So a child is
// valid whenever its better parent is, even if the other came from elsewhere and means something
// else by the same numbers. Bias and activation of neurons that both have are either's, as in neat-python.
//
// Programs differ in what they do at equal fitness: see `EqualFitness`.
import type { Random } from '../runtime/random.ts'
import { type GenomePool, type GenomeWriter, linkCount, unpackGenotype } from './genome-pool.ts'
import type { Genotype, LinkGene, NeuronGene } from './genotype.ts'
import { crossTraits } from './trait-crossover.ts'

export interface CrossoverSettings {
  /** Chance that a link disabled in either parent is disabled in the child. */
  readonly disabledInherited: number
  /** Who counts as better of two that are equally fit; default `smaller`. */
  readonly equalFitness?: EqualFitness
}

/**
 * `smaller`: the parent with fewer links, as the authors' own program has it. `second`: the second
 * parent, as neat-python has it. `both`: neither, each further link of either comes with one half
 * (the paper, figure 4).
 */
export const equalFitnessNames = ['smaller', 'second', 'both'] as const
export type EqualFitness = (typeof equalFitnessNames)[number]

/** Writes the child of two genotypes of a pool and leaves it open; which of them was the better. */
export function mate(
  writer: GenomeWriter,
  parents: { readonly genomes: GenomePool; readonly fitnesses: ArrayLike<number> },
  first: number,
  second: number,
  settings: CrossoverSettings,
  random: Random,
): { readonly better: number; readonly other: number } {
  const { genomes, fitnesses } = parents
  const { equalFitness = 'smaller' } = settings
  if (equalFitness === 'both' && fitnesses[first] === fitnesses[second]) {
    const [a, b] = [unpackGenotype(genomes, first), unpackGenotype(genomes, second)]
    if (learnAlike(a, b)) {
      writer.append(union(a, b, settings, random))
      return { better: first, other: second }
    }
  }
  const better =
    equalFitness === 'second' && fitnesses[first] === fitnesses[second]
      ? second
      : betterParent(genomes, fitnesses, first, second)
  const other = better === first ? second : first
  crossover(writer, genomes, better, other, settings, random)
  return { better, other }
}

/** Writes the child of two genotypes of a pool and leaves it open in the writer. */
export function crossover(
  writer: GenomeWriter,
  pool: GenomePool,
  better: number,
  other: number,
  settings: CrossoverSettings,
  random: Random,
): void {
  writer.copy(pool, better)
  crossLinks(writer, pool, other, settings, random)
  crossNeurons(writer, pool, other, random)
  crossTraits(writer, pool, other, random)
}

/** Which of two parents counts as better: by fitness, then by fewer links, then the first. */
export function betterParent(
  pool: GenomePool,
  fitnesses: ArrayLike<number>,
  first: number,
  second: number,
): number {
  const difference = fitnesses[first]! - fitnesses[second]!
  if (difference !== 0) return difference > 0 ? first : second
  return linkCount(pool, second) < linkCount(pool, first) ? second : first
}

/**
 * Whether neurons that both have follow the same plasticity rules: the parameters of links belong
 * to the rule of their target, so that links of one are no good to the other's neuron otherwise.
 */
function learnAlike(a: Genotype, b: Genotype): boolean {
  const rules = new Map(b.neurons.map(({ id, plasticity }) => [id, plasticity?.rule]))
  return a.neurons.every(
    ({ id, plasticity }) => !rules.has(id) || rules.get(id) === plasticity?.rule,
  )
}

/** The child of two equals: of what only one has, half. */
function union(a: Genotype, b: Genotype, settings: CrossoverSettings, random: Random): Genotype {
  const ofB = new Map(b.links.map((link) => [link.innovation, link]))
  const links: LinkGene[] = []
  for (const link of a.links) {
    const other = ofB.get(link.innovation)
    ofB.delete(link.innovation)
    const isMine = random.next() < 0.5
    if (other === undefined) {
      if (isMine) links.push(link)
      continue
    }
    const isDisabled =
      !(link.enabled && other.enabled) && random.next() < settings.disabledInherited
    links.push({ ...(isMine ? link : other), enabled: !isDisabled })
  }
  for (const link of ofB.values()) if (random.next() < 0.5) links.push(link)
  const neurons = neuronsFor(a, b, links, random)
  const layers = new Map(neurons.map(({ id, layer }) => [id, layer]))
  // Two lineages that mean different neurons by one id, once in 2^53, cannot share its links.
  const isWhole = ({ from, to }: LinkGene): boolean =>
    layers.has(to) && (from < a.inputs || layers.has(from))
  return {
    ...a,
    neurons,
    links: links.filter(isWhole).sort((one, other) => one.innovation - other.innovation),
  }
}

/** The outputs, and every hidden neuron that a link needs; of those both have, either's. */
function neuronsFor(
  a: Genotype,
  b: Genotype,
  links: readonly LinkGene[],
  random: Random,
): NeuronGene[] {
  const needed = new Set(links.flatMap(({ from, to }) => [from, to]))
  const ofB = new Map(b.neurons.map((neuron) => [neuron.id, neuron]))
  const neurons: NeuronGene[] = []
  for (const neuron of a.neurons) {
    const other = ofB.get(neuron.id)
    ofB.delete(neuron.id)
    const isOutput = neuron.id < a.inputs + a.outputs
    if (!isOutput && !needed.has(neuron.id)) continue
    neurons.push(other?.layer === neuron.layer && random.next() < 0.5 ? other : neuron)
  }
  for (const neuron of ofB.values()) if (needed.has(neuron.id)) neurons.push(neuron)
  return neurons.sort((one, other) => one.layer - other.layer || one.id - other.id)
}

function crossLinks(
  writer: GenomeWriter,
  pool: GenomePool,
  other: number,
  settings: CrossoverSettings,
  random: Random,
): void {
  const { innovation, weight, enabled, linkEnd } = writer
  const otherEnd = pool.linkStart[other + 1]!
  let link = writer.linkBegin
  let otherLink = pool.linkStart[other]!
  let coins = 0
  let coinsLeft = 0
  while (link < linkEnd && otherLink < otherEnd) {
    const key = innovation[link]!
    const otherKey = pool.innovation[otherLink]!
    if (key !== otherKey) {
      if (key < otherKey) link++
      else otherLink++
      continue
    }
    if (coinsLeft === 0) {
      coins = random.uint32()
      coinsLeft = 32
    }
    if ((coins & 1) === 1) weight[link] = pool.weight[otherLink]!
    coins >>>= 1
    coinsLeft--
    if ((enabled[link]! & pool.enabled[otherLink]!) === 0) {
      enabled[link] = random.next() < settings.disabledInherited ? 0 : 1
    }
    link++
    otherLink++
  }
}

function crossNeurons(writer: GenomeWriter, pool: GenomePool, other: number, random: Random): void {
  const otherEnd = pool.neuronStart[other + 1]!
  let neuron = writer.neuronBegin
  let otherNeuron = pool.neuronStart[other]!
  while (neuron < writer.neuronEnd && otherNeuron < otherEnd) {
    const id = writer.neuronId[neuron]!
    const otherId = pool.neuronId[otherNeuron]!
    const order = writer.layer[neuron]! - pool.layer[otherNeuron]! || id - otherId
    if (order === 0) crossNeuron(writer, neuron, pool, otherNeuron, random)
    if (order <= 0) neuron++
    if (order >= 0) otherNeuron++
  }
}

/** One neuron that both have. Chance is asked only where they differ. */
function crossNeuron(
  writer: GenomeWriter,
  neuron: number,
  pool: GenomePool,
  otherNeuron: number,
  random: Random,
): void {
  if (writer.bias[neuron] !== pool.bias[otherNeuron] && isHeads(random)) {
    writer.bias[neuron] = pool.bias[otherNeuron]!
  }
  if (writer.activation[neuron] !== pool.activation[otherNeuron] && isHeads(random)) {
    writer.activation[neuron] = pool.activation[otherNeuron]!
  }
}

function isHeads(random: Random): boolean {
  return (random.uint32() & 1) === 1
}
