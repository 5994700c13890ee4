// An environment whose every answer is checked: users write environments, and what one does wrong
// is to be told by its name, seed, episode and step, not to be scored.
//
//   const guarded = new GuardedEnvironment(walk, new EnvironmentWatch(walk, 'evaluation', 1), 1)
//
// Here the plain kind, called for each lane in turn; guarded-lanes.ts has the one of lanes.
//
// Typed arrays lose what is written beyond their end, without a word. So `observe` is tried once on
// longer ones: who writes up to the end, however far that is, goes by the array's length and is
// right; who writes equally far in both writes too much.
import type { Environment, Step } from './environment-problem.ts'
import type { EnvironmentWatch } from './environment-watch.ts'

/** Episodes side by side, checked. Element i of lane l of an array is at [i * lanes + l]. */
export interface CheckedEnvironment {
  /** What the last step was worth, by lane. */
  readonly reward: Float64Array
  /** By lane, 1: the last step ended the episode. */
  readonly done: Uint8Array
  /** Puts an episode into a lane. */
  begin(lane: number, start: Float64Array): void
  /** The state of a lane, to be read at once. */
  stateOf(lane: number): Float64Array
  /** Writes what the networks perceive: zeros in lanes without an episode. */
  observe(inputs: Float64Array): void
  /** Takes what they answer. */
  step(outputs: Float64Array): void
}

/** Numbers beyond the end, in which too much that is written shows. */
export const MARGIN = 8

export class GuardedEnvironment implements CheckedEnvironment {
  readonly reward: Float64Array
  readonly done: Uint8Array
  readonly #environment: Environment
  readonly #watch: EnvironmentWatch
  readonly #states: readonly Float64Array[]
  /** What is observed, before anybody sees it. */
  readonly #seen: Float64Array
  readonly #action: Float64Array
  #isTried = false

  constructor(environment: Environment, watch: EnvironmentWatch, lanes: number) {
    this.reward = new Float64Array(lanes)
    this.done = new Uint8Array(lanes)
    this.#environment = environment
    this.#watch = watch
    this.#states = Array.from({ length: lanes }, () => new Float64Array(environment.stateSize))
    this.#seen = new Float64Array(environment.observationSize)
    this.#action = new Float64Array(environment.actionSize)
  }

  begin(lane: number, start: Float64Array): void {
    this.#states[lane]!.set(start)
  }

  stateOf(lane: number): Float64Array {
    return this.#states[lane]!
  }

  observe(inputs: Float64Array): void {
    const { length: lanes } = this.#states
    const seen = this.#seen
    for (let lane = 0; lane < lanes; lane++) {
      if (this.#watch.isIdle(lane)) seen.fill(0)
      else this.#look(lane)
      for (let i = 0; i < seen.length; i++) inputs[i * lanes + lane] = seen[i]!
    }
  }

  step(outputs: Float64Array): void {
    const { length: lanes } = this.#states
    const action = this.#action
    for (let lane = 0; lane < lanes; lane++) {
      if (this.#watch.isIdle(lane)) continue
      for (let i = 0; i < action.length; i++) action[i] = outputs[i * lanes + lane]!
      const { reward, done } = this.#stepLane(lane)
      this.reward[lane] = reward
      this.done[lane] = done ? 1 : 0
    }
  }

  #look(lane: number): void {
    const state = this.#states[lane]!
    if (!this.#isTried) this.#tryLengths(lane)
    const seen = this.#seen
    seen.fill(Number.NaN)
    try {
      this.#environment.observe(state, seen)
    } catch (cause) {
      throw this.#watch.threw(lane, cause)
    }
    for (let i = 0; i < seen.length; i++) {
      if (Number.isNaN(seen[i])) throw this.#watch.notObserved(lane, i)
    }
  }

  #stepLane(lane: number): Step {
    let answer: unknown
    try {
      answer = this.#environment.step(this.#states[lane]!, this.#action)
    } catch (cause) {
      throw this.#watch.threw(lane, cause)
    }
    if (!isStep(answer)) {
      throw this.#watch.error(lane, 'bad_step', 'its step answers no { reward, done }')
    }
    if (!Number.isFinite(answer.reward)) throw this.#watch.badReward(lane, answer.reward)
    return answer
  }

  #tryLengths(lane: number): void {
    const { observationSize } = this.#environment
    const [one, other] = [observationSize + MARGIN, observationSize + 2 * MARGIN].map((length) => {
      const long = new Float64Array(length).fill(Number.NaN)
      try {
        this.#environment.observe(this.#states[lane]!.slice(), long)
      } catch (cause) {
        throw this.#watch.threw(lane, cause)
      }
      return long.findLastIndex((value) => !Number.isNaN(value)) + 1
    })
    if (one === other && one! > observationSize) throw this.#watch.tooLong(lane, one!)
    this.#isTried = true
  }
}

function isStep(answer: unknown): answer is Step {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'reward' in answer &&
    typeof answer.reward === 'number' &&
    'done' in answer &&
    typeof answer.done === 'boolean'
  )
}
