// The first genotypes of a run with neat-python's settings: its `initial_connection` and
// `num_hidden`, with values drawn as its attributes are.
import type { Random } from '../runtime/random.ts'
import { GenomeWriter, unpackGenotype } from './genome-pool.ts'
import { type Genotype, genotypeFrom, type LinkSketch, OUTPUT_LAYER } from './genotype.ts'
import { splitNeuronId } from './innovation.ts'
import {
  beginTraits,
  firstName,
  firstValue,
  type NeatPythonMutation,
} from './mutation/neat-python.ts'
import type { ActivationName } from './network/activation.ts'

/** A random genotype of the kind that the settings ask for. */
export function neatPythonGenotype(
  shape: { inputs: number; outputs: number; outputActivation: ActivationName },
  settings: NeatPythonMutation,
  random: Random,
): Genotype {
  const { inputs, outputs, outputActivation } = shape
  const neurons = []
  for (let output = inputs; output < inputs + outputs; output++) {
    const bias = firstValue(settings.bias, random)
    neurons.push({ id: output, layer: OUTPUT_LAYER, activation: outputActivation, bias })
  }
  for (let hidden = 0; hidden < settings.numHidden; hidden++) {
    // The same neurons in every genotype of the run, so that they align.
    const id = splitNeuronId(0, inputs, hidden)
    const bias = firstValue(settings.bias, random)
    neurons.push({ id, layer: 0, activation: firstName(settings.activation, random), bias })
  }
  const hidden = neurons.filter(({ layer }) => layer < OUTPUT_LAYER).map(({ id }) => id)
  const pairs = firstPairs(shape, hidden, settings, random)
  const links: LinkSketch[] = pairs.map(([from, to]) => {
    return { from, to, weight: firstValue(settings.weight, random) }
  })
  const plain = genotypeFrom({ inputs, outputs, activation: outputActivation, neurons, links })
  const writer = new GenomeWriter(inputs, outputs)
  writer.append(plain)
  for (let neuron = writer.neuronBegin; neuron < writer.neuronEnd; neuron++) {
    beginTraits(writer, neuron, settings, random)
  }
  return unpackGenotype(writer.finish(), 0)
}

type Pair = readonly [from: number, to: number]

/** Who is linked to whom at first. */
function firstPairs(
  { inputs, outputs }: { inputs: number; outputs: number },
  hidden: readonly number[],
  settings: NeatPythonMutation,
  random: Random,
): Pair[] {
  const { initialConnection, connectionFraction, feedForward } = settings
  const ins = Array.from({ length: inputs }, (_, id) => id)
  const outs = Array.from({ length: outputs }, (_, output) => inputs + output)
  const all = (from: readonly number[], to: readonly number[]): Pair[] =>
    from.flatMap((one) => to.map((other): Pair => [one, other]))
  if (initialConnection === 'unconnected') return []
  if (initialConnection === 'fs_neat_nohidden' || initialConnection === 'fs_neat_hidden') {
    const chosen = [random.integer(inputs)]
    return all(chosen, initialConnection === 'fs_neat_hidden' ? [...hidden, ...outs] : outs)
  }
  const isDirect = hidden.length === 0 || initialConnection.endsWith('_direct')
  const pairs = [
    ...all(ins, hidden),
    ...all(hidden, outs),
    ...(isDirect ? all(ins, outs) : []),
    ...(feedForward ? [] : [...hidden, ...outs].map((id): Pair => [id, id])),
  ]
  if (initialConnection.startsWith('full')) return pairs
  const count = Math.round(pairs.length * connectionFraction)
  const left = [...pairs]
  return Array.from({ length: count }, () => {
    const [pair] = left.splice(random.integer(left.length), 1)
    return pair!
  })
}
