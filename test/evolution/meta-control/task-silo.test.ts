import { describe, expect, it } from 'vitest'
import { defaultGuidance } from '../../../src/evolution/meta-control/guidance.ts'
import {
  boostedRates,
  firstTaskSilo,
  relativeImprovement,
  stagnationLevel,
  stagnationSeverity,
  type TaskSilo,
  taskSiloAfter,
} from '../../../src/evolution/meta-control/task-silo.ts'

/** The silo after a fitness in each generation of 100 evaluations. */
function siloAfter(fitnesses: readonly number[], from: TaskSilo = firstTaskSilo): TaskSilo {
  return fitnesses.reduce((silo, bestFitness) => {
    const seen = { bestFitness, evaluations: silo.evaluations + 100 }
    return taskSiloAfter(silo, seen, defaultGuidance)
  }, from)
}

const flat = (count: number): number[] => new Array<number>(count).fill(1)
const growing = (count: number): number[] => Array.from({ length: count }, (_, i) => 1.05 ** i)

describe('the severity of stagnation', () => {
  it.each([
    [[], 0],
    [[0], 1],
    [[0.001], 0],
    [[0.0005], 0.5],
    [[0, 0.0005, 0.00025], 0.75],
    [[5], 0],
    [[-5], 1],
  ])('of the velocities %j is %d, with a threshold of 0.001', (velocities, severity) => {
    expect(stagnationSeverity(velocities, 0.001)).toBeCloseTo(severity, 12)
  })

  it('has a name by the thresholds', () => {
    const levels = [0, 0.3, 0.6, 0.9].map((one) => stagnationLevel(one, defaultGuidance))
    expect(levels).toEqual(['healthy', 'warning', 'intervention', 'critical'])
  })

  it('does not mind the scale of the fitness', () => {
    const values = [1, 1.2, 1.2, 1.3, 1.3, 1.3]
    expect(siloAfter(values.map((value) => 1_024 * value))).toMatchObject({
      velocities: siloAfter(values).velocities,
      severity: siloAfter(values).severity,
    })
    expect(relativeImprovement(-2, -1)).toBe(0.5)
    expect(relativeImprovement(-1.7e308, 1.7e308)).toBe(1)
    expect(relativeImprovement(0, 0)).toBe(0)
    expect(relativeImprovement(Number.NaN, 1)).toBe(0)
  })

  it('averages over the window of the guidance, and forgets what was before', () => {
    expect(siloAfter([...growing(20), 1.05 ** 19]).severity).toBe(0)
    expect(siloAfter([...flat(30)]).velocities).toHaveLength(defaultGuidance.velocityWindowSize)
    expect(siloAfter([0.5, ...flat(1)]).severity).toBe(0)
    expect(siloAfter([0.5, ...flat(11)]).severity).toBe(1)
  })
})

describe('the boost of exploration', () => {
  it('grows a step at a time while nothing improves, up to the severity, and falls slowly', () => {
    const boosts = Array.from({ length: 60 }, (_, i) => siloAfter(flat(i + 2)).explorationBoost)
    // 1 - 0.3 of the momentum of 0.7 is new: 0.79 of a step of 0.1.
    expect(boosts[0]).toBeCloseTo(0.079, 12)
    expect(boosts[1]! - boosts[0]!).toBeCloseTo(0.079, 12)
    for (const [i, boost] of boosts.entries()) {
      expect(boost).toBeLessThanOrEqual(1)
      if (i > 0) expect(boost).toBeGreaterThanOrEqual(boosts[i - 1]!)
    }
    expect(boosts[59]).toBeGreaterThan(0.99)
    const stuck = siloAfter(flat(60))
    const freed = siloAfter([2], stuck)
    expect(freed.severity).toBe(0)
    expect(freed.explorationBoost).toBeCloseTo(0.9 * stuck.explorationBoost, 12)
  })

  it('makes mutation bolder by the aggression, and adds neurons above a half', () => {
    const rates = {
      mutationRate: 0.1,
      mutationStrength: 0.3,
      selectionRatio: 0.2,
      addNodeRate: 0.03,
      addConnectionRate: 0.05,
    }
    const stuck = { ...firstTaskSilo, explorationBoost: 1 }
    expect(boostedRates(rates, stuck, defaultGuidance)).toEqual({
      ...rates,
      mutationRate: expect.closeTo(0.1 * (1 + 1 * 0.5), 12),
      mutationStrength: expect.closeTo(0.3 * (1 + 0.6 * 0.5), 12),
      addNodeRate: expect.closeTo(0.03 * 1.5, 12),
    })
    const half = { ...firstTaskSilo, explorationBoost: 0.5 }
    expect(boostedRates(rates, half, defaultGuidance).addNodeRate).toBe(0.03)
    const improving = { ...firstTaskSilo, exploitationBoost: 1 }
    expect(boostedRates(rates, improving, defaultGuidance)).toMatchObject({
      mutationRate: expect.closeTo(0.1 * (1 - 0.5 * 0.5), 12),
      selectionRatio: expect.closeTo(0.2 * 0.8, 12),
    })
    expect(boostedRates(rates, firstTaskSilo, defaultGuidance)).toEqual(rates)
  })
})

describe('the boost of exploitation', () => {
  it('comes with three improvements of more than a hundredth on average', () => {
    expect(siloAfter(growing(3)).exploitationBoost).toBe(0)
    expect(siloAfter(growing(5)).exploitationBoost).toBeGreaterThan(0.2)
    expect(siloAfter(growing(40).map((value) => value ** 0.1)).exploitationBoost).toBe(0)
  })
})

describe('the task silo', () => {
  it('learns nothing without evaluations, or from a fitness that is no number', () => {
    const silo = siloAfter(growing(5))
    const { evaluations } = silo
    expect(taskSiloAfter(silo, { bestFitness: 9, evaluations }, defaultGuidance)).toBe(silo)
    for (const bestFitness of [Number.NaN, Infinity, -Infinity]) {
      const seen = { bestFitness, evaluations: evaluations + 1 }
      expect(taskSiloAfter(silo, seen, defaultGuidance)).toBe(silo)
    }
  })
})
