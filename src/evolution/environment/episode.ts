// An evaluation, tick by tick: what an environment shows, what it is answered, and when it is over.
// Both ways of running a genotype drive the same episodes: compiled networks in the loop below,
// neuron processes by messages (actors/neuron/scape.ts); so both get the same fitness, bit for bit.
//
//   const episode = problem.episode()
//   const { fitness } = runEpisode(episode, new Network(compile(genotype)))
import type { Network } from '../network/interpreter.ts'
import type { LaneNetwork } from '../network/lane-network.ts'
import type { Evaluation } from './environment.ts'

/** What follows a tick: another, another after the network has forgotten everything, or none. */
export type Outcome = 'running' | 'reset' | 'ended'

/** One run of an environment from its start; it starts with a network that remembers nothing. */
export interface Episode {
  /** Writes what the network perceives in this tick. */
  sense(inputs: Float64Array): void
  /** Takes what the network answers to it, once a tick. */
  act(outputs: Float64Array): Outcome
  /** The score, once `act` has said `ended`. */
  evaluation(): Evaluation
}

/** Episodes side by side: element i of lane l of an array is at [i * lanes + l]. */
export interface LaneEpisode extends Episode {
  readonly lanes: number
  /** After `reset`: the lanes whose networks must forget everything; the others go on. */
  readonly restarted: readonly number[]
  /** Goes back to the start, for another network. */
  begin(): this
}

// Kept for the next run of this thread, mostly of the same problem: an allocation would cost as
// much as two ticks. Of the network's width exactly, and zeros at the start, as whoever runs the
// episode otherwise has them: nothing of another run may be seen in them.
let inputs = new Float64Array(0)
let outputs = new Float64Array(0)

/** Runs an episode from beginning to end. */
export function runEpisode(episode: Episode, network: Network): Evaluation {
  const { plan } = network
  if (inputs.length !== plan.inputs) inputs = new Float64Array(plan.inputs)
  if (outputs.length !== plan.outputs) outputs = new Float64Array(plan.outputs)
  inputs.fill(0)
  let outcome: Outcome = 'reset'
  while (outcome !== 'ended') {
    if (outcome === 'reset') network.reset()
    episode.sense(inputs)
    network.step(inputs, outputs)
    outcome = episode.act(outputs)
  }
  return episode.evaluation()
}

/**
 * Runs episodes side by side from beginning to end. The arrays are what the network reads and
 * writes without a copy, if it has such.
 */
export function runLaneEpisode(
  episode: LaneEpisode,
  network: LaneNetwork,
  inputs: Float64Array,
  outputs: Float64Array,
): Evaluation {
  network.reset()
  for (;;) {
    episode.sense(inputs)
    network.step(inputs, outputs)
    const outcome = episode.act(outputs)
    if (outcome === 'ended') return episode.evaluation()
    if (outcome === 'reset') for (const lane of episode.restarted) network.reset(lane)
  }
}
