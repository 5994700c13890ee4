// Problems made of environments: worlds that show something, are acted upon, and reward. An
// environment of your own takes some twenty lines:
//
//   export const walk: Environment = {
//     name: 'walk', stateSize: 1, observationSize: 1, actionSize: 1, maxSteps: 50,
//     reset: (state, random) => { state[0] = random.next() - 0.5 },
//     observe: (state, observation) => { observation[0] = state[0]! },
//     step: (state, action) => {
//       state[0]! += 0.1 * action[0]!
//       return { reward: -Math.abs(state[0]!), done: Math.abs(state[0]!) > 2 }
//     },
//   }
//   export default environmentProblem(walk, { worstReturn: -100, solvedReturn: -1 })
//
// A problem fixes the starts: the draws of streams named by the environment, so that a genotype
// scores the same on every machine, whoever asks. Fitness is the mean return over some episodes,
// above the worst that there can be. All functions are pure but for the state they are given.
//
// A step costs two calls and an object: for one of tens of nanoseconds write the episode yourself,
// as cart-pole.ts does.
import { type Random, seededRandom } from '../../runtime/random.ts'
import type { ActivationName } from '../network/activation.ts'
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, ProblemReference, Verification } from './environment.ts'
import { EnvironmentError } from './environment-error.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

export interface Environment {
  /** Names the random streams of its starts. */
  readonly name: string
  /** Numbers of a state. */
  readonly stateSize: number
  readonly observationSize: number
  readonly actionSize: number
  /** An episode ends after so many steps at the latest. */
  readonly maxSteps: number
  /** Writes the state of a start. */
  reset(state: Float64Array, random: Random): void
  /** Writes what the network perceives. */
  observe(state: Float64Array, observation: Float64Array): void
  /** Changes the state by what the network answers. */
  step(state: Float64Array, action: Float64Array): Step
}

export interface Step {
  readonly reward: number
  readonly done: boolean
}

export interface EnvironmentOptions {
  /** The name of a built-in task. */
  readonly task?: string
  /** Where workers find the problem, for one that is no built-in task. */
  readonly reference?: ProblemReference
  readonly inputNames?: readonly string[]
  readonly outputNames?: readonly string[]
  /** Default `steep_sigmoid`. */
  readonly outputActivation?: ActivationName
  /** Default `tanh`. */
  readonly hiddenActivation?: ActivationName
  readonly needsMemory?: boolean
  /** The lowest return there can be: it counts as fitness 0; a lower one too. */
  readonly worstReturn: number
  /** The mean return that counts as solved. */
  readonly solvedReturn: number
  /** Episodes of a fitness: enough that luck with one of them does not rank a genotype. */
  readonly episodes?: number
  /** Episodes of the full criterion, of other starts. */
  readonly verificationEpisodes?: number
}

const EPISODES = 10
const VERIFICATION_EPISODES = 100

/** One episode after the other, each from its start, the network reset in between. */
class Episodes implements Episode {
  readonly #environment: Environment
  readonly #options: EnvironmentOptions
  readonly #starts: readonly Float64Array[]
  readonly #state: Float64Array
  #episode = 0
  #step = 0
  #steps = 0
  #return = 0

  constructor(environment: Environment, options: EnvironmentOptions, starts: Float64Array[]) {
    this.#environment = environment
    this.#options = options
    this.#starts = starts
    this.#state = new Float64Array(environment.stateSize)
    this.begin()
  }

  begin(): this {
    this.#episode = 0
    this.#step = 0
    this.#steps = 0
    this.#return = 0
    this.#state.set(this.#starts[0]!)
    return this
  }

  sense(inputs: Float64Array): void {
    this.#guarded(() => this.#environment.observe(this.#state, inputs))
  }

  act(outputs: Float64Array): Outcome {
    const { reward, done } = this.#guarded(() => this.#environment.step(this.#state, outputs))
    if (!Number.isFinite(reward)) throw this.#error('bad_reward', `its reward is ${reward}`)
    this.#return += reward
    this.#step++
    this.#steps++
    if (!done && this.#step < this.#environment.maxSteps) return 'running'
    this.#step = 0
    const next = this.#starts[++this.#episode]
    if (next === undefined) return 'ended'
    this.#state.set(next)
    return 'reset'
  }

  evaluation(): Evaluation {
    const { worstReturn } = this.#options
    const mean = this.#return / this.#starts.length
    return {
      fitness: Math.max(0, mean - worstReturn),
      steps: this.#steps,
      solved: mean >= this.#options.solvedReturn,
    }
  }

  #guarded<T>(use: () => T): T {
    try {
      return use()
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause)
      throw this.#error('threw', `it threw: ${said}`, cause)
    }
  }

  #error(code: 'threw' | 'bad_reward', detail: string, cause?: unknown): EnvironmentError {
    const { name } = this.#environment
    return new EnvironmentError(code, name, this.#episode, this.#step, detail, cause)
  }
}

function startsOf(environment: Environment, stream: string, count: number): Float64Array[] {
  const random = seededRandom(`${environment.name} ${stream}`)
  return Array.from({ length: count }, (_, episode) => {
    const state = new Float64Array(environment.stateSize)
    environment.reset(state, random.fork(episode))
    return state
  })
}

/** The problem of an environment. */
export function environmentProblem(environment: Environment, options: EnvironmentOptions): Problem {
  const { episodes = EPISODES, verificationEpisodes = VERIFICATION_EPISODES } = options
  const { task = environment.name, inputNames, outputNames } = options
  let starts: Float64Array[] | undefined
  let running: Episodes | undefined
  const episode = (): Episodes => {
    starts ??= startsOf(environment, 'evaluation', episodes)
    return new Episodes(environment, options, starts)
  }
  const evaluate = (network: Network): Evaluation => {
    // Evaluations of one thread never overlap.
    running = running?.begin() ?? episode()
    return runEpisode(running, network)
  }
  const verify = (network: Network): Verification => {
    const others = startsOf(environment, 'verification', verificationEpisodes)
    const { fitness, solved } = runEpisode(new Episodes(environment, options, others), network)
    const mean = fitness + options.worstReturn
    return { solved, detail: `mean return ${mean.toFixed(1)} over ${others.length} episodes` }
  }
  return {
    name: task,
    reference: options.reference ?? { task },
    inputs: environment.observationSize,
    outputs: environment.actionSize,
    ...(inputNames === undefined ? {} : { inputNames }),
    ...(outputNames === undefined ? {} : { outputNames }),
    outputActivation: options.outputActivation ?? 'steep_sigmoid',
    hiddenActivation: options.hiddenActivation ?? 'tanh',
    needsMemory: options.needsMemory ?? false,
    evaluate,
    episode,
    verify,
  }
}
