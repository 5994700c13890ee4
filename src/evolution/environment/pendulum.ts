// Pendulum-v1: swing a pendulum up and hold it there with a motor that cannot lift it
// (Gymnasium's dynamics, held to its trajectories). The action is the torque over 2.
import { cos, sin } from '../network/elementary.ts'
import type { Problem } from './environment.ts'
import { type Environment, environmentProblem } from './environment-problem.ts'

const GRAVITY = 10
const STEP_SECONDS = 0.05
const MAX_TORQUE = 2
const MAX_SPEED = 8
const TURN: number = 2 * Math.PI

/** Angle (0 = up) and angular velocity; one step under a torque, in place. Answers the reward. */
export function stepPendulum(state: Float64Array, torque: number): number {
  const [angle, speed] = [state[0]!, state[1]!]
  const u = Math.max(-MAX_TORQUE, Math.min(MAX_TORQUE, torque))
  const tilt = wrapped(angle)
  const cost = tilt * tilt + 0.1 * speed * speed + 0.001 * u * u
  const faster = speed + (((3 * GRAVITY) / 2) * sin(angle) + 3 * u) * STEP_SECONDS
  state[1] = Math.max(-MAX_SPEED, Math.min(MAX_SPEED, faster))
  state[0] = angle + state[1]! * STEP_SECONDS
  return -cost
}

/** The angle in [-pi, pi). */
function wrapped(angle: number): number {
  const rest = (angle + Math.PI) % TURN
  return (rest < 0 ? rest + TURN : rest) - Math.PI
}

/** What Gymnasium shows: cosine and sine of the angle, and the velocity. */
export function observePendulum(state: Float64Array, observation: Float64Array): void {
  observation[0] = cos(state[0]!)
  observation[1] = sin(state[0]!)
  observation[2] = state[1]!
}

export const pendulumEnvironment: Environment = {
  name: 'Pendulum-v1',
  stateSize: 2,
  observationSize: 3,
  actionSize: 1,
  maxSteps: 200,
  reset: (state, random) => {
    state[0] = Math.PI * (2 * random.next() - 1)
    state[1] = 2 * random.next() - 1
  },
  observe: observePendulum,
  step: (state, action) => ({ reward: stepPendulum(state, MAX_TORQUE * action[0]!), done: false }),
}

/** Gymnasium names no threshold; a mean return of -200 is good, and counts as solved here. */
export const pendulum: Problem = environmentProblem(pendulumEnvironment, {
  task: 'pendulum',
  inputNames: ['cos', 'sin', 'speed'],
  outputNames: ['torque'],
  outputActivation: 'tanh',
  // Upside down at full speed all the time.
  worstReturn: -3_300,
  solvedReturn: -200,
})
