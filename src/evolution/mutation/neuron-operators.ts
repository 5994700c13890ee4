// Operators that add, remove and splice neurons and their biases (DXNN, Sher 2013, section 8.5).
import type { Random } from '../../runtime/random.ts'
import { NEURON_TYPE, TIME_CONSTANT } from '../gene-traits.ts'
import type { GenomeWriter } from '../genome-writer.ts'
import { OUTPUT_LAYER } from '../genotype.ts'
import { activationCode } from '../network/activation.ts'
import { type NeuronType, neuronTypeCode } from '../network/neuron-type.ts'
import { randomLink, randomNeuron, touch } from './connect.ts'
import { freshWeight } from './link-operators.ts'
import type { MutationOperator, RouletteSettings } from './operator.ts'
import { isSplittable, splitLink } from './topological.ts'

/** Splits a random link that fits with a neuron of a random activation; answers its id. */
function spliced(
  writer: GenomeWriter,
  settings: RouletteSettings,
  fits: (link: number) => boolean,
  random: Random,
): number | undefined {
  const link = randomLink(writer, (at) => isSplittable(writer, at) && fits(at), random)
  if (link < 0) return undefined
  const names = settings.neuralAfs
  const activation = activationCode(names[random.integer(names.length)]!)
  return splitLink(writer, link, activation)
}

export const addNeuronOperator: MutationOperator = (writer, settings, random) =>
  spliced(writer, settings, () => true, random) !== undefined

/** Splits a link that leaves a neuron. */
export const outsplice: MutationOperator = (writer, settings, random) =>
  spliced(writer, settings, (link) => writer.from[link]! >= writer.inputs, random) !== undefined

/** Splits a link that comes from an input. */
export const insplice: MutationOperator = (writer, settings, random) =>
  spliced(writer, settings, (link) => writer.from[link]! < writer.inputs, random) !== undefined

/** Splits a link with a neuron of that kind. */
function splicing(type: NeuronType, timeConstant: (random: Random) => number): MutationOperator {
  return (writer, settings, random) => {
    const id = spliced(writer, settings, () => true, random)
    if (id === undefined) return false
    const at = writer.ownTraits(writer.neuronAt(id))
    writer.traits[at + NEURON_TYPE] = neuronTypeCode(type)
    writer.traits[at + TIME_CONSTANT] = timeConstant(random)
    return true
  }
}

export const addDelay: MutationOperator = splicing('delay', () => 1)
/** Faber draws the time constant from [0.1, 2). */
export const addLeaky: MutationOperator = splicing('leaky', (random) => 0.1 + 1.9 * random.next())

/** Removes a hidden neuron and all its links. */
export const removeNeuron: MutationOperator = (writer, _settings, random) => {
  const neuron = randomNeuron(writer, (at) => writer.layer[at]! < OUTPUT_LAYER, random)
  if (neuron < 0) return false
  writer.removeNeuron(neuron)
  return true
}

/** Gives a neuron without a bias one. */
export const addBias: MutationOperator = (writer, _settings, random) => {
  const neuron = randomNeuron(writer, (at) => writer.bias[at] === 0, random)
  if (neuron < 0) return false
  writer.bias[neuron] = freshWeight(random)
  touch(writer, neuron)
  return true
}

export const removeBias: MutationOperator = (writer, _settings, random) => {
  const neuron = randomNeuron(writer, (at) => writer.bias[at] !== 0, random)
  if (neuron < 0) return false
  writer.bias[neuron] = 0
  touch(writer, neuron)
  return true
}
