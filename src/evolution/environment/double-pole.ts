// Two poles of different length on one cart, the standard benchmark of neuroevolution (Wieland
// 1991; Stanley & Miikkulainen 2002, section 4.2): balance both by pushing the cart every 20 ms.
//
//   doublePole            velocities given; fitness = steps balanced, solved at 100,000 ('dpv')
//   doublePoleNoVelocity  positions only, so the network must remember; damping fitness over 1,000
//                         steps, solved = 100,000 steps and 200 of 625 other starts for 1,000
//                         ('dpnv')
//
// The dynamics are the reference simulator's (equations of Wieland with the cart's friction, RK4 at
// 10 ms, two steps to a push); "36 degrees" is 0.628329 rad there and in the literature's own code.
import { cos, sin } from '../network/elementary.ts'
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

const GRAVITY = -9.8
const CART_MASS = 1
const CART_FRICTION = 5e-4
const HINGE_FRICTION = 2e-6
/** Half-lengths (m) and masses (kg) of the long and the short pole. */
const LENGTH_1 = 0.5
const LENGTH_2 = 0.05
const MASS_1 = 0.1
const MASS_2 = 0.01
const RK4_STEP = 0.01
const TRACK_HALF = 2.4
const ANGLE_LIMIT = 0.628329
const FORCE_MAX = 10

/**
 * Initial angle of the long pole (rad): 4 degrees in the code of NEAT and of the reference
 * simulator.
 */
const START_ANGLE = 0.07
const MARKOV_STEPS = 100_000
const DAMPING_STEPS = 1_000
/**
 * Steps of a run whose sway the damping fitness sums, and which the run must outlast for it to
 * count.
 */
const DAMPING_WINDOW = 100
const GENERALISATION_STEPS = 1_000
/** Starts of 625 that a solution without velocities must pass (Gruau, Whitley & Pyeatt 1996). */
const GENERALISATION_MIN = 200

/**
 * x, its velocity, long pole's angle, its velocity, short pole's angle, its velocity (m, rad, s).
 */
export type DoublePoleState = Float64Array

/**
 * Beyond this angle (rad) the short series are not exact to the last bits; no balanced pole gets
 * there.
 */
const SERIES_ANGLE_MAX = 0.7853981633974483

/**
 * Derivatives `d` of a state under a force. The series of sine and cosine are Taylor's, as in
 * network/elementary.ts, but written out here: most of a step is these four functions, and a call
 * for each made it three times as slow.
 */
function derivatives(state: Float64Array, force: number, d: Float64Array): void {
  const xDot = state[1]!
  const angle1 = state[2]!
  const angleDot1 = state[3]!
  const angle2 = state[4]!
  const angleDot2 = state[5]!
  let sin1: number
  let cos1: number
  let sin2: number
  let cos2: number
  if (Math.abs(angle1) <= SERIES_ANGLE_MAX && Math.abs(angle2) <= SERIES_ANGLE_MAX) {
    // Even and odd powers of z apart: two short chains of operations instead of one long one.
    const z = angle1 * angle1
    const zz = z * z
    sin1 =
      angle1 * (1 + zz * (S2 + zz * (S4 + zz * S6)) + z * (S1 + zz * (S3 + zz * (S5 + zz * S7))))
    cos1 =
      1 + zz * (C2 + zz * (C4 + zz * (C6 + zz * C8))) + z * (C1 + zz * (C3 + zz * (C5 + zz * C7)))
    const y = angle2 * angle2
    const yy = y * y
    sin2 =
      angle2 * (1 + yy * (S2 + yy * (S4 + yy * S6)) + y * (S1 + yy * (S3 + yy * (S5 + yy * S7))))
    cos2 =
      1 + yy * (C2 + yy * (C4 + yy * (C6 + yy * C8))) + y * (C1 + yy * (C3 + yy * (C5 + yy * C7)))
  } else {
    sin1 = sin(angle1)
    cos1 = cos(angle1)
    sin2 = sin(angle2)
    cos2 = cos(angle2)
  }
  const pull1 = GRAVITY * sin1 + (HINGE_FRICTION / (MASS_1 * LENGTH_1)) * angleDot1
  const pull2 = GRAVITY * sin2 + (HINGE_FRICTION / (MASS_2 * LENGTH_2)) * angleDot2
  const force1 = MASS_1 * LENGTH_1 * angleDot1 * angleDot1 * sin1 + 0.75 * MASS_1 * cos1 * pull1
  const force2 = MASS_2 * LENGTH_2 * angleDot2 * angleDot2 * sin2 + 0.75 * MASS_2 * cos2 * pull2
  const mass = CART_MASS + MASS_1 * (1 - 0.75 * cos1 * cos1) + MASS_2 * (1 - 0.75 * cos2 * cos2)
  const friction = xDot > 0 ? CART_FRICTION : xDot < 0 ? -CART_FRICTION : 0
  const acceleration = (force - friction + force1 + force2) / mass
  d[0] = xDot
  d[1] = acceleration
  d[2] = angleDot1
  d[3] = (-0.75 / LENGTH_1) * (acceleration * cos1 + pull1)
  d[4] = angleDot2
  d[5] = (-0.75 / LENGTH_2) * (acceleration * cos2 + pull2)
}

