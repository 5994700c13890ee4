import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { genotypeFrom, type NeuronGene } from '../../../src/evolution/genotype.ts'
import {
  activate,
  activationCode,
  activationNames,
} from '../../../src/evolution/network/activation.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { features, randomNetworkWith } from '../../conformance/random-network.ts'
import { generatedGenotype, grownGenotype, richGenotype } from '../generated-genotype.ts'
import { ReferenceNetwork } from './reference-network.ts'

/** The numbers in a form that tells all apart but the many kinds of NaN. */
const bitsOf = (values: ArrayLike<number>): string[] => {
  return Array.from(values, (value) => (Object.is(value, -0) ? '-0' : String(value)))
}

describe('Network', () => {
  it('computes what the genotype means, bit for bit, tick after tick', () => {
    fc.assert(
      fc.property(generatedGenotype(3, 2), fc.integer(), (genotype, seed) => {
        const random = seededRandom(seed)
        const network = new Network(compile(genotype))
        const reference = new ReferenceNetwork(genotype)
        const outputs = new Float64Array(2)
        for (let tick = 0; tick < 12; tick++) {
          const inputs = Float64Array.from({ length: 3 }, () => 2 * random.gaussian())
          network.step(inputs, outputs)
          expect(bitsOf(outputs)).toEqual(bitsOf(reference.step(inputs)))
        }
      }),
      { numRuns: 200 },
    )
  })

  it.each([...features, 'all'] as const)('computes what traits mean: %s', (feature) => {
    const wanted = feature === 'all' ? features : ([feature, 'plasticity'] as const)
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1, 0.25), (seed, timeStep) => {
        const random = seededRandom(seed)
        const genotype = randomNetworkWith(wanted, random.fork('network'))
        const network = new Network(compile(genotype), { timeStep })
        const reference = new ReferenceNetwork(genotype, timeStep)
        const outputs = new Float64Array(genotype.outputs)
        for (let tick = 0; tick < 8; tick++) {
          if (tick === 5) {
            network.reset()
            reference.reset()
          }
          const inputs = Float64Array.from({ length: genotype.inputs }, () => random.gaussian())
          network.step(inputs, outputs)
          expect(bitsOf(outputs)).toEqual(bitsOf(reference.step(inputs)))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('computes what any grown genotype means, with every trait', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(30), (seed, steps) => {
        const genotype = richGenotype(3, 2, seed, steps)
        const random = seededRandom(seed).fork('inputs')
        const network = new Network(compile(genotype))
        const reference = new ReferenceNetwork(genotype)
        const outputs = new Float64Array(2)
        for (let tick = 0; tick < 8; tick++) {
          const inputs = Float64Array.from({ length: 3 }, () => 2 * random.gaussian())
          network.step(inputs, outputs)
          expect(bitsOf(outputs)).toEqual(bitsOf(reference.step(inputs)))
        }
      }),
    )
  })

  const frequent: readonly Partial<NeuronGene>[] = [
    {},
    { neuronType: 'cfc' },
    { neuronType: 'cfc', timeConstant: 0.5, stateBound: 0.3 },
    { plasticity: { rule: 'hebbian', parameters: [0.1] } },
    { plasticity: { rule: 'hebbian', parameters: [-50] }, activation: 'relu' },
    { plasticity: { rule: 'hebb', parameters: [0.1, 0, 0.7] } },
    { plasticity: { rule: 'hebb', parameters: [0.1, 0.2, 0] } },
    { plasticity: { rule: 'hebbian', parameters: [0.1] }, response: 2 },
    { neuronType: 'cfc', response: 2 },
    { neuronType: 'leaky' },
    { neuronType: 'delay' },
  ]

  it('computes the frequent kinds in loops of their own, and the weights they learn', () => {
    const kinds = fc.array(fc.constantFrom(...frequent), { minLength: 1, maxLength: 4 })
    const input = fc.oneof(fc.double(), fc.double({ min: -2, max: 2 }))
    const ticks = fc.array(fc.tuple(input, input, input), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(kinds, fc.integer(), fc.nat(20), ticks, (own, seed, steps, inputs) => {
        const grown = grownGenotype(3, 2, seed, steps)
        const neurons = grown.neurons.map((neuron, i) => ({ ...neuron, ...own[i % own.length]! }))
        const genotype = { ...grown, neurons }
        const network = new Network(compile(genotype))
        const reference = new ReferenceNetwork(genotype)
        const outputs = new Float64Array(2)
        for (const values of inputs) {
          network.step(Float64Array.from(values), outputs)
          expect(bitsOf(outputs)).toEqual(bitsOf(reference.step(values)))
        }
        // A response of weights that do not learn is in the weights of the plan.
        if (own.every((kind) => kind.response === undefined || kind.plasticity !== undefined)) {
          expect(bitsOf(network.captureWeights())).toEqual(bitsOf(reference.weights))
        }
      }),
      { numRuns: 300 },
    )
  })

  it.each(activationNames)('computes %s with the bits of activate', (activation) => {
    const links = [{ from: 0, to: 1, weight: 1 }]
    const network = new Network(compile(genotypeFrom({ inputs: 1, outputs: 1, activation, links })))
    const outputs = new Float64Array(1)
    fc.assert(
      fc.property(fc.double(), (x) => {
        network.step(Float64Array.of(x), outputs)
        // The sum of a neuron begins with its bias, and 0 + -0 is 0.
        expect(outputs[0]).toBe(activate(activationCode(activation), 0 + x))
      }),
      { examples: [[-0], [Infinity], [-Infinity], [NaN], [20], [-40]] },
    )
  })

  it('carries the last tick over recurrent links, within a layer in both directions', () => {
    const network = new Network(
      compile(
        genotypeFrom({
          inputs: 1,
          outputs: 2,
          activation: 'identity',
          links: [
            { from: 0, to: 1, weight: 1 },
            { from: 1, to: 2, weight: 1 },
            { from: 2, to: 1, weight: 10 },
          ],
        }),
      ),
    )
    const outputs = new Float64Array(2)
    const seen = [1, 2, 3, 4].map((x) => {
      network.step(Float64Array.of(x), outputs)
      return [...outputs]
    })
    expect(seen).toEqual([
      [1, 0],
      [2, 1],
      [13, 2],
      [24, 13],
    ])
  })

  describe('reset', () => {
    it('makes the next tick the first', () => {
      fc.assert(
        fc.property(generatedGenotype(2, 1), (genotype) => {
          const network = new Network(compile(genotype))
          const inputs = Float64Array.of(0.5, -0.25)
          const run = (): string[] => {
            const outputs = new Float64Array(1)
            return [1, 2, 3].flatMap(() => {
              network.step(inputs, outputs)
              return bitsOf(outputs)
            })
          }
          const first = run()
          network.reset()
          expect(run()).toEqual(first)
        }),
      )
    })
  })
})
