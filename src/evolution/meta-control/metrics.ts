// What the meta-controller sees of evolution: figures of an evaluated population, each made a
// number from 0 to 1 whatever the problem's fitness is like, NaN and infinities included.
import { fitnessStatistics } from '../fitness-statistics.ts'
import type { Rates } from './rates.ts'
import { relativeImprovement } from './task-silo.ts'

/** An evaluated population, as a strategy reports it. */
export interface Observation {
  /** Genotypes evaluated so far in this run. */
  readonly evaluations: number
  readonly fitnesses: ArrayLike<number>
  /** Mean links of a genotype. */
  readonly complexity: number
  /** 1 where there are none. */
  readonly species: number
}

/** What is remembered of an observation. Plain data. */
export interface Metrics {
  readonly evaluations: number
  readonly best: number
  readonly mean: number
  /** Since the observation before, as part of the fitness. */
  readonly improvement: number
  /** Deviation of the fitness, beside its mean: 0 (all alike) to 1. */
  readonly variance: number
  /** Observations since the last improvement. */
  readonly stagnation: number
  /** Of all so far. */
  readonly observations: number
  /** Part of the fitness values that differ: 0 (all alike) to 1. */
  readonly diversity: number
  readonly species: number
  readonly complexity: number
}

/** What is seen of a population, after what was seen before (the latest last). */
export function metricsOf(
  { evaluations, fitnesses, complexity, species }: Observation,
  history: readonly Metrics[],
): Metrics {
  const before = history[history.length - 1]
  const finite = Array.from(fitnesses).filter(Number.isFinite)
  const { max, mean, std } = fitnessStatistics(finite)
  const best = finite.length === 0 ? (before?.best ?? 0) : max
  const improvement = before === undefined ? 0 : relativeImprovement(before.best, best)
  return {
    evaluations: finiteOr(evaluations, before?.evaluations ?? 0),
    best,
    mean: finiteOr(mean, before?.mean ?? 0),
    improvement,
    variance: finiteOr(std / (Math.abs(mean) + std), 0),
    stagnation: improvement > 0 ? 0 : (before?.stagnation ?? 0) + 1,
    observations: (before?.observations ?? 0) + 1,
    diversity: finite.length < 2 ? 0 : (new Set(finite).size - 1) / (finite.length - 1),
    species: finiteOr(species, 1),
    complexity: finiteOr(complexity, before?.complexity ?? 0),
  }
}

/** Inputs of the chain's slowest level. */
export const METRIC_INPUTS = 8

/** The eight of the peer: how evolution stands. `history` has the latest last, and is not empty. */
export function metricInputs(history: readonly Metrics[]): number[] {
  const now = history[history.length - 1]!
  const { min, max } = fitnessStatistics(history.flatMap(({ best, mean }) => [best, mean]))
  return [
    within(now.best, min, max),
    within(now.mean, min, max),
    within(now.improvement, -0.1, 0.1),
    within(now.variance, 0, 0.5),
    within(now.stagnation, 0, 50),
    now.observations / (now.observations + 50),
    within(now.diversity, 0, 1),
    within(now.species, 1, 20),
  ]
}

/** Sensors of the chain's fastest level beside its five signals, in the order of its inputs. */
export const sensorNames = [
  'convergenceRate',
  'plateau',
  'mutationRate',
  'selectionRatio',
  'complexityTrend',
  'networkSize',
  'diversity',
  'boost',
] as const

export type SensorName = (typeof sensorNames)[number]

/** What a sensor says, from 0 to 1. */
export function sensorInput(
  name: SensorName,
  history: readonly Metrics[],
  rates: Rates,
  boost: number,
): number {
  const now = history[history.length - 1]!
  const first = history[0]!
  switch (name) {
    case 'convergenceRate':
      return within(relativeImprovement(first.best, now.best) / history.length, -0.1, 0.1)
    case 'plateau':
      return within(now.stagnation, 0, 100)
    case 'mutationRate':
      return within(rates.mutationRate, 0, 1)
    case 'selectionRatio':
      return within(rates.selectionRatio, 0, 1)
    case 'complexityTrend':
      return within(relativeImprovement(first.complexity, now.complexity), -1, 1)
    case 'networkSize':
      return now.complexity / (now.complexity + 50)
    case 'diversity':
      return within(now.diversity, 0, 1)
    case 'boost':
      return within(boost, 0, 1)
  }
}

/** Where a value lies between two; 0.5 where they are one, or it is no number. */
function within(value: number, min: number, max: number): number {
  // Halves, because a difference of large numbers may be infinite.
  const part = (value / 2 - min / 2) / (max / 2 - min / 2)
  return Number.isNaN(part) || min === max ? 0.5 : Math.max(0, Math.min(1, part))
}

function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise
}
