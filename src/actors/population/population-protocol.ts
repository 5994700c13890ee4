// What a population is started with, and what it is asked.
import type { Call, ServerPid, ServerRef } from '../../behaviours/gen-server.ts'
import type { Evaluation, Problem } from '../../evolution/environment/environment.ts'
import type { EvolutionSettings } from '../../evolution/evolution-settings.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { ArborError } from '../../runtime/arbor-error.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Pid } from '../../runtime/pid.ts'
import type { CheckpointOptions } from './checkpointer.ts'
import type { EvaluatorRef } from './evaluator.ts'
import type { Individual } from './immigrants.ts'
import type { PopulationReport } from './population-report.ts'

export interface PopulationOptions<Origin = unknown> {
  readonly problem: Problem
  readonly seed: number
  readonly settings: EvolutionSettings
  /** Scores the genotypes; the population ends when it fails twice. */
  readonly evaluator: EvaluatorRef
  /** Generations to evaluate; default: no end. */
  readonly generationsMax?: number
  /** Evaluations not to exceed, whole generations counted; the first generation is always run. */
  readonly evaluationsMax?: number
  /** Whether a champion that passes the full criterion ends the run; default true. */
  readonly stopWhenSolved?: boolean
  readonly reporters?: readonly Pid<PopulationReport<Origin>>[]
  /** Where to keep what a later run continues from, bit for bit; default: nowhere. */
  readonly checkpoint?: CheckpointOptions
  /** Times the generations, for reports; default: the clock in use. */
  readonly clock?: Clock
}

/** The best that was ever evaluated, and when. */
export interface Best<Origin = unknown> extends Individual<Origin> {
  readonly generation: number
  readonly evaluations: number
}

export type MeasureCall = Call<
  'measure',
  { genotypes: readonly Genotype[] },
  readonly Evaluation[] | ArborError
>

export type PopulationCall<Origin> =
  | MeasureCall
  | Call<'best', unknown, Best<Origin> | undefined>
  | Call<'subscribe', { reporter: Pid<PopulationReport<Origin>> }, undefined>

export interface PopulationCast<Origin> {
  readonly type: 'inject'
  readonly individual: Individual<Origin>
}

export type PopulationPid<Origin = unknown> = ServerPid<
  PopulationCall<Origin>,
  PopulationCast<Origin>
>
export type PopulationRef<Origin = unknown> = ServerRef<
  PopulationCall<Origin>,
  PopulationCast<Origin>
>
