// A bandit of two arms, one of which pays 1 and the other -1, until they swap in the middle of
// life: what was learnt has to be unlearnt (reversal learning; for evolved networks: Soltoggio et
// al. 2008, "Evolutionary advantages of neuromodulated plasticity"). Nothing shows which arm is
// good but what it pays, so the network learns within its life: by plasticity or recurrent links.
//
//   inputs   constant: 1; last action: -1 or 1, 0 before the first; last reward: -1 or 1, or 0
//   output   above zero pulls the right arm (1), otherwise the left one (-1)
//
// A behaviour is how often the network stays with an arm that paid and leaves one that did not: who
// does both always has learnt to learn.
//
// Fitness is the percentage of pulls that paid: 50 for who always pulls the same arm, 90 is solved.
// No chance: lives differ in the arm that is good first and in the time of the swap.
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

/** Pulls of a life. */
const PULLS = 40
/** The pull from which on the other arm is good; around the middle, so that no arm gains by it. */
const SWAPS = [14, 17, 20, 23, 26]
const VERIFICATION_SWAPS = [10, 11, 12, 13, 15, 16, 18, 19, 21, 22, 24, 25, 27, 28, 29, 30]
const SOLVED_AT = 90

class Lives implements Episode {
  readonly #swaps: readonly number[]
  /** Two lives a swap: the right arm is good first in the odd ones. */
  #life = 0
  #pull = 0
  #action = 0
  #reward = 0
  #paid = 0
  /** Pulls after one that paid, those of them at the same arm; likewise after one that did not. */
  #afterPaid = 0
  #stayed = 0
  #afterLost = 0
  #left = 0

  constructor(swaps: readonly number[]) {
    this.#swaps = swaps
  }

  sense(inputs: Float64Array): void {
    inputs[0] = 1
    inputs[1] = this.#action
    inputs[2] = this.#reward
  }

  act(outputs: Float64Array): Outcome {
    const first = this.#life % 2 === 0 ? -1 : 1
    const good = this.#pull < this.#swaps[this.#life >> 1]! ? first : -first
    const action = outputs[0]! > 0 ? 1 : -1
    this.#watch(action)
    this.#action = action
    this.#reward = this.#action === good ? 1 : -1
    if (this.#reward > 0) this.#paid++
    this.#pull++
    if (this.#pull < PULLS) return 'running'
    this.#pull = 0
    this.#action = 0
    this.#reward = 0
    this.#life++
    return this.#life < 2 * this.#swaps.length ? 'reset' : 'ended'
  }

  #watch(action: number): void {
    if (this.#reward > 0) {
      this.#afterPaid++
      if (action === this.#action) this.#stayed++
    } else if (this.#reward < 0) {
      this.#afterLost++
      if (action !== this.#action) this.#left++
    }
  }

  evaluation(): Evaluation {
    const steps = 2 * this.#swaps.length * PULLS
    const fitness = (100 * this.#paid) / steps
    const behaviour = [
      this.#stayed / Math.max(1, this.#afterPaid),
      this.#left / Math.max(1, this.#afterLost),
    ]
    return { fitness, steps, solved: fitness >= SOLVED_AT, behaviour }
  }
}

function verify(network: Network): Verification {
  const { fitness, steps, solved } = runEpisode(new Lives(VERIFICATION_SWAPS), network)
  return { solved, detail: `${fitness.toFixed(1)} % of ${steps} pulls paid` }
}

export const reversalBandit: Problem = {
  name: 'reversal_bandit',
  reference: { task: 'reversal_bandit' },
  inputs: 3,
  outputs: 1,
  inputNames: ['constant', 'last action', 'last reward'],
  outputNames: ['arm'],
  outputActivation: 'tanh',
  hiddenActivation: 'tanh',
  needsMemory: true,
  behaviourSize: 2,
  behaviourSpace: {
    axes: [
      { name: 'stays after a win', low: 0, high: 1 },
      { name: 'leaves after a loss', low: 0, high: 1 },
    ],
  },
  evaluate: (network) => runEpisode(new Lives(SWAPS), network),
  episode: () => new Lives(SWAPS),
  verify,
}
