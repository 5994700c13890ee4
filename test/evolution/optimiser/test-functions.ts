// Functions to maximise, with their maximum of 0 at 0 or (rosenbrock) at 1: the negatives of the
// ones of the literature.
import {
  hasStopped,
  type Optimiser,
  type OptimiserState,
} from '../../../src/evolution/optimiser/optimiser.ts'

export type Objective = (x: ArrayLike<number>) => number

export const sphere: Objective = (x) => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!
  return -sum
}

/** A condition number of 10^6, along the axes. */
export const ellipsoid: Objective = (x) => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += 10 ** ((6 * i) / (x.length - 1)) * x[i]! * x[i]!
  return -sum
}

export const rosenbrock: Objective = (x) => {
  let sum = 0
  for (let i = 0; i + 1 < x.length; i++) {
    sum += 100 * (x[i + 1]! - x[i]! * x[i]!) ** 2 + (1 - x[i]!) ** 2
  }
  return -sum
}

/** Many local maxima. */
export const rastrigin: Objective = (x) => {
  let sum = 10 * x.length
  for (let i = 0; i < x.length; i++) {
    sum += x[i]! * x[i]! - 10 * Math.cos(2 * Math.PI * x[i]!)
  }
  return -sum
}

/** One round. */
export function round<State extends OptimiserState, Settings extends object>(
  optimiser: Optimiser<State, Settings>,
  state: State,
  objective: Objective,
): State {
  const candidates = optimiser.ask(state)
  return optimiser.tell(state, candidates, candidates.map(objective))
}

/** Rounds until it stops by itself, or so many evaluations have been made. */
export function run<State extends OptimiserState, Settings extends object>(
  optimiser: Optimiser<State, Settings>,
  first: State,
  objective: Objective,
  evaluations: number = 100_000,
): State {
  let state = first
  while (!hasStopped(state) && state.evaluations < evaluations) {
    state = round(optimiser, state, objective)
  }
  return state
}
