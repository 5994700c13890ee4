// Acrobot-v1: two links, a motor at the joint between them; swing the tip above the bar (Sutton
// 1996; Gymnasium's "book" dynamics, one step of Runge-Kutta of 0.2 s, held to its trajectories).
// Actions 0, 1, 2 are torques of -1, 0 and 1.
import { cos, sin } from '../network/elementary.ts'
import { argmax } from '../network/output-processing.ts'
import type { Problem } from './environment.ts'
import { type Environment, environmentProblem } from './environment-problem.ts'
import { rungeKutta } from './runge-kutta.ts'

const GRAVITY = 9.8
const STEP_SECONDS = 0.2
const HALF_PI: number = Math.PI / 2
const TURN: number = 2 * Math.PI
const MAX_SPEED_1: number = 4 * Math.PI
const MAX_SPEED_2: number = 9 * Math.PI

/** Angles and angular velocities of both links (rad, s): their change under a torque. */
function derivatives(s: Float64Array, torque: number, d: Float64Array): void {
  const [angle1, angle2, speed1, speed2] = [s[0]!, s[1]!, s[2]!, s[3]!]
  // Lengths and masses are 1, centres of mass at 0.5, moments of inertia 1.
  const cosine = cos(angle2)
  const sine = sin(angle2)
  const d1 = 0.25 + (1 + 0.25 + cosine) + 2
  const d2 = 0.25 + 0.5 * cosine + 1
  const phi2 = 0.5 * GRAVITY * cos(angle1 + angle2 - HALF_PI)
  const phi1 =
    -0.5 * speed2 * speed2 * sine -
    speed2 * speed1 * sine +
    1.5 * GRAVITY * cos(angle1 - HALF_PI) +
    phi2
  const acceleration2 =
    (torque + (d2 / d1) * phi1 - 0.5 * speed1 * speed1 * sine - phi2) / (0.25 + 1 - (d2 * d2) / d1)
  d[0] = speed1
  d[1] = speed2
  d[2] = -(d2 * acceleration2 + phi1) / d1
  d[3] = acceleration2
}

const swing = rungeKutta(4, derivatives)

/** One step, in place. */
export function stepAcrobot(state: Float64Array, action: number): void {
  swing(state, action - 1, STEP_SECONDS)
  state[0] = wrapped(state[0]!)
  state[1] = wrapped(state[1]!)
  state[2] = Math.max(-MAX_SPEED_1, Math.min(MAX_SPEED_1, state[2]!))
  state[3] = Math.max(-MAX_SPEED_2, Math.min(MAX_SPEED_2, state[3]!))
}

/** The angle within half a turn of 0. */
function wrapped(angle: number): number {
  let x = angle
  while (x > Math.PI) x -= TURN
  while (x < -Math.PI) x += TURN
  return x
}

/** The tip is a link's length above the bar. */
export function hasSwungUp(state: Float64Array): boolean {
  return -cos(state[0]!) - cos(state[1]! + state[0]!) > 1
}

/** What Gymnasium shows: cosine and sine of both angles, both velocities. */
export function observeAcrobot(state: Float64Array, observation: Float64Array): void {
  observation[0] = cos(state[0]!)
  observation[1] = sin(state[0]!)
  observation[2] = cos(state[1]!)
  observation[3] = sin(state[1]!)
  observation[4] = state[2]!
  observation[5] = state[3]!
}

export const acrobotEnvironment: Environment = {
  name: 'Acrobot-v1',
  stateSize: 4,
  observationSize: 6,
  actionSize: 3,
  maxSteps: 500,
  reset: (state, random) => {
    for (let i = 0; i < 4; i++) state[i] = -0.1 + 0.2 * random.next()
  },
  observe: observeAcrobot,
  step: (state, action) => {
    stepAcrobot(state, argmax(action))
    const done = hasSwungUp(state)
    return { reward: done ? 0 : -1, done }
  },
}

/** Solved by Gymnasium's threshold: a mean return of -100. */
export const acrobot: Problem = environmentProblem(acrobotEnvironment, {
  task: 'acrobot',
  morphology: {
    anonymous: true,
    sensors: [
      { name: 'first_angle', length: 2 },
      { name: 'second_angle', length: 2 },
      { name: 'speeds', length: 2 },
    ],
    actuators: [{ name: 'torque', length: 3 }],
  },
  inputNames: ['cos 1', 'sin 1', 'cos 2', 'sin 2', 'speed 1', 'speed 2'],
  outputNames: ['back', 'none', 'forth'],
  worstReturn: -500,
  solvedReturn: -100,
})
