// The evolution engine's door: genotypes, networks compiled from them, and the problems that score
// them. Pure: no process, no clock; chance is an argument. Usable alone, without the actor runtime.

// --- evolution ---
export type { CrossoverSettings } from './crossover.ts'
export { type DistanceCoefficients, distance } from './distance.ts'
export { cartPole } from './environment/cart-pole.ts'
export { TableError, type TableFault } from './environment/csv.ts'
export {
  type DataInput,
  type DataPart,
  type DataSet,
  type DataSetOptions,
  dataSetFromCsv,
} from './environment/data-set.ts'
export { dataSetProblem } from './environment/data-set-problem.ts'
// --- networks and problems ---
export {
  type DoublePoleState,
  doublePole,
  doublePoleNoVelocity,
  stepDoublePole,
} from './environment/double-pole.ts'
export type {
  Evaluation,
  Problem,
  ProblemReference,
  Verification,
} from './environment/environment.ts'
export { type Episode, type Outcome, runEpisode } from './environment/episode.ts'
export { problemNamed, problemOf, taskNames } from './environment/problem.ts'
export { xor } from './environment/xor.ts'
export {
  chunkSize,
  EvaluationBatch,
  EvaluationError,
  type EvaluationJob,
  evaluateJob,
  evaluationWorker,
} from './evaluate.ts'
export {
  checkSettings,
  type EvolutionSettings,
  EvolutionSettingsError,
  type RestartSettings,
} from './evolution-settings.ts'
export { bestIndex } from './fitness.ts'
// --- genotypes ---
export {
  checkGenotype,
  type Genotype,
  type GenotypeCheck,
  type GenotypeFault,
  genotypeFrom,
  type LinkGene,
  type LinkSketch,
  minimalGenotype,
  type NeuronGene,
} from './genotype.ts'
export { linkInnovation, splitNeuronId } from './innovation.ts'
export type { MutationSettings } from './mutation/mutation.ts'
export type { StepDistribution, WeightMutation } from './mutation/parametric.ts'
export {
  type ActivationName,
  activate,
  activationCode,
  activationNames,
  isActivationName,
} from './network/activation.ts'
export { Network } from './network/interpreter.ts'
export { compile } from './network/plan.ts'
export { type Plan, PlanError, planFromBytes } from './network/plan-image.ts'
export {
  type Champion,
  createPopulation,
  type GenerationSummary,
  genotypeAt,
  type Injection,
  type InjectionFault,
  injectGenotype,
  type NetworkShape,
  nextGeneration,
  type Population,
  summarize,
} from './population.ts'
export type { SpeciationSettings, Species } from './speciation.ts'
export type { ReproductionSettings } from './strategy/generational.ts'
export { defaultSettings, settingsFor } from './strategy/settings.ts'
