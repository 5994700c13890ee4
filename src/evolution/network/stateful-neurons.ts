// The neurons of a network whose plan has traits: what interpreter.ts runs instead of its plain
// loop. Values stay in its array, where each neuron writes in place.
import { activate, TANH, tanh } from './activation.ts'
import { DOT_PRODUCT } from './aggregation.ts'
import { cfcMove } from './liquid.ts'
import { STANDARD } from './neuron-type.ts'
import type { Plan } from './plan-image.ts'
import type { PlanTraits } from './plan-traits.ts'
import { plasticityRules } from './plasticity-rule.ts'
import { StatefulNeuron } from './stateful-neuron.ts'

export class StatefulNeurons {
  /** The plan's own, unless something learns. */
  readonly weights: Float64Array
  readonly #plan: Plan
  readonly #traits: PlanTraits
  readonly #values: Float64Array
  readonly #timeStep: number
  /** By neuron; null where it is plain. */
  readonly #neurons: readonly (StatefulNeuron | null)[]
  readonly #delays: readonly StatefulNeuron[]

  constructor(plan: Plan, traits: PlanTraits, values: Float64Array, timeStep: number) {
    const learns = traits.rule.some((rule) => rule !== 0)
    this.weights = learns ? plan.weight.slice() : plan.weight
    this.#plan = plan
    this.#traits = traits
    this.#values = values
    this.#timeStep = timeStep
    this.#neurons = neuronsOf(plan, traits, values, this.weights)
    this.#delays = this.#neurons.filter((neuron) => neuron !== null).filter((one) => one.isDelay)
  }

  reset(): void {
    if (this.weights !== this.#plan.weight) this.weights.set(this.#plan.weight)
    for (const neuron of this.#neurons) neuron?.reset()
  }

  /** One tick over the values, whose inputs are set. */
  tick(): void {
    const { inputs, neurons, rowPtr, col, bias, activation, held } = this.#plan
    const { modulatory, response, timeConstant, stateBound } = this.#traits
    const values = this.#values
    const { weights } = this
    const timeStep = this.#timeStep
    for (let h = 0; h < held.length; h++) values[inputs + neurons + h] = values[held[h]!]!
    for (let i = 0; i < neurons; i++) {
      const neuron = this.#neurons[i]!
      if (neuron !== null && !neuron.isDotProduct) {
        values[inputs + i] = neuron.fire(timeStep)
        continue
      }
      // The sum of most neurons, here because a call costs more: equal, operation for operation, to
      // that of stateful-neuron.ts. The response of a plain neuron is 1.
      let x = bias[i]!
      const gain = response[i]!
      for (let k = rowPtr[i]!, end = modulatory[i]!; k < end; k++) {
        x += values[col[k]!]! * (weights[k]! * gain)
      }
      if (neuron !== null) {
        values[inputs + i] = neuron.isSimpleCfc
          ? cfcMove(x, x, values[inputs + i]!, timeConstant[i]!, stateBound[i]!, timeStep)
          : neuron.respond(x, timeStep)
        continue
      }
      const code = activation[i]!
      values[inputs + i] = code === TANH ? tanh(x) : activate(code, x)
    }
    for (const delay of this.#delays) delay.capture(timeStep)
  }
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
