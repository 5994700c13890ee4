// The classical Runge-Kutta method of fourth order, in place: how the poles and the acrobot move.
// double-pole.ts has a step of its own, written out for speed.
//
//   const step = rungeKutta(4, derivatives)
//   step(state, force, 0.01)

/** Writes the derivatives of a state under a force, or torque, into `d`. */
export type Derivatives = (state: Float64Array, force: number, d: Float64Array) => void

/** One step of so many seconds under a constant force, in place. */
export type RungeKuttaStep = (state: Float64Array, force: number, seconds: number) => void

/** A step for states of `size` numbers; it keeps its intermediate results between calls. */
export function rungeKutta(size: number, derivatives: Derivatives): RungeKuttaStep {
  const scratch = (): Float64Array => new Float64Array(size)
  const [k1, k2, k3, k4, between] = [scratch(), scratch(), scratch(), scratch(), scratch()]
  return (state, force, seconds) => {
    const along = (k: Float64Array, part: number): Float64Array => {
      for (let i = 0; i < size; i++) between[i] = state[i]! + part * k[i]!
      return between
    }
    derivatives(state, force, k1)
    derivatives(along(k1, seconds / 2), force, k2)
    derivatives(along(k2, seconds / 2), force, k3)
    derivatives(along(k3, seconds), force, k4)
    for (let i = 0; i < size; i++) {
      state[i]! += (seconds / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!)
    }
  }
}
