// Whole networks of neat-python and faber_tweann over ticks, read in as genotypes of ours and run
// by our interpreter. ARBOR_NEURO_VECTORS names another folder of files with the same schema.
import { describe, expect, it } from 'vitest'
import type { Genotype, NeuronGene } from '../../src/evolution/genotype.ts'
import {
  type FaberGenotype,
  FaberImportError,
  type FaberLayers,
  faberGenotype,
  faberLayers,
} from '../../src/evolution/import/faber.ts'
import {
  continuousOf,
  feedForwardOf,
  type NeatPythonGenome,
  recurrentOf,
} from '../../src/evolution/import/neat-python.ts'
import { ContinuousNetwork } from '../../src/evolution/network/continuous-network.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { deviation, neuroVectors } from './neuro-vectors.ts'

interface NeatNetwork extends NeatPythonGenome {
  readonly ticks: readonly {
    readonly input: readonly number[]
    readonly output: readonly number[]
    readonly advance?: number
    readonly timeStep?: number
  }[]
}

type NeatFile = { readonly networks: readonly NeatNetwork[] }

interface DagNetwork extends FaberGenotype {
  readonly inputs?: readonly (readonly number[])[]
  readonly compiled?: {
    readonly nodes: readonly (readonly [number, string | readonly unknown[], ...unknown[]])[]
    readonly inputCount: number
  }
  readonly ticks?: readonly {
    readonly outputs: readonly number[]
    readonly state: readonly number[]
  }[]
  readonly refused?: string
}

interface DenseNetwork extends FaberLayers {
  readonly inputs: readonly (readonly number[])[]
  readonly ticks: readonly {
    readonly outputs: readonly number[]
    readonly activations?: readonly (readonly number[])[]
    readonly state?: readonly (readonly number[])[]
  }[]
}

const feedForward = await neuroVectors<NeatFile>('neat_feedforward')
const recurrent = await neuroVectors<NeatFile>('neat_recurrent')
const continuous = await neuroVectors<NeatFile>('neat_ctrnn')
const dag = await neuroVectors<{ readonly networks: readonly DagNetwork[] }>('neuro_dag')
const dense = await neuroVectors<{ readonly networks: readonly DenseNetwork[] }>('neuro_networks')

const numbered = <T>(list: readonly T[]): { i: number; one: T }[] => {
  return list.map((one, i) => ({ i, one }))
}

function checkTicks(genotype: Genotype, { ticks }: NeatNetwork, tolerance: number): void {
  const network = new Network(compile(genotype))
  const outputs = new Float64Array(genotype.outputs)
  for (const { input, output } of ticks) {
    network.step(Float64Array.from(input), outputs)
    expect(deviation(outputs, output)).toBeLessThan(tolerance)
  }
}

describe('neat_feedforward', () => {
  it.each(numbered(feedForward.networks))('network $i', ({ one }) => {
    checkTicks(feedForwardOf(one), one, 1e-12)
  })
})

describe('neat_recurrent', () => {
  it.each(numbered(recurrent.networks))('network $i', ({ one }) => {
    checkTicks(recurrentOf(one), one, 1e-10)
  })
})

describe('neat_ctrnn', () => {
  it.each(numbered(continuous.networks))('network $i', ({ one }) => {
    const network = new ContinuousNetwork(continuousOf(one))
    const outputs = new Float64Array(one.outputs)
    for (const { input, output, advance = 0, timeStep = 0 } of one.ticks) {
      network.advance(Float64Array.from(input), advance, timeStep, outputs)
      expect(deviation(outputs, output)).toBeLessThan(1e-11)
    }
  })
})

/**
 * faber_tweann's states in its order of nodes: of a delay what it takes in, so its answer of the
 * next tick; of the others their answers.
 */
function checkStates(one: DagNetwork, genotype: Genotype, answers: readonly Float64Array[]): void {
  const { inputs, outputs, neurons } = genotype
  const hidden = neurons.filter(({ id }) => id >= inputs + outputs)
  const place = new Map(neurons.map(({ id }, i) => [id, inputs + i]))
  const stateful = hidden.filter(({ neuronType }) => neuronType !== undefined)
  one.ticks!.forEach(({ state }, tick) => {
    const ours = stateful.map((gene: NeuronGene) => {
      const at = gene.neuronType === 'delay' ? answers[tick + 1] : answers[tick]
      return at?.[place.get(gene.id)!] ?? Number.NaN
    })
    expect(state.length).toBe(ours.length)
    // Orders are equally right: each state of the peer's is one of ours.
    const sortedPairs = [ours, [...state]].map((values) => [...values].sort((a, b) => a - b))
    if (answers[tick + 1] === undefined) return
    expect(deviation(sortedPairs[0]!, sortedPairs[1]!)).toBeLessThan(1e-12)
  })
}

describe('neuro_dag', () => {
  it.each(numbered(dag.networks))('genotype $i', ({ one }) => {
    if (one.refused !== undefined) {
      expect(() => faberGenotype(one)).toThrow(
        expect.objectContaining({ name: 'FaberImportError', code: one.refused }),
      )
      return
    }
    const genotype = faberGenotype(one)
    expect(genotype.inputs).toBe(one.compiled!.inputCount)
    const network = new Network(compile(genotype))
    const outputs = new Float64Array(genotype.outputs)
    const answers = one.inputs!.map((input, tick) => {
      network.step(Float64Array.from(input), outputs)
      expect(deviation(outputs, one.ticks![tick]!.outputs)).toBeLessThan(1e-12)
      return network.values.slice()
    })
    checkStates(one, genotype, answers)
  })
})

describe('neuro_networks', () => {
  const known = ['tanh', 'sigmoid', 'relu', 'linear']

  it.each(numbered(dense.networks))('network $i', ({ one }) => {
    if (!known.includes(one.activation) || !known.includes(one.outputActivation)) {
      // The peer computes these as tanh without a word.
      expect(() => faberLayers(one)).toThrow(FaberImportError)
      return
    }
    const genotype = faberLayers(one)
    const network = new Network(compile(genotype))
    const outputs = new Float64Array(genotype.outputs)
    one.inputs.forEach((input, tick) => {
      network.step(Float64Array.from(input), outputs)
      const expected = one.ticks[tick]!
      expect(deviation(outputs, expected.outputs)).toBeLessThan(1e-13)
      const { values, plan } = network
      const answers = values.subarray(0, plan.inputs + plan.neurons)
      if (expected.activations !== undefined) {
        expect(deviation(answers, expected.activations.flat())).toBeLessThan(1e-13)
      }
      if (expected.state !== undefined) {
        const states = genotype.neurons.map(({ neuronType }, i) => {
          return neuronType === undefined ? 0 : answers[plan.inputs + i]!
        })
        expect(deviation(states, expected.state.flat())).toBeLessThan(1e-13)
      }
    })
  })
})
