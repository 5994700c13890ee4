import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkGenotype } from '../../../src/evolution/genotype-check.ts'
import {
  firstLevel,
  type Level,
  type LevelShape,
  levelGenotype,
  levelStep,
  parameterCount,
} from '../../../src/evolution/meta-control/liquid-level.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { type Random, seededRandom } from '../../../src/runtime/random.ts'

const shape: LevelShape = {
  inputs: 3,
  hidden: [4, 2],
  outputs: 2,
  timeConstant: 20,
  neuronType: 'ltc',
}
const types = ['ltc', 'cfc'] as const

/** A level whose last layer has weights, too. */
function wildLevel(of: LevelShape, random: Random): Level {
  const first = firstLevel(of, random)
  return { ...first, parameters: first.parameters.map(() => 3 * random.gaussian()) }
}

describe('a level of liquid neurons', () => {
  it('has the hidden layers that its shape names, and a genotype like any other', () => {
    const genotype = levelGenotype(shape, firstLevel(shape, seededRandom(1)).parameters)
    expect(genotype.neurons.map(({ layer }) => layer)).toEqual(
      [-1 / 3, -1 / 3, -1 / 3, -1 / 3, 1 / 3, 1 / 3, 1, 1].map((x) => expect.closeTo(x, 12)),
    )
    expect(genotype.links).toHaveLength(3 * 4 + 4 * 2 + 2 * 2)
    expect(parameterCount(shape)).toBe(genotype.links.length + 8)
    expect(genotype.neurons.every(({ neuronType }) => neuronType === 'ltc')).toBe(true)
    expect(checkGenotype(genotype)).toEqual({ ok: true, genotype })
  })

  it.each(types)('rests while its inputs do (%s)', (neuronType) => {
    const resting = { ...shape, neuronType }
    let level = firstLevel(resting, seededRandom(2))
    for (let i = 0; i < 20; i++) level = levelStep(resting, level, [0.5, 0.5, 0.5])
    const rest = neuronType === 'ltc' ? 0.5 : 0
    for (const value of level.values.slice(3)) expect(value).toBeCloseTo(rest, 9)
    for (const output of level.outputs) expect(output).toBeCloseTo(0.5, 9)
  })

  it('moves 2 / tau of the way from where it rests in a step', () => {
    const one: LevelShape = {
      inputs: 1,
      hidden: [],
      outputs: 1,
      timeConstant: 50,
      neuronType: 'ltc',
    }
    const level = firstLevel(one, seededRandom(3))
    const away = { ...level, values: Float64Array.of(0.5, 0.6) }
    const [now] = levelStep(one, away, [0.5]).outputs
    expect((now! - 0.5) / 0.1).toBeCloseTo(1 / (1 + 2 / 50), 9)
  })

  it.each(types)('goes on from plain data as one network would that ran all along (%s)', (type) => {
    const of = { ...shape, neuronType: type }
    const random = seededRandom(4)
    let level = wildLevel(of, random)
    const network = new Network(compile(levelGenotype(of, level.parameters)))
    network.resumeFrom(level.values)
    const outputs = new Float64Array(2)
    for (let i = 0; i < 30; i++) {
      const inputs = Float64Array.from({ length: 3 }, () => random.next())
      network.step(inputs, outputs)
      level = levelStep(of, structuredClone(level), inputs)
      expect(level.values).toEqual(network.values)
    }
  })

  it('answers within 0 to 1, whatever its parameters and inputs are', () => {
    const inputs = fc.array(fc.double(), {
      minLength: 3,
      maxLength: 3,
    })
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.nat(), fc.array(inputs), (type, seed, steps) => {
        const of = { ...shape, neuronType: type }
        let level = wildLevel(of, seededRandom(seed))
        for (const step of steps) {
          level = levelStep(of, level, step)
          for (const output of level.outputs) {
            expect(output).toBeGreaterThanOrEqual(0)
            expect(output).toBeLessThanOrEqual(1)
          }
        }
      }),
    )
  })
})
