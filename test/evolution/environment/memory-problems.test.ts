import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/evolution/environment/environment.ts'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import { multiCueTMaze } from '../../../src/evolution/environment/multi-cue-t-maze.ts'
import { reversalBandit } from '../../../src/evolution/environment/reversal-bandit.ts'
import { tMaze } from '../../../src/evolution/environment/t-maze.ts'
import { genotypeFrom, type LinkSketch, type NeuronGene } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'
import { settingsFor } from '../../../src/evolution/strategy/settings.ts'
import { seededRandom } from '../../../src/runtime/random.ts'

const HIDDEN = 2 ** 32

function network(
  { inputs }: Problem,
  neurons: readonly NeuronGene[],
  links: readonly LinkSketch[],
): Network {
  return new Network(
    compile(genotypeFrom({ inputs, outputs: 1, activation: 'tanh', neurons, links })),
  )
}

/** Only an output, and what it remembers of itself. */
function single(problem: Problem, weights: readonly number[], own: number, bias = 0): Network {
  const id = problem.inputs
  const links = weights.map((weight, from) => ({ from, to: id, weight }))
  return network(
    problem,
    [{ id, layer: 1, activation: 'tanh', bias }],
    own === 0 ? links : [...links, { from: id, to: id, weight: own }],
  )
}

/** Networks without recurrent links, of random weights. */
function memoryless(problem: Problem): Network[] {
  const random = seededRandom('memoryless').fork(problem.name)
  return Array.from({ length: 50 }, () => {
    const weights = Array.from({ length: problem.inputs }, () => random.gaussian())
    return single(problem, weights, 0, random.gaussian())
  })
}

/** Keeps the first cue, or both, and answers with each at its junction. */
function keeper(cues: 1 | 2): Network {
  const neurons: NeuronGene[] = [{ id: 4, layer: 1, activation: 'tanh', bias: 0 }]
  const links: LinkSketch[] = []
  for (let cue = 0; cue < cues; cue++) {
    const [kept, right, left] = [HIDDEN + cue, HIDDEN + 10 + cue, HIDDEN + 20 + cue]
    neurons.push({ id: kept, layer: 0, activation: 'tanh', bias: 0 })
    links.push({ from: cue, to: kept, weight: 5 })
    links.push({ from: kept, to: kept, weight: 5 })
    for (const [id, sign] of [
      [right, 1],
      [left, -1],
    ] as const) {
      neurons.push({ id, layer: 0.5, activation: 'relu', bias: -5 })
      links.push({ from: kept, to: id, weight: 5 * sign })
      links.push({ from: 2 + cue, to: id, weight: 5 })
      links.push({ from: id, to: 4, weight: sign })
    }
  }
  // Who has no second cue answers something.
  if (cues === 1) links.push({ from: 3, to: 4, weight: 1 })
  return network(multiCueTMaze, neurons, links)
}

describe.each([tMaze, multiCueTMaze])('$name', (maze) => {
  it('gives 50 to who remembers nothing', () => {
    for (const one of memoryless(maze)) {
      const { fitness, solved } = maze.evaluate(one)
      expect(fitness).toBe(50)
      expect(solved).toBe(false)
      expect(maze.verify(one).solved).toBe(false)
    }
  })

  it('is evolved with links back, without which it cannot be solved', () => {
    expect(settingsFor(maze.name).reproduction.mutation.recurrent).toBeGreaterThan(0)
  })

  it('gives nothing to who does not turn, or answers no number', () => {
    const still = single(maze, [], 0)
    expect(maze.evaluate(still).fitness).toBe(0)
    still.plan.bias[0] = Number.NaN
    expect(maze.evaluate(still).fitness).toBe(0)
  })
})

describe('tmaze', () => {
  it('is solved by one neuron that keeps the cue, and by its opposite never', () => {
    const kept = single(tMaze, [5, 0], 5)
    // 16 trials: a cue, 1 to 16 ticks of corridor, a junction.
    expect(tMaze.evaluate(kept)).toEqual({
      ...{ fitness: 100, steps: 136, solved: true },
      behaviour: [-1, 1],
    })
    expect(tMaze.verify(kept)).toEqual({
      solved: true,
      detail: '100.0 % of the turns of 22 trials',
    })
    expect(tMaze.evaluate(single(tMaze, [-5, 0], 5)).fitness).toBe(0)
    expect(runEpisode(tMaze.episode(), kept)).toEqual(tMaze.evaluate(kept))
  })

  it('asks for longer memory than one that fades', () => {
    // Half a tick's value is kept; the junction pulls to the right.
    const { fitness } = tMaze.evaluate(single(tMaze, [1, 0.1], 0.5))
    expect(fitness).toBeGreaterThan(50)
    expect(fitness).toBeLessThan(90)
  })
})

describe('multi_cue_tmaze', () => {
  it('gives 75 to who remembers one bit, 100 to who remembers two', () => {
    expect(multiCueTMaze.evaluate(keeper(1))).toMatchObject({ fitness: 75, solved: false })
    expect(multiCueTMaze.evaluate(keeper(2))).toMatchObject({ fitness: 100, solved: true })
    expect(multiCueTMaze.verify(keeper(1)).solved).toBe(false)
    expect(multiCueTMaze.verify(keeper(2)).solved).toBe(true)
  })
})

describe('reversal_bandit', () => {
  it('gives 50 to who always pulls the same arm', () => {
    for (const bias of [-1, 1, Number.NaN]) {
      const stubborn = single(reversalBandit, [], 0)
      stubborn.plan.bias[0] = bias
      const evaluation = reversalBandit.evaluate(stubborn)
      expect(evaluation).toEqual({ fitness: 50, steps: 400, solved: false, behaviour: [1, 0] })
    }
  })

  it('is solved by who stays after a win and shifts after a loss', () => {
    // Right if one of (right, won) and (left, lost): two units of and.
    const both = { layer: 0, activation: 'relu', bias: -1 } as const
    const winStay = network(
      reversalBandit,
      [
        { id: HIDDEN, ...both },
        { id: HIDDEN + 1, ...both },
        { id: 3, layer: 1, activation: 'tanh', bias: -0.5 },
      ],
      [
        { from: 1, to: HIDDEN, weight: 1 },
        { from: 2, to: HIDDEN, weight: 1 },
        { from: 1, to: HIDDEN + 1, weight: -1 },
        { from: 2, to: HIDDEN + 1, weight: -1 },
        { from: HIDDEN, to: 3, weight: 1 },
        { from: HIDDEN + 1, to: 3, weight: 1 },
      ],
    )
    // A loss at each swap, and at the start of the five lives in which the right arm is good.
    const fitness = (100 * (400 - 10 - 5)) / 400
    expect(reversalBandit.evaluate(winStay)).toEqual({
      ...{ fitness, steps: 400, solved: true },
      behaviour: [1, 1],
    })
    expect(reversalBandit.verify(winStay).solved).toBe(true)
    const again = runEpisode(reversalBandit.episode(), winStay)
    expect(again).toEqual(reversalBandit.evaluate(winStay))
  })
})
