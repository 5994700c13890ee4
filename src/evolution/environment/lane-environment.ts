// Worlds in which several episodes run side by side, as in Gymnasium's vector environments: one call
// a tick observes or moves all of them, over typed arrays. Twenty lines:
//
//   export const drift: LaneEnvironment = {
//     name: 'drift', lanes: true, stateSize: 1, observationSize: 1, actionSize: 1, maxSteps: 50,
//     reset: (state, random) => { state[0] = random.next() - 0.5 },
//     observe: ({ state, observation }) => observation.set(state),
//     step: ({ count, state, action, reward, done }) => {
//       for (let lane = 0; lane < count; lane++) {
//         if (done[lane] === 1) continue
//         state[lane]! += 0.1 * action[lane]!
//         reward[lane] = -Math.abs(state[lane]!)
//         done[lane] = Math.abs(state[lane]!) > 2 ? 1 : 0
//       }
//     },
//   }
//
// An episode must not depend on what lane it is in, or on what the other lanes do: the fitness is
// the same whether one lane runs or sixteen. Worth the trouble where a step takes less than some
// hundred nanoseconds; otherwise write an `Environment` (environment-problem.ts), which is called
// twice a step and lane.
import type { Random } from '../../runtime/random.ts'

/** Element i of lane l of an array is at [i * count + l]. */
export interface Lanes {
  readonly count: number
  readonly state: Float64Array
  readonly observation: Float64Array
  readonly action: Float64Array
  /** What the step was worth, by lane: `step` writes it for every episode that is not over. */
  readonly reward: Float64Array
  /**
   * By lane, 1: the episode is over. `step` sets it; lanes that have it already are to be left
   * alone: nothing is read from them any more.
   */
  readonly done: Uint8Array
}

export interface LaneEnvironment {
  /** Names the random streams of its starts. */
  readonly name: string
  /** What tells it from an `Environment`. */
  readonly lanes: true
  /** Numbers of one lane. */
  readonly stateSize: number
  readonly observationSize: number
  readonly actionSize: number
  /** An episode ends after so many steps at the latest. */
  readonly maxSteps: number
  /** Writes the state of one start. */
  reset(state: Float64Array, random: Random): void
  /** Writes what is perceived in each lane. */
  observe(lanes: Lanes): void
  /** Changes the states by the actions; writes `reward` and `done`. */
  step(lanes: Lanes): void
}
