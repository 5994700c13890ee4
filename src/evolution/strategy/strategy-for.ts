// A strategy by its name, with the parameters that fit a problem: what novelty search takes for far
// apart, and the cells of MAP-Elites, follow from the ranges of the problem's behaviours.
//
//   const settings = { ...settingsFor('maze'), strategy: strategyFor(maze, 'novelty') }
//
// Refuses a strategy that the problem cannot feed. Whoever knows better gives the parameters
// themselves: `noveltySearch({ noveltyThreshold: 6 })`.
import type { BehaviourAxis, Problem } from '../environment/environment.ts'
import { EvolutionSettingsError } from '../evolution-settings.ts'
import { isOptimiserName, weightStrategyFor } from '../optimiser/settings.ts'
import { type MapElitesSettings, mapElites } from './map-elites.ts'
import { noveltySearch } from './novelty.ts'
import type { StrategySettings } from './strategy.ts'

/** What a strategy needs of a problem beside a fitness; undefined for nothing. */
export function needOf(strategy: string): 'behaviour' | 'game' | undefined {
  if (strategy === 'novelty' || strategy === 'map_elites') return 'behaviour'
  return strategy === 'coevolution' || strategy === 'self_play' ? 'game' : undefined
}

/** Whether a problem has what a strategy needs. */
export function isFit(problem: Problem, strategy: string): boolean {
  const need = needOf(strategy)
  if (need === 'game') return problem.play !== undefined
  if (need === undefined) return true
  return strategy === 'novelty'
    ? problem.behaviourSize !== undefined
    : problem.behaviourSpace !== undefined
}

/** Throws EvolutionSettingsError when the problem does not have what the strategy needs. */
export function strategyFor(problem: Problem, strategy: string): StrategySettings {
  const { name, behaviourSpace } = problem
  if (!isFit(problem, strategy)) {
    const advice = needOf(strategy) === 'game' ? 'Problem.play' : 'Problem.behaviourSpace'
    throw new EvolutionSettingsError(`strategy is ${strategy}: use a problem that has ${advice}`)
  }
  if (isOptimiserName(strategy)) return weightStrategyFor(name, strategy)
  const axes = behaviourSpace?.axes ?? []
  if (strategy === 'map_elites') return mapElites(cellsFor(axes))
  if (strategy !== 'novelty' || axes.length === 0) return { name: strategy }
  const noveltyThreshold = FAR * diagonal(axes)
  return noveltySearch({ noveltyThreshold, noveltyThresholdMin: noveltyThreshold / 20 })
}

/** Part of the longest way that is far: 6 of the 290 of the hard maze, as in the paper. */
const FAR = 0.02

function diagonal(axes: readonly BehaviourAxis[]): number {
  return Math.sqrt(axes.reduce((sum, { low, high }) => sum + (high - low) * (high - low), 0))
}

/** Boxes along each dimension of a grid, by how many dimensions there are. */
const GRID_BINS = [0, 100, 20, 10]
/** Dimensions from which on finding 1,000 centroids takes longer than what follows. */
const WIDE = 9
/** Children a round: enough for the workers. */
const BATCH = 50

function cellsFor(axes: readonly BehaviourAxis[]): Partial<MapElitesSettings> {
  const bounds = axes.map(({ low, high }) => [low, high] as const)
  const bins = GRID_BINS[axes.length]
  if (bins !== undefined) return { bounds, bins: axes.map(() => bins), batch: BATCH }
  const centroids = axes.length < WIDE ? 1_000 : 200
  return { cells: 'cvt', bounds, centroids, samples: 10 * centroids, batch: BATCH }
}
