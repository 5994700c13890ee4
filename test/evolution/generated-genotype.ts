// Genotypes for property tests: grown by the engine's own mutations from a minimal one, so that
// they are as strange as evolution makes them: recurrent, split again and again, partly disabled.
import fc from 'fast-check'
import { defaultAgent, heredityTypes, tuningSelections } from '../../src/evolution/agent.ts'
import { GenomeWriter, unpackGenotype } from '../../src/evolution/genome-pool.ts'
import {
  type Genotype,
  genotypeFrom,
  type LinkSketch,
  minimalGenotype,
  type NeuronGene,
} from '../../src/evolution/genotype.ts'
import { type MutationSettings, mutate } from '../../src/evolution/mutation/mutation.ts'
import { activationNames } from '../../src/evolution/network/activation.ts'
import { aggregationNames } from '../../src/evolution/network/aggregation.ts'
import { neuronTypes } from '../../src/evolution/network/neuron-type.ts'
import { plasticityRules } from '../../src/evolution/network/plasticity-rule.ts'
import { defaultSettings } from '../../src/evolution/strategy/settings.ts'
import { type Random, seededRandom } from '../../src/runtime/random.ts'

/** Mutations that change structure half of the time, recurrent links and biases included. */
export const wildMutation: MutationSettings = {
  ...defaultSettings.reproduction.mutation,
  addNeuron: 0.3,
  addLink: 0.3,
  toggleLink: 0.2,
  recurrent: 0.4,
  biases: 'evolved',
  hiddenActivations: ['tanh', 'sigmoid', 'relu', 'gaussian'],
}

/** The genotype that `steps` wild mutations of that seed lead to. */
export function grownGenotype(
  inputs: number,
  outputs: number,
  seed: number | string,
  steps: number,
): Genotype {
  const random = seededRandom(seed)
  const writer = new GenomeWriter(inputs, outputs)
  const weight = (): number => random.gaussian()
  writer.append(minimalGenotype({ inputs, outputs, activation: 'tanh', weight }))
  for (let step = 0; step < steps; step++) mutate(writer, wildMutation, random)
  return unpackGenotype(writer.finish(), 0)
}

/** Genotypes of a shape, of 0 to 60 mutations. */
export function generatedGenotype(inputs: number, outputs: number): fc.Arbitrary<Genotype> {
  return fc
    .tuple(fc.integer(), fc.nat(60))
    .map(([seed, steps]) => grownGenotype(inputs, outputs, seed, steps))
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.integer(from.length)]!
}

/** The neuron with every trait that a draw of the seed gives it: all kinds, rules, aggregations. */
function withTraits(neuron: NeuronGene, random: Random): NeuronGene {
  const some = (count: number): number[] =>
    Array.from({ length: count }, () => 0.5 * random.gaussian())
  const rule = plasticityRules[1 + random.integer(plasticityRules.length - 1)]!
  const aggregation = pick(aggregationNames.slice(1), random)
  const neuronType = pick(neuronTypes.slice(1), random)
  const chance = (): boolean => random.next() < 0.4
  return {
    ...neuron,
    activation: chance() ? pick(activationNames, random) : neuron.activation,
    ...(chance() ? { aggregation } : {}),
    ...(chance() ? { response: random.gaussian() } : {}),
    ...(chance() ? { neuronType } : {}),
    ...(chance() ? { timeConstant: 0.1 + 4 * random.next() } : {}),
    ...(chance() ? { stateBound: 0.5 + 2 * random.next() } : {}),
    ...(chance() ? { backbone: some(2) } : {}),
    ...(chance() ? { head: some(2) } : {}),
    ...(chance() ? { generation: 1 + random.integer(9) } : {}),
    ...(chance() ? { plasticity: { rule: rule.name, parameters: some(rule.neuron.length) } } : {}),
  }
}

/**
 * A grown genotype with every feature: traits at random, modulatory links, parameters of links, a
 * morphology and an agent.
 */
export function richGenotype(
  inputs: number,
  outputs: number,
  seed: number | string,
  steps: number,
): Genotype {
  const grown = grownGenotype(inputs, outputs, seed, steps)
  const random = seededRandom(seed).fork('traits')
  const neurons = grown.neurons.map((neuron) => withTraits(neuron, random))
  const wanted = new Map(
    neurons.map(({ id, plasticity }) => {
      const rule = plasticityRules.find(({ name }) => name === plasticity?.rule)
      return [id, rule?.link.length ?? 0]
    }),
  )
  const links: LinkSketch[] = grown.links.map(({ from, to, weight, enabled }) => {
    const parameters = Array.from({ length: wanted.get(to) ?? 0 }, () => random.gaussian())
    const link = { from, to, weight, enabled }
    return parameters.length === 0 ? link : { ...link, parameters }
  })
  const modulatory = neurons
    .filter(({ plasticity }) => plasticity !== undefined)
    .map(({ id: to }) => {
      const from = pick([...Array(inputs).keys(), ...neurons.map(({ id }) => id)], random)
      return { from, to, weight: random.gaussian(), modulatory: true as const }
    })
  return genotypeFrom({
    inputs,
    outputs,
    activation: 'tanh',
    neurons,
    links: [...links, ...modulatory],
    sensors: [{ name: 'all', length: inputs }],
    actuators: [{ name: 'all', length: outputs, processing: 'softmax' }],
    agent: {
      ...defaultAgent,
      tuningSelection: pick(tuningSelections, random),
      heredity: pick(heredityTypes, random),
      operatorWeights: [['add_neuron', random.next()]],
    },
  })
}
