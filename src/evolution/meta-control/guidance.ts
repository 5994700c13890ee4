// How strongly the silos react: faber_neuroevolution's `l2_guidance`, its defaults and its ranges.
// The slowest level of the chain (meta-controller.ts) moves the first four; the others are
// settings.
import { EvolutionSettingsError, within } from '../settings-check.ts'

export interface Guidance {
  /** How much a boost changes mutation. */
  readonly aggression: number
  /** Part of the stagnation by which the boost of exploration grows an update. */
  readonly explorationStep: number
  /** What the chance of new neurons is multiplied by while the boost is above a half. */
  readonly topologyAggression: number
  /** What progress takes from mutation, beside what stagnation adds. */
  readonly exploitationWeight: number
  /** Improvement per 1,000 evaluations, as part of the fitness, below which evolution stagnates. */
  readonly stagnationSensitivity: number
  /** Part of a boost that stays from update to update. */
  readonly adaptationMomentum: number
  /** Updates over which improvement is averaged. */
  readonly velocityWindowSize: number
  /** Severities of stagnation that have a name. */
  readonly warningThreshold: number
  readonly interventionThreshold: number
  readonly criticalThreshold: number
}

export const defaultGuidance: Guidance = {
  aggression: 0.5,
  explorationStep: 0.1,
  topologyAggression: 1.5,
  exploitationWeight: 0.5,
  stagnationSensitivity: 0.001,
  adaptationMomentum: 0.7,
  velocityWindowSize: 10,
  warningThreshold: 0.3,
  interventionThreshold: 0.6,
  criticalThreshold: 0.9,
}

export const guidanceRanges: Readonly<Record<keyof Guidance, readonly [min: number, max: number]>> =
  {
    aggression: [0, 2],
    explorationStep: [0.05, 0.5],
    topologyAggression: [1, 3],
    exploitationWeight: [0.2, 0.8],
    stagnationSensitivity: [0.0001, 0.01],
    adaptationMomentum: [0, 0.95],
    velocityWindowSize: [5, 30],
    warningThreshold: [0.2, 0.5],
    interventionThreshold: [0.4, 0.8],
    criticalThreshold: [0.7, 0.99],
  }

/** What the slowest level of the chain sets, in the order of its outputs. */
export const guidedNames = [
  'aggression',
  'explorationStep',
  'topologyAggression',
  'exploitationWeight',
] as const

/** Throws EvolutionSettingsError for a value outside its range, by its name. */
export function checkGuidance(given: Partial<Guidance>): void {
  for (const [name, [min, max]] of Object.entries(guidanceRanges)) {
    const value = { ...defaultGuidance, ...given }[name as keyof Guidance]
    within(`adaptation.guidance.${name}`, value, min, max)
  }
  const { velocityWindowSize = defaultGuidance.velocityWindowSize } = given
  if (Number.isInteger(velocityWindowSize)) return
  const name = 'adaptation.guidance.velocityWindowSize'
  throw new EvolutionSettingsError(`${name} is ${velocityWindowSize}: use a whole number`)
}
