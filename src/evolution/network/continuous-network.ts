// A genotype as a continuous-time recurrent network (CTRNN; Beer 1995, On the dynamics of small
// continuous-time recurrent neural networks): neat-python's third kind of network.
//
//   const network = new ContinuousNetwork(genotype)
//   network.advance(inputs, 0.1, 0.01, outputs)   // 0.1 s in steps of 0.01 s
//
// Every neuron has a state y with tau dy/dt = -y + activation(bias + response * aggregation(w y)):
// all links carry states, none is forward, and layers mean nothing. The answer is the state of the
// outputs. Steps are exponential Euler: exact while the activations stand still, stable for every
// step. timeConstant is tau in seconds; of the other traits only aggregation and response count.
//
// Not for ticks: there Network runs a genotype, and faster.
import type { Genotype } from '../genotype.ts'
import { activate, activationCode } from './activation.ts'
import { aggregate, aggregationCode } from './aggregation.ts'
import { exp } from './elementary.ts'

interface Neuron {
  readonly activation: number
  readonly aggregation: number
  readonly bias: number
  readonly response: number
  readonly timeConstant: number
  /** Positions of the sources: inputs, then neurons. */
  readonly sources: readonly number[]
  readonly weights: readonly number[]
}

export class ContinuousNetwork {
  /** Seconds since the last reset. */
  seconds = 0
  readonly #inputs: number
  readonly #outputs: number
  readonly #neurons: readonly Neuron[]
  readonly #terms: Float64Array
  /** Inputs, then states; of this step and of the next. */
  #now: Float64Array
  #next: Float64Array

  /** A genotype that has passed `checkGenotype`. */
  constructor({ inputs, outputs, neurons, links }: Genotype) {
    const positions = new Map(neurons.map(({ id }, i) => [id, inputs + i]))
    const positionOf = (id: number): number => (id < inputs ? id : (positions.get(id) ?? 0))
    this.#inputs = inputs
    this.#outputs = outputs
    this.#neurons = neurons.map((gene) => {
      const incoming = links
        .filter(({ to, enabled, modulatory }) => to === gene.id && enabled && modulatory !== true)
        .sort((a, b) => positionOf(a.from) - positionOf(b.from))
      return {
        activation: activationCode(gene.activation),
        aggregation: aggregationCode(gene.aggregation ?? 'dot_product'),
        bias: gene.bias,
        response: gene.response ?? 1,
        timeConstant: gene.timeConstant ?? 1,
        sources: incoming.map(({ from }) => positionOf(from)),
        weights: incoming.map(({ weight }) => weight),
      }
    })
    this.#terms = new Float64Array(Math.max(...this.#neurons.map(({ sources }) => sources.length)))
    this.#now = new Float64Array(inputs + neurons.length)
    this.#next = new Float64Array(inputs + neurons.length)
  }

  /** All states are 0, the time is 0. */
  reset(): void {
    this.seconds = 0
    this.#now.fill(0)
    this.#next.fill(0)
  }

  /**
   * Lets `seconds` pass under constant inputs, in steps of `timeStep` seconds at most, and writes
   * the outputs' states. Throws a RangeError for a step that is not above 0.
   */
  advance(inputs: Float64Array, seconds: number, timeStep: number, outputs: Float64Array): void {
    if (!(timeStep > 0)) throw new RangeError(`a step of ${timeStep} s; it must be above 0`)
    const end = this.seconds + seconds
    while (this.seconds < end) {
      const dt = Math.min(timeStep, end - this.seconds)
      this.#step(inputs, dt)
      this.seconds += dt
    }
    const first = this.#now.length - this.#outputs
    for (let i = 0; i < this.#outputs; i++) outputs[i] = this.#now[first + i]!
  }

  #step(inputs: Float64Array, dt: number): void {
    const now = this.#now
    const next = this.#next
    for (let i = 0; i < this.#inputs; i++) now[i] = inputs[i]!
    this.#neurons.forEach((neuron, i) => {
      const { sources, weights, bias, response } = neuron
      for (let k = 0; k < sources.length; k++) this.#terms[k] = now[sources[k]!]! * weights[k]!
      const sum = aggregate(neuron.aggregation, this.#terms, sources.length)
      const decay = exp(-dt / neuron.timeConstant)
      const target = activate(neuron.activation, bias + response * sum)
      const at = this.#inputs + i
      next[at] = decay * now[at]! + (1 - decay) * target
    })
    this.#now = next
    this.#next = now
  }
}
