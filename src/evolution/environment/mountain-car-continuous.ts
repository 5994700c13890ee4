// MountainCarContinuous-v0: the same hill with an engine that pushes as hard as it is told, and
// pays for it (Gymnasium's dynamics, held to its trajectories to the bit: it keeps its state in
// float32, and computes the next from it).
import { cos } from '../network/elementary.ts'
import type { Problem } from './environment.ts'
import { type Environment, environmentProblem } from './environment-problem.ts'
import { mountainCarReach } from './mountain-car.ts'

const MIN_POSITION = -1.2
const MAX_POSITION = 0.6
const GOAL_POSITION = 0.45
const MAX_SPEED = 0.07
const POWER = 0.0015
const GRAVITY = 0.0025

const f32 = Math.fround

/**
 * Position and velocity; one step, in place. `isFresh`: the state is that of a start, which is not
 * in float32 yet. Answers whether the goal was reached.
 */
export function stepMountainCarContinuous(
  state: Float64Array,
  action: number,
  isFresh: boolean,
): boolean {
  const round = isFresh ? (x: number): number => x : f32
  const change = acceleration(f32(action), cos(round(3 * state[0]!)))
  let velocity = round(state[1]! + change)
  if (velocity > round(MAX_SPEED)) velocity = MAX_SPEED
  if (velocity < round(-MAX_SPEED)) velocity = -MAX_SPEED
  let position = round(state[0]! + round(velocity))
  if (position > round(MAX_POSITION)) position = MAX_POSITION
  if (position < round(MIN_POSITION)) position = MIN_POSITION
  if (round(position) === round(MIN_POSITION) && velocity < 0) velocity = 0
  const arrived = position >= round(GOAL_POSITION) && velocity >= 0
  state[0] = f32(position)
  state[1] = f32(velocity)
  return arrived
}

/** A clipped action is no float32 any more: then the sum is rounded once. */
function acceleration(action: number, cosine: number): number {
  const clipped = Math.max(-1, Math.min(1, action))
  if (clipped !== action) return f32(clipped * POWER - GRAVITY * cosine)
  return f32(f32(action * f32(POWER)) - f32(GRAVITY * cosine))
}

/** What an action costs, and what the goal is worth. */
export function mountainCarReward(action: number, arrived: boolean): number {
  const taken = f32(action)
  return (arrived ? 100 : 0) - taken * taken * 0.1
}

/** The third field of the state is 1 at a start. */
export const mountainCarContinuousEnvironment: Environment = {
  name: 'MountainCarContinuous-v0',
  stateSize: 3,
  observationSize: 2,
  actionSize: 1,
  maxSteps: 999,
  reset: (state, random) => {
    state[0] = -0.6 + 0.2 * random.next()
    state[1] = 0
    state[2] = 1
  },
  observe: (state, observation) => {
    observation[0] = (state[0]! + 0.3) / 0.9
    observation[1] = state[1]! / MAX_SPEED
  },
  step: (state, action) => {
    const done = stepMountainCarContinuous(state, action[0]!, state[2] === 1)
    state[2] = 0
    return { reward: mountainCarReward(action[0]!, done), done }
  },
}

/** Solved by Gymnasium's threshold: a mean return of 90. */
export const mountainCarContinuous: Problem = environmentProblem(mountainCarContinuousEnvironment, {
  task: 'mountaincar_continuous',
  inputNames: ['position', 'velocity'],
  outputNames: ['push'],
  outputActivation: 'tanh',
  worstReturn: -100,
  solvedReturn: 90,
  behaviour: mountainCarReach,
})
