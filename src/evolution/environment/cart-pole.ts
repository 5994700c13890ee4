// CartPole-v1: balance one pole on a cart by pushing it left or right with full force, every 20 ms.
// The dynamics are Gymnasium's (Barto, Sutton & Anderson 1983 with explicit Euler), held to its
// trajectories.
//
// Gymnasium draws starts at random; here they are the fixed draws of two named streams, so that a
// genotype scores the same everywhere: fitness is the mean return over EVALUATION_EPISODES starts,
// solved is a mean of 475 or more over 100 others, Gymnasium's own threshold. An output above one
// half pushes to the right.
import { seededRandom } from '../../runtime/random.ts'
import { cos, sin } from '../network/elementary.ts'
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

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
const STEPS_MAX = 500
/** Starts of a fitness: enough that luck with one of them does not rank a genotype. */
const EVALUATION_EPISODES = 10
const VERIFICATION_EPISODES = 100
const SOLVED_RETURN = 475

/** x, its velocity, the pole's angle, its velocity (m, rad, s). */
export type CartPoleState = Float64Array

/** One step of 20 ms, pushing to the right or to the left, in place. */
export function stepCartPole(state: CartPoleState, right: boolean): void {
  const [x = 0, velocity = 0, angle = 0, angleVelocity = 0] = state
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
  state[0] = x + STEP_SECONDS * velocity
  state[1] = velocity + STEP_SECONDS * acceleration
  state[2] = angle + STEP_SECONDS * angleVelocity
  state[3] = angleVelocity + STEP_SECONDS * angleAcceleration
}

/** Whether the episode is over: the cart off its track, or the pole beyond 12 degrees. */
export function hasFallen(state: CartPoleState): boolean {
  return !(Math.abs(state[0]!) <= TRACK_HALF && Math.abs(state[2]!) <= ANGLE_LIMIT)
}

/** `count` starts, the same on every machine. */
function starts(stream: string, count: number): Float64Array[] {
  const random = seededRandom(`CartPole-v1 ${stream}`)
  return Array.from({ length: count }, () => {
    return Float64Array.from({ length: 4 }, () => (2 * random.next() - 1) * START_RANGE)
  })
}

/** One run after another from each start, the network reset in between. */
class CartPoleEpisode implements Episode {
  readonly #starts: readonly Float64Array[]
  readonly #state: CartPoleState = new Float64Array(4)
  #run = 0
  #step = 0
  #steps = 0

  constructor(starts: readonly Float64Array[]) {
    this.#starts = starts
    this.begin()
  }

  begin(): this {
    this.#run = 0
    this.#step = 0
    this.#steps = 0
    this.#state.set(this.#starts[0]!)
    return this
  }

  sense(inputs: Float64Array): void {
    const state = this.#state
    inputs[0] = state[0]! / TRACK_HALF
    inputs[1] = state[1]! / 2
    inputs[2] = state[2]! / ANGLE_LIMIT
    inputs[3] = state[3]! / 2
  }

  act(outputs: Float64Array): Outcome {
    stepCartPole(this.#state, outputs[0]! > 0.5)
    this.#step += 1
    this.#steps += 1
    if (this.#step < STEPS_MAX && !hasFallen(this.#state)) return 'running'
    this.#run += 1
    this.#step = 0
    const next = this.#starts[this.#run]
    if (next === undefined) return 'ended'
    this.#state.set(next)
    return 'reset'
  }

  /** Every step is worth 1, the last of a run too, so the steps are the return. */
  evaluation(): Evaluation {
    const fitness = this.#steps / this.#starts.length
    return { fitness, steps: this.#steps, solved: fitness >= SOLVED_RETURN }
  }
}

const evaluationStarts = starts('evaluation', EVALUATION_EPISODES)
/** The episode of this thread's compiled networks. */
const evaluationEpisode = new CartPoleEpisode(evaluationStarts)

function verify(network: Network): Verification {
  const episode = new CartPoleEpisode(starts('verification', VERIFICATION_EPISODES))
  const { fitness, solved } = runEpisode(episode, network)
  const detail = `mean return ${fitness.toFixed(1)} over ${VERIFICATION_EPISODES} episodes`
  return { solved, detail }
}

export const cartPole: Problem = {
  name: 'cartpole',
  reference: { task: 'cartpole' },
  inputs: 4,
  outputs: 1,
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
  outputActivation: 'steep_sigmoid',
  hiddenActivation: 'steep_sigmoid',
  needsMemory: false,
  evaluate: (network) => runEpisode(evaluationEpisode.begin(), network),
  episode: () => new CartPoleEpisode(evaluationStarts),
  verify,
}
