// Networks of the original NEAT program over ticks. There all neurons act at once, from the values
// before; here they act in the order of their layers. So hidden neurons share a layer, which makes
// links among them carry the value before, and what goes to an output waits in a delay.
import { describe, expect, it } from 'vitest'
import { genotypeFrom, type LinkSketch, type NeuronGene } from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface OriginalNetwork {
  readonly nodes: readonly { readonly id: number; readonly kind: string }[]
  readonly genes: readonly {
    readonly from: number
    readonly to: number
    readonly weight: number
    readonly enabled: boolean
  }[]
  readonly sweeps: readonly number[]
  readonly ticks: readonly {
    readonly input: readonly number[]
    readonly output: readonly number[]
  }[]
}

const { networks } = await neuroVectors<{ networks: readonly OriginalNetwork[] }>('neat_original')

const isSensor = (kind: string): boolean => kind === 'input' || kind === 'bias'

/**
 * Whether every neuron acts from the first sweep on. The program keeps a neuron silent until one of
 * its sources has acted; ours answers to its empty sum, as the paper has it.
 */
function allActAtOnce({ nodes, genes }: OriginalNetwork): boolean {
  const sensors = new Set(nodes.filter(({ kind }) => isSensor(kind)).map(({ id }) => id))
  return nodes.every(
    ({ id }) =>
      sensors.has(id) ||
      genes.some(({ from, to, enabled }) => enabled && to === id && sensors.has(from)),
  )
}

function networkOf({ nodes, genes }: OriginalNetwork): Network {
  const sensors = nodes.filter(({ kind }) => isSensor(kind))
  const outputs = nodes.filter(({ kind }) => kind === 'output')
  const hidden = nodes.filter(({ kind }) => kind === 'hidden')
  const ids = new Map(
    [...sensors, ...outputs].map(({ id }, place): [number, number] => [id, place]),
  )
  for (const { id } of hidden) ids.set(id, 1_000 + id)
  const activation = 'original_neat_sigmoid' as const
  const neurons: NeuronGene[] = hidden.map(({ id }) => {
    return { id: 1_000 + id, layer: 0, activation, bias: 0 }
  })
  const links: LinkSketch[] = []
  for (const { from, to, weight, enabled } of genes) {
    const [source, target] = [ids.get(from)!, ids.get(to)!]
    if (source < 1_000 || target >= 1_000) {
      links.push({ from: source, to: target, weight, enabled })
      continue
    }
    const delay = 1_000_000 + neurons.length
    const neuronType = 'delay' as const
    neurons.push({ id: delay, layer: 0.5, activation: 'identity', bias: 0, neuronType })
    links.push({ from: source, to: delay, weight: 1 })
    links.push({ from: delay, to: target, weight, enabled })
  }
  const shape = { inputs: sensors.length, outputs: outputs.length, activation }
  const genotype = genotypeFrom({ ...shape, neurons, links })
  expect(checkGenotype(genotype).ok).toBe(true)
  return new Network(compile(genotype))
}

describe('neat_original', () => {
  it('answers tick by tick as the program does', () => {
    const active = networks.filter(allActAtOnce)
    for (const one of active) {
      const network = networkOf(one)
      const answer = new Float64Array(one.ticks[0]!.output.length)
      for (const [tick, { input, output }] of one.ticks.entries()) {
        for (let sweep = 0; sweep < one.sweeps[tick]!; sweep++) {
          network.step(Float64Array.from(input), answer)
        }
        expect(deviation(answer, output)).toBeLessThanOrEqual(1e-10)
      }
    }
    expect(active.length).toBeGreaterThan(0)
  })
})
