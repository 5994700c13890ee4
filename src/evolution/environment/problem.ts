// The problems that come with Arbor, by the name that `--task` takes. A table of the user's own
// becomes a problem through data-set-problem.ts.
import { acrobot } from './acrobot.ts'
import { cartPole } from './cart-pole.ts'
import { dataSetProblemFrom } from './data-set-problem.ts'
import { doublePole, doublePoleNoVelocity } from './double-pole.ts'
import type { Problem, ProblemReference } from './environment.ts'
import { mountainCar } from './mountain-car.ts'
import { mountainCarContinuous } from './mountain-car-continuous.ts'
import { pendulum } from './pendulum.ts'
import { singlePole, singlePoleNoVelocity } from './single-pole.ts'
import { xor } from './xor.ts'

const problems: readonly Problem[] = [
  xor,
  cartPole,
  mountainCar,
  mountainCarContinuous,
  acrobot,
  pendulum,
  singlePole,
  singlePoleNoVelocity,
  doublePole,
  doublePoleNoVelocity,
]

/** What `--task` may name. */
export const taskNames: readonly string[] = problems.map(({ name }) => name)

/** The problem of a task name, or undefined. */
export function problemNamed(name: string): Problem | undefined {
  return problems.find((problem) => problem.name === name)
}

/**
 * The last table this thread has unpacked: a run has one, and unpacking it takes longer than an
 * evaluation.
 */
let lastTable: Problem | undefined

/** The problem that a reference stands for. Throws a RangeError for a task that does not exist. */
export function problemOf(reference: ProblemReference): Problem {
  if ('task' in reference) {
    const problem = problemNamed(reference.task)
    if (problem !== undefined) return problem
    throw new RangeError(`no task ${reference.task}: use one of ${taskNames.join(', ')}`)
  }
  if (lastTable?.name !== reference.name) {
    lastTable = dataSetProblemFrom(reference.name, reference.table)
  }
  return lastTable
}
