// A genotype that could not be scored: its network diverged, its environment threw. It counts as
// worse than every other, and evolution goes on.
import type { Evaluation, Problem } from './environment.ts'

/** The evaluation of a genotype whose scoring threw. */
export function failedEvaluation(cause: unknown): Evaluation {
  const failure = cause instanceof Error ? cause.message : String(cause)
  return { fitness: Number.NaN, steps: 0, solved: false, failure }
}

/** The evaluation, or why it is none. */
export function checkedEvaluation(evaluation: Evaluation, problem: Problem): Evaluation {
  const { fitness, steps, behaviour = [], objectives = [] } = evaluation
  if (Number.isNaN(fitness)) return failedEvaluation(`its fitness is NaN after ${steps} steps`)
  const { behaviourSize = 0, objectivesSize = 0 } = problem
  if (behaviour.length !== behaviourSize) {
    return failedEvaluation(`its behaviour has ${behaviour.length} numbers, not ${behaviourSize}`)
  }
  if (objectives.length !== objectivesSize) {
    return failedEvaluation(`it has ${objectives.length} objectives, not ${objectivesSize}`)
  }
  return evaluation
}
