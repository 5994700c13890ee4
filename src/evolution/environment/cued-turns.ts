// Mazes of cues and turns, for t-maze.ts and multi-cue-t-maze.ts: trials of ticks, each a row of
// inputs and perhaps a turn that is asked for; the network is reset before each trial. Fitness is
// the percentage of turns that are right; whoever walks the corridor between needs no skill. A
// behaviour is where the network turns at each junction after each cue, on average: -1 always left,
// 1 always right.
import type { Network } from '../network/interpreter.ts'
import type { BehaviourSpace, Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

/** Left and right, as cues and as turns; no turn is asked for at 0. */
export type Side = -1 | 1

export interface Tick {
  readonly inputs: readonly number[]
  readonly turn: Side | 0
}

export type Trial = readonly Tick[]

class Turns implements Episode {
  readonly #trials: readonly Trial[]
  #trial = 0
  #tick = 0
  #steps = 0
  #asked = 0
  #right = 0
  readonly #solvedAt: number
  /** Of each junction, what was chosen after a cue to the left, then to the right. */
  readonly #choices: number[]

  constructor(trials: readonly Trial[], solvedAt: number) {
    this.#trials = trials
    this.#solvedAt = solvedAt
    this.#choices = new Array<number>(2 * junctionsOf(trials)).fill(0)
  }

  sense(inputs: Float64Array): void {
    const row = this.#trials[this.#trial]![this.#tick]!.inputs
    for (let i = 0; i < row.length; i++) inputs[i] = row[i]!
  }

  act(outputs: Float64Array): Outcome {
    const trial = this.#trials[this.#trial]!
    const { turn } = trial[this.#tick]!
    if (turn !== 0) {
      const junction = this.#asked++ % (this.#choices.length / 2)
      // Who answers zero, or no number, stands still: wrong on either side.
      if (outputs[0]! * turn > 0) this.#right++
      const choice = 2 * junction + (turn < 0 ? 0 : 1)
      this.#choices[choice]! += outputs[0]! > 0 ? 1 : outputs[0]! < 0 ? -1 : 0
    }
    this.#steps++
    this.#tick++
    if (this.#tick < trial.length) return 'running'
    this.#tick = 0
    this.#trial++
    return this.#trial < this.#trials.length ? 'reset' : 'ended'
  }

  evaluation(): Evaluation {
    const fitness = (100 * this.#right) / this.#asked
    // Each junction asks for either side equally often.
    const each = this.#asked / this.#choices.length
    const behaviour = this.#choices.map((sum) => sum / each)
    return { fitness, steps: this.#steps, solved: fitness >= this.#solvedAt, behaviour }
  }
}

/** Junctions of a trial: all have as many. */
function junctionsOf([trial = []]: readonly Trial[]): number {
  return trial.filter(({ turn }) => turn !== 0).length
}

const JUNCTION_NAMES = ['first', 'second']

function spaceOf(trials: readonly Trial[]): BehaviourSpace {
  const junctions = junctionsOf(trials)
  const axes = Array.from({ length: junctions }, (_, junction) => {
    const which = junctions === 1 ? '' : `${JUNCTION_NAMES[junction]} `
    return ['left', 'right'].map((side) => {
      return { name: `${which}turn after a cue to the ${side}`, low: -1, high: 1 }
    })
  })
  return { axes: axes.flat() }
}

export interface CuedTurns {
  readonly task: string
  readonly inputNames: readonly string[]
  /** Percentage of right turns. */
  readonly solvedAt: number
  readonly trials: readonly Trial[]
  /** Of other lengths; the full criterion asks for the same percentage of them. */
  readonly verificationTrials: readonly Trial[]
}

/** The problem of some trials; an output above zero turns right, below zero left. */
export function cuedTurns(maze: CuedTurns): Problem {
  const { task, inputNames, solvedAt, trials, verificationTrials } = maze
  const episode = (): Episode => new Turns(trials, solvedAt)
  const verify = (network: Network): Verification => {
    const { fitness, solved } = runEpisode(new Turns(verificationTrials, solvedAt), network)
    const detail = `${fitness.toFixed(1)} % of the turns of ${verificationTrials.length} trials`
    return { solved, detail }
  }
  const behaviourSpace = spaceOf(trials)
  return {
    name: task,
    reference: { task },
    inputs: inputNames.length,
    outputs: 1,
    inputNames,
    outputNames: ['turn'],
    morphology: {
      anonymous: true,
      sensors: inputNames.map((name) => ({ name: name.replaceAll(' ', '_'), length: 1 })),
      actuators: [{ name: 'turn', length: 1 }],
    },
    outputActivation: 'tanh',
    hiddenActivation: 'tanh',
    needsMemory: true,
    behaviourSize: behaviourSpace.axes.length,
    behaviourSpace,
    evaluate: (network) => runEpisode(episode(), network),
    episode,
    verify,
  }
}
