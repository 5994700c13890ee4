// Problems made of a truth table: every case once, in order, the network reset before each. Fitness
// is the number of cases less the sum of the errors, so that each case counts as much as in Koza's
// hits (Genetic Programming, 1992, section 7.4) and coming nearer counts too; solved when every
// answer is on the right side of one half.
//
//   export const and = truthTableProblem('and', ['a', 'b'], 'a and b', ([a, b]) => a === 1 && b === 1)
//
// A pure function of the network, without chance. For answers that are no bits use
// data-set-problem.ts.
import { CELL_DIMENSIONS_MAX } from '../../limits.ts'
import type { Network } from '../network/interpreter.ts'
import type { Evaluation, Problem, Verification } from './environment.ts'
import { type Episode, type Outcome, runEpisode } from './episode.ts'

export interface TruthTable {
  /** 0 or 1 each; case after case. */
  readonly inputs: Uint8Array
  /** What is right; one a case. */
  readonly answers: Uint8Array
}

/** All cases of so many bits; the first bit of case number c is the lowest of c. */
export function truthTable(bits: number, rule: (bits: readonly number[]) => boolean): TruthTable {
  const cases = Array.from({ length: 1 << bits }, (_, number) => {
    return Array.from({ length: bits }, (_, bit) => (number >> bit) & 1)
  })
  return {
    inputs: Uint8Array.from(cases.flat()),
    answers: Uint8Array.from(cases, (one) => (rule(one) ? 1 : 0)),
  }
}

/**
 * Cases up to which the answers are a behaviour: as many numbers as MAP-Elites takes. Beyond it
 * they would cost more than the evaluation.
 */
const BEHAVIOUR_CASES_MAX = CELL_DIMENSIONS_MAX

class Cases implements Episode {
  readonly #table: TruthTable
  readonly #width: number
  #at = 0
  #error = 0
  #right = 0
  /** The answers. */
  readonly #given: Float64Array

  constructor(table: TruthTable) {
    this.#table = table
    this.#given = new Float64Array(table.answers.length)
    this.#width = table.inputs.length / table.answers.length
  }

  begin(): this {
    this.#at = 0
    this.#error = 0
    this.#right = 0
    return this
  }

  sense(inputs: Float64Array): void {
    const first = this.#at * this.#width
    for (let i = 0; i < this.#width; i++) inputs[i] = this.#table.inputs[first + i]!
  }

  act(outputs: Float64Array): Outcome {
    const y = outputs[0]!
    const answer = this.#table.answers[this.#at]!
    // An answer outside [0, 1], or none at all, counts as wrong, as in xor.ts.
    const isShare = y >= 0 && y <= 1
    this.#error += isShare ? Math.abs(y - answer) : 1
    this.#given[this.#at] = isShare ? y : 0.5
    if (isShare && (answer === 1 ? y > 0.5 : y < 0.5)) this.#right += 1
    this.#at += 1
    return this.#at === this.#table.answers.length ? 'ended' : 'reset'
  }

  evaluation(): Evaluation {
    const { length } = this.#table.answers
    return {
      ...(length > BEHAVIOUR_CASES_MAX ? {} : { behaviour: Array.from(this.#given) }),
      fitness: Math.max(0, length - this.#error),
      steps: length,
      solved: this.#right === length,
    }
  }

  /** Cases on the right side: Koza's hits. */
  get hits(): number {
    return this.#right
  }
}

function behaviourOf(table: TruthTable): Pick<Problem, 'behaviourSize' | 'behaviourSpace'> {
  const { length } = table.answers
  if (length > BEHAVIOUR_CASES_MAX) return {}
  const width = table.inputs.length / length
  const axes = Array.from({ length }, (_, at) => {
    const bits = table.inputs.subarray(at * width, (at + 1) * width)
    return { name: `answer to ${bits.join('')}`, low: 0, high: 1 }
  })
  return { behaviourSize: length, behaviourSpace: { axes } }
}

/** The problem of answering with a rule's truth, for every combination of the named bits. */
export function truthTableProblem(
  task: string,
  inputNames: readonly string[],
  outputName: string,
  rule: (bits: readonly number[]) => boolean,
): Problem {
  const table = truthTable(inputNames.length, rule)
  // Evaluations of one thread never overlap.
  const own = new Cases(table)
  const verify = (network: Network): Verification => {
    const { solved } = runEpisode(own.begin(), network)
    return { solved, detail: `${own.hits} of ${table.answers.length} cases are right` }
  }
  return {
    name: task,
    reference: { task },
    inputs: inputNames.length,
    outputs: 1,
    inputNames,
    outputNames: [outputName],
    outputActivation: 'steep_sigmoid',
    hiddenActivation: 'steep_sigmoid',
    needsMemory: false,
    ...behaviourOf(table),
    samples: { values: Float64Array.from(table.inputs), begin: () => own.begin() },
    evaluate: (network) => runEpisode(own.begin(), network),
    episode: () => new Cases(table),
    verify,
  }
}
