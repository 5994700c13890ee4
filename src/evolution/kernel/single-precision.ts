// What a network means in single precision (f32), in plain TypeScript: the reference of the kernel's
// f32 lanes, and what runs where there is no kernel.
//
//   const lanes = new SinglePrecisionLanes(plan, 16)
//
// Weights, biases and inputs are rounded to f32; then the order of operations is that of the
// interpreter, every result rounded to f32. tanh, the sigmoids and relu are defined here; any other
// activation is the f64 one of the f32 sum, rounded. Not for speed: the interpreter is faster.
import {
  activate,
  IDENTITY,
  RELU,
  SIGMOID,
  STEEP_SIGMOID,
  STEEP_SLOPE,
  TANH,
} from '../network/activation.ts'
import type { LaneNetwork } from '../network/lane-network.ts'
import type { Plan } from '../network/plan.ts'

const f32 = Math.fround
const add = (a: number, b: number): number => f32(a + b)
const multiply = (a: number, b: number): number => f32(a * b)

// Coefficients of tanh x / 2 as p / q, as in network/activation.ts: here the error of tanh x, before
// rounding, is 7e-9 at most.
const BOUND = f32(9.02)
const P = [8746.48654452, 260.44742234].map(f32)
const Q = [17492.973089, 1978.64200176, 21.1126887539, 0.0215277794175].map(f32)

/** tanh y = twice / (twice + rest), for y from 0 on. */
function tanhParts(magnitude: number): { twice: number; rest: number } {
  const y = Math.min(BOUND, magnitude)
  const z = multiply(y, y)
  const p = multiply(y, add(P[0]!, multiply(z, add(P[1]!, z))))
  const inner = add(Q[1]!, multiply(z, add(Q[2]!, multiply(z, Q[3]!))))
  const q = add(Q[0]!, multiply(z, inner))
  const gap = f32(q - p)
  return { twice: multiply(add(p, p), q), rest: multiply(gap, gap) }
}

/** Absolute error below 2e-7 (tested); exactly +-1 beyond 9.02. */
function tanh32(x: number): number {
  const { twice, rest } = tanhParts(Math.abs(x))
  const magnitude = f32(twice / add(twice, rest))
  return x < 0 || Object.is(x, -0) ? -magnitude : magnitude
}

/** (1 + tanh x / 2) / 2; constant below -18.04, where it is 1.5e-8. */
function sigmoid32(x: number): number {
  const y = multiply(0.5, x)
  const { twice, rest } = tanhParts(Math.abs(y))
  const whole = add(twice, rest)
  const more = y < 0 ? 0 : add(twice, twice)
  return f32(add(more, rest) / add(whole, whole))
}

/** The activation with this code at an f32, in f32. */
export function activateSingle(code: number, x: number): number {
  switch (code) {
    case TANH:
      return tanh32(x)
    case SIGMOID:
      return sigmoid32(x)
    case STEEP_SIGMOID:
      return sigmoid32(multiply(f32(STEEP_SLOPE), x))
    case RELU:
      return Math.max(0, x)
    case IDENTITY:
      return x
    default:
      return f32(activate(code, x))
  }
}

/** As `InterpreterLanes`, in single precision. */
export class SinglePrecisionLanes implements LaneNetwork {
  readonly lanes: number
  readonly #plans: readonly Plan[]
  /** Of each lane, by slot. */
  readonly #values: readonly Float32Array[]

  constructor(plans: Plan | readonly Plan[], lanes: number) {
    const given = 'bytes' in plans ? [plans] : plans
    this.lanes = lanes
    this.#plans = Array.from({ length: lanes }, (_, l) => given[Math.min(l, given.length - 1)]!)
    this.#values = this.#plans.map(({ inputs, neurons, held }) => {
      return new Float32Array(inputs + neurons + held.length)
    })
  }

  reset(lane?: number): void {
    if (lane !== undefined) this.#values[lane]?.fill(0)
    else for (const values of this.#values) values.fill(0)
  }

  step(inputs: Float64Array | Float32Array, outputs: Float64Array | Float32Array): void {
    const { lanes } = this
    for (let lane = 0; lane < lanes; lane++) {
      const plan = this.#plans[lane]!
      const values = this.#values[lane]!
      for (let i = 0; i < plan.inputs; i++) values[i] = inputs[i * lanes + lane]!
      tickSingle(plan, values)
      const first = plan.inputs + plan.neurons - plan.outputs
      for (let i = 0; i < plan.outputs; i++) outputs[i * lanes + lane] = values[first + i]!
    }
  }
}

function tickSingle(plan: Plan, values: Float32Array): void {
  const { inputs, neurons, rowPtr, col, weight, bias, activation, held } = plan
  for (let h = 0; h < held.length; h++) values[inputs + neurons + h] = values[held[h]!]!
  for (let i = 0; i < neurons; i++) {
    let sum = f32(bias[i]!)
    for (let k = rowPtr[i]!; k < rowPtr[i + 1]!; k++) {
      sum = add(sum, multiply(values[col[k]!]!, f32(weight[k]!)))
    }
    values[inputs + i] = activateSingle(activation[i]!, sum)
  }
}
