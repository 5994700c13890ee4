// Structural mutation (Stanley & Miikkulainen 2002, section 3.1): add a link, split a link by a
// neuron.
import { GENOTYPE_LINKS_MAX, GENOTYPE_NEURONS_MAX } from '../../limits.ts'
import type { Random } from '../../runtime/random.ts'
import type { GenomeWriter } from '../genome-pool.ts'
import { INPUT_LAYER } from '../genotype.ts'
import { linkInnovation, splitNeuronId } from '../innovation.ts'

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
  const { inputs, neuronBegin, neuronId, layer, linkBegin, linkEnd } = writer
  const neurons = writer.neuronEnd - neuronBegin
  if (linkEnd - linkBegin >= GENOTYPE_LINKS_MAX) return false
  for (let attempt = 0; attempt < LINK_ATTEMPTS; attempt++) {
    const target = neuronBegin + random.integer(neurons)
    // A recurrent link cannot begin at an input.
    const source = recurrent ? inputs + random.integer(neurons) : random.integer(inputs + neurons)
    const isInput = source < inputs
    const from = isInput ? source : neuronId[neuronBegin + source - inputs]!
    const fromLayer = isInput ? INPUT_LAYER : layer[neuronBegin + source - inputs]!
    if (layer[target]! <= fromLayer !== recurrent) continue
    const to = neuronId[target]!
    if (writer.insertLink(linkInnovation(from, to), from, to, weight)) return true
  }
  return false
}

/**
 * Splits a random enabled link of the open genotype: the link is disabled, a link of weight 1 leads
 * to the new neuron and one of the old weight from it. False when no link is enabled or the chosen
 * one cannot be split (`splitLayer`).
 */
export function addNeuron(writer: GenomeWriter, activation: number, random: Random): boolean {
  const chosen = randomEnabledLink(writer, random)
  if (chosen < 0 || writer.neuronEnd - writer.neuronBegin >= GENOTYPE_NEURONS_MAX) return false
  const from = writer.from[chosen]!
  const to = writer.to[chosen]!
  const layer = splitLayer(layerOf(writer, from), layerOf(writer, to))
  if (layer === undefined) return false
  let occurrence = 0
  let id = splitNeuronId(from, to, occurrence)
  while (writer.neuronAt(id) >= 0) id = splitNeuronId(from, to, ++occurrence)
  const into = linkInnovation(from, id)
  const out = linkInnovation(id, to)
  // Either number may be taken by chance, once in 2^53: then the genotype stays as it is.
  if (into === out || writer.linkAt(into) >= 0 || writer.linkAt(out) >= 0) return false
  const weight = writer.weight[chosen]!
  writer.enabled[chosen] = 0
  writer.insertNeuron(id, layer, activation, 0)
  writer.insertLink(into, from, id, 1)
  writer.insertLink(out, id, to, weight)
  return true
}

/** Enables a disabled link or disables an enabled one, at random, in the open genotype. */
export function toggleLink(writer: GenomeWriter, random: Random): void {
  const links = writer.linkEnd - writer.linkBegin
  if (links === 0) return
  const link = writer.linkBegin + random.integer(links)
  writer.enabled[link] = 1 - writer.enabled[link]!
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

function layerOf(writer: GenomeWriter, id: number): number {
  const at = writer.neuronAt(id)
  return at < 0 ? INPUT_LAYER : writer.layer[at]!
}

function randomEnabledLink(writer: GenomeWriter, random: Random): number {
  const { enabled, linkBegin, linkEnd } = writer
  let count = 0
  for (let link = linkBegin; link < linkEnd; link++) count += enabled[link]!
  if (count === 0) return -1
  let skip = random.integer(count)
  for (let link = linkBegin; link < linkEnd; link++) {
    if (enabled[link] === 1 && skip-- === 0) return link
  }
  return -1
}
