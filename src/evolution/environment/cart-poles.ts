// Poles on a cart, any number of them, in the dialects of the literature (Wieland 1991; Stanley &
// Miikkulainen 2002): which frictions there are, and what becomes of the force before it acts.
//
//   stepCartPoles(state, force, { ...frictionless, poles: [{ length: 0.5, mass: 0.1 }] })
//
// The state is x, its velocity, then angle and angular velocity of each pole (m, rad, s). One
// control step is two of Runge-Kutta of 10 ms. double-pole.ts has the two poles of the benchmark
// in the reference dialect, written out for speed; here is everything else.
import { cos, sin } from '../network/elementary.ts'
import { type RungeKuttaStep, rungeKutta } from './runge-kutta.ts'

export interface CartPolesOptions {
  /** Half-lengths (m) and masses (kg). */
  readonly poles: readonly { readonly length: number; readonly mass: number }[]
  readonly cartFriction: number
  readonly hingeFriction: number
  /** The force is clipped to ± this (N). */
  readonly forceMax: number
  /**
   * A force weaker than this pushes as hard as this, 0 to the right (Gomez's code, so that a
   * network cannot do nothing); 0 = none.
   */
  readonly deadBand: number
}

const GRAVITY = -9.8
const CART_MASS = 1
const RK4_STEP = 0.01

/** The long pole alone, as the reference simulator has it. */
export const frictionless: CartPolesOptions = {
  poles: [{ length: 0.5, mass: 0.1 }],
  cartFriction: 0,
  hingeFriction: 0,
  forceMax: Number.POSITIVE_INFINITY,
  deadBand: 0,
}

const twoPoles = [
  { length: 0.5, mass: 0.1 },
  { length: 0.05, mass: 0.01 },
]

/** Gomez's dead band, N: 10 / 256. */
const GOMEZ_DEAD_BAND = 0.0390625

/**
 * The dialects of the two poles: `reference` is the one of double-pole.ts; `neat` lacks the cart's
 * friction; `gomez` lacks it, too, and has a dead band; `clsquare` is that without the clipping.
 */
export const doublePoleDialects: Readonly<
  Record<'reference' | 'neat' | 'gomez' | 'clsquare', CartPolesOptions>
> = {
  reference: {
    ...frictionless,
    poles: twoPoles,
    cartFriction: 5e-4,
    hingeFriction: 2e-6,
  },
  neat: { ...frictionless, poles: twoPoles, hingeFriction: 2e-6 },
  gomez: {
    ...frictionless,
    poles: twoPoles,
    hingeFriction: 2e-6,
    forceMax: 10,
    deadBand: GOMEZ_DEAD_BAND,
  },
  clsquare: { ...frictionless, poles: twoPoles, hingeFriction: 2e-6, deadBand: GOMEZ_DEAD_BAND },
}

/** The single pole in Gomez's dialect. */
export const gomezSinglePole: CartPolesOptions = {
  ...frictionless,
  hingeFriction: 2e-6,
  forceMax: 10,
  deadBand: GOMEZ_DEAD_BAND,
}

/** The force that acts. */
function acting(force: number, { forceMax, deadBand }: CartPolesOptions): number {
  const clipped = Math.max(-forceMax, Math.min(forceMax, force))
  if (clipped >= 0) return Math.max(deadBand, clipped)
  return Math.min(-deadBand, clipped)
}

function derivatives(
  state: Float64Array,
  force: number,
  { poles, cartFriction, hingeFriction }: CartPolesOptions,
  d: Float64Array,
): void {
  const xDot = state[1]!
  let mass = CART_MASS
  let pushed = 0
  poles.forEach((pole, i) => {
    const [angle, speed] = [state[2 + 2 * i]!, state[3 + 2 * i]!]
    const cosine = cos(angle)
    const pull = GRAVITY * sin(angle) + (hingeFriction / (pole.mass * pole.length)) * speed
    pushed +=
      pole.mass * pole.length * speed * speed * sin(angle) + 0.75 * pole.mass * cosine * pull
    mass += pole.mass * (1 - 0.75 * cosine * cosine)
  })
  const friction = xDot > 0 ? cartFriction : xDot < 0 ? -cartFriction : 0
  const acceleration = (force - friction + pushed) / mass
  d[0] = xDot
  d[1] = acceleration
  poles.forEach((pole, i) => {
    const [angle, speed] = [state[2 + 2 * i]!, state[3 + 2 * i]!]
    const pull = GRAVITY * sin(angle) + (hingeFriction / (pole.mass * pole.length)) * speed
    d[2 + 2 * i] = speed
    d[3 + 2 * i] = (-0.75 / pole.length) * (acceleration * cos(angle) + pull)
  })
}

/** One step by options: they are few, and each is used many times. */
const steps = new WeakMap<CartPolesOptions, RungeKuttaStep>()

function stepOf(options: CartPolesOptions): RungeKuttaStep {
  const known = steps.get(options)
  if (known !== undefined) return known
  const size = 2 + 2 * options.poles.length
  const step = rungeKutta(size, (state, force, d) => derivatives(state, force, options, d))
  steps.set(options, step)
  return step
}

/** One control step of 20 ms under a force (N), in place. */
export function stepCartPoles(state: Float64Array, force: number, options: CartPolesOptions): void {
  const push = acting(force, options)
  const step = stepOf(options)
  step(state, push, RK4_STEP)
  step(state, push, RK4_STEP)
}
