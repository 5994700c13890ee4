// Networks as no evolution would grow them, for comparing the two ways of running one: any
// activation, neurons that share a layer, links in all directions, disabled links, nodes that
// nothing leads to or from.
import { type Genotype, genotypeFrom, type NeuronGene } from '../../src/evolution/genotype.ts'
import { activationNames } from '../../src/evolution/network/activation.ts'
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
