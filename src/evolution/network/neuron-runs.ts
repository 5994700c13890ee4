// The frequent kinds of neuron in networks with traits, each as a loop of its own over neighbours
// of that kind, a run: plain neurons, cfc neurons without coefficients, and neurons that learn by
// Hebb. Equal, operation for operation, to network/stateful-neuron.ts; written out because a call
// of each neuron or link costs more than its arithmetic.
import { activate, TANH as TANH_CODE, tanh } from './activation.ts'
import type { Plan } from './plan.ts'

/** A constant of this module is compiled into the loops; an imported one is read each time. */
const TANH = TANH_CODE

/** What the loops need of a network; arrays are by neuron unless said otherwise. */
export interface RunArrays {
  readonly plan: Plan
  /** By slot. */
  readonly values: Float64Array
  /** By link. */
  readonly weights: Float64Array
  /** Where the links of a neuron's sum end. */
  readonly last: Int32Array
  readonly stateBound: Float64Array
  /** Of cfc neurons: how much time passes in a tick, in time constants. */
  readonly pace: Float64Array
  /** Of neurons that learn by Hebb: the rate, and the magnitude up to which weights grow. */
  readonly rate: Float64Array
  readonly limit: Float64Array
}

/** Plain neurons `first` to before `end`. */
export function runPlain(arrays: RunArrays, first: number, end: number): number {
  const { values, weights, last } = arrays
  const { inputs, rowPtr, col, bias, activation } = arrays.plan
  // As in interpreter.ts: reading one element out here lets V8 check the arrays once.
  let u = values[0]! + weights[0]! + col[0]! + bias[0]! + rowPtr[0]! + activation[0]! + last[0]!
  for (let i = first; i < end; i++) {
    u = bias[i]!
    for (let k = rowPtr[i]!, to = last[i]!; k < to; k++) u += values[col[k]!]! * weights[k]!
    const code = activation[i]!
    values[inputs + i] = code === TANH ? tanh(u) : activate(code, u)
  }
  return u
}

/** Cfc neurons without backbone and head: both are the sum itself. */
export function runCfc(arrays: RunArrays, first: number, end: number): number {
  const { values, weights, last, pace, stateBound } = arrays
  const { inputs, rowPtr, col, bias } = arrays.plan
  let u = values[0]! + weights[0]! + col[0]! + bias[0]! + rowPtr[0]! + last[0]!
  u += pace[0]! + stateBound[0]!
  for (let i = first; i < end; i++) {
    u = bias[i]!
    for (let k = rowPtr[i]!, to = last[i]!; k < to; k++) u += values[col[k]!]! * weights[k]!
    // cfcGated of liquid.ts, its two hyperbolic tangents side by side: that of the gate needs no
    // bound of its own.
    const a = u * pace[i]!
    const y = 0.5 * Math.max(-10, Math.min(10, a))
    const yy = y * y
    const p = y * (238958476.1132344 + yy * (1986661.3865718788 + yy * (3156.033500950221 + yy)))
    const q =
      955833904.4529376 +
      yy *
        (27859851.88905634 +
          yy * (95207.55645751175 + yy * (71.06893553841122 + yy * 0.00677352838123639)))
    const v = Math.max(-19.0615, Math.min(19.0615, u))
    const vv = v * v
    const r = v * (238958476.1132344 + vv * (1986661.3865718788 + vv * (3156.033500950221 + vv)))
    const s =
      955833904.4529376 +
      vv *
        (27859851.88905634 +
          vv * (95207.55645751175 + vv * (71.06893553841122 + vv * 0.00677352838123639)))
    const gap = q - Math.abs(p)
    const rest = gap * gap
    const twice = 2 * p * q
    const four = 2 * twice * (Math.abs(twice) + rest)
    const gate = 0.5 - 0.5 * (four / (Math.abs(four) + rest * rest))
    const gapOfHead = s - Math.abs(r)
    const restOfHead = gapOfHead * gapOfHead
    const twiceHead = 2 * r * s
    const fourHead = 2 * twiceHead * (Math.abs(twiceHead) + restOfHead)
    const head = fourHead / (Math.abs(fourHead) + restOfHead * restOfHead)
    const bound = stateBound[i]!
    const next = gate * values[inputs + i]! + (1 - gate) * head
    values[inputs + i] = Math.max(-bound, Math.min(bound, next))
  }
  return u
}

/** Neurons with an activation whose links learn by `hebbian`, or by `hebb` without decay. */
export function runHebb(arrays: RunArrays, first: number, end: number): number {
  const { values, weights, last, rate, limit } = arrays
  const { inputs, rowPtr, col, bias, activation } = arrays.plan
  let u = values[0]! + weights[0]! + col[0]! + bias[0]! + rowPtr[0]! + activation[0]! + last[0]!
  u += rate[0]! + limit[0]!
  for (let i = first; i < end; i++) {
    u = bias[i]!
    const begin = rowPtr[i]!
    const to = last[i]!
    for (let k = begin; k < to; k++) u += values[col[k]!]! * weights[k]!
    const code = activation[i]!
    const y = code === TANH ? tanh(u) : activate(code, u)
    const h = rate[i]!
    const bound = limit[i]!
    for (let k = begin; k < to; k++) {
      const next = weights[k]! + h * values[col[k]!]! * y
      if (Math.abs(next) <= bound) weights[k] = next
      else if (next > 0) weights[k] = bound
      else if (next < 0) weights[k] = -bound
    }
    values[inputs + i] = y
  }
  return u
}
