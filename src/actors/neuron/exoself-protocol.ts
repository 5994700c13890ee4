// What an exoself is started with, asked and answers (exoself.ts).
import type { Call, ServerPid } from '../../behaviours/gen-server.ts'
import type { Evaluation, Problem } from '../../evolution/environment/environment.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { ArborError } from '../../runtime/arbor-error.ts'
import type { Pid } from '../../runtime/pid.ts'
import type { NeuronChange } from './change.ts'
import type { NetworkProcess } from './cortex.ts'
import type { NeuronSnapshot } from './neuron.ts'

export interface ExoselfOptions {
  readonly problem: Problem
  readonly genotype: Genotype
  /** The network ends with this process; default: only when it is stopped. */
  readonly owner?: Pid
  /**
   * Milliseconds without a closed cycle after which the network is stalled; default
   * CYCLE_TIMEOUT_MS.
   */
  readonly stallTimeoutMs?: number
  /** How often a network that crashed or stalled is started again; default 0. */
  readonly restarts?: number
}

/** What tuning has found. */
export interface Tuned {
  /** The genotype with the best weights; with its own where none was better. */
  readonly genotype: Genotype
  /** Of those weights, with `tuned`. */
  readonly evaluation: Evaluation
  /** Episodes that it took. */
  readonly evaluations: number
}

export type ExoselfCall =
  | Call<'evaluate', unknown, Evaluation>
  | Call<'tune', { seed: number | string }, Tuned | ArborError>
  | Call<'processes', unknown, readonly NetworkProcess[]>
  | Call<'inspect', unknown, readonly NeuronSnapshot[]>
  | Call<'change', NeuronChange, undefined | ArborError>
  | Call<'pause', unknown, undefined>
  | Call<'resume', unknown, undefined>
  | Call<'step', unknown, undefined>

export type ExoselfPid = ServerPid<ExoselfCall>
