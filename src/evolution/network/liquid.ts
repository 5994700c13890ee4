// Neurons with a state of their own: liquid time-constant (ltc), closed-form continuous-time (cfc)
// and leaky ones. Pure: state and input in, new state out, which is also what the neuron answers.
//
//   x = ltcStep(u, x, neuron, 1)   // u: the neuron's sum, 1: ticks since the last step
//
// The published equations come first, in their general form; then what the neurons of a genotype
// compute, which is these equations for one neuron and its sum u:
//
//   ltc   f = sigmoid(backbone(u)), A = stateBound, or stateBound * tanh(head(u)) if it has a head
//   cfc   f = backbone(u) / timeConstant, g = the state, h = tanh(head(u)); within +-stateBound
//   leaky x + dt * (u - x) / timeConstant
//
// backbone(u) = b1 u + b2 u^2 + ..., and u itself without coefficients; head likewise. A neuron
// sees its own state in u through a link to itself. Without a head an ltc neuron answers between 0
// and A. A cfc neuron's gate takes its argument within +-10, as in faber, whose weightless cfc this
// is, bit by bit of the formula; faber's other forms stand in liquid-peers.ts.
//
// Hasani, Lechner, Amini, Rus, Grosu 2021, Liquid time-constant networks (AAAI), equations 1 and 3.
// Hasani et al. 2022, Closed-form continuous-time neural networks (Nature Machine Intelligence 4),
// equations 2 and 10.
import { sigmoid, tanh } from './activation.ts'
import { exp } from './elementary.ts'

/**
 * One fused step of the ltc equation dx/dt = -(1/tau + f) x + f A over a time dt: implicit in x, so
 * it is stable for every dt, and within 0 .. A for f >= 0 (2021, equation 3).
 */
export function ltcFused(x: number, f: number, a: number, tau: number, dt: number): number {
  return (x + dt * f * a) / (1 + dt * (1 / tau + f))
}

/**
 * The closed form of the ltc equation at time t, from x0 at time 0 under a constant input I, given
 * f(I) and f(-I) (2022, equation 2).
 */
export function ltcClosedForm(
  x0: number,
  a: number,
  tau: number,
  t: number,
  fOfInput: number,
  fOfMinusInput: number,
): number {
  return (x0 - a) * exp(-(1 / tau + fOfInput) * t) * fOfMinusInput + a
}

/**
 * The cfc equation at time t since the last sample: the heads g and h, gated by f (2022, equation
 * 10). For t = 0 it is their mean.
 */
export function cfcBlend(f: number, g: number, h: number, t: number): number {
  const gate = sigmoid(-f * t)
  return gate * g + (1 - gate) * h
}

/** What the steps below need of a neuron. */
export interface LiquidNeuron {
  /** Ticks; above 0. */
  readonly timeConstant: number
  readonly stateBound: number
  readonly backbone: Float64Array
  readonly head: Float64Array
}

/** c1 u + c2 u^2 + ..., and u without coefficients. */
export function polynomial(coefficients: Float64Array, u: number): number {
  const { length } = coefficients
  if (length === 0) return u
  let sum = coefficients[length - 1]!
  for (let i = length - 2; i >= 0; i--) sum = sum * u + coefficients[i]!
  return sum * u
}

/** The new state of an ltc neuron after dt ticks. */
export function ltcStep(u: number, x: number, neuron: LiquidNeuron, dt: number): number {
  const { backbone, head, stateBound, timeConstant } = neuron
  const f = sigmoid(polynomial(backbone, u))
  const a = head.length === 0 ? stateBound : stateBound * tanh(polynomial(head, u))
  return ltcFused(x, f, a, timeConstant, dt)
}

/** The new state of a cfc neuron after dt ticks. */
export function cfcStep(u: number, x: number, neuron: LiquidNeuron, dt: number): number {
  const { backbone, head, stateBound, timeConstant } = neuron
  const a = polynomial(backbone, u) * cfcPace(timeConstant, dt)
  return cfcGated(a, polynomial(head, u), x, stateBound)
}

/** How much time passes for a cfc neuron in dt ticks, in time constants. */
export function cfcPace(timeConstant: number, dt: number): number {
  return dt / Math.max(timeConstant, 0.001)
}

/**
 * The new state of a cfc neuron, given its backbone's polynomial times its pace and its head's:
 * sigmoid(-a) = (1 - tanh(a / 2)) / 2, which costs less than the sigmoid, for the gate.
 */
export function cfcGated(a: number, head: number, x: number, stateBound: number): number {
  const gate = 0.5 - 0.5 * tanh(0.5 * Math.max(-10, Math.min(10, a)))
  const next = gate * x + (1 - gate) * tanh(head)
  return Math.max(-stateBound, Math.min(stateBound, next))
}

/**
 * The new state of a leaky neuron after dt ticks. It overshoots, and beyond 2 timeConstant grows
 * without end, where dt is larger than its timeConstant.
 */
export function leakyStep(u: number, x: number, timeConstant: number, dt: number): number {
  return x + (dt * (u - x)) / timeConstant
}
