// LTC, CfC and leaky neurons as standard operators of ONNX: what network/liquid.ts defines, one tick
// a run.
import type { NeuronGene } from '../evolution/genotype.ts'
import type { OnnxGraph, Tensor } from './onnx-graph.ts'

/** The new state of the neuron, which is its answer, from its sum and its state. */
export function liquid(graph: OnnxGraph, gene: NeuronGene, u: Tensor, x: Tensor): Tensor {
  const { neuronType, timeConstant = 1, stateBound = 1, backbone = [], head = [] } = gene
  const op = (type: string, ...inputs: readonly (Tensor | number)[]): Tensor =>
    graph.op(
      type,
      inputs.map((one) => (typeof one === 'number' ? graph.scalar(one) : one)),
    )
  const polynomial = (coefficients: readonly number[]): Tensor => {
    if (coefficients.length === 0) return u
    return coefficients
      .slice(0, -1)
      .reduceRight<Tensor>(
        (sum, coefficient) => op('Add', op('Mul', sum, u), coefficient),
        op('Add', op('Mul', u, 0), coefficients.at(-1) ?? 0),
      )
  }
  const raised = (coefficients: readonly number[]): Tensor =>
    coefficients.length === 0 ? u : op('Mul', polynomial(coefficients), u)
  if (neuronType === 'leaky') return op('Add', x, op('Mul', op('Sub', u, x), 1 / timeConstant))
  if (neuronType === 'ltc') {
    const f = op('Sigmoid', raised(backbone))
    const a = head.length === 0 ? stateBound : op('Mul', op('Tanh', raised(head)), stateBound)
    return op('Div', op('Add', x, op('Mul', f, a)), op('Add', f, 1 + 1 / timeConstant))
  }
  const f = op('Mul', raised(backbone), -1 / Math.max(timeConstant, 0.001))
  const gate = op('Sigmoid', op('Max', op('Min', f, 10), -10))
  const kept = op('Mul', gate, x)
  const taken = op('Mul', op('Sub', 1, gate), op('Tanh', raised(head)))
  return op('Max', op('Min', op('Add', kept, taken), stateBound), -stateBound)
}
