// What a population tells those who listen, as plain data: every generation, every champion that
// was held to the problem's full criterion, and the end.
import { type Behaviour, isBehaviour } from '../../evolution/behaviour.ts'
import type { Evaluation, Verification } from '../../evolution/environment/environment.ts'
import { evaluationsSpent, heirsOf } from '../../evolution/evaluate-tuned.ts'
import {
  type EvolutionState,
  kinOf,
  measuresOf,
  speciesSizesOf,
} from '../../evolution/evolution.ts'
import { bestIndex } from '../../evolution/fitness.ts'
import type { Genotype } from '../../evolution/genotype.ts'
import { genotypeId } from '../../evolution/genotype-codec.ts'
import { type LineageRow, lineageRows } from '../../evolution/lineage.ts'
import type { SpeciesSize } from '../../evolution/speciation.ts'
import { BEHAVIOUR_SAMPLES_MAX, FAILURES_TOLD_MAX } from '../../limits.ts'
import type { Pid } from '../../runtime/pid.ts'
import type { Individual } from './immigrants.ts'
import type { Best } from './population-protocol.ts'

/** What a population tells its reporters. */
export type PopulationReport<Origin = unknown> =
  | GenerationReport<Origin>
  | ChampionReport<Origin>
  | FailureReport
  | DoneReport<Origin>

/** How far a population is. */
export interface Progress {
  readonly population: Pid
  /** 0 for the first. */
  readonly generation: number
  /**
   * Evaluations so far, this generation included; verifications and measurements are not counted.
   */
  readonly evaluations: number
}

/** A generation has been evaluated. */
export interface GenerationReport<Origin = unknown> extends Progress {
  readonly type: 'generation'
  /** The best of this generation. */
  readonly best: Individual<Origin>
  /** Over the finite fitness values of this generation. */
  readonly meanFitness: number
  readonly worstFitness: number
  readonly species: number
  /** Of each species that lived in this generation, by ascending id; none without species. */
  readonly speciesSizes: readonly SpeciesSize[]
  /** The strategy's figures before it was told of this generation: evolution's `measuresOf`. */
  readonly measures: Readonly<Record<string, number>>
  /** What some of this generation did, the best among them: BEHAVIOUR_SAMPLES_MAX at most. */
  readonly samples: readonly BehaviourSample[]
  /** With `settings.lineage`: how the genotypes of this generation came about. */
  readonly lineage?: readonly LineageRow[]
  /** From asking for the scores to having them. */
  readonly seconds: number
  readonly evaluationsPerSecond: number
}

/** What one network did, and what that was worth. */
export interface BehaviourSample {
  readonly fitness: number
  readonly behaviour: Behaviour
}

/** A generation's best says it has solved the problem, and was held to the full criterion. */
export interface ChampionReport<Origin = unknown> extends Progress, Individual<Origin> {
  readonly type: 'champion'
  readonly verification: Verification
}

/** A genotype could not be scored: it counts as the worst of its generation. */
export interface FailureReport extends Progress {
  readonly type: 'failure'
  /** Content id of the genotype (evolution/genotype-codec.ts). */
  readonly genotype: string
  /** Of the run. */
  readonly seed: number | string
  /** What went wrong, with the episode and step where the environment says so. */
  readonly failure: string
}

/** Evolution has ended; the server still answers. */
export interface DoneReport<Origin = unknown> extends Progress {
  readonly type: 'done'
  /** `stopped`: somebody asked; the generation that was under way does not count. */
  readonly reason: 'solved' | 'generations' | 'evaluations' | 'stopped'
  /** The best that was ever evaluated, and when. */
  readonly best: Best<Origin>
}

/** The report of an evaluated generation of a population. */
export function generationReport<Origin>(
  progress: Progress,
  best: Individual<Origin>,
  evaluations: readonly Evaluation[],
  population: EvolutionState,
  seconds: number,
): GenerationReport<Origin> {
  const finite = evaluations.map(({ fitness }) => fitness).filter(Number.isFinite)
  const { species = 1, ...measures } = measuresOf(population)
  return {
    type: 'generation',
    ...progress,
    best,
    meanFitness: finite.reduce((sum, fitness) => sum + fitness, 0) / Math.max(1, finite.length),
    worstFitness: finite.reduce((worst, fitness) => Math.min(worst, fitness), best.fitness),
    species,
    speciesSizes: speciesSizesOf(population),
    measures,
    samples: samplesOf(evaluations),
    seconds,
    evaluationsPerSecond: seconds > 0 ? evaluationsSpent(evaluations) / seconds : 0,
  }
}

/** The best, and as many others as there may be, from evenly spread places. */
function samplesOf(evaluations: readonly Evaluation[]): BehaviourSample[] {
  const all = evaluations.flatMap(({ fitness, behaviour }) =>
    isBehaviour(behaviour) && Number.isFinite(fitness) ? [{ fitness, behaviour }] : [],
  )
  const best = bestIndex(all.map(({ fitness }) => fitness))
  const every = Math.ceil(all.length / (BEHAVIOUR_SAMPLES_MAX - 1))
  return all.filter((_, place) => place === best || place % every === 0)
}

/** How the genotypes of a generation came about, where that is wanted. */
export function lineageIn(
  population: EvolutionState,
  asked: readonly Genotype[],
  evaluations: readonly Evaluation[],
): Pick<GenerationReport, 'lineage'> {
  if (population.settings.lineage !== true) return {}
  const kin = kinOf(population, evaluations)
  const heirs = heirsOf(asked, evaluations)
  return { lineage: lineageRows(population.generation, asked, kin, evaluations, heirs) }
}

/** Reports of the genotypes without a score, FAILURES_TOLD_MAX at most. */
export function failureReports(
  progress: Progress,
  genotypes: readonly Genotype[],
  evaluations: readonly Evaluation[],
  { seed }: Pick<EvolutionState, 'seed'>,
): FailureReport[] {
  const failed = evaluations.flatMap(({ failure }, i) => {
    const genotype = genotypes[i]
    return failure === undefined || genotype === undefined ? [] : [{ genotype, failure }]
  })
  return failed.slice(0, FAILURES_TOLD_MAX).map(({ genotype, failure }) => {
    return { type: 'failure', ...progress, genotype: genotypeId(genotype), seed, failure }
  })
}
