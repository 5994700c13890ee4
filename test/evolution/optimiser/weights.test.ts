import { describe, expect, it } from 'vitest'
import { doublePole, doublePoleNoVelocity } from '../../../src/evolution/environment/double-pole.ts'
import { type Genotype, genotypeFrom } from '../../../src/evolution/genotype.ts'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { layeredGenotype, type Memory } from '../../../src/evolution/optimiser/layered-genotype.ts'
import { WeightPlan, weightsOf, withWeights } from '../../../src/evolution/optimiser/weights.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { grownGenotype } from '../generated-genotype.ts'

function vector(size: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length: size }, () => random.gaussian())
}

/** With a trait of every kind that its numbers pass through. */
const liquid: Genotype = genotypeFrom({
  inputs: 2,
  outputs: 1,
  activation: 'tanh',
  neurons: [
    { id: 10, layer: 0, activation: 'tanh', bias: 0.5, neuronType: 'ltc', timeConstant: 2 },
    { id: 11, layer: 0, activation: 'tanh', bias: 0.1, response: 3 },
  ],
  links: [
    { from: 0, to: 10, weight: 1 },
    { from: 1, to: 11, weight: 2, enabled: false },
    { from: 0, to: 11, weight: 3 },
    { from: 10, to: 2, weight: 4 },
  ],
})

describe('the numbers of a genotype', () => {
  it('are its enabled weights, then its biases, and come back', () => {
    for (let seed = 0; seed < 20; seed++) {
      const genotype = grownGenotype(3, 2, seed, 20)
      const x = weightsOf(genotype)
      expect(withWeights(genotype, x)).toEqual(genotype)
      const changed = vector(x.length, seed)
      expect(weightsOf(withWeights(genotype, changed))).toEqual(changed)
    }
  })

  it('leave out biases and take in time constants when told so', () => {
    const all = { timeConstants: true }
    expect(weightsOf(liquid, { biases: false })).toHaveLength(3)
    expect(weightsOf(liquid, all)).toHaveLength(3 + 3 + 1)
    const x = weightsOf(liquid, all)
    x[6] = Math.log(5)
    expect(withWeights(liquid, x, all).neurons[0]!.timeConstant).toBeCloseTo(5, 12)
    x[6] = 100
    expect(withWeights(liquid, x, all).neurons[0]!.timeConstant).toBe(100)
  })

  it('are kept within what a genotype may hold', () => {
    const x = [1e9, -1e9, Number.NaN, 0, 0, 0]
    const genotype = withWeights(liquid, x)
    expect(checkGenotype(genotype).ok).toBe(true)
    expect([...weightsOf(genotype)]).toEqual([1e6, -1e6, 0, 0, 0, 0])
    expect(() => withWeights(liquid, [1])).toThrow('1 numbers for 6 weights')
  })
})

describe('WeightPlan', () => {
  it('makes the bytes that compiling makes', () => {
    const genotypes = [liquid, ...Array.from({ length: 20 }, (_, i) => grownGenotype(3, 2, i, 20))]
    for (const genotype of genotypes) {
      for (const parts of [{}, { biases: false }, { timeConstants: true }]) {
        const weights = new WeightPlan(genotype, parts)
        const x = vector(weights.size, 7)
        const compiled = compile(withWeights(genotype, x, parts))
        expect(weights.plan(x).bytes).toEqual(compiled.bytes)
      }
    }
  })

  it('refuses a vector of another length', () => {
    const plan = new WeightPlan(grownGenotype(2, 1, 1, 3))
    expect(() => plan.plan([1])).toThrow('1 numbers for')
  })
})

describe('layeredGenotype', () => {
  it.each<[readonly number[], Memory, number]>([
    [[], 'none', 6],
    [[6], 'none', 42],
    [[4, 3], 'none', 24 + 12 + 3],
    [[3], 'elman', 18 + 9 + 3],
    [[3], 'full', 18 + 16],
  ])('with hidden layers %o and memory %s has %i links', (hidden, memory, links) => {
    const genotype = layeredGenotype({ shape: doublePole, hidden, memory })
    expect(checkGenotype(genotype)).toMatchObject({ ok: true })
    expect(genotype.links).toHaveLength(links)
    expect(weightsOf(genotype).every((weight) => weight === 0)).toBe(true)
  })

  it('without biases is odd, with memory too', () => {
    for (const memory of ['elman', 'full'] as const) {
      const shape = { shape: doublePoleNoVelocity, hidden: [3], memory }
      const weights = new WeightPlan(layeredGenotype(shape), { biases: false })
      const plan = weights.plan(vector(weights.size, 3))
      const [one, other] = [new Network(plan), new Network(plan)]
      const outputs = [new Float64Array(1), new Float64Array(1)] as const
      for (let tick = 0; tick < 5; tick++) {
        const inputs = vector(3, tick)
        one.step(inputs, outputs[0])
        const mirrored = inputs.map((value) => -value)
        other.step(mirrored, outputs[1])
        expect(outputs[1][0]).toBe(-outputs[0][0]!)
        expect(outputs[0][0]).not.toBe(0)
      }
    }
  })
})
