// The problems that come with Arbor, by the name that `--task` takes. A table of the user's own
// becomes a problem through data-set-problem.ts.
import { acrobot } from './acrobot.ts'
import { boxes } from './boxes.ts'
import { cartPole } from './cart-pole.ts'
import { dataSetProblemFrom } from './data-set-problem.ts'
import { doublePole, doublePoleNoVelocity } from './double-pole.ts'
import type { Problem, ProblemReference } from './environment.ts'
import { faberPole2, faberPole3, faberPole4, faberPole6 } from './faber-pole-problem.ts'
import { flatlandPredator, flatlandPrey } from './flatland-problem.ts'
import { maze, mazeMedium } from './maze.ts'
import { mountainCar } from './mountain-car.ts'
import { mountainCarContinuous } from './mountain-car-continuous.ts'
import { multiCueTMaze } from './multi-cue-t-maze.ts'
import { multiplexer6, multiplexer11 } from './multiplexer.ts'
import { parity3, parity4, parity5 } from './parity.ts'
import { pendulum } from './pendulum.ts'
import { retinaAnd, retinaOr } from './retina.ts'
import { reversalBandit } from './reversal-bandit.ts'
import { singlePole, singlePoleNoVelocity } from './single-pole.ts'
import { snakeDuel } from './snake-duel.ts'
import { tMaze } from './t-maze.ts'
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
  faberPole2,
  faberPole3,
  faberPole4,
  faberPole6,
  parity3,
  parity4,
  parity5,
  multiplexer6,
  multiplexer11,
  retinaAnd,
  retinaOr,
  boxes,
  tMaze,
  multiCueTMaze,
  reversalBandit,
  flatlandPrey,
  flatlandPredator,
  maze,
  mazeMedium,
  snakeDuel,
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

/** Problems of modules, by what names them. */
const loaded = new Map<string, Problem>()

/**
 * The problem that a reference stands for; imports its module where it has one. Only for references
 * that the program itself has made: importing runs the module. Rejects with a RangeError when there
 * is no such problem.
 */
export async function loadProblem(reference: ProblemReference): Promise<Problem> {
  if (!('module' in reference)) return problemOf(reference)
  const name = `${reference.module}#${reference.export}`
  const known = loaded.get(name)
  if (known !== undefined) return known
  const exports: Readonly<Record<string, unknown>> = await import(reference.module)
  const problem = exports[reference.export]
  if (!isProblem(problem)) {
    throw new RangeError(`${reference.module} exports no problem ${reference.export}`)
  }
  loaded.set(name, problem)
  return problem
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false
  return 'evaluate' in value && 'episode' in value && 'inputs' in value && 'outputs' in value
}

/**
 * The problem that a reference stands for. Throws a RangeError for a task that does not exist, and
 * for a module that this thread has not loaded.
 */
export function problemOf(reference: ProblemReference): Problem {
  if ('task' in reference) {
    const problem = problemNamed(reference.task)
    if (problem !== undefined) return problem
    throw new RangeError(`no task ${reference.task}: use one of ${taskNames.join(', ')}`)
  }
  if ('module' in reference) {
    const problem = loaded.get(`${reference.module}#${reference.export}`)
    if (problem !== undefined) return problem
    throw new RangeError(`${reference.module} has not been loaded: await loadProblem first`)
  }
  if (lastTable?.name !== reference.name) {
    lastTable = dataSetProblemFrom(reference.name, reference.table)
  }
  return lastTable
}
