// faber_tweann's and DXNN's pole balancing as tasks, with their names: pb_sim, whose sensor
// `pb_GetInput` gives 2, 3, 4 or 6 numbers and whose actuator `pb_SendOutput` pushes. For who comes
// from there and wants to see the same figures; dpv and dpnv (double-pole.ts) are the literature's.
//
//   faberPole({ variant: 6, twoPoles: true, damping: false })   // 6 inputs, a point a step
//
// A run begins at 3.6 degrees and ends with a pole or the cart out of bounds, whose last step is
// worth nothing, or when the goal is passed: that is what solved means, and there is no other test.
// They are far easier than the literature's: the integrator takes energy out of the poles, so that
// some random networks of the first generation balance one by its positions alone.
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, ProblemReference, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'
import {
  type FaberPoleOptions,
  type FaberPoleState,
  faberPoleFitness,
  hasFaberPoleFailed,
  senseFaberPole,
  stepFaberPole,
} from './faber-pole.ts'

export interface FaberPoleProblemOptions extends FaberPoleOptions {
  /** Steps to be balanced; default 100,000, for two poles without velocities 5,000. */
  readonly goal?: number
  /** Where workers find the problem, for one that is no built-in task. */
  readonly reference?: ProblemReference
}

/** 3.6 degrees. */
const START_ANGLE: number = 0.02 * Math.PI
const GOAL = 100_000
const GOAL_FROM_POSITIONS = 5_000
/** Bound of a step's fitness: that of a cart at rest and a pole upright has none in faber. */
const STEP_FITNESS_MAX = 1e9

class FaberPole implements Episode {
  readonly #options: FaberPoleOptions
  readonly #goal: number
  readonly #state: FaberPoleState = new Float64Array(6)
  #steps = 0
  #fitness = 0

  constructor(options: FaberPoleOptions, goal: number) {
    this.#options = options
    this.#goal = goal
    this.#state[2] = START_ANGLE
  }

  sense(inputs: Float64Array): void {
    inputs.set(senseFaberPole(this.#state, this.#options.variant))
  }

  act(outputs: Float64Array): Outcome {
    const { twoPoles, damping } = this.#options
    stepFaberPole(this.#state, outputs[0]!)
    this.#steps++
    // A pole that falls in the very step that passes the goal has been balanced.
    if (!this.#isAtGoal && !isUpright(this.#state, twoPoles)) return 'ended'
    const fitness = faberPoleFitness(this.#state, this.#steps, damping)
    this.#fitness += Math.min(STEP_FITNESS_MAX, fitness)
    return this.#isAtGoal ? 'ended' : 'running'
  }

  evaluation(): Evaluation {
    return { fitness: this.#fitness, steps: this.#steps, solved: this.#isAtGoal }
  }

  get #isAtGoal(): boolean {
    return this.#steps > this.#goal
  }
}

/** False also for a state that is no longer a number. */
function isUpright(state: FaberPoleState, twoPoles: boolean): boolean {
  return Number.isFinite(state[0]! + state[2]!) && !hasFaberPoleFailed(state, twoPoles)
}

const positions = { 2: ['cart', 'pole'], 3: ['cart', 'long pole', 'short pole'] } as const
const states = {
  4: ['cart', 'cart speed', 'pole', 'pole speed'],
  6: ['cart', 'cart speed', 'long pole', 'short pole', 'long speed', 'short speed'],
} as const

/** The problem of a variant; its name is `pb_sim_` and the number of inputs. */
export function faberPole({ goal, reference, ...options }: FaberPoleProblemOptions): Problem {
  const { variant, twoPoles } = options
  const needsMemory = variant === 2 || variant === 3
  const steps = goal ?? (twoPoles && needsMemory ? GOAL_FROM_POSITIONS : GOAL)
  const task = `pb_sim_${variant}`
  const episode = (): Episode => new FaberPole(options, steps)
  const evaluate = (network: Network): Evaluation => runEpisode(episode(), network)
  const verify = (network: Network): Verification => {
    const { steps: balanced, solved } = evaluate(network)
    return { solved, detail: `balances ${Math.min(balanced, steps)} of ${steps} steps` }
  }
  return {
    name: task,
    reference: reference ?? { task },
    inputs: variant,
    outputs: 1,
    inputNames: { ...positions, ...states }[variant],
    outputNames: ['push'],
    morphology: {
      sensors: [{ name: 'pb_GetInput', length: variant }],
      actuators: [{ name: 'pb_SendOutput', length: 1 }],
    },
    outputActivation: 'tanh',
    hiddenActivation: 'tanh',
    needsMemory,
    evaluate,
    episode,
    verify,
  }
}

/** One pole, positions only. */
export const faberPole2: Problem = faberPole({ variant: 2, twoPoles: false, damping: false })
/** Two poles, positions only, `with_damping`: the morphology `pole_balancing` of both. */
export const faberPole3: Problem = faberPole({ variant: 3, twoPoles: true, damping: true })
/** One pole, velocities given. */
export const faberPole4: Problem = faberPole({ variant: 4, twoPoles: false, damping: false })
/** Two poles, velocities given. */
export const faberPole6: Problem = faberPole({ variant: 6, twoPoles: true, damping: false })
