// The ltc and cfc neurons of faber_tweann, which has four functions for two names: one of its
// neuron processes, one of its Rust crate, and one of the Erlang mirror of that crate. Here to read
// its genotypes and records by; ours are in liquid.ts.
//
//   const { state, output } = faberLiquid('process.cfc', u, x, { tau, bound, dt: 0.1 })
import { sigmoid, tanh } from './activation.ts'
import { polynomial } from './liquid.ts'

export interface FaberLiquid {
  readonly tau: number
  /** The state stays within +-bound. */
  readonly bound: number
  /** Of the forms that step through time. */
  readonly dt?: number
  readonly backbone?: readonly number[]
  readonly head?: readonly number[]
  /** Of `process.ltcLiquidWeights`. */
  readonly liquid?: readonly number[]
}

interface Stepped {
  readonly state: number
  readonly output: number
}

const clip = (x: number, limit: number): number => Math.max(-limit, Math.min(limit, x))
const gateOf = (x: number): number => sigmoid(clip(x, 10))
const poly = (weights: readonly number[], u: number): number =>
  polynomial(Float64Array.from(weights), u)

/** Sum of products; what has no partner does not count. */
function dot(values: readonly number[], weights: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0)
}

/** w0 u + w1 + w2 + ...: the crate's idea of a polynomial. */
function affine(weights: readonly number[], u: number): number {
  return weights.slice(1).reduce((sum, weight) => sum + weight, weights[0]! * u)
}

function blend(x: number, f: number, h: number, bound: number): number {
  const gate = gateOf(-f)
  return clip(gate * x + (1 - gate) * h, bound)
}

const asState = (state: number): Stepped => ({ state, output: state })
const squashed = (state: number): Stepped => ({ state, output: tanh(state) })

/** Whose function: of the neuron processes, of the Erlang mirror, of the Rust crate. */
export type FaberLiquidForm =
  | 'process.cfc'
  | 'process.cfcWeights'
  | 'process.ltc'
  | 'process.ltcLiquidWeights'
  | 'mirror.cfc'
  | 'mirror.cfcWeights'
  | 'mirror.ltc'
  | 'mirror.ltcWeights'
  | 'rust.cfc'
  | 'rust.ltc'

type Form = (u: number, x: number, neuron: Required<FaberLiquid>) => Stepped

/** F of the crate. */
function rustF(u: number, { tau, backbone }: Required<FaberLiquid>): number {
  return backbone.length === 0 ? u / Math.max(tau, 0.001) : tanh(affine(backbone, u))
}

function processLtc(
  u: number,
  x: number,
  liquidity: number,
  neuron: Required<FaberLiquid>,
): number {
  const { tau, bound, dt } = neuron
  const liquidTau = Math.max(0.001, Math.min(100, tau * (1 + gateOf(liquidity))))
  return clip(x + dt * ((1 / liquidTau) * (bound * tanh(u) - x)), bound)
}

function mirrorLtc(x: number, f: number, a: number, neuron: Required<FaberLiquid>): number {
  const { tau, bound, dt } = neuron
  return clip(x + dt * (-(1 / tau + f) * x + f * a), bound)
}

const forms: Readonly<Record<FaberLiquidForm, Form>> = {
  'process.cfc': (u, x, { tau, bound }) => asState(blend(x, gateOf(u / tau), tanh(u), bound)),
  'process.cfcWeights': (u, x, { tau, bound, backbone, head }) => {
    const f = backbone.length === 0 ? gateOf(u / tau) : tanh(poly(backbone, u) / tau)
    return asState(blend(x, f, tanh(poly(head, u)), bound))
  },
  'process.ltc': (u, x, neuron) => asState(processLtc(u, x, u, neuron)),
  'process.ltcLiquidWeights': (u, x, neuron) => {
    const { liquid } = neuron
    return asState(processLtc(u, x, liquid.length === 0 ? u : poly(liquid, u + x), neuron))
  },
  'mirror.cfc': (u, x, { tau, bound }) =>
    asState(blend(x, u / Math.max(tau, 0.001), tanh(u), bound)),
  'mirror.cfcWeights': (u, x, { bound, backbone, head }) => {
    return squashed(blend(x, dot([u, x, 1], backbone), dot([u, x], head), bound))
  },
  'mirror.ltc': (u, x, neuron) => squashed(mirrorLtc(x, tanh(u), neuron.bound, neuron)),
  'mirror.ltcWeights': (u, x, neuron) => {
    const { backbone, head } = neuron
    return squashed(mirrorLtc(x, dot([u, x, 1], backbone), dot([u, x], head), neuron))
  },
  'rust.cfc': (u, x, neuron) => {
    const { head, bound } = neuron
    const h = head.length === 0 ? tanh(u) : tanh(affine(head, u))
    return asState(blend(x, rustF(u, neuron), h, bound))
  },
  'rust.ltc': (u, x, neuron) => {
    const { tau, bound, dt, head } = neuron
    const f = rustF(u, neuron)
    const state = clip(x + dt * (-(1 / Math.max(tau, 0.001) + f) * x + f * bound), bound)
    return { state, output: head.length === 0 ? state : tanh(affine(head, state)) }
  },
}

/** Is this the name of one of the forms? */
export function isFaberLiquidForm(name: string): name is FaberLiquidForm {
  return Object.hasOwn(forms, name)
}

/** One step of that form, from the state x and the neuron's sum u. */
export function faberLiquid(
  form: FaberLiquidForm,
  u: number,
  x: number,
  neuron: FaberLiquid,
): Stepped {
  return forms[form](u, x, { dt: 0.1, backbone: [], head: [], liquid: [], ...neuron })
}
