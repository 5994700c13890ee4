// Which episode is in which lane and how far it has come: what an error of an environment tells.
//
//   const watch = new EnvironmentWatch(walk, 'evaluation', 16)
//   watch.episode[3] = 0                       // the first episode is in lane 3
//   throw watch.error(3, 'threw', 'it threw')  // walk, step 0 of episode 0, seed "walk evaluation"
import { seededRandom } from '../../runtime/random.ts'
import { EnvironmentError, type EnvironmentFault } from './environment-error.ts'
import type { Environment } from './environment-problem.ts'
import type { LaneEnvironment } from './lane-environment.ts'

/** Instead of an episode's place. */
export const IDLE = -1

export class EnvironmentWatch {
  /** By lane: the place of its episode, IDLE without one. */
  readonly episode: Int32Array
  /** By lane: steps done. */
  readonly step: Int32Array
  readonly #environment: Environment | LaneEnvironment
  readonly #seed: string

  /** `stream` tells the starts of fitness from those of verification. */
  constructor(environment: Environment | LaneEnvironment, stream: string, lanes: number) {
    this.episode = new Int32Array(lanes).fill(IDLE)
    this.step = new Int32Array(lanes)
    this.#environment = environment
    this.#seed = `${environment.name} ${stream}`
  }

  isIdle(lane: number): boolean {
    return this.episode[lane] === IDLE
  }

  /** The states of so many starts, the same on every machine. */
  starts(count: number): Float64Array[] {
    const random = seededRandom(this.#seed)
    return Array.from({ length: count }, (_, episode) => {
      const state = new Float64Array(this.#environment.stateSize)
      try {
        this.#environment.reset(state, random.fork(episode))
      } catch (cause) {
        throw this.#threw({ episode, step: 0 }, cause)
      }
      return state
    })
  }

  threw(lane: number, cause: unknown): EnvironmentError {
    return this.#threw(this.#placeOf(lane), cause)
  }

  notObserved(lane: number, i: number): EnvironmentError {
    return this.error(lane, 'bad_observation', `observation ${i} is NaN, or was not written`)
  }

  badReward(lane: number, reward: number): EnvironmentError {
    const unwritten = Number.isNaN(reward) && 'lanes' in this.#environment
    const detail = `its reward is ${reward}${unwritten ? ', or was not written' : ''}`
    return this.error(lane, 'bad_step', detail)
  }

  tooLong(lane: number, length: number): EnvironmentError {
    const { observationSize } = this.#environment
    const detail = `it observes ${length} numbers, its observationSize is ${observationSize}`
    return this.error(lane, 'wrong_length', detail)
  }

  error(lane: number, code: EnvironmentFault, detail: string): EnvironmentError {
    return new EnvironmentError(code, this.#place(this.#placeOf(lane)), detail)
  }

  #placeOf(lane: number): Place {
    return { episode: Math.max(0, this.episode[lane]!), step: this.step[lane]! }
  }

  #threw(place: Place, cause: unknown): EnvironmentError {
    const said = cause instanceof Error ? cause.message : String(cause)
    return new EnvironmentError('threw', this.#place(place), `it threw: ${said}`, cause)
  }

  #place(place: Place): ConstructorParameters<typeof EnvironmentError>[1] {
    return { environment: this.#environment.name, seed: this.#seed, ...place }
  }
}

interface Place {
  readonly episode: number
  readonly step: number
}
