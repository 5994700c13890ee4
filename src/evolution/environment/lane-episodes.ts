// Episodes of an environment side by side: each lane runs one, and takes the next start when it is
// over. With one lane it is an evaluation tick by tick like all others (episode.ts).
//
//   const episodes = new LaneEpisodes(environment, { stream: 'evaluation', starts, lanes: 16, ... })
//   const { fitness } = runLaneEpisode(episodes, laneNetwork, inputs, outputs)
//
// The returns are summed by episode, then in the order of the starts, so the fitness has the same
// bits however many lanes there are.
import type { Evaluation } from './environment.ts'
import type { Environment, EnvironmentBehaviour } from './environment-problem.ts'
import { EnvironmentWatch, IDLE } from './environment-watch.ts'
import type { LaneEpisode, Outcome } from './episode.ts'
import { type CheckedEnvironment, GuardedEnvironment } from './guarded-environment.ts'
import { GuardedLanes } from './guarded-lanes.ts'
import type { LaneEnvironment } from './lane-environment.ts'

export interface LaneEpisodesOptions {
  /** Tells the starts of fitness from those of verification, for errors. */
  readonly stream: string
  readonly starts: readonly Float64Array[]
  readonly lanes: number
  /** The lowest return there can be: it counts as fitness 0; a lower one too. */
  readonly worstReturn: number
  /** The mean return that counts as solved. */
  readonly solvedReturn: number
  readonly behaviour?: EnvironmentBehaviour
}

export class LaneEpisodes implements LaneEpisode {
  readonly lanes: number
  readonly restarted: number[] = []
  readonly #checked: CheckedEnvironment
  readonly #watch: EnvironmentWatch
  readonly #options: LaneEpisodesOptions
  readonly #maxSteps: number
  /** By start. */
  readonly #returns: Float64Array
  /** By start; empty for an environment without behaviours. */
  readonly #behaviours: readonly Float64Array[]
  /** Episodes begun. */
  #begun = 0
  #running = 0
  #steps = 0

  constructor(environment: Environment | LaneEnvironment, options: LaneEpisodesOptions) {
    const { lanes, stream, starts } = options
    this.lanes = lanes
    this.#options = options
    this.#maxSteps = environment.maxSteps
    this.#watch = new EnvironmentWatch(environment, stream, lanes)
    this.#checked =
      'lanes' in environment
        ? new GuardedLanes(environment, this.#watch, lanes)
        : new GuardedEnvironment(environment, this.#watch, lanes)
    this.#returns = new Float64Array(starts.length)
    const size = options.behaviour?.space.axes.length ?? 0
    this.#behaviours = size === 0 ? [] : starts.map(() => new Float64Array(size))
    this.begin()
  }

  /** Goes back to the first starts. */
  begin(): this {
    this.#begun = 0
    this.#running = 0
    this.#steps = 0
    this.#returns.fill(0)
    for (let lane = 0; lane < this.lanes; lane++) this.#start(lane)
    return this
  }

  sense(inputs: Float64Array): void {
    this.#checked.observe(inputs)
  }

  act(outputs: Float64Array): Outcome {
    const { reward, done } = this.#checked
    const { episode, step } = this.#watch
    const returns = this.#returns
    if (this.restarted.length > 0) this.restarted.length = 0
    this.#checked.step(outputs)
    for (let lane = 0; lane < this.lanes; lane++) {
      const at = episode[lane]!
      if (at === IDLE) continue
      returns[at] = returns[at]! + reward[lane]!
      this.#steps++
      const steps = step[lane]! + 1
      step[lane] = steps
      if (this.#behaviours.length > 0) this.#trace(lane)
      if (done[lane] === 0 && steps < this.#maxSteps) continue
      this.#running--
      if (this.#start(lane)) this.restarted.push(lane)
    }
    if (this.#running === 0) return 'ended'
    return this.restarted.length > 0 ? 'reset' : 'running'
  }

  evaluation(): Evaluation {
    const { worstReturn, solvedReturn } = this.#options
    const mean = this.meanReturn
    const fitness = Math.max(0, mean - worstReturn)
    const score = { fitness, steps: this.#steps, solved: mean >= solvedReturn }
    return this.#behaviours.length === 0 ? score : { ...score, behaviour: this.#meanBehaviour() }
  }

  #meanBehaviour(): number[] {
    const mean = Array.from(this.#behaviours[0]!, () => 0)
    for (const one of this.#behaviours) {
      for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + one[i]!
    }
    return mean.map((sum) => sum / this.#behaviours.length)
  }

  /** Lets the environment say what the episode of a lane has come to. */
  #trace(lane: number): void {
    const { episode, step } = this.#watch
    const own = this.#behaviours[episode[lane]!]!
    try {
      this.#options.behaviour?.trace(own, this.#checked.stateOf(lane), step[lane]!)
    } catch (cause) {
      throw this.#watch.threw(lane, cause)
    }
  }

  /** Over the starts, once all have been run. */
  get meanReturn(): number {
    let sum = 0
    for (let i = 0; i < this.#returns.length; i++) sum += this.#returns[i]!
    return sum / this.#returns.length
  }

  /** Puts the next episode into a lane; whether there was one. */
  #start(lane: number): boolean {
    const start = this.#options.starts[this.#begun]
    this.#watch.step[lane] = 0
    this.#watch.episode[lane] = start === undefined ? IDLE : this.#begun
    if (start === undefined) return false
    this.#checked.begin(lane, start)
    if (this.#behaviours.length > 0) {
      this.#behaviours[this.#begun]!.fill(0)
      this.#trace(lane)
    }
    this.#begun++
    this.#running++
    return true
  }
}
