// The evolution engine's door: genotypes, networks compiled from them, and the problems that score them.
// Pure: no process, no clock; chance is an argument. Usable alone, without the actor runtime.

// --- networks and problems ---
export {
  type DoublePoleState,
  doublePole,
  doublePoleNoVelocity,
  stepDoublePole,
} from './environment/double-pole.ts'
export type { Evaluation, Problem, Verification } from './environment/environment.ts'
export { problemNamed, taskNames } from './environment/problem.ts'
export { xor } from './environment/xor.ts'
// --- genotypes ---
export {
  type Genotype,
  genotypeFrom,
  type LinkGene,
  type LinkSketch,
  minimalGenotype,
  type NeuronGene,
} from './genotype.ts'
export {
  type ActivationName,
  activate,
  activationCode,
  activationNames,
  isActivationName,
} from './network/activation.ts'
export { Network } from './network/interpreter.ts'
export { compile, type Plan, PlanError } from './network/plan.ts'
