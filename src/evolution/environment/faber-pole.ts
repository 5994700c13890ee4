// Pole balancing as faber_tweann's and DXNN's pb_sim has it: explicit Euler of 10 ms, the force in
// the first of two substeps only, g = 9.81, a start of 3.6 degrees. Not the literature's task
// (double-pole.ts); for comparison with those two. Held to faber's trajectories.
import { cos, sin } from '../network/elementary.ts'

/** x, velocity, then angle and angular velocity of the long and of the short pole. */
export type FaberPoleState = Float64Array

export interface FaberPoleOptions {
  /** What is perceived: 2, 3, 4 or 6 numbers. */
  readonly variant: 2 | 3 | 4 | 6
  /** Whether the short pole may fall, too. */
  readonly twoPoles: boolean
  /** Fitness rewards little movement instead of time alone. */
  readonly damping: boolean
}

const GRAVITY = -9.81
const CART_FRICTION = 5e-4
const HINGE_FRICTION = 2e-6
const [LENGTH_1, LENGTH_2, MASS_1, MASS_2] = [0.5, 0.05, 0.1, 0.01] as const
const SUBSTEP = 0.01
const FORCE_MAX = 10
const TRACK_HALF = 2.4
/** 36 degrees. */
const ANGLE_LIMIT: number = 0.2 * Math.PI
const DAMPING_FROM = 100

function substep(state: FaberPoleState, force: number): void {
  const [x = 0, velocity = 0, angle1 = 0, speed1 = 0, angle2 = 0, speed2 = 0] = state
  const [sin1, cos1, sin2, cos2] = [sin(angle1), cos(angle1), sin(angle2), cos(angle2)]
  const mass = 1 + MASS_1 * (1 - 0.75 * cos1 * cos1) + MASS_2 * (1 - 0.75 * cos2 * cos2)
  const hinge1 = (HINGE_FRICTION * speed1) / (MASS_1 * LENGTH_1)
  const hinge2 = (HINGE_FRICTION * speed2) / (MASS_2 * LENGTH_2)
  const force1 =
    MASS_1 * LENGTH_1 * speed1 * speed1 * sin1 + 0.75 * MASS_1 * cos1 * (hinge1 + GRAVITY * sin1)
  // The peer divides by the mass of the other pole here, and here only.
  const pull2 = (HINGE_FRICTION * speed2) / (MASS_1 * LENGTH_2) + GRAVITY * sin2
  const force2 = MASS_2 * LENGTH_2 * speed2 * speed2 * sin2 + 0.75 * MASS_2 * cos2 * pull2
  const friction = CART_FRICTION * Math.sign(velocity)
  const acceleration = (force - friction + force1 + force2) / mass
  const turn1 = (-0.75 / LENGTH_1) * (acceleration * cos1 + GRAVITY * sin1 + hinge1)
  const turn2 = (-0.75 / LENGTH_2) * (acceleration * cos2 + GRAVITY * sin2 + hinge2)
  state[0] = x + SUBSTEP * velocity
  state[1] = velocity + SUBSTEP * acceleration
  state[3] = speed1 + SUBSTEP * turn1
  state[2] = angle1 + SUBSTEP * state[3]!
  state[5] = speed2 + SUBSTEP * turn2
  state[4] = angle2 + SUBSTEP * state[5]!
}

/** One control step under an output of the network, in place. */
export function stepFaberPole(state: FaberPoleState, output: number): void {
  substep(state, FORCE_MAX * output)
  substep(state, 0)
}

/** What the network perceives: positions over their limits, angular velocities as they are. */
export function senseFaberPole(state: FaberPoleState, variant: 2 | 3 | 4 | 6): number[] {
  const x = state[0]! / TRACK_HALF
  const velocity = state[1]! / 10
  const angle1 = state[2]! / ANGLE_LIMIT
  const angle2 = state[4]! / ANGLE_LIMIT
  if (variant === 2) return [x, angle1]
  if (variant === 3) return [x, angle1, angle2]
  if (variant === 4) return [x, velocity, angle1, state[3]!]
  return [x, velocity, angle1, angle2, state[3]!, state[5]!]
}

export function hasFaberPoleFailed(state: FaberPoleState, twoPoles: boolean): boolean {
  const isLost = Math.abs(state[0]!) > TRACK_HALF || Math.abs(state[2]!) > ANGLE_LIMIT
  return isLost || (twoPoles && Math.abs(state[4]!) > ANGLE_LIMIT)
}

/** What step t (from 1) adds to the fitness of a run that goes on. */
export function faberPoleFitness(state: FaberPoleState, t: number, damping: boolean): number {
  if (!damping) return 1
  const sway = Math.abs(state[0]!) + Math.abs(state[1]!) + Math.abs(state[2]!) + Math.abs(state[3]!)
  return (0.1 * t) / 1000 + (t < DAMPING_FROM ? 0 : 0.9 * (0.75 / sway))
}
