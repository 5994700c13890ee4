// What a population is started with, what it is asked, and the functions that ask it: each takes
// the server or its name.
//
//   await pause(population)
//   const report = await step(population)      // one generation, evaluated
//   await resume(population)
import {
  type Call,
  call,
  cast,
  type ServerPid,
  type ServerRef,
} from '../../behaviours/gen-server.ts'
import type { Evaluation, Problem } from '../../evolution/environment/environment.ts'
import type { EvolutionSettings } from '../../evolution/evolution-settings.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import type { ArborError } from '../../runtime/arbor-error.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Pid } from '../../runtime/pid.ts'
import type { PopulationEvent } from './audience.ts'
import type { CheckpointOptions } from './checkpointer.ts'
import { type EvaluatorRef, orThrow } from './evaluator.ts'
import type { Individual } from './immigrants.ts'
import type { GenerationReport, PopulationReport } from './population-report.ts'

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
  /** Those who hear of its events from the first genotypes on; read whenever the server starts. */
  readonly listeners?: Iterable<Pid<PopulationEvent>>
  /** Where to keep what a later run continues from, bit for bit; default: nowhere. */
  readonly checkpoint?: CheckpointOptions
  /** To begin no generation before `resume` or `step`; default false. */
  readonly paused?: boolean
  /** Is told whenever it is paused or goes on, for whoever starts it again after a crash. */
  readonly onPause?: (isPaused: boolean) => void
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
  | Call<'subscribe_events', { listener: Pid<PopulationEvent> }, undefined>
  | Call<'checkpoint', unknown, undefined | ArborError>
  | Call<'subscribe', { reporter: Pid<PopulationReport<Origin>> }, undefined>
  | Call<'pause', unknown, undefined>
  | Call<'resume', unknown, undefined>
  | Call<'finish', unknown, undefined>
  | Call<'step', unknown, GenerationReport<Origin> | undefined>

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

// --- Client functions ---

/** The best that was ever evaluated here; undefined before the first generation has been. */
export function best<Origin>(population: PopulationRef<Origin>): Promise<Best<Origin> | undefined> {
  return call(population, { type: 'best' })
}

/**
 * Runs genotypes without letting them in, beside the generation that is under way; not counted as
 * evaluations. Rejects with an `ArborError`: `measurements_full` beyond MEASUREMENTS_MAX at a time,
 * `evaluation_failed`.
 */
export async function measure(
  population: ServerRef<MeasureCall>,
  genotypes: readonly Genotype[],
): Promise<readonly Evaluation[]> {
  const options = { timeoutMs: 'infinity' } as const
  return orThrow(await call(population, { type: 'measure', genotypes }, options))
}

/**
 * Lets a genotype join the next generation as an individual of its own. Its origin stays with it
 * and with every copy that nothing has changed. `fitness` decides who may wait when more than
 * IMMIGRANTS_MAX do.
 */
export function inject<Origin>(
  population: PopulationRef<Origin>,
  individual: Individual<Origin>,
): void {
  cast(population, { type: 'inject', individual })
}

/**
 * Sends the reports of all further generations to a process, until that ends. When evolution has
 * ended already, it is told how.
 */
export async function subscribeReports<Origin>(
  population: PopulationRef<Origin>,
  reporter: Pid<PopulationReport<Origin>>,
): Promise<void> {
  await call(population, { type: 'subscribe', reporter })
}

/**
 * Sends every event from now on to a process, until that ends, in the order in which they happen
 * (evolution/evolution-event.ts). They take a content id of each genotype that lives.
 */
export async function subscribeEvents<Origin>(
  population: PopulationRef<Origin>,
  listener: Pid<PopulationEvent>,
): Promise<void> {
  await call(population, { type: 'subscribe_events', listener })
}

/**
 * Saves a checkpoint now, of the generation that is under way. Resolves when it, or a newer one,
 * has been saved or could not be, which is logged. Rejects with an `ArborError` `no_checkpoints` when
 * the population keeps none.
 */
export async function saveCheckpoint<Origin>(population: PopulationRef<Origin>): Promise<void> {
  orThrow(await call(population, { type: 'checkpoint' }, { timeoutMs: 'infinity' }))
}

/** Begins no further generation; the one that is under way is evaluated to its end. */
export async function pause<Origin>(population: PopulationRef<Origin>): Promise<void> {
  await call(population, { type: 'pause' })
}

/** Goes on after `pause` or `step`. */
export async function resume<Origin>(population: PopulationRef<Origin>): Promise<void> {
  await call(population, { type: 'resume' })
}

/**
 * Evaluates one generation, or the rest of the one that is under way, and pauses. Resolves with its
 * report; with undefined when evolution is over.
 */
export function step<Origin>(
  population: PopulationRef<Origin>,
): Promise<GenerationReport<Origin> | undefined> {
  return call(population, { type: 'step' }, { timeoutMs: 'infinity' })
}

/**
 * Ends evolution as it stands: what is under way is dropped, a later run has it evaluated again.
 * Resolves when the checkpoint, if there is one to be kept, is saved and reporters are told.
 */
export async function finish<Origin>(population: PopulationRef<Origin>): Promise<void> {
  await call(population, { type: 'finish' }, { timeoutMs: 'infinity' })
}
