// Every activation as standard operators of ONNX: what network/activation.ts defines, in float32.
import type { ActivationName } from '../evolution/network/activation.ts'
import type { OnnxGraph, Tensor } from './onnx-graph.ts'

/** The activation of a tensor. */
export function activation(graph: OnnxGraph, name: ActivationName, x: Tensor): Tensor {
  return meanings[name](terms(graph), x)
}

/** Short words for what the definitions say. */
interface Terms {
  op(type: string, ...inputs: readonly (Tensor | number)[]): Tensor
  add(a: Tensor | number, b: Tensor | number): Tensor
  mul(a: Tensor | number, b: Tensor | number): Tensor
  clip(x: Tensor, limit: number): Tensor
  /** Where x > 0, else. */
  positive(x: Tensor, then: Tensor | number, otherwise: Tensor | number): Tensor
}

function terms(graph: OnnxGraph): Terms {
  const tensorOf = (one: Tensor | number): Tensor =>
    typeof one === 'number' ? graph.scalar(one) : one
  const op = (type: string, ...inputs: readonly (Tensor | number)[]): Tensor =>
    graph.op(type, inputs.map(tensorOf))
  return {
    op,
    add: (a, b) => op('Add', a, b),
    mul: (a, b) => op('Mul', a, b),
    clip: (x, limit) => op('Max', op('Min', x, limit), -limit),
    positive: (x, then, otherwise) => op('Where', op('Greater', x, 0), then, otherwise),
  }
}

const SELU_SCALE = 1.0507009873554805
const SELU_ALPHA = 1.6732632423543772

type Meaning = (t: Terms, x: Tensor) => Tensor

const logistic =
  (slope: number, limit: number): Meaning =>
  (t, x) =>
    t.op('Sigmoid', t.clip(t.mul(x, slope), limit))

/** e^x - 1 for negative x, 0 for others: safe where it is not chosen. */
const decay = (t: Terms, x: Tensor): Tensor => t.add(t.op('Exp', t.op('Min', x, 0)), -1)

const bell =
  (factor: number, limit: number): Meaning =>
  (t, x) => {
    const z = t.clip(x, limit)
    return t.op('Exp', t.mul(t.mul(z, z), -factor))
  }

const meanings: Readonly<Record<ActivationName, Meaning>> = {
  tanh: (t, x) => t.op('Tanh', x),
  sigmoid: (t, x) => t.op('Sigmoid', x),
  steep_sigmoid: (t, x) => t.op('Sigmoid', t.mul(x, 4.9)),
  identity: (_t, x) => x,
  relu: (t, x) => t.op('Relu', x),
  sin: (t, x) => t.op('Sin', x),
  cos: (t, x) => t.op('Cos', x),
  gaussian: (t, x) => t.op('Exp', t.op('Neg', t.mul(x, x))),
  softsign: (t, x) => t.op('Div', x, t.add(t.op('Abs', x), 1)),
  sgn: (t, x) => t.op('Sign', x),
  bin: (t, x) => t.positive(x, 1, 0),
  trinary: (t, x) => t.op('Where', t.op('Less', t.op('Abs', x), 0.33), 0, t.op('Sign', x)),
  multiquadric: (t, x) => t.op('Sqrt', t.add(t.mul(x, x), 0.01)),
  absolute: (t, x) => t.op('Abs', x),
  quadratic: (t, x) => t.mul(x, t.op('Abs', x)),
  cubic: (t, x) => t.mul(t.mul(x, x), x),
  sqrt: (t, x) => t.mul(t.op('Sign', x), t.op('Sqrt', t.op('Abs', x))),
  // 0 at 0: the logarithm is taken of 1 there.
  log: (t, x) => {
    const size = t.op('Abs', x)
    const safe = t.op('Where', t.op('Equal', size, 0), 1, size)
    return t.mul(t.op('Sign', x), t.op('Log', safe))
  },
  elu: (t, x) => t.positive(x, x, decay(t, x)),
  lelu: (t, x) => t.positive(x, x, t.mul(x, 0.005)),
  selu: (t, x) => t.positive(x, t.mul(x, SELU_SCALE), t.mul(decay(t, x), SELU_SCALE * SELU_ALPHA)),
  clamped: (t, x) => t.clip(x, 1),
  hat: (t, x) => t.op('Relu', t.op('Sub', 1, t.op('Abs', x))),
  square: (t, x) => t.mul(x, x),
  inv: (t, x) => {
    const isZero = t.op('Equal', x, 0)
    return t.op('Where', isZero, 0, t.op('Div', 1, t.op('Where', isZero, 1, x)))
  },
  exp: (t, x) => t.op('Exp', t.clip(x, 60)),
  neat_sigmoid: logistic(5, 60),
  neat_tanh: (t, x) => t.op('Tanh', t.clip(t.mul(x, 2.5), 60)),
  neat_sin: (t, x) => t.op('Sin', t.clip(t.mul(x, 5), 60)),
  neat_gauss: bell(5, 3.4),
  neat_softplus: (t, x) => t.mul(t.op('Softplus', t.clip(t.mul(x, 5), 60)), 0.2),
  neat_log: (t, x) => t.op('Log', t.op('Max', x, 1e-7)),
  original_neat_sigmoid: (t, x) => t.op('Sigmoid', t.mul(x, 4.924273)),
  faber_sigmoid: logistic(1, 10),
  faber_gaussian: bell(1.0000000005668856, 10),
  bip: (t, x) => t.positive(x, 1, -1),
}
