// The task silo: rules that make mutation bolder while evolution stagnates, and more careful while
// it improves. Pure: an update is a function of the state, what was observed and the guidance.
//
//   let silo = firstTaskSilo
//   silo = taskSiloAfter(silo, { bestFitness: 0.8, evaluations: 1_000 }, defaultGuidance)
//   const rates = boostedRates(fixed, silo, defaultGuidance)
//
// Equations and constants are faber_neuroevolution's (`task_silo`), with three differences
// (docs/evolution-choices.md): improvement is a part of the fitness, so that its scale does not
// matter; the boost of exploration follows the severity step by step, as the peer's parameter is
// documented, where its code stays below a tenth for ever and so never reaches the half above which
// it would add neurons; nothing is random.
import type { Guidance } from './guidance.ts'
import type { Rates } from './rates.ts'

/** Plain data. */
export interface TaskSilo {
  /** The last that was observed; evaluations 0 for nothing yet. */
  readonly evaluations: number
  readonly bestFitness: number
  /** Improvements per 1,000 evaluations, the latest last. */
  readonly velocities: readonly number[]
  /** Improvements as parts of the fitness, the latest last. */
  readonly improvements: readonly number[]
  /** 0 (improving) to 1 (stagnating). */
  readonly severity: number
  /** Each from 0 to 1. */
  readonly explorationBoost: number
  readonly exploitationBoost: number
}

export const firstTaskSilo: TaskSilo = {
  evaluations: 0,
  bestFitness: 0,
  velocities: [],
  improvements: [],
  severity: 0,
  explorationBoost: 0,
  exploitationBoost: 0,
}

/** Improvements that tell whether evolution improves steadily. */
const STEADY = 3
/** Mean improvement above which it does, and what the boost is then multiplied by. */
const STEADY_IMPROVEMENT = 0.01
const EXPLOITATION_GAIN = 10

/** clip((threshold - mean velocity) / threshold, 0, 1); 0 before anything is known. */
export function stagnationSeverity(velocities: readonly number[], threshold: number): number {
  if (velocities.length === 0) return 0
  return clip((threshold - mean(velocities)) / threshold)
}

/** An improvement as part of the fitness, in [-1, 1]; 0 where one of the two is no number. */
export function relativeImprovement(before: number, after: number): number {
  if (!Number.isFinite(before) || !Number.isFinite(after)) return 0
  const scale = Math.max(Math.abs(before), Math.abs(after))
  if (scale === 0) return 0
  // Apart, because a difference of large numbers may be infinite.
  return Math.max(-1, Math.min(1, after / scale - before / scale))
}

/** The silo after an update. Nothing changes without evaluations, or with a fitness of no number. */
export function taskSiloAfter(
  silo: TaskSilo,
  { bestFitness, evaluations }: Pick<TaskSilo, 'bestFitness' | 'evaluations'>,
  guidance: Guidance,
): TaskSilo {
  if (!(evaluations > silo.evaluations) || !Number.isFinite(bestFitness)) return silo
  if (silo.evaluations === 0) return { ...silo, bestFitness, evaluations }
  const improvement = relativeImprovement(silo.bestFitness, bestFitness)
  const velocity = (improvement / (evaluations - silo.evaluations)) * 1_000
  const velocities = [...silo.velocities, velocity].slice(-guidance.velocityWindowSize)
  const improvements = [...silo.improvements, improvement].slice(-STEADY)
  const severity = stagnationSeverity(velocities, guidance.stagnationSensitivity)
  return {
    evaluations,
    bestFitness,
    velocities,
    improvements,
    severity,
    explorationBoost: explored(silo.explorationBoost, severity, guidance),
    exploitationBoost: exploited(silo.exploitationBoost, improvements, guidance),
  }
}

/** Fast up, a step at a time; slow down. */
function explored(
  before: number,
  severity: number,
  { explorationStep, adaptationMomentum }: Guidance,
): number {
  const wanted =
    severity > before ? Math.min(severity, before + severity * explorationStep) : severity
  const kept = wanted > before ? 0.3 * adaptationMomentum : Math.min(0.9, adaptationMomentum + 0.5)
  return clip(kept * before + (1 - kept) * wanted)
}

function exploited(
  before: number,
  improvements: readonly number[],
  { adaptationMomentum }: Guidance,
): number {
  const steady = improvements.length < STEADY ? 0 : mean(improvements)
  const wanted = steady > STEADY_IMPROVEMENT ? clip(steady * EXPLOITATION_GAIN) : 0
  const kept = wanted > before ? 0.5 * adaptationMomentum : Math.min(0.9, adaptationMomentum + 0.3)
  return clip(kept * before + (1 - kept) * wanted)
}

/** Rates as bold as the silo says; not within bounds yet. */
export function boostedRates(
  rates: Rates,
  { explorationBoost, exploitationBoost }: TaskSilo,
  { aggression, exploitationWeight, topologyAggression }: Guidance,
): Rates {
  const net = (explorationBoost - exploitationBoost * exploitationWeight) * aggression
  return {
    mutationRate: rates.mutationRate * (1 + net),
    mutationStrength: rates.mutationStrength * (1 + 0.6 * net),
    selectionRatio: rates.selectionRatio * (1 - 0.2 * exploitationBoost),
    addNodeRate: rates.addNodeRate * (explorationBoost > 0.5 ? topologyAggression : 1),
    addConnectionRate: rates.addConnectionRate,
  }
}

export type StagnationLevel = 'healthy' | 'warning' | 'intervention' | 'critical'

/** What a severity is called, by the thresholds of the guidance. */
export function stagnationLevel(severity: number, guidance: Guidance): StagnationLevel {
  if (severity >= guidance.criticalThreshold) return 'critical'
  if (severity >= guidance.interventionThreshold) return 'intervention'
  return severity >= guidance.warningThreshold ? 'warning' : 'healthy'
}

function clip(value: number): number {
  return Math.max(0, Math.min(1, value))
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
