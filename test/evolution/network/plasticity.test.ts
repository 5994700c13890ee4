import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Learner } from '../../../src/evolution/network/plasticity.ts'
import {
  type PlasticityRuleName,
  plasticityCode,
  plasticityRule,
  plasticityRules,
} from '../../../src/evolution/network/plasticity-rule.ts'
import { GENOTYPE_WEIGHT_MAX } from '../../../src/limits.ts'

/** A learner with two links, whose weights are 0.5 and -0.25. */
function learner(
  rule: PlasticityRuleName,
  inputs: number[],
  parameters: number[],
  linkParameters: number[] = [],
): Learner {
  return new Learner(
    plasticityCode(rule),
    Float64Array.from(parameters),
    Float64Array.from(linkParameters),
    {
      values: Float64Array.from(inputs),
      col: Int32Array.of(0, 1),
      weights: Float64Array.of(0.5, -0.25),
      begin: 0,
      end: 2,
    },
  )
}

describe('Learner', () => {
  it('leaves every weight a number that a genotype may hold, whatever the network does', () => {
    const wild = fc.double({ noDefaultInfinity: false })
    fc.assert(
      fc.property(
        fc.constantFrom(...plasticityRules.map(({ name }) => name)),
        fc.array(wild, { minLength: 4, maxLength: 4 }),
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 15, maxLength: 15 }),
        (name, [a = 0, b = 0, y = 0, m = 0], parameters) => {
          const rule = plasticityRule(name)
          const own = parameters.slice(0, rule.neuron.length)
          const ofLinks = parameters.slice(5, 5 + 2 * rule.link.length)
          const one = learner(name, [a, b], own, ofLinks)
          for (let tick = 0; tick < 3; tick++) one.learn(y, m, 1)
          for (const weight of one.row.weights) {
            expect(Math.abs(weight)).toBeLessThanOrEqual(GENOTYPE_WEIGHT_MAX)
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  it('leaves a weight alone when its update is not a number', () => {
    const one = learner('hebbian', [Number.NaN, 1], [0.5])
    one.learn(1, 1, 1)
    expect([...one.row.weights]).toEqual([0.5, 0.25])
  })

  it('hebb forgets by its decay, and has no bound when that is 0', () => {
    const one = learner('hebb', [1, 2], [0.1, 0.5, 0])
    one.learn(3, 1, 1)
    expect(one.row.weights[0]).toBeCloseTo(0.25 + 0.3, 12)
    const within = learner('hebb', [1, 2], [10, 0, 0.75])
    within.learn(3, 1, 1)
    expect([...within.row.weights]).toEqual([0.75, 0.75])
  })

  it('teaches by the modulator: reward above its baseline, traces, abcd, dead zone', () => {
    const modulated = learner('modulated', [1, 0], [0.5, 0.25, 2])
    modulated.learn(1, 0.75, 1)
    expect([...modulated.row.weights]).toEqual([1, -0.25])
    const abcd = learner('abcd', [1, 0], [0.5, 0, 0, 0, 1])
    abcd.learn(1, 0.5, 1)
    expect([...abcd.row.weights]).toEqual([0.75, 0])
    const neuromodulated = learner('neuromodulation', [1, 1], [1, 1, 1, 1, 1])
    neuromodulated.learn(1, 0.33, 1)
    expect([...neuromodulated.row.weights]).toEqual([0.5, -0.25])
  })

  it('keeps an eligibility trace until reward comes, and forgets it when an episode begins', () => {
    const one = learner('eligibility_trace', [1, 0], [1, 0.5])
    one.learn(1, 0, 1)
    expect(one.row.weights[0]).toBe(0.5)
    one.row.values[0] = 0
    one.learn(1, 1, 1)
    expect(one.row.weights[0]).toBe(1)
    one.reset()
    one.learn(1, 1, 1)
    expect(one.row.weights[0]).toBe(1)
  })

  it('stdp strengthens what came before the spike, and weakens what came after', () => {
    // The first link spikes at tick 1, the neuron at tick 2, the second link at tick 3.
    const one = learner('stdp', [1, 0], [0.5, 0.25, 2, 0.5])
    one.learn(0, 1, 1)
    one.row.values.set([0, 0])
    one.learn(1, 1, 1)
    one.row.values.set([0, 1])
    one.learn(0, 1, 1)
    expect(one.row.weights[0]).toBeCloseTo(0.5 + 0.5 * Math.exp(-1 / 2), 14)
    expect(one.row.weights[1]).toBeCloseTo(-0.25 - 0.25 * Math.exp(-1 / 2), 14)
  })

  it("stdp counts a spike that comes in with the neuron's own as its cause", () => {
    const one = learner('stdp', [1, 0], [0.5, 0.25, 2, 0.5])
    one.learn(1, 1, 1)
    expect([...one.row.weights]).toEqual([1, -0.25])
  })
})
