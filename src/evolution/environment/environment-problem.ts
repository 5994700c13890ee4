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
// A step costs two calls and an object. Where that is much of a step, write a `LaneEnvironment`
// (lane-environment.ts, cart-pole.ts): one call moves all episodes. Either way the episodes of an
// evaluation run side by side, where the kernel can run the network.
import type { Random } from '../../runtime/random.ts'
import { checkMorphology, type ProblemMorphology, partNames } from '../morphology.ts'
import type { ActivationName } from '../network/activation.ts'
import type { Network } from '../network/interpreter.ts'
import type {
  BehaviourSpace,
  Evaluation,
  Problem,
  ProblemReference,
  Verification,
} from './environment.ts'
import { EnvironmentWatch } from './environment-watch.ts'
import { runEpisode } from './episode.ts'
import type { LaneEnvironment } from './lane-environment.ts'
import { LaneEpisodes } from './lane-episodes.ts'

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

/**
 * What a network does in an episode, as a point: `space` says what its numbers are, `trace` writes
 * them. It is called with the start, as step 0, and again after each step; what it has written
 * stays until the next call, zeros at first. For where an episode ends:
 * `trace: (behaviour, state) => { behaviour[0] = state[0]! }`.
 */
export interface EnvironmentBehaviour {
  readonly space: BehaviourSpace
  trace(behaviour: Float64Array, state: Float64Array, step: number): void
}

export interface EnvironmentOptions {
  /** The name of a built-in task. */
  readonly task?: string
  /** Where workers find the problem, for one that is no built-in task. */
  readonly reference?: ProblemReference
  readonly inputNames?: readonly string[]
  readonly outputNames?: readonly string[]
  /** The body: sensors that add up to `observationSize`, actuators to `actionSize`. */
  readonly morphology?: ProblemMorphology
  /** Default `steep_sigmoid`. */
  readonly outputActivation?: ActivationName
  /** Default `tanh`. */
  readonly hiddenActivation?: ActivationName
  readonly needsMemory?: boolean
  /** The lowest return there can be: it counts as fitness 0; a lower one too. */
  readonly worstReturn: number
  /** The mean return that counts as solved. */
  readonly solvedReturn: number
  /** What networks did, for novelty search and MAP-Elites; the mean over the episodes counts. */
  readonly behaviour?: EnvironmentBehaviour
  /** Episodes of a fitness: enough that luck with one of them does not rank a genotype. */
  readonly episodes?: number
  /** Episodes of the full criterion, of other starts. */
  readonly verificationEpisodes?: number
}

const EPISODES = 10
const VERIFICATION_EPISODES = 100

/**
 * The problem of an environment. Throws a RangeError for sizes that are none, or that do not fit
 * its morphology. What the environment does wrong later, `evaluate`, `episode` and `verify` throw
 * as an `EnvironmentError`.
 */
export function environmentProblem(
  environment: Environment | LaneEnvironment,
  options: EnvironmentOptions,
): Problem {
  const { episodes = EPISODES, verificationEpisodes = VERIFICATION_EPISODES } = options
  const { behaviour, task = environment.name, morphology } = options
  const { inputNames = namesFor(morphology?.sensors) } = options
  const { outputNames = namesFor(morphology?.actuators) } = options
  const { stateSize, observationSize, actionSize, maxSteps } = environment
  const sizes = { stateSize, observationSize, actionSize, maxSteps, episodes, verificationEpisodes }
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size >= 1) continue
    throw new RangeError(`${name} of ${environment.name} is ${size}: use a whole number from 1 on`)
  }
  if (morphology !== undefined) {
    checkMorphology(morphology, { inputs: observationSize, outputs: actionSize })
  }
  const stream = 'evaluation'
  let starts: Float64Array[] | undefined
  let running: LaneEpisodes | undefined
  const begin = (lanes: number): LaneEpisodes => {
    starts ??= new EnvironmentWatch(environment, stream, 1).starts(episodes)
    return new LaneEpisodes(environment, { ...options, stream, starts, lanes })
  }
  const evaluate = (network: Network): Evaluation => {
    // Evaluations of one thread never overlap.
    running = running?.begin() ?? begin(1)
    return runEpisode(running, network)
  }
  return {
    name: task,
    reference: options.reference ?? { task },
    inputs: observationSize,
    outputs: actionSize,
    ...(inputNames === undefined ? {} : { inputNames }),
    ...(outputNames === undefined ? {} : { outputNames }),
    ...(morphology === undefined ? {} : { morphology }),
    outputActivation: options.outputActivation ?? 'steep_sigmoid',
    hiddenActivation: options.hiddenActivation ?? 'tanh',
    needsMemory: options.needsMemory ?? false,
    ...(behaviour === undefined
      ? {}
      : { behaviourSize: behaviour.space.axes.length, behaviourSpace: behaviour.space }),
    lanes: { episodes, begin },
    evaluate,
    episode: () => begin(1),
    verify: (network) => verify(environment, options, network),
  }
}

function verify(
  environment: Environment | LaneEnvironment,
  options: EnvironmentOptions,
  network: Network,
): Verification {
  const { verificationEpisodes: count = VERIFICATION_EPISODES } = options
  const stream = 'verification'
  const starts = new EnvironmentWatch(environment, stream, 1).starts(count)
  const trial = new LaneEpisodes(environment, { ...options, stream, starts, lanes: 1 })
  const { solved } = runEpisode(trial, network)
  const mean = Number(trial.meanReturn.toPrecision(5))
  return { solved, detail: `mean return ${mean} over ${count} episodes` }
}

function namesFor(parts: ProblemMorphology['sensors']): readonly string[] | undefined {
  return parts === undefined ? undefined : partNames(parts)
}
