// Networks whose weights a CPPN changes while they run (substrates of plasticity `iterative`; Risi
// & Stanley 2010, "Indirectly encoding neural plasticity as a pattern of local rules"; DXNN's
// substrate, Sher 2013, chapter 16). When a neuron has answered, the CPPN is shown each of its
// links: the places of both ends, what came in, what the neuron answered, and the weight; what it
// answers is the change. Only that part of an answer counts that is beyond the threshold, scaled to
// [-1, 1], and weights stay within the range.
//
// The one definition: compiled networks have `PaintedNeurons`, neuron processes a `Painting` each.
import { type Asked, beyond, distance } from '../substrate/cppn.ts'
import { activate } from './activation.ts'
import type { Plan, PlanPainter } from './plan-image.ts'

/** What is changed, and from what; positions in arrays that neurons may share. */
export interface PaintedRow {
  /** What each link carries is `values[col[link]]`. */
  readonly values: Float64Array
  readonly col: Int32Array
  readonly weights: Float64Array
  /** Places, one after the other: that of the source of a link is number `sources[link]`. */
  readonly places: Float64Array
  readonly sources: Int32Array
}

/** Asks a CPPN for changes of weights. */
export class Painting {
  readonly #cppn: Asked
  readonly #rules: Omit<PlanPainter, 'cppn' | 'places'>
  readonly #row: PaintedRow
  readonly #shown: Float64Array
  readonly #answers: Float64Array

  constructor(cppn: Asked, { cppn: plan, ...rules }: Omit<PlanPainter, 'places'>, row: PaintedRow) {
    this.#cppn = cppn
    this.#rules = rules
    this.#row = row
    this.#shown = new Float64Array(plan.inputs)
    this.#answers = new Float64Array(plan.outputs)
  }

  /** The neuron at place number `target` has answered `output`: changes its links' weights. */
  change(target: number, output: number, begin: number, end: number): void {
    const { dimensions, hasLength, threshold, weightRange } = this.#rules
    const { values, col, weights, places, sources } = this.#row
    const shown = this.#shown
    const to = target * dimensions
    for (let i = 0; i < dimensions; i++) shown[dimensions + i] = places[to + i]!
    for (let k = begin; k < end; k++) {
      const from = sources[k]! * dimensions
      const weight = weights[k]!
      let at = 2 * dimensions
      for (let i = 0; i < dimensions; i++) shown[i] = places[from + i]!
      if (hasLength) shown[at++] = distance(places, from, places, to, dimensions)
      shown[at++] = values[col[k]!]!
      shown[at++] = output
      shown[at] = weight
      this.#cppn.reset()
      this.#cppn.step(shown, this.#answers)
      const next = weight + beyond(this.#answers[0]!, threshold)
      weights[k] = Math.max(-weightRange, Math.min(weightRange, next))
    }
  }
}

/** The neurons of a network whose weights a CPPN changes: plain ones, but for that. */
export class PaintedNeurons {
  readonly weights: Float64Array
  readonly #plan: Plan
  readonly #values: Float64Array
  readonly #painting: Painting

  constructor(plan: Plan, painter: PlanPainter, values: Float64Array, cppn: Asked) {
    const { inputs, neurons, col, held } = plan
    const { places } = painter
    this.#plan = plan
    this.#values = values
    this.weights = plan.weight.slice()
    const sources = col.map((slot) =>
      slot < inputs + neurons ? slot : held[slot - inputs - neurons]!,
    )
    this.#painting = new Painting(cppn, painter, {
      values,
      col,
      weights: this.weights,
      places,
      sources,
    })
  }

  reset(): void {
    this.weights.set(this.#plan.weight)
  }

  tick(): void {
    const { inputs, neurons, rowPtr, col, bias, activation, held } = this.#plan
    const { weights } = this
    const values = this.#values
    for (let h = 0; h < held.length; h++) values[inputs + neurons + h] = values[held[h]!]!
    for (let i = 0; i < neurons; i++) {
      const [begin, end] = [rowPtr[i]!, rowPtr[i + 1]!]
      let x = bias[i]!
      for (let k = begin; k < end; k++) x += values[col[k]!]! * weights[k]!
      const answer = activate(activation[i]!, x)
      // A link of a neuron to itself brought in what stands there now.
      this.#painting.change(inputs + i, answer, begin, end)
      values[inputs + i] = answer
    }
  }
}
