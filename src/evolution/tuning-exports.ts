// What is exported of tuning, and of the agents that it follows (index.ts).
export {
  type AgentParameters,
  defaultAgent,
  type HeredityType,
  heredityTypes,
  type MutationCountName,
  mutationCounts,
  type TuningDurationName,
  type TuningSelection,
  tuningDurations,
  tuningSelections,
} from './agent.ts'
export {
  evaluateLives,
  evaluationsSpent,
  heirsOf,
  Life,
  type Lives,
} from './evaluate-tuned.ts'
export {
  heirOf,
  performerOf,
  startTuning,
  stepTuning,
  type Tuning,
  tunedEvaluation,
  withTunedWeights,
} from './tuning.ts'
export type { TuningSettings } from './tuning-settings.ts'
