// The best of a run, and of a game. Scores of matches say how well a genotype did among those of
// its day, so what was the highest ever is no measure: the strategy knows who is strongest, by
// ratings or by being the latest.
import { type EvolutionState, matchesOf } from '../../evolution/evolution.ts'
import { type Immigrants, type Individual, individualOf } from './immigrants.ts'
import type { Best } from './population-protocol.ts'
import type { Progress } from './population-report.ts'

/** The best after a generation whose best is given; of a game, the one before, if any. */
export function bestAfter<Origin>(
  before: Best<Origin> | undefined,
  best: Individual<Origin>,
  { generation, evaluations }: Progress,
  population: EvolutionState,
): Best<Origin> {
  const isGame = matchesOf(population) !== undefined
  if (before !== undefined && (isGame || !isBetter(best, before))) return before
  return { ...best, generation, evaluations }
}

/** Whoever has a score is better than who has none. */
function isBetter(best: { fitness: number }, before: { fitness: number }): boolean {
  if (Number.isNaN(before.fitness)) return !Number.isNaN(best.fitness)
  return best.fitness > before.fitness
}

/** The best after a round of matches: the champion of the strategy. */
export function bestOfGame<Origin>(
  before: Best<Origin> | undefined,
  { champion, evaluations }: EvolutionState,
  immigrants: Immigrants<Origin>,
): Best<Origin> | undefined {
  if (champion === undefined) return before
  const { genotype, fitness, generation } = champion
  const isKnown = before?.generation === generation
  const spent = isKnown ? before.evaluations : evaluations
  return { ...individualOf(immigrants, genotype, fitness), generation, evaluations: spent }
}
