// An environment whose every answer is checked: users write environments, and what one does wrong
// is to be told by its name, seed, episode and step, not to be scored.
//
//   const guarded = new GuardedEnvironment(walk, 'evaluation')
//   const starts = guarded.starts(10)
//
// Typed arrays lose what is written beyond their end, without a word. So `observe` is tried once on
// longer ones: who writes up to the end, however far that is, goes by the array's length and is
// right; who writes equally far in both writes too much.
import { seededRandom } from '../../runtime/random.ts'
import { EnvironmentError, type EnvironmentFault } from './environment-error.ts'
import type { Environment, Step } from './environment-problem.ts'

export class GuardedEnvironment {
  readonly #environment: Environment
  readonly #seed: string
  /** What is observed, before anybody sees it. */
  readonly #seen: Float64Array
  #isTried = false
  #episode = 0
  #step = 0

  /** `stream` tells the starts of fitness from those of verification. */
  constructor(environment: Environment, stream: string) {
    this.#environment = environment
    this.#seed = `${environment.name} ${stream}`
    this.#seen = new Float64Array(environment.observationSize)
  }

  /** The states of so many starts, the same on every machine. */
  starts(count: number): Float64Array[] {
    const random = seededRandom(this.#seed)
    return Array.from({ length: count }, (_, episode) => {
      this.at(episode, 0)
      const state = new Float64Array(this.#environment.stateSize)
      this.#use(() => this.#environment.reset(state, random.fork(episode)))
      return state
    })
  }

  /** Where the run is, for errors. */
  at(episode: number, step: number): void {
    this.#episode = episode
    this.#step = step
  }

  /** Writes what the network perceives. */
  observe(state: Float64Array, inputs: Float64Array): void {
    if (!this.#isTried) this.#tryLengths(state)
    const seen = this.#seen
    seen.fill(Number.NaN)
    this.#use(() => this.#environment.observe(state, seen))
    for (let i = 0; i < seen.length; i++) {
      const value = seen[i]!
      if (Number.isNaN(value)) {
        throw this.#error('bad_observation', `observation ${i} is NaN, or was not written`)
      }
      inputs[i] = value
    }
  }

  step(state: Float64Array, action: Float64Array): Step {
    const answer: unknown = this.#use(() => this.#environment.step(state, action))
    if (!isStep(answer)) throw this.#error('bad_step', 'its step answers no { reward, done }')
    if (!Number.isFinite(answer.reward)) {
      throw this.#error('bad_step', `its reward is ${answer.reward}`)
    }
    return answer
  }

  #tryLengths(state: Float64Array): void {
    const { observationSize } = this.#environment
    const [one, other] = [observationSize + 8, observationSize + 16].map((length) => {
      const long = new Float64Array(length).fill(Number.NaN)
      this.#use(() => this.#environment.observe(state.slice(), long))
      return long.findLastIndex((value) => !Number.isNaN(value)) + 1
    })
    if (one === other && one! > observationSize) {
      const detail = `it observes ${one} numbers, its observationSize is ${observationSize}`
      throw this.#error('wrong_length', detail)
    }
    this.#isTried = true
  }

  #use<T>(use: () => T): T {
    try {
      return use()
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause)
      throw this.#error('threw', `it threw: ${said}`, cause)
    }
  }

  #error(code: EnvironmentFault, detail: string, cause?: unknown): EnvironmentError {
    const place = {
      environment: this.#environment.name,
      seed: this.#seed,
      episode: this.#episode,
      step: this.#step,
    }
    return new EnvironmentError(code, place, detail, cause)
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
