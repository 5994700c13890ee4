// Networks as no evolution would grow them, for comparing the two ways of running one: any
// activation, neurons that share a layer, links in all directions, disabled links, nodes that
// nothing leads to or from.
import {
  actuatorProcessings,
  type Genotype,
  genotypeFrom,
  type LinkSketch,
  type NeuronGene,
} from '../../src/evolution/genotype.ts'
import { activationNames } from '../../src/evolution/network/activation.ts'
import { aggregationNames } from '../../src/evolution/network/aggregation.ts'
import { neuronTypes } from '../../src/evolution/network/neuron-type.ts'
import { plasticityRule, plasticityRules } from '../../src/evolution/network/plasticity-rule.ts'
import type { Random } from '../../src/runtime/random.ts'

/** Few layers, so that many links stay within one. */
const HIDDEN_LAYERS = [-0.5, -0.25, 0, 0.5]

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.integer(from.length)]!
}

/** Mostly ordinary weights; now and then none, a negative zero or a huge one. */
function weight(random: Random): number {
  const draw = random.next()
  if (draw < 0.02) return -0
  if (draw < 0.04) return 1e3 * random.gaussian()
  return 1.5 * random.gaussian()
}

/** A part of a genotype that plain ones lack. */
export const features = [
  'aggregation',
  'response',
  'ltc',
  'cfc',
  'leaky',
  'delay',
  'plasticity',
  'modulation',
  'processing',
] as const
export type Feature = (typeof features)[number]

const some = (count: number, random: Random): number[] =>
  Array.from({ length: count }, () => 0.7 * random.gaussian())

/** The neuron with, now and then, one of these traits or more. */
function withTraits(neuron: NeuronGene, wanted: ReadonlySet<Feature>, random: Random): NeuronGene {
  const has = (feature: Feature): boolean => wanted.has(feature) && random.next() < 0.6
  const type = pick(neuronTypes, random)
  const isTyped = type !== 'standard' && has(type)
  const rule = pick(plasticityRules.slice(1), random)
  const parameters = some(rule.neuron.length, random)
  return {
    ...neuron,
    ...(has('aggregation') ? { aggregation: pick(aggregationNames, random) } : {}),
    ...(has('response') ? { response: random.gaussian() } : {}),
    ...(isTyped ? { neuronType: type, timeConstant: 0.2 + 5 * random.next() } : {}),
    ...(isTyped ? { stateBound: 0.5 + random.next() } : {}),
    ...(isTyped && random.next() < 0.5 ? { backbone: some(1 + random.integer(3), random) } : {}),
    ...(isTyped && random.next() < 0.5 ? { head: some(1 + random.integer(3), random) } : {}),
    ...(has('plasticity') ? { plasticity: { rule: rule.name, parameters } } : {}),
  }
}

/** Any random network with these features, now and then. */
export function randomNetworkWith(wanted: readonly Feature[], random: Random): Genotype {
  const plain = randomNetwork(random)
  const features = new Set(wanted)
  const neurons = plain.neurons.map((neuron) => withTraits(neuron, features, random))
  const rules = new Map(neurons.map(({ id, plasticity }) => [id, plasticity?.rule ?? 'none']))
  const links: LinkSketch[] = []
  for (const { from, to, weight, enabled } of plain.links) {
    const wants = plasticityRule(rules.get(to) ?? 'none').link.length
    const parameters = some(wants, random)
    links.push({ from, to, weight, enabled, ...(wants === 0 ? {} : { parameters }) })
    if (features.has('modulation') && random.next() < 0.3) {
      links.push({ from, to, weight: random.gaussian(), modulatory: true })
    }
  }
  const processing = features.has('processing') ? pick(actuatorProcessings, random) : 'identity'
  const { inputs, outputs } = plain
  const first = 1 + random.integer(outputs)
  const actuators = [
    { name: 'first', length: first, processing },
    { name: 'rest', length: outputs - first },
  ]
  return genotypeFrom({
    inputs,
    outputs,
    activation: 'tanh',
    neurons,
    links,
    actuators: actuators.filter(({ length }) => length > 0),
  })
}

export function randomNetwork(random: Random): Genotype {
  const inputs = 1 + random.integer(5)
  const outputs = 1 + random.integer(4)
  const hidden = random.integer(12)
  const used = random.next() < 0.5 ? activationNames : activationNames.slice(0, 5)
  const neurons: NeuronGene[] = []
  for (let i = 0; i < hidden; i++) {
    // Ids descend, so that their order is not that of creation.
    const id = inputs + outputs + 7 * (hidden - i) + random.integer(7)
    const layer = pick(HIDDEN_LAYERS, random)
    neurons.push({ id, layer, activation: pick(used, random), bias: weight(random) })
  }
  for (let id = inputs; id < inputs + outputs; id++) {
    neurons.push({ id, layer: 1, activation: pick(used, random), bias: weight(random) })
  }
  const density = 0.5 * random.next()
  const links = neurons.flatMap(({ id: to }) => {
    const sources = [...Array(inputs).keys(), ...neurons.map(({ id }) => id)]
    return sources
      .filter(() => random.next() < density)
      .map((from) => ({ from, to, weight: weight(random), enabled: random.next() < 0.85 }))
  })
  return genotypeFrom({ inputs, outputs, activation: 'tanh', neurons, links })
}
