// What happens in a run, as plain data: a union by `type`, each with its moment. Made from the
// states before and after a round and its evaluations (evolution-events.ts), so that a run which is
// repeated, or continued from a checkpoint, has the same events.
//
// Names are those of faber_neuroevolution where it has the moment. What it has and we do not:
// docs/evolution-choices.md.
import type { Birth } from './lineage.ts'

interface OfGeneration {
  /** The round that was evaluated; of what follows from it, the round that begins. */
  readonly generation: number
}

// --- When a round has been evaluated ---

/** A genotype has its score; one event for each that was asked for. */
export interface EvaluatedEvent extends OfGeneration {
  readonly type: 'evaluated'
  /** Content id. */
  readonly id: string
  readonly fitness: number
  readonly solved: boolean
  /** Why there is no score. */
  readonly failure?: string
}

/** Two genotypes have met. */
export interface CompetitionResultEvent extends OfGeneration {
  readonly type: 'competition_result'
  readonly first: string
  readonly second: string
  /** Of the first; that of the second is 1 less this. */
  readonly score: number
}

/** All that were asked for have their scores. */
export interface CohortEvaluatedEvent extends OfGeneration {
  readonly type: 'cohort_evaluated'
  readonly size: number
  readonly best: number
  /** Over the finite fitness values. */
  readonly mean: number
  readonly worst: number
}

/** A genotype is better than all before; not where scores are of matches. */
export interface FitnessRecordEvent extends OfGeneration {
  readonly type: 'fitness_record'
  readonly id: string
  readonly fitness: number
  /** Undefined for the first. */
  readonly previous?: number
}

/** The new best is of more neurons, or of more links, than the best before. */
export interface ComplexityIncreasedEvent extends OfGeneration {
  readonly type: 'complexity_increased'
  readonly id: string
  readonly neurons: number
  readonly links: number
}

// --- When the next round begins ---

/** A species without members, that had some. */
export interface SpeciesExtinctEvent extends OfGeneration {
  readonly type: 'species_extinct'
  readonly species: number
}

export interface SpeciesEmergedEvent extends OfGeneration {
  readonly type: 'species_emerged'
  readonly species: number
  readonly size: number
}

/** A genotype comes to another island. */
export interface MigrationEvent extends OfGeneration {
  readonly type: 'migration'
  readonly id: string
  readonly from: number
  readonly to: number
}

/** What a strategy remembers has changed: behaviours, champions, past opponents. */
export interface ArchiveUpdatedEvent extends OfGeneration {
  readonly type: 'archive_updated'
  readonly archive: 'novelty' | 'hall_of_fame' | 'opponents'
  readonly added: number
  readonly removed: number
  readonly size: number
}

/** A cell of MAP-Elites has its first elite. */
export interface NicheDiscoveredEvent extends OfGeneration {
  readonly type: 'niche_discovered'
  readonly cell: number
  readonly id: string
  readonly fitness: number
}

/** A cell of MAP-Elites has a better elite. */
export interface NicheUpdatedEvent extends OfGeneration {
  readonly type: 'niche_updated'
  readonly cell: number
  readonly id: string
  readonly fitness: number
  readonly previous: number
}

/** The population has been given up for a fresh one. */
export interface RestartedEvent extends OfGeneration {
  readonly type: 'restarted'
  /** How often so far. */
  readonly restarts: number
}

/** Structure shall shrink from now on, or grow again (complexity-regulation.ts). */
export interface ComplexityPhaseEvent extends OfGeneration {
  readonly type: 'complexity_phase'
  readonly phase: 'complexifying' | 'simplifying'
}

/** A genotype lives no longer, and no copy of it. */
export interface DiedEvent extends OfGeneration {
  readonly type: 'died'
  readonly id: string
}

/** A genotype that did not live before; how it came about with `settings.lineage`. */
export interface BornEvent extends OfGeneration, Partial<Birth> {
  readonly type: 'born'
  readonly id: string
}

/** All that will be evaluated next are there. */
export interface BreedingCompleteEvent extends OfGeneration {
  readonly type: 'breeding_complete'
  readonly born: number
  readonly died: number
}

/** The last of each round. */
export interface GenerationAdvancedEvent extends OfGeneration {
  readonly type: 'generation_advanced'
  /** So far. */
  readonly evaluations: number
}

/** What a strategy alone can tell of its round. */
export type StrategyEvent =
  | MigrationEvent
  | ArchiveUpdatedEvent
  | NicheDiscoveredEvent
  | NicheUpdatedEvent

export type EvolutionEvent =
  | EvaluatedEvent
  | CompetitionResultEvent
  | CohortEvaluatedEvent
  | FitnessRecordEvent
  | ComplexityIncreasedEvent
  | SpeciesExtinctEvent
  | SpeciesEmergedEvent
  | StrategyEvent
  | RestartedEvent
  | ComplexityPhaseEvent
  | DiedEvent
  | BornEvent
  | BreedingCompleteEvent
  | GenerationAdvancedEvent
