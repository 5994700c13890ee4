import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import {
  activate,
  activationCode,
  activationNames,
} from '../../../src/evolution/network/activation.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { generatedGenotype } from '../generated-genotype.ts'

/**
 * The meaning of a genotype, written as slowly and plainly as possible: values by id of this tick
 * and the last, neurons by (layer, id), bias first, links by ascending source position.
 */
class ReferenceNetwork {
  readonly #genotype: Genotype
  readonly #layers = new Map<number, number>()
  readonly #positions = new Map<number, number>()
  #last = new Map<number, number>()

  constructor(genotype: Genotype) {
    this.#genotype = genotype
    for (let id = 0; id < genotype.inputs; id++) {
      this.#layers.set(id, -1)
      this.#positions.set(id, id)
    }
    genotype.neurons.forEach(({ id, layer }, i) => {
      this.#layers.set(id, layer)
      this.#positions.set(id, genotype.inputs + i)
    })
  }

  step(inputs: ArrayLike<number>): number[] {
    const { links, neurons, outputs } = this.#genotype
    const now = new Map(Array.from(inputs, (value, id) => [id, value]))
    for (const { id, layer, activation, bias } of neurons) {
      const incoming = links
        .filter(({ to, enabled }) => enabled && to === id)
        .sort((a, b) => this.#positions.get(a.from)! - this.#positions.get(b.from)!)
      let sum = bias
      for (const { from, weight } of incoming) {
        const isRecurrent = layer <= this.#layers.get(from)!
        sum += (isRecurrent ? (this.#last.get(from) ?? 0) : now.get(from)!) * weight
      }
      now.set(id, activate(activationCode(activation), sum))
    }
    this.#last = now
    return neurons.slice(-outputs).map(({ id }) => now.get(id)!)
  }
}

const bitsOf = (values: ArrayLike<number>): bigint[] => {
  return Array.from(new BigInt64Array(Float64Array.from(values).buffer))
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
          const run = (): bigint[] => {
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
