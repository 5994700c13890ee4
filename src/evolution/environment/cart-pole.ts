// CartPole-v1: balance one pole on a cart by pushing it left or right with full force, every 20 ms.
// The dynamics are Gymnasium's (Barto, Sutton & Anderson 1983 with explicit Euler), held to its
// trajectories.
//
// Gymnasium draws starts at random; here they are the fixed draws of two named streams, so that a
// genotype scores the same everywhere: fitness is the mean return over ten starts, solved is a mean
// of 475 or more over 100 others, Gymnasium's own threshold. An output above one half pushes to the
// right.
import { cos, sin } from '../network/elementary.ts'
import type { Problem } from './environment.ts'
import { environmentProblem } from './environment-problem.ts'
import type { LaneEnvironment } from './lane-environment.ts'

const GRAVITY = 9.8
const CART_MASS = 1
const POLE_MASS = 0.1
/** Half the pole's length (m). */
const POLE_LENGTH = 0.5
const FORCE = 10
const STEP_SECONDS = 0.02
const TRACK_HALF = 2.4
/** 12 degrees. */
const ANGLE_LIMIT = 0.20943951023931953
/** Starts are uniform within this of zero, in each of the four coordinates. */
const START_RANGE = 0.05

/** x, its velocity, the pole's angle, its velocity (m, rad, s). */
export type CartPoleState = Float64Array

/** One step of 20 ms, pushing to the right or to the left, in place. */
export function stepCartPole(state: CartPoleState, right: boolean): void {
  stepAt(state, 0, 1, right)
}

/** The same for the state of which number i is at `at + i * stride`. */
function stepAt(states: Float64Array, at: number, stride: number, right: boolean): void {
  const atVelocity = at + stride
  const atAngle = atVelocity + stride
  const atAngleVelocity = atAngle + stride
  const velocity = states[atVelocity]!
  const angle = states[atAngle]!
  const angleVelocity = states[atAngleVelocity]!
  const force = right ? FORCE : -FORCE
  const cosine = cos(angle)
  const sine = sin(angle)
  const mass = CART_MASS + POLE_MASS
  const lever = POLE_MASS * POLE_LENGTH
  const thrust = (force + lever * angleVelocity * angleVelocity * sine) / mass
  const angleAcceleration =
    (GRAVITY * sine - cosine * thrust) /
    (POLE_LENGTH * (4 / 3 - (POLE_MASS * cosine * cosine) / mass))
  const acceleration = thrust - (lever * angleAcceleration * cosine) / mass
  states[at]! += STEP_SECONDS * velocity
  states[atVelocity] = velocity + STEP_SECONDS * acceleration
  states[atAngle] = angle + STEP_SECONDS * angleVelocity
  states[atAngleVelocity] = angleVelocity + STEP_SECONDS * angleAcceleration
}

/** Whether the episode is over: the cart off its track, or the pole beyond 12 degrees. */
export function hasFallen(state: CartPoleState): boolean {
  return isOver(state[0]!, state[2]!)
}

function isOver(x: number, angle: number): boolean {
  return !(Math.abs(x) <= TRACK_HALF && Math.abs(angle) <= ANGLE_LIMIT)
}

export const cartPoleEnvironment: LaneEnvironment = {
  name: 'CartPole-v1',
  lanes: true,
  stateSize: 4,
  observationSize: 4,
  actionSize: 1,
  maxSteps: 500,
  reset: (state, random) => {
    for (let i = 0; i < 4; i++) state[i] = (2 * random.next() - 1) * START_RANGE
  },
  observe: ({ count, state, observation }) => {
    for (let lane = 0; lane < count; lane++) {
      observation[lane] = state[lane]! / TRACK_HALF
      observation[count + lane] = state[count + lane]! / 2
      observation[2 * count + lane] = state[2 * count + lane]! / ANGLE_LIMIT
      observation[3 * count + lane] = state[3 * count + lane]! / 2
    }
  },
  step: ({ count, state, action, reward, done }) => {
    for (let lane = 0; lane < count; lane++) {
      if (done[lane] === 1) continue
      stepAt(state, lane, count, action[lane]! > 0.5)
      reward[lane] = 1
      if (isOver(state[lane]!, state[2 * count + lane]!)) done[lane] = 1
    }
  },
}

/** Solved by Gymnasium's threshold: a mean return of 475; a step is worth 1, the last one, too. */
export const cartPole: Problem = environmentProblem(cartPoleEnvironment, {
  task: 'cartpole',
  morphology: {
    anonymous: true,
    sensors: [
      { name: 'cart', length: 2 },
      { name: 'pole', length: 2 },
    ],
    actuators: [{ name: 'push', length: 1 }],
  },
  inputNames: ['cart', 'cart speed', 'pole', 'pole speed'],
  outputNames: ['push right'],
  hiddenActivation: 'steep_sigmoid',
  worstReturn: 0,
  solvedReturn: 475,
})
