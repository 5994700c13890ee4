// MountainCar-v0: an engine too weak to climb the hill must swing up (Moore 1990; Gymnasium's
// dynamics, held to its trajectories). Actions 0, 1, 2 push to the left, not at all, to the right.
import { cos } from '../network/elementary.ts'
import { argmax } from '../network/output-processing.ts'
import type { Problem } from './environment.ts'
import {
  type Environment,
  type EnvironmentBehaviour,
  environmentProblem,
} from './environment-problem.ts'

const MIN_POSITION = -1.2
const MAX_POSITION = 0.6
const GOAL_POSITION = 0.5
const MAX_SPEED = 0.07
const FORCE = 0.001
const GRAVITY = 0.0025

/** Position and velocity; one step, in place. */
export function stepMountainCar(state: Float64Array, action: number): void {
  let velocity = state[1]! + (action - 1) * FORCE + cos(3 * state[0]!) * -GRAVITY
  velocity = Math.max(-MAX_SPEED, Math.min(MAX_SPEED, velocity))
  const position = Math.max(MIN_POSITION, Math.min(MAX_POSITION, state[0]! + velocity))
  state[0] = position
  state[1] = position === MIN_POSITION && velocity < 0 ? 0 : velocity
}

/** At the goal, not rolling back. */
export function hasArrived(state: Float64Array): boolean {
  return state[0]! >= GOAL_POSITION && state[1]! >= 0
}

/** How far the car has come to the left and to the right: who does not swing up moves little. */
export const mountainCarReach: EnvironmentBehaviour = {
  space: {
    axes: [
      { name: 'leftmost position', low: MIN_POSITION, high: MAX_POSITION },
      { name: 'rightmost position', low: MIN_POSITION, high: MAX_POSITION },
    ],
  },
  trace: (behaviour, state, step) => {
    // The other task keeps its positions in float32, which rounds beyond the ends.
    const position = Math.max(MIN_POSITION, Math.min(MAX_POSITION, state[0]!))
    if (step === 0) behaviour.fill(position)
    behaviour[0] = Math.min(behaviour[0]!, position)
    behaviour[1] = Math.max(behaviour[1]!, position)
  },
}

export const mountainCarEnvironment: Environment = {
  name: 'MountainCar-v0',
  stateSize: 2,
  observationSize: 2,
  actionSize: 3,
  maxSteps: 200,
  reset: (state, random) => {
    state[0] = -0.6 + 0.2 * random.next()
    state[1] = 0
  },
  // Both to about one: the cart's range is 1.8 wide around -0.3.
  observe: (state, observation) => {
    observation[0] = (state[0]! + 0.3) / 0.9
    observation[1] = state[1]! / MAX_SPEED
  },
  step: (state, action) => {
    stepMountainCar(state, argmax(action))
    return { reward: -1, done: hasArrived(state) }
  },
}

/** Solved by Gymnasium's threshold: a mean return of -110. */
export const mountainCar: Problem = environmentProblem(mountainCarEnvironment, {
  task: 'mountaincar',
  inputNames: ['position', 'velocity'],
  outputNames: ['left', 'none', 'right'],
  worstReturn: -200,
  solvedReturn: -110,
  behaviour: mountainCarReach,
})
