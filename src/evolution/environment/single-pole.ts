// One pole on a cart (Barto, Sutton & Anderson 1983 in Wieland's equations, without friction as in
// the reference simulator), held to its trajectories.
//
//   singlePole             velocities given; fitness = steps balanced, solved at 100,000 ('spv')
//   singlePoleNoVelocity   positions only, so the network must remember ('spnv')
import type { Network } from '../network/interpreter.ts'
import { frictionless, stepCartPoles } from './cart-poles.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

const TRACK_HALF = 2.4
/** 12 degrees. */
const ANGLE_LIMIT = 0.20943951023931953
const FORCE_MAX = 10
/** 4 degrees, as the two poles start. */
const START_ANGLE = 0.07
const STEPS_MAX = 100_000

/** One control step of 20 ms under a force (N), in place: x, velocity, angle, angular velocity. */
export function stepSinglePole(state: Float64Array, force: number): void {
  stepCartPoles(state, force, frictionless)
}

/** The cart off its track, or the pole beyond 12 degrees. */
export function hasSinglePoleFailed(state: Float64Array): boolean {
  return !(Math.abs(state[0]!) <= TRACK_HALF && Math.abs(state[2]!) <= ANGLE_LIMIT)
}

class Balancing implements Episode {
  readonly #hasVelocities: boolean
  readonly #state: Float64Array = new Float64Array(4)
  #steps = 0
  #isOver = false

  constructor(hasVelocities: boolean) {
    this.#hasVelocities = hasVelocities
    this.#state[2] = START_ANGLE
  }

  sense(inputs: Float64Array): void {
    const state = this.#state
    inputs[0] = state[0]! / TRACK_HALF
    inputs[1] = this.#hasVelocities ? state[1]! / 2 : state[2]! / ANGLE_LIMIT
    if (!this.#hasVelocities) return
    inputs[2] = state[2]! / ANGLE_LIMIT
    inputs[3] = state[3]! / 2
  }

  act(outputs: Float64Array): Outcome {
    stepSinglePole(this.#state, FORCE_MAX * Math.max(-1, Math.min(1, outputs[0]!)))
    if (hasSinglePoleFailed(this.#state)) this.#isOver = true
    else this.#steps++
    return this.#isOver || this.#steps >= STEPS_MAX ? 'ended' : 'running'
  }

  evaluation(): Evaluation {
    const steps = this.#steps
    return { fitness: steps, steps, solved: steps >= STEPS_MAX }
  }
}

function problem(task: string, hasVelocities: boolean): Problem {
  const evaluate = (network: Network): Evaluation =>
    runEpisode(new Balancing(hasVelocities), network)
  const verify = (network: Network): Verification => {
    const { steps, solved } = evaluate(network)
    return { solved, detail: `balances ${steps} of ${STEPS_MAX} steps` }
  }
  return {
    name: task,
    reference: { task },
    inputs: hasVelocities ? 4 : 2,
    outputs: 1,
    morphology: {
      anonymous: true,
      sensors: ['cart', 'pole'].map((name) => ({ name, length: hasVelocities ? 2 : 1 })),
      actuators: [{ name: 'push', length: 1 }],
    },
    inputNames: hasVelocities ? ['cart', 'cart speed', 'pole', 'pole speed'] : ['cart', 'pole'],
    outputNames: ['push'],
    // A network of tanh without biases is odd, as the task is symmetric.
    outputActivation: 'tanh',
    hiddenActivation: 'tanh',
    needsMemory: !hasVelocities,
    evaluate,
    episode: () => new Balancing(hasVelocities),
    verify,
  }
}

export const singlePole: Problem = problem('spv', true)
export const singlePoleNoVelocity: Problem = problem('spnv', false)
