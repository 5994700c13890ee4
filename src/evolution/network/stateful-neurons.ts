// The neurons of a network whose plan has traits: what interpreter.ts runs instead of its plain
// loop. Values stay in its array, where each neuron writes in place.
import { DOT_PRODUCT } from './aggregation.ts'
import { cfcPace } from './liquid.ts'
import { type RunArrays, runCfc, runHebb, runPlain } from './neuron-runs.ts'
import { STANDARD } from './neuron-type.ts'
import type { Plan } from './plan-image.ts'
import type { PlanTraits } from './plan-traits.ts'
import { plasticityRules } from './plasticity-rule.ts'
import { StatefulNeuron } from './stateful-neuron.ts'

/** The loop that a neuron runs in. */
type Loop = 'plain' | 'cfc' | 'hebb' | 'sum' | 'any'

/** Neurons one after the other that run in the same loop. */
interface Run {
  readonly loop: Loop
  readonly first: number
  readonly end: number
}

export class StatefulNeurons {
  /** The plan's own, unless something learns. */
  readonly weights: Float64Array
  readonly #arrays: RunArrays
  readonly #response: Float64Array
  readonly #timeStep: number
  readonly #runs: readonly Run[]
  /** By neuron; null where it is plain. */
  readonly #neurons: readonly (StatefulNeuron | null)[]
  readonly #delays: readonly StatefulNeuron[]

  constructor(plan: Plan, traits: PlanTraits, values: Float64Array, timeStep: number) {
    const learns = traits.rule.some((rule) => rule !== 0)
    this.weights = learns ? plan.weight.slice() : plan.weight
    this.#response = traits.response
    this.#timeStep = timeStep
    this.#neurons = neuronsOf(plan, traits, values, this.weights)
    this.#delays = this.#neurons.filter((neuron) => neuron !== null).filter((one) => one.isDelay)
    this.#runs = runsOf(this.#neurons)
    const hebb = this.#neurons.map((neuron) => neuron?.hebb)
    this.#arrays = {
      plan,
      values,
      weights: this.weights,
      last: traits.modulatory,
      stateBound: traits.stateBound,
      pace: traits.timeConstant.map((timeConstant) => cfcPace(timeConstant, timeStep)),
      rate: Float64Array.from(hebb, (learning) => learning?.rate ?? 0),
      limit: Float64Array.from(hebb, (learning) => learning?.limit ?? 0),
    }
  }

  reset(): void {
    const { plan } = this.#arrays
    if (this.weights !== plan.weight) this.weights.set(plan.weight)
    for (const neuron of this.#neurons) neuron?.reset()
  }

  /** Takes the answers that stand among the values for states. */
  resume(): void {
    const { values, plan } = this.#arrays
    for (const [i, neuron] of this.#neurons.entries()) {
      if (neuron !== null) neuron.state = values[plan.inputs + i]!
    }
  }

  /** One tick over the values, whose inputs are set. */
  tick(): void {
    const arrays = this.#arrays
    const { values } = arrays
    const { inputs, neurons, held } = arrays.plan
    for (let h = 0; h < held.length; h++) values[inputs + neurons + h] = values[held[h]!]!
    for (const { loop, first, end } of this.#runs) {
      if (loop === 'plain') runPlain(arrays, first, end)
      else if (loop === 'cfc') runCfc(arrays, first, end)
      else if (loop === 'hebb') runHebb(arrays, first, end)
      else if (loop === 'sum') this.#runSum(first, end)
      else this.#runAny(first, end)
    }
    for (const delay of this.#delays) delay.capture(this.#timeStep)
  }

  /** Neurons that answer to a plain sum of their inputs: here because a call costs more. */
  #runSum(first: number, end: number): void {
    const { values, weights, last, plan } = this.#arrays
    const { inputs, rowPtr, col, bias } = plan
    const response = this.#response
    const neurons = this.#neurons
    const timeStep = this.#timeStep
    for (let i = first; i < end; i++) {
      let u = bias[i]!
      const gain = response[i]!
      for (let k = rowPtr[i]!, to = last[i]!; k < to; k++) {
        u += values[col[k]!]! * (weights[k]! * gain)
      }
      values[inputs + i] = neurons[i]!.respond(u, timeStep)
    }
  }

  #runAny(first: number, end: number): void {
    const { values, plan } = this.#arrays
    const timeStep = this.#timeStep
    for (let i = first; i < end; i++) {
      values[plan.inputs + i] = this.#neurons[i]!.fire(timeStep)
    }
  }
}

function loopOf(neuron: StatefulNeuron | null): Loop {
  if (neuron === null) return 'plain'
  if (!neuron.isDotProduct) return 'any'
  if (neuron.isSimpleCfc) return 'cfc'
  return neuron.hebb === null ? 'sum' : 'hebb'
}

function runsOf(neurons: readonly (StatefulNeuron | null)[]): Run[] {
  const loops = neurons.map(loopOf)
  const firsts = [...loops.keys()].filter((i) => i === 0 || loops[i] !== loops[i - 1])
  return firsts.map((first, run) => {
    return { loop: loops[first]!, first, end: firsts[run + 1] ?? loops.length }
  })
}

function neuronsOf(
  plan: Plan,
  traits: PlanTraits,
  values: Float64Array,
  weights: Float64Array,
): (StatefulNeuron | null)[] {
  const { rowPtr, col, activation, bias } = plan
  const { kind, aggregation, rule, response, modulatory, coefficientPtr, coefficients } = traits
  let parameters = 0
  let linkParameters = 0
  return Array.from({ length: plan.neurons }, (_, i) => {
    const begin = rowPtr[i]!
    const end = rowPtr[i + 1]!
    const isPlain =
      kind[i] === STANDARD &&
      aggregation[i] === DOT_PRODUCT &&
      rule[i] === 0 &&
      response[i] === 1 &&
      modulatory[i] === end
    if (isPlain) return null
    const { neuron: own = [], link = [] } = plasticityRules[rule[i]!] ?? {}
    const parametersAt = parameters
    const linkParametersAt = linkParameters
    parameters += own.length
    linkParameters += link.length * (modulatory[i]! - begin)
    const backbone = coefficientPtr[2 * i]!
    const head = coefficientPtr[2 * i + 1]!
    return new StatefulNeuron(
      {
        kind: kind[i]!,
        aggregation: aggregation[i]!,
        activation: activation[i]!,
        bias: bias[i]!,
        response: response[i]!,
        timeConstant: traits.timeConstant[i]!,
        stateBound: traits.stateBound[i]!,
        backbone: coefficients.subarray(backbone, head),
        head: coefficients.subarray(head, coefficientPtr[2 * i + 2]!),
        rule: rule[i]!,
        parameters: traits.parameters.subarray(parametersAt, parameters),
        linkParameters: traits.linkParameters.subarray(linkParametersAt, linkParameters),
      },
      { values, col, weights, begin, modulatory: modulatory[i]!, end },
    )
  })
}
