// What goes on in a network beside its cycles, as its exoself keeps it: who waits for what, and the
// tuning that is under way. Pure.
import type { Evaluation } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { Phenotype } from '../../evolution/substrate/painting.ts'
import { stepTuning, type Tuning } from '../../evolution/tuning.ts'
import type { From } from '../../runtime/call.ts'
import type { Random } from '../../runtime/random.ts'
import type { NeuronSnapshot } from './neuron.ts'

export interface Life {
  /** With the weights that the network began with, or that tuning has found. */
  readonly genotype: Genotype
  /** What lives: the genotype, or the network that it paints. */
  readonly phenotype: Phenotype
  /** Who waits for the score; an episode is under way when there is somebody. */
  readonly waiting: readonly From<Evaluation>[]
  /** Who waits for the end of a cycle. */
  readonly stepping: readonly From<undefined>[]
  /** Who waits for snapshots of all neurons. */
  readonly inspecting: readonly From<readonly NeuronSnapshot[]>[]
  /** Those that have come, until all have. */
  readonly snapshots: readonly NeuronSnapshot[]
  readonly tuning: RunningTuning | undefined
}

export interface RunningTuning {
  readonly state: Tuning
  readonly random: Random
  readonly from: From<{ genotype: Genotype; evaluation: Evaluation; evaluations: number }>
  /** Of the trial, while it is not judged. */
  readonly evaluation: Evaluation | undefined
}

/**
 * Whether what the neurons have learnt in their life is inherited. What a painted network has
 * learnt is not: its weights are in no genotype.
 */
export function needsSnapshots({ genotype, tuning }: Life): boolean {
  const { neurons, substrate } = genotype
  const isPlastic = neurons.some(({ plasticity }) => plasticity !== undefined)
  return isPlastic && substrate === undefined && tuning?.state.agent.heredity === 'lamarckian'
}

/** Judges the trial; `snapshots` are of all neurons, or none. */
export function advance(
  tuning: Tuning,
  evaluation: Evaluation,
  random: Random,
  snapshots: readonly NeuronSnapshot[],
): Tuning {
  if (snapshots.length === 0) return stepTuning(tuning, evaluation, random)
  const learnt = Float64Array.from(snapshots.flatMap(({ weights }) => [...weights]))
  return stepTuning(tuning, evaluation, random, learnt)
}
