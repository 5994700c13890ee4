// The vectors of an evaluation, behaviour and objectives, as numbers one after the other: how they
// cross threads. Their lengths are the problem's (`behaviourSize`, `objectivesSize`).
//
//   results.set(vectorsOf(evaluation), at)
//   const { behaviour, objectives } = vectorsFrom(results.subarray(at), problem)
import type { Evaluation, Problem } from './environment.ts'

type Vectors = Pick<Evaluation, 'behaviour' | 'objectives'>
type Sizes = Pick<Problem, 'behaviourSize' | 'objectivesSize'>

/** Numbers of all vectors of an evaluation. */
export function vectorsSize({ behaviourSize = 0, objectivesSize = 0 }: Sizes): number {
  return behaviourSize + objectivesSize
}

/** The numbers; none of an evaluation without vectors, e.g. a failed one. */
export function vectorsOf({ behaviour = [], objectives = [] }: Vectors): number[] {
  return [...behaviour, ...objectives]
}

/** The vectors of numbers, of which there may be more than theirs. */
export function vectorsFrom(
  numbers: Float64Array,
  { behaviourSize = 0, objectivesSize = 0 }: Sizes,
): Vectors {
  const end = behaviourSize + objectivesSize
  return {
    ...(behaviourSize > 0 ? { behaviour: [...numbers.subarray(0, behaviourSize)] } : {}),
    ...(objectivesSize > 0 ? { objectives: [...numbers.subarray(behaviourSize, end)] } : {}),
  }
}
