import { describe, expect, it } from 'vitest'
import { Exoself, startExoself } from '../../src/actors/neuron/exoself.ts'
import { start, stop } from '../../src/behaviours/gen-server.ts'
import type { Evaluation, Problem } from '../../src/evolution/environment/environment.ts'
import { runEpisode } from '../../src/evolution/environment/episode.ts'
import { xor } from '../../src/evolution/environment/xor.ts'
import { ask, startEvolution, tell } from '../../src/evolution/evolution.ts'
import { genotypeFrom } from '../../src/evolution/genotype.ts'
import { checkGenotype } from '../../src/evolution/genotype-check.ts'
import { hyperneat, paint, Substrate } from '../../src/evolution/hyperneat.ts'
import { Network } from '../../src/evolution/network/interpreter.ts'
import { compile } from '../../src/evolution/network/plan.ts'
import { settingsFor } from '../../src/evolution/strategy/settings.ts'
import { linkForms, type SubstrateGene } from '../../src/evolution/substrate.ts'
import { DynamicSupervisor } from '../../src/supervisors/dynamic-supervisor.ts'
import { grownGenotype } from './generated-genotype.ts'

const gene: SubstrateGene = {
  input: [2],
  hidden: [[3]],
  output: [1],
  linkForm: 'l2l_feedforward',
  plasticity: 'none',
  threshold: 0.2,
  weightRange: 3,
}

/** Answers the difference of the two ends' first coordinates. */
const difference = genotypeFrom({
  inputs: 4,
  outputs: 1,
  activation: 'identity',
  links: [
    { from: 0, to: 4, weight: -0.5 },
    { from: 2, to: 4, weight: 0.5 },
  ],
})

describe('Substrate', () => {
  it('asks for the links of its form', () => {
    const pairsOf = (linkForm: SubstrateGene['linkForm']): number =>
      new Substrate({ ...gene, linkForm }).candidates.length
    expect(pairsOf('l2l_feedforward')).toBe(2 * 3 + 3 * 1)
    expect(pairsOf('freeform')).toBe(2 * 3 + 3 * 1 + 2 * 1)
    expect(pairsOf('jordan_recurrent')).toBe(2 * 3 + 3 * 1 + 1 * 3)
    expect(pairsOf('fully_connected')).toBe(6 * 4)
  })

  it('lays nodes out from -1 to 1 in each dimension, layers last', () => {
    const { candidates, dimensions } = new Substrate({ ...gene, input: [2], hidden: [[3]] })
    expect(dimensions).toBe(4)
    expect(candidates[0]?.from.place).toEqual([-1, -1])
    expect(candidates[0]?.to.place).toEqual([-1, 0])
    expect(candidates.at(-1)?.from.place).toEqual([1, 0])
    expect(candidates.at(-1)?.to.place).toEqual([0, 1])
  })

  it('refuses what is not built, and layers that differ in dimensions', () => {
    expect(() => new Substrate({ ...gene, plasticity: 'abcn' })).toThrow('are not built')
    expect(() => new Substrate({ ...gene, hidden: [[2, 2]] })).toThrow('dimensions')
    expect(() => hyperneat(xor, { ...gene, input: [3] })).toThrow('3 inputs and 1 outputs')
  })
})

describe('paint', () => {
  it('scales answers beyond the threshold to the range, and leaves the others out', () => {
    const painted = paint(difference, gene, { hidden: 'tanh', output: 'sigmoid' })
    expect(checkGenotype(painted).ok).toBe(true)
    const weightOf = (from: number, to: number): number | undefined =>
      painted.links.find((link) => link.from === from && link.to === to)?.weight
    // Hidden nodes 3, 4 and 5 are at -1, 0 and 1; inputs at -1 and 1.
    expect(weightOf(0, 3)).toBeUndefined()
    expect(weightOf(0, 4)).toBeCloseTo(3 * ((0.5 - 0.2) / 0.8))
    expect(weightOf(0, 5)).toBe(3)
    expect(weightOf(1, 3)).toBe(-3)
  })

  it('gives every link form a valid network', () => {
    for (const linkForm of linkForms) {
      const painted = paint(
        grownGenotype(4, 1, 3, 10),
        { ...gene, linkForm },
        {
          hidden: 'tanh',
          output: 'tanh',
        },
      )
      expect(checkGenotype(painted).ok).toBe(true)
    }
  })
})

describe('hyperneat', () => {
  const problem = hyperneat(xor, gene)

  it('scores a CPPN by what its painted network does, compiled and as processes alike', async () => {
    const supervisor = start(new DynamicSupervisor())
    for (let seed = 0; seed < 10; seed++) {
      const cppn = grownGenotype(4, 1, seed, seed)
      const painted = paint(cppn, gene, { hidden: 'tanh', output: xor.outputActivation })
      const expected = xor.evaluate(new Network(compile(painted)))
      expect(problem.evaluate(new Network(compile(cppn)))).toEqual(expected)
      expect(runEpisode(problem.episode(), new Network(compile(cppn)))).toEqual(expected)
      const exoself = await startExoself(supervisor, { problem, genotype: cppn })
      expect(await Exoself.evaluate(exoself)).toEqual(expected)
    }
    await stop(supervisor)
  })

  it('evolves: a picture is copied by a substrate of 49 nodes better and better', () => {
    const copy = hyperneat(copying, { ...gene, input: [7, 7], hidden: [], output: [7, 7] })
    const base = settingsFor('copy', 40)
    const { mutation } = base.reproduction
    const settings = {
      ...base,
      reproduction: {
        ...base.reproduction,
        mutation: { ...mutation, hiddenActivations: ['gaussian', 'sin', 'identity'] as const },
      },
    }
    let state = startEvolution(copy, settings, 5)
    const best: number[] = []
    for (let generation = 0; generation < 6; generation++) {
      const scores: Evaluation[] = ask(state).map((cppn) =>
        copy.evaluate(new Network(compile(cppn))),
      )
      best.push(Math.max(...scores.map(({ fitness }) => fitness)))
      state = tell(state, scores)
    }
    expect(best.at(-1)).toBeGreaterThan(best[0]!)
  })
})

/** Answers on 49 outputs what stands on 49 inputs: a bar that moves. */
const copying: Problem = {
  ...xor,
  name: 'copy',
  inputs: 49,
  outputs: 49,
  outputActivation: 'tanh',
  evaluate: (network) => {
    const inputs = new Float64Array(49)
    const outputs = new Float64Array(49)
    let error = 0
    for (let column = 0; column < 7; column++) {
      inputs.fill(-1)
      for (let row = 0; row < 7; row++) inputs[7 * row + column] = 1
      network.reset()
      network.step(inputs, outputs)
      for (let i = 0; i < 49; i++) error += Math.abs(inputs[i]! - outputs[i]!) / (7 * 49)
    }
    return { fitness: 2 - error, steps: 7, solved: error < 0.05 }
  },
}
