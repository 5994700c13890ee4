// What evaluations tell selection: behaviours where they are needed, and one fitness a genotype,
// made of all that counts.
import { type Behaviour, isBehaviour, noveltiesOf } from './behaviour.ts'
import type { Evaluation } from './environment/environment.ts'
import { type EvolutionSettings, EvolutionSettingsError } from './evolution-settings.ts'
import { type GenomePool, linkCount } from './genome-pool.ts'
import { objectivesOf, paretoFitness } from './pareto.ts'
import { postprocessed } from './parsimony.ts'

/**
 * The behaviours, undefined where a network failed. Throws EvolutionSettingsError when the problem
 * does not say what networks do.
 */
export function behavioursOf(evaluations: readonly Evaluation[]): (Behaviour | undefined)[] {
  return evaluations.map(({ behaviour, fitness }, place) => {
    if (behaviour === undefined && Number.isFinite(fitness)) {
      const advice = 'use a problem that has Evaluation.behaviour'
      throw new EvolutionSettingsError(`evaluation ${place} has no behaviour: ${advice}`)
    }
    return isBehaviour(behaviour) ? behaviour : undefined
  })
}

/** Neighbours of a behaviour that count when novelty is one of several objectives. */
const NEIGHBOURS = 15

/**
 * The fitness that selection sees: the evaluations' own; or what the postprocessor makes of it; or,
 * with objectives, the order of the fronts.
 */
export function selectionFitness(
  { objectives, postprocessor }: EvolutionSettings,
  genomes: GenomePool,
  evaluations: readonly Evaluation[],
): ArrayLike<number> {
  const neurons = (index: number): number =>
    genomes.neuronStart[index + 1]! - genomes.neuronStart[index]!
  if (objectives !== undefined && objectives.length > 0) {
    const novelties = objectives.includes('novelty')
      ? noveltiesOf(behavioursOf(evaluations), [], NEIGHBOURS)
      : []
    return paretoFitness(
      evaluations.map(({ fitness, objectives: own }, index) =>
        objectivesOf(objectives, {
          fitness,
          neurons: neurons(index),
          links: linkCount(genomes, index),
          novelty: novelties[index] ?? 0,
          ...(own === undefined ? {} : { objectives: own }),
        }),
      ),
    )
  }
  const fitnesses = evaluations.map(({ fitness }) => fitness)
  if (postprocessor === undefined) return fitnesses
  return fitnesses.map((fitness, index) => postprocessed(fitness, neurons(index), postprocessor))
}
