import { describe, expect, it } from 'vitest'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import { xor } from '../../../src/evolution/environment/xor.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'

const AND = 2 ** 32

/** a + b - 2 (a and b), with a margin of 1/2 on both sides. */
const solution = new Network(
  compile(
    genotypeFrom({
      inputs: 2,
      outputs: 1,
      activation: 'steep_sigmoid',
      neurons: [
        { id: AND, layer: 0, activation: 'steep_sigmoid', bias: -15 },
        { id: 2, layer: 1, activation: 'steep_sigmoid', bias: -5 },
      ],
      links: [
        { from: 0, to: AND, weight: 10 },
        { from: 1, to: AND, weight: 10 },
        { from: 0, to: 2, weight: 10 },
        { from: 1, to: 2, weight: 10 },
        { from: AND, to: 2, weight: -20 },
      ],
    }),
  ),
)

/** Answers the same to every case. */
function constant(bias: number): Network {
  const neurons = [{ id: 2, layer: 1, activation: 'identity', bias } as const]
  return new Network(
    compile(genotypeFrom({ inputs: 2, outputs: 1, activation: 'identity', neurons, links: [] })),
  )
}

describe('xor', () => {
  it('gives (4 - sum of errors)^2', () => {
    expect(xor.evaluate(constant(0.5))).toMatchObject({ fitness: 4, steps: 4, solved: false })
    expect(xor.evaluate(constant(0)).fitness).toBe(4)
    const { fitness, solved } = xor.evaluate(solution)
    expect(fitness).toBeGreaterThan(15.9)
    expect(fitness).toBeLessThanOrEqual(16)
    expect(solved).toBe(true)
  })

  it('counts an answer that is no share as wholly wrong', () => {
    const network = constant(0)
    for (const value of [Number.NaN, Infinity, -3, 1.5]) {
      network.plan.bias[0] = value
      expect(xor.evaluate(network)).toMatchObject({ fitness: 0, steps: 4, solved: false })
    }
  })

  it('verifies with the answers for a person to read', () => {
    expect(xor.verify(solution).solved).toBe(true)
    expect(xor.verify(solution).detail).toMatch(/^0 xor 0 = 0\.0\d\d, 0 xor 1 = /)
    expect(xor.verify(constant(0.5)).solved).toBe(false)
  })

  it('scores episodes as evaluate does', () => {
    expect(runEpisode(xor.episode(), solution)).toEqual(xor.evaluate(solution))
  })
})
