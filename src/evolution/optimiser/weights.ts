// One genotype's numbers as a vector, and back: what an optimiser of weights searches for.
//
//   const x = weightsOf(genotype)                 // weights of enabled links, then biases
//   const better = withWeights(genotype, x)
//   const plan = new WeightPlan(genotype).plan(x) // compiled, hundreds of times a millisecond
//
// Time constants go in by their logarithm, so that a step is a factor. Numbers beyond what a
// genotype may hold are brought back to the bound.
import { GENOTYPE_WEIGHT_MAX } from '../../limits.ts'
import type { Genotype, LinkGene, NeuronGene } from '../genotype.ts'
import { exp, log } from '../network/elementary.ts'
import { compile, type Plan } from '../network/plan.ts'
import { viewPlan } from '../network/plan-image.ts'

/** What of a genotype is searched for, beside the weights. Plain data. */
export interface WeightParts {
  /** Default true. Without them a network of odd activations is odd. */
  readonly biases?: boolean
  /** Of `ltc`, `cfc` and `leaky` neurons; default false. */
  readonly timeConstants?: boolean
}

const TIME_CONSTANT_MIN = 0.001
const TIME_CONSTANT_MAX = 100

/** The vector of a genotype. */
export function weightsOf(genotype: Genotype, parts: WeightParts = {}): Float64Array {
  const x = genotype.links.filter(({ enabled }) => enabled).map(({ weight }) => weight)
  if (parts.biases ?? true) for (const { bias } of genotype.neurons) x.push(bias)
  if (parts.timeConstants === true) {
    for (const neuron of genotype.neurons) {
      if (hasTimeConstant(neuron)) x.push(log(neuron.timeConstant ?? 1))
    }
  }
  return Float64Array.from(x)
}

/** The genotype with the numbers of a vector. Throws a RangeError for one of another length. */
export function withWeights(
  genotype: Genotype,
  x: ArrayLike<number>,
  parts: WeightParts = {},
): Genotype {
  let at = 0
  const next = (): number => x[at++] ?? Number.NaN
  const links = genotype.links.map((link): LinkGene => {
    return link.enabled ? { ...link, weight: bounded(next()) } : link
  })
  const biased = genotype.neurons.map((neuron): NeuronGene => {
    return (parts.biases ?? true) ? { ...neuron, bias: bounded(next()) } : neuron
  })
  const neurons = biased.map((neuron): NeuronGene => {
    if (parts.timeConstants !== true || !hasTimeConstant(neuron)) return neuron
    const timeConstant = exp(next())
    return {
      ...neuron,
      timeConstant: Math.max(TIME_CONSTANT_MIN, Math.min(TIME_CONSTANT_MAX, timeConstant)),
    }
  })
  if (at !== x.length) throw new RangeError(`${x.length} numbers for ${at} weights`)
  return { ...genotype, links, neurons }
}

function hasTimeConstant({ neuronType }: NeuronGene): boolean {
  return neuronType === 'ltc' || neuronType === 'cfc' || neuronType === 'leaky'
}

/** Not a number becomes 0: it weighs nothing, and the genotype stays one. */
function bounded(weight: number): number {
  if (Number.isNaN(weight)) return 0
  return Math.max(-GENOTYPE_WEIGHT_MAX, Math.min(GENOTYPE_WEIGHT_MAX, weight))
}

/** A genotype compiled once, with places for its numbers. */
export class WeightPlan {
  readonly genotype: Genotype
  readonly #parts: WeightParts
  readonly #size: number
  /** For each number of a plain genotype the index of the plan's weights, then of its biases. */
  readonly #places: Int32Array | undefined
  readonly #template: Plan

  /** Throws PlanError for a genotype that cannot be compiled. */
  constructor(genotype: Genotype, parts: WeightParts = {}) {
    this.genotype = genotype
    this.#parts = parts
    this.#size = weightsOf(genotype, parts).length
    this.#template = compile(genotype)
    if (this.#template.traits === null && isPlain(genotype)) this.#places = placesOf(genotype)
  }

  /** Numbers that a vector must have. */
  get size(): number {
    return this.#size
  }

  /** The plan with the numbers of a vector: that of `withWeights`, byte for byte. */
  plan(x: ArrayLike<number>): Plan {
    const places = this.#places
    if (places === undefined) return compile(withWeights(this.genotype, x, this.#parts))
    if (x.length !== this.#size)
      throw new RangeError(`${x.length} numbers for ${this.#size} weights`)
    const { bytes, inputs, outputs, neurons, links, held } = this.#template
    const copy = new Uint8Array(bytes)
    const plan = viewPlan(copy.buffer, 0, inputs, outputs, neurons, links, held.length, null)
    places.forEach((place, i) => {
      plan.weight[place] = bounded(x[i]!)
    })
    if (x.length > places.length) {
      for (let i = 0; i < neurons; i++) plan.bias[i] = bounded(x[places.length + i]!)
    }
    return plan
  }
}

/** Neurons and links of nothing but what NEAT has: their numbers stand in the plan as they are. */
function isPlain({ neurons, links, substrate }: Genotype): boolean {
  const fields = 4
  return (
    substrate === undefined &&
    neurons.every((neuron) => Object.keys(neuron).length === fields) &&
    links.every(
      ({ modulatory, parameters }) => modulatory === undefined && parameters === undefined,
    )
  )
}

/** Compiling numbers the links in its own order: found by giving each its number as weight. */
function placesOf(genotype: Genotype): Int32Array {
  let count = 0
  const links = genotype.links.map((link) => (link.enabled ? { ...link, weight: count++ } : link))
  const { weight } = compile({ ...genotype, links })
  const places = new Int32Array(count)
  weight.forEach((number, place) => {
    places[number] = place
  })
  return places
}
