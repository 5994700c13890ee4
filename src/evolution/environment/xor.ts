// XOR, the smallest problem that needs a hidden neuron: four cases, after NEAT (Stanley &
// Miikkulainen 2002, section 4.1): fitness (4 - sum of the errors)^2, solved when all four outputs
// are on the right side of one half. A test of structure only while outputs are sigmoid: a gaussian
// output solves it alone.
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

const CASES: readonly (readonly [a: number, b: number, xor: number])[] = [
  [0, 0, 0],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 0],
]

/** The four cases, one after the other, the network reset before each. */
class XorEpisode implements Episode {
  readonly answers: Float64Array = new Float64Array(CASES.length)
  #at = 0
  #error = 0
  #right = 0

  begin(): this {
    this.#at = 0
    this.#error = 0
    this.#right = 0
    return this
  }

  sense(inputs: Float64Array): void {
    const [a, b] = CASES[this.#at]!
    inputs[0] = a
    inputs[1] = b
  }

  act(outputs: Float64Array): Outcome {
    const y = outputs[0]!
    const xor = CASES[this.#at]![2]
    // An answer outside [0, 1], or none at all, counts as wrong, so that no activation is worth
    // cheating with.
    this.#error += y >= 0 && y <= 1 ? Math.abs(y - xor) : 1
    if (xor === 1 ? y > 0.5 : y < 0.5) this.#right += 1
    this.answers[this.#at] = y
    this.#at += 1
    return this.#at === CASES.length ? 'ended' : 'reset'
  }

  evaluation(): Evaluation {
    const closeness = 4 - this.#error
    const solved = this.#right === CASES.length
    const behaviour = Array.from(this.answers)
    return { fitness: closeness * closeness, steps: CASES.length, solved, behaviour }
  }
}

/** The episode of this thread's compiled networks. */
const cases = new XorEpisode()

function verify(network: Network): Verification {
  const { solved } = runEpisode(cases.begin(), network)
  const answers = CASES.map(([a, b], i) => `${a} xor ${b} = ${cases.answers[i]!.toFixed(3)}`)
  return { solved, detail: answers.join(', ') }
}

export const xor: Problem = {
  name: 'xor',
  reference: { task: 'xor' },
  inputs: 2,
  outputs: 1,
  inputNames: ['a', 'b'],
  outputNames: ['a xor b'],
  outputActivation: 'steep_sigmoid',
  hiddenActivation: 'steep_sigmoid',
  needsMemory: false,
  behaviourSize: CASES.length,
  behaviourSpace: {
    axes: CASES.map(([a, b]) => ({ name: `answer to ${a} xor ${b}`, low: 0, high: 1 })),
  },
  evaluate: (network) => runEpisode(cases.begin(), network),
  episode: () => new XorEpisode(),
  verify,
}
