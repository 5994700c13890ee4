// A neuron with any of the traits a genotype can give it, and its state. The one definition of what
// such a neuron computes: the interpreter has one for each neuron of a network, the process tier
// one in each process (actors/neuron/neuron.ts), and the WebAssembly kernel repeats it operation
// for operation.
//
//   const neuron = new StatefulNeuron(traits, { values, col, weights, begin, modulatory, end })
//   values[i] = neuron.fire(1)
//
// A firing: the weighted inputs become the sum u (aggregation.ts); u becomes the answer by
// the activation, or by the neuron's own state (liquid.ts); then the weights of the links that came
// in learn from what came in and what goes out (plasticity.ts). A delay answers what it took in a
// tick ago: it takes in when all neurons have fired, and learns then, from what it took in.
import { activate, tanh } from './activation.ts'
import { aggregate, DIFF_PRODUCT, DOT_PRODUCT, MULT_PRODUCT } from './aggregation.ts'
import { cfcStep, type LiquidNeuron, leakyStep, ltcStep } from './liquid.ts'
import { CFC, DELAY, LEAKY, LTC, STANDARD } from './neuron-type.ts'
import { type Hebb, hebbOf, Learner } from './plasticity.ts'

/** What a neuron is, by codes and numbers: `plan-traits.ts` and `traitsOf` tell it. */
export interface NeuronTraits extends LiquidNeuron {
  readonly kind: number
  readonly aggregation: number
  readonly activation: number
  readonly bias: number
  readonly response: number
  readonly rule: number
  readonly parameters: Float64Array
  /** Of the links that are not modulatory, link after link. */
  readonly linkParameters: Float64Array
}

/** Its links, as positions in arrays that the neurons of a network share. */
export interface NeuronRow {
  /** What each link carries now is `values[col[link]]`. */
  readonly values: Float64Array
  readonly col: Int32Array
  /** Plastic neurons write here. */
  readonly weights: Float64Array
  /** Its links are begin .. end; those from `modulatory` on feed its modulator. */
  readonly begin: number
  readonly modulatory: number
  readonly end: number
}

const NOTHING = new Float64Array(0)
const NO_PLASTICITY = 0

export class StatefulNeuron implements LiquidNeuron {
  readonly isDelay: boolean
  /** Its inputs make a plain dot product, and it is no delay. */
  readonly isDotProduct: boolean
  /**
   * Besides, a cfc neuron without coefficients or response that does not learn: its state is its
   * answer.
   */
  readonly isSimpleCfc: boolean
  /** How a standard neuron without a response learns by Hebb; null for any other. */
  readonly hebb: Hebb | null
  readonly timeConstant: number
  readonly stateBound: number
  readonly backbone: Float64Array
  readonly head: Float64Array
  /** Of ltc, cfc and leaky neurons and of delays; 0 when an episode begins. */
  state = 0
  readonly #kind: number
  readonly #aggregation: number
  readonly #activation: number
  readonly #bias: number
  readonly #response: number
  readonly #row: NeuronRow
  /** Weighted inputs, for aggregations that need them side by side. */
  readonly #terms: Float64Array
  /** What came in at the last firing, for diff_product. */
  readonly #previous: Float64Array
  readonly #learner: Learner | null

  constructor(traits: NeuronTraits, row: NeuronRow) {
    const { values, col, weights, begin, modulatory } = row
    const { aggregation, rule, parameters, linkParameters } = traits
    const count = modulatory - begin
    const isSum = aggregation === DOT_PRODUCT || aggregation === DIFF_PRODUCT
    this.isDelay = traits.kind === DELAY
    this.isDotProduct = aggregation === DOT_PRODUCT && !this.isDelay
    this.isSimpleCfc =
      traits.kind === CFC &&
      traits.response === 1 &&
      rule === NO_PLASTICITY &&
      traits.backbone.length === 0 &&
      traits.head.length === 0
    const isPlain = traits.kind === STANDARD && traits.response === 1
    this.hebb = isPlain ? hebbOf(rule, parameters) : null
    this.timeConstant = traits.timeConstant
    this.stateBound = traits.stateBound
    this.backbone = traits.backbone
    this.head = traits.head
    this.#kind = traits.kind
    this.#aggregation = aggregation
    this.#activation = traits.activation
    this.#bias = traits.bias
    this.#response = traits.response
    this.#row = row
    this.#terms = isSum ? NOTHING : new Float64Array(count)
    this.#previous = aggregation === DIFF_PRODUCT ? new Float64Array(count) : NOTHING
    const learning = { values, col, weights, begin, end: modulatory }
    this.#learner =
      rule === NO_PLASTICITY ? null : new Learner(rule, parameters, linkParameters, learning)
  }

  /** An episode begins. The weights are the network's to restore. */
  reset(): void {
    this.state = 0
    this.#previous.fill(0)
    this.#learner?.reset()
  }

  /** Its answer of this tick, `dt` ticks after the last. */
  fire(dt: number): number {
    return this.isDelay ? this.state : this.respond(this.#sum(), dt)
  }

  /** Its answer to the sum u of its inputs, which a neuron of `isDotProduct` may be given. */
  respond(u: number, dt: number): number {
    let answer: number
    switch (this.#kind) {
      case LTC:
        answer = ltcStep(u, this.state, this, dt)
        break
      case CFC:
        answer = cfcStep(u, this.state, this, dt)
        break
      case LEAKY:
        answer = leakyStep(u, this.state, this.timeConstant, dt)
        break
      default:
        answer = activate(this.#activation, u)
    }
    this.state = answer
    if (this.#learner !== null) this.#learner.learn(answer, this.#modulator(), dt)
    return answer
  }

  /** All neurons have fired: a delay takes in what it will answer next. */
  capture(dt: number): void {
    this.state = this.#sum()
    this.#learner?.learn(this.state, this.#modulator(), dt)
  }

  #sum(): number {
    const { values, col, weights, begin, modulatory } = this.#row
    const response = this.#response
    const aggregation = this.#aggregation
    if (aggregation === DOT_PRODUCT) {
      let sum = this.#bias
      for (let k = begin; k < modulatory; k++) sum += values[col[k]!]! * (weights[k]! * response)
      return sum
    }
    if (aggregation === DIFF_PRODUCT) return this.#changeSum()
    const terms = this.#terms
    for (let k = begin; k < modulatory; k++) terms[k - begin] = values[col[k]!]! * weights[k]!
    const aggregated = response * aggregate(aggregation, terms, modulatory - begin)
    if (aggregation !== MULT_PRODUCT) return this.#bias + aggregated
    return this.#bias === 0 ? aggregated : aggregated * this.#bias
  }

  #changeSum(): number {
    const { values, col, weights, begin, modulatory } = this.#row
    const previous = this.#previous
    let sum = this.#bias
    for (let k = begin; k < modulatory; k++) {
      const value = values[col[k]!]!
      sum += (value - previous[k - begin]!) * (weights[k]! * this.#response)
      previous[k - begin] = value
    }
    return sum
  }

  #modulator(): number {
    const { values, col, weights, modulatory, end } = this.#row
    if (modulatory === end) return 1
    let sum = 0
    for (let k = modulatory; k < end; k++) sum += values[col[k]!]! * weights[k]!
    return tanh(sum)
  }
}