// Coefficients of z^n in sin(x) / x and cos(x), z = x^2: alternating reciprocals of factorials.
const S1 = -1 / 6
const S2 = 1 / 120
const S3 = -1 / 5040
const S4 = 1 / 362880
const S5 = -1 / 39916800
const S6 = 1 / 6227020800
const S7 = -1 / 1307674368000
const C1 = -1 / 2
const C2 = 1 / 24
const C3 = -1 / 720
const C4 = 1 / 40320
const C5 = -1 / 3628800
const C6 = 1 / 479001600
const C7 = -1 / 87178291200
const C8 = 1 / 20922789888000

// Working memory of a step: numbers in typed arrays are not allocated.
const stage = new Float64Array(6)
const d1 = new Float64Array(6)
const d2 = new Float64Array(6)
const d3 = new Float64Array(6)
const d4 = new Float64Array(6)

/** One Runge-Kutta step of fourth order, in place. */
function rk4(state: DoublePoleState, force: number): void {
  derivatives(state, force, d1)
  for (let i = 0; i < 6; i++) stage[i] = state[i]! + 0.5 * RK4_STEP * d1[i]!
  derivatives(stage, force, d2)
  for (let i = 0; i < 6; i++) stage[i] = state[i]! + 0.5 * RK4_STEP * d2[i]!
  derivatives(stage, force, d3)
  for (let i = 0; i < 6; i++) stage[i] = state[i]! + RK4_STEP * d3[i]!
  derivatives(stage, force, d4)
  for (let i = 0; i < 6; i++) {
    state[i]! += (RK4_STEP / 6) * (d1[i]! + 2 * (d2[i]! + d3[i]!) + d4[i]!)
  }
}

/** One control step of 20 ms under a force (N, positive pushes towards positive x), in place. */
export function stepDoublePole(state: DoublePoleState, force: number): void {
  rk4(state, force)
  rk4(state, force)
}

/**
 * Whether the cart is off its track or a pole beyond 36 degrees; true, too, for a state that is no
 * number.
 */
export function hasFailed(state: DoublePoleState): boolean {
  return !(
    Math.abs(state[0]!) <= TRACK_HALF &&
    Math.abs(state[2]!) <= ANGLE_LIMIT &&
    Math.abs(state[4]!) <= ANGLE_LIMIT
  )
}

/**
 * Gruau's fitness against swaying (section 6.2 of the equations' source: 0.1 f1 + 0.9 f2): f1
 * rewards steps, f2 the stillness of the last 100 survived states, whose sum of |x| + |x'| +
 * |angle| + |angle'| (long pole) is `sway`. f2 counts only for more than 100 steps, as in the
 * original code.
 */
export function dampingFitness(steps: number, sway: number): number {
  const survived = (0.1 * steps) / DAMPING_STEPS
  return steps > DAMPING_WINDOW ? survived + (0.9 * 0.75) / sway : survived
}

/**
 * The force for an output of -1 .. 1: 10 N to either side; beyond is clipped. An odd output suits
 * the symmetric task: without biases the whole network is odd, its recurrent links included.
 */
function forceOf(output: number): number {
  return Math.max(-FORCE_MAX, Math.min(FORCE_MAX, FORCE_MAX * output))
}

/** A run from one start for up to `limit` steps. Inputs are scaled as in NEAT's code. */
class DoublePoleEpisode implements Episode {
  /** Steps survived. */
  steps = 0
  #limit = 0
  readonly #velocities: boolean
  readonly #state: DoublePoleState = new Float64Array(6)
  /** Sway of the last DAMPING_WINDOW survived steps. */
  readonly #sway: Float64Array = new Float64Array(DAMPING_WINDOW)

  constructor(velocities: boolean) {
    this.#velocities = velocities
  }

  /** Goes back to a start. */
  begin(start: ArrayLike<number>, limit: number): this {
    this.#state.set(start)
    this.#limit = limit
    this.steps = 0
    return this
  }

  sense(inputs: Float64Array): void {
    const state = this.#state
    if (this.#velocities) {
      inputs[0] = state[0]! / 4.8
      inputs[1] = state[1]! / 2
      inputs[2] = state[2]! / 0.52
      inputs[3] = state[3]! / 2
      inputs[4] = state[4]! / 0.52
      inputs[5] = state[5]! / 2
    } else {
      inputs[0] = state[0]! / 4.8
      inputs[1] = state[2]! / 0.52
      inputs[2] = state[4]! / 0.52
    }
  }

  act(outputs: Float64Array): Outcome {
    const state = this.#state
    stepDoublePole(state, forceOf(outputs[0]!))
    if (hasFailed(state)) return 'ended'
    this.#sway[this.steps % DAMPING_WINDOW] =
      Math.abs(state[0]!) + Math.abs(state[1]!) + Math.abs(state[2]!) + Math.abs(state[3]!)
    this.steps++
    return this.steps === this.#limit ? 'ended' : 'running'
  }

