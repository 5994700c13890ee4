// What goes on in a network beside its cycles, as its exoself keeps it: who waits for what, and the
// tuning that is under way. Pure.
import type { Evaluation } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { phenotypeOf } from '../../evolution/network/plan.ts'
import type { Phenotype } from '../../evolution/substrate/painting.ts'
import { keepsLearning, stepTuning, type Tuning, withTunedWeights } from '../../evolution/tuning.ts'
import type { From } from '../../runtime/call.ts'
import { type ExitReason, formatReason } from '../../runtime/exit-reason.ts'
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

/** Whether what the neurons have learnt in their life is kept. */
export function needsSnapshots({ tuning }: Life): boolean {
  return tuning !== undefined && keepsLearning(tuning.state)
}

/** Whether episodes are being run, or are to be. */
export function isRunning({ waiting, tuning }: Life): boolean {
  return waiting.length > 0 || tuning !== undefined
}

/** What is to live now: with the weights of the trial, while there is one. */
export function livingOf({ genotype, phenotype, tuning }: Life): Phenotype {
  if (tuning === undefined) return phenotype
  return phenotypeOf(withTunedWeights(genotype, tuning.state.trial))
}

/** What a process that crashed threw, or the reason that it ended with. */
export function causeOf(reason: ExitReason): unknown {
  const isCrash = typeof reason === 'object' && reason !== null && 'error' in reason
  return isCrash ? reason.error : formatReason(reason)
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
