import { describe, expect, it } from 'vitest'
import { cartPole, hasFallen, stepCartPole } from '../../../src/evolution/environment/cart-pole.ts'
import { runEpisode } from '../../../src/evolution/environment/episode.ts'
import { genotypeFrom } from '../../../src/evolution/genotype.ts'
import { Network } from '../../../src/evolution/network/interpreter.ts'
import { compile } from '../../../src/evolution/network/plan.ts'

/** Pushes towards where the pole falls, the sum of its inputs weighted. */
function linear(...weights: number[]): Network {
  const links = weights.map((weight, from) => ({ from, to: 4, weight }))
  return new Network(
    compile(genotypeFrom({ inputs: 4, outputs: 1, activation: 'steep_sigmoid', links })),
  )
}

describe('stepCartPole', () => {
  it('mirrors with the state and the push', () => {
    const state = Float64Array.of(0.1, -0.2, 0.05, 0.3)
    const mirrored = state.map((value) => -value)
    stepCartPole(state, true)
    stepCartPole(mirrored, false)
    expect([...mirrored]).toEqual([...state].map((value) => -value))
  })
})

describe('hasFallen', () => {
  it('is strict at 2.4 m and 12 degrees, and true for what is no number', () => {
    expect(hasFallen(Float64Array.of(-2.4, 9, (12 * 2 * Math.PI) / 360, 9))).toBe(false)
    expect(hasFallen(Float64Array.of(2.41, 0, 0, 0))).toBe(true)
    expect(hasFallen(Float64Array.of(0, 0, -0.21, 0))).toBe(true)
    expect(hasFallen(Float64Array.of(Number.NaN, 0, 0, 0))).toBe(true)
  })
})

describe('cartPole', () => {
  it('is solved by a good linear controller', () => {
    const network = linear(0.1, 0.3, 1, 1)
    expect(cartPole.evaluate(network)).toEqual({ fitness: 500, steps: 5_000, solved: true })
    expect(cartPole.verify(network)).toMatchObject({ solved: true })
  })

  it('is not solved by always pushing one way', () => {
    const { fitness, solved } = cartPole.evaluate(linear())
    expect(fitness).toBeGreaterThan(8)
    expect(fitness).toBeLessThan(11)
    expect(solved).toBe(false)
    expect(cartPole.verify(linear()).solved).toBe(false)
  })

  it('scores episodes as evaluate does, whatever ran before', () => {
    const network = linear(0, 0.1, 0.7, 0.1)
    const expected = cartPole.evaluate(network)
    cartPole.evaluate(linear())
    expect(cartPole.evaluate(network)).toEqual(expected)
    expect(runEpisode(cartPole.episode(), network)).toEqual(expected)
  })
})
