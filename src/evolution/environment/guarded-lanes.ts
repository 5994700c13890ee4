// An environment of lanes whose every answer is checked, as guarded-environment.ts does it for the
// plain kind. Lanes without an episode are frozen: their state is left as it is, they perceive
// zeros, and what the environment says of them is not read; numbers that run away there would slow
// the network down in all lanes.
import { type EnvironmentWatch, IDLE } from './environment-watch.ts'
import { type CheckedEnvironment, MARGIN } from './guarded-environment.ts'
import type { LaneEnvironment, Lanes } from './lane-environment.ts'

export class GuardedLanes implements CheckedEnvironment {
  readonly reward: Float64Array
  readonly done: Uint8Array
  readonly #environment: LaneEnvironment
  readonly #watch: EnvironmentWatch
  readonly #lanes: Lanes
  #isTried = false

  constructor(environment: LaneEnvironment, watch: EnvironmentWatch, lanes: number) {
    this.#environment = environment
    this.#watch = watch
    this.reward = new Float64Array(lanes)
    this.done = new Uint8Array(lanes).fill(1)
    this.#lanes = {
      count: lanes,
      state: new Float64Array(environment.stateSize * lanes),
      observation: new Float64Array(environment.observationSize * lanes),
      action: new Float64Array(environment.actionSize * lanes),
      reward: this.reward,
      done: this.done,
    }
  }

  begin(lane: number, start: Float64Array): void {
    const { count, state } = this.#lanes
    for (let i = 0; i < start.length; i++) state[i * count + lane] = start[i]!
  }

  stateOf(lane: number): Float64Array {
    const { count, state } = this.#lanes
    return Float64Array.from({ length: state.length / count }, (_, i) => state[i * count + lane]!)
  }

  observe(inputs: Float64Array): void {
    if (!this.#isTried) this.#tryLengths()
    const { observation } = this.#lanes
    // Loops here and below: `fill` costs as much as a step of a small world.
    for (let i = 0; i < observation.length; i++) observation[i] = Number.NaN
    this.#setDone()
    this.#observe(this.#lanes)
    for (let i = 0; i < observation.length; i++) {
      const value = observation[i]!
      inputs[i] = Number.isNaN(value) ? this.#unseen(i) : value
    }
  }

  step(outputs: Float64Array): void {
    const { count, action, reward } = this.#lanes
    const { episode } = this.#watch
    for (let i = 0; i < action.length; i++) action[i] = outputs[i]!
    for (let lane = 0; lane < count; lane++) reward[lane] = Number.NaN
    this.#setDone()
    try {
      this.#environment.step(this.#lanes)
    } catch (cause) {
      throw this.#watch.threw(this.#firstLane(), cause)
    }
    for (let lane = 0; lane < count; lane++) {
      if (!Number.isFinite(reward[lane]) && episode[lane] !== IDLE) {
        throw this.#watch.badReward(lane, reward[lane]!)
      }
    }
  }

  /** Lanes without an episode are over, whatever the environment has made of them. */
  #setDone(): void {
    const { done } = this
    const { episode } = this.#watch
    for (let lane = 0; lane < done.length; lane++) done[lane] = episode[lane] === IDLE ? 1 : 0
  }

  /** What is perceived where nothing was written. */
  #unseen(place: number): number {
    const { count } = this.#lanes
    const lane = place % count
    if (this.#watch.isIdle(lane)) return 0
    throw this.#watch.notObserved(lane, (place - lane) / count)
  }

  #observe(lanes: Lanes): void {
    try {
      this.#environment.observe(lanes)
    } catch (cause) {
      throw this.#watch.threw(this.#firstLane(), cause)
    }
  }

  /** In whose place an error is told: which lane made an environment throw is not known. */
  #firstLane(): number {
    const first = this.done.findIndex((_, lane) => !this.#watch.isIdle(lane))
    return Math.max(0, first)
  }

  #tryLengths(): void {
    const { observationSize } = this.#environment
    const { count } = this.#lanes
    const [one, other] = [observationSize + MARGIN, observationSize + 2 * MARGIN].map((size) => {
      const observation = new Float64Array(size * count).fill(Number.NaN)
      const state = this.#lanes.state.slice()
      this.#setDone()
      this.#observe({ ...this.#lanes, state, observation })
      return Math.ceil((observation.findLastIndex((value) => !Number.isNaN(value)) + 1) / count)
    })
    if (one === other && one! > observationSize) {
      throw this.#watch.tooLong(this.#firstLane(), one!)
    }
    this.#isTried = true
  }
}
