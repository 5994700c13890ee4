// Runs plans: one interpreter in plain TypeScript for all genotypes, always available, the
// reference for every faster tier. Not generated code: a function a genotype costs milliseconds
// before its first tick, and V8 does not optimise it at all when the network is large.
//
//   const network = new Network(compile(genotype))
//   network.step(inputs, outputs)   // one tick
//
// Semantics, shared bit for bit with the process tier: neurons run ascending by (layer, id); a
// neuron adds its bias first, then its enabled incoming links by ascending position of the source;
// a recurrent link (layer(to) <= layer(from)) carries the source's value of the previous tick, 0
// before the first. Networks with traits (other kinds of neuron, aggregation, plasticity) run
// beside the plain ones, in stateful-neurons.ts; those whose weights a CPPN changes in painter.ts.
import {
  activate,
  IDENTITY,
  RELU,
  SIGMOID,
  STEEP_SIGMOID,
  STEEP_SLOPE,
  TANH,
} from './activation.ts'
import { processActuators } from './output-processing.ts'
import { PaintedNeurons } from './painter.ts'
import type { Plan } from './plan-image.ts'
import { StatefulNeurons } from './stateful-neurons.ts'

/** A network with its state: what a plan computes, tick by tick. */
export class Network {
  readonly plan: Plan
  /** Values by slot (network/plan.ts): inputs, neurons, held values. */
  readonly values: Float64Array
  /** Runs what is not plain. */
  readonly #stateful: StatefulNeurons | PaintedNeurons | null

  /**
   * `timeStep`: how many ticks of time constants pass from one step to the next; default 1. Plain
   * networks have no time.
   */
  constructor(plan: Plan, options: { readonly timeStep?: number } = {}) {
    this.plan = plan
    this.values = new Float64Array(plan.inputs + plan.neurons + plan.held.length)
    const { traits, painter } = plan
    this.#stateful = null
    if (painter !== null) {
      const cppn = new Network(painter.cppn)
      this.#stateful = new PaintedNeurons(plan, painter, this.values, cppn)
    } else if (traits !== null) {
      this.#stateful = new StatefulNeurons(plan, traits, this.values, options.timeStep ?? 1)
    }
  }

  /**
   * Forgets everything: the next tick is the first. Weights that have learnt are again those of the
   * genotype.
   */
  reset(): void {
    this.values.fill(0)
    this.#stateful?.reset()
  }

  /**
   * Goes on from a copy of `values` as the network they are of would have. What is more than an
   * answer (delays, traces, learnt weights) begins anew: for plain, ltc, cfc and leaky neurons.
   */
  resumeFrom(values: ArrayLike<number>): void {
    this.reset()
    this.values.set(values)
    if (this.#stateful instanceof StatefulNeurons) this.#stateful.resume()
  }

  /** The weights as they are now, by link of the plan; for what was learnt to be inherited. */
  captureWeights(): Float64Array {
    return this.#stateful?.weights ?? this.plan.weight
  }

  /**
   * One tick: reads `plan.inputs` numbers from `inputs`, writes `plan.outputs` numbers to
   * `outputs`. Longer arrays are fine, shorter ones read as NaN and lose what does not fit.
   */
  step(inputs: Float64Array, outputs: Float64Array): void {
    const { plan, values } = this
    for (let i = 0; i < plan.inputs; i++) values[i] = inputs[i]!
    if (this.#stateful === null) tick(plan, values)
    else this.#stateful.tick()
    const first = plan.inputs + plan.neurons - plan.outputs
    for (let i = 0; i < plan.outputs; i++) outputs[i] = values[first + i]!
    if (plan.traits !== null) processActuators(plan.traits, outputs)
  }
}

/**
 * One tick over `values`, whose first `plan.inputs` slots are set; returns the value of the last
 * neuron. The frequent activations stand here in full, equal operation for operation to
 * network/activation.ts: a called body made the tick twice as slow.
 */
function tick(plan: Plan, values: Float64Array): number {
  const { inputs, neurons, rowPtr, col, weight, bias, activation, held } = plan
  for (let h = 0; h < held.length; h++) values[inputs + neurons + h] = values[held[h]!]!
  // Reading one element of every array out here lets V8 check once what kind of arrays they are,
  // and not once a neuron: a seventh of the tick on workloads B and C. The sum reaches the end only
  // without neurons.
  let x = values[0]! + weight[0]! + col[0]! + bias[0]! + rowPtr[0]! + activation[0]!
  let k = 0
  for (let i = 0; i < neurons; i++) {
    x = bias[i]!
    for (const end = rowPtr[i + 1]!; k < end; k++) x += values[col[k]!]! * weight[k]!
    const code = activation[i]!
    if (code === TANH) {
      const y = Math.max(-19.0615, Math.min(19.0615, x))
      const z = y * y
      const p = y * (238958476.1132344 + z * (1986661.3865718788 + z * (3156.033500950221 + z)))
      const q =
        955833904.4529376 +
        z *
          (27859851.88905634 +
            z * (95207.55645751175 + z * (71.06893553841122 + z * 0.00677352838123639)))
      const gap = q - Math.abs(p)
      const rest = gap * gap
      const twice = 2 * p * q
      const four = 2 * twice * (Math.abs(twice) + rest)
      x = four / (Math.abs(four) + rest * rest)
    } else if (code === STEEP_SIGMOID || code === SIGMOID) {
      if (code === STEEP_SIGMOID) x *= STEEP_SLOPE
      const y = 0.03125 * Math.max(-40, Math.min(40, x))
      const z = y * y
      const p = y * (1 + z * (17325 / 135135 + z * (378 / 135135 + z * (1 / 135135))))
      const q = 1 + z * (62370 / 135135 + z * (3150 / 135135 + z * (28 / 135135)))
      let a = q + p
      let b = q - p
      a *= a
      b *= b
      a *= a
      b *= b
      a *= a
      b *= b
      a *= a
      b *= b
      x = a / (a + b)
    } else if (code === RELU) {
      x = Math.max(0, x)
    } else if (code !== IDENTITY) {
      x = activate(code, x)
    }
    values[inputs + i] = x
  }
  return x
}