  evaluation(): Evaluation {
    const survived = this.steps
    const solved = survived === this.#limit
    // The number of the failing step, which is one more than were survived, as the literature
    // counts.
    const steps = solved ? survived : survived + 1
    if (this.#velocities) return { fitness: steps, steps, solved }
    let sway = 0
    for (let i = 0; i < DAMPING_WINDOW; i++) sway += this.#sway[i]!
    return { fitness: dampingFitness(survived, sway), steps, solved }
  }
}

const start: readonly number[] = [0, 0, START_ANGLE, 0, 0, 0]

/**
 * The 625 starts of the generalisation test: fractions .05 .25 .5 .75 .95 of the ranges of x (2.16
 * m to either side), its velocity (1.35 m/s), the long pole's angle (3.6 degrees) and its velocity
 * (8.6 degrees/s), x outermost; the short pole stands. Constants of NEAT's code.
 */
export function generalisationStarts(): number[][] {
  const fractions = [0.05, 0.25, 0.5, 0.75, 0.95]
  const starts: number[][] = []
  for (const x of fractions) {
    for (const v of fractions) {
      for (const angle of fractions) {
        for (const angleDot of fractions) {
          starts.push([
            x * 4.32 - 2.16,
            v * 2.7 - 1.35,
            angle * 0.12566304 - 0.06283152,
            angleDot * 0.30019504 - 0.15009752,
            0,
            0,
          ])
        }
      }
    }
  }
  return starts
}

/** The episodes of this thread's compiled networks, by whether velocities are given. */
const markov = new DoublePoleEpisode(true)
const damping = new DoublePoleEpisode(false)

/** Steps survived from a start. */
function balance(
  network: Network,
  episode: DoublePoleEpisode,
  from: ArrayLike<number>,
  limit: number,
): number {
  runEpisode(episode.begin(from, limit), network)
  return episode.steps
}

/** Starts of the 625 from which the network balances 1,000 steps. */
function generalise(network: Network, episode: DoublePoleEpisode): number {
  let passed = 0
  for (const from of generalisationStarts()) {
    const steps = balance(network, episode, from, GENERALISATION_STEPS)
    if (steps === GENERALISATION_STEPS) passed += 1
  }
  return passed
}

function verifyMarkov(network: Network): Verification {
  const steps = balance(network, markov, start, MARKOV_STEPS)
  const solved = steps === MARKOV_STEPS
  const generalisation = solved ? generalise(network, markov) : 0
  return { solved, generalisation, detail: describe(steps, generalisation) }
}

function verifyDamping(network: Network): Verification {
  const steps = balance(network, damping, start, MARKOV_STEPS)
  const generalisation = steps === MARKOV_STEPS ? generalise(network, damping) : 0
  const solved = steps === MARKOV_STEPS && generalisation >= GENERALISATION_MIN
  return { solved, generalisation, detail: describe(steps, generalisation) }
}

function describe(steps: number, generalisation: number): string {
  return `${steps} of ${MARKOV_STEPS} steps, ${generalisation} of 625 starts`
}

/** Double pole with velocities: 6 inputs. */
export const doublePole: Problem = {
  name: 'dpv',
  reference: { task: 'dpv' },
  inputs: 6,
  outputs: 1,
  morphology: {
    anonymous: true,
    sensors: [
      { name: 'cart', length: 2 },
      { name: 'long_pole', length: 2 },
      { name: 'short_pole', length: 2 },
    ],
    actuators: [{ name: 'force', length: 1 }],
  },
  inputNames: ['cart', 'cart speed', 'long pole', 'its speed', 'short pole', 'its speed'],
  outputNames: ['force'],
  outputActivation: 'tanh',
  hiddenActivation: 'tanh',
  needsMemory: false,
  evaluate: (network) => runEpisode(markov.begin(start, MARKOV_STEPS), network),
  episode: () => new DoublePoleEpisode(true).begin(start, MARKOV_STEPS),
  verify: verifyMarkov,
}

/** Double pole without velocities: 3 inputs. */
export const doublePoleNoVelocity: Problem = {
  name: 'dpnv',
  reference: { task: 'dpnv' },
  inputs: 3,
  outputs: 1,
  morphology: {
    anonymous: true,
    sensors: [
      { name: 'cart', length: 1 },
      { name: 'long_pole', length: 1 },
      { name: 'short_pole', length: 1 },
    ],
    actuators: [{ name: 'force', length: 1 }],
  },
  inputNames: ['cart', 'long pole', 'short pole'],
  outputNames: ['force'],
  outputActivation: 'tanh',
  hiddenActivation: 'tanh',
  needsMemory: true,
  evaluate: (network) => runEpisode(damping.begin(start, DAMPING_STEPS), network),
  episode: () => new DoublePoleEpisode(false).begin(start, DAMPING_STEPS),
  verify: verifyDamping,
}
