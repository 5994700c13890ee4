// Every aggregation as standard operators of ONNX: what network/aggregation.ts defines.
import type { NeuronGene } from '../evolution/genotype.ts'
import type { OnnxGraph, Tensor } from './onnx-graph.ts'

/** The sum of a neuron: bias and response included. `zero` is a [batch, 1] of zeros. */
export function aggregation(
  graph: OnnxGraph,
  { aggregation: name = 'dot_product', bias, response = 1 }: NeuronGene,
  values: readonly Tensor[],
  weights: readonly number[],
  zero: Tensor,
): Tensor {
  const plus = (x: Tensor): Tensor => graph.op('Add', [x, graph.scalar(bias)])
  if (name === 'dot_product' || name === 'diff_product') {
    if (values.length === 0) return plus(zero)
    const scaled = graph.constant(
      weights.map((weight) => weight * response),
      [weights.length, 1],
    )
    return plus(graph.op('MatMul', [graph.concat(values), scaled]))
  }
  const aggregate = graph.op('Mul', [
    aggregated(graph, name, values, weights, zero),
    graph.scalar(response),
  ])
  if (name !== 'mult_product') return plus(aggregate)
  return bias === 0 ? aggregate : graph.op('Mul', [aggregate, graph.scalar(bias)])
}

function aggregated(
  graph: OnnxGraph,
  name: NonNullable<NeuronGene['aggregation']>,
  values: readonly Tensor[],
  weights: readonly number[],
  zero: Tensor,
): Tensor {
  const isProduct = name === 'mult_product' || name === 'product'
  if (values.length === 0) return graph.op('Add', [zero, graph.scalar(isProduct ? 1 : 0)])
  const terms = graph.op('Mul', [
    graph.concat(values),
    graph.constant([...weights], [1, weights.length]),
  ])
  const reduce = (type: string): Tensor => graph.op(type, [terms], { axes: [1], keepdims: 1 })
  if (isProduct) return reduce('ReduceProd')
  if (name === 'max') return reduce('ReduceMax')
  if (name === 'min') return reduce('ReduceMin')
  if (name === 'mean') return reduce('ReduceMean')
  if (name === 'median') return median(graph, terms, weights.length)
  return furthest(graph, terms)
}

/** The first of the terms furthest from 0. */
function furthest(graph: OnnxGraph, terms: Tensor): Tensor {
  const place = graph.op('ArgMax', [graph.op('Abs', [terms])], { axis: 1, keepdims: 1 })
  return graph.op('GatherElements', [terms, place], { axis: 1 })
}

function median(graph: OnnxGraph, terms: Tensor, count: number): Tensor {
  const sorted = graph.ops('TopK', [terms, graph.integers([count])], { axis: 1 }, 2)[0] ?? terms
  const pieces = graph.split(sorted, Array<number>(count).fill(1))
  const half = count >> 1
  const [upper = sorted, lower = sorted] = [pieces[half], pieces[half - 1]]
  if ((count & 1) === 1) return upper
  return graph.op('Mul', [graph.op('Add', [upper, lower]), graph.scalar(0.5)])
}
