// A CPPN that is asked: what it is shown, and what its answers mean. It is a function: it forgets
// everything before each question.
//
//   shown      place of the source, place of the target; their distance (`length`); what the source
//              and the target have answered, and the weight (`iterative`)
//   answers    weight, or its change; whether there is a link (`expression`); bias (`biases`);
//              A, B, C and the rate of learning (`abcn`)
import { placeSize, type SubstrateGene } from '../substrate.ts'

/** What answers: a compiled network. */
export interface Asked {
  reset(): void
  step(inputs: Float64Array, outputs: Float64Array): void
}

/** What of a link is painted. */
export interface PaintedLink {
  readonly weight: number
  /** A, B, C, each times the rate, and 0 (`abcn`): those of the rule abcd_w. */
  readonly parameters?: readonly number[]
}

/**
 * An answer's part beyond the threshold, as a share from -1 to 1: 0 within it, then linear, 1 from 1
 * on. Nothing for an answer that is no number.
 */
export function beyond(answer: number, threshold: number): number {
  const size = Math.min(1, Math.abs(answer))
  if (!(size > threshold)) return 0
  const share = (size - threshold) / (1 - threshold)
  return answer < 0 ? -share : share
}

/** Euclidean, of the numbers of two places. */
export function distance(
  from: ArrayLike<number>,
  fromAt: number,
  to: ArrayLike<number>,
  toAt: number,
  size: number,
): number {
  let sum = 0
  for (let i = 0; i < size; i++) {
    const difference = to[toAt + i]! - from[fromAt + i]!
    sum += difference * difference
  }
  return Math.sqrt(sum)
}

/** Asks a CPPN about a substrate before it begins to act. */
export class Cppn {
  readonly #network: Asked
  readonly #gene: SubstrateGene
  readonly #size: number
  readonly #shown: Float64Array
  readonly #answers: Float64Array
  readonly #origin: readonly number[]

  /** A network of the inputs and outputs that `cppnShape` says. */
  constructor(network: Asked, gene: SubstrateGene, shape: { inputs: number; outputs: number }) {
    this.#network = network
    this.#gene = gene
    this.#size = placeSize(gene)
    this.#shown = new Float64Array(shape.inputs)
    this.#answers = new Float64Array(shape.outputs)
    this.#origin = Array<number>(this.#size).fill(0)
  }

  /** The first answer as it is: the pattern in which ES-HyperNEAT looks for information. */
  pattern(from: readonly number[], to: readonly number[]): number {
    this.#ask(from, to)
    return this.#answers[0]!
  }

  /** The link between two places; undefined where there is none. */
  link(from: readonly number[], to: readonly number[]): PaintedLink | undefined {
    const { expression, plasticity, threshold, weightRange } = this.#gene
    this.#ask(from, to)
    const answers = this.#answers
    if (expression === true && !(answers[1]! > 0)) return undefined
    const share = beyond(answers[0]!, expression === true ? 0 : threshold)
    // What learns may grow from nothing: a link without a weight is one.
    if (plasticity === 'none') return share === 0 ? undefined : { weight: weightRange * share }
    // As its first change from 0, which is never more than 1.
    if (plasticity === 'iterative')
      return { weight: Math.sign(share) * Math.min(weightRange, Math.abs(share)) }
    const rate = finite(answers.at(-1)!)
    const [a = 0, b = 0, c = 0] = [...answers.subarray(-4)].map((answer) => rate * finite(answer))
    return { weight: weightRange * share, parameters: [a, b, c, 0] }
  }

  /** The bias of a node; 0 where the CPPN is not asked for any. */
  bias(node: readonly number[]): number {
    const { biases, expression, threshold, weightRange } = this.#gene
    if (biases !== true) return 0
    this.#ask(this.#origin, node)
    return weightRange * beyond(this.#answers[expression === true ? 2 : 1]!, threshold)
  }

  #ask(from: readonly number[], to: readonly number[]): void {
    const size = this.#size
    const shown = this.#shown
    shown.set(from)
    shown.set(to, size)
    if (this.#gene.length === true) shown[2 * size] = distance(from, 0, to, 0, size)
    this.#network.reset()
    this.#network.step(shown, this.#answers)
  }
}

/** Answers of activations without a bound may be too large for a genotype, or no numbers. */
function finite(answer: number): number {
  return answer >= -1 && answer <= 1 ? answer : Number.isNaN(answer) ? 0 : answer > 0 ? 1 : -1
}
