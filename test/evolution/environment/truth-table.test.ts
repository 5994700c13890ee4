import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import { multiplexer6, multiplexer11 } from '../../../src/evolution/environment/multiplexer.ts'
import { parity3, parity4, parity5 } from '../../../src/evolution/environment/parity.ts'
import {
  hasLeftObject,
  hasRightObject,
  retinaAnd,
  retinaOr,
} from '../../../src/evolution/environment/retina.ts'
import { truthTable } from '../../../src/evolution/environment/truth-table.ts'
import { evaluateSamples } from '../../../src/evolution/evaluate-samples.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { grownGenotype } from '../generated-genotype.ts'

describe('samples of a truth table', () => {
  it.each([
    ['parity5', parity5],
    ['multiplexer11', multiplexer11],
  ])('score %s to the bits of its episode', (_, problem) => {
    for (let seed = 0; seed < 20; seed++) {
      const plan = compile(grownGenotype(problem.inputs, 1, seed, 2 * seed))
      expect(evaluateSamples(problem.samples!, plan)).toEqual(problem.evaluate(new Network(plan)))
    }
  })
})

interface Unit {
  readonly bias: number
  /** From inputs, by index. */
  readonly weights: Readonly<Record<number, number>>
  readonly output: number
}

/** One layer of threshold units and an output that adds them up. */
function layered({ inputs }: Problem, units: readonly Unit[], bias: number): Network {
  const output = inputs
  const neurons = units.map((unit, at) => {
    return { id: 2 ** 32 + at, layer: 0, activation: 'steep_sigmoid', bias: unit.bias } as const
  })
  const links = units.flatMap(({ weights, output: weight }, at) => [
    ...Object.entries(weights).map(([from, weight]) => {
      return { from: Number(from), to: 2 ** 32 + at, weight }
    }),
    { from: 2 ** 32 + at, to: output, weight },
  ])
  const last = { id: output, layer: 1, activation: 'steep_sigmoid', bias } as const
  return new Network(
    compile(
      genotypeFrom({
        inputs,
        outputs: 1,
        activation: 'steep_sigmoid',
        neurons: [...neurons, last],
        links,
      }),
    ),
  )
}

/** Unit k says that more than k bits are one; signs alternate. */
function parityNetwork(problem: Problem): Network {
  const weights = Object.fromEntries(Array.from({ length: problem.inputs }, (_, i) => [i, 10]))
  const units = Array.from({ length: problem.inputs }, (_, k) => {
    return { bias: -10 * k - 5, weights, output: k % 2 === 0 ? 10 : -10 }
  })
  return layered(problem, units, -5)
}

/** A unit for each address: it is the address and its data bit is one. */
function multiplexerNetwork(problem: Problem, addressBits: number): Network {
  const units = Array.from({ length: 2 ** addressBits }, (_, address) => {
    const weights: Record<number, number> = { [addressBits + address]: 10 }
    let ones = 1
    for (let bit = 0; bit < addressBits; bit++) {
      const isOne = ((address >> bit) & 1) === 1
      weights[bit] = isOne ? 10 : -10
      if (isOne) ones++
    }
    return { bias: 5 - 10 * ones, weights, output: 10 }
  })
  return layered(problem, units, -5)
}

/** Answers the same to every case. */
const constant = (problem: Problem, bias: number): Network => {
  const neurons = [{ id: problem.inputs, layer: 1, activation: 'identity', bias } as const]
  const { inputs } = problem
  return new Network(
    compile(genotypeFrom({ inputs, outputs: 1, activation: 'identity', neurons, links: [] })),
  )
}

const solutions: readonly (readonly [Problem, Network, cases: number])[] = [
  [parity3, parityNetwork(parity3), 8],
  [parity4, parityNetwork(parity4), 16],
  [parity5, parityNetwork(parity5), 32],
  [multiplexer6, multiplexerNetwork(multiplexer6, 2), 64],
  [multiplexer11, multiplexerNetwork(multiplexer11, 3), 2048],
]

describe('parity and multiplexer', () => {
  it.each(solutions)('are solved by a network that computes them: $name', (problem, network, n) => {
    const { fitness, steps, solved } = problem.evaluate(network)
    expect(solved).toBe(true)
    expect(steps).toBe(n)
    expect(fitness).toBeGreaterThan(0.95 * n)
    expect(fitness).toBeLessThanOrEqual(n)
    expect(problem.verify(network)).toEqual({ solved, detail: `${n} of ${n} cases are right` })
    expect(runEpisode(problem.episode(), network)).toEqual(problem.evaluate(network))
  })

  it.each(solutions)('give a constant answer half of the cases: $name', (problem, _, n) => {
    for (const answer of [0, 0.5, 1]) {
      const network = constant(problem, answer)
      expect(problem.evaluate(network)).toMatchObject({ fitness: n / 2, steps: n, solved: false })
    }
  })

  it.each(solutions)('count an answer that is no share as wholly wrong: $name', (problem, _, n) => {
    const network = constant(problem, 0)
    for (const value of [Number.NaN, Infinity, -3, 1.5]) {
      network.plan.bias[0] = value
      expect(problem.evaluate(network)).toMatchObject({ fitness: 0, steps: n, solved: false })
      expect(problem.verify(network).detail).toBe(`0 of ${n} cases are right`)
    }
  })
})

describe('truthTable', () => {
  it('holds every case once, the first bit the lowest', () => {
    const { inputs, answers } = truthTable(2, ([a, b]) => a === 1 && b === 0)
    expect([...inputs]).toEqual([0, 0, 1, 0, 0, 1, 1, 1])
    expect([...answers]).toEqual([0, 1, 0, 0])
  })
})

describe('retina', () => {
  it('sees an object in the 8 patterns of a half that Kashtan and Alon name', () => {
    const seen = (sees: typeof hasLeftObject, at: 0 | 4): string[] =>
      Array.from({ length: 16 }, (_, n) => [3, 2, 1, 0].map((bit) => (n >> bit) & 1))
        .filter((half) => sees(at === 0 ? [...half, 0, 0, 0, 0] : [0, 0, 0, 0, ...half]))
        .map((half) => half.join(''))
    const many = ['0111', '1011', '1101', '1110', '1111']
    // Upper row, lower row: the outer column is the first of the left half, the last of the right.
    expect(seen(hasLeftObject, 0)).toEqual(['0010', '1000', '1010', ...many].sort())
    expect(seen(hasRightObject, 4)).toEqual(['0001', '0100', '0101', ...many].sort())
  })

  it('asks for both in 64 of the 256 patterns, for either in 192', () => {
    expect(retinaAnd.evaluate(constant(retinaAnd, 1)).fitness).toBe(64)
    expect(retinaOr.evaluate(constant(retinaOr, 1)).fitness).toBe(192)
    expect(retinaOr.evaluate(constant(retinaOr, 1)).steps).toBe(256)
    expect(retinaOr.verify(constant(retinaOr, 1)).solved).toBe(false)
  })
})
