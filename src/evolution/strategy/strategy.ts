// A strategy: a named, pure state machine that decides which genotypes are to be evaluated and what
// follows from their scores. It owns no process, clock or generator; its state is plain data, so
// that a copy of it, taken at any moment, continues bit for bit.
//
//   const coinToss: Strategy<EvolutionState> = {
//     name: 'coin_toss',
//     init: (task, settings, seed) => ...,
//     ask: (state) => ...genotypes...,
//     tell: (state, evaluations) => ...the next state...,
//     living: (state) => ...,
//     measures: () => ({}),
//   }
//   registerStrategy(coinToss)                 // evolution.ts runs it by its name
//
// The order in which genotypes are evaluated, and by how many workers, cannot matter: a strategy is
// told of all it has asked for at once, in the order of asking, and draws from streams named by
// (seed, generation, place) only.
import type { Evaluation } from '../environment/environment.ts'
import type { StrategyEvent } from '../evolution-event.ts'
import type { EvolutionSettings } from '../evolution-settings.ts'
import type { NetworkShape } from '../first-generation.ts'
import type { GenomePool } from '../genome-pool.ts'
import type { Genotype } from '../genotype.ts'
import type { Birth, Kin } from '../lineage.ts'
import type { SpeciesSize } from '../speciation.ts'

/** What the state of every strategy holds. Plain data. */
export interface EvolutionState {
  readonly shape: NetworkShape
  readonly settings: EvolutionSettings
  readonly seed: number | string
  /** Rounds of asking and telling that are over. */
  readonly generation: number
  /** Genotypes evaluated so far. */
  readonly evaluations: number
  /** The best genotype that was ever evaluated. */
  readonly champion?: Champion
  /** Genotypes from elsewhere that are asked for next. */
  readonly immigrants: readonly Genotype[]
  /**
   * With `settings.lineage`: how each of the genotypes that are asked for came about, in that order.
   * A strategy that keeps it elsewhere has `kin`.
   */
  readonly births?: readonly Birth[]
}

export interface Champion {
  readonly genotype: Genotype
  readonly fitness: number
  /** In which it was evaluated first. */
  readonly generation: number
}

/** A strategy's name and, in those of a certain one, its parameters. Plain data. */
export interface StrategySettings {
  readonly name: string
}

/** Two places in the list of what was asked for: these genotypes shall meet, in this order. */
export type Match = readonly [first: number, second: number]

export interface Strategy<State extends EvolutionState> {
  readonly name: string
  /** The first state. Throws EvolutionSettingsError for settings out of range. */
  init(task: NetworkShape, settings: EvolutionSettings, seed: number | string): State
  /** The genotypes to evaluate now; the same whenever it is asked. */
  ask(state: State): readonly Genotype[]
  /**
   * For strategies whose genotypes play against each other: who meets whom. Each match is then
   * evaluated instead of each genotype, and has `Evaluation.scores`.
   */
  matches?(state: State): readonly Match[]
  /** What follows, given one evaluation a genotype (or a match) in the order of asking. */
  tell(state: State, evaluations: readonly Evaluation[]): State
  /**
   * The state in which these are the genotypes asked for, in the same order: what tuning has made
   * of them, and who reproduces. Strategies without it cannot be run with `settings.tuning`.
   */
  inherit?(state: State, heirs: readonly Genotype[]): State
  /** The genotypes among which an immigrant would live. */
  living(state: State): GenomePool
  /**
   * Of the genotypes asked for, now that each has been evaluated: how they came about, and where
   * they stand. Default: `births`, and nothing else.
   */
  kin?(state: State, evaluations: readonly Evaluation[]): Kin
  /** What no other strategy has to tell of the step from one state to the next, as `tell` made it. */
  events?(before: State, evaluations: readonly Evaluation[], after: State): StrategyEvent[]
  /** Figures of the state for reports, by name, e.g. `species` or `coverage`. */
  measures(state: State): Readonly<Record<string, number>>
  /** The species of those that live, where the strategy has species. */
  speciesSizes?(state: State): readonly SpeciesSize[]
}
