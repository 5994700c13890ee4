import { describe, expect, it } from 'vitest'
import {
  dampingFitness,
  doublePole,
  doublePoleNoVelocity,
  generalisationStarts,
  hasFailed,
  stepDoublePole,
} from '../../../src/evolution/environment/double-pole.ts'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import { genotypeFrom, type LinkSketch, type NeuronGene } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'

/**
 * A linear controller that balances (N per unit of state) and the scales of the network's inputs.
 */
const gains = [-4.32791, -2.32395, -80.7056, -20.8346, 45.5384, 4.12624]
const scales = [4.8, 2, 0.52, 2, 0.52, 2]
const weights = gains.map((gain, i) => (gain * scales[i]!) / 10)

/** The controller as a network: one output, no hidden neuron. */
function balancing(): Network {
  const links = weights.map((weight, from) => ({ from, to: 6, weight }))
  return new Network(
    compile(genotypeFrom({ inputs: 6, outputs: 1, activation: 'identity', links })),
  )
}

/** The same without velocities: each position is kept for a tick, and the difference taken. */
function remembering(): Network {
  const neurons: NeuronGene[] = []
  const links: LinkSketch[] = []
  for (let i = 0; i < 3; i++) {
    const now = 2 ** 32 + i
    const before = 2 ** 33 + i
    neurons.push({ id: now, layer: 0.5, activation: 'identity', bias: 0 })
    neurons.push({ id: before, layer: 0, activation: 'identity', bias: 0 })
    const derivative = (weights[2 * i + 1]! * scales[2 * i]!) / (scales[2 * i + 1]! * 0.02)
    links.push({ from: i, to: now, weight: 1 })
    links.push({ from: now, to: before, weight: 1 })
    links.push({ from: i, to: 3, weight: weights[2 * i]! + derivative })
    links.push({ from: before, to: 3, weight: -derivative })
  }
  return new Network(
    compile(genotypeFrom({ inputs: 3, outputs: 1, activation: 'identity', neurons, links })),
  )
}

/** A network whose output is always `value`. */
function constant(inputs: number, value: number): Network {
  const neurons: NeuronGene[] = [{ id: inputs, layer: 1, activation: 'identity', bias: value }]
  return new Network(
    compile(genotypeFrom({ inputs, outputs: 1, activation: 'identity', neurons, links: [] })),
  )
}

describe('stepDoublePole', () => {
  it('leaves upright poles at rest, at rest', () => {
    const state = new Float64Array(6)
    stepDoublePole(state, 0)
    expect([...state]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('mirrors with the state and the force', () => {
    const state = Float64Array.of(0.1, -0.2, 0.05, 0.3, -0.02, 0.1)
    const mirrored = state.map((value) => -value)
    stepDoublePole(state, 7)
    stepDoublePole(mirrored, -7)
    expect([...mirrored]).toEqual([...state].map((value) => -value))
  })

  it('is continuous where the series ends and the general sine begins', () => {
    const after = [Math.PI / 4 - 1e-12, Math.PI / 4 + 1e-12].map((angle) => {
      const state = Float64Array.of(0, 0, angle, 0, angle, 0)
      stepDoublePole(state, 3)
      return state
    })
    after[0]!.forEach((value, i) => {
      expect(value).toBeCloseTo(after[1]![i]!, 9)
    })
  })
})

describe('hasFailed', () => {
  it('is strict at the bounds, and true for what is no number', () => {
    expect(hasFailed(Float64Array.of(2.4, 9, -0.628329, 9, 0.628329, 9))).toBe(false)
    expect(hasFailed(Float64Array.of(2.4000001, 0, 0, 0, 0, 0))).toBe(true)
    expect(hasFailed(Float64Array.of(0, 0, -0.62833, 0, 0, 0))).toBe(true)
    expect(hasFailed(Float64Array.of(0, 0, 0, 0, 0.62833, 0))).toBe(true)
    expect(hasFailed(Float64Array.of(0, 0, Number.NaN, 0, 0, 0))).toBe(true)
  })
})

describe('dampingFitness', () => {
  it('counts stillness beyond 100 steps only', () => {
    expect(dampingFitness(100, 0.5)).toBeCloseTo(0.01, 12)
    expect(dampingFitness(101, 0.5)).toBeCloseTo(0.0101 + 1.35, 12)
  })
})

describe('generalisationStarts', () => {
  it('has 625 different starts within the ranges', () => {
    const starts = generalisationStarts()
    expect(new Set(starts.map((start) => start.join())).size).toBe(625)
    expect(starts.some((start) => hasFailed(Float64Array.from(start)))).toBe(false)
  })
})

describe('doublePole', () => {
  it('gives a balancing network all its steps, and verifies it on the other starts', () => {
    expect(doublePole.evaluate(balancing())).toEqual({
      fitness: 100_000,
      steps: 100_000,
      solved: true,
    })
    expect(doublePole.verify(balancing())).toMatchObject({ solved: true, generalisation: 545 })
  })

  it('gives a network that does nothing the number of the step at which it fails', () => {
    const { fitness, steps, solved } = doublePole.evaluate(constant(6, 0))
    expect(solved).toBe(false)
    expect(fitness).toBe(steps)
    expect(steps).toBeLessThan(60)
    expect(doublePole.verify(constant(6, 0))).toMatchObject({ solved: false, generalisation: 0 })
  })
})

describe('doublePoleNoVelocity', () => {
  it('is solved by a network that remembers positions', () => {
    expect(doublePoleNoVelocity.evaluate(remembering())).toMatchObject({
      steps: 1_000,
      solved: true,
    })
    const { solved, generalisation } = doublePoleNoVelocity.verify(remembering())
    expect(solved).toBe(true)
    expect(generalisation).toBeGreaterThanOrEqual(200)
  })

  it('gives a short run its steps', () => {
    const { fitness, steps } = doublePoleNoVelocity.evaluate(constant(3, 0))
    expect(fitness).toBe((0.1 * (steps - 1)) / 1_000)
  })

  it('survives networks that answer infinities or nothing', () => {
    for (const value of [Infinity, -Infinity, Number.NaN]) {
      const network = constant(3, 0)
      network.plan.bias[0] = value
      const { fitness, steps } = doublePoleNoVelocity.evaluate(network)
      expect(Number.isFinite(fitness)).toBe(true)
      expect(steps).toBeLessThan(60)
    }
  })
})

describe.each([doublePole, doublePoleNoVelocity])('an episode of $name', (problem) => {
  it('scores as evaluate does, whatever ran before', () => {
    const network = problem === doublePole ? balancing() : remembering()
    const expected = problem.evaluate(network)
    const episodes = [problem.episode(), problem.episode()]
    problem.evaluate(constant(problem.inputs, 0.3))
    for (const episode of episodes) expect(runEpisode(episode, network)).toEqual(expected)
  })
})
