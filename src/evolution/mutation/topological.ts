// Structural mutation (Stanley & Miikkulainen 2002, section 3.1): add a link, split a link by a
// neuron.
import { GENOTYPE_NEURONS_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import { PLAIN } from '../gene-traits.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { INPUT_LAYER } from '../genotype.ts'
import { linkInnovation, splitNeuronId } from '../innovation.ts'
import { connect, copyLinkTraits, layerOf, randomLink, touch } from './connect.ts'

/**
 * Pairs of neurons to try before a link mutation gives up: a dense network may have no free pair.
 */
const LINK_ATTEMPTS = 20

/**
 * Adds a link of that weight between two ends that had none, to the open genotype; false when no
 * free pair was found. With `recurrent` the link goes to the same or a lower layer (a neuron's link
 * to itself included), without it to a higher one.
 */
export function addLink(
  writer: GenomeWriter,
  recurrent: boolean,
  weight: number,
  random: Random,
): boolean {
  const { inputs, neuronBegin, neuronId, layer } = writer
  const neurons = writer.neuronEnd - neuronBegin
  for (let attempt = 0; attempt < LINK_ATTEMPTS; attempt++) {
    const target = neuronBegin + random.integer(neurons)
    // A recurrent link cannot begin at an input.
    const source = recurrent ? inputs + random.integer(neurons) : random.integer(inputs + neurons)
    const isInput = source < inputs
    const from = isInput ? source : neuronId[neuronBegin + source - inputs]!
    const fromLayer = isInput ? INPUT_LAYER : layer[neuronBegin + source - inputs]!
    if (layer[target]! <= fromLayer !== recurrent) continue
    const to = neuronId[target]!
    if (connect(writer, { from, to, weight }, random)) return true
  }
  return false
}

/**
 * Splits a random enabled link of the open genotype. False when none is enabled or the chosen one
 * cannot be split (`splitLayer`).
 */
export function addNeuron(writer: GenomeWriter, activation: number, random: Random): boolean {
  const chosen = randomLink(writer, (link) => isSplittable(writer, link), random)
  return chosen >= 0 && splitLink(writer, chosen, activation) !== undefined
}

/** Whether a link carries a value that a neuron in between could take. */
export function isSplittable(writer: GenomeWriter, link: number): boolean {
  return writer.enabled[link] === 1 && !writer.isModulatory(link)
}

/**
 * Splits a link: it is disabled, a link of weight 1 leads to the new neuron and one of the old
 * weight, with its parameters, from it. Answers the new neuron's id; undefined when there is no
 * room, and the genotype is as before.
 */
export function splitLink(
  writer: GenomeWriter,
  link: number,
  activation: number,
): number | undefined {
  if (writer.neuronEnd - writer.neuronBegin >= GENOTYPE_NEURONS_MAX) return undefined
  const [from, to, weight] = [writer.from[link]!, writer.to[link]!, writer.weight[link]!]
  const layer = splitLayer(layerOf(writer, from), layerOf(writer, to))
  if (layer === undefined) return undefined
  let occurrence = 0
  let id = splitNeuronId(from, to, occurrence)
  while (writer.neuronAt(id) >= 0) id = splitNeuronId(from, to, ++occurrence)
  const into = linkInnovation(from, id)
  const out = linkInnovation(id, to)
  // Either number may be taken by chance, once in 2^53: then the genotype stays as it is.
  if (into === out || writer.linkAt(into) >= 0 || writer.linkAt(out) >= 0) return undefined
  const parameters = writer.linkTraitsAt[link]!
  writer.enabled[link] = 0
  writer.insertNeuron(id, layer, activation, 0)
  writer.insertLink(into, from, id, 1)
  writer.insertLink(out, id, to, weight)
  if (parameters !== PLAIN) copyLinkTraits(writer, parameters, writer.linkAt(out))
  touch(writer, writer.neuronAt(id))
  return id
}

/**
 * Enables a disabled link or disables an enabled one, at random, in the open genotype; false when
 * it has none.
 */
export function toggleLink(writer: GenomeWriter, random: Random): boolean {
  const links = writer.linkEnd - writer.linkBegin
  if (links === 0) return false
  const link = writer.linkBegin + random.integer(links)
  writer.enabled[link] = 1 - writer.enabled[link]!
  return true
}

/**
 * The layer of the neuron that splits a link, a function of the ends' layers and so equal in all
 * lineages: their midpoint; for a recurrent link the midpoint of the inputs and its target, so that
 * the way in is recurrent, the way out is not, and the loop keeps its delay of one tick. Undefined
 * when no number lies between (after some 50 splits in a row).
 */
export function splitLayer(fromLayer: number, toLayer: number): number | undefined {
  const lower = toLayer <= fromLayer ? INPUT_LAYER : fromLayer
  const middle = (lower + toLayer) / 2
  return lower < middle && middle < toLayer ? middle : undefined
}
