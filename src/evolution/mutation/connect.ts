// Links between chosen ends, whatever the target asks of its links: one to a neuron with a
// plasticity rule needs the rule's parameters.
import { GENOTYPE_LINKS_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import {
  GENERATION,
  LINK_PARAMETERS,
  LINK_TRAITS,
  linkParametersOf,
  MODULATORY,
  PLAIN,
  PLASTICITY,
} from '../gene-traits.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { INPUT_LAYER } from '../genotype.ts'
import { linkInnovation, modulatoryInnovation } from '../innovation.ts'

/** What a link is made of. */
export interface NewLink {
  readonly from: number
  readonly to: number
  readonly weight: number
  readonly modulatory?: boolean
}

/** Adds an enabled link to the open genotype; false when there is one, or no room. */
export function connect(writer: GenomeWriter, link: NewLink, random: Random): boolean {
  const { from, to, weight, modulatory = false } = link
  if (writer.linkEnd - writer.linkBegin >= GENOTYPE_LINKS_MAX) return false
  const innovation = modulatory ? modulatoryInnovation(from, to) : linkInnovation(from, to)
  if (!writer.insertLink(innovation, from, to, weight)) return false
  const at = writer.linkAt(innovation)
  if (modulatory) {
    const own = writer.ownLinkTraits(at)
    writer.linkTraits[own + MODULATORY] = 1
  } else drawParameters(writer, at, ruleOf(writer, writer.neuronAt(to)), random)
  touch(writer, writer.neuronAt(from))
  touch(writer, writer.neuronAt(to))
  return true
}

/** The open genotype is one generation further, where its agent counts them. */
export function countGeneration(writer: GenomeWriter): void {
  const { agent } = writer
  if (agent !== undefined) writer.agent = { ...agent, generation: agent.generation + 1 }
}

/**
 * Notes that a neuron of the open genotype was made or changed now; only a lineage with an agent
 * counts its generations. Inputs are never young.
 */
export function touch(writer: GenomeWriter, neuron: number): void {
  const { agent } = writer
  if (agent === undefined || neuron < 0) return
  const at = writer.ownTraits(neuron)
  writer.traits[at + GENERATION] = agent.generation
}

/** The plasticity rule of the neuron at a position of the open genotype, by its code. */
export function ruleOf(writer: GenomeWriter, neuron: number): number {
  const at = writer.traitsAt[neuron]!
  return at === PLAIN ? 0 : writer.traits[at + PLASTICITY]!
}

/** Gives a link the parameters that a rule wants, uniform within ±0.5 as DXNN draws them. */
export function drawParameters(
  writer: GenomeWriter,
  link: number,
  rule: number,
  random: Random,
): void {
  const wanted = linkParametersOf(rule)
  if (wanted === 0) return
  const at = writer.ownLinkTraits(link)
  for (let i = 0; i < wanted; i++) writer.linkTraits[at + LINK_PARAMETERS + i] = random.next() - 0.5
}

/** The layer of a node of the open genotype by its id. */
export function layerOf(writer: GenomeWriter, id: number): number {
  const at = writer.neuronAt(id)
  return at < 0 ? INPUT_LAYER : writer.layer[at]!
}

/** A link that fits a test, each with equal chance; -1 when none does. */
export function randomLink(
  writer: GenomeWriter,
  fits: (link: number) => boolean,
  random: Random,
): number {
  let count = 0
  for (let link = writer.linkBegin; link < writer.linkEnd; link++) if (fits(link)) count++
  if (count === 0) return -1
  let skip = random.integer(count)
  for (let link = writer.linkBegin; link < writer.linkEnd; link++) {
    if (fits(link) && skip-- === 0) return link
  }
  return -1
}

/** A neuron that fits a test, each with equal chance; -1 when none does. */
export function randomNeuron(
  writer: GenomeWriter,
  fits: (neuron: number) => boolean,
  random: Random,
): number {
  let count = 0
  for (let n = writer.neuronBegin; n < writer.neuronEnd; n++) if (fits(n)) count++
  if (count === 0) return -1
  let skip = random.integer(count)
  for (let n = writer.neuronBegin; n < writer.neuronEnd; n++) {
    if (fits(n) && skip-- === 0) return n
  }
  return -1
}

/** Gives a link a copy of some record of link traits. */
export function copyLinkTraits(writer: GenomeWriter, from: number, link: number): void {
  const own = writer.ownLinkTraits(link)
  const { linkTraits } = writer
  for (let i = 0; i < LINK_TRAITS; i++) linkTraits[own + i] = linkTraits[from + i]!
}
