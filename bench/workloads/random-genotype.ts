// Random networks of a given size, for benchmarks of their evaluation.
import { type Genotype, genotypeFrom, type LinkSketch } from '../../src/evolution/index.ts'
import type { Random } from '../../src/runtime/random.ts'

export interface NetworkSize {
  readonly inputs: number
  readonly outputs: number
  /** Hidden and output neurons. */
  readonly neurons: number
  readonly forward: number
  /** Recurrent links, none of a neuron to itself. */
  readonly recurrent: number
}

/** `count` of `pairs`, drawn without replacement. */
function draw<T>(pairs: T[], count: number, random: Random): T[] {
  for (let i = 0; i < count; i++) {
    const j = i + random.integer(pairs.length - i)
    const chosen = pairs[j]!
    pairs[j] = pairs[i]!
    pairs[i] = chosen
  }
  return pairs.slice(0, count)
}

/**
 * A network of tanh neurons with weights and biases from a normal distribution: every hidden neuron
 * in a layer of its own, outputs feeding nothing.
 */
export function randomGenotype(size: NetworkSize, random: Random): Genotype {
  const { inputs, outputs, neurons } = size
  const hidden = neurons - outputs
  const ids: number[] = []
  for (let i = 0; i < inputs; i++) ids.push(i)
  for (let i = 0; i < hidden; i++) ids.push(inputs + outputs + i)
  for (let i = 0; i < outputs; i++) ids.push(inputs + i)
  const forward: [number, number][] = []
  const recurrent: [number, number][] = []
  for (let to = inputs; to < ids.length; to++) {
    for (let from = 0; from < Math.min(to, inputs + hidden); from++) forward.push([from, to])
    for (let from = to + 1; from < inputs + hidden; from++) recurrent.push([from, to])
  }
  const chosen = [
    ...draw(forward, size.forward, random),
    ...draw(recurrent, size.recurrent, random),
  ]
  const links: LinkSketch[] = chosen.map(([from, to]) => {
    return { from: ids[from]!, to: ids[to]!, weight: random.gaussian() }
  })
  return genotypeFrom({
    inputs,
    outputs,
    activation: 'tanh',
    neurons: ids.slice(inputs).map((id, i) => {
      const layer = i < hidden ? (2 * (i + 1)) / (hidden + 1) - 1 : 1
      return { id, layer, activation: 'tanh', bias: random.gaussian() }
    }),
    links,
  })
}
