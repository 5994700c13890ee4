// The evolution engine's door: genotypes, networks compiled from them, and the problems that score
// them. Pure: no process, no clock; chance is an argument. Usable alone, without the actor runtime.

export { type Random, seededRandom } from '../runtime/random.ts'
// --- genotypes ---
export { type Alignment, align } from './alignment.ts'
export { type Behaviour, euclidean, novelty } from './behaviour.ts'
export type { ComplexitySettings } from './complexity-regulation.ts'
// --- evolution ---
export type { CrossoverSettings } from './crossover.ts'
export { type DistanceSettings, distance } from './distance.ts'
export { expectedScore, type RatedMatch, rated } from './elo.ts'
export { acrobot } from './environment/acrobot.ts'
export { boxes } from './environment/boxes.ts'
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
  BehaviourAxis,
  BehaviourSpace,
  Evaluation,
  Problem,
  ProblemLanes,
  ProblemReference,
  Verification,
} from './environment/environment.ts'
export { EnvironmentError } from './environment/environment-error.ts'
export {
  type Environment,
  type EnvironmentBehaviour,
  type EnvironmentOptions,
  environmentProblem,
  type Step,
} from './environment/environment-problem.ts'
export {
  type Episode,
  type LaneEpisode,
  type Outcome,
  runEpisode,
  runLaneEpisode,
} from './environment/episode.ts'
export type { FaberPoleOptions } from './environment/faber-pole.ts'
export {
  type FaberPoleProblemOptions,
  faberPole,
  faberPole2,
  faberPole3,
  faberPole4,
  faberPole6,
} from './environment/faber-pole-problem.ts'
export * from './environment/flatland-exports.ts'
export type { LaneEnvironment, Lanes } from './environment/lane-environment.ts'
export { type MazeMap, MazeRobot, maze, mazeMedium } from './environment/maze.ts'
export { mountainCar } from './environment/mountain-car.ts'
export { mountainCarContinuous } from './environment/mountain-car-continuous.ts'
export { multiCueTMaze } from './environment/multi-cue-t-maze.ts'
export { multiplexer6, multiplexer11 } from './environment/multiplexer.ts'
export { parity3, parity4, parity5 } from './environment/parity.ts'
export { pendulum } from './environment/pendulum.ts'
export { problemNamed, problemOf, taskNames } from './environment/problem.ts'
export { retinaAnd, retinaOr } from './environment/retina.ts'
export { reversalBandit } from './environment/reversal-bandit.ts'
export { singlePole, singlePoleNoVelocity } from './environment/single-pole.ts'
export { SnakeGame, type SnakeMove, snakeDuel } from './environment/snake-duel.ts'
export { tMaze } from './environment/t-maze.ts'
export { truthTableProblem } from './environment/truth-table.ts'
export { xor } from './environment/xor.ts'
export {
  chunkSize,
  EvaluationBatch,
  EvaluationError,
  type EvaluationJob,
  evaluateJob,
  evaluationWorker,
} from './evaluate.ts'
export { evaluatePlan } from './evaluate-plan.ts'
export {
  type Admission,
  ask,
  type EvolutionState,
  inject,
  kinOf,
  lineageOf,
  livesOf,
  type Match,
  matchesOf,
  measuresOf,
  registerStrategy,
  type Strategy,
  startEvolution,
  strategyNames,
  tell,
} from './evolution.ts'
export type { EvolutionEvent, StrategyEvent } from './evolution-event.ts'
export { advanceEvents, evaluationEvents, firstEvents } from './evolution-events.ts'
export {
  checkSettings,
  type EvolutionSettings,
  EvolutionSettingsError,
  type RestartSettings,
} from './evolution-settings.ts'
export { firstGenotypes } from './first-generation.ts'
export { bestIndex } from './fitness.ts'
export { type GenomePool, packGenotypes, unpackGenotypes } from './genome-pool.ts'
export {
  type ActuatorGene,
  type ActuatorProcessing,
  actuatorProcessings,
  type Genotype,
  genotypeFrom,
  type LinkGene,
  type LinkSketch,
  minimalGenotype,
  type NeuronGene,
  type PlasticityGene,
  type SensorGene,
} from './genotype.ts'
export { checkGenotype, type GenotypeCheck, type GenotypeFault } from './genotype-check.ts'
export {
  type DecodedGenotype,
  decodeGenotype,
  type EncodingFault,
  encodeGenotype,
  genotypeId,
} from './genotype-codec.ts'
export {
  type FaberGenotype,
  FaberImportError,
  type FaberLayers,
  faberGenotype,
  faberLayers,
} from './import/faber.ts'
export {
  continuousOf,
  feedForwardOf,
  type NeatPythonGenome,
  recurrentOf,
} from './import/neat-python.ts'
export { linkInnovation, modulatoryInnovation, splitNeuronId } from './innovation.ts'
export {
  KernelError,
  KernelNetwork,
  type KernelOptions,
  type Precision,
} from './kernel/kernel-network.ts'
export { KernelSamples } from './kernel/kernel-samples.ts'
export {
  Ancestry,
  ancestors,
  type Birth,
  type BirthKind,
  birthKinds,
  type Kin,
  type LineageRow,
} from './lineage.ts'
export { evaluateAsked } from './match.ts'
export type { Guidance } from './meta-control/guidance.ts'
export type { MetaControl, MetaControlSettings } from './meta-control/meta-controller.ts'
export type { RateBounds, Rates } from './meta-control/rates.ts'
export type { ResourceReading, ResourceSettings } from './meta-control/resource-silo.ts'
export type { RewardWeights } from './meta-control/reward.ts'
export { type Morphology, type ProblemMorphology, partNames } from './morphology.ts'
export type { MutationSettings } from './mutation/mutation.ts'
export type { NeatPythonMutation } from './mutation/neat-python.ts'
export {
  defaultRoulette,
  type OperatorName,
  operatorNames,
  type RouletteSettings,
} from './mutation/operator.ts'
export type { StepDistribution, WeightMutation } from './mutation/parametric.ts'
export { mutateByRoulette } from './mutation/roulette.ts'
export { type NeatPythonSettings, neatPythonSettings } from './neat-python-settings.ts'
export {
  type ActivationName,
  activate,
  activationCode,
  activationNames,
  isActivationName,
} from './network/activation.ts'
export {
  type AggregationName,
  aggregate,
  aggregationCode,
  aggregationNames,
  isAggregationName,
} from './network/aggregation.ts'
export { ContinuousNetwork } from './network/continuous-network.ts'
export { Network } from './network/interpreter.ts'
export { InterpreterLanes, type LaneNetwork } from './network/lane-network.ts'
export {
  cfcBlend,
  cfcStep,
  type LiquidNeuron,
  leakyStep,
  ltcClosedForm,
  ltcFused,
  ltcStep,
} from './network/liquid.ts'
export {
  type FaberLiquid,
  type FaberLiquidForm,
  faberLiquid,
  isFaberLiquidForm,
} from './network/liquid-peers.ts'
export { type NeuronType, neuronTypes } from './network/neuron-type.ts'
export { argmax, processOutputs } from './network/output-processing.ts'
export { activationOf, aggregationOf, type Peer } from './network/peer-names.ts'
export { compile, phenotypeOf } from './network/plan.ts'
export { type Plan, PlanError, planFromBytes } from './network/plan-image.ts'
export {
  abcdDelta,
  eligibility,
  hebbDelta,
  Learner,
  modulatedDelta,
  normalised,
  ojaDelta,
  type Row,
  stdpDelta,
} from './network/plasticity.ts'
export {
  type PlasticityRule,
  type PlasticityRuleName,
  plasticityRules,
} from './network/plasticity-rule.ts'
export {
  avg,
  sat,
  satDzone,
  saturation,
  scale,
  scaleDzone,
  scaleTo,
  std,
} from './network/scaler.ts'
// --- optimisers of weights ---
export { type CmaSettings, type CmaState, cmaEs, sepCmaEs } from './optimiser/cma-es.ts'
export {
  type CmaParameters,
  type CmaVariant,
  cmaParameters,
  cmaVariants,
  defaultPopsize,
} from './optimiser/cma-parameters.ts'
export type { CmaTolerances } from './optimiser/cma-termination.ts'
export {
  type CosyneScaling,
  type CosyneSettings,
  type CosyneState,
  cosyne,
  cosyneScalings,
  permutationProbabilities,
} from './optimiser/cosyne.ts'
export {
  type EsSettings,
  type EsState,
  evolutionStrategy,
  type OneFifthSettings,
  type OneFifthState,
  oneFifth,
} from './optimiser/evolution-strategy.ts'
export type { FitnessTolerances } from './optimiser/fitness-history.ts'
export {
  type LayeredSketch,
  layeredGenotype,
  type Memory,
  memories,
} from './optimiser/layered-genotype.ts'
export { type NesSettings, type SnesState, snes, type XnesState, xnes } from './optimiser/nes.ts'
export {
  askOptimisation,
  type Optimisation,
  type OptimisationRestarts,
  type OptimisationSettings,
  type OptimiserName,
  optimiserNames,
  type RestartMode,
  restartModes,
  startOptimisation,
  tellOptimisation,
} from './optimiser/optimisation.ts'
export { type Optimised, optimise, type WeightSettings } from './optimiser/optimise.ts'
export {
  type BudgetSettings,
  type Candidate,
  hasStopped,
  type Optimiser,
  type OptimiserState,
} from './optimiser/optimiser.ts'
export {
  isOptimiserName,
  topologyFor,
  type WeightTask,
  weightSettingsFor,
  weightStrategyFor,
  weightTaskFor,
} from './optimiser/settings.ts'
export { type WeightStrategySettings, weightStrategy } from './optimiser/weight-strategy.ts'
export { type WeightParts, WeightPlan, weightsOf, withWeights } from './optimiser/weights.ts'
export {
  competitionAllotments,
  parentPicker,
  type SelectionName,
  type SelectionSettings,
  selectionNames,
} from './parent-selection.ts'
export {
  crowdingDistances,
  frontNumbers,
  nonDominatedFronts,
  type ObjectiveName,
  paretoRanked,
} from './pareto.ts'
export type { PostprocessorSettings } from './parsimony.ts'
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
// --- statistics ---
export {
  bootstrapInterval,
  comparePaired,
  type Interval,
  mannWhitney,
  mean,
  median,
  type PairedComparison,
  quantile,
  ranksOf,
  signTest,
  type TestResult,
  wilcoxonSignedRank,
} from './statistics.ts'
export type { AdaptationSettings, ScaleSettings } from './strategy/adaptation.ts'
export type { Parentage, ReproductionSettings } from './strategy/breeding.ts'
export { type CoevolutionSettings, coevolution } from './strategy/coevolution.ts'
export { type HallOfFameSettings, hallOfFame } from './strategy/hall-of-fame.ts'
export { type IslandSettings, islands } from './strategy/islands.ts'
export { type Elite, type MapElitesSettings, mapElites } from './strategy/map-elites.ts'
export { type NoveltySettings, noveltySearch } from './strategy/novelty.ts'
export { type RtneatSettings, rtneat } from './strategy/rtneat.ts'
export { type SelfPlaySettings, selfPlay } from './strategy/self-play.ts'
export { defaultSettings, settingsFor } from './strategy/settings.ts'
export { type SteadyStateSettings, steadyState } from './strategy/steady-state.ts'
export type { StrategySettings } from './strategy/strategy.ts'
export { isFit, strategyFor } from './strategy/strategy-for.ts'
export { structuralHash } from './structural-hash.ts'
export type { Painter, Phenotype } from './substrate/painting.ts'
export {
  cppnActivations,
  type Geometry,
  type SubstrateSettings,
  substrateFor,
} from './substrate/settings.ts'
export {
  cppnShape,
  type EvolvableGene,
  evolvableDefaults,
  type LinkForm,
  linkForms,
  type SubstrateGene,
  type SubstratePlasticity,
  substratePlasticities,
} from './substrate.ts'
export * from './tuning-exports.ts'
