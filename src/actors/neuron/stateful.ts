// The traits of a neuron process: what its gene says, on arrays of its own, for the one definition
// of such neurons (evolution/network/stateful-neuron.ts).
import type { NeuronGene } from '../../evolution/genotype.ts'
import { activationCode } from '../../evolution/network/activation.ts'
import { aggregationCode } from '../../evolution/network/aggregation.ts'
import { neuronTypeCode } from '../../evolution/network/neuron-type.ts'
import { plasticityCode } from '../../evolution/network/plasticity-rule.ts'
import { StatefulNeuron } from '../../evolution/network/stateful-neuron.ts'
import type { Synapse } from './neuron.ts'

/** Null for a plain neuron. `values` and `weights` are by slot, and stay those of the process. */
export function statefulNeuron(
  gene: NeuronGene,
  synapses: readonly Synapse[],
  values: Float64Array,
  weights: Float64Array,
): StatefulNeuron | null {
  const { aggregation, neuronType, response, plasticity } = gene
  const modulatory = synapses.filter(({ isModulatory }) => !isModulatory).length
  const isPlain =
    aggregation === undefined &&
    neuronType === undefined &&
    response === undefined &&
    plasticity === undefined &&
    modulatory === synapses.length
  if (isPlain) return null
  const { rule = 'none', parameters = [] } = plasticity ?? {}
  return new StatefulNeuron(
    {
      kind: neuronTypeCode(neuronType ?? 'standard'),
      aggregation: aggregationCode(aggregation ?? 'dot_product'),
      activation: activationCode(gene.activation),
      bias: gene.bias,
      response: response ?? 1,
      timeConstant: gene.timeConstant ?? 1,
      stateBound: gene.stateBound ?? 1,
      backbone: Float64Array.from(gene.backbone ?? []),
      head: Float64Array.from(gene.head ?? []),
      rule: plasticityCode(rule),
      parameters: Float64Array.from(parameters),
      linkParameters: Float64Array.from(synapses.flatMap((synapse) => synapse.parameters)),
    },
    {
      values,
      col: Int32Array.from(synapses.keys()),
      weights,
      begin: 0,
      modulatory,
      end: synapses.length,
    },
  )
}
