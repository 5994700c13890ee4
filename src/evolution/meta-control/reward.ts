// What a controller's last rates were worth: five components from 0 to 1 and their weighted sum,
// with faber_neuroevolution's names and weights (`meta_reward`).
import { rewardComponent } from '../fitness-statistics.ts'
import type { Metrics } from './metrics.ts'
import type { Rates } from './rates.ts'

export interface RewardWeights {
  /** Improvement, beside what is usual. */
  readonly convergenceSpeed: number
  /** The best fitness, beside what it was. */
  readonly finalFitness: number
  /** Improvement for how much is mutated. */
  readonly efficiencyRatio: number
  /** That diversity stays what it was. */
  readonly diversityAware: number
  /** That evolution can go on: diversity, and improvement that grows. */
  readonly normativeStructure: number
}

export const defaultRewardWeights: RewardWeights = {
  convergenceSpeed: 0.25,
  finalFitness: 0.25,
  efficiencyRatio: 0.2,
  diversityAware: 0.15,
  normativeStructure: 0.15,
}

/** The components of the latest metrics, given those before (the latest last). */
export function rewardComponents(
  now: Metrics,
  history: readonly Metrics[],
  rates: Rates,
): RewardWeights {
  const improvements = history.map(({ improvement }) => improvement)
  const cost = 1 + rates.mutationRate + rates.mutationStrength
  const usual = history.reduce((sum, { diversity }) => sum + diversity, 0) / history.length
  const ratio = usual > 0 ? Math.min(3, now.diversity / usual) : 1
  const last = improvements[improvements.length - 1] ?? 0
  const acceleration = Math.max(-1, Math.min(1, 10 * (now.improvement - last)))
  return {
    convergenceSpeed: rewardComponent(improvements, now.improvement).score,
    finalFitness: rewardComponent(
      history.map(({ best }) => best),
      now.best,
    ).score,
    efficiencyRatio: Math.max(0, Math.min(1, now.improvement / cost)),
    diversityAware: Math.max(0, 1 - 0.5 * Math.abs(ratio - 1)),
    normativeStructure: 0.5 * now.diversity + 0.25 * (1 + acceleration),
  }
}

/** Their weighted sum; 0.5 before there is anything to compare with. */
export function rewardOf(
  now: Metrics,
  history: readonly Metrics[],
  rates: Rates,
  weights: RewardWeights = defaultRewardWeights,
): number {
  if (history.length === 0) return 0.5
  const components = rewardComponents(now, history, rates)
  const sum =
    weights.convergenceSpeed * components.convergenceSpeed +
    weights.finalFitness * components.finalFitness +
    weights.efficiencyRatio * components.efficiencyRatio +
    weights.diversityAware * components.diversityAware +
    weights.normativeStructure * components.normativeStructure
  return Number.isFinite(sum) ? sum : 0.5
}
