// The names that other programs give to activations and aggregations, and ours for the same
// functions: for whoever brings a configuration or a genome along.
//
//   activationOf('neat-python', 'sigmoid')   // 'neat_sigmoid': five times as steep as ours
//   activationOf('faber', 'linear')          // 'identity'
//
// `faber` is faber_tweann, which took its names from DXNN2. A name that is not here is not known to
// that program.
import type { ActivationName } from './activation.ts'
import type { AggregationName } from './aggregation.ts'

export type Peer = 'neat-python' | 'faber'

const activations: Readonly<Record<Peer, Readonly<Record<string, ActivationName>>>> = {
  'neat-python': {
    abs: 'absolute',
    clamped: 'clamped',
    cube: 'cubic',
    elu: 'elu',
    exp: 'exp',
    gauss: 'neat_gauss',
    hat: 'hat',
    identity: 'identity',
    inv: 'inv',
    lelu: 'lelu',
    log: 'neat_log',
    relu: 'relu',
    selu: 'selu',
    sigmoid: 'neat_sigmoid',
    sin: 'neat_sin',
    softplus: 'neat_softplus',
    square: 'square',
    tanh: 'neat_tanh',
  },
  faber: {
    absolute: 'absolute',
    bin: 'bin',
    bip: 'bip',
    cos: 'cos',
    cubic: 'cubic',
    gaussian: 'faber_gaussian',
    linear: 'identity',
    log: 'log',
    multiquadric: 'multiquadric',
    quadratic: 'quadratic',
    relu: 'relu',
    sgn: 'sgn',
    sigmoid: 'faber_sigmoid',
    sigmoid1: 'softsign',
    sin: 'sin',
    sqrt: 'sqrt',
    tanh: 'tanh',
    trinary: 'trinary',
  },
}

const aggregations: Readonly<Record<Peer, Readonly<Record<string, AggregationName>>>> = {
  'neat-python': {
    max: 'max',
    maxabs: 'maxabs',
    mean: 'mean',
    median: 'median',
    min: 'min',
    product: 'product',
    sum: 'dot_product',
  },
  faber: {
    diff: 'diff_product',
    diff_product: 'diff_product',
    dot_product: 'dot_product',
    mult_product: 'mult_product',
  },
}

/** Our name of the activation that `peer` calls `name`; undefined if it has none. */
export function activationOf(peer: Peer, name: string): ActivationName | undefined {
  return Object.hasOwn(activations[peer], name) ? activations[peer][name] : undefined
}

/** Our name of the aggregation that `peer` calls `name`; undefined if it has none. */
export function aggregationOf(peer: Peer, name: string): AggregationName | undefined {
  return Object.hasOwn(aggregations[peer], name) ? aggregations[peer][name] : undefined
}
